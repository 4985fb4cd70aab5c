"""python -m tests.bench.turns: how long a turn takes, through the gateway and in Rasa, with the targets of docs/adr/0002."""

import asyncio
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bot.gateway.rasa_client import RasaClient
from tests.support import Stack

QUESTIONS = ("wat is het pdg?", "en wat kost dat?", "hoe lang duurt het?", "moet er btw over detachering?", "weet je dat zeker?")
WITHOUT_ACTION, WITH_ACTION = "hallo", "wat is het pdg?"
CLIENTS, SECONDS = 8, 15


def timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def quantiles(values: list[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return statistics.median(ordered), ordered[int(len(ordered) * 0.95)]


async def _talk_to_rasa(client: RasaClient, text: str, number: int, name: str) -> list[float]:
    times = []
    for turn in range(number):
        began = time.perf_counter()
        async for _ in client.send(f"bench{name}{turn // 5}", uuid4().hex, text=text, payload=None, again=False):
            pass
        times.append((time.perf_counter() - began) * 1000)
    return times


def rasa_turns(stack: Stack, text: str, number: int, clients: int = 1) -> tuple[list[float], float]:
    """(milliseconds of each turn, turns a second), straight to Rasa, `number` turns for each of `clients`."""
    async def ask() -> tuple[list[float], float]:
        client = RasaClient(port=stack.settings.rasa_port, secret=stack.settings.secret("rasa"), seconds=20)
        began = time.perf_counter()
        talks = await asyncio.gather(*(_talk_to_rasa(client, text, number, uuid4().hex[:8]) for _ in range(clients)))
        seconds = time.perf_counter() - began
        await client.close()
        return [value for talk in talks for value in talk], number * clients / seconds
    return asyncio.run(ask())


def gateway_turns(stack: Stack, number: int) -> list[float]:
    times = []
    for turn in range(number):
        if turn % 5 == 0:
            conversation = stack.conversation()
        times.append(timed(lambda: conversation.say(QUESTIONS[turn % 5])))
    return times


def throughput(stack: Stack) -> float:
    """Turns a second with CLIENTS at once."""
    done, stop = [0] * CLIENTS, time.monotonic() + SECONDS

    def talk(number: int) -> None:
        http = stack.client()
        while time.monotonic() < stop:
            conversation = stack.conversation(http)
            for question in QUESTIONS:
                conversation.say(question)
                done[number] += 1
    threads = [threading.Thread(target=talk, args=(number,)) for number in range(CLIENTS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.monotonic() - began)


def long_conversation(stack: Stack, console: Console) -> tuple[float, float]:
    """Median milliseconds around turn 5 and around turn 100, over several conversations."""
    early, late = [], []
    for _ in track(range(4), "lang gesprek", console=console):
        conversation = stack.conversation()
        times = [timed(lambda: conversation.say(QUESTIONS[turn % 5])) for turn in range(104)]
        early += times[3:8]
        late += times[97:102]
    return statistics.median(early), statistics.median(late)


def main() -> None:
    console, table = Console(width=120), Table("meting", "uitkomst", "doel")
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder) / "lesbrug") as stack:
        gateway_turns(stack, 20)
        p50, p95 = quantiles(gateway_turns(stack, 300))
        table.add_row("hele beurt door de gateway, p50 / p95", f"{p50:.1f} / {p95:.1f} ms", "≤ 40 / 80 ms")
        table.add_row(f"beurten per seconde door de gateway, {CLIENTS} gesprekken tegelijk", f"{throughput(stack):.0f}", "–")
        early, late = long_conversation(stack, console)
        table.add_row("beurt 100 tegen beurt 5", f"{late:.1f} / {early:.1f} ms = {late / early:.2f} ×", "≤ 1,5 ×")
        rasa_turns(stack, WITHOUT_ACTION, 20)
        p50, p95 = quantiles(rasa_turns(stack, WITHOUT_ACTION, 200)[0])
        table.add_row("beurt in Rasa zonder actie, p50 / p95", f"{p50:.1f} / {p95:.1f} ms", "≤ 10 / 15 ms")
        table.add_row(f"beurten per seconde in Rasa, {CLIENTS} tegelijk, zonder / met actie",
                      f"{rasa_turns(stack, WITHOUT_ACTION, 100, CLIENTS)[1]:.0f} / {rasa_turns(stack, WITH_ACTION, 100, CLIENTS)[1]:.0f}", "≥ 110")
        after = statistics.median(rasa_turns(stack, WITH_ACTION, 200)[0])
        rasa = stack.part("rasa")
        memory = int(Path(f"/proc/{rasa.process.pid}/statm").read_text().split()[1]) * 4096 / 1e6
        rasa.module = "tests.bench.stock_rasa"
        rasa.process.kill()
        time.sleep(1)
        stack.wait_ready()
        rasa_turns(stack, WITH_ACTION, 20)
        before = statistics.median(rasa_turns(stack, WITH_ACTION, 100)[0])
        table.add_row("beurt in Rasa met een actie, hier / zoals Rasa komt", f"{after:.1f} / {before:.1f} ms = {after / before:.2f} ×", "≤ 0,35 ×")
        table.add_row("geheugen van Rasa", f"{memory:.0f} MB", "≤ 600 MB")
    console.print(table)


if __name__ == "__main__":
    main()
