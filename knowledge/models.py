"""The tables that knowledge owns: who somebody is, why a person was asked for, and what still has to be sent."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import JSON, Column, DateTime, MetaData
from sqlmodel import Field, SQLModel


class Base(SQLModel):
    """Its own metadata, so that the gateway's tables never mix with these."""

    metadata = MetaData()


def _id() -> str:
    return uuid4().hex


def _moment(*, nullable: bool = False) -> Column:
    return Column(DateTime(timezone=True), nullable=nullable)


class Person(Base, table=True):
    """Somebody behind a conversation. `sender_id` is the gateway's conversation id; what a person may follows from here, never from a slot."""

    __tablename__ = "person"
    id: str = Field(default_factory=_id, primary_key=True)
    sender_id: str = Field(unique=True, index=True, max_length=64)
    created_at: datetime = Field(sa_column=_moment())


class DeskRequest(Base, table=True):
    """Somebody asked for a person or had a complaint: the reason is kept, the words are not."""

    __tablename__ = "desk_request"
    id: str = Field(default_factory=_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True, ondelete="CASCADE")
    message_key: str = Field(unique=True, max_length=128)
    reason: str = Field(max_length=64)
    about_topic: str | None = Field(default=None, max_length=64)
    created_at: datetime = Field(sa_column=_moment())


class Outbox(Base, table=True):
    """A message that somebody must get, whatever dies in between; `key` makes it exactly one."""

    __tablename__ = "outbox"
    id: str = Field(default_factory=_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True, ondelete="CASCADE")
    key: str = Field(unique=True, max_length=128)
    body: dict = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_column=_moment())
    delivered_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class SearchTerm(Base, table=True):
    """In how many articles a stem stands (knowledge/search.py); `*`: how many there are; the row with -1: the mark of what was indexed."""

    __tablename__ = "search_term"
    stem: str = Field(primary_key=True, max_length=128)
    documents: int
