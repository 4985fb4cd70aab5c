"""The shape of the house: who may import whom, one clock, and the files that belong together."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import knowledge
import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(path.relative_to(ROOT) for folder in ("knowledge", "actions", "bot", "nlu") for path in (ROOT / folder).rglob("*.py"))
WEB = {"fastapi", "starlette", "uvicorn", "httpx"}
DATABASE = {"sqlmodel", "sqlalchemy", "alembic"}

# Part of the project → what it may never import.
NEVER = {
    "knowledge": {"actions", "bot", "nlu", "rasa", "rasa_sdk", "telegram"} | WEB,
    "actions": {"bot", "nlu", "rasa", "telegram"} | DATABASE,
    "bot": {"actions", "nlu", "rasa", "rasa_sdk", "bot.rasa_channel"},
    "bot.rasa_channel": {"knowledge", "actions", "nlu", "bot", "rasa_sdk", "telegram"},
    "nlu": {"knowledge", "actions", "bot", "rasa_sdk", "telegram"},
}
OWN = {"bot.rasa_channel": "bot.rasa_channel"}      # what a part may import of a package that it may not import as a whole
# Beside `import knowledge`, these of its modules may be named outside it.
OPEN_MODULES = {"bot/cli.py": {"knowledge.check"}, "bot/settings.py": {"knowledge.clock"}}

CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "time.localtime", "time.gmtime",
          "time.ctime", "time.strftime", "func.now"}
OTHER_CLOCKS = {"bot/gateway/limits.py": {"time.time"}}      # the limits library tells the end of a window as time.time()


def imported(code: str) -> Iterator[str]:
    """Each module that the code names in an import, wherever it stands; of `from a import b` both `a` and `a.b`."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")) and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def forbidden(part: str, code: str) -> set[str]:
    """The imports in `code` that its part of the project may not have."""
    return {module for module in imported(code) for package in NEVER[part]
            if within(module, package) and not (part in OWN and (within(module, OWN[part]) or module == "bot"))}


def part_of(path: Path) -> str:
    return "bot.rasa_channel" if path.parts[:2] == ("bot", "rasa_channel") else path.parts[0]


