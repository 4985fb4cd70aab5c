"""`./lesbrug …`: the commands. Without one it starts everything."""

import difflib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Annotated

import httpx
import knowledge
import typer
from knowledge.check import check as check_knowledge
from knowledge.check import due
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot import checks, supervisor, training
from bot.gateway.store import MIGRATIONS, Store
from bot.settings import ROOT, Settings, SettingsError, load

app = typer.Typer(help="Lesbrug: de Nederlandse assistent die bedrijven, vakmensen en scholen bij elkaar brengt.", no_args_is_help=False,
                  add_completion=False, pretty_exceptions_enable=False)
editors = typer.Typer(help="Voor redacteuren: wat moet nagekeken worden, wat gold wanneer, en waar komt het vandaan.", no_args_is_help=True)
app.add_typer(editors, name="knowledge")
console = Console()
READY_SECONDS = 180


def _fail(line: str, code: int = 1) -> typer.Exit:
    console.print(line, style="red", highlight=False, soft_wrap=True)
    return typer.Exit(code)


def _settings() -> Settings:
    try:
        settings = load()
    except SettingsError as error:
        raise _fail(str(error), 2) from None
    if settings.now:
        os.environ.setdefault("LESBRUG_NOW", settings.now)      # from .env: the clock reads the environment
    return settings


@contextmanager
def _progress(text: str) -> Iterator[object]:
    """A line that moves while something takes long; it says when it is done."""
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=20), TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task(text, total=None)
        yield lambda told: progress.update(task, description=f"{text}: {told}")
        progress.update(task, total=1, completed=1, description=f"{text}: klaar")


@app.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        start()


@app.command()
def start() -> None:
    """Start alles: het model, de antwoorden, de webpagina, en Telegram als er een token is. Ctrl-C stopt alles."""
    settings = _settings()
    try:
        with supervisor.only_one(settings.home):
            _run(settings)
    except supervisor.AlreadyRunning as error:
        raise _fail(f"Lesbrug draait al{f' op {error}' if str(error) else ''}. Stop die eerst, of kies een andere LESBRUG_HOME en LESBRUG_PORT.") from None
    except supervisor.PortTaken as error:
        raise _fail(str(error), 2) from None


def _run(settings: Settings) -> None:
    supervisor.check_ports(settings)
    _check_or_stop()
    model = _model(settings)
    prepare_databases(settings)
    supervisor.write_address(settings.home, supervisor.address(settings))
    running = supervisor.Supervisor(settings, model)
    stop = _on_signals()
    try:
        running.start_all()
        with _progress("Starten") as told:
            while (waiting := running.not_ready()) != [] and not stop:
                told(", ".join(waiting) if waiting else "web")
                running.tick(lambda line: console.print(line, style="yellow"))
                if time.monotonic() - running.parts[0].started_at > READY_SECONDS and not any(part.restarts for part in running.parts):
                    raise _fail(f"Lesbrug kwam niet op gang; zie {settings.home / 'log'}")
                time.sleep(0.3)
        if not stop:
            telegram = "aan" if settings.telegram_token else "uit (geen LESBRUG_TELEGRAM_TOKEN)"
            console.print(f"\nLesbrug draait: [bold]{supervisor.address(settings)}[/bold]   Telegram: {telegram}\nStoppen: Ctrl-C\n")
        while not stop:
            running.tick(lambda line: console.print(line, style="yellow"))
            time.sleep(0.2)
    finally:
        with _progress("Stoppen"):
            running.stop()


def _on_signals() -> list[int]:
    """A list that fills when somebody asks to stop; empty lists are false."""
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: asked.append(received))
    return asked


def _check_or_stop() -> None:
    problems = check_knowledge()
    if problems:
        for problem in problems[:20]:
            console.print(str(problem), highlight=False, soft_wrap=True, markup=False)
        raise _fail(f"De kennis heeft {len(problems)} fout(en); zie ook ./lesbrug check")


def _model(settings: Settings, *, again: bool = False) -> object:
    model = None if again else training.trained(settings)
    if model is None:
        with _progress("Het model leren") as told:
            try:
                model = training.train(settings, told)
            except training.TrainingFailed as error:
                raise _fail(str(error)) from None
    return model


def prepare_databases(settings: Settings) -> None:
    """Brings the databases to the newest form; refuses a damaged file and a PostgreSQL that may lose what it said to keep."""
    settings.home.mkdir(parents=True, exist_ok=True)
    if settings.database_url:
        _schemas(settings)
    for url, folder in ((settings.knowledge_url, None), (settings.gateway_url, MIGRATIONS)):
        weak = knowledge.durable(made := knowledge.engine(url))
        made.dispose()
        if weak:
            raise _fail(f"LESBRUG_DATABASE_URL: deze PostgreSQL heeft {', '.join(weak)} uit staan; dan kan een bewaard bericht verdwijnen", 2)
        knowledge.migrate(url, folder) if folder else knowledge.migrate(url)
    store = Store(settings.gateway_url)
    damage = store.integrity()
    store.close()
    if damage:
        raise _fail(f"{settings.home / 'gesprekken.db'} is beschadigd ({damage}). Zet een reservekopie terug en start opnieuw.")


