"""Rasa's CRF and its word lists, taught by the sentences that hold facts: the other thousands would only cost minutes."""

from __future__ import annotations

from typing import List

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.extractors.crf_entity_extractor import CRFEntityExtractor
from rasa.nlu.featurizers.sparse_featurizer.regex_featurizer import RegexFeaturizer
from rasa.shared.nlu.constants import ENTITIES, METADATA
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

HAND = "feiten"         # who wrote sentences about facts, those that look like facts and are none among them (nlu/feiten.yml)


def about_facts(training_data: TrainingData) -> List[Message]:
    """The sentences that hold facts, and those that were written to show what is none."""
    return [message for message in training_data.training_examples
            if message.get(ENTITIES) or ((message.get(METADATA) or {}).get("intent") or {}).get("hand") == HAND]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class FactWords(RegexFeaturizer):
    """Same as RegexFeaturizer; of the training data it marks only what the CRF will read."""

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(about_facts(training_data))
        return training_data


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class EntitySentencesCRF(CRFEntityExtractor):
    """Same as CRFEntityExtractor, on a part of the training data."""

    def train(self, training_data: TrainingData) -> Resource:
        return super().train(TrainingData(about_facts(training_data)))
