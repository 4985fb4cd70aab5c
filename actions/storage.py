"""The one connection of this process to knowledge's database."""

import os
from functools import lru_cache

import knowledge


@lru_cache(maxsize=1)
def store() -> knowledge.Store:
    """Opens the database named by LESBRUG_KNOWLEDGE_URL, which the supervisor sets."""
    return knowledge.Store(os.environ["LESBRUG_KNOWLEDGE_URL"])