def _schemas(settings: Settings) -> None:
    from sqlalchemy import create_engine, text
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import OperationalError

    made = create_engine(make_url(settings.database_url).set(drivername="postgresql+psycopg2"))
    try:
        with made.begin() as connection:
            for name in ("kennis", "gesprekken", "rasa"):
                connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
    except OperationalError:
        raise _fail("LESBRUG_DATABASE_URL: deze database is niet te bereiken of weigert de toegang", 2) from None
    finally:
        made.dispose()


@app.command()
def train(force: Annotated[bool, typer.Option(help="Ook als er niets veranderd is.")] = False) -> None:
    """Leer het model opnieuw, als de zinnen of regels veranderd zijn."""
    settings = _settings()
    console.print(f"Model: {_model(settings, again=force)}", highlight=False, soft_wrap=True)


@app.command()
def check() -> None:
    """Kijk alle bestanden na: kennis, domein, regels en zinnen. Toont [ERROR] pad: melding."""
    problems = check_knowledge() or checks.check()      # the second needs files that the first found whole
    for problem in problems:
        console.print(str(problem), highlight=False, soft_wrap=True, markup=False)
    late = due(knowledge.catalogue(), knowledge.today()) if not problems else []
    for due_on, path in late:
        _line(f"[NAKIJKEN] {path}: nakijken had gemoeten op {knowledge.dutch_date(due_on)}")
    if problems:
        raise typer.Exit(1)
    console.print("Alles klopt.")


@editors.command("due")
def knowledge_due(days: Annotated[int, typer.Option(help="Ook wat binnen zoveel dagen nagekeken moet worden.")] = 0) -> None:
    """Wat opnieuw nagekeken moet worden, het oudste eerst."""
    day = knowledge.today() + timedelta(days=days)
    late = due(_catalogue(), day)
    for due_on, path in late:
        _line(f"{due_on}  knowledge/{path}")
    _line(f"{len(late)} om na te kijken." if late else "Alles is op tijd nagekeken.")


@editors.command("show")
def knowledge_show(parameter: Annotated[str, typer.Argument(help="Bijvoorbeeld zij_instroom.subsidie_per_traject")],
                   on: Annotated[str | None, typer.Option(help="Op welke dag (jjjj-mm-dd); standaard vandaag.")] = None) -> None:
    """De waarde van een parameter op een dag, en hoe zij veranderde."""
    found = _catalogue()
    try:
        day = date.fromisoformat(on) if on else knowledge.today()
    except ValueError:
        raise _fail(f"{on} is geen dag; schrijf bijvoorbeeld 2024-01-31", 2) from None
    if parameter not in found.parameters:
        near = difflib.get_close_matches(parameter, found.parameters, n=3, cutoff=0.5)
        raise _fail(f"Er is geen parameter {parameter}.{f' Bedoel je {knowledge.enumerate_dutch(near)}?' if near else ''}")
    item, now = found.parameters[parameter], knowledge.in_force(found.parameters[parameter], day)
    told = "geldt nog niet" if now is None else "vervallen" if now.value is None else knowledge.dutch(now.value, item.unit)
    _line(f"{parameter} op {day}: {told}   ({item.unit}; nagekeken op {item.checked_on})\n{item.description}")
    for start, value in item.values.items():
        fact = found.facts[value.fact]
        _line(f"{'→' if now and now.since == start else ' '} vanaf {start}: {'vervallen' if value.value is None else value.value}   "
              f"{value.fact} ({fact.as_of}, {fact.status}) {fact.sources[0].url}")
    if item.expected_from:
        _line(f"  aangekondigd, niet besloten: vanaf {item.expected_from}")


@editors.command("sources")
def knowledge_sources(topic: Annotated[str | None, typer.Argument(help="Eén onderwerp; zonder dit alles.")] = None) -> None:
    """Waar elk antwoord op steunt: onderwerp → feit → jaar → adres."""
    found = _catalogue()
    if topic and topic not in found.articles:
        raise _fail(f"Er is geen artikel {topic}.")
    for name in [topic] if topic else found.articles:
        for fact in knowledge.facts_behind(name, found):
            for source in fact.sources:
                _line(f"{name} → {fact.id} → {fact.as_of} {fact.status} → {source.url}")


@editors.command("count")
def knowledge_count() -> None:
    """Hoeveel er is van alles: onderwerpen, feiten, parameters, regelingen, bronnen."""
    for what, number in knowledge.counted(_catalogue()).items():
        _line(f"{number:6}  {what}")


def _catalogue() -> knowledge.Catalogue:
    try:
        return knowledge.catalogue()
    except knowledge.KnowledgeError as error:
        raise _fail(f"De kennis heeft {len(error.problems)} fout(en); zie ./lesbrug check") from None


