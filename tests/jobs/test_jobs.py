"""Jobs are rows; whoever runs one takes it for a while, says how far it is, and can be told to stop."""

from __future__ import annotations

from tests.jobs.conftest import Heard, Started, over, tools_of, until
from tests.post.conftest import LEAD, OFFICE, Stage
from workflows.labour.bulk import ask_bulk
from workflows.labour.health import health
from workflows.labour.values import Job, Standing
from workflows.office.registering import Row, register


def test_the_sweep_and_the_post_come_again_and_again_by_themselves(stage: Stage, started: Started) -> None:
    """What is raised is sent without anybody asking, and when the sweep last ran is known."""
    stage.user("li", "office")
    stage.lag()
    heard = Heard()
    tools = tools_of(stage, couriers={"mail": heard})
    started(tools, (Standing("sweep", 0.3), Standing("deliver", 0.1)))
    until(lambda: heard.messages)
    first = until(lambda: health(stage.desk, tools.labour, stage.post).swept_at)
    until(lambda: health(stage.desk, tools.labour, stage.post).swept_at > first)
    told = health(stage.desk, tools.labour, stage.post)
    assert (told.parcels, told.messages, told.refused, told.workers, told.behind) == (0, 0, None, 1, 0.0)


def tasks(stage: Stage, count: int) -> list[str]:
    rows = [Row(n, {"title": f"项目{n}", "lead_unit": "水务局"}) for n in range(1, count + 1)]
    entered = register(stage.desk, "promises", rows, OFFICE)
    assert isinstance(entered, list)
    return [task.id for task in entered]


def test_a_bulk_action_reports_the_fate_of_each(stage: Stage, started: Started) -> None:
    """Done, or refused with the reason in words; none is skipped, not even one that does not exist."""
    names = tasks(stage, 3)
    tools = tools_of(stage)
    stage.user("wang", "lead", "水务局")
    form = {"month": "2022-01", "percent": "10"}
    job = ask_bulk(tools.labour, [*names, "nothing-1"], "report", form, [LEAD])
    assert isinstance(job, Job)
    started(tools)
    done = over(tools.labour, job.id)
    assert (done.state, done.total, done.done, done.failed) == ("done", 4, 3, 1)
    fates = tools.labour.fates(job.id)
    assert [(each.n, each.subject, each.fate) for each in fates] == [
        (1, names[0], "done"), (2, names[1], "done"), (3, names[2], "done"), (4, "nothing-1", "refused")
    ]  # fmt: skip
    assert "nothing-1" in fates[3].detail
