"""All settings, from the environment or `.env`. A wrong one is refused at start in one line that names it."""

import os
import re
import secrets
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parents[1]
SUPERVISED = "LESBRUG_SUPERVISED"       # set for the parts: their settings are the supervisor's, whole, and `.env` adds nothing
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
Port = Annotated[int, Field(ge=1, le=65535)]


class SettingsError(Exception):
    """One line that names the setting that is missing or wrong, without its value."""


class Settings(BaseSettings):
    """Every field is `LESBRUG_<NAME>` in the environment; `.env.example` lists them."""

    model_config = SettingsConfigDict(env_prefix="LESBRUG_", env_file=ROOT / ".env", extra="ignore", env_ignore_empty=True)

    host: str = "127.0.0.1"
    port: Port = 8000
    rasa_port: Port = 5005
    actions_port: Port = 5055
    home: Path = ROOT / "var"
    models: Path | None = None
    database_url: str | None = None
    telegram_token: str | None = None
    telegram_api_url: str = "https://api.telegram.org"
    telegram_webhook_url: str | None = None
    telegram_webhook_secret: str | None = None
    now: str | None = None
    rate_limit: Literal["on", "off"] = "on"
    messages_per_minute: int = Field(20, ge=1)
    conversations_per_minute: int = Field(30, ge=1)
    reads_per_minute: int = Field(240, ge=1)
    max_text: int = Field(2000, ge=1, le=4000)
    max_body_bytes: int = Field(16 * 1024, ge=1024)
    answer_seconds: float = Field(10, gt=0)
    patience_seconds: float = Field(3, gt=0)
    max_streams: int = Field(3, ge=1)
    frame_ancestors: str = "*"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("telegram_token")
    @classmethod
    def _token_form(cls, value: str | None) -> str | None:
        if value is not None and not (value.partition(":")[0].isdigit() and len(value.partition(":")[2]) >= 10):
            raise ValueError("heeft niet de vorm <nummer>:<sleutel>, zoals BotFather die geeft")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            name = make_url(value).get_backend_name()
        except ArgumentError as error:
            raise ValueError("is geen geldig databaseadres") from error
        if name != "postgresql":
            raise ValueError("moet met postgresql:// beginnen; zonder deze instelling gebruikt Lesbrug SQLite in LESBRUG_HOME")
        return value

    @model_validator(mode="after")
    def _only_on_loopback(self) -> "Settings":
        from knowledge.clock import parse

        if self.now is not None:
            try:
                parse(self.now)
            except ValueError as error:
                raise ValueError("LESBRUG_NOW is geen datum of tijd, zoals 2026-11-24 of 2026-11-24T12:00") from error
        for name, used in (("LESBRUG_NOW", self.now is not None), ("LESBRUG_RATE_LIMIT=off", self.rate_limit == "off")):
            if used and self.host not in LOOPBACK:
                raise ValueError(f"{name} mag alleen als LESBRUG_HOST het eigen apparaat is (127.0.0.1)")
        if self.telegram_webhook_url and not self.telegram_token:
            raise ValueError("LESBRUG_TELEGRAM_WEBHOOK_URL vraagt ook LESBRUG_TELEGRAM_TOKEN")
        if self.telegram_webhook_url and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", self.telegram_webhook_secret or ""):
            raise ValueError("LESBRUG_TELEGRAM_WEBHOOK_SECRET ontbreekt of past niet: 16 tot 256 letters, cijfers, _ of -; zonder kan iedereen "
                             "berichten vervalsen")
        return self

    @property
    def models_folder(self) -> Path:
        return self.models or self.home / "models"

    # Three stores, each its own (house.md): a file each on SQLite, a schema each on PostgreSQL.

    @property
    def knowledge_url(self) -> str:
        return self._store("kennis")

    @property
    def gateway_url(self) -> str:
        return self._store("gesprekken")

    @property
    def tracker_url(self) -> str:
        return self._store("rasa")

    def _store(self, name: str) -> str:
        if self.database_url is None:
            return f"sqlite:///{(self.home / f'{name}.db').resolve()}"
        url = make_url(self.database_url).set(drivername="postgresql+psycopg2")
        return url.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(hide_password=False)

    def secret(self, name: str) -> str:
        """A random secret kept in LESBRUG_HOME, made at first use and readable by this user only."""
        path = self.home / "geheim" / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = path.with_suffix(f".{secrets.token_hex(8)}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(32), encoding="ascii")
            try:
                os.link(draft, path)        # all or nothing, and the first process wins
            except FileExistsError:
                pass
            draft.unlink()
        return path.read_text(encoding="ascii")


def load() -> Settings:
    """The settings. Raises SettingsError with one line that names the wrong one."""
    try:
        return Settings(_env_file=None) if os.environ.get(SUPERVISED) else Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"LESBRUG_{str(first['loc'][0]).upper()}: " if first["loc"] else ""
        told = first["msg"].removeprefix("Value error, ") if first["type"] == "value_error" else f"deze waarde kan niet ({_allowed(first)})"
        raise SettingsError(name + told) from None


def _allowed(error: dict) -> str:
    """What pydantic wanted, in Dutch."""
    context = error.get("ctx", {})
    if "expected" in context:
        return f"mag zijn: {context['expected'].replace(' or ', ' of ')}"
    limits = {"ge": "minstens", "gt": "meer dan", "le": "hooguit", "lt": "minder dan"}
    told = [f"{word} {context[name]}" for name, word in limits.items() if name in context]
    return told[0] if told else "een getal" if "int" in error["type"] or "float" in error["type"] else "een ander soort waarde"
