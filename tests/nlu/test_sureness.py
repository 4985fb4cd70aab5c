"""From scores to honest chances: on a small world of which the truth is known."""

import numpy as np
import pytest
from nlu.components.features import Features
from nlu.components.sureness import OUTSIDE, Sureness, learn

SENTENCES = {
    "duur": ["hoe lang duurt het", "hoeveel maanden duurt het", "wanneer ben ik klaar", "duurt dat lang", "hoe lang ben ik bezig", "hoeveel weken duurt dat"],
    "kosten": ["wat kost het", "hoeveel euro kost dat", "is dat duur", "wat is de prijs", "hoeveel geld kost het", "wat betaal ik"],
    OUTSIDE: ["wat eten we vandaag", "het regent buiten", "wie wint de wedstrijd", "vertel een mop", "hoe laat gaat de trein", "mijn fiets is kapot"],
}


@pytest.fixture(scope="module")
def small():
    texts = [text for told in SENTENCES.values() for text in told]
    labels = np.array([intent for intent, told in SENTENCES.items() for _ in told])
    features = Features({"chars": 1.0})
    rows = features.fit(texts)
    weights, sureness, _ = learn(rows, labels, 1.0, 1.0, 3)
    return features, weights, sureness


def test_what_does_not_belong_here_is_no_class_among_the_topics(small) -> None:
    assert small[1].classes == ["duur", "kosten"]


def test_chances_are_chances(small) -> None:
    features, weights, sureness = small
    scores, gate = weights.scores(features.rows(["hoe lang duurt dat", "mijn fiets regent", ""]))
    assert np.allclose(sureness.chances(scores).sum(axis=1), 1)
    for told in (sureness.is_right(scores, gate), sureness.is_outside(gate)):
        assert ((told >= 0) & (told <= 1)).all()


def test_a_known_question_belongs_here_more_than_small_talk(small) -> None:
    features, weights, sureness = small
    scores, gate = weights.scores(features.rows(["hoe lang duurt het", "wat eten we vandaag"]))
    assert weights.classes[scores[0].argmax()] == "duur"
    assert sureness.is_outside(gate)[0] < sureness.is_outside(gate)[1]
    assert sureness.is_right(scores, gate)[0] > sureness.is_right(scores, gate)[1]


def test_without_small_talk_everything_belongs_here() -> None:
    texts, labels = SENTENCES["duur"] + SENTENCES["kosten"], np.array(["duur"] * 6 + ["kosten"] * 6)
    features = Features({"chars": 1.0})
    rows = features.fit(texts)
    weights, sureness, right = learn(rows, labels, 1.0, 1.0, 3)
    assert (weights.scores(rows)[1] == -1).all() and (sureness.is_outside(np.array([-1.0])) < 0.01).all()
    assert 0 <= right <= 1


def test_sureness_survives_being_stored(small) -> None:
    _, _, sureness = small
    assert Sureness(**sureness.stored()) == sureness
