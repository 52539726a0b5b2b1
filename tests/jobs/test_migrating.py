"""Tasks come under another edition as a job: the fate of each, taken over in the middle, cancelled, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.commands import Refusal
from storage.labour import SqlLabour
from storage.offices import open_office
from storage.post import SqlPost
from tests.jobs.conftest import tools_of
from tests.post.conftest import Stage
from tests.workflows.conftest import at
from tests.workflows.moving import OFFICE, WANG, approved, done, office, plan_of, plan_text, whole
from workflows.authoring.proposals import all_of
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.labour.context import Context, GivenBack
from workflows.labour.kinds import KINDS
from workflows.labour.migrating import ask_migrate, ask_trial
from workflows.labour.values import Job


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """An office with five tasks, and a plan that two people answered for."""
    clock = VirtualClock(at("2023-04-03 09:00"))
    house = open_office(f"sqlite:///{tmp_path / 'duban.db'}", create=True, clock=clock)
    desk = Desk(house.store, clock)
    office(desk, 5)
    approved(desk, plan_text(desk, ("lagging: open", "lagging: escalated")))
    yield Stage(desk=desk, office=house, post=SqlPost(house.store.engine))
    house.close()


def _asked(stage: Stage, **more: object) -> tuple[SqlLabour, Job]:
    labour = SqlLabour(stage.office.store.engine)
    job = ask_migrate(stage.desk, labour, "leak-m1", WANG, **more)  # type: ignore[arg-type]
    assert isinstance(job, Job), job
    return labour, job


def _do(stage: Stage, labour: SqlLabour, job: Job, worker: str, most: int = 99) -> None:
    """A worker does the job until it has looked so often whether to go on, and is stopped then."""
    begun = labour.begin(job.id, worker)
    assert begun is not None
    left = [most]

    def stopping() -> bool:
        left[0] -= 1
        return left[0] < 0

    on = Context(begun, worker, tools_of(stage), stopping)
    try:
        result = KINDS[job.kind](on)
    except GivenBack:
        labour.give_back(job.id, worker)
        return
    labour.end(job.id, worker, "cancelled" if on.cancelled else "done", result)


def test_another_worker_goes_on_where_the_first_one_stopped(stage: Stage) -> None:
    labour, job = _asked(stage)
    _do(stage, labour, job, "one", 2)
    kept = labour.job(job.id)
    assert kept is not None
    assert (kept.state, kept.done) == ("waiting", 2)
    _do(stage, labour, job, "other")
    fates = [(each.n, each.subject, each.fate, each.detail) for each in labour.fates(job.id)]
    assert fates == [
        (1, "leak-01", "done", "rectifying"), (2, "leak-02", "done", "escalated"), (3, "leak-03", "done", "open"),
        (4, "leak-04", "done", "open"), (5, "leak-05", "done", "open"),
    ]  # fmt: skip
    assert {task.edition for task in stage.desk.store.tasks(process="leak")} == {"leak@2"}
    assert all_of(stage.desk.store)["leak-m1"].state == "applied"
    whole(stage.desk)


def test_what_was_moved_and_not_yet_written_down_is_moved_already(stage: Stage) -> None:
    """A worker that died between the two: the next one finds it so."""
    labour, job = _asked(stage)
    other_labour, other = _asked(stage)
    _do(stage, other_labour, other, "one")
    _do(stage, labour, job, "two")
    assert [each.detail for each in labour.fates(job.id)] == ["already"] * 5


def test_a_job_that_is_cancelled_stops_after_the_task_at_hand(stage: Stage) -> None:
    labour, job = _asked(stage)
    begun = labour.begin(job.id, "one")
    assert begun is not None
    labour.cancel(job.id)
    result = KINDS["migrate"](Context(begun, "one", tools_of(stage)))
    assert (result["moved"], result["of"]) == (0, 5)
    assert {task.edition for task in stage.desk.store.tasks(process="leak")} == {"leak@1"}


def test_a_plan_is_tried_as_a_job_and_nothing_is_written(stage: Stage) -> None:
    """A line for each, taken over in the middle; the office is what it was, and a broken family is told among them."""
    labour = SqlLabour(stage.office.store.engine)
    plan = plan_of(stage.desk, plan_text(stage.desk, ("lagging: open", "lagging: escalated")))
    before = [(task.id, task.edition, task.seq) for task in stage.desk.store.tasks(process="leak")]
    job = ask_trial(stage.desk, labour, plan, WANG, "en")
    assert isinstance(job, Job)
    _do(stage, labour, job, "one", 2)
    kept = labour.job(job.id)
    assert kept is not None
    assert (kept.state, kept.total, kept.done) == ("waiting", 5, 2)
    _do(stage, labour, job, "other")
    fates = {each.subject: (each.fate, each.detail) for each in labour.fates(job.id)}
    assert list(fates) == [f"leak-0{n}" for n in range(1, 6)]
    assert {fate for fate, _ in fates.values()} == {"done"}
    assert fates["leak-01"][1].startswith("rectifying; rectification")
    assert fates["leak-02"][1] == "lagging → escalated"
    ended = labour.job(job.id)
    assert ended is not None
    assert (ended.state, ended.result) == ("done", {"good": 5, "of": 5})
    assert [(task.id, task.edition, task.seq) for task in stage.desk.store.tasks(process="leak")] == before


def test_back_as_a_job_with_the_reason_of_each_that_stays(stage: Stage) -> None:
    labour, job = _asked(stage)
    _do(stage, labour, job, "one")
    done(stage.desk, "leak-03", "order")
    labour, back = _asked(stage, back=True, reason="改错了", lang="en")
    _do(stage, labour, back, "one")
    fates = {each.subject: (each.fate, each.detail) for each in labour.fates(back.id)}
    assert [fates[f"leak-0{n}"][0] for n in range(1, 6)] == ["done", "done", "refused", "done", "done"]
    assert "has lived on" in fates["leak-03"][1]
    whole(stage.desk)


def test_what_is_not_approved_or_not_asked_by_an_administrator_is_no_job(stage: Stage) -> None:
    labour = SqlLabour(stage.office.store.engine)
    for migration, actor, code in (
        ("leak-m9", WANG, "unknown_migration"),
        ("leak-m1", OFFICE, "not_admin"),
    ):
        refused = ask_migrate(stage.desk, labour, migration, actor)
        assert isinstance(refused, Refusal)
        assert refused.code == code
    refused = ask_migrate(stage.desk, labour, "leak-m1", WANG, back=True, reason="r")
    assert isinstance(refused, Refusal)
    assert refused.code == "not_applied"


def test_what_is_recorded_of_a_migration_counts_those_of_the_worker_before_too(stage: Stage) -> None:
    """Two workers had it, and the record is of the whole: all that moved, and the one that did not."""
    labour, job = _asked(stage)
    done(stage.desk, "leak-02", "close")
    _do(stage, labour, job, "one", 3)
    _do(stage, labour, job, "other")
    told = all_of(stage.desk.store)["leak-m1"].entries[-1].told
    assert (told["moved"], told["refused"], list(told["not_moved"])) == (4, 1, ["leak-02"])
    kept = labour.job(job.id)
    assert kept is not None
    assert kept.result == {"moved": 4, "of": 5}


def test_what_was_killed_half_way_goes_back_and_so_does_what_was_stopped_on_its_way_back(stage: Stage) -> None:
    """Nothing has to be moved on before it may go back, and going back may be gone on with."""
    labour, job = _asked(stage)
    _do(stage, labour, job, "one", 3)
    assert all_of(stage.desk.store)["leak-m1"].state == "approved", "whoever did it died, and nobody takes it over"
    labour.cancel(job.id)
    labour, back = _asked(stage, back=True, reason="改错了")
    begun = labour.begin(back.id, "two")
    assert begun is not None
    on = Context(begun, "two", tools_of(stage))

    def cancelled_after_the_first(*_: object) -> None:
        labour.cancel(back.id)
        on.progress()

    on.fate = cancelled_after_the_first  # type: ignore[assignment,method-assign]  # a person is in time
    labour.end(back.id, "two", "cancelled", KINDS["migrate"](on))
    assert all_of(stage.desk.store)["leak-m1"].state == "reverted"
    labour, again = _asked(stage, back=True, reason="改错了")
    _do(stage, labour, again, "three")
    assert {task.edition for task in stage.desk.store.tasks(process="leak")} == {"leak@1"}
    refused = ask_migrate(stage.desk, labour, "leak-m1", WANG, back=True, reason="改错了")
    assert isinstance(refused, Refusal)
    assert refused.code == "not_applied", "nothing is left that could go back"
    whole(stage.desk)
