"""Open deadlines after a change of a calendar, as a job."""

from __future__ import annotations

from datetime import date

from engine.commands import Actor
from storage.labour import SqlLabour
from tests.jobs.conftest import tools_of
from tests.post.conftest import Stage
from workflows.authoring.calendars import Changed, override
from workflows.labour.context import Context
from workflows.labour.kinds import KINDS
from workflows.labour.reprojecting import ask_reproject
from workflows.sources import calendar_named

ADMIN = Actor("zhao", ("admin",))


def test_a_job_works_out_what_was_left(stage: Stage) -> None:
    """An administrator's change was interrupted after its first family: the job looks at all, and does the rest."""
    made = override(
        stage.desk, "cn", date(2022, 9, 30), ADMIN, calendar_named, working=False, reason="r", progress=lambda _: False
    )
    assert isinstance(made, Changed)
    labour = SqlLabour(stage.office.store.engine)
    job = ask_reproject(labour, "cn", ADMIN, "r")
    begun = labour.begin(job.id, "me")
    assert begun is not None
    told = KINDS["reproject"](Context(begun, "me", tools_of(stage)))
    assert (told["families"], told["stuck"]) == (told["of"], [])
    assert told["moved"] == told["of"] - made.dates.families
