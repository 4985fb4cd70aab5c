"""The classifier's own way to read a text gives what scikit-learn gives."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from nlu.components.linear_classifier import Features

TEXTS = ["hoe lang duurt het pdg ?", "wie betaalt de opleiding", "moet er btw bij als ik iemand uitleen", "hoe lang duurt het pdg ?"]


def dense(features: Features, text: str, width: int) -> np.ndarray:
    columns, values = features.row(text)
    made = np.zeros(width, np.float32)
    made[columns] = values
    return made


@given(st.one_of(st.sampled_from(TEXTS), st.text(alphabet="hoelangpdgbtw ?é", max_size=40)))
def test_a_row_is_what_the_vectorizers_of_the_training_give(text: str) -> None:
    features = Features()
    width = features.fit(TEXTS).shape[1]
    want = np.hstack([part.transform([text]).toarray()[0] for part in features._parts.values()])
    assert np.allclose(dense(features, text, width), want, atol=1e-5)


def test_features_survive_being_stored() -> None:
    features = Features()
    width = features.fit(TEXTS).shape[1]
    again = Features(features.vocabularies(), features.idf())
    assert np.allclose(dense(features, TEXTS[0], width), dense(again, TEXTS[0], width))
