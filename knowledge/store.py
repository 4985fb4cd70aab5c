"""The database of knowledge: durable settings, migrations, and the few things that are written in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import alembic.command
import alembic.config
from sqlalchemy import Engine, create_engine, event, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, delete, select

from knowledge.models import DeskRequest, Outbox, Person
from knowledge.search import ArticleIndex

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
LOCK_WAIT_MS = 4000     # a locked SQLite file costs at most this long, then one clear message


def engine(url: str) -> Engine:
    """An engine whose commits survive `kill -9`: WAL and synchronous=FULL on SQLite; `durable` asks PostgreSQL for its own."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    made = create_engine(url, hide_parameters=True, connect_args={"timeout": LOCK_WAIT_MS / 1000, "check_same_thread": False})

    @event.listens_for(made, "connect")
    def _durable(connection, _record) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={LOCK_WAIT_MS}", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return made


def durable(made: Engine) -> list[str]:
    """PostgreSQL's settings under which a commit can be lost, by name; empty on SQLite, where `engine` sets them."""
    if made.dialect.name != "postgresql":
        return []
    with made.connect() as connection:
        return [name for name in ("fsync", "full_page_writes", "synchronous_commit")
                if connection.exec_driver_sql(f"SHOW {name}").scalar() == "off"]


def migrate(url: str, folder: Path = MIGRATIONS) -> None:
    """Brings the database at `url` to the newest revision in `folder`."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["url"] = url
    alembic.command.upgrade(config, "head")


class Store:
    """What is written in knowledge's database. Everything said to be kept is committed when a method returns."""

    def __init__(self, url: str) -> None:
        self._engine = engine(url)
        self.articles = ArticleIndex(self._engine)

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with Session(self._engine, expire_on_commit=False) as session:
            yield session
            session.commit()

    def close(self) -> None:
        self._engine.dispose()

    def person(self, sender_id: str, now: datetime) -> str:
        """The id of the person behind a conversation, made at the first call."""
        with self._session() as session:
            found = session.exec(select(Person.id).where(Person.sender_id == sender_id)).first()
            if found:
                return found
        try:
            with self._session() as session:
                made = Person(sender_id=sender_id, created_at=now)
                session.add(made)
                return made.id
        except IntegrityError:          # another process made it a moment ago
            with self._session() as session:
                return session.exec(select(Person.id).where(Person.sender_id == sender_id)).one()

    def ask_desk(self, sender_id: str, *, message_key: str, reason: str, about_topic: str | None, now: datetime) -> None:
        """Keeps why somebody asked for a person; a second call with the same key changes nothing."""
        person = self.person(sender_id, now)
        try:
            with self._session() as session:
                session.add(DeskRequest(person_id=person, message_key=message_key, reason=reason, about_topic=about_topic, created_at=now))
        except IntegrityError:
            return

    def desk_requests(self) -> dict[str, int]:
        """How often each reason was given."""
        with self._session() as session:
            return dict(session.exec(select(DeskRequest.reason, func.count()).group_by(DeskRequest.reason)).all())

    def enqueue(self, sender_id: str, *, key: str, body: dict, now: datetime) -> bool:
        """Puts a message in the outbox; False where `key` was used already."""
        person = self.person(sender_id, now)
        try:
            with self._session() as session:
                session.add(Outbox(person_id=person, key=key, body=body, created_at=now))
        except IntegrityError:
            return False
        return True

    def undelivered(self, limit: int = 50) -> list[tuple[str, str, dict]]:
        """(outbox id, sender id, body) of what still has to be sent, oldest first."""
        with self._session() as session:
            rows = session.exec(select(Outbox.id, Person.sender_id, Outbox.body).join(Person).where(Outbox.delivered_at.is_(None))
                                .order_by(Outbox.created_at).limit(limit)).all()
            return [tuple(row) for row in rows]

    def delivered(self, outbox_id: str, now: datetime) -> None:
        with self._session() as session:
            row = session.get(Outbox, outbox_id)
            if row:
                row.delivered_at = now
                session.add(row)

    def forget(self, sender_id: str) -> None:
        """Wipes the person behind a conversation with all that hangs on it; nothing happens where there is none."""
        with self._session() as session:
            session.exec(delete(Person).where(Person.sender_id == sender_id))
        checkpoint(self._engine)


def checkpoint(made: Engine) -> None:
    """Moves what was erased out of SQLite's write-ahead log too."""
    if made.dialect.name == "sqlite":
        with made.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
