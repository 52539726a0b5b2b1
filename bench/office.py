"""An office at work: two hundred who read and twenty who act over HTTP against a real server, a list of ten thousand
rows, a thousand documents.

The crowd shares this machine with the server that it asks, so that its figures are those of both.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from bench.figures import Budget, Figure
from bench.pages import Bench, office_of
from bench.scale import Scale
from bench.scenes import OFFICE, PROCESS, at, desk
from commands.session import printing
from engine.commands import Refusal
from engine.events import iso
from storage.people import SqlPeople
from storage.sql_store import SqlStore
from workflows.cells import tables_apart
from workflows.desk import CLOCK, PURPOSE, Desk
from workflows.office.importing import Wanted, preview, take_in
from workflows.office.publications import Asked, Issued, issue
from workflows.papers.templates import keep_found
from workflows.people import tokens
from workflows.sources import definitions_folder

READERS, WRITERS, PROCESSES = 200, 20, 2
NONE = Budget("≤", 0)
IMPORTED = Budget("≤", 20, "s")
PRINTED = Budget("≤", 60, "s")
PATHS = ("/board", "/worklist", "/board?sort=title", "/tasks/{task}", "/api/v1/tasks?limit=50", "/api/v1/tasks/{task}")
PAUSE = 2.0
"""Seconds that a reader looks at an answer, half of it to twice as long."""

ROOT = Path(__file__).resolve().parents[1]


def measure(scale: Scale) -> list[Figure]:
    """The crowd, the list and the documents."""
    mine = scale.directory / "office"
    mine.mkdir()
    own = replace(scale, directory=mine)
    office = office_of(own, max(200, scale.board // 10))
    figures = [*_documents(own, office), *_crowd(own, office)]
    office.store.close()
    return [*figures, *_imported(own)]


# -- many at once


@dataclass
class Heard:
    """What became of one kind of request."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def figures(self, name: str) -> Iterator[Figure]:
        """Errors, with the times of all answers."""
        times = sorted(self.seconds) or [0.0]
        p50, p95 = (times[min(len(times) - 1, int(len(times) * share))] * 1000 for share in (0.5, 0.95))
        note = f"{len(times):,} answers; the first that went wrong: {self.errors[0]}" if self.errors else ""
        yield Figure(f"{name}: errors", len(self.errors), "", NONE, note or f"{len(times):,} answers")
        yield Figure(f"{name}: p50", p50, "ms", None)
        yield Figure(f"{name}: p95", p95, "ms", None)


def _crowd(scale: Scale, office: Bench) -> list[Figure]:
    store = office.store
    tasks = [row.id for row in store.tasks(process=PROCESS)][:WRITERS]
    store.set_note(PURPOSE, "rehearsal")
    store.set_note(CLOCK, iso(at("2022-02-25 16:00")))
    people = office.house.people
    li = people.user("li")
    assert li is not None, "pages made her"
    cookie, secret = office.cookie("li"), tokens.issue(people, li, "bench", ["read", "act"], 30)
    assert isinstance(secret, str), secret
    figures: list[Figure] = []
    for count, said in ((1, ""), (PROCESSES, f", {PROCESSES} processes")):
        before = _of_children()
        with served(scale.directory / "pages.db", count) as address:
            readers, writers = asyncio.run(_all_at_once(address, tasks, cookie, secret, scale.seconds))
        work, answers = _of_children() - before, len(readers.seconds) + len(writers.seconds)
        figures += [*readers.figures(f"{READERS} readers{said}"), *writers.figures(f"{WRITERS} writers{said}")]
        note = "of the server's processor, its start and its jobs included"
        figures.append(Figure(f"an answer{said}", work / max(1, answers) * 1000, "ms", None, note))
    return figures


