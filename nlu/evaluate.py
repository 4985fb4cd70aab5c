"""How well the model understands sentences that it never learned from: `./lesbrug evaluate`.

Tells per group what is answered right at once and what with an offer, what is out of scope and answered all the same, the facts found, and what is
confused with what; draws the confusions and the calibration. `--curve`: how much more examples would still help.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple

import numpy as np
import structlog
import yaml

from nlu.components.features import Features
from nlu.components.normalizer import ABBREVIATIONS, normalize
from nlu.components.sureness import OUTSIDE, fit

ROOT = Path(__file__).resolve().parents[1]
HELD_OUT = ROOT / "tests" / "nlu"
FALLBACK = "nlu_fallback"
OFFERED = 3                 # how many topics are offered when it is not sure (actions/dialogue.py offers as many)
CURVE = (5, 10, 20, 40, 80, 120, 160)
BINS = 10
_ENTITY = re.compile(r"\[([^\]]+)\]\(\w+\)")


@dataclass(frozen=True)
class Result:
    """One held-out sentence: what it is, what was understood, and the topics that would be offered."""

    group: str
    text: str
    truth: str
    intent: str
    confidence: float
    ranking: Tuple[str, ...]

    @property
    def at_once(self) -> bool:
        return self.intent == self.truth

    @property
    def with_offer(self) -> bool:
        return self.at_once or (self.intent == FALLBACK and self.truth in self.ranking[:OFFERED])

    @property
    def answered(self) -> bool:
        return self.intent not in (OUTSIDE, FALLBACK)


def held_out(folder: Path = HELD_OUT) -> Dict[str, Dict[str, List[str]]]:
    """Group → intent → sentences that are never trained on."""
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yml"))
            if path.stem not in ("feiten", "stand", "missers")}


def parser(model: Path) -> Callable[[str], Dict[str, Any]]:
    """The trained pipeline as Rasa runs it."""
    from rasa.core.agent import Agent

    agent, loop = Agent.load(str(model)), asyncio.new_event_loop()
    return lambda text: loop.run_until_complete(agent.parse_message(text))


def judge(parse: Callable[[str], Dict[str, Any]], sentences: Dict[str, Dict[str, List[str]]]) -> List[Result]:
    """Each held-out sentence as the model understands it."""
    return [_result(parse(text), group, text, truth) for group, intents in sentences.items() for truth, told in intents.items() for text in told]


def _result(found: Dict[str, Any], group: str, text: str, truth: str) -> Result:
    topics = [item for item in found["intent_ranking"] if item["name"] not in (FALLBACK, OUTSIDE)]
    return Result(group, text, truth, found["intent"]["name"], found["intent"]["confidence"], tuple(item["name"] for item in topics))


def shares(results: Sequence[Result]) -> Dict[str, float]:
    """Of what belongs here: right at once, right with an offer, wrong; of what does not: answered all the same, offered something."""
    inside, outside = [each for each in results if each.truth != OUTSIDE], [each for each in results if each.truth == OUTSIDE]
    return {
        "at_once": _share(each.at_once for each in inside), "with_offer": _share(each.with_offer for each in inside),
        "wrong": _share(each.answered and not each.at_once for each in inside),
        "outside_answered": _share(each.answered for each in outside), "outside_offered": _share(each.intent == FALLBACK for each in outside)}


def _share(hits: Iterator[bool]) -> float:
    found = list(hits)
    return round(sum(found) / len(found), 4) if found else 0.0


def facts(parse: Callable[[str], Dict[str, Any]], path: Path = HELD_OUT / "feiten.yml") -> Dict[str, float]:
    """F1 of each kind of fact, and of all together as `alle`."""
    right, wrong, missed = Counter(), Counter(), Counter()
    for item in yaml.safe_load(path.read_text(encoding="utf-8")):
        want = {(name, str(value).lower()) for name, values in (item["entities"] or {}).items() for value in (values if isinstance(values, list) else [values])}
        got = {(entity["entity"], str(entity["value"]).lower()) for entity in parse(item["text"])["entities"]}
        for counter, pairs in ((right, want & got), (wrong, got - want), (missed, want - got)):
            counter.update(name for name, _ in pairs)
    names = sorted(right | wrong | missed)
    return {"alle": _f1(sum(right.values()), sum(wrong.values()), sum(missed.values())), **{name: _f1(right[name], wrong[name], missed[name]) for name in names}}


def _f1(right: int, wrong: int, missed: int) -> float:
    return round(2 * right / (2 * right + wrong + missed), 4) if right else 0.0


def confused(results: Sequence[Result], most: int = 15) -> List[Tuple[str, str, int]]:
    """(truth, understood as, how often) of what was answered wrongly, most often first."""
    pairs = Counter((each.truth, each.intent) for each in results if each.answered and not each.at_once)
    return [(truth, intent, number) for (truth, intent), number in pairs.most_common(most)]


def calibration(results: Sequence[Result]) -> Tuple[List[Tuple[float, float, int]], float]:
    """(mean confidence, share right, how many) per bin of what was answered, and the expected calibration error."""
    answered = [each for each in results if each.answered]
    bins: Dict[int, List[Result]] = defaultdict(list)
    for each in answered:
        bins[min(int(each.confidence * BINS), BINS - 1)].append(each)
    rows = [(float(np.mean([each.confidence for each in held])), float(np.mean([each.at_once for each in held])), len(held)) for _, held in sorted(bins.items())]
    return rows, round(sum(abs(sure - right) * number for sure, right, number in rows) / max(len(answered), 1), 4)


def taught(folder: Path = ROOT / "nlu") -> List[Tuple[str, str, str]]:
    """(sentence, intent, hand) of everything that is trained on."""
    return [(_ENTITY.sub(r"\1", line.strip()[2:]).strip(), block["intent"], (block.get("metadata") or {}).get("hand", "eerste"))
            for path in sorted(folder.glob("*.yml")) for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
            for line in block["examples"].splitlines() if line.strip()]


def curve(sentences: Dict[str, Dict[str, List[str]]], kinds: Dict[str, float], c: float, sizes: Sequence[int] = CURVE) -> Iterator[Tuple[int, Dict[str, float]]]:
    """(examples per intent, group → share whose likeliest topic is right), for growing numbers of examples drawn from all hands alike."""
    abbreviations = yaml.safe_load(ABBREVIATIONS.read_text(encoding="utf-8"))
    by_intent: Dict[str, List[str]] = defaultdict(list)
    for text, intent, _ in taught():
        if intent != OUTSIDE:
            by_intent[intent].append(normalize(text, abbreviations))
    for texts in by_intent.values():
        random.Random(1).shuffle(texts)
    asked = [(group, truth, normalize(text, abbreviations)) for group, intents in sentences.items() for truth, told in intents.items() if truth != OUTSIDE
             for text in told]
    for size in sizes:
        drawn = [(text, intent) for intent, texts in by_intent.items() for text in texts[:size]]
        features = Features(kinds)
        weights = fit(features.fit([text for text, _ in drawn]), np.array([intent for _, intent in drawn]), c, c)
        scores, _ = weights.scores(features.rows([text for *_, text in asked]))
        hits: Dict[str, List[bool]] = defaultdict(list)
        for (group, truth, _), row in zip(asked, scores):
            hit = weights.classes[int(row.argmax())] == truth
            hits[group].append(hit)
            hits["alle"].append(hit)
        yield size, {group: _share(iter(found)) for group, found in hits.items()}


def draw(results: Sequence[Result], folder: Path) -> List[Path]:
    """The confusion matrix by group, and the calibration curve, as pictures."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    home = {each.truth: each.group for each in results}
    groups = sorted({each.group for each in results})
    columns = [*groups, "aangeboden"]
    counts = np.zeros((len(groups), len(columns)))
    for each in results:
        goal = "aangeboden" if each.intent == FALLBACK else home.get(each.intent, "buiten_bereik")
        counts[groups.index(each.group), columns.index(goal)] += 1
    figure, axes = pyplot.subplots(figsize=(10, 9))
    axes.imshow(counts / counts.sum(axis=1, keepdims=True), cmap="Blues")
    axes.set_xticks(range(len(columns)), columns, rotation=60, ha="right")
    axes.set_yticks(range(len(groups)), groups)
    axes.set_xlabel("begrepen als")
    axes.set_ylabel("bedoeld")
    for (row, column), number in np.ndenumerate(counts):
        if number:
            axes.text(column, row, int(number), ha="center", va="center", fontsize=8)
    figure.tight_layout()
    figure.savefig(folder / "verwarring.png", dpi=110)
    rows, error = calibration(results)
    figure, axes = pyplot.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], linestyle="--", color="grey")
    axes.plot([sure for sure, _, _ in rows], [right for _, right, _ in rows], marker="o")
    axes.set_xlabel("hoe zeker het model is")
    axes.set_ylabel("hoe vaak het klopt")
    axes.set_title(f"gemiddelde fout {error:.3f}".replace(".", ","))
    figure.tight_layout()
    figure.savefig(folder / "zekerheid.png", dpi=110)
    return [folder / "verwarring.png", folder / "zekerheid.png"]


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %".replace(".", ",")


