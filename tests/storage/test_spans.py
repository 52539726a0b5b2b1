"""The bitemporal board against an oracle that replays the stream and paints day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from itertools import groupby, pairwise, product
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.task import Task, evolve
from storage import open_store
from tests.storage.stories import DAY, START, Clock, Story
from workflows.ports import Recorded, Store

STATES = ("planned", "in_progress", "lagging")


class Act(NamedTuple):
    """An event: how many days back in the world, what it changes to."""

    days_back: int
    kind: str
    to: str


acts = st.builds(
    Act,
    st.integers(0, 5),
    st.sampled_from(["state", "state", "light", "title", "end"]),
    st.sampled_from(STATES),
)
transactions = st.lists(st.tuples(st.integers(0, 3), st.lists(acts, min_size=1, max_size=4)), max_size=6)

Look = tuple[str, str | None, str, bool]


def look(task: Task) -> Look:
    return task.state, task.signal, str(task.fields["title"]), task.ended


class Painted(NamedTuple):
    """From `at` on, as known from `known` on, the task looked so."""

    at: datetime
    known: datetime
    look: Look


def paintings(saves: Sequence[Sequence[Recorded]]) -> list[Painted]:
    """In the order of recording: what each run of events of one transaction and instant changed."""
    task: Task | None = None
    found: list[Painted] = []
    for save in saves:
        for at, run in groupby(save, key=lambda each: each.event.occurred_at):
            before = look(task) if task else None
            task = reduce(evolve, (each.event for each in run), task)
            if task and look(task) != before:
                found.append(Painted(at, save[0].recorded_at, look(task)))
    return found


def told(story: Sequence[Painted], at: datetime, known: datetime) -> Look | None:
    """The oracle: a painting covers all time from its own on, so the last that reaches the question answers it."""
    return next((each.look for each in reversed(story) if each.at <= at and each.known <= known), None)


def live(store: Store, clock: Clock, story: Story, plan: list[tuple[int, list[Act]]]) -> list[int]:
    """Live a plan; returns the version after each save. Of a transaction's titles only the last is told: one each."""
    story.register(clock.now).save(store)
    versions = [0, 1]
    for days, events in plan:
        clock.now += days * DAY
        titles = [act for act in events if act.kind == "title"][1:]
        for act in (act for act in events if act not in titles):
            perform(story, act, max(START, clock.now - act.days_back * DAY))
        story.save(store)
        versions.append(len(story.events))
    return versions


def perform(story: Story, act: Act, at: datetime) -> None:
    assert story.task is not None
    if act.kind == "light":
        story.light(at, act.to)
        return
    to = act.to if act.kind == "state" else story.task.state
    ended = not story.task.ended if act.kind == "end" else story.task.ended
    story.fire(at, to, ended=ended, sets={"title": act.to} if act.kind == "title" else {})


def check(store: Store, clock: Clock, plan: list[tuple[int, list[Act]]]) -> None:
    story = Story("t1")
    versions = live(store, clock, story, plan)
    events = store.events("t1")
    oracle = paintings([events[first:last] for first, last in pairwise(versions)])
    days = range(-1, (clock.now - START).days + 2)
    for moments in product([START + day * DAY for day in days], repeat=2):
        shown = [(row.state, row.signal, row.title, row.ended) for row in store.board(*moments)]
        assert shown == [each for each in [told(oracle, *moments)] if each], moments


@given(plan=transactions)
@settings(max_examples=100)
def test_every_question_is_answered_as_a_replay_answers_it(plan: list[tuple[int, list[Act]]]) -> None:
    """For every instant and every knowledge: late entries, several at once, at one instant, recorded at one instant."""
    clock = Clock()
    check(open_store("memory://", clock=clock), clock, plan)


@given(plan=transactions)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_database_answers_likewise(tmp_path: Path, plan: list[tuple[int, list[Act]]]) -> None:
    """The query says what `Span.answers` says."""
    clock, path = Clock(), tmp_path / f"{len(list(tmp_path.iterdir()))}.db"
    store = open_store(f"sqlite:///{path}", create=True, clock=clock)
    check(store, clock, plan)
    store.close()


def test_a_fixed_story_of_late_entries_on_every_store(store: Store, clock: Clock) -> None:
    """Three late entries, two of them at one instant, and one more in the same transaction as a present one."""
    plan = [
        (3, [Act(0, "state", "lagging")]),
        (2, [Act(0, "state", "in_progress"), Act(4, "light", "red")]),
        (0, [Act(4, "state", "lagging")]),
        (3, [Act(6, "title", "planned"), Act(1, "end", "planned"), Act(0, "state", "planned")]),
    ]
    check(store, clock, plan)


def test_catching_up_in_one_transaction_paints_each_instant(store: Store, clock: Clock) -> None:
    """After thirty days down, one save carries many instants: each stands on the board at its own."""
    story = Story("t1").register(START)
    story.save(store)
    clock.now += 30 * DAY
    story.fire(START + 5 * DAY, "lagging").light(START + 5 * DAY, "red").fire(START + 9 * DAY, "escalated").save(store)
    looks = [(row.state, row.signal) for day in (4, 5, 9) for row in store.board(START + day * DAY)]
    assert looks == [("planned", None), ("lagging", "red"), ("escalated", "red")]


def test_a_board_remembers_the_title_and_unit_of_its_time(store: Store, clock: Clock) -> None:
    story = Story("t1").register(START, title="旧名", unit="甲局")
    story.save(store)
    clock.now += 2 * DAY
    story.fire(START + DAY, "planned", sets={"title": "新名", "lead_unit": "乙局"}).light(clock.now, "red").save(store)
    shown = [(row.title, row.unit) for row in (*store.board(START), *store.board(START + DAY + timedelta(hours=1)))]
    assert shown == [("旧名", "甲局"), ("新名", "乙局")]
