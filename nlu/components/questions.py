"""Where one message holds two questions: `hoe lang duurt het pdg en wie betaalt dat?`"""

import re
from typing import List

_OPENERS = (
    "wie|wat|waar|waarom|wanneer|welk|welke|hoe|hoeveel|hoelang|moet|moeten|mag|mogen|kan|kun|kunnen|krijg|krijgen|is|zijn|bestaat|heb|hebben|"
    "betaal|betaalt|geldt|duurt|kost"
)
_BOUNDARY = re.compile(rf"(?:[?!.\n;]+\s*(?:en |of |ook |maar |dan )*|,?\s+(?:en|maar|of|plus)\s+(?:ook\s+)?)(?=(?:{_OPENERS})\b)", re.I)


def split(text: str) -> List[str]:
    """The parts of `text` that may each be a question; one part where it is one question."""
    parts = [part.strip(" ,") for part in _BOUNDARY.split(text)]
    return [part for part in parts if len(part.split()) >= 2]
