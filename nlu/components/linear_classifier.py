"""A linear classifier on character n-grams and words, with calibrated confidences (docs/adr/0003-classificatie.md)."""

from __future__ import annotations

import json
import logging
from collections import Counter
from typing import Any, Dict, List, Optional, Text, Tuple

import numpy as np
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, hstack
from scipy.special import log_softmax, softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from nlu.components.normalizer import ABBREVIATIONS, NORMALIZED, normalize
from nlu.components.questions import split

logger = logging.getLogger(__name__)

QUESTIONS = "vragen"        # message property with the separate questions, where there are two or more
BUTTON_PREFIX = "/"


class Features:
    """Text → sparse row: character n-grams within words, and words with their neighbours."""

    _KINDS = {
        "chars": {"analyzer": "char_wb", "ngram_range": (2, 5), "min_df": 2},
        "words": {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"\w+|\?"},
    }

    def __init__(self, vocabularies: Optional[Dict[str, List[str]]] = None, idf: Optional[Dict[str, np.ndarray]] = None) -> None:
        self._parts = {name: TfidfVectorizer(**kind, sublinear_tf=True, dtype=np.float32, vocabulary=(vocabularies or {}).get(name))
                       for name, kind in self._KINDS.items()}
        for name, values in (idf or {}).items():
            self._parts[name].idf_ = values
        self._read: List[Tuple[Any, Dict[str, int], np.ndarray]] = []

    def fit(self, texts: List[str]) -> csr_matrix:
        return hstack([part.fit_transform(texts) for part in self._parts.values()], format="csr")

    def row(self, text: str) -> Tuple[np.ndarray, np.ndarray]:
        """(columns, values) of one text: what scikit-learn's transform gives, without its checks, which cost more than the work."""
        columns, values, start = [], [], 0
        for analyze, vocabulary, idf in self._readers():
            counts = Counter(vocabulary[gram] for gram in analyze(text) if gram in vocabulary)
            if counts:
                here = np.fromiter(counts.keys(), np.int64, len(counts))
                weighed = (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))) * idf[here]
                columns.append(here + start)
                values.append(weighed / np.linalg.norm(weighed))
            start += len(vocabulary)
        return (np.concatenate(columns), np.concatenate(values)) if columns else (np.empty(0, np.int64), np.empty(0, np.float32))

    def _readers(self) -> List[Tuple[Any, Dict[str, int], np.ndarray]]:
        if not self._read:
            for part in self._parts.values():
                part._validate_vocabulary()
                self._read.append((part.build_analyzer(), part.vocabulary_, part.idf_.astype(np.float32)))
        return self._read

    def vocabularies(self) -> Dict[str, List[str]]:
        """Per part the n-grams in the order of their columns."""
        return {name: sorted(part.vocabulary_, key=part.vocabulary_.get) for name, part in self._parts.items()}

    def idf(self) -> Dict[str, np.ndarray]:
        return {name: part.idf_ for name, part in self._parts.items()}


def fit_classes(rows: csr_matrix, labels: List[str], c: float) -> Tuple[np.ndarray, np.ndarray, List[str]]:
    """One-vs-rest hinge by liblinear: coefficients (features × classes), intercepts, class names."""
    model = LinearSVC(C=c, class_weight="balanced", random_state=42, max_iter=2000).fit(rows, labels)
    if len(model.classes_) == 2:    # liblinear keeps one row for two classes
        return np.vstack([-model.coef_[0], model.coef_[0]]).T, np.array([-model.intercept_[0], model.intercept_[0]]), list(model.classes_)
    return model.coef_.T, model.intercept_, list(model.classes_)


def temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    """What to multiply scores by, so that softmax gives honest chances; measured on sentences that were not trained on."""

    def loss(log_scale: float) -> float:
        return -log_softmax(scores * np.exp(log_scale), axis=1)[np.arange(len(truth)), truth].mean()

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 4), method="bounded").x))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearNgramClassifier(IntentClassifier, GraphComponent):
    """Sets `intent`, `intent_ranking`, and `QUESTIONS` where a message asks two things."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            "C": 0.5,
            "calibration_folds": 3,
            "ranking_length": 5,        # kept in every event: short keeps a long conversation fast
            "split_confidence": 0.6,    # two questions only where both are this sure
            "not_questions": [],
        }

    @staticmethod
    def required_packages() -> List[Text]:
        return ["sklearn"]

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> LinearNgramClassifier:
        return cls(config, model_storage, resource)

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self.config = {**self.get_default_config(), **config}
        self._storage, self._resource = model_storage, resource
        self._features: Optional[Features] = None
        self._abbreviations: Dict[str, str] = {}

    def train(self, training_data: TrainingData) -> Resource:
        examples = [(message.get(NORMALIZED), message.get(INTENT)) for message in training_data.intent_examples
                    if message.get(TEXT) and not message.get(TEXT).startswith(BUTTON_PREFIX)]
        texts, labels = [text for text, _ in examples], [label for _, label in examples]
        self._features = Features()
        rows = self._features.fit(texts)
        self._coefficients, self._intercepts, self._classes = fit_classes(rows, labels, self.config["C"])
        self._coefficients = np.ascontiguousarray(self._coefficients, dtype=np.float16)    # a row a feature, to read only those of a text
        self._scale = self._calibrate(rows, labels)
        self._persist()
        return self._resource

    def _calibrate(self, rows: csr_matrix, labels: List[str]) -> float:
        folds = self.config["calibration_folds"]
        index = {name: number for number, name in enumerate(self._classes)}
        truth = np.array([index[label] for label in labels])
        if min(np.bincount(truth)) < folds:
            return 1.0
        scores = np.zeros((len(labels), len(self._classes)))
        for train, test in StratifiedKFold(folds, shuffle=True, random_state=42).split(rows, truth):
            coefficients, intercepts, names = fit_classes(rows[train], [labels[number] for number in train], self.config["C"])
            scores[np.ix_(test, [index[name] for name in names])] = rows[test] @ coefficients + intercepts
        logger.info("share right on sentences that were not trained on: %.3f", (scores.argmax(1) == truth).mean())
        return temperature(scores, truth)

    def _chances(self, texts: List[str]) -> np.ndarray:
        scores = np.tile(self._intercepts, (len(texts), 1))
        for number, text in enumerate(texts):
            columns, values = self._features.row(text)
            scores[number] += values @ self._coefficients[columns].astype(np.float32)
        return softmax(scores * self._scale, axis=1)

    def process(self, messages: List[Message]) -> List[Message]:
        if self._features is None:
            return messages
        for message in messages:
            if message.get(INTENT):     # a button: its intent is known already
                continue
            parts = split(message.get(TEXT) or "")
            texts = [message.get(NORMALIZED)] + ([normalize(part, self._abbreviations) for part in parts] if len(parts) > 1 else [])
            chances = self._chances(texts)
            best = np.argsort(-chances[0])[: self.config["ranking_length"]]
            ranking = [{"name": self._classes[number], "confidence": round(float(chances[0][number]), 4)} for number in best]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            self._set_questions(message, parts, chances[1:])
        return messages

    def _set_questions(self, message: Message, parts: List[str], chances: np.ndarray) -> None:
        questions: Dict[str, Dict[str, Any]] = {}
        for part, row in zip(parts, chances):
            number = int(row.argmax())
            name = self._classes[number]
            if row[number] >= self.config["split_confidence"] and name not in self.config["not_questions"]:
                questions.setdefault(name, {"text": part, "name": name, "confidence": round(float(row[number]), 4)})
        if len(questions) > 1:
            message.set(QUESTIONS, list(questions.values()), add_to_output=True)
            first = next(iter(questions.values()))      # the rules follow the first; the action answers them all
            message.set(INTENT, {"name": first["name"], "confidence": first["confidence"]}, add_to_output=True)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data        # nothing later in the pipeline reads intents of training sentences

    def _persist(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            np.savez(folder / "weights.npz", coefficients=self._coefficients, intercepts=self._intercepts, **self._features.idf())
            meta = {"classes": self._classes, "scale": self._scale, "vocabularies": self._features.vocabularies()}
            (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")

    @classmethod
    def load(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **kwargs: Any
    ) -> LinearNgramClassifier:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            weights = np.load(folder / "weights.npz")       # arrays and JSON only: a model file of this component runs no code
            meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
            vocabularies = meta["vocabularies"]
            component._features = Features(vocabularies, {name: weights[name] for name in vocabularies})
            component._coefficients, component._intercepts = weights["coefficients"], weights["intercepts"]
            component._classes, component._scale = meta["classes"], meta["scale"]
        component._abbreviations = yaml.safe_load(ABBREVIATIONS.read_text(encoding="utf-8"))
        return component
