"""From a blank file the migrations make exactly what the models expect, and they can be taken back and done again."""

from pathlib import Path

import alembic.command
import alembic.config
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from knowledge.models import Base
from knowledge.store import MIGRATIONS, engine, migrate
from sqlalchemy import inspect


def _config(url: str) -> alembic.config.Config:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'kennis.db'}"


def _schema(url: str) -> dict[str, dict[str, tuple]]:
    """Table → column → (nullable, part of the primary key)."""
    made = engine(url)
    seen = inspect(made)
    schema = {table: {column["name"]: (column["nullable"], column["name"] in seen.get_pk_constraint(table)["constrained_columns"])
                      for column in seen.get_columns(table)} for table in seen.get_table_names() if table != "knowledge_version" and not _of_search(table)}
    made.dispose()
    return schema


def _of_search(table: str) -> bool:
    """The index of articles has a form of its own on each database, and no model."""
    return table.startswith("search_article")


def _models() -> dict[str, dict[str, tuple]]:
    return {table.name: {column.name: (column.nullable, column.primary_key) for column in table.columns} for table in Base.metadata.sorted_tables}


def test_from_blank_every_table_and_column_is_the_models(url: str) -> None:
    migrate(url)
    assert _schema(url) == _models()


def test_types_keys_and_indexes_are_the_models_too(url: str) -> None:
    migrate(url)
    made = engine(url)
    with made.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "version_table": "knowledge_version"})
        differences = [item for item in compare_metadata(context, Base.metadata) if not _names_a_nameless_key(item) and not _of_search_article(item)]
    made.dispose()
    assert differences == []


def _of_search_article(item: tuple) -> bool:
    return item[0] in ("remove_table", "remove_index") and _of_search(item[1].name if item[0] == "remove_table" else item[1].table.name)


def _names_a_nameless_key(item: tuple) -> bool:
    """SQLite cannot compare unique keys without a name: the next test looks at those."""
    return item[0] in ("add_constraint", "remove_constraint")


def test_every_unique_key_of_the_models_is_one_in_the_database(url: str) -> None:
    migrate(url)
    made = engine(url)
    seen = inspect(made)
    for table in Base.metadata.sorted_tables:
        unique = {tuple(key["column_names"]) for key in seen.get_unique_constraints(table.name)} | {
            tuple(index["column_names"]) for index in seen.get_indexes(table.name) if index["unique"]}
        assert unique == {(column.name,) for column in table.columns if column.unique}, table.name
    made.dispose()


def test_all_that_hangs_on_a_person_goes_with_the_person(url: str) -> None:
    migrate(url)
    made = engine(url)
    seen = inspect(made)
    keys = {table: key for table in seen.get_table_names() for key in seen.get_foreign_keys(table) if key["referred_table"] == "person"}
    made.dispose()
    assert keys.keys() >= {"desk_request", "outbox"}
    assert {key["options"].get("ondelete") for key in keys.values()} == {"CASCADE"}


def test_migrating_again_changes_nothing(url: str) -> None:
    migrate(url)
    before = _schema(url)
    migrate(url)
    assert _schema(url) == before


def test_each_step_can_be_taken_back_and_done_again(url: str) -> None:
    config = _config(url)
    steps = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]
    assert steps
    migrate(url)
    for _ in steps:
        alembic.command.downgrade(config, "-1")
    assert _schema(url) == {}
    migrate(url)
    assert _schema(url) == _models()


def test_the_steps_are_one_line_without_forks(url: str) -> None:
    assert len(ScriptDirectory.from_config(_config(url)).get_heads()) == 1
