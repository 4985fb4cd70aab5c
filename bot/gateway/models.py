"""The gateway's tables: conversations, what came in, what was said, and which buttons may be pressed."""

from datetime import datetime

from sqlalchemy import JSON, Column, DateTime, MetaData, UniqueConstraint
from sqlmodel import Field, SQLModel


class Base(SQLModel):
    metadata = MetaData()


def _moment(*, nullable: bool = False) -> Column:
    return Column(DateTime(timezone=True), nullable=nullable)


class Conversation(Base, table=True):
    """`id` is also Rasa's sender id and knowledge's: opaque, ours, never from a client."""

    __tablename__ = "conversation"
    id: str = Field(primary_key=True, max_length=64)
    token_hash: str = Field(max_length=64)
    channel: str = Field(max_length=16)
    external_id: str | None = Field(default=None, unique=True, max_length=64)
    closed: bool = False        # the channel refuses messages (a blocked Telegram bot)
    created_at: datetime = Field(sa_column=_moment())


class Inbox(Base, table=True):
    """What somebody sent, written before anything is confirmed. `seq` is the order in which it is answered."""

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("conversation_id", "key"),)
    seq: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True, max_length=64)
    conversation_id: str = Field(foreign_key="conversation.id", index=True, ondelete="CASCADE")
    key: str = Field(max_length=128)
    body_hash: str = Field(max_length=64)
    text: str | None = None
    payload: str | None = None
    received_at: datetime = Field(sa_column=_moment())
    answered_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class StoredMessage(Base, table=True):
    """One message of either side; `body` is the Message of api.md without its id, side and time."""

    __tablename__ = "message"
    seq: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True, max_length=64)
    conversation_id: str = Field(foreign_key="conversation.id", index=True, ondelete="CASCADE")
    inbox_id: str | None = Field(default=None, index=True, max_length=64)
    author: str = Field(max_length=8)
    at: datetime = Field(sa_column=_moment())
    body: dict = Field(sa_column=Column(JSON, nullable=False))
    delivered_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))   # channels that are pushed to


class Button(Base, table=True):
    """What a button stands for. Clients hold only the token."""

    __tablename__ = "button"
    token: str = Field(primary_key=True, max_length=64)
    conversation_id: str = Field(foreign_key="conversation.id", index=True, ondelete="CASCADE")
    payload: str
    title: str
    once: bool = False
    used_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class StoredDocument(Base, table=True):
    """A page that was made for a conversation; it goes with the conversation, or when it expires."""

    __tablename__ = "document"
    id: str = Field(primary_key=True, max_length=64)
    conversation_id: str = Field(foreign_key="conversation.id", index=True, ondelete="CASCADE")
    title: str
    markdown: str
    expires_at: datetime = Field(sa_column=_moment())


class Erasure(Base, table=True):
    """A conversation that is wiped here and must still be wiped elsewhere; its row goes when that is done."""

    __tablename__ = "erasure"
    conversation_id: str = Field(primary_key=True, max_length=64)
    requested_at: datetime = Field(sa_column=_moment())


class Mark(Base, table=True):
    """Small facts that must survive a restart, as the Telegram offset."""

    __tablename__ = "mark"
    name: str = Field(primary_key=True, max_length=64)
    value: str
