"""Where a place lies: places, municipalities and nicknames out of knowledge/places.json (GeoNames, CC BY 4.0)."""

import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """`lat` and `lon` in degrees; `municipality` is its name, None for a neighbourhood that is in none of the list."""

    name: str
    lat: float
    lon: float
    municipality: str | None


@dataclass(frozen=True)
class Places:
    """`municipalities`: code → name; `aliases`: nickname → place; `common`: names that are common words too, in lower case."""

    places: tuple[Place, ...] = ()
    municipalities: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    common: frozenset[str] = frozenset()


def read_places(path: Path) -> Places:
    """Raises OSError, ValueError, KeyError or TypeError for a file that is no such list."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    municipalities = {code: name.removeprefix("Gemeente ") for code, name in raw["municipalities"]}
    places = tuple(Place(name, float(lat), float(lon), municipalities.get(f"{province}.{code}")) for name, lat, lon, province, code in raw["places"])
    return Places(places, municipalities, dict(raw["aliases"]), frozenset(raw["common"]))
