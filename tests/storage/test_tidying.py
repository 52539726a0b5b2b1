"""What is forgotten and what never is, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from storage.labour import SqlLabour
from storage.office_tables import jobs
from storage.reading import UNNAMED
from storage.tables import metadata, notes
from tests.web.stage import HOUSING, LEADS, Stage, raise_stage
from workflows.labour.values import Fate
from workflows.office.firing import Act, Outcome, fire
from workflows.people import sessions as signing
from workflows.people import tokens as keys

DAY = timedelta(days=1)
LONG = timedelta(days=90)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = raise_stage(tmp_path)
    yield made
    made.close()


def _rows(stage: Stage) -> dict[str, int]:
    with stage.office.store.engine.begin() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in metadata.tables.items()
        }


def _tidy(stage: Stage, days: int = 90) -> dict[str, int]:
    return dict(stage.office.jobs.tidy(stage.clock(), timedelta(days=days)))


def _age(stage: Stage) -> None:
    """All jobs ended, and all notes of files were made, a hundred days ago."""
    ago = 100 * DAY // timedelta(microseconds=1)
    with stage.office.store.engine.execution_options(writes=True).begin() as connection:
        connection.execute(update(jobs).values(ended_at=jobs.c.ended_at - ago))
        old = "2001-01-01T00:00:00Z"
        connection.execute(update(notes).where(notes.c.name.startswith(UNNAMED)).values(value=old))


def _done(labour: SqlLabour, kind: str, name: str | None = None) -> str:
    job = labour.ask(kind, {}, None, name=name)
    assert labour.begin(job.id, "w")
    labour.progress(job.id, "w", met=[Fate(1, "x", "done", "")])
    labour.end(job.id, "w", "done", {})
    return job.id


def test_only_what_ended_long_ago_goes(stage: Stage) -> None:
    """A job that stands, one that waits and one of today stay; an old one goes with its items; the chain is whole."""
    labour = stage.office.jobs
    old, waits = _done(labour, "bulk"), labour.ask("bulk", {}, None).id
    _done(labour, "sweep", "sweep")
    assert _tidy(stage)["jobs"] == 0
    _age(stage)
    new = _done(labour, "bulk")
    gone = _tidy(stage)
    assert (gone["jobs"], gone["fates"]) == (1, 1)
    assert labour.job(old) is None
    assert all(labour.job(name) for name in (waits, "sweep", new))


def test_sessions_and_keys_that_are_over_go(stage: Stage) -> None:
    """What still holds stays; a key is kept for a while after its end, for whoever asks what it was."""
    people, li = stage.office.people, stage.office.people.user("li")
    assert li is not None
    signing.begin(people, li, "test")
    keys.issue(people, li, "wall", ["read"], 5)
    assert {name: _tidy(stage)[name] for name in ("sessions", "tokens")} == {"sessions": 0, "tokens": 0}
    stage.clock.move(stage.clock() + 10 * DAY)
    assert {name: _tidy(stage)[name] for name in ("sessions", "tokens")} == {"sessions": 1, "tokens": 0}
    stage.clock.move(stage.clock() + LONG)
    assert _tidy(stage)["tokens"] == 1


def test_a_file_that_nobody_names_goes_and_evidence_never_does(stage: Stage) -> None:
    """It is noted first, and forgotten when it has been so for long; who chooses it again keeps it."""
    store, task = stage.office.store, stage.tasks["homes"]
    unused, chosen, evidence = (store.keep_file(f"{name}.pdf", name.encode()) for name in ("unused", "chosen", "plan"))
    plan = [{"name": "plan.pdf", "digest": evidence}]
    team = {"leader": "甲", "department": "处室", "staff": "乙"}
    filed = Act(task, "file_plan", {"measures": "分段推进", "plan": plan, **team}, LEADS[HOUSING])
    done = fire(replace(stage.desk, vouched={evidence}), filed)
    assert isinstance(done, Outcome), done
    before = _rows(stage)
    assert _tidy(stage)["files"] == 0
    _age(stage)
    store.keep_file("chosen.pdf", b"chosen")
    assert _tidy(stage)["files"] == 1
    assert store.file(unused) is None
    assert store.file(chosen) == b"chosen"
    assert store.file(evidence) == b"plan"
    assert _rows(stage)["events"] == before["events"]
