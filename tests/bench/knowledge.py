"""What knowledge costs: loading all files, checking them, answering a topic, and searching among 10,000 articles. `python -m tests.bench.knowledge`"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import knowledge
from knowledge.catalogue import load
from knowledge.check import check_loaded

ARTICLES, ROUNDS = 10_000, 5
FORMS = ("summary", "simple", "details")
QUESTIONS = (
    "moet mijn patron btw rekenen als hij mij uitleent", "wat kost het pdg", "hoe zit het met mijn pensioen als ik bij twee bazen werk", "scholingssubsidie kleine bedrijven",
    "mag ik voor de klas zonder papieren", "wie helpt mij in mijn regio", "ik wil omscholen naar installatietechniek maar heb geen diploma", "hoe laat gaat de bakker open")


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def told(name: str, times: list[float], unit: str = "ms") -> None:
    factor = 1000 if unit == "ms" else 1
    cuts = statistics.quantiles(times, n=20) if len(times) > 1 else times * 19
    print(f"{name:44} p50 {statistics.median(times) * factor:8.2f} {unit}   p95 {cuts[18] * factor:8.2f} {unit}   ({len(times)} keer)", flush=True)


def many(found: knowledge.Catalogue) -> knowledge.Catalogue:
    """The catalogue with ARTICLES more: each a shuffled mix of the words of two real ones, under a topic of its own."""
    dice = random.Random(1)
    texts = [f"{article.summary} {article.details}".split() for article in found.articles.values()]
    articles, topics = dict(found.articles), dict(found.topics)
    for number in range(ARTICLES):
        words = dice.sample(texts, 2)
        mixed = [*dice.choices(words[0], k=90), *dice.choices(words[1], k=90), f"woord{number}"]
        name = f"proef-{number}"
        articles[name] = found.articles["pdg-wat"].model_copy(update={"id": name, "title": " ".join(mixed[:6]), "summary": " ".join(mixed), "simple": "", "details": ""})
        topics[name] = found.topics["pdg-wat"].model_copy(update={"id": name})
    return replace(found, articles=articles, topics=topics)


def main() -> None:
    told("alle bestanden laden (doel 1 s)", [seconds(load) for _ in range(ROUNDS)], "s")
    found, day = load(), knowledge.today()
    told("alle bestanden nakijken", [seconds(lambda: check_loaded(found, day)) for _ in range(ROUNDS)], "s")
    answers = [seconds(lambda: knowledge.answer(topic, found, day, form=form, region=region))
               for topic in found.articles for form in FORMS for region in (None, "twente") for _ in range(ROUNDS)]
    told("één onderwerp beantwoorden (doel p95 5 ms)", answers)
    for name, catalogue in ((f"zoeken, {len(found.articles)} artikelen", found), (f"zoeken, {ARTICLES} artikelen erbij (doel p95 20 ms)", many(found))):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'kennis.db'}"
            knowledge.migrate(url)
            store = knowledge.Store(url)
            built = seconds(lambda: store.articles.refresh(catalogue))
            told(name, [seconds(lambda: store.articles.search(question)) for _ in range(20) for question in QUESTIONS])
            print(f"{'':44} index in {built:.1f} s", flush=True)
            store.close()


if __name__ == "__main__":
    main()
