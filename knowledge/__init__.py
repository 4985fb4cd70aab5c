"""What is true and who fits. This is the public API of the package; it knows nothing of chat, HTTP or Rasa."""

from knowledge.catalogue import Catalogue, KnowledgeError, Problem, catalogue
from knowledge.clock import now, today
from knowledge.dated import dutch, dutch_date
from knowledge.queries import Answer, answer, desk_for, enumerate_dutch, follow_up, is_live, reasons, route_items, routes_in_words, title
from knowledge.routes import Profile
from knowledge.store import Store, checkpoint, durable, engine, migrate
from knowledge.values import MAX_HOURS_WEEK, Hours, experience_years, hours, level, sensible

__all__ = [
    "MAX_HOURS_WEEK", "Answer", "Catalogue", "Hours", "KnowledgeError", "Problem", "Profile", "Store", "answer", "catalogue", "checkpoint",
    "desk_for", "durable", "dutch", "dutch_date", "engine", "enumerate_dutch", "experience_years", "follow_up", "hours", "is_live", "level", "migrate", "now", "reasons",
    "route_items", "routes_in_words", "sensible", "title", "today",
]
