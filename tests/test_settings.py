"""Settings: a wrong one is refused at start, in one line that names it and never shows its value."""

import os
import stat
from pathlib import Path

import pytest
from bot.settings import Settings, SettingsError, load
from sqlalchemy.engine import make_url

TOKEN = "123456:een-sleutel-van-botfather"
SECRET = "zestien-tekens-of-meer"
HOOK = {"TELEGRAM_WEBHOOK_URL": "https://example.org/hook", "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_WEBHOOK_SECRET": SECRET}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("LESBRUG_"):
            monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch):
    def run(**values: str) -> Settings:
        for name, value in values.items():
            monkeypatch.setenv(f"LESBRUG_{name}", value)
        return load()
    return run


REFUSED = [
    # the setting that must be named, the environment
    ("PORT", {"PORT": "kanarie"}), ("PORT", {"PORT": "0"}), ("PORT", {"PORT": "65536"}), ("RASA_PORT", {"RASA_PORT": "-1"}), ("ACTIONS_PORT", {"ACTIONS_PORT": "70000"}),
    ("RATE_LIMIT", {"RATE_LIMIT": "kanarie"}), ("LOG_LEVEL", {"LOG_LEVEL": "kanarie"}), ("MESSAGES_PER_MINUTE", {"MESSAGES_PER_MINUTE": "0"}),
    ("CONVERSATIONS_PER_MINUTE", {"CONVERSATIONS_PER_MINUTE": "kanarie"}), ("READS_PER_MINUTE", {"READS_PER_MINUTE": "0"}), ("MAX_TEXT", {"MAX_TEXT": "4001"}),
    ("MAX_TEXT", {"MAX_TEXT": "0"}), ("MAX_BODY_BYTES", {"MAX_BODY_BYTES": "1023"}), ("ANSWER_SECONDS", {"ANSWER_SECONDS": "0"}),
    ("PATIENCE_SECONDS", {"PATIENCE_SECONDS": "-3"}), ("MAX_STREAMS", {"MAX_STREAMS": "0"}),
    ("TELEGRAM_TOKEN", {"TELEGRAM_TOKEN": "kanarie"}), ("TELEGRAM_TOKEN", {"TELEGRAM_TOKEN": "kanarie:0123456789"}), ("TELEGRAM_TOKEN", {"TELEGRAM_TOKEN": "123:kanarie"}),
    ("DATABASE_URL", {"DATABASE_URL": "kanarie"}), ("DATABASE_URL", {"DATABASE_URL": "mysql://kanarie:kanarie@db/lesbrug"}),
    ("DATABASE_URL", {"DATABASE_URL": "sqlite:///kanarie.db"}),
    ("NOW", {"NOW": "kanarie"}), ("NOW", {"NOW": "24-11-2026"}), ("NOW", {"NOW": "2026-11-24", "HOST": "0.0.0.0"}), ("NOW", {"NOW": "2026-11-24", "HOST": "192.168.1.7"}),
    ("RATE_LIMIT=off", {"RATE_LIMIT": "off", "HOST": "0.0.0.0"}),
    ("TELEGRAM_TOKEN", {key: value for key, value in HOOK.items() if key != "TELEGRAM_TOKEN"}),
    ("TELEGRAM_WEBHOOK_SECRET", {key: value for key, value in HOOK.items() if key != "TELEGRAM_WEBHOOK_SECRET"}),
    ("TELEGRAM_WEBHOOK_SECRET", HOOK | {"TELEGRAM_WEBHOOK_SECRET": "kanarie-te-kort"}),
]


