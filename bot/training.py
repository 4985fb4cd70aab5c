"""The model: made anew only when what it learns from has changed, and never taken unless it is the file that was made."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import knowledge
import yaml

from bot.settings import ROOT, Settings

LEARNS_FROM = ("config.yml", "bot/domain/*.yml", "nlu/*.yml", "nlu/woorden/*.yml", "nlu/components/*.py", "stories/*.yml", "requirements.txt")
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "PYTHONWARNINGS": "ignore",
         "OMP_NUM_THREADS": "1", "RASA_MAX_CACHE_SIZE": "0"}       # the model is cached by content, whole
_STEP = re.compile(r"Starting to train component '(?P<name>\w+)'")


class TrainingFailed(Exception):
    """`rasa train` gave up; the log tells why."""


def lookups() -> str:
    """The names that knowledge has, as Rasa lookup tables: NLU finds the word, knowledge gives it its value.

    The longest come first: of `mbo` and `mbo 4` the first that fits is taken.
    """
    found = knowledge.catalogue()
    names = {
        "opleidingsniveau": {name for level in found.levels.values() for name in level.names},
        "beroep": {name for occupation in found.occupations.values() for name in occupation.names},
        "vak": {subject for occupation in found.occupations.values() for subject in occupation.subjects},
    }
    tables = [{"lookup": entity, "examples": "".join(f"- {name}\n" for name in sorted(words, key=lambda name: (-len(name), name)))}
              for entity, words in names.items()]
    return yaml.safe_dump({"version": "3.1", "nlu": tables}, allow_unicode=True, sort_keys=False)


def fingerprint() -> str:
    """Changes when, and only when, something changes that the model learns from."""
    digest = hashlib.sha256(lookups().encode())
    for pattern in LEARNS_FROM:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:20]


def _paths(settings: Settings) -> tuple[Path, Path]:
    model = settings.models_folder / f"{fingerprint()}.tar.gz"
    return model, model.with_suffix(".json")


def trained(settings: Settings) -> Path | None:
    """The model for the data as it is now, None where it must be trained or the file is not the one that was made."""
    model, manifest = _paths(settings)
    if not (model.is_file() and manifest.is_file()):
        return None
    return model if json.loads(manifest.read_text())["sha256"] == _sha256(model) else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def train(settings: Settings, step: Callable[[str], None]) -> Path:
    """Trains and gives the model's path; `step` hears the name of each component that begins. Raises TrainingFailed."""
    model, manifest = _paths(settings)
    folder = settings.models_folder
    generated = folder / "generated"
    generated.mkdir(parents=True, exist_ok=True)
    (generated / "lookups.yml").write_text(lookups(), encoding="utf-8")
    log = folder / "train.log"
    command = [sys.executable, "-m", "rasa", "train", "--config", "config.yml", "--domain", "bot/domain", "--data", "nlu", "stories", str(generated),
               "--out", str(folder), "--skip-validation", "--fixed-model-name", f"{model.name.removesuffix('.tar.gz')}-new"]
    with log.open("w", encoding="utf-8") as out, subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=_environment()) as process:
        for line in process.stdout or ():
            out.write(line)
            if match := _STEP.search(line):
                step(match["name"])
    made = folder / f"{model.name.removesuffix('.tar.gz')}-new.tar.gz"
    if process.returncode != 0 or not made.is_file():
        raise TrainingFailed(f"het trainen is mislukt; zie {log}")
    made.replace(model)
    manifest.write_text(json.dumps({"sha256": _sha256(model)}))
    for old in folder.glob("*.tar.gz"):
        if old != model:
            old.unlink()
            old.with_suffix(".json").unlink(missing_ok=True)
    return model


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, **QUIET}
