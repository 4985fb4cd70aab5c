"""A fixed day, the project's catalogue, and copies of knowledge's files that a test may break."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import knowledge
import pytest
import yaml
from knowledge.catalogue import ROOT


class Copy:
    """The files of knowledge in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "knowledge"        # problems name their path from this folder on
        shutil.copytree(ROOT, self.root, ignore=shutil.ignore_patterns("*.py", "__pycache__", "migrations"))

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def append(self, path: str, text: str) -> None:
        self.write(path, (self.root / path).read_text(encoding="utf-8") + text)

    def yaml(self, path: str, change: Callable[[dict], object]) -> None:
        """Lets `change` alter what the YAML file holds."""
        content = yaml.safe_load((self.root / path).read_text(encoding="utf-8"))
        change(content)
        self.write(path, yaml.safe_dump(content, allow_unicode=True, sort_keys=False))

    def article(self, group: str, topic: str, *, details: str | None = None, **front: object) -> None:
        """Puts `front` over the front matter of an article."""
        path = f"articles/{group}/{topic}.md"
        _, head, body = (self.root / path).read_text(encoding="utf-8").split("---\n", 2)
        content = yaml.safe_load(head) | front
        self.write(path, f"---\n{yaml.safe_dump(content, allow_unicode=True, sort_keys=False)}---\n{body if details is None else details}")


@pytest.fixture(scope="session")
def day() -> date:
    return date(2026, 11, 24)


@pytest.fixture(scope="session")
def found() -> knowledge.Catalogue:
    return knowledge.catalogue()


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """One copy for a whole module, which breaks it in many places at once."""
    return Copy(tmp_path_factory.mktemp("copy"))
