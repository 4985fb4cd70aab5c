"""The same main job on PostgreSQL, where a server is named in LESBRUG_TEST_DATABASE_URL."""

import os
from pathlib import Path

import pytest

from tests.support import Stack

URL = os.environ.get("LESBRUG_TEST_DATABASE_URL")


@pytest.mark.skipif(not URL, reason="geen LESBRUG_TEST_DATABASE_URL: geef het adres van een PostgreSQL-database die leeg mag worden")
def test_on_postgresql_a_conversation_survives_kill_and_is_erased_everywhere(tmp_path: Path) -> None:
    import sqlalchemy

    with Stack(tmp_path / "lesbrug", database_url=URL) as stack:
        conversation = stack.conversation()
        assert [message["topic"] for message in conversation.say("hoe lang duurt het pdg en wie betaalt dat?")] == ["pdg-duur", "pdg-kosten"]
        for name in ("web", "rasa"):
            stack.part(name).process.kill()
        stack.wait_ready()
        assert conversation.say("en hoe lang duurt het?")[0]["topic"] == "pdg-duur"
        assert conversation.http.delete(conversation.path, headers=conversation.headers).status_code == 204
        engine = sqlalchemy.create_engine(stack.settings.tracker_url)
        with engine.connect() as connection:
            left = connection.execute(sqlalchemy.text("SELECT count(*) FROM events WHERE sender_id = :id"), {"id": conversation.id}).scalar()
        engine.dispose()
        assert left == 0
