"""What a person on Telegram gets, whatever Telegram, Rasa or the process does in between."""

import asyncio
import logging
import time

import pytest
import structlog
from bot_api import CANNOT_PARSE, TOO_MANY, Fault
from sqlalchemy.exc import OperationalError
from telegram_world import HELLO, quiet, until

from bot.gateway.service import PHRASES, phrase
from bot.gateway.store import Store
from bot.telegram import inbound

SANNE, OMAR = 1001, 1002
BROKEN = Fault(drop=True)
QUESTION = "wat is een pdg?"
ANSWER = f"Antwoord op {QUESTION}"


async def answered(world, chat=SANNE, count=1):
    await until(lambda: len(world.answers(chat)) >= count)


# --- a conversation

def test_a_first_message_gets_the_greeting_and_then_its_answer(world):
    async def story(_):
        world.api.write(SANNE, QUESTION)
        await answered(world)

    world.run(story)
    assert world.api.texts(SANNE) == [world.api.texts(SANNE)[0], ANSWER]
    assert world.api.texts(SANNE)[0].startswith(HELLO)
    assert [title for title, _ in world.api.sent(SANNE)[0].buttons] == [button["title"] for button in PHRASES["greeting"]["buttons"]]


def test_an_answer_is_sent_within_a_tenth_of_a_second_after_it_is_known(world):
    async def story(_):
        world.api.write(SANNE, "eerst")
        await answered(world)
        began = time.monotonic()
        world.api.write(SANNE, QUESTION)
        await answered(world, count=2)
        world.api.took = world.api.sent(SANNE)[-1].at - began

    world.run(story)
    assert world.api.took < 0.1


def test_typing_is_shown_before_the_answer_and_not_after_it(world):
    world.rasa.seconds = 0.1

    async def story(_):
        world.api.write(SANNE, QUESTION)
        await answered(world)
        await quiet(0.2)

    world.run(story)
    methods = [call.method for call in world.api.calls if call.method in ("sendChatAction", "sendMessage")]
    assert methods.count("sendChatAction") == 1 and methods[-1] == "sendMessage"


def test_an_answer_is_plain_text_without_preview_and_with_its_sources(world):
    world.rasa.replies[QUESTION] = [{"text": "Een **PDG** is [een bewijs](https://example.org).", "sources": [
        {"title": "Regeling", "url": "https://example.org/r", "as_of": "2025"}], "items": [{"kind": "route", "id": "pdg"}]}]

    async def story(_):
        world.api.write(SANNE, QUESTION)
        await answered(world)

    world.run(story)
    sent = world.api.sent(SANNE)[-1]
    assert sent.text == "Een PDG is een bewijs (https://example.org).\n\nBronnen:\n• Regeling (2025): https://example.org/r"
    assert "parse_mode" not in sent.values
    assert sent.values["link_preview_options"] == {"is_disabled": True}


@pytest.mark.parametrize("text", ["een_laag_streepje", "*ster _open [haak](", "<b>vet</b> & <script>", "`'\"\\ {}", "🌉 \u202e omgekeerd"])
def test_marks_in_a_text_are_harmless(world, text):
    async def story(_):
        world.api.write(SANNE, text)
        await answered(world)

    world.run(story)
    assert world.answers(SANNE)[0].startswith("Antwoord op")


def test_a_long_answer_is_split_between_paragraphs_with_the_buttons_under_the_last_part(world):
    paragraphs = [letter * 2500 for letter in "abc"]
    world.rasa.replies[QUESTION] = [{"text": "\n\n".join(paragraphs), "buttons": [{"title": "Meer weten", "payload": "/meer"}]}]

    async def story(_):
        world.api.write(SANNE, QUESTION)
        await answered(world, count=3)

    world.run(story)
    sent = world.api.sent(SANNE)[1:]
    assert [call.text for call in sent] == paragraphs
    assert [len(call.buttons) for call in sent] == [0, 0, 1]


