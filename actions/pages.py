"""Step plans that are followed in the chat, and pages that people can keep or send."""

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

import knowledge
from actions.base import UNKNOWN, Lesbrug, Turn, button, understood


def plan_button(plan: str) -> dict[str, str]:
    return button("Stap voor stap volgen", "stappenplan_volgen", stappenplan=plan)


def page_button(title: str, page: str) -> dict[str, str]:
    return button(title, "document", document=page)


def offers(topic: str) -> list[dict[str, str]]:
    """The buttons under a topic's answer that lead to its plan and its documents."""
    found = knowledge.catalogue()
    offered = [plan_button(topic), page_button("Op één pagina", topic)] if topic in found.plans else []
    return offered + [page_button(document.button, document.id) for document in found.documents.values() if topic in document.topics]


class ActionPlan(Lesbrug):
    """The next step of a plan: the first, the one after that which is done, or where somebody was."""

    def name(self) -> str:
        return "action_plan"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[EventType]:
        turn, found = Turn(tracker), knowledge.catalogue()
        following, done = tracker.get_slot("stappenplan"), int(tracker.get_slot("stappen_gedaan") or 0)
        if turn.intent == "stappenplan_volgen":
            plan = turn.entity("stappenplan") or (turn.last_topic if turn.last_topic in found.plans else None) or following or knowledge.plan_for(turn.audience, found)
            following, done = (following, done) if plan == following and not turn.entity("stappenplan") else (plan, 0)
        elif turn.intent == "stap_gedaan":
            following = turn.entity("stappenplan") or following         # a button names its plan: another may have been begun since
            done = min(int(turn.entity("stap") or done + 1), len(found.plans[following].steps)) if following in found.plans else done
        if following not in found.plans:
            dispatcher.utter_message(response="utter_welk_plan", buttons=[
                button(plan.title, "stappenplan_volgen", stappenplan=plan.id) for plan in found.plans.values()])
            return [understood(), *turn.resume()]
        _say_step(dispatcher, following, done, reminding=turn.intent == "stap_waar")
        return [SlotSet("stappenplan", following), SlotSet("stappen_gedaan", float(done)), SlotSet("laatste_onderwerp", following), understood(), *turn.resume()]


def _say_step(dispatcher: CollectingDispatcher, plan: str, done: int, *, reminding: bool) -> None:
    found = knowledge.catalogue()
    if done >= len(found.plans[plan].steps):
        dispatcher.utter_message(response="utter_plan_klaar", buttons=[page_button("Op één pagina", plan)])
        return
    now = knowledge.step(plan, done + 1, found, knowledge.today())
    buttons = [button("Gedaan", "stap_gedaan", stappenplan=plan, stap=str(now.number))]
    if now.topic and now.topic != plan and knowledge.is_live(now.topic, found):
        buttons.append(button(knowledge.title(now.topic, found), now.topic))
    buttons.append(page_button("Op één pagina", plan))
    dispatcher.utter_message(
        response="utter_stap_verder" if reminding and done else "utter_stap", stap=now.text, buttons=buttons,
        json_message={"sources": [vars(source) for source in now.sources]})


class ActionDocument(Lesbrug):
    """A page filled with what the conversation knows; asks which one where that is not clear."""

    def name(self) -> str:
        return "action_document"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[EventType]:
        turn, found = Turn(tracker), knowledge.catalogue()
        wanted = turn.entity("document") or knowledge.named_document(turn.text, found) or self._of_last(turn, found)
        if wanted not in found.documents and wanted not in found.plans:
            fitting = [document for document in found.documents.values() if turn.audience in (None, *document.audience)] or found.documents.values()
            dispatcher.utter_message(response="utter_welk_document", buttons=[page_button(document.button, document.id) for document in fitting])
            return [understood(), *turn.resume()]
        made = knowledge.page(wanted, found, knowledge.today(), _known(tracker))
        dispatcher.utter_message(response="utter_document", titel=made.title, uitleg=made.about,
                                 json_message={"documents": [{"title": made.title, "markdown": made.markdown}]})
        return [understood(), *turn.resume()]

    @staticmethod
    def _of_last(turn: Turn, found: knowledge.Catalogue) -> str | None:
        """What belongs to the topic just answered."""
        if turn.last_topic in found.plans:
            return turn.last_topic
        return next((document.id for document in found.documents.values() if turn.last_topic in document.topics), None)


def _known(tracker: Tracker) -> dict[str, str | None]:
    """What the conversation knows, as a page may say it."""
    found = knowledge.catalogue()
    told = {name: value for name in ("doelgroep", "vakgebied", "uren", "opleidingsniveau", "ervaring", "sector", "regio")
            if (value := tracker.get_slot(name)) and value != UNKNOWN}
    level, region = found.levels.get(told.get("opleidingsniveau", "")), found.regions.get(told.get("regio", ""))
    return {"doelgroep": told.get("doelgroep"), "vak": told.get("vakgebied"), "uren": told.get("uren", "").replace("-", " tot ") or None,
            "opleiding": level.name if level else None, "ervaring": told.get("ervaring"), "sector": told.get("sector"),
            "plaats": region.name if region else None}