@pytest.mark.parametrize(("name", "values"), REFUSED)
def test_a_wrong_setting_is_refused_in_one_line_that_names_it(loaded, name: str, values: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as raised:
        loaded(**values)
    line = str(raised.value)
    assert f"LESBRUG_{name}" in line
    assert "\n" not in line
    assert 20 < len(line) < 200


@pytest.mark.parametrize(("name", "values"), REFUSED)
def test_the_line_never_shows_the_value_itself(loaded, name: str, values: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as raised:
        loaded(**values)
    assert "kanarie" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__            # nor does a traceback
    for secret in (TOKEN, SECRET):
        assert secret not in str(raised.value)


@pytest.mark.parametrize("values", [
    {"PORT": "1"}, {"PORT": "65535"}, {"MAX_TEXT": "4000"}, {"MAX_BODY_BYTES": "1024"}, {"TELEGRAM_TOKEN": TOKEN}, HOOK, {"DATABASE_URL": "postgresql://u:p@db/lesbrug"},
    {"NOW": "2026-11-24T12:00"}, {"NOW": "2026-11-24", "HOST": "localhost"}, {"RATE_LIMIT": "off", "HOST": "::1"}, {"RATE_LIMIT": "on", "HOST": "0.0.0.0"}, {"PORT": ""}])
def test_what_is_right_or_left_empty_is_let_through(loaded, values: dict[str, str]) -> None:
    assert isinstance(loaded(**values), Settings)


def test_with_nothing_set_the_server_listens_to_this_machine_only(loaded) -> None:
    settings = loaded()
    assert (settings.host, settings.port, settings.rate_limit, settings.telegram_token, settings.now) == ("127.0.0.1", 8000, "on", None, None)


def test_settings_are_read_from_a_file_and_the_environment_goes_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("LESBRUG_PORT=8111\nLESBRUG_MAX_TEXT=500\nIETS_ANDERS=1\n", encoding="utf-8")
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    monkeypatch.setenv("LESBRUG_PORT", "8222")
    assert (load().port, load().max_text) == (8222, 500)


# --- three stores, each its own

def test_on_sqlite_each_store_is_its_own_file_at_home(loaded, tmp_path: Path) -> None:
    settings = loaded(HOME=str(tmp_path))
    assert [settings.knowledge_url, settings.gateway_url, settings.tracker_url] == [f"sqlite:///{tmp_path / name}.db" for name in ("kennis", "gesprekken", "rasa")]


def test_on_postgresql_each_store_is_its_own_schema(loaded) -> None:
    settings = loaded(DATABASE_URL="postgresql://gebruiker:w%40chtwoord@db:5433/lesbrug")
    urls = [make_url(url) for url in (settings.knowledge_url, settings.gateway_url, settings.tracker_url)]
    assert [url.query["options"] for url in urls] == [f"-csearch_path={name}" for name in ("kennis", "gesprekken", "rasa")]
    assert {(url.get_backend_name(), url.username, url.password, url.host, url.port, url.database) for url in urls} == {
        ("postgresql", "gebruiker", "w@chtwoord", "db", 5433, "lesbrug")}


def test_models_stand_at_home_unless_told_otherwise(loaded, tmp_path: Path) -> None:
    assert loaded(HOME=str(tmp_path)).models_folder == tmp_path / "models"
    assert loaded(MODELS=str(tmp_path / "elders")).models_folder == tmp_path / "elders"


# --- secrets

def test_a_secret_is_made_once_and_is_readable_by_its_owner_only(loaded, tmp_path: Path) -> None:
    settings = loaded(HOME=str(tmp_path))
    made = settings.secret("knoppen")
    assert len(made) >= 40
    assert settings.secret("knoppen") == made
    assert settings.secret("rasa") != made
    assert stat.S_IMODE((tmp_path / "geheim" / "knoppen").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "geheim").stat().st_mode) == 0o700


def test_two_that_make_a_secret_at_once_get_the_same_one_and_leave_no_draft(loaded, tmp_path: Path) -> None:
    settings = loaded(HOME=str(tmp_path))
    path = tmp_path / "geheim" / "knoppen"
    link = os.link

    def late(draft: Path, target: Path) -> None:
        target.write_text("van-de-ander", encoding="ascii")         # the other process was first
        link(draft, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "link", late)
        assert settings.secret("knoppen") == "van-de-ander"
    assert list(path.parent.iterdir()) == [path]