def test_messages_are_answered_in_the_order_in_which_they_came(world):
    async def story(_):
        for number in range(30):
            world.api.write(SANNE, f"vraag {number}")
            world.api.write(OMAR, f"vraag {number}")
        await answered(world, SANNE, 30)
        await answered(world, OMAR, 30)

    world.run(story)
    for chat in (SANNE, OMAR):
        assert world.answers(chat) == [f"Antwoord op vraag {number}" for number in range(30)]


# --- buttons

def _press(world, title, *, chat=SANNE, by=None, of=SANNE):
    return world.api.press(chat, next(token for call in world.api.sent(of) for name, token in call.buttons if name == title), by=by)


def test_a_button_hands_on_what_it_stands_for(world):
    async def story(_):
        world.api.write(SANNE, "/start")
        await until(lambda: world.api.sent(SANNE))
        _press(world, "Wat kun je allemaal?")
        await answered(world)

    world.run(story)
    assert world.answers(SANNE) == ["Antwoord op /bot-wat-kun-je"]
    assert len(world.api.of("answerCallbackQuery")) == 1


def test_a_button_of_somebody_else_is_refused_in_one_sentence(world):
    async def story(_):
        world.api.write(SANNE, "/start")
        await until(lambda: world.api.sent(SANNE))
        _press(world, "Wat kun je allemaal?", chat=OMAR)
        await answered(world, OMAR)

    world.run(story)
    assert world.answers(OMAR) == [phrase("unknown_button")]
    assert world.rasa.asked == []


@pytest.mark.parametrize("data", ['/feiten{"doelgroep":"school"}', "b_" + "0" * 32, "\ud800", "é\x00"])
def test_a_forged_button_reaches_nobody(world, data):
    async def story(_):
        world.api.press(SANNE, data)
        await answered(world)

    world.run(story)
    assert world.answers(SANNE) == [phrase("unknown_button")]
    assert world.rasa.asked == []


def test_a_button_pressed_by_another_than_the_owner_of_the_chat_does_nothing(world):
    async def story(_):
        world.api.write(SANNE, "/start")
        await until(lambda: world.api.sent(SANNE))
        _press(world, "Wat kun je allemaal?", by=OMAR)
        await until(lambda: world.api.of("answerCallbackQuery"))
        await quiet()

    world.run(story)
    assert world.rasa.asked == [] and world.answers(SANNE) == []


def test_a_button_that_works_once_says_so_the_second_time(world):
    world.rasa.replies[QUESTION] = [{"text": "Versturen?", "buttons": [{"title": "Verstuur", "payload": "/verstuur", "once": True}]}]

    async def story(_):
        world.api.write(SANNE, QUESTION)
        await answered(world)
        for _ in range(3):
            _press(world, "Verstuur")
        await answered(world, count=4)

    world.run(story)
    assert sorted(world.answers(SANNE)[1:]) == sorted(["Antwoord op /verstuur", phrase("used_button"), phrase("used_button")])
    assert [said for _, said in world.rasa.asked].count("/verstuur") == 1


# --- what is not a text message

def test_a_changed_message_is_told_to_come_anew(world):
    async def story(_):
        world.api.edit(SANNE, "iets anders")
        await answered(world)

    world.run(story)
    assert world.answers(SANNE) == [phrase("telegram_edit")] and world.rasa.asked == []


PHOTO = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
CONTENT = {
    "photo": {"photo": PHOTO, "caption": "/stop"},
    "sticker": {"sticker": {"file_id": "f", "file_unique_id": "u", "type": "regular", "width": 1, "height": 1, "is_animated": False,
                            "is_video": False}},
    "voice": {"voice": {"file_id": "f", "file_unique_id": "u", "duration": 1}},
    "location": {"location": {"latitude": 52.0, "longitude": 5.0}},
    "contact": {"contact": {"phone_number": "0612345678", "first_name": "Sanne"}},
    "document": {"document": {"file_id": "f", "file_unique_id": "u"}},
    "something that Telegram invents later": {"hologram": {"depth": 3}},
}


@pytest.mark.parametrize("content", CONTENT.values(), ids=CONTENT.keys())
def test_what_is_not_text_gets_one_sentence(world, content):
    async def story(_):
        world.api.message(SANNE, **content)
        await answered(world)

    world.run(story)
    assert world.answers(SANNE) == [phrase("telegram_not_text")] and world.rasa.asked == []


