"""All files of knowledge, loaded strictly once. Errors are collected, so that an editor sees them all at once."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from knowledge.schema import Article, Aspect, Desk, Fact, Level, Occupation, Parameter, Route, Task, Topic

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


@dataclass
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

    def article(self, path: Path) -> Article | None:
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
        return self.parse(path, Article, {**front, "details": match["body"].strip()})


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
    for path in sorted((root / "routes").glob("*.yml")):
        raw = reader.yaml(path)
        route = reader.parse(path, Route, raw) if raw is not None else None
        if route:
            reader.unique(path, (route,), found.routes)
            if path.stem != route.id.replace("-", "_"):
                reader.problem(path, f"heet niet naar zijn id {route.id}")
    for path in sorted((root / "articles").glob("*/*.md")):
        article = reader.article(path)
        if article:
            reader.unique(path, (article,), found.articles)
            if path.stem != article.id:
                reader.problem(path, f"heet niet naar zijn id {article.id}")
            topic = found.topics.get(article.id)
            if topic and topic.group != path.parent.name:
                reader.problem(path, f"staat niet in de map van zijn groep {topic.group}")
    found.problems = reader.problems
    return found


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The project's catalogue, loaded once for this process. Raises KnowledgeError where a file is wrong."""
    found = load()
    if found.problems:
        raise KnowledgeError(found.problems)
    return found
