"""What may be forgotten, and nothing else: events, documents, templates and every file that any of them names stay.

A file whose name nobody keeps was chosen in a form that was never sent. It is noted on the first day on which it is
found so, and goes when it has been so for the whole time; who chooses the same file again takes the note away first
(`reading.keep_file`), so that what is being used is never lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Delete, Engine, delete, insert, or_, select

from engine.events import instant, iso
from storage.instants import micros
from storage.office_tables import deliveries, documents, fates, jobs, sessions, templates, tokens
from storage.reading import UNNAMED
from storage.tables import events, files, keys, notes
from storage.transactions import told_plainly
from workflows.labour.values import OVER

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PAGE = 1000

NAMING = (
    events.c.payload, events.c.header, documents.c.digest, templates.c.digest, jobs.c.body, jobs.c.result,
    fates.c.detail, keys.c.request, keys.c.answer,
)  # fmt: skip
"""Whatever may name a file."""


def tidy(engine: Engine, now: datetime, at: datetime, older: timedelta) -> Mapping[str, int]:
    """Forget what ended `older` ago: by the database's clock `now` for jobs and files, by the office's `at` (another in
    a rehearsal) for the rest. How many rows of each table went. Raises a `StoreProblem`.
    """
    ended, passed = micros(now - older), micros(at - older)
    over = select(jobs.c.id).where(jobs.c.state.in_(OVER), jobs.c.ended_at < ended, jobs.c.id != jobs.c.kind)
    steps: Mapping[str, Delete] = {
        "fates": delete(fates).where(fates.c.job.in_(over)),
        "jobs": delete(jobs).where(jobs.c.id.in_(over)),
        "deliveries": delete(deliveries).where(deliveries.c.state == "sent", deliveries.c.sent_at < passed),
        "sessions": delete(sessions).where(sessions.c.ends_at < micros(at)),
        "tokens": delete(tokens).where(or_(tokens.c.ends_at < passed, tokens.c.revoked_at < passed)),
    }
    gone = {}
    for name, step in steps.items():  # each by itself: nobody waits for long
        with _writing(engine) as connection:
            gone[name] = connection.execute(step).rowcount
    return {**gone, "files": _tidy_files(engine, now, older)}


@contextmanager
def _writing(engine: Engine) -> Iterator[Connection]:
    with told_plainly(engine), engine.execution_options(writes=True).begin() as connection:
        yield connection


# -- files


def _tidy_files(engine: Engine, now: datetime, older: timedelta) -> int:
    with told_plainly(engine), engine.begin() as connection:
        noted: dict[str, str] = dict(
            connection.execute(select(notes).where(notes.c.name.startswith(UNNAMED, autoescape=True))).all()
        )
        unnamed = set(connection.scalars(select(files.c.digest)))
        for column in NAMING if unnamed else ():
            unnamed -= _named(connection, column)
    known = {name.removeprefix(UNNAMED): instant(since) for name, since in noted.items()}
    _note(engine, unnamed - known.keys(), known.keys() - unnamed, now)
    return sum(_forget(engine, digest) for digest in unnamed & known.keys() if known[digest] <= now - older)


def _named(connection: Connection, column: Column[str]) -> set[str]:
    query = select(column).where(column.is_not(None))
    found = connection.execution_options(yield_per=_PAGE).execute(query)
    return set(_digests(text for (text,) in found))


def _digests(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from _DIGEST.findall(text)


def _note(engine: Engine, new: set[str], over: set[str], now: datetime) -> None:
    if not new and not over:
        return
    with _writing(engine) as connection:
        if over:
            connection.execute(delete(notes).where(notes.c.name.in_([UNNAMED + each for each in over])))
        if new:
            connection.execute(insert(notes), [{"name": UNNAMED + each, "value": iso(now)} for each in sorted(new)])


def _forget(engine: Engine, digest: str) -> bool:
    """The note goes first: who chooses the file again waits for it, or has taken it already."""
    with _writing(engine) as connection:
        if connection.execute(delete(notes).where(notes.c.name == UNNAMED + digest)).rowcount == 0:
            return False
        issued = select(documents.c.digest).where(documents.c.digest == digest)
        return connection.execute(delete(files).where(files.c.digest == digest, ~issued.exists())).rowcount == 1