def test_a_live_location_that_moves_is_not_taken_for_a_changed_message(world):
    async def story(_):
        place = {"latitude": 52.0, "longitude": 5.0}
        world.api.update(edited_message=world.api._message(SANNE, location=place, edit_date=int(time.time())))
        world.api.write(OMAR, QUESTION)
        await answered(world, OMAR)

    world.run(story)
    assert world.api.texts(SANNE) == []


def test_a_group_is_not_answered(world):
    async def story(_):
        world.api.write(-OMAR, QUESTION)
        world.api.write(-OMAR, "/start@LesbrugBot")
        channel = {"id": -5, "type": "channel", "title": "Kanaal"}
        world.api.update(channel_post={"message_id": 1, "date": 1, "chat": channel, "text": QUESTION})
        world.api.write(SANNE, QUESTION)
        await answered(world)

    world.run(story)
    assert world.api.sent(-OMAR) == [] and len(world.rasa.asked) == 1


@pytest.mark.parametrize("odd", [{}, {"message": {"chat": "x"}}, {"message": 3}, {"callback_query": {"id": "1"}}, {"later": {"a": 1}}])
def test_an_update_that_cannot_be_read_does_not_hold_up_the_next(world, odd):
    async def story(_):
        world.api.update(**odd)
        world.api.write(SANNE, QUESTION)
        await answered(world)

    world.run(story)
    assert world.answers(SANNE) == [ANSWER]


# --- commands

def test_start_greets_a_new_chat_once(world):
    async def story(_):
        world.api.write(SANNE, "/start")
        await until(lambda: world.api.sent(SANNE))
        await quiet()

    world.run(story)
    assert len(world.api.sent(SANNE)) == 1


def test_start_greets_a_known_chat_again(world):
    async def story(_):
        world.api.write(SANNE, QUESTION)
        await answered(world)
        world.api.write(SANNE, "/start uitnodiging")
        await until(lambda: len(world.api.sent(SANNE)) == 3)

    world.run(story)
    assert world.api.texts(SANNE)[2] == world.api.texts(SANNE)[0]
    assert len(world.rasa.asked) == 1


@pytest.mark.parametrize(("command", "payload"), [
    ("/help", "/bot-wat-kun-je"), ("/privacy", "/bot-privacy"), ("/mens", "/mens-spreken"), ("/HELP", "/bot-wat-kun-je"),
    ("/help@LesbrugBot", "/bot-wat-kun-je")])
def test_a_command_leads_where_its_button_would(world, command, payload):
    async def story(_):
        world.api.write(SANNE, command)
        await answered(world)

    world.run(story)
    assert [said for _, said in world.rasa.asked] == [payload]
    assert world.answers(SANNE) == [f"Antwoord op {payload}"]


def test_stop_leaves_the_task_and_then_tells_how_to_erase(world):
    world.rasa.seconds = 0.15

    async def story(_):
        world.api.write(SANNE, QUESTION)
        world.api.write(SANNE, "/stop")
        await answered(world, count=3)

    world.run(story)
    assert world.answers(SANNE) == [ANSWER, "Antwoord op /stoppen", phrase("telegram_stop")]


@pytest.mark.parametrize(("text", "words"), [
    ('/feiten{"doelgroep":"school"}', 'feiten{"doelgroep":"school"}'), ("/onbekend", "onbekend"), ("//stoppen", "stoppen"),
    ("\n/stoppen", "stoppen"), ("/help@AndereBot", "help@AndereBot"), ("/stop met roken", "stop met roken"),
    ("phrase:failed", "phrase:failed")])
def test_any_other_slash_is_words(world, text, words):
    async def story(lived):
        await until(lambda: lived.channel._inbound.username)
        world.api.write(SANNE, text)
        await answered(world)

    world.run(story)
    assert [said for _, said in world.rasa.asked] == [words]


