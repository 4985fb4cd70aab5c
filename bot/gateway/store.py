"""The gateway's database. A method that returns has committed."""

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import knowledge
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, delete, func, select

from bot.gateway.models import Button, Conversation, Erasure, Inbox, Mark, StoredDocument, StoredMessage

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class NewMessage:
    """A message to be stored; `buttons` and `documents` are the rows behind the tokens and addresses in `body`."""

    id: str
    author: str
    body: dict
    buttons: tuple[Button, ...] = ()
    documents: tuple[StoredDocument, ...] = ()


class KeyReused(Exception):
    """The same Idempotency-Key came with another body."""


class Store:
    def __init__(self, url: str) -> None:
        self._engine = knowledge.engine(url)

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with Session(self._engine, expire_on_commit=False) as session:
            yield session
            session.commit()

    def close(self) -> None:
        self._engine.dispose()

    def writable(self, now: datetime) -> None:
        """Raises where nothing can be written."""
        with self._session() as session:
            session.merge(Mark(name="writable", value=now.isoformat()))

    # --- conversations

    def open(self, *, channel: str, external_id: str | None, now: datetime,
             greeting: Callable[[str], NewMessage] | None = None) -> tuple[Conversation, str]:
        """A new conversation and its token, which is shown once and kept only as a hash; with the greeting that is made of its id.

        Raises IntegrityError where `external_id` has a conversation already.
        """
        token = secrets.token_urlsafe(32)
        made = Conversation(id=uuid4().hex, token_hash=token_hash(token), channel=channel, external_id=external_id, created_at=now)
        with self._session() as session:
            session.add(made)
            if greeting:
                session.flush()
                _add(session, made.id, None, greeting(made.id), now)
        return made, token

    def conversation(self, conversation_id: str) -> Conversation | None:
        with self._session() as session:
            return session.get(Conversation, conversation_id)

    def by_external_id(self, external_id: str) -> Conversation | None:
        with self._session() as session:
            return session.exec(select(Conversation).where(Conversation.external_id == external_id)).first()

    def close_channel(self, conversation_id: str, *, closed: bool) -> None:
        with self._session() as session:
            session.exec(update(Conversation).where(Conversation.id == conversation_id).values(closed=closed))

    # --- inbox

    def accept(self, conversation_id: str, *, key: str, text: str | None, payload: str | None, shown: str | None, now: datetime,
               once: str | None = None, answer: Callable[[str], NewMessage] | None = None) -> tuple[Inbox, bool]:
        """Writes what came in with the person's own message; (row, whether it is new). Raises KeyReused.

        In the same transaction: `once`, the token of a button that works one time, is used up; `answer`, made of the row's id, is stored.
        """
        body_hash = hashlib.sha256(repr((text, payload)).encode("utf-8", "surrogatepass")).hexdigest()
        row = Inbox(id=uuid4().hex, conversation_id=conversation_id, key=key, body_hash=body_hash, text=text, payload=payload, received_at=now,
                    answered_at=now if answer else None)
        try:
            with self._session() as session:
                session.add(row)
                if shown is not None:
                    session.add(StoredMessage(id=row.id, conversation_id=conversation_id, inbox_id=row.id, author="user", at=now, body={"text": shown}))
                if once:
                    session.exec(update(Button).where(Button.token == once).values(used_at=now))
                if answer:
                    session.flush()
                    _add(session, conversation_id, row.id, answer(row.id), now)
            return row, True
        except IntegrityError:
            with self._session() as session:
                known = session.exec(select(Inbox).where(Inbox.conversation_id == conversation_id, Inbox.key == key)).first()
            if known is None:           # the conversation itself went in between
                raise
            if known.body_hash != body_hash:
                raise KeyReused from None
            return known, False

    def by_key(self, conversation_id: str, key: str) -> Inbox | None:
        with self._session() as session:
            return session.exec(select(Inbox).where(Inbox.conversation_id == conversation_id, Inbox.key == key)).first()

    def pending(self) -> list[Inbox]:
        """Everything that has no answer yet, oldest first."""
        with self._session() as session:
            return list(session.exec(select(Inbox).where(Inbox.answered_at.is_(None)).order_by(Inbox.seq)).all())

    def pending_count(self) -> int:
        with self._session() as session:
            return session.exec(select(func.count()).select_from(Inbox).where(Inbox.answered_at.is_(None))).one()

    def finish(self, row: Inbox, messages: list[NewMessage], now: datetime) -> bool:
        """Stores the answers and marks the message answered, together; False where that was done before or the conversation is gone."""
        with self._session() as session:
            marked = session.exec(update(Inbox).where(Inbox.id == row.id, Inbox.answered_at.is_(None)).values(answered_at=now))
            if marked.rowcount == 0:
                return False
            for message in messages:
                _add(session, row.conversation_id, row.id, message, now)
            return True

    def answers(self, inbox_id: str) -> list[StoredMessage] | None:
        """What was answered to a message; None while it has no answer."""
        with self._session() as session:
            row = session.exec(select(Inbox).where(Inbox.id == inbox_id)).first()
            if row is None or row.answered_at is None:
                return None
            return list(session.exec(select(StoredMessage).where(StoredMessage.inbox_id == inbox_id, StoredMessage.author != "user")
                                     .order_by(StoredMessage.seq)).all())

    # --- messages

    def say(self, conversation_id: str, message: NewMessage, now: datetime) -> bool:
        """Adds a message that answers nothing (greeting, push); False where it is there already or the conversation is gone."""
        try:
            with self._session() as session:
                _add(session, conversation_id, None, message, now)
            return True
        except IntegrityError:
            return False

    def history(self, conversation_id: str, after: str | None) -> list[StoredMessage]:
        """Both sides in order; with `after`, what came since that message (everything where it is unknown)."""
        with self._session() as session:
            query = select(StoredMessage).where(StoredMessage.conversation_id == conversation_id)
            if after:
                start = session.exec(select(StoredMessage.seq).where(StoredMessage.id == after,
                                                                     StoredMessage.conversation_id == conversation_id)).first()
                query = query.where(StoredMessage.seq > (start or 0))
            return list(session.exec(query.order_by(StoredMessage.seq)).all())

    def undelivered(self, channel: str, limit: int = 100, *, conversation_id: str | None = None) -> list[tuple[StoredMessage, str]]:
        """(message, external id) of what a channel still has to push, oldest first; with an id, of that conversation only."""
        query = select(StoredMessage, Conversation.external_id).join(Conversation).where(
            Conversation.channel == channel, Conversation.closed.is_(False), StoredMessage.author != "user",
            StoredMessage.delivered_at.is_(None))
        if conversation_id is not None:
            query = query.where(Conversation.id == conversation_id)
        with self._session() as session:
            return [(message, external) for message, external in session.exec(query.order_by(StoredMessage.seq).limit(limit)).all()]

    def conversations_of(self, channel: str) -> list[str]:
        with self._session() as session:
            return list(session.exec(select(Conversation.id).where(Conversation.channel == channel)).all())

    def conversations_undelivered(self, channel: str) -> list[str]:
        """The conversations that a channel still has to push something to."""
        with self._session() as session:
            return list(session.exec(select(Conversation.id).where(
                Conversation.channel == channel, Conversation.closed.is_(False),
                select(StoredMessage.seq).where(StoredMessage.conversation_id == Conversation.id, StoredMessage.author != "user",
                                                StoredMessage.delivered_at.is_(None)).exists())).all())

    def delivered(self, message_ids: Collection[str], now: datetime) -> None:
        with self._session() as session:
            session.exec(update(StoredMessage).where(StoredMessage.id.in_(message_ids)).values(delivered_at=now))

    def button(self, conversation_id: str, token: str) -> Button | None:
        """The button that this conversation was offered; None for any other."""
        with self._session() as session:
            found = session.get(Button, token)
            return found if found and found.conversation_id == conversation_id else None

    def document(self, conversation_id: str, document_id: str, now: datetime) -> StoredDocument | None:
        """The page that was made for this conversation; None for any other, and for one that expired."""
        with self._session() as session:
            return session.exec(select(StoredDocument).where(
                StoredDocument.id == document_id, StoredDocument.conversation_id == conversation_id, StoredDocument.expires_at > now)).first()

    def drop_expired(self, now: datetime) -> None:
        with self._session() as session:
            session.exec(delete(StoredDocument).where(StoredDocument.expires_at <= now))

    # --- marks and erasing

    def mark(self, name: str) -> str | None:
        with self._session() as session:
            found = session.get(Mark, name)
            return found.value if found else None

    def set_mark(self, name: str, value: str) -> None:
        with self._session() as session:
            session.merge(Mark(name=name, value=value))

    def erase(self, conversation_id: str, now: datetime) -> None:
        """Wipes a conversation here, and keeps that it must still be wiped elsewhere."""
        with self._session() as session:
            session.exec(delete(Conversation).where(Conversation.id == conversation_id))
            session.merge(Erasure(conversation_id=conversation_id, requested_at=now))
        knowledge.checkpoint(self._engine)

    def erasures(self) -> list[str]:
        with self._session() as session:
            return list(session.exec(select(Erasure.conversation_id)).all())

    def erased(self, conversation_id: str) -> None:
        with self._session() as session:
            session.exec(delete(Erasure).where(Erasure.conversation_id == conversation_id))

    def integrity(self) -> str | None:
        """What is wrong with the file, None where all is well (or the database is PostgreSQL, which looks after itself)."""
        if self._engine.dialect.name != "sqlite":
            return None
        with self._engine.connect() as connection:
            result = connection.execute(text("PRAGMA quick_check")).scalar()
        return None if result == "ok" else str(result)


def _add(session: Session, conversation_id: str, inbox_id: str | None, message: NewMessage, now: datetime) -> None:
    session.add(StoredMessage(id=message.id, conversation_id=conversation_id, inbox_id=inbox_id, author=message.author, at=now, body=message.body))
    for row in (*message.buttons, *message.documents):
        session.add(row)
