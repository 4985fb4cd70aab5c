"""The server of actions: for whoever knows the secret, and nothing of the conversation leaves it in an error."""

import gzip
import json
import logging
from pathlib import Path

import pytest
import yaml
from actions import dialogue, server
from fastapi.testclient import TestClient
from rasa_sdk.executor import ActionExecutor

SECRET = "een-geheim-van-de-test"
CANARY = "kanarie-7f3a9c"
CALL = {"next_action": "action_stop", "sender_id": "gesprek-1", "version": "3.6", "domain": {},
        "tracker": {"sender_id": "gesprek-1", "slots": {}, "latest_message": {"text": CANARY, "intent": {"name": "stoppen"}}, "events": [],
                    "paused": False, "active_loop": {}, "latest_action_name": "action_listen", "followup_action": None}}


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(server.make_app(SECRET), headers={server.SECRET_HEADER: SECRET}, raise_server_exceptions=False)


def test_a_call_runs_its_action_and_gives_events_and_messages(client: TestClient) -> None:
    answer = client.post("/webhook", json=CALL)
    assert answer.status_code == 200
    assert [message["response"] for message in answer.json()["responses"]] == ["utter_niets_te_stoppen"]
    assert {event["event"] for event in answer.json()["events"]} == {"active_loop", "slot"}


@pytest.mark.parametrize("given", [None, "", "fout", SECRET + "x", SECRET[:-1], "gehéim"])
@pytest.mark.parametrize(("method", "path"), [("POST", "/webhook"), ("GET", "/health"), ("GET", "/bestaat-niet")])
def test_without_the_secret_there_is_nothing_to_see(client: TestClient, given: str | None, method: str, path: str) -> None:
    headers = {} if given is None else {server.SECRET_HEADER.encode(): given.encode()}
    with TestClient(client.app, raise_server_exceptions=False) as stranger:
        answer = stranger.request(method, path, headers=headers, **({"json": CALL} if method == "POST" else {}))
    assert (answer.status_code, answer.json()) == (401, {"error": "geen toegang"})


def test_a_compressed_body_is_refused_before_it_is_opened(client: TestClient) -> None:
    answer = client.post("/webhook", content=gzip.compress(json.dumps(CALL).encode()), headers={"content-encoding": "gzip"})
    assert answer.status_code == 413


@pytest.mark.parametrize(("length", "status"), [(server.MAX_BODY, 200), (server.MAX_BODY + 1, 413)])
def test_a_body_above_the_limit_is_refused(client: TestClient, length: int, status: int) -> None:
    body = json.dumps(CALL).encode()
    assert client.post("/webhook", content=body + b" " * (length - len(body))).status_code == status


def test_a_body_that_does_not_say_its_length_is_refused(client: TestClient) -> None:
    answer = client.post("/webhook", content=iter([json.dumps(CALL).encode()]))
    assert answer.status_code == 413


def test_an_unknown_action_is_named_without_the_conversation(client: TestClient) -> None:
    answer = client.post("/webhook", json=CALL | {"next_action": "action_bestaat_niet"})
    assert answer.status_code == 404
    assert answer.json() == {"error": "onbekende actie", "action_name": "action_bestaat_niet"}


def test_a_failing_action_gives_a_number_and_nothing_of_the_conversation(
        client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fail():
        raise RuntimeError(CANARY)

    monkeypatch.setattr(dialogue, "understood", fail)
    with caplog.at_level(logging.ERROR, logger="actions.server"):
        answer = client.post("/webhook", json=CALL)
    assert answer.status_code == 500
    assert answer.json().keys() == {"error", "id"}
    assert CANARY not in answer.text
    assert answer.json()["id"] in caplog.text                       # the number leads to the log
    assert "action_stop" in caplog.text


@pytest.mark.parametrize("body", [b"", b"geen json " + CANARY.encode(), b"[]", b"null", json.dumps({"next_action": "action_stop"}).encode()])
def test_a_body_that_is_no_call_is_an_error_that_repeats_nothing(client: TestClient, body: bytes) -> None:
    answer = client.post("/webhook", content=body)
    assert answer.status_code >= 400
    assert CANARY not in answer.text


def _declared() -> set[str]:
    files = (Path(__file__).parents[2] / "bot" / "domain").glob("*.yml")
    return {name for path in files for name in yaml.safe_load(path.read_text(encoding="utf-8")).get("actions", [])}


def test_the_server_has_exactly_the_actions_that_the_domain_names(client: TestClient) -> None:
    executor = ActionExecutor()
    executor._register_all_actions()
    assert executor.actions.keys() == _declared()
    assert client.get("/health").json() == {"actions": len(_declared())}


def test_nothing_describes_the_server_to_whoever_asks(client: TestClient) -> None:
    assert {client.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")} == {404}