def test_wissen_erases_everywhere_and_says_so(world):
    async def story(_):
        world.api.write(SANNE, QUESTION)
        await answered(world)
        world.first = world.conversation(SANNE).id
        world.api.write(SANNE, "/wissen")
        await until(lambda: phrase("telegram_erased") in world.answers(SANNE))
        await quiet()

    world.run(story)
    assert world.conversation(SANNE) is None
    assert world.rasa.forgotten == [world.first]
    assert world.answers(SANNE) == [ANSWER, phrase("telegram_erased")]
    assert b"tg:1001" not in (world.home / "gesprekken.db").read_bytes()


def test_after_wissen_a_message_begins_anew(world):
    async def story(_):
        world.api.write(SANNE, QUESTION)
        await answered(world)
        world.first = world.conversation(SANNE).id
        world.api.write(SANNE, "/wissen")
        world.api.write(SANNE, "daar ben ik weer")
        await answered(world, count=3)

    world.run(story)
    assert world.answers(SANNE)[-1] == "Antwoord op daar ben ik weer"
    assert world.conversation(SANNE).id != world.first


def test_wissen_in_a_new_chat_keeps_nothing_of_it(world):
    async def story(_):
        world.api.write(SANNE, "/wissen")
        await answered(world)

    world.run(story)
    assert world.api.texts(SANNE) == [phrase("telegram_erased")] and world.conversation(SANNE) is None


# --- once

KINDS = {
    "text": lambda api: api.write(SANNE, QUESTION),
    "command": lambda api: api.write(SANNE, "/help"),
    "start": lambda api: api.write(SANNE, "/start"),
    "stop": lambda api: api.write(SANNE, "/stop"),
    "edit": lambda api: api.edit(SANNE, "anders"),
    "sticker": lambda api: api.message(SANNE, dice={"emoji": "🎲", "value": 3}),
    "foreign button": lambda api: api.press(SANNE, "b_x"),
    "too long": lambda api: api.write(SANNE, "a" * 2001),
    "erase": lambda api: api.write(SANNE, "/wissen"),
}


