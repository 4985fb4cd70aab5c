"""What the classifier sees of a text, and how it reads it: the same as scikit-learn, only faster."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nlu.components.features import Concepts, Features, concept_grams, concepts, stem_grams

TEXTS = 3 * ["hoe lang duurt het pdg ?", "wie betaalt de opleiding", "moet er btw bij als ik iemand uitleen", "hoe lang duurt het pdg ?", "de leraar betaalt", "docent betaalt ?"]
KINDS = {"chars": 1.0, "stems": 1.0, "concepts": 0.5}


def dense(features: Features, text: str, width: int) -> np.ndarray:
    columns, values = features.row(text)
    made = np.zeros(width, np.float32)
    made[columns] = values
    return made


@settings(deadline=None)        # the first example reads the lexicon
@given(st.one_of(st.sampled_from(TEXTS), st.text(alphabet="hoelangpdgbtw ?é", max_size=40)))
def test_a_row_is_what_the_vectorizers_of_the_training_give(text: str) -> None:
    features = Features(KINDS)
    width = features.fit(TEXTS).shape[1]
    want = np.hstack([part.transform([text]).toarray()[0] * KINDS[name] for name, part in features._parts.items()])
    assert np.allclose(dense(features, text, width), want, atol=1e-5)


def test_many_rows_are_the_rows_one_by_one() -> None:
    features = Features(KINDS)
    width = features.fit(TEXTS).shape[1]
    together = features.rows([*TEXTS, "", "xyz"]).toarray()
    assert np.allclose(together, [dense(features, text, width) for text in [*TEXTS, "", "xyz"]])


def test_features_survive_being_stored() -> None:
    features = Features(KINDS)
    width = features.fit(TEXTS).shape[1]
    again = Features(KINDS, features.vocabularies(), dict(features.idf()))
    assert np.allclose(dense(features, TEXTS[0], width), dense(again, TEXTS[0], width))


def test_inflections_have_the_same_stem() -> None:
    assert stem_grams("docenten ?")[:2] == stem_grams("docent ?")[:2]
    assert stem_grams("wie betaalt") == ["wie", "betaalt", "wie betaalt"]


@pytest.mark.parametrize(("text", "found"), [
    ("de docent", ["leraar"]), ("docentschap", ["leraar"]), ("voor de klas", ["lesgeven"]), ("voor de grote klas", []), ("zijinstroomsubsidie", ["geld"]),
    ("subsidies", []), ("prepdgtraject", ["pdg"]), ("", []), ("docent docent", ["leraar", "leraar"])])
def test_an_entry_is_a_word_a_beginning_an_end_a_part_or_words_side_by_side(text: str, found: list[str]) -> None:
    made = Concepts({"leraar": ["docent*", "juf"], "lesgeven": ["voor de klas"], "geld": ["*subsidie"], "pdg": ["*pdg*"]})
    assert made.of(text) == found


def test_two_concepts_make_a_pair_whatever_the_order_of_the_words() -> None:
    made = Concepts({"leraar": ["docent"], "geld": ["loon"]})
    assert made.grams("loon van een docent")[-1] == made.grams("een docent en zijn loon")[-1] == "geld+leraar"


def test_the_words_of_this_trade_stand_for_a_concept() -> None:
    assert len(concepts()._words) + len(concepts()._begins) > 500
    for one, other in (("mijn baas", "mijn patron"), ("een docent", "een leerkracht"), ("een potje", "een subsidie")):
        assert set(concept_grams(one)) & set(concept_grams(other)), (one, other)
