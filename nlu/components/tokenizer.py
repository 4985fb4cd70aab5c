"""spaCy's rules for Dutch words, without a model to download."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Text

import spacy
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message


_TAIL = re.compile(r"(?<=\w)-(?=(?:diploma|opleiding|school|klas|docent|niveau|getuigschrift|les|student|leerling)\w*$)", re.I)

_BETWEEN = re.compile(r"(?<=\w)/(?=\w)|(?<=\d)(?=(?:u|uur|uurtjes|jr|jaar|dgn|dagen|dag|h|fte|mnd)(?:$|/))", re.I)


def _pieces(word: str, start: int) -> List[Token]:
    """`hbo-diploma` is a level and a thing, and only the level is a fact: three tokens. So is `lasser/lts`; `16u` is a number and its unit."""
    cuts = sorted({0, len(word), *(edge for pattern in (_TAIL, _BETWEEN) for found in pattern.finditer(word) for edge in found.span())})
    return [Token(word[begin:end], start + begin) for begin, end in zip(cuts, cuts[1:])]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class DutchTokenizer(Tokenizer):
    """Tokens of `spacy.blank("nl")`: `zo'n` and `mbo'er` stay one word, punctuation comes off."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None, "prefix_separator_symbol": None}

    def __init__(self, config: Dict[Text, Any]) -> None:
        super().__init__(config)
        self._nlp = spacy.blank("nl")

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> DutchTokenizer:
        return cls(config)

    @staticmethod
    def required_packages() -> List[Text]:
        return ["spacy"]

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        text = message.get(attribute)
        tokens = [piece for token in self._nlp.make_doc(text) if not token.is_space for piece in _pieces(token.text, token.idx)]
        return self._apply_token_pattern(tokens)