@pytest.mark.parametrize("remembered", [0, 4096], ids=["by the database", "by memory"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_hundred_replays_have_one_effect(world, kind, remembered, monkeypatch):
    monkeypatch.setattr(inbound, "REMEMBERED", remembered)
    update = KINDS[kind](world.api)

    async def first(_):
        await until(lambda: world.api.sent(SANNE))
        await quiet(0.2)

    async def again(lived):
        for _ in range(100):
            await lived.channel._inbound.take(update)
        await quiet(0.2)

    world.run(first)
    once, asked = world.api.texts(SANNE), list(world.rasa.asked)
    world.api.updates.clear()
    world.run(again)        # in a process that never saw the update
    assert world.api.texts(SANNE) == once
    assert world.rasa.asked == asked


def test_a_hundred_replays_count_as_one_message(world):
    world.given["rate_limit"] = "on"

    async def story(lived):
        update = world.api.write(SANNE, QUESTION)
        await asyncio.gather(*(lived.channel._inbound.take(update) for _ in range(100)))
        await answered(world)
        await quiet()

    world.run(story)
    assert world.answers(SANNE) == [ANSWER]


def test_an_old_wissen_does_not_erase_the_next_conversation(world):
    async def first(_):
        world.old = world.api.write(SANNE, "/wissen")
        await answered(world)
        world.api.write(SANNE, QUESTION)
        await answered(world, count=2)

    async def replay(lived):
        await lived.channel._inbound.take(world.old)
        await quiet()

    world.run(first)
    kept = world.conversation(SANNE).id
    world.run(replay)
    assert world.conversation(SANNE).id == kept
    assert world.answers(SANNE) == [phrase("telegram_erased"), ANSWER]


# --- a process that dies

def _dies_at(name, part):
    """The process hangs for good where it would call this, so that it dies exactly there."""

    async def hang(*_, **__):
        await asyncio.Event().wait()

    def before(lived):
        target = lived
        for step in part.split("."):
            target = getattr(target, step)
        object.__setattr__(target, name, hang)

    return before


def test_death_between_accepting_and_confirming_gives_one_answer(world):
    async def first(_):
        world.api.write(SANNE, QUESTION)
        await answered(world)
        await quiet(0.1)        # until the answer is marked as sent; a death before that sends it again (test_kill.py)

    async def second(_):
        await until(lambda: not world.api.updates)
        await quiet()

    world.run(first, dies=True, before=_dies_at("_store_offset", "channel"))
    assert len(world.api.updates) == 1, "Telegram still has it"
    world.run(second)
    assert world.answers(SANNE) == [ANSWER]


def test_death_before_anything_was_stored_loses_nothing(world):
    async def first(_):
        world.api.write(SANNE, QUESTION)
        await quiet()

    world.run(first, dies=True, before=_dies_at("_conversation", "channel._inbound"))
    assert world.api.sent(SANNE) == []
    world.run(lambda _: answered(world))
    assert world.answers(SANNE) == [ANSWER]


def test_a_message_accepted_before_the_death_is_answered_after_it(world):
    async def first(_):
        world.api.write(SANNE, QUESTION)
        await until(lambda: world.conversation(SANNE) and not world.api.updates)

    world.run(first, dies=True, before=_dies_at("_answer_until_done", "gateway"))
    assert world.rasa.asked == []
    world.run(lambda _: answered(world))
    assert world.answers(SANNE) == [ANSWER]


def test_an_answer_stored_before_the_death_is_sent_after_it(world):
    async def first(_):
        world.api.write(SANNE, QUESTION)
        await until(lambda: world.rasa.asked)
        await quiet()

    world.run(first, dies=True, before=_dies_at("_post", "channel._delivery"))
    assert world.api.sent(SANNE) == []
    world.run(lambda _: answered(world))
    assert world.answers(SANNE) == [ANSWER] and len(world.rasa.asked) == 1


def test_more_than_one_batch_that_waits_is_sent_in_order(world):
    async def first(lived):
        world.api.write(SANNE, QUESTION)
        await answered(world)
        world.api.blocked.add(SANNE)
        for number in range(150):
            await lived.gateway.say(world.conversation(SANNE).id, f"bericht {number}", key=f"push{number}")
        await until(lambda: world.conversation(SANNE).closed)

    async def second(_):
        world.api.unblock(SANNE)
        await answered(world, count=151)

    world.run(first)
    world.run(second)
    assert world.answers(SANNE)[1:] == [f"bericht {number}" for number in range(150)]


def test_an_answer_that_is_under_way_at_a_stop_is_not_sent_again(world):
    async def first(lived):
        real = lived.channel._client._post

        async def slow(method, *args, **kwargs):
            result = await real(method, *args, **kwargs)
            if method == "sendMessage":
                await asyncio.sleep(0.2)
            return result

        object.__setattr__(lived.channel._client, "_post", slow)
        world.api.write(SANNE, QUESTION)
        await answered(world)

    world.run(first)
    world.run(lambda _: quiet())
    assert world.answers(SANNE) == [ANSWER]


def test_death_between_the_two_halves_of_stop_still_tells_how_to_erase(world):
    async def first(_):
        world.api.write(SANNE, "/stop")
        await answered(world)
        await quiet(0.1)

    world.run(first, dies=True, before=_dies_at("accept_phrase", "gateway"))
    world.run(lambda _: answered(world, count=2))
    assert world.answers(SANNE) == ["Antwoord op /stoppen", phrase("telegram_stop")]


def test_death_between_erasing_and_saying_so_still_says_so(world):
    async def first(_):
        world.api.write(SANNE, QUESTION)
        await answered(world)
        world.api.write(SANNE, "/wissen")
        await until(lambda: world.conversation(SANNE) is None)
        await quiet(0.1)

    world.run(first, dies=True, before=_dies_at("send_now", "channel._delivery"))
    world.run(lambda _: answered(world, count=2))
    assert world.answers(SANNE) == [ANSWER, phrase("telegram_erased")]


def test_messages_sent_while_the_bot_is_off_are_answered_in_order(world):
    for number in range(3):
        world.api.write(SANNE, f"vraag {number}")
    world.run(lambda _: answered(world, count=3))
    assert world.answers(SANNE) == [f"Antwoord op vraag {number}" for number in range(3)]


def test_pending_updates_are_never_dropped_and_a_webhook_is_taken_away(world):
    world.run(lambda _: until(lambda: world.api.of("deleteWebhook")))
    assert world.api.of("deleteWebhook")[0].values.get("drop_pending_updates") in ("false", "False", None)


def test_another_bot_does_not_begin_at_the_place_of_the_last(world):
    store = Store(world.settings().gateway_url)
    store.set_mark("telegram_offset", "999:900000000")
    store.close()
    world.api.write(SANNE, QUESTION)
    world.run(lambda _: answered(world))
    assert world.answers(SANNE) == [ANSWER]


def test_the_same_bot_begins_where_it_came(world):
    async def story(_):
        world.api.write(SANNE, QUESTION)
        await answered(world)
        await until(lambda: not world.api.updates)

    world.run(story)
    store = Store(world.settings().gateway_url)
    assert store.mark("telegram_offset").startswith("123456:7000000")
    store.close()


# --- Telegram in trouble

def test_telegram_asks_to_wait_and_the_order_stays(world):
    world.api.fail("sendMessage", Fault(status=429, description=TOO_MANY, retry_after=1, chat=SANNE))

    async def story(_):
        began = time.monotonic()
        for number in range(3):
            world.api.write(SANNE, f"vraag {number}")
        world.api.write(OMAR, QUESTION)
        await answered(world, OMAR)
        world.api.other = time.monotonic() - began
        await answered(world, SANNE, 3)
        world.api.took = world.api.sent(SANNE)[0].at - began

    world.run(story)
    assert world.answers(SANNE) == [f"Antwoord op vraag {number}" for number in range(3)]
    assert world.api.took >= 1, "waited as long as asked"
    assert world.api.other < 0.9, "another chat did not wait"


@pytest.mark.parametrize("fault", [BROKEN, Fault(status=502, description="Bad Gateway"), Fault(status=500, description="Internal"),
                                   Fault(status=401, description="Unauthorized")])
def test_a_send_that_fails_is_tried_again(world, fault):
    world.api.fail("sendMessage", fault, fault, fault)

    async def story(_):
        world.api.write(SANNE, QUESTION)
        await answered(world)

    world.run(story)
    assert len(world.api.sent(SANNE)) == 2


def test_only_the_part_that_failed_is_sent_again(world):
    world.rasa.replies[QUESTION] = [{"text": "\n\n".join(letter * 4000 for letter in "abc")}]

    async def story(_):
        world.api.write(SANNE, "eerst")
        await answered(world)
        world.api.refuses = lambda values: False
        world.api.fail("sendMessage", *[Fault(status=429, description=TOO_MANY, retry_after=1)])
        world.api.write(SANNE, QUESTION)
        await answered(world, count=4)

    world.run(story)
    assert [text[0] for text in world.answers(SANNE)[1:]] == ["a", "b", "c"]


@pytest.mark.parametrize("fault", [BROKEN, Fault(drop=True, after_effect=True), Fault(status=409, description="Conflict: terminated"),
                                   Fault(status=429, description=TOO_MANY, retry_after=1), Fault(status=500, description="Internal")])
def test_fetching_goes_on_after_a_fault(world, fault):
    world.api.fail("getUpdates", fault)

    async def story(_):
        world.api.write(SANNE, QUESTION)
        await answered(world)

    world.run(story)
    assert world.answers(SANNE) == [ANSWER]


def test_telegram_is_away_at_the_start_and_comes_back(world):
    world.api.down = True

    async def story(_):
        await quiet(0.5)
        world.api.down = False
        world.api.write(SANNE, QUESTION)
        await answered(world)

    world.run(story)
    assert world.answers(SANNE) == [ANSWER]


def test_a_blocked_bot_keeps_what_it_has_to_say_until_the_person_writes_again(world):
    async def story(lived):
        world.api.write(SANNE, QUESTION)
        await answered(world)
        conversation = world.conversation(SANNE)
        world.api.blocked.add(SANNE)
        await lived.gateway.say(conversation.id, "Er is een plek voor je.", key="push1")
        await until(lambda: world.conversation(SANNE).closed)
        world.api.blocked.discard(SANNE)
        world.api.write(SANNE, "ben je er nog?")
        await answered(world, count=3)

    world.run(story)
    assert world.answers(SANNE) == [ANSWER, "Er is een plek voor je.", "Antwoord op ben je er nog?"]
    assert not world.conversation(SANNE).closed


def test_unblocking_the_bot_brings_what_waited(world):
    async def story(lived):
        world.api.write(SANNE, QUESTION)
        await answered(world)
        world.api.blocked.add(SANNE)
        await lived.gateway.say(world.conversation(SANNE).id, "Er is een plek voor je.", key="push1")
        await until(lambda: world.conversation(SANNE).closed)
        world.api.unblock(SANNE)
        await answered(world, count=2)

    world.run(story)
    assert world.answers(SANNE)[-1] == "Er is een plek voor je."


def test_somebody_who_blocked_the_bot_does_not_hold_up_others(world):
    world.api.blocked.add(OMAR)

    async def story(_):
        world.api.write(OMAR, QUESTION)
        world.api.write(SANNE, QUESTION)
        await answered(world)

    world.run(story)
    assert world.answers(SANNE) == [ANSWER]


def test_a_refused_message_is_sent_bare_and_without_buttons(world):
    world.rasa.replies[QUESTION] = [{"text": "Antwoord 🌉", "buttons": [{"title": "Meer", "payload": "/meer"}]}]
    world.api.refuses = lambda values: "🌉" in values["text"]

    async def story(_):
        world.api.write(SANNE, QUESTION)
        await answered(world)

    world.run(story)
    assert [(call.text, call.buttons) for call in world.api.sent(SANNE)[1:]] == [("Antwoord", [])]


def test_a_message_that_telegram_never_takes_does_not_hold_up_the_next(world):
    world.rasa.replies["slecht"] = [{"text": "onmogelijk"}]
    world.api.refuses = lambda values: "onmogelijk" in values["text"]

    async def story(_):
        world.api.write(SANNE, "slecht")
        world.api.write(SANNE, QUESTION)
        await answered(world)
        await quiet()

    world.run(story)
    assert world.answers(SANNE) == [ANSWER]


def test_a_button_answer_that_telegram_finds_too_old_changes_nothing(world):
    async def story(_):
        world.api.write(SANNE, "/start")
        await until(lambda: world.api.sent(SANNE))
        world.api.fail("answerCallbackQuery", Fault(status=400, description="Bad Request: query is too old"))
        _press(world, "Wat kun je allemaal?")
        await answered(world)

    world.run(story)
    assert world.answers(SANNE) == ["Antwoord op /bot-wat-kun-je"]


# --- our own parts in trouble

def test_a_part_that_is_down_is_told_once_and_every_answer_comes_later(world):
    world.rasa.down = True

    async def story(_):
        world.api.write(SANNE, QUESTION)
        world.api.write(SANNE, "en verder?")
        await answered(world)
        await quiet(1)
        world.rasa.down = False
        await answered(world, count=3)

    world.run(story)
    assert world.answers(SANNE) == [phrase("busy"), ANSWER, "Antwoord op en verder?"]


def test_a_locked_database_only_delays(world):
    failures = [OperationalError("canary", {}, Exception("locked"))] * 2

    def before(lived):
        real = lived.gateway.store.accept

        def locked(*args, **kwargs):
            if failures:
                raise failures.pop()
            return real(*args, **kwargs)

        lived.gateway.store.accept = locked

    async def story(_):
        world.api.write(SANNE, QUESTION)
        await answered(world)

    world.run(story, before=before)
    assert world.answers(SANNE) == [ANSWER]


def test_an_update_that_breaks_us_is_let_go_after_three_attempts(world, monkeypatch):
    async def breaks(self, conversation, chat, update_id, text):
        raise RuntimeError(text)

    monkeypatch.setattr(inbound.Inbound, "_text", breaks)

    async def story(_):
        world.api.write(SANNE, QUESTION)
        world.api.write(SANNE, "/help")
        await answered(world)

    world.run(story)
    assert world.answers(SANNE) == ["Antwoord op /bot-wat-kun-je"]


# --- limits

def test_a_text_of_the_greatest_length_is_handed_on_and_one_letter_more_is_refused(world):
    async def story(_):
        world.api.write(SANNE, "a" * 2000)
        await answered(world)
        world.api.write(SANNE, "b" * 2001)
        await answered(world, count=2)

    world.run(story)
    assert world.answers(SANNE)[1] == phrase("too_long", max=2000)
    assert [said[0] for _, said in world.rasa.asked] == ["a"]


@pytest.mark.parametrize("text", ["/", "\u200b", "///"])
def test_a_message_without_words_gets_one_sentence(world, text):
    async def story(_):
        world.api.write(SANNE, text)
        await answered(world)

    world.run(story)
    assert world.answers(SANNE) == [phrase("empty")]


def test_a_hundred_messages_at_once_are_twenty_and_one_request_for_patience(world):
    world.given["rate_limit"] = "on"

    async def story(_):
        for number in range(100):
            world.api.write(SANNE, f"vraag {number}")
        world.api.write(OMAR, QUESTION)
        await answered(world, SANNE, 21)
        await answered(world, OMAR)
        await quiet()

    world.run(story)
    told = [text for text in world.answers(SANNE) if text.startswith("Even rustig aan")]
    assert len(told) == 1
    assert [text for text in world.answers(SANNE) if text not in told] == [f"Antwoord op vraag {number}" for number in range(20)]
    assert world.answers(OMAR) == [ANSWER]


def test_wissen_works_also_for_somebody_who_sent_too_much(world):
    world.given |= {"rate_limit": "on", "messages_per_minute": 1}

    async def story(_):
        for _ in range(3):
            world.api.write(SANNE, QUESTION)
        await answered(world, count=2)
        world.api.write(SANNE, "/wissen")
        await until(lambda: phrase("telegram_erased") in world.answers(SANNE))

    world.run(story)
    assert world.conversation(SANNE) is None


# --- logs

CANARY, CHAT = "kanarie-4711", 88_112_233


def test_no_text_token_or_chat_is_in_any_log(world, caplog):
    caplog.set_level(logging.DEBUG)
    world.rasa.replies["slecht"] = [{"text": f"onmogelijk {CANARY}"}]
    world.api.refuses = lambda values: "onmogelijk" in values["text"]

    async def story(lived):
        world.api.fail("getUpdates", BROKEN, Fault(status=500, description=CANARY))
        world.api.write(CHAT, f"hallo {CANARY}")
        await answered(world, CHAT)
        world.api.write(CHAT, "slecht")
        world.api.update(message={"chat": CANARY, "text": CANARY})
        world.api.message(CHAT, contact={"phone_number": CANARY, "first_name": CANARY})
        world.api.press(CHAT, CANARY)
        await answered(world, CHAT, 3)
        world.api.fail("sendMessage", BROKEN, Fault(status=500, description=CANARY), Fault(status=429, description=CANARY, retry_after=1))
        real = lived.gateway.store.accept
        failures = [OperationalError(CANARY, {"text": CANARY}, Exception(CANARY)), RuntimeError(CANARY)]

        def failing(*args, **kwargs):
            if failures:
                raise failures.pop()
            return real(*args, **kwargs)

        lived.gateway.store.accept = failing
        world.api.write(CHAT, f"nog een {CANARY}")
        await answered(world, CHAT, 4)
        world.api.blocked.add(CHAT)
        world.api.write(CHAT, CANARY)
        await until(lambda: world.conversation(CHAT).closed)
        world.api.blocked.clear()
        world.api.write(CHAT, "/wissen")
        await until(lambda: phrase("telegram_erased") in world.answers(CHAT))

    with structlog.testing.capture_logs() as logged:
        world.run(story)
    written = repr(logged) + caplog.text
    assert {entry["event"] for entry in logged} >= {
        "update failed", "unreadable update", "fetching waits", "send failed", "refused, sent bare", "blocked"}
    for secret in (CANARY, str(CHAT), world.api.token, world.api.token.partition(":")[2]):
        assert secret not in written