def _line(told: str) -> None:
    console.print(told, highlight=False, markup=False, soft_wrap=True)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Voer alle tests uit; extra woorden gaan naar pytest (bijvoorbeeld tests/knowledge -k btw)."""
    settings = _settings()
    _model(settings)
    environment = {**os.environ, **training.QUIET, "LESBRUG_MODELS": str(settings.models_folder)}
    raise typer.Exit(subprocess.call([sys.executable, "-m", "pytest", *context.args], cwd=ROOT, env=environment))


@app.command()
def evaluate(curve: Annotated[bool, typer.Option(help="Hoe het aantal voorbeelden per onderwerp doorwerkt.")] = False,
             misses: Annotated[bool, typer.Option(help="Ook elke zin die niet meteen goed ging.")] = False) -> None:
    """Meet hoe goed zinnen begrepen worden die het model nooit zag; tekent de verwarring en de zekerheid."""
    settings = _settings()
    command = [sys.executable, "-m", "nlu.evaluate", "--model", str(_model(settings)), "--out", str(settings.home / "evaluatie")]
    flags = [flag for flag, on in (("--curve", curve), ("--misses", misses)) if on]
    raise typer.Exit(subprocess.call([*command, *flags], cwd=ROOT, env={**os.environ, **training.QUIET}))


@app.command()
def seed() -> None:
    """Zet de databases klaar of werk ze bij."""
    settings = _settings()
    prepare_databases(settings)
    console.print("De databases zijn bij.")


@app.command()
def ask(question: Annotated[str, typer.Argument(help="Je vraag, tussen aanhalingstekens.")]) -> None:
    """Stel één vraag en toon het antwoord. Start Lesbrug even als het niet draait."""
    settings = _settings()
    try:
        with supervisor.only_one(settings.home):
            _ask_briefly(settings, question)
    except supervisor.AlreadyRunning as error:
        _print_answers(str(error) or supervisor.address(settings), question)


def _ask_briefly(settings: Settings, question: str) -> None:
    ports = {name: _free_port() for name in ("port", "rasa_port", "actions_port")}
    settings = settings.model_copy(update={**ports, "telegram_token": None})
    _check_or_stop()
    model = _model(settings)
    prepare_databases(settings)
    running = supervisor.Supervisor(settings, model)
    try:
        running.start_all()
        with _progress("Starten") as told:
            while waiting := running.not_ready() or [] if running.not_ready() is not None else ["web"]:
                told(", ".join(waiting))
                running.tick(lambda line: console.print(line, style="yellow"))
                time.sleep(0.3)
        _print_answers(supervisor.address(settings), question)
    finally:
        running.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _print_answers(base: str, question: str) -> None:
    with httpx.Client(base_url=base, timeout=30, trust_env=False) as client:
        opened = client.post("/api/conversations").json()
        headers = {"Authorization": f"Bearer {opened['token']}"}
        answer = client.post(f"/api/conversations/{opened['id']}/messages", json={"text": question}, headers=headers)
        for message in answer.json().get("messages", [{"text": answer.json().get("detail", "Geen antwoord."), "sources": [], "buttons": []}]):
            console.print(f"\n{message['text']}", highlight=False, markup=False, soft_wrap=True)
            for source in message["sources"]:
                console.print(f"  bron: {source['title']} ({source['as_of']}) {source['url']}", highlight=False, markup=False, soft_wrap=True)
            for button in message["buttons"]:
                console.print(f"  → {button['title']}", highlight=False, markup=False)
        client.delete(f"/api/conversations/{opened['id']}", headers=headers)


@app.command()
def doctor() -> None:
    """Kijk of alles er is wat Lesbrug nodig heeft, en of het draait."""
    settings = _settings()
    free = shutil.disk_usage(settings.home if settings.home.exists() else ROOT).free / 1e9
    browser = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
    try:
        parts = httpx.get(f"{supervisor.address(settings)}/readyz", timeout=12, trust_env=False).json()["parts"]
        state = "draait en is klaar" if all(parts.values()) else f"draait, maar niet klaar: {', '.join(name for name, fine in parts.items() if not fine)}"
    except (httpx.HTTPError, ValueError, KeyError):
        state = "draait niet"
    lines = {
        "Python": sys.version.split()[0], "Data": f"{settings.home} ({free:.0f} GB vrij)", "Model": "geleerd" if training.trained(settings) else "nog te leren",
        "Kennis": "klopt" if not check_knowledge() else "heeft fouten: ./lesbrug check", "Database": "PostgreSQL" if settings.database_url else "SQLite",
        "Telegram": "aan" if settings.telegram_token else "uit", "Browser voor de tests": browser or "geen gevonden (chromium)", "Lesbrug": state,
    }
    for name, told in lines.items():
        console.print(f"{name:24}{told}", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    app()
