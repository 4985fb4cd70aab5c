"""Dutch as people type it, brought to one form for the classifier; the text itself stays as it is for the entities."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any, Dict, List, Text

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

NORMALIZED = "lesbrug_normalized"       # the message property that the classifier reads
ABBREVIATIONS = Path(__file__).resolve().parents[1] / "woorden" / "afkortingen.yml"

_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_SHORTENED = {"'t": "het", "'n": "een", "z'n": "zijn", "m'n": "mijn", "d'n": "den", "zo'n": "zon"}
_APOSTROPHE = re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(short) for short in _SHORTENED)})(?!\w)")
_WORD = re.compile(r"\w+|[^\w\s]")


def normalize(text: str, abbreviations: Dict[str, str]) -> str:
    """`Hoelang duurt t PDG nou???` → `hoelang duurt het pdg nou ?`: lower case, no accents, abbreviations written out."""
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = plain.replace("’", "'")
    plain = _APOSTROPHE.sub(lambda found: _SHORTENED[found[0]], plain).replace("'", "")
    plain = _REPEATED.sub(lambda found: found[0] if found[0] == "www" else found[1] * 2, plain)
    words = [abbreviations.get(word, word) for word in _WORD.findall(plain)]
    return re.sub(r"([?!.,])( \1)+", r"\1", " ".join(words))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class DutchNormalizer(GraphComponent):
    """Sets `NORMALIZED` on every message."""

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> DutchNormalizer:
        return cls()

    def __init__(self) -> None:
        self._abbreviations: Dict[str, str] = yaml.safe_load(ABBREVIATIONS.read_text(encoding="utf-8"))

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            message.set(NORMALIZED, normalize(message.get(TEXT) or "", self._abbreviations))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data