def clocks_read(code: str) -> set[str]:
    """The reads of the clock in `code`, monotonic time excepted."""
    tree = ast.parse(code)
    read = {f"{ast.unparse(node.value).rpartition('.')[2]}.{node.attr}" for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & CLOCKS
    return read | {f"time.{alias.name}" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "time"
                   for alias in node.names if f"time.{alias.name}" in CLOCKS}


def _code(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _committed() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


# --- imports

@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_import_goes_against_the_arrows(path: Path) -> None:
    assert forbidden(part_of(path), _code(path)) == set()


@pytest.mark.parametrize(("part", "line", "seen"), [
    ("knowledge", "import actions.base", {"actions.base"}), ("knowledge", "def f():\n    from bot import settings", {"bot", "bot.settings"}),
    ("knowledge", "from knowledge import text\nimport yaml, sqlmodel", set()), ("knowledge", "import httpx", {"httpx"}),
    ("actions", "from sqlmodel import Session", {"sqlmodel", "sqlmodel.Session"}), ("actions", "import rasa_sdk, fastapi, knowledge", set()),
    ("actions", "import rasa", {"rasa"}), ("bot", "import rasa_sdk", {"rasa_sdk"}), ("bot", "import telegram, knowledge, fastapi", set()),
    ("bot", "from bot import rasa_channel", {"bot.rasa_channel"}), ("bot", "importlib.import_module('actions.base')", {"actions.base"}),
    ("bot.rasa_channel", "from bot.rasa_channel import patches\nimport rasa", set()), ("bot.rasa_channel", "from bot.settings import load", {"bot.settings", "bot.settings.load"}),
    ("bot.rasa_channel", "from bot import settings", {"bot.settings"}), ("nlu", "import knowledge", {"knowledge"}), ("nlu", "from nlu.components import crf\nimport rasa, spacy", set())])
def test_an_arrow_that_goes_wrong_is_seen(part: str, line: str, seen: set[str]) -> None:
    assert forbidden(part, line) == seen


def test_every_part_of_the_house_has_its_rule_and_its_files() -> None:
    assert {part_of(path) for path in FILES} == NEVER.keys()


@pytest.mark.parametrize("path", [path for path in FILES if path.parts[0] in ("actions", "bot")], ids=str)
def test_knowledge_is_asked_through_its_public_names_only(path: Path) -> None:
    code = _code(path)
    modules = {module for module in imported(code) if module.startswith("knowledge.") and module.removeprefix("knowledge.") not in knowledge.__all__}
    allowed = OPEN_MODULES.get(path.as_posix(), set())
    assert {module for module in modules if not any(within(module, name) for name in allowed)} == set()
    named = {node.attr for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "knowledge"}
    assert named - set(knowledge.__all__) == set()


def test_every_public_name_of_knowledge_is_there() -> None:
    assert [name for name in knowledge.__all__ if not hasattr(knowledge, name)] == []


# --- the clock

@pytest.mark.parametrize("path", [path for path in FILES if path.as_posix() != "knowledge/clock.py"], ids=str)
def test_the_clock_is_read_in_one_place_only(path: Path) -> None:
    assert clocks_read(_code(path)) == OTHER_CLOCKS.get(path.as_posix(), set())


@pytest.mark.parametrize(("line", "seen"), [
    ("datetime.now(UTC)", {"datetime.now"}), ("datetime.datetime.utcnow()", {"datetime.utcnow"}), ("date.today()", {"date.today"}), ("time.time()", {"time.time"}),
    ("from time import time", {"time.time"}), ("f(default_factory=datetime.now)", {"datetime.now"}), ("time.monotonic()", set()), ("clock.today()", set()),
    ("knowledge.now()", set()), ("time.sleep(1)", set())])
def test_a_second_clock_is_seen(line: str, seen: set[str]) -> None:
    assert clocks_read(line) == seen


# --- files

@pytest.mark.parametrize("group", sorted({topic.group for topic in knowledge.catalogue().topics.values() if topic.live}))
def test_a_live_group_has_one_name_in_every_folder(group: str) -> None:
    for path in (f"nlu/{group}.yml", f"stories/{group}.yml", f"bot/domain/{group}.yml", f"tests/nlu/{group}.yml"):
        assert (ROOT / path).is_file(), path
    assert list((ROOT / "knowledge/articles" / group).glob("*.md"))


@pytest.mark.parametrize("topic", sorted(topic.id for topic in knowledge.catalogue().topics.values() if topic.live))
def test_a_live_topic_has_its_article_in_the_folder_of_its_group(topic: str) -> None:
    assert (ROOT / "knowledge/articles" / knowledge.catalogue().topics[topic].group / f"{topic}.md").is_file()


def test_a_test_folder_is_no_package() -> None:
    assert [path for path in (ROOT / "tests").rglob("__init__.py")] == []


def test_requirements_are_the_only_lock() -> None:
    committed = _committed()
    assert "requirements.txt" in committed
    assert [name for name in committed if Path(name).name in ("uv.lock", "poetry.lock", "Pipfile.lock")] == []


def test_no_committed_file_names_a_download_host() -> None:
    hosts = [".".join(parts).encode() for parts in (("pypi", "org"), ("files", "pythonhosted"), ("registry", "npmjs"))]
    named = {name: [host.decode() for host in hosts if host in (ROOT / name).read_bytes()] for name in _committed()}
    assert {name: found for name, found in named.items() if found} == {}


def test_nothing_that_a_run_makes_is_committed() -> None:
    made = {".rasa", ".hypothesis", ".pytest_cache", ".venv", "var", "__pycache__", "node_modules"}
    assert [name for name in _committed() if made & set(Path(name).parts)] == []
