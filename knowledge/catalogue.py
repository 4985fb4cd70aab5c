"""All files of knowledge, loaded strictly once. Errors are collected, so that an editor sees them all at once."""

import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from knowledge.places import Places, read_places
from knowledge.schema import (
    Article, Aspect, Branch, Desk, Document, Example, Fact, Level, Occupation, Parameter, Plan, Region, Route, Scheme, Task, Term, Topic)

ROOT = Path(__file__).resolve().parent
_T = TypeVar("_T")
_FRONT_MATTER = re.compile(r"\A---\n(?P<front>.*?)\n---\n(?P<body>.*)\Z", re.S)


@dataclass(frozen=True)
class Problem:
    path: str
    message: str

    def __str__(self) -> str:
        return f"[ERROR] {self.path}: {self.message}"


class KnowledgeError(Exception):
    """The files do not hold together; `problems` says where."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class _Loader(yaml.CSafeLoader):
    """Refuses a key that stands twice, which YAML lets the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {str(key) for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"sleutel staat er twee keer: {', '.join(twice)}", node.start_mark)
        return super().construct_mapping(node, deep)


@dataclass(eq=False)        # two are never compared, and one can be the key of a cache
class Catalogue:
    topics: dict[str, Topic] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    desks: dict[str, Desk] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    articles: dict[str, Article] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    aspects: dict[str, Aspect] = field(default_factory=dict)
    levels: dict[str, Level] = field(default_factory=dict)
    occupations: dict[str, Occupation] = field(default_factory=dict)
    schemes: dict[str, Scheme] = field(default_factory=dict)
    branches: dict[str, Branch] = field(default_factory=dict)
    examples: dict[str, Example] = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    terms: tuple[Term, ...] = ()
    synonyms: tuple[tuple[str, ...], ...] = ()
    places: Places = field(default_factory=Places)
    problems: list[Problem] = field(default_factory=list)


def read_yaml(path: Path) -> object:
    """The file's content. Raises yaml.YAMLError, also for a key that stands twice."""
    return yaml.load(path.read_text(encoding="utf-8"), _Loader)


class _Reader:
    def __init__(self, root: Path) -> None:
        self.root, self.problems = root, []

    def problem(self, path: Path, message: str) -> None:
        self.problems.append(Problem(path.relative_to(self.root.parent).as_posix(), message))

    def parse(self, path: Path, kind: type[_T], raw: object) -> _T | None:
        try:
            return TypeAdapter(kind).validate_python(raw)
        except ValidationError as error:
            for item in error.errors():
                where = ".".join(map(str, item["loc"]))
                self.problem(path, f"{where}: {item['msg']}" if where else item["msg"])
        return None

    def yaml(self, path: Path) -> object:
        try:
            raw = read_yaml(path)
        except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
            self.problem(path, " ".join(str(error).split()))
            return None
        if raw is None:
            self.problem(path, "is leeg")
        return raw

    def file(self, name: str, kind: type[_T], default: _T) -> _T:
        path = self.root / name
        raw = self.yaml(path)
        parsed = self.parse(path, kind, raw) if raw is not None else None
        return default if parsed is None else parsed

    def unique(self, path: Path, items: tuple, into: dict) -> None:
        for item in items:
            if item.id in into:
                self.problem(path, f"id staat er twee keer: {item.id}")
            into[item.id] = item

    def own_file(self, path: Path, item: object, into: dict, name: str) -> None:
        """An item in a file of its own, which must have this name."""
        self.unique(path, (item,), into)
        if path.stem != name:
            self.problem(path, f"heet niet naar zijn id {item.id}")

    def page(self, path: Path, kind: type[_T], body: str) -> _T | None:
        """A Markdown file with front matter; its text becomes the field `body`."""
        match = _FRONT_MATTER.match(path.read_text(encoding="utf-8"))
        if not match:
            self.problem(path, "begint niet met een kop tussen twee regels ---")
            return None
        try:
            front = yaml.load(match["front"], _Loader)
        except yaml.YAMLError as error:
            self.problem(path, " ".join(str(error).split()))
            return None
        if not isinstance(front, dict):
            self.problem(path, "de kop is leeg")
            return None
        return self.parse(path, kind, {**front, body: match["body"].strip()})

    def places(self, path: Path) -> Places:
        try:
            return read_places(path)
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.problem(path, f"is niet te lezen: {error}")
            return Places()

    def folder(self, name: str, kind: type[_T], into: dict) -> None:
        """One item a file, named after its id (with underscores for routes)."""
        for path in sorted((self.root / name).glob("*.yml")):
            raw = self.yaml(path)
            item = self.parse(path, kind, raw) if raw is not None else None
            if item:
                self.own_file(path, item, into, item.id.replace("-", "_") if kind is Route else item.id)


