"""The editor page while somebody writes: from the end of a pause until findings, picture and every proof are there.

Asked over HTTP of a real server, as the page's own script asks: the text is proved, looked at and its scenarios are
run, all at the same time. By the clock, for an author waits by it; each time it is another text, of which nothing is
known from before. The first pause, right after the page was opened, is told by itself: what proves has just begun.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from bench.figures import Budget, Figure, median
from bench.office import served
from bench.scale import Scale
from bench.scenes import at, desk, engine_of
from engine.events import iso
from storage.lists import SqlLists
from storage.people import SqlPeople
from web.house import House, Settings
from web.visit import cookie_name
from workflows.authoring.publishing import publish
from workflows.desk import CLOCK, PURPOSE
from workflows.people import accounts, holdings, rights, sessions
from workflows.people.values import ADMIN, ANY, By, Holding, User
from workflows.sources import calendar_named, definitions_folder

FOUNDING = ("dalian-livelihood", "shanwei-key-tasks")
WITHIN = Budget("≤", 1, "s")
NOW = "2022-02-25 16:00"
LINES = {"accept": "application/x-ndjson"}


@dataclass(frozen=True)
class Pause:
    """What came after one pause: when findings and picture were there, the scenarios, the last proof; in seconds."""

    looked: float
    tried: float
    proved: float
    claims: int
    work: Sequence[float]
    """Seconds of the processor of each process that worked for it, the most first: the prover and the server."""


def measure(scale: Scale) -> list[Figure]:
    """For both founding definitions."""
    mine = scale.directory / "editor"
    mine.mkdir()
    cookie = _office(mine / "editor.db")
    with served(mine / "editor.db", 1) as address:
        found = {name: asyncio.run(_written(address, cookie, name, scale.runs)) for name in FOUNDING}
    return [_figure(name, pauses) for name, pauses in found.items()]


def _figure(name: str, pauses: Sequence[Pause]) -> Figure:
    """Of the pauses but for the first."""
    first, *pauses = pauses
    looked, tried = (median([getattr(each, part) for each in pauses]) for part in ("looked", "tried"))
    note = f"findings and picture after {looked * 1e3:.0f} ms, its scenarios after {tried * 1e3:.0f} ms; "
    work = [median([each.work[place] for each in pauses]) for place in (0, 1)]
    note += f"{first.claims} claims; of the processor {work[0]:.2f} s and, at the same time, {work[1]:.2f} s; "
    note += f"the first, with the page just opened, after {first.proved:.2f} s"
    said = f"the editor with {name}: a pause until it is checked, drawn and proved"
    return Figure(said, median([each.proved for each in pauses]), "s", WITHIN, note)


def _office(file: Path) -> str:
    """A rehearsal with both processes and an administrator; the cookie with which she is signed in."""
    made = desk(f"sqlite:///{file}", at(NOW), create=True)
    store = engine_of(made)
    for name in FOUNDING[1:]:
        publish(made, _text(name), calendar_named)
    people, by = SqlPeople(store.engine, made.clock), By("admin")
    now = people.now() - timedelta(days=1)
    user = accounts.add_user(people, accounts.new_user("admin", now), by)
    assert isinstance(user, User), user
    granted = holdings.grant(people, Holding("admin", ADMIN, ANY, None, now), by, rights.roles(made))
    assert isinstance(granted, Holding), granted
    store.set_note(PURPOSE, "rehearsal")
    store.set_note(CLOCK, iso(at(NOW)))
    house = House(made, people, SqlLists(store.engine), settings=Settings())
    cookie = f"{cookie_name(house)}={sessions.begin(people, user, 'bench')}; duban-lang=zh"
    store.close()
    return cookie


def _text(name: str) -> str:
    return (definitions_folder() / name / "process.yaml").read_text(encoding="utf-8")


async def _written(address: str, cookie: str, name: str, runs: int) -> list[Pause]:
    """The pauses of somebody who opens the page and writes on."""
    folder = definitions_folder() / name
    scenarios = (folder / "scenarios.yaml").read_text(encoding="utf-8")
    async with httpx.AsyncClient(base_url=address, timeout=120, headers={"cookie": cookie}) as client:
        begun = await client.post("/drafts", data={"follows": name})
        assert begun.status_code == 303, begun.text
        opened = await client.get(f"/drafts/{name}")
        assert opened.status_code == 200, opened.text
        return [await _pause(client, name, _changed(name, number), scenarios) for number in range(runs + 1)]


def _changed(name: str, number: int) -> str:
    """The text with another title of its first state, so that nothing of it is known from before."""
    text = _text(name)
    head, states, rest = text.partition("\nstates:\n")
    assert states, "the founding definitions have their states in a block"
    return head + states + rest.replace("zh: ", f"zh: 改{number}", 1)


async def _pause(client: httpx.AsyncClient, name: str, text: str, scenarios: str) -> Pause:
    began, before = time.perf_counter(), _work()

    async def tried() -> float:
        both = {"text": text, "scenarios": scenarios}
        answer = await client.post(f"/drafts/{name}/try", data=both, headers={"accept": "application/json"})
        assert answer.status_code == 200, answer.text
        return time.perf_counter() - began

    proving, beside = asyncio.create_task(_proved(client, name, text)), asyncio.create_task(tried())
    seen = await client.post(f"/drafts/{name}/look", data={"text": text})
    told = seen.json()
    assert told["picture"], "it is drawn"
    assert not [each for each in told["findings"] if each["severity"] == "error"], told["findings"]
    looked = time.perf_counter() - began
    claims = await proving
    proved = time.perf_counter() - began
    done = await beside
    worked = sorted((seconds - before.get(pid, 0.0) for pid, seconds in _work().items()), reverse=True)
    return Pause(looked, done, proved, claims, [*worked, 0.0, 0.0])


def _work() -> dict[int, float]:
    """Seconds of the processor of every process that descends from this one, by its id; none where the system does not
    tell.
    """
    parents, seconds = dict[int, int](), dict[int, float]()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            told = stat.read_text().rpartition(")")[2].split()
            pid = int(stat.parent.name)
            parents[pid], seconds[pid] = int(told[1]), (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
    return {pid: spent for pid, spent in seconds.items() if os.getpid() in _above(pid, parents)}


def _above(pid: int, parents: Mapping[int, int]) -> Iterator[int]:
    while pid in parents:
        pid = parents[pid]
        yield pid


async def _proved(client: httpx.AsyncClient, name: str, text: str) -> int:
    """So many claims were proved, all there are."""
    async with client.stream("POST", f"/drafts/{name}/prove", data={"text": text}, headers=LINES) as answer:
        told = [json.loads(line) async for line in answer.aiter_lines()]
    answers = [each["answer"] for each in told if "answer" in each]
    assert set(answers) == {"proved"}, told[-1]
    return len(answers)
