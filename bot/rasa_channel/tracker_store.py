"""Rasa's memory, made durable: it never stops the server, keeps no more than it needs at hand, and forgets when told to."""

from __future__ import annotations

import contextlib
from typing import Any, Generator, Optional, Text

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Query, Session

LOCK_WAIT_SECONDS = 4
EVENTS_AT_HAND = 120        # some fifteen turns; more is stored but no longer read on every turn


class MemoryUnavailable(BaseException):
    """The database is locked or away. Not an Exception: Rasa answers those with a store in memory, and what was said is forgotten."""


class LesbrugTrackerStore(SQLTrackerStore):
    """SQLTrackerStore on the `url` of endpoints.yml, which Rasa hands on as `host`. What differs from stock, and why, stands at each method."""

    def __init__(self, domain: Optional[Domain] = None, host: Text = "", event_broker: Optional[EventBroker] = None, **kwargs: Any) -> None:
        super().__init__(domain, host=host, event_broker=event_broker, **kwargs)
        self.engine.hide_parameters = True          # what somebody said stays out of the log, also when it cannot be stored
        if self.engine.dialect.name == "sqlite":
            self.engine.dispose()
            event.listen(self.engine, "connect", _durable)

    @contextlib.contextmanager
    def session_scope(self) -> Generator[Session, None, None]:
        """Stock exits the whole server on any ValueError, which one odd character in an id could cause."""
        session = self.sessionmaker()
        try:
            yield session
        finally:
            session.close()

    def _event_query(self, session: Session, sender_id: Text, fetch_events_from_all_sessions: bool) -> Query:
        """Stock finds the latest session by its time, and forgets everything when the clock was set back; here its row number counts."""
        query = session.query(self.SQLEvent).filter(self.SQLEvent.sender_id == sender_id)
        if not fetch_events_from_all_sessions:
            start = session.query(sa.func.max(self.SQLEvent.id)).filter(
                self.SQLEvent.sender_id == sender_id, self.SQLEvent.type_name == SessionStarted.type_name).scalar()
            if start is not None:
                query = query.filter(self.SQLEvent.id >= start)
        return query.order_by(self.SQLEvent.id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Also begins a new session, with all slots, when the conversation has grown long and no form is open: turn 100 costs what turn 5 does."""
        if len(tracker.events) > EVENTS_AT_HAND and not tracker.active_loop_name and tracker.latest_action_name == ACTION_LISTEN_NAME:
            slots = [SlotSet(name, slot.value) for name, slot in tracker.slots.items() if slot.value is not None]
            for event in (ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted(), *slots, ActionExecuted(ACTION_LISTEN_NAME)):
                tracker.update(event, self.domain)
        try:
            await super().save(tracker)
        except SQLAlchemyError as error:
            raise MemoryUnavailable from error

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """The conversation, None where it is new. Raises MemoryUnavailable where the database cannot tell; stock takes it for new."""
        try:
            return await super().retrieve(sender_id)
        except SQLAlchemyError as error:
            raise MemoryUnavailable from error

    async def delete(self, sender_id: Text) -> None:
        """Wipes a conversation, also from SQLite's write-ahead log."""
        with self.session_scope() as session:
            session.query(self.SQLEvent).filter(self.SQLEvent.sender_id == sender_id).delete()
            session.commit()
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _durable(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={LOCK_WAIT_SECONDS * 1000}", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
