"""What knowledge keeps, what it keeps once only, and what is really gone when somebody asks for that."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from knowledge.models import DeskRequest, Outbox, Person
from knowledge.store import Store, checkpoint, durable, engine, migrate
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CANARY = "kanarie-7f3a9c"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kennis.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    migrate(f"sqlite:///{path}")
    made = Store(f"sqlite:///{path}")
    yield made
    made.close()


def _rows(path: Path, table: type) -> list:
    made = engine(f"sqlite:///{path}")
    with Session(made) as session:
        rows = list(session.exec(select(table)).all())
    made.dispose()
    return rows


def _ask(store: Store, key: str, *, sender: str = "gesprek-1", reason: str = "klacht") -> None:
    store.ask_desk(sender, message_key=key, reason=reason, about_topic="pdg-duur", now=NOW)


def test_the_same_conversation_is_the_same_person(store: Store) -> None:
    first = store.person("gesprek-1", NOW)
    assert store.person("gesprek-1", NOW + timedelta(days=1)) == first
    assert store.person("gesprek-2", NOW) != first


def test_a_persons_id_tells_nothing_of_the_conversation(store: Store) -> None:
    assert "gesprek" not in store.person("gesprek-1", NOW)


def test_two_processes_that_make_the_same_person_get_the_same_one(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Store(f"sqlite:///{path}")
    session, calls = store._session, []

    def late():
        calls.append(None)
        if len(calls) == 2:         # between looking and making, the other process makes it
            made.append(other.person("gesprek-1", NOW))
        return session()

    made: list[str] = []
    monkeypatch.setattr(store, "_session", late)
    assert [store.person("gesprek-1", NOW)] == made
    other.close()


def test_asking_for_a_desk_is_kept_with_its_reason_and_its_topic(store: Store, path: Path) -> None:
    _ask(store, "bericht-1")
    (row,) = _rows(path, DeskRequest)
    assert (row.reason, row.about_topic, row.person_id) == ("klacht", "pdg-duur", store.person("gesprek-1", NOW))


def test_the_same_message_asks_for_a_desk_once(store: Store) -> None:
    for key in ("bericht-1", "bericht-1", "bericht-2"):
        _ask(store, key)
    _ask(store, "bericht-3", reason="mens gevraagd")
    assert store.desk_requests() == {"klacht": 2, "mens gevraagd": 1}


def test_a_message_goes_into_the_outbox_once(store: Store) -> None:
    assert store.enqueue("gesprek-1", key="k1", body={"text": "een"}, now=NOW) is True
    assert store.enqueue("gesprek-1", key="k1", body={"text": "twee"}, now=NOW) is False
    assert [(sender, body) for _, sender, body in store.undelivered()] == [("gesprek-1", {"text": "een"})]


def test_what_was_delivered_is_not_given_again(store: Store) -> None:
    store.enqueue("gesprek-1", key="k1", body={"text": "een"}, now=NOW)
    store.enqueue("gesprek-1", key="k2", body={"text": "twee"}, now=NOW + timedelta(seconds=1))
    first = store.undelivered()[0][0]
    store.delivered(first, NOW)
    store.delivered("bestaat-niet", NOW)
    assert [body["text"] for *_, body in store.undelivered()] == ["twee"]


def test_a_delivered_key_does_not_come_back_by_sending_again(store: Store) -> None:
    store.enqueue("gesprek-1", key="k1", body={"text": "een"}, now=NOW)
    store.delivered(store.undelivered()[0][0], NOW)
    assert store.enqueue("gesprek-1", key="k1", body={"text": "een"}, now=NOW) is False
    assert store.undelivered() == []


def test_the_outbox_is_emptied_oldest_first_and_in_small_lots(store: Store) -> None:
    for second in (3, 1, 2):
        store.enqueue("gesprek-1", key=f"k{second}", body={"n": second}, now=NOW + timedelta(seconds=second))
    assert [body["n"] for *_, body in store.undelivered()] == [1, 2, 3]
    assert [body["n"] for *_, body in store.undelivered(limit=2)] == [1, 2]


def test_what_was_kept_is_there_for_another_process_at_once(store: Store, path: Path) -> None:
    _ask(store, "bericht-1")
    other = Store(f"sqlite:///{path}")
    assert other.desk_requests() == {"klacht": 1}
    other.close()


def test_forgetting_somebody_wipes_all_that_hangs_on_them_and_nobody_else(store: Store, path: Path) -> None:
    for sender in ("gesprek-1", "gesprek-2"):
        _ask(store, f"bericht-{sender}", sender=sender)
        store.enqueue(sender, key=f"k-{sender}", body={"text": "een"}, now=NOW)
    store.forget("gesprek-1")
    assert [row.sender_id for row in _rows(path, Person)] == ["gesprek-2"]
    assert [row.message_key for row in _rows(path, DeskRequest)] == ["bericht-gesprek-2"]
    assert [row.key for row in _rows(path, Outbox)] == ["k-gesprek-2"]


def _bytes(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.parent.glob(f"{path.name}*")}


def test_what_was_forgotten_is_no_longer_in_the_bytes_on_disk(store: Store, path: Path) -> None:
    _ask(store, f"{CANARY}-bericht", sender=CANARY)
    for number in range(30):
        store.enqueue(CANARY, key=f"{CANARY}-{number}", body={"text": CANARY * 40}, now=NOW)
        store.enqueue("ander", key=f"ander-{number}", body={"text": "blijft " * 40}, now=NOW)
    assert any(CANARY.encode() in content for content in _bytes(path).values())
    store.forget(CANARY)
    found = _bytes(path)
    assert path.name in found
    assert [name for name, content in found.items() if CANARY.encode() in content] == []
    assert len(store.undelivered()) == 30


def test_forgetting_somebody_unknown_does_nothing(store: Store, path: Path) -> None:
    store.person("gesprek-1", NOW)
    store.forget("gesprek-9")
    assert len(_rows(path, Person)) == 1


def test_who_comes_back_after_being_forgotten_is_somebody_new(store: Store) -> None:
    first = store.person("gesprek-1", NOW)
    store.forget("gesprek-1")
    assert store.person("gesprek-1", NOW) != first


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 4000), ("secure_delete", 1)])
def test_a_commit_survives_a_killed_process(path: Path, pragma: str, value: object) -> None:
    made = engine(f"sqlite:///{path}")
    with made.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    made.dispose()


def test_nothing_hangs_on_a_person_who_does_not_exist(store: Store, path: Path) -> None:
    made = engine(f"sqlite:///{path}")
    with Session(made) as session, pytest.raises(IntegrityError):
        session.add(Outbox(person_id="niemand", key="k", body={}, created_at=NOW))
        session.commit()
    made.dispose()


def test_sqlite_has_no_setting_left_under_which_a_commit_is_lost(path: Path) -> None:
    assert durable(engine(f"sqlite:///{path}")) == []


def test_postgresql_names_the_settings_under_which_a_commit_is_lost() -> None:
    class Row:
        def __init__(self, value: str) -> None:
            self.value = value

        def scalar(self) -> str:
            return self.value

    class Postgres:
        dialect = type("Dialect", (), {"name": "postgresql"})

        def connect(self) -> "Postgres":
            return self

        def __enter__(self) -> "Postgres":
            return self

        def __exit__(self, *_: object) -> None:
            return None

        def exec_driver_sql(self, asked: str) -> Row:
            return Row({"SHOW fsync": "off", "SHOW full_page_writes": "on", "SHOW synchronous_commit": "off"}[asked])

    assert durable(Postgres()) == ["fsync", "synchronous_commit"]


def test_a_checkpoint_empties_the_write_ahead_log(store: Store, path: Path) -> None:
    _ask(store, "bericht-1")
    log = path.with_name("kennis.db-wal")
    assert log.stat().st_size > 0
    checkpoint(store._engine)
    assert log.stat().st_size == 0
