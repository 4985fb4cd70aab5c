"""Which region a sentence names, and what is told of it."""

from dataclasses import replace
from datetime import date

import knowledge
import pytest

DAY = date(2026, 11, 24)


@pytest.mark.parametrize(("words", "region"), [
    ("wie helpt mij in Twente", "twente"), ("wie helpt mij in twente?", "twente"), ("Almelo", "twente"), ("ik woon in almelo", "twente"),
    ("iemand in Den Bosch", "noordoost-brabant"), ("is er een loket in ede", "foodvalley"), ("provincie Zeeland", "zeeland-provincie"), ("Fryslân", "friesland"),
    ("overijssel", "overijssel"), ("Noord-Brabant", "noord-brabant"), ("west-brabant", "west-brabant"), ("ik kom uit Best", "zuidoost-brabant")])
def test_a_place_municipality_province_or_region_leads_to_its_region(found: knowledge.Catalogue, words: str, region: str) -> None:
    assert knowledge.named_regions(words, found) == (region,)


@pytest.mark.parametrize("words", [
    "wat is de beste route", "ik vind dit best lastig", "ben ik te oud", "een goede dag", "mag ik echt lesgeven", "wat is een loket", "", "123", "in de zomer", "bij mij in de buurt"])
def test_common_words_are_no_places(found: knowledge.Catalogue, words: str) -> None:
    assert knowledge.named_regions(words, found) == ()


def test_a_name_with_several_meanings_gives_them_all(found: knowledge.Catalogue) -> None:
    assert set(knowledge.named_regions("ik woon in Hengelo", found)) >= {"twente"}
    several = [name for name, ids in __import__("knowledge.regions", fromlist=["index"]).index(found).names.items() if len(ids) > 1]
    assert several, "of the 1,572 places some share a name"


def test_every_municipality_belongs_to_exactly_one_labour_market_region(found: knowledge.Catalogue) -> None:
    homes = [name for region in found.regions.values() if region.kind == "arbeidsmarktregio" for name in region.municipalities]
    assert len(homes) == len(set(homes)) == 342
    assert set(homes) == set(found.places.municipalities.values())


def test_the_answer_for_a_region_names_it_and_replaces_the_national_text(found: knowledge.Catalogue) -> None:
    national = knowledge.answer("regio-loket", found, DAY).text
    here = knowledge.answer("regio-loket", found, DAY, region="twente").text
    assert "**Twente**" in here
    assert national.split("\n")[0] not in here


def test_where_no_desk_is_known_the_national_ones_are_named_as_such(found: knowledge.Catalogue) -> None:
    bare = found.regions["twente"].model_copy(update={"desks": (), "provinces": ("Nergens",)})
    told = knowledge.answer("regio-loket", replace(found, regions=found.regions | {"twente": bare}), DAY, region="twente").text
    assert "kennen we niet" in told
    assert "Onderwijsloket" in told


@pytest.mark.parametrize("topic", ["regio-loket", "regio-initiatieven", "voorbeelden"])
def test_every_region_has_an_answer_of_a_readable_length(found: knowledge.Catalogue, topic: str) -> None:
    for region in found.regions:
        told = knowledge.answer(topic, found, DAY, region=region)
        assert found.regions[region].name in told.text
        assert len(told.text.split()) <= 190, region
