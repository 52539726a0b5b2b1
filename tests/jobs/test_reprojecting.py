"""Open deadlines after a change of a calendar, as a job."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from click.testing import CliRunner, Result

from cli import cli
from engine.commands import Actor
from storage.labour import SqlLabour
from tests.jobs.conftest import tools_of
from tests.post.conftest import Stage
from workflows.authoring.calendars import Changed, override
from workflows.labour.context import Context
from workflows.labour.kinds import KINDS
from workflows.sources import calendar_named

ADMIN = Actor("zhao", ("admin",))


def _asked(path: Path, *who: str) -> Result:
    """What somebody says at the keyboard to leave it to the workers."""
    url = f"sqlite:///{path / 'duban.db'}"
    return CliRunner().invoke(cli, ["--db", url, "--lang", "en", *who, "calendar", "reproject", "cn", "--job"])


def test_a_job_works_out_what_was_left(stage: Stage, tmp_path: Path) -> None:
    """An administrator's change was interrupted after its first family: the job looks at all, and does the rest, for
    the reason that they gave.
    """
    made = override(
        stage.desk, "cn", date(2022, 9, 30), ADMIN, calendar_named, working=False, reason="r", progress=lambda _: False
    )
    assert isinstance(made, Changed)
    labour = SqlLabour(stage.office.store.engine)
    said = _asked(tmp_path, "--as", "zhao:admin", "--json")
    assert said.exit_code == 0, said.output
    job = labour.job(json.loads(said.stdout)["job"])
    assert job is not None
    assert (job.kind, job.body["reason"], job.body["actor"]["id"]) == ("reproject", "r", "zhao")
    begun = labour.begin(job.id, "me")
    assert begun is not None
    told = KINDS["reproject"](Context(begun, "me", tools_of(stage)))
    assert (told["families"], told["stuck"]) == (told["of"], [])
    assert told["moved"] == told["of"] - made.dates.families


def test_it_is_left_to_the_workers_by_an_administrator_alone(stage: Stage, tmp_path: Path) -> None:
    """Anybody else is refused at once, and no job waits."""
    assert _asked(tmp_path, "--as", "wang:lead").exit_code == 1
    assert list(SqlLabour(stage.office.store.engine).jobs()) == []
    assert "duban jobs show" in _asked(tmp_path, "--as", "zhao:admin").stdout