def _of_children() -> float:
    """Seconds of the processor of all processes that were begun here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def served(file: Path, processes: int) -> Iterator[str]:
    """The address of a server in processes of its own, with its jobs."""
    command = [sys.executable, "-c", "from cli import cli; cli()", "--db", f"sqlite:///{file}", "--json", "serve"]
    command += ["--port", "0", "--processes", str(processes)]
    with (
        file.with_suffix(".log").open("w") as log,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True) as server,  # noqa: S603 - our own program
    ):
        try:
            yield _address(server)
        finally:
            server.terminate()
            server.wait(60)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if line.startswith("}"):
            return str(json.loads(text)["address"])
    raise RuntimeError(f"the server did not start: {text}")


async def _all_at_once(
    address: str, tasks: Sequence[str], cookie: str, secret: str, seconds: float
) -> tuple[Heard, Heard]:
    """Each with a connection of their own, as browsers have: one pool for all of them looks through all of its
    connections at each answer, which would take more of the machine than the server does.
    """
    readers, writers = Heard(), Heard()
    async with AsyncExitStack() as open_until_the_end:
        clients = [
            await open_until_the_end.enter_async_context(httpx.AsyncClient(base_url=address, timeout=30, verify=False))  # noqa: S501 - there is nothing to verify over http
            for _ in range(READERS + len(tasks))
        ]
        end = time.perf_counter() + seconds
        reading = (_reads(clients[number], number, tasks, cookie, readers, end) for number in range(READERS))
        writing = (
            _writes(client, task, secret, writers, end) for client, task in zip(clients[READERS:], tasks, strict=True)
        )
        await asyncio.gather(*reading, *writing)
    return readers, writers


async def _reads(
    client: httpx.AsyncClient, number: int, tasks: Sequence[str], cookie: str, heard: Heard, end: float
) -> None:
    """Look at a page, think, look at the next."""
    await asyncio.sleep(number / READERS * PAUSE)
    turn = number
    while time.perf_counter() < end:
        path = PATHS[turn % len(PATHS)].format(task=tasks[turn % len(tasks)])
        await _asked(heard, client.get(path, headers={"cookie": cookie}))
        turn += 1
        await asyncio.sleep(PAUSE * (0.5 + turn * 0.37 % 1.5))


async def _writes(client: httpx.AsyncClient, task: str, secret: str, heard: Heard, end: float) -> None:
    """Act on a task of one's own, again and again: each act is there when it is answered."""
    told = {"form": {"reason": "抓紧推进"}}
    while time.perf_counter() < end:
        path, headers = f"/api/v1/tasks/{task}/acts/warn", {"authorization": f"Bearer {secret}"}
        await _asked(heard, client.post(path, json=told, headers=headers))
        await asyncio.sleep(PAUSE / 2)


async def _asked(heard: Heard, request: object) -> None:
    start = time.perf_counter()
    try:
        answer = await request  # type: ignore[misc]  # an answer to come
    except httpx.HTTPError as error:
        heard.errors.append(repr(error))
        return
    heard.seconds.append(time.perf_counter() - start)
    if answer.status_code != 200:
        heard.errors.append(f"{answer.status_code} {answer.text[:200]}")


# -- much at once


def _documents(scale: Scale, office: Bench) -> list[Figure]:
    """Reminder slips, numbered, printed and kept, each in a transaction of its own."""
    papers, press = printing(office.store)
    on = replace(office.house.desk, papers=papers, press=press)
    found = on.latest(PROCESS)
    assert not isinstance(found, Refusal), found
    folder = definitions_folder() / PROCESS / "templates"
    keep_found(on, found[0], lambda name: (folder / name).read_bytes(), "admin")
    count, start, work = scale.documents, time.perf_counter(), time.process_time()
    tasks = [row.id for row in office.store.tasks(process=PROCESS)]
    for number in range(count):
        key = str(number // len(tasks))
        answer = issue(on, Asked(tasks[number % len(tasks)], "reminder_slip", key=key), OFFICE)
        assert isinstance(answer, Issued), answer
    took = time.perf_counter() - start
    return [Figure(f"{count:,} documents", took, "s", PRINTED, f"{took / count * 1000:.0f} ms each, {_work(work)}")]


def _imported(scale: Scale) -> list[Figure]:
    """A list as a file: looked through for the page, and registered as its job does."""
    made = desk(f"sqlite:///{scale.directory / 'import.db'}", at("2022-02-25 16:00"), create=True)
    assert isinstance(made.store, SqlStore)
    on = Desk(made.store, made.clock, people=SqlPeople(made.store.engine, made.clock))
    content, wanted = _list(scale.rows), Wanted(PROCESS)
    start = time.perf_counter()
    tables = tables_apart("list.csv", content)
    seen = preview(on, wanted, tables, [OFFICE], "zh")
    assert not isinstance(seen, Refusal) and not seen.faults, seen  # noqa: PT018 - one question
    looked = time.perf_counter() - start
    start, work = time.perf_counter(), time.process_time()
    answer = take_in(on, wanted, tables_apart("list.csv", content), [OFFICE], wanted.once("digest", "key"))
    took = time.perf_counter() - start
    assert isinstance(answer, list), answer
    assert len(answer) == scale.rows
    made.store.close()
    return [
        Figure(
            f"a list of {scale.rows:,} rows registered",
            took,
            "s",
            IMPORTED,
            f"{took / scale.rows * 1e3:.2f} ms a row, {_work(work)}",
        ),
        Figure("its preview", looked, "s", None),
    ]


def _work(since: float) -> str:
    """What it took of the processor in this process, which other work on the machine does not change much."""
    return f"{time.process_time() - since:.1f} s of the processor here"


def _list(count: int) -> bytes:
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["title", "annual_target", "lead_unit", "category"])
    for number in range(count):
        sheet.writerow([f"项目 {number} 改造工程", "惠及十万户居民", f"市第{number % 40}局", f"工程 {number % 15}"])
    return out.getvalue().encode()
