"""What is listed in an answer beside its own text: schemes with their status, and who and what there is in a region."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from knowledge import regions, schemes, text
from knowledge.catalogue import Catalogue
from knowledge.schema import Article, Audience, Example, Fact, Region

LISTED = 3              # of each kind in a short answer
FEW_EXAMPLES = 2        # beside the article's own words
EXAMPLES_LISTED = 8     # in the details; the others are a region away
SCHEMES_LISTED = 12


@dataclass(frozen=True)
class Overview:
    """`text` is Markdown, `items` are those of api.md, `facts` bear both. `replaces`: it stands in the place of the article's own words."""

    text: str = ""
    items: tuple[dict, ...] = ()
    facts: tuple[Fact, ...] = ()
    replaces: bool = False


def of_schemes(article: Article, found: Catalogue, day: date, *, short: bool) -> Overview:
    """The article's schemes: by name and status in the short answer, with amount and address in the details."""
    if not article.schemes:
        return Overview()
    listed = schemes.in_order(article.schemes, found, day)[:SCHEMES_LISTED]
    items = tuple(schemes.scheme_item(scheme, found, day) for scheme in listed)
    facts = tuple(found.facts[schemes.status_on(scheme, day).fact] for scheme in listed)
    told = "\n".join(f"- {schemes.in_words(scheme, found, day)}" for scheme in listed)
    if short:
        told = "\n".join(f"- **{scheme.title}**: {schemes.status_in_words(scheme, found, day)}." for scheme in listed[:LISTED])
        if len(listed) > LISTED:
            told += f"\n\nEr zijn er {len(listed)}. Kies *Meer weten* voor bedragen en adressen."
    return Overview(told, items, facts)


def of_region(article: Article, region: Region | None, found: Catalogue, day: date, *, audience: Audience | None, short: bool) -> Overview:
    """What is known of `region`, as the article's `by_region` asks; of examples also without a region."""
    most = LISTED if short else None
    if article.by_region == "examples":
        return _examples(region, found, day, most)
    if article.by_region is None or region is None:
        return Overview()
    told = _desks(region, found, day, audience, most) if article.by_region == "desks" else _initiatives(region, found, day, most)
    return Overview(told.text, (), told.facts, replaces=short)


def _desks(region: Region, found: Catalogue, day: date, audience: Audience | None, most: int | None) -> Overview:
    desks = [(each, desk) for each in regions.with_provinces(region, found) for desk in each.desks]
    fitting = [pair for pair in desks if audience is None or {audience, "alle"} & set(pair[1].audience)] or desks
    parts, facts = [], []
    if fitting:
        lines = []
        for _, desk in fitting[:most]:
            facts += [found.facts[name] for name in desk.facts]
            lines.append(f"- [{desk.name}]({desk.url}): {_ended(text.fill(desk.helps_with, found, day))}")
        here = {desk.url.rstrip("/") for _, desk in fitting[:most]}
        national = text.enumerate_dutch([f"[{desk.name}]({desk.url})" for desk in _national(found, audience) if desk.url.rstrip("/") not in here])
        parts.append(f"In **{region.name}** kun je terecht bij:\n\n" + "\n".join(lines) + f"\n\nLandelijk helpen ook: {national}.")
    else:
        parts.append(f"Een eigen loket voor **{region.name}** kennen we niet. Deze landelijke loketten helpen je ook daar:\n\n" + "\n".join(
            f"- [{desk.name}]({desk.url}): {_ended(desk.helps_with)}" for desk in _national(found, audience)))
    parts += _schools(region)
    return Overview("\n\n".join(parts), (), tuple(facts))


def _ended(line: str) -> str:
    return line if line.endswith((".", "!", "?")) else f"{line}."


def _national(found: Catalogue, audience: Audience | None) -> Iterator:
    return (desk for name in ("onderwijsloket", "werkcentrum", "techniekpact") if (desk := found.desks[name]) and (audience is None or audience in desk.audience))


def _schools(region: Region) -> list[str]:
    """The mbo institutions, those that no source bears with a reservation."""
    if not region.institutions:
        return []
    sure = [item.name for item in region.institutions if item.certain]
    unsure = [item.name for item in region.institutions if not item.certain and item.name not in sure]
    told = []
    if sure:
        told.append(f"Mbo-scholen in deze regio: {text.enumerate_dutch(list(dict.fromkeys(sure)))}.")
    if unsure:
        told.append(f"{'Waarschijnlijk ook' if sure else 'Mbo-scholen, waarschijnlijk'}: {text.enumerate_dutch(list(dict.fromkeys(unsure)))} (dat hebben we niet nagekeken).")
    return [" ".join(told)]


def _initiatives(region: Region, found: Catalogue, day: date, most: int | None) -> Overview:
    order = ("lopend", "onbekend", "afgelopen")
    initiatives = sorted((item for each in regions.with_provinces(region, found) for item in each.initiatives), key=lambda item: order.index(item.state))
    if not initiatives:
        return Overview("\n\n".join([
            f"Van initiatieven voor hybride docenten in **{region.name}** weten we niets zekers. Vraag het een mbo-school of loket in je regio.", *_schools(region)]))
    states = {"lopend": "", "afgelopen": " Dit is afgelopen.", "onbekend": " Of het nog loopt, weten we niet."}
    lines = [f"- **{item.name}**: {_ended(text.fill(item.text, found, day))}{states[item.state]}" for item in initiatives[:most]]
    facts = tuple(found.facts[name] for item in initiatives[:most] for name in item.facts)
    return Overview(f"In **{region.name}**:\n\n" + "\n".join(lines), (), facts)


def _examples(region: Region | None, found: Catalogue, day: date, most: int | None) -> Overview:
    near = regions.examples_in(region, found) if region else []
    listed = sorted(near or found.examples.values(), key=lambda example: -max(found.facts[name].as_of for name in example.facts))
    head = f"Voorbeelden uit **{region.name}**:" if near else f"Uit **{region.name}** kennen we geen voorbeeld. Van elders wel:" if region else "Een paar voorbeelden:"
    shown = listed[:(most if near else FEW_EXAMPLES) if most else EXAMPLES_LISTED]
    lines = [_example_in_words(example, found, day) for example in shown]
    facts = tuple(found.facts[name] for example in shown for name in example.facts)
    if len(listed) > len(shown) and most is None:
        lines.append("\nEr zijn er meer. Noem een plaats of regio, dan noem ik wat daar is gedaan.")
    return Overview(f"{head}\n\n" + "\n".join(lines), (), facts, replaces=bool(region) and most is not None)


def _example_in_words(example: Example, found: Catalogue, day: date) -> str:
    return f"- **{example.title}**. {text.fill(example.did, found, day)} {text.fill(example.result, found, day)}"
