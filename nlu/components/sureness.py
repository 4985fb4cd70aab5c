"""From scores to honest chances: which topic, whether the message belongs here at all, and how likely the answer is right."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Dict, List, Tuple

import numpy as np
from joblib import Parallel, delayed
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from scipy.special import expit, log_softmax, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

OUTSIDE = "buiten_bereik"
MOST_CORES = 2


@dataclass(frozen=True)
class Weights:
    """Linear scores: `topics` (features × classes) among what belongs here, `gate` (features) for what does not."""

    classes: List[str]
    topics: np.ndarray
    topic_bias: np.ndarray
    gate: np.ndarray
    gate_bias: float

    def scores(self, rows: csr_matrix) -> Tuple[np.ndarray, np.ndarray]:
        """(score per class, score of not belonging here) of each row."""
        return rows @ self.topics + self.topic_bias, rows @ self.gate + self.gate_bias


def fit(rows: csr_matrix, labels: np.ndarray, c: float, gate_c: float) -> Weights:
    """One-vs-rest hinge by liblinear among the topics, and one line between them and everything else."""
    inside = labels != OUTSIDE
    topics = LinearSVC(C=c, class_weight="balanced", random_state=42, max_iter=2000).fit(rows[inside], labels[inside])
    coefficients, bias = topics.coef_, topics.intercept_
    if len(topics.classes_) == 2:       # liblinear keeps one row for two classes
        coefficients, bias = np.vstack([-coefficients[0], coefficients[0]]), np.array([-bias[0], bias[0]])
    if inside.all():
        return Weights(list(topics.classes_), coefficients.T, bias, np.zeros(rows.shape[1]), -1.0)
    gate = LinearSVC(C=gate_c, random_state=42, max_iter=2000).fit(rows, ~inside)
    return Weights(list(topics.classes_), coefficients.T, bias, gate.coef_[0], float(gate.intercept_[0]))


def _signs(scores: np.ndarray, gate: np.ndarray, scale: float) -> np.ndarray:
    """What tells whether the likeliest topic is right: how likely, how far ahead, how high, and whether the message belongs here."""
    chances = np.sort(softmax(scores * scale, axis=1), axis=1)
    ordered = np.sort(scores, axis=1)
    return np.column_stack([gate, chances[:, -1], chances[:, -1] - chances[:, -2], ordered[:, -1], ordered[:, -1] - ordered[:, -2],
                            np.log(chances[:, -1] + 1e-6)])


@dataclass(frozen=True)
class Sureness:
    """`scale` makes softmax of the scores honest; `right` and `outside` are logistic weights (bias last)."""

    scale: float
    right: List[float]
    outside: List[float]

    def chances(self, scores: np.ndarray) -> np.ndarray:
        """How likely each topic is, given that it is one of them."""
        return softmax(scores * self.scale, axis=1)

    def is_right(self, scores: np.ndarray, gate: np.ndarray) -> np.ndarray:
        """How likely it is that answering the likeliest topic is right."""
        return expit(_signs(scores, gate, self.scale) @ np.array(self.right[:-1]) + self.right[-1])

    def is_outside(self, gate: np.ndarray) -> np.ndarray:
        """How likely it is that the message does not belong here."""
        return expit(gate * self.outside[0] + self.outside[1])

    def stored(self) -> Dict[str, Any]:
        return asdict(self)


def _temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    def loss(log_scale: float) -> float:
        return -log_softmax(scores * np.exp(log_scale), axis=1)[np.arange(len(truth)), truth].mean()

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 4), method="bounded").x))


def _turn(rows: csr_matrix, labels: np.ndarray, train: np.ndarray, test: np.ndarray, c: float, gate_c: float) -> Tuple[Weights, np.ndarray, np.ndarray]:
    weights = fit(rows[train], labels[train], c, gate_c)
    return (weights, *weights.scores(rows[test]))


def learn(rows: csr_matrix, labels: np.ndarray, c: float, gate_c: float, folds: int) -> Tuple[Weights, Sureness, float]:
    """Weights from all sentences; how sure they are, measured on sentences left out in `folds` turns; and the share of those that was right.

    The whole and the turns are learned side by side: together they take most of the time of a training.
    """
    everything, nothing = np.arange(len(labels)), np.arange(0)
    turns = [(everything, nothing), *StratifiedKFold(folds, shuffle=True, random_state=42).split(rows, labels)]
    learned = Parallel(MOST_CORES)(delayed(_turn)(rows, labels, train, test, c, gate_c) for train, test in turns)
    whole = learned[0][0]
    index = {name: number for number, name in enumerate(whole.classes)}
    inside = labels != OUTSIDE
    scores, gate = np.full((len(labels), len(whole.classes)), -9.0), np.zeros(len(labels))
    for (_, test), (weights, here, gate_here) in zip(turns[1:], learned[1:]):
        scores[np.ix_(test, [index[name] for name in weights.classes])] = here
        gate[test] = gate_here
    truth = np.array([index.get(name, -1) for name in labels])
    scale = _temperature(scores[inside], truth[inside])
    hit = scores.argmax(axis=1) == truth
    right = LogisticRegression(max_iter=2000).fit(_signs(scores, gate, scale), hit)
    outside = LogisticRegression(max_iter=2000).fit(gate[:, None], ~inside) if not inside.all() else None
    sureness = Sureness(scale, [*right.coef_[0].tolist(), float(right.intercept_[0])],
                        [float(outside.coef_[0, 0]), float(outside.intercept_[0])] if outside else [0.0, -9.0])
    return whole, sureness, float(hit[inside].mean())
