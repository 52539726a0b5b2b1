"""Jobs are rows; whoever runs one takes it for a while, says how far it is, and can be told to stop."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from commands.worker import tools_of as composed
from engine.commands import Actor, Refusal
from jobs.hands import Hands
from storage.log import SqlLog
from tests.jobs.conftest import Heard, Started, over, tools_of, until
from tests.post.conftest import LEAD, OFFICE, Stage
from workflows.audit.sealing.checkpoints import Signer, head_of
from workflows.audit.sealing.growing import standing
from workflows.audit.sealing.keyring import make_key, pen_of
from workflows.audit.sealing.signing import Pen
from workflows.clock import ClockJumped
from workflows.desk import CLOCK
from workflows.labour.bulk import MOST, ask_bulk, bulk
from workflows.labour.context import Context, GivenBack
from workflows.labour.guises import still
from workflows.labour.health import health
from workflows.labour.kinds import KINDS, SWEEP_REFUSED, deliver
from workflows.labour.values import Job, Standing
from workflows.office.firing import Act, Outcome, fire
from workflows.office.registering import register
from workflows.people.accounts import close_user
from workflows.people.ports import Note
from workflows.people.values import By
from workflows.rows import Row


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


def test_what_is_recorded_comes_into_the_tree_and_is_signed_by_itself(
    stage: Stage, started: Started, tmp_path: Path
) -> None:
    """Without anybody asking; and a database whose past was rewritten is signed no more, which the job says."""
    made, log = make_key(tmp_path / "key", "duban.example.org"), SqlLog(stage.office.store.engine)
    pen = pen_of(tmp_path / "key")
    assert isinstance(made, Signer)
    assert isinstance(pen, Pen)
    stage.user("li", "office")
    tools = replace(tools_of(stage), log=log, pen=pen)
    started(tools, (Standing("seal", 0.1),))
    head = until(lambda: log.checkpoint("sha256"))
    assert head_of(head.note, made.verifier).size == log.trees()["sha256"].size
    until(lambda: log.waiting(1) == 0)
    with stage.office.store.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("UPDATE trees SET size = 0, edge = ''")
        connection.exec_driver_sql("DELETE FROM leaves")
        connection.exec_driver_sql("INSERT INTO unsealed SELECT recorded_at, stream, seq FROM events WHERE seq = 1")
    job = over(tools.labour, tools.labour.ask("seal", {}, "li").id)
    assert (job.state, (job.result or {})["refused"]["code"]) in [
        ("failed", "seal_rolled_back"),
        ("failed", "seal_forked"),
    ]
    assert standing(stage.office.store, log).refused == (job.result or {})["refused"]


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


def test_a_job_under_way_stops_after_the_item_at_hand_when_it_is_cancelled(stage: Stage, started: Started) -> None:
    """What was done stays done and is told; the rest is not begun."""
    tools = tools_of(stage)
    begun = threading.Event()

    def slow(on: Context) -> dict[str, Any]:
        on.progress(total=1000)
        for n in range(1, 1001):
            if not on.go_on:
                break
            begun.set()
            on.fate(n, f"t{n}", "done")
            on.progress()
            time.sleep(0.01)
        return {}

    job = tools.labour.ask("slow", {}, None)
    started(tools, slow=slow)
    assert begun.wait(10)
    tools.labour.cancel(job.id)
    done = over(tools.labour, job.id)
    assert done.state == "cancelled"
    assert 0 < done.done < 1000
    assert len(tools.labour.fates(job.id)) == done.done


def test_a_job_that_breaks_fails_with_its_reason_and_is_not_tried_again(stage: Stage, started: Started) -> None:
    tools = tools_of(stage)
    calls: list[int] = []

    def broken(_on: Context) -> dict[str, Any]:
        calls.append(1)
        raise LookupError("no such thing")

    first, unknown = tools.labour.ask("broken", {}, None), tools.labour.ask("nonsense", {}, None)
    started(tools, broken=broken)
    done = over(tools.labour, first.id)
    assert (done.state, done.result) == ("failed", {"error": "LookupError: no such thing"})
    assert over(tools.labour, unknown.id).result == {"error": "no kind nonsense here"}
    assert len(calls) == 1


def test_a_worker_that_stops_leaves_its_job_to_the_next_who_goes_on_where_it_was(stage: Stage) -> None:
    """Nothing is done twice, and no fate is told twice."""
    names, tools = tasks(stage, 30), tools_of(stage)
    stage.user("wang", "lead", "水务局")
    job = ask_bulk(tools.labour, names, "report", {"month": "2022-01", "percent": "10"}, [LEAD])
    assert isinstance(job, Job)
    taken = tools.labour.begin(job.id, "first")
    assert taken is not None
    asked = iter([False] * 7)
    with pytest.raises(GivenBack):
        bulk(Context(taken, "first", tools, lambda: next(asked, True)))
    tools.labour.give_back(job.id, "first")
    again = tools.labour.begin(job.id, "second")
    assert again is not None
    assert 0 < again.done < 30
    bulk(Context(again, "second", tools))
    assert [each.n for each in tools.labour.fates(job.id)] == list(range(1, 31))
    assert len({len(stage.desk.store.events(name)) for name in names}) == 1


def test_what_is_handed_to_a_worker_that_stops_waits_as_another_try(stage: Stage) -> None:
    """A try that has begun is what makes the next one another, which the runner does not take for done."""
    tools = tools_of(stage)
    hands, job = Hands("w", tools, KINDS), tools.labour.ask("sweep", {}, None)
    hands.stopping.set()
    assert hands.do(job.id) == "waiting"
    left = tools.labour.job(job.id)
    assert left is not None
    assert (left.state, left.tries, left.crashes) == ("waiting", 1, 0)


def test_what_was_done_and_not_written_down_is_not_done_again(stage: Stage) -> None:
    """A crash between an act and its fate: under the same key the act answers as it did."""
    names, tools = tasks(stage, 3), tools_of(stage)
    stage.user("wang", "lead", "水务局")
    form = {"month": "2022-01", "percent": "10"}
    job = ask_bulk(tools.labour, names, "report", form, [LEAD])
    assert isinstance(job, Job)
    acted = fire(stage.desk, Act(names[0], "report", form, LEAD, key=f"{job.id}/1"))
    assert isinstance(acted, Outcome)
    before = len(stage.desk.store.events(names[0]))
    taken = tools.labour.begin(job.id, "w")
    assert taken is not None
    bulk(Context(taken, "w", tools))
    assert len(stage.desk.store.events(names[0])) == before
    assert [each.fate for each in tools.labour.fates(job.id)] == ["done"] * 3


def test_a_task_is_acted_on_in_the_first_guise_that_may(stage: Stage) -> None:
    """Who leads for one unit and works in the office acts as whichever may."""
    names, tools = tasks(stage, 2), tools_of(stage)
    stage.user("li", "office")
    stage.user("li", "lead", "水务局")
    guises = [Actor("li", ("office",)), Actor("li", ("lead",), ("水务局",))]
    job = ask_bulk(tools.labour, names, "report", {"month": "2022-01", "percent": "10"}, guises)
    assert isinstance(job, Job)
    taken = tools.labour.begin(job.id, "w")
    assert taken is not None
    bulk(Context(taken, "w", tools))
    assert [each.fate for each in tools.labour.fates(job.id)] == ["done"] * 2


def test_a_job_acts_only_in_roles_that_whoever_asked_still_holds(stage: Stage) -> None:
    """A role that ended between asking and doing gives no right, nor does an account that was closed since."""
    names, tools = tasks(stage, 2), tools_of(stage)
    stage.user("wang", "lead", "水务局")
    form, people = {"month": "2022-01", "percent": "10"}, stage.office.people
    first, second = (ask_bulk(tools.labour, names, "report", form, [LEAD]) for _ in range(2))
    assert isinstance(first, Job)
    assert isinstance(second, Job)
    [held] = people.holdings(user="wang")
    people.put_holding(replace(held, valid_to=people.now()), Note("RoleEnded", "root", {}))
    for job in (first, second):
        taken = tools.labour.begin(job.id, "w")
        assert taken is not None
        bulk(Context(taken, "w", tools))
        assert [each.fate for each in tools.labour.fates(job.id)] == ["refused"] * 2
    assert still(people, [{"id": "wang", "roles": ["lead"], "units": ["水务局"]}], "promises") == [Actor("wang")]
    stage.user("wang", "lead", "水务局")
    asked = [{"id": "wang", "roles": ["lead", "office"], "units": ["水务局", "民政局"]}]
    assert still(people, asked, "promises") == [LEAD], "no more than is held now, and no more than was asked in"
    close_user(people, "wang", By("root"))
    assert still(people, asked, "promises") == [Actor("wang")]


def test_more_tasks_than_a_job_takes_are_refused(stage: Stage) -> None:
    for count in (0, MOST + 1):
        answer = ask_bulk(tools_of(stage).labour, [f"t{n}" for n in range(count)], "report", {}, [LEAD])
        assert isinstance(answer, Refusal)
        assert answer.code == "too_many_tasks"


class Jumped:
    """A clock that is not believed."""

    def __call__(self) -> datetime:
        raise ClockJumped(timedelta(hours=3))


def test_a_clock_that_is_not_believed_stops_the_sweep_and_is_seen(stage: Stage, started: Started) -> None:
    """The job fails with the reason, each time anew and never in a loop; when the clock is right again time runs."""
    clock = stage.desk.clock
    tools = tools_of(stage)
    stage.desk.clock = Jumped()
    started(tools, (Standing("sweep", 0.3),))
    until(lambda: _refused(stage))
    stage.desk.clock = clock
    assert health(stage.desk, tools.labour, stage.post).refused == {"code": "clock_jumped", "facts": {"minutes": 180}}
    until(lambda: health(stage.desk, tools.labour, stage.post).swept_at)
    until(lambda: health(stage.desk, tools.labour, stage.post).refused is None)


def _refused(stage: Stage) -> str | None:
    return stage.desk.store.note(SWEEP_REFUSED)


def test_a_rehearsal_sends_nothing_and_follows_a_clock_that_others_move(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing leaves the house, whatever is set; and a worker's clock never holds the rehearsal's back."""
    monkeypatch.setenv("DUBAN_MAIL", "smtp://127.0.0.1:1?from=a@b")
    stage.user("li", "office")
    stage.lag()
    tools = composed(stage.desk, stage.office.people)
    stage.desk.store.set_note(CLOCK, "2022-03-01T00:00:00.000000Z")
    assert tools.desk().clock() == datetime(2022, 3, 1, tzinfo=UTC)
    job = tools.labour.ask("deliver", {}, None)
    taken = tools.labour.begin(job.id, "w")
    assert taken is not None
    assert deliver(Context(taken, "w", tools))["sent"] == 1
    assert [each.payload["about"]["note"] for each in stage.post.told("promises-01") if each.type == "Delivered"] == [
        "rehearsal: nothing was sent"
    ]