def report(results: Sequence[Result], found: Dict[str, float]) -> Iterator[str]:
    """The table in Dutch, line by line."""
    yield f"{'groep':22}{'zinnen':>8}{'meteen goed':>14}{'met aanbod':>14}{'fout':>10}"
    groups: Dict[str, List[Result]] = defaultdict(list)
    for each in results:
        if each.truth != OUTSIDE:
            groups[each.group].append(each)
            groups["alle"].append(each)
    for group, held in groups.items():
        told = shares(held)
        yield f"{group:22}{len(held):8}{_percent(told['at_once']):>14}{_percent(told['with_offer']):>14}{_percent(told['wrong']):>10}"
    outside = [each for each in results if each.truth == OUTSIDE]
    told = shares(outside)
    yield f"\nbuiten bereik: {len(outside)} zinnen, {_percent(told['outside_answered'])} toch beantwoord, {_percent(told['outside_offered'])} met een aanbod"
    yield "feiten (F1): " + ", ".join(f"{name} {share:.2f}".replace(".", ",") for name, share in found.items())
    yield f"zekerheid: gemiddelde fout {calibration(results)[1]:.3f}".replace(".", ",")
    yield "\nmeest verwisseld:"
    yield from (f"  {number} × {truth} → {intent}" for truth, intent, number in confused(results))


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--model", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--curve", action="store_true")
    arguments.add_argument("--misses", action="store_true")
    asked = arguments.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    config = next(part for part in yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"] if "features" in part and "C" in part)
    if asked.curve:
        for size, told in curve(held_out(), config["features"], config["C"]):
            worst = sorted((share, group) for group, share in told.items() if group != "alle")[:3]
            print(f"{size:4} voorbeelden per onderwerp: {_percent(told['alle'])} goed; laagst: {', '.join(f'{group} {_percent(share)}' for share, group in worst)}", flush=True)
        return
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))       # Rasa tells of every sentence
    parse = parser(asked.model)
    results, found = judge(parse, held_out()), facts(parse)
    print("\n".join(report(results, found)))
    if asked.misses:
        print("\nniet meteen goed:\n" + "\n".join(f"  {each.truth} → {each.intent} ({each.confidence:.2f}) {each.text}" for each in results
                                                  if not each.at_once and (each.truth != OUTSIDE or each.answered)))
    (asked.out / "evaluatie.json").write_text(json.dumps({**shares(results), "facts": found, "calibration_error": calibration(results)[1]}, indent=1), encoding="utf-8")
    for picture in draw(results, asked.out):
        print(picture)


if __name__ == "__main__":
    main()
