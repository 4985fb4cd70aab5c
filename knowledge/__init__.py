"""What is true and who fits. This is the public API of the package; it knows nothing of chat, HTTP or Rasa."""

from knowledge.catalogue import Catalogue, KnowledgeError, Problem, catalogue
from knowledge.clock import now, today
from knowledge.counted import counted, facts_behind
from knowledge.dated import dutch, dutch_date, in_force
from knowledge.pages import Page, StepShown, named_document, page, plan_for, step
from knowledge.queries import Answer, answer, desk_for, follow_up, is_live, reasons, route_items, routes_in_words, title
from knowledge.regions import named_regions
from knowledge.reload import watch
from knowledge.routes import Profile
from knowledge.store import Store, checkpoint, durable, engine, migrate
from knowledge.text import enumerate_dutch
from knowledge.values import MAX_HOURS_WEEK, Hours, experience_years, hours, level, sensible

__all__ = [
    "MAX_HOURS_WEEK", "Answer", "Catalogue", "Hours", "KnowledgeError", "Page", "Problem", "Profile", "StepShown", "Store", "answer", "catalogue", "checkpoint", "counted",
    "desk_for", "durable", "dutch", "dutch_date", "engine", "enumerate_dutch", "experience_years", "facts_behind", "follow_up", "hours", "in_force", "is_live", "level", "migrate", "named_document",
    "named_regions", "now", "page", "plan_for", "reasons", "route_items", "routes_in_words", "sensible", "step", "title", "today", "watch",
]
