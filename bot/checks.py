"""Do domain, rules, sentences, actions and catalogue name the same things? Fast: nothing is trained, Rasa is not imported."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import knowledge
import yaml
from knowledge import Problem

from bot.settings import ROOT

BUILT_IN_INTENTS = {"nlu_fallback"}
AUTHORITY_SLOTS = {"toegang", "rol", "school_id", "ingelogd"}      # what somebody may do never stands in a slot that text can fill
_ENTITY = re.compile(r"\[([^\]]+)\]\((\w+)\)")


def _yaml(pattern: str) -> dict[str, dict]:
    return {path.relative_to(ROOT).as_posix(): yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader) or {} for path in sorted(ROOT.glob(pattern))}


def examples(folder: str = "nlu") -> dict[str, list[str]]:
    """Intent → its training sentences, entity marks taken out."""
    found: dict[str, list[str]] = {}
    for content in _yaml(f"{folder}/*.yml").values():
        for block in content["nlu"]:
            found.setdefault(block["intent"], []).extend(_ENTITY.sub(r"\1", line[2:]).strip() for line in block["examples"].splitlines() if line.strip())
    return found


def held_out() -> dict[str, list[str]]:
    """Topic, task or intent → sentences that are never trained on."""
    return {name: list(sentences) for path, content in _yaml("tests/nlu/*.yml").items() if Path(path).stem not in ("feiten", "stand", "missers")
            for name, sentences in content.items()}


def plain(sentence: str) -> str:
    """For comparing: lower case, words only."""
    return re.sub(r"\W+", " ", sentence.lower()).strip() or sentence.strip()


def check() -> list[Problem]:
    """Every name that stands on one side only."""
    domains = _yaml("bot/domain/*.yml")
    return list(chain(_intents(domains), _responses(domains), _slots(domains), _sentences(), _groups()))


def _intents(domains: dict[str, dict]) -> Iterator[Problem]:
    declared = {intent: path for path, content in domains.items() for intent in content.get("intents", [])}
    taught, found = examples(), knowledge.catalogue()
    ruled = {step["intent"] for content in _yaml("stories/*.yml").values() for rule in content.get("rules", [])
             for step in chain.from_iterable(item["or"] if "or" in item else [item] for item in rule["steps"]) if "intent" in step}
    for intent, path in declared.items():
        if intent not in taught:
            yield Problem(path, f"intent {intent} heeft geen voorbeeldzinnen in nlu/")
        if intent not in ruled:
            yield Problem(path, f"intent {intent} staat in geen regel in stories/")
    for intent in (taught.keys() | ruled) - declared.keys() - BUILT_IN_INTENTS:
        yield Problem("bot/domain", f"intent {intent} wordt gebruikt, maar staat in geen domein")
    for name in (found.topics.keys() | found.tasks.keys()) - declared.keys():
        yield Problem("bot/domain", f"onderwerp of taak {name} heeft geen intent")


def _responses(domains: dict[str, dict]) -> Iterator[Problem]:
    declared = {name: path for path, content in domains.items() for name in content.get("responses", {})}
    code = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("actions/*.py"))
    rules = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("stories/*.yml"))
    forms = {f"utter_ask_{form}_{slot}" for content in domains.values() for form, spec in content.get("forms", {}).items() for slot in spec["required_slots"]}
    used = set(re.findall(r"utter_\w+", code + rules)) | forms
    prefixes = tuple(re.findall(r"(utter_\w+_)\{", code))
    for name, path in declared.items():
        if name not in used and not (prefixes and name.startswith(prefixes)):
            yield Problem(path, f"antwoord {name} wordt nergens gebruikt")
    for name in used - declared.keys():
        if name != "utter_message" and name + "_" not in prefixes and name not in prefixes:
            yield Problem("bot/domain", f"antwoord {name} wordt gebruikt, maar bestaat niet")


def _slots(domains: dict[str, dict]) -> Iterator[Problem]:
    for path, content in domains.items():
        for name, slot in content.get("slots", {}).items():
            if name in AUTHORITY_SLOTS:
                yield Problem(path, f"slot {name} gaat over wat iemand mag; dat komt uit de database, nooit uit een slot")
            if any(mapping["type"] != "custom" for mapping in slot["mappings"]):
                yield Problem(path, f"slot {name} wordt rechtstreeks door tekst gevuld; alleen een actie mag dat")


def _sentences() -> Iterator[Problem]:
    taught = examples()
    trained: dict[str, str] = {}
    for intent, sentences in taught.items():
        for sentence in sentences:
            other = trained.setdefault(plain(sentence), intent)
            if other != intent:
                yield Problem("nlu", f"'{sentence}' staat bij {other} en bij {intent}")
    found, tested = knowledge.catalogue(), held_out()
    for name, sentences in tested.items():
        for sentence in sentences:
            if plain(sentence) in trained:
                yield Problem("tests/nlu", f"'{sentence}' ({name}) staat ook in de trainingszinnen")
    for item in (*found.topics.values(), *found.tasks.values()):
        if item.live and len(taught.get(item.id, [])) < 25:
            yield Problem("nlu", f"{item.id} is live, maar heeft minder dan 25 voorbeeldzinnen")
        if item.live and item.id not in tested:
            yield Problem("tests/nlu", f"{item.id} is live, maar heeft geen zinnen die niet getraind zijn")


def _groups() -> Iterator[Problem]:
    for group in {topic.group for topic in knowledge.catalogue().topics.values()}:
        for path in (f"nlu/{group}.yml", f"stories/{group}.yml", f"bot/domain/{group}.yml"):
            if not (ROOT / path).is_file():
                yield Problem(path, "ontbreekt: elke groep van knowledge/topics.yml heeft dit bestand")
