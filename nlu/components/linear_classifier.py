"""A linear classifier on letters, stems and concepts, with honest confidences (docs/adr/0003-classificatie.md)."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
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

from nlu.components.features import Features
from nlu.components.normalizer import ABBREVIATIONS, NORMALIZED, normalize
from nlu.components.questions import split
from nlu.components.sureness import OUTSIDE, Sureness, Weights, learn

logger = logging.getLogger(__name__)

QUESTIONS = "vragen"        # message property with the separate questions, where there are two or more
BUTTON_PREFIX = "/"
FEWEST_LETTERS = 2


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearNgramClassifier(IntentClassifier, GraphComponent):
    """Sets `intent`, `intent_ranking`, and `QUESTIONS` where a message asks two things."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            "C": 0.5,
            "gate_C": 0.3,
            "features": {"chars": 1.0, "stems": 1.0, "concepts": 0.7},     # each part and its weight
            "calibration_folds": 3,
            "ranking_length": 5,        # kept in every event: short keeps a long conversation fast
            "split_confidence": 0.5,    # two questions only where both are this sure
            "outside_at": 0.7,          # as likely as this not to belong here: nothing is offered either
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
        texts, labels = [text for text, _ in examples], np.array([label for _, label in examples])
        self._features = Features(self.config["features"])
        rows = self._features.fit(texts)
        weights, self._sureness, right = learn(rows, labels, self.config["C"], self.config["gate_C"], self.config["calibration_folds"])
        self._weights = replace(weights, topics=np.ascontiguousarray(weights.topics, dtype=np.float16))     # a row a feature, to read only those of a text
        logger.info("share right on sentences that were not trained on: %.3f", right)
        self._persist()
        return self._resource

    def _scores(self, texts: List[str]) -> Tuple[np.ndarray, np.ndarray]:
        weights = self._weights
        scores, gate = np.tile(weights.topic_bias, (len(texts), 1)), np.full(len(texts), weights.gate_bias)
        for number, text in enumerate(texts):
            columns, values = self._features.row(text)
            scores[number] += values @ weights.topics[columns].astype(np.float32)
            gate[number] += values @ weights.gate[columns]
        return scores, gate

    def process(self, messages: List[Message]) -> List[Message]:
        if self._features is None:
            return messages
        for message in messages:
            if message.get(INTENT):     # a button: its intent is known already
                continue
            parts = split(message.get(TEXT) or "")
            texts = [message.get(NORMALIZED)] + ([normalize(part, self._abbreviations) for part in parts] if len(parts) > 1 else [])
            scores, gate = self._scores(texts)
            sure = self._sureness.is_right(scores, gate)
            wordless = sum(map(str.isalpha, message.get(TEXT) or "")) < FEWEST_LETTERS         # one letter, signs, emoji: no question
            intent, ranking = self._ranked(scores[:1], 0.0 if wordless else sure[0], 1.0 if wordless else self._sureness.is_outside(gate[:1])[0])
            message.set(INTENT, intent, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            self._set_questions(message, parts, scores[1:], sure[1:])
        return messages

    def _ranked(self, scores: np.ndarray, sure: float, outside: float) -> Tuple[Dict[str, Any], List[Dict[str, Any]]]:
        """The intent with how sure it is right, and the topics with how likely each is: two different questions."""
        chances = self._sureness.chances(scores)[0]
        best = np.argsort(-chances)[: self.config["ranking_length"]]
        ranking = [{"name": self._weights.classes[number], "confidence": round(float(chances[number]), 4)} for number in best]
        if outside >= max(sure, self.config["outside_at"]):
            first = {"name": OUTSIDE, "confidence": round(float(outside), 4)}
            return first, [first, *ranking[:-1]]
        first = {"name": ranking[0]["name"], "confidence": round(float(sure), 4)}
        return first, ranking

    def _set_questions(self, message: Message, parts: List[str], scores: np.ndarray, sure: np.ndarray) -> None:
        questions: Dict[str, Dict[str, Any]] = {}
        for part, row, certain in zip(parts, scores, sure):
            name = self._weights.classes[int(row.argmax())]
            if certain >= self.config["split_confidence"] and name not in self.config["not_questions"]:
                questions.setdefault(name, {"text": part, "name": name, "confidence": round(float(certain), 4)})
        if len(questions) > 1:
            message.set(QUESTIONS, list(questions.values()), add_to_output=True)
            first = next(iter(questions.values()))      # the rules follow the first; the action answers them all
            message.set(INTENT, {"name": first["name"], "confidence": first["confidence"]}, add_to_output=True)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data        # nothing later in the pipeline reads intents of training sentences

    def _persist(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            weights = self._weights
            np.savez(folder / "weights.npz", topics=weights.topics, topic_bias=weights.topic_bias, gate=weights.gate, **dict(self._features.idf()))
            meta = {"classes": weights.classes, "gate_bias": weights.gate_bias, "sureness": self._sureness.stored(),
                    "vocabularies": self._features.vocabularies()}
            (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")

    @classmethod
    def load(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **kwargs: Any
    ) -> LinearNgramClassifier:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            stored = np.load(folder / "weights.npz")        # arrays and JSON only: a model file of this component runs no code
            meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
            vocabularies = meta["vocabularies"]
            component._features = Features(component.config["features"], vocabularies, {name: stored[name] for name in vocabularies})
            component._weights = Weights(meta["classes"], stored["topics"], stored["topic_bias"], stored["gate"].astype(np.float32), meta["gate_bias"])
            component._sureness = Sureness(**meta["sureness"])
        component._abbreviations = yaml.safe_load(ABBREVIATIONS.read_text(encoding="utf-8"))
        return component
