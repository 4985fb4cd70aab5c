"""Rasa's memory, made durable: it never stops the server, keeps no more than it needs at hand, and forgets when told to."""

from __future__ import annotations

import contextlib
import itertools
import json
from typing import Any, Dict, Generator, Optional, Text

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Query, Session

LOCK_WAIT_SECONDS = 4
_STORED = "_lesbrug_stored"     # on a tracker: how many of its events are in the database
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
            sqlalchemy_event.listen(self.engine, "connect", _durable)

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
        query = session.query(self.SQLEvent.data).filter(self.SQLEvent.sender_id == sender_id)
        if not fetch_events_from_all_sessions:
            start = sa.select(sa.func.max(self.SQLEvent.id)).where(
                self.SQLEvent.sender_id == sender_id, self.SQLEvent.type_name == SessionStarted.type_name).scalar_subquery()
            query = query.filter(self.SQLEvent.id >= sa.func.coalesce(start, 0))
        return query.order_by(self.SQLEvent.id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stock counts what is stored and adds a row at a time; here the tracker knows how many of its events are stored, and the rest goes at once."""
        _begin_anew_when_long(tracker, self.domain)
        try:
            with self.session_scope() as session:
                stored = getattr(tracker, _STORED, None)
                if stored is None:
                    stored = self._event_query(session, tracker.sender_id, fetch_events_from_all_sessions=False).count()
                rows = [self._row(tracker.sender_id, event) for event in itertools.islice(tracker.events, stored, None)]
                if rows:
                    session.execute(sa.insert(self.SQLEvent), rows)
                    session.commit()
        except SQLAlchemyError as error:
            raise MemoryUnavailable from error
        setattr(tracker, _STORED, len(tracker.events))

    @staticmethod
    def _row(sender_id: Text, event: Event) -> Dict[Text, Any]:
        data = event.as_dict()
        return {"sender_id": sender_id, "type_name": event.type_name, "timestamp": data.get("timestamp"), "action_name": data.get("name"),
                "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"), "data": json.dumps(data)}

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """The conversation, None where it is new. Raises MemoryUnavailable where the database cannot tell; stock takes it for new."""
        try:
            tracker = await super().retrieve(sender_id)
        except SQLAlchemyError as error:
            raise MemoryUnavailable from error
        if tracker is not None:
            setattr(tracker, _STORED, len(tracker.events))
        return tracker

    async def whole(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """The conversation with all that came before a session that was begun anew. Raises MemoryUnavailable."""
        try:
            return await self.retrieve_full_tracker(sender_id)
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


def _begin_anew_when_long(tracker: DialogueStateTracker, domain: Domain) -> None:
    """A new session that carries all slots, when the conversation has grown long and no form is open: turn 100 costs what turn 5 does."""
    if len(tracker.events) > EVENTS_AT_HAND and not tracker.active_loop_name and tracker.latest_action_name == ACTION_LISTEN_NAME:
        slots = [SlotSet(name, slot.value) for name, slot in tracker.slots.items() if slot.value is not None]
        for event in (ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted(), *slots, ActionExecuted(ACTION_LISTEN_NAME)):
            tracker.update(event, domain)


def _durable(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={LOCK_WAIT_SECONDS * 1000}", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