@dataclass(frozen=True)
class _TopicsFile:
    topics: tuple[Topic, ...]
    tasks: tuple[Task, ...]


def load(root: Path = ROOT) -> Catalogue:
    """Reads everything below `root`; what was wrong stands in `problems`, what was right is there all the same."""
    reader, found = _Reader(root), Catalogue()
    lists = reader.file("topics.yml", _TopicsFile, _TopicsFile((), ()))
    reader.unique(root / "topics.yml", lists.topics, found.topics)
    reader.unique(root / "topics.yml", lists.tasks, found.tasks)
    reader.unique(root / "desks.yml", reader.file("desks.yml", tuple[Desk, ...], ()), found.desks)
    reader.unique(root / "levels.yml", reader.file("levels.yml", tuple[Level, ...], ()), found.levels)
    reader.unique(root / "occupations.yml", reader.file("occupations.yml", tuple[Occupation, ...], ()), found.occupations)
    found.aspects = reader.file("follow_ups.yml", dict[str, Aspect], {})
    for path in sorted((root / "facts").glob("*.yml")):
        reader.unique(path, reader.file(f"facts/{path.name}", tuple[Fact, ...], ()), found.facts)
    for path in sorted((root / "parameters").glob("*/*.yml")):
        raw = reader.yaml(path)
        parameter = reader.parse(path, Parameter, raw) if raw is not None else None
        if parameter:
            found.parameters[f"{path.parent.name}.{path.stem}"] = parameter
    for name, kind, into in (("routes", Route, found.routes), ("schemes", Scheme, found.schemes), ("examples", Example, found.examples),
                             ("plans", Plan, found.plans)):
        reader.folder(name, kind, into)
    reader.unique(root / "branches.yml", reader.file("branches.yml", tuple[Branch, ...], ()), found.branches)
    reader.unique(root / "regions.yml", reader.file("regions.yml", tuple[Region, ...], ()), found.regions)
    found.synonyms = reader.file("synonyms.yml", tuple[tuple[str, ...], ...], ())
    found.terms = reader.file("glossary.yml", tuple[Term, ...], ())
    found.places = reader.places(root / "places.json")
    for path in sorted((root / "documents").glob("*.md")):
        document = reader.page(path, Document, "template")
        if document:
            reader.own_file(path, document, found.documents, document.id)
    for path in sorted((root / "articles").glob("*/*.md")):
        article = reader.page(path, Article, "details")
        if article:
            reader.own_file(path, article, found.articles, article.id)
            topic = found.topics.get(article.id)
            if topic and topic.group != path.parent.name:
                reader.problem(path, f"staat niet in de map van zijn groep {topic.group}")
    found.problems = reader.problems
    return found


class _Current:
    """The catalogue of this process."""

    def __init__(self) -> None:
        self.found: Catalogue | None = None
        self.lock = threading.Lock()


_current = _Current()


def catalogue() -> Catalogue:
    """The project's catalogue, loaded once for this process. Raises KnowledgeError where a file is wrong."""
    if _current.found is None:
        with _current.lock:
            if _current.found is None:
                found = load()
                if found.problems:
                    raise KnowledgeError(found.problems)
                _current.found = found
    return _current.found


def replace(found: Catalogue) -> None:
    """From now on this is the catalogue of the process."""
    _current.found = found
