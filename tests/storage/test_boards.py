"""Lists of tasks on SQLite and PostgreSQL: scope, filters, order, pages, counts, views."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from storage import open_store
from storage.instants import micros, moment_of
from storage.lists import SqlLists
from storage.office_tables import documents
from storage.sql_store import SqlStore
from storage.tables import tasks
from tests.storage.stories import START, Clock, Story
from workflows.lists.ports import Order, Wanted
from workflows.people.accounts import new_user
from workflows.people.values import EVERYTHING, NOBODY, Scope

ALL = Wanted(EVERYTHING)


def _enter(store: SqlStore, name: str, unit: str, *, root: str | None = None, parent: Story | None = None) -> Story:
    story = Story(name, root).register(START, title=f"{unit}的{name}", unit=unit)
    if parent is None:
        story.owe(START, "report", "1", START + timedelta(days=20 - len(name)))
    joined = frozenset({unit}) if parent is None else frozenset()
    with store.work([story.root]) as work:
        change = replace(story.change(), joined=joined, facets={"headquarters": unit[:1]}, heading=unit[:1] or None)
        work.save([change])
    return story


@pytest.fixture
def lists(database: str, clock: Clock) -> Iterator[SqlLists]:
    """Three tasks of two units, one of them with a child that names nobody."""
    store = open_store(database, create=True, clock=clock)
    assert isinstance(store, SqlStore)
    _enter(store, "a", "水务局")
    above = _enter(store, "bb", "水务局")
    _enter(store, "ccc", "公安局")
    _enter(store, "bb.1", "", root="bb", parent=above)
    yield SqlLists(store.engine)
    store.close()


def _names(
    lists: SqlLists, wanted: Wanted, order: Order | None = None, offset: int = 0, limit: int | None = None
) -> list[str]:
    return [row.task for row in lists.rows(wanted, order or Order("task"), offset=offset, limit=limit)]


def _of(unit: str, process: str = "livelihood") -> Scope:
    return Scope(units=frozenset({(process, unit)}))


def test_a_list_shows_what_is_in_scope_and_nothing_else(lists: SqlLists) -> None:
    """All of it, of a process, or what names a unit; a child is seen by whoever its parent names."""
    assert _names(lists, ALL) == ["a", "bb", "ccc"]
    assert _names(lists, Wanted(NOBODY)) == []
    assert _names(lists, Wanted(Scope(processes=frozenset({"livelihood"})))) == ["a", "bb", "ccc"]
    assert _names(lists, Wanted(Scope(processes=frozenset({"another"})))) == []
    water, police = _of("水务局"), _of("公安局")
    assert _names(lists, Wanted(water)) == ["a", "bb"]
    assert _names(lists, Wanted(water, kind="interview")) == ["bb.1"]
    assert _names(lists, Wanted(police, kind="interview")) == []
    assert lists.ids(Wanted(police)) == {"ccc"}
    assert _names(lists, Wanted(_of("水务局", "another"))) == []
    both = replace(water, units=water.units | _of("公安局", "another").units)
    assert _names(lists, Wanted(both)) == ["a", "bb"]
    assert sum(each.tasks for each in lists.counts(Wanted(police))) == 1
    assert lists.units_of(Wanted(water)) == ["水务局"]


def test_what_is_looked_for_is_never_a_pattern_and_never_a_statement(lists: SqlLists) -> None:
    """Wildcards and quotes are letters like others."""
    assert _names(lists, replace(ALL, text="公安")) == ["ccc"]
    for text in ("%", "_", "'", "' OR 1=1 --", "\\", "%' UNION SELECT salts FROM events --"):
        assert _names(lists, replace(ALL, text=text)) == []
    assert _names(lists, replace(ALL, unit="水务局' OR '1'='1")) == []
    assert _names(lists, replace(ALL, facets={"headquarters' OR '1'='1": "水"})) == []


def test_rows_are_filtered_ordered_grouped_and_paged(lists: SqlLists) -> None:
    """The next due first; what has no date last; a page beyond the last is empty."""
    assert _names(lists, ALL, Order("due")) == ["ccc", "bb", "a"]
    assert _names(lists, ALL, Order("due", descending=True)) == ["a", "bb", "ccc"]
    assert _names(lists, ALL, Order("task", group="unit")) == ["ccc", "a", "bb"]
    assert _names(lists, ALL, Order("due", group="state", ranks={"state": ["done", "planned"]})) == ["ccc", "bb", "a"]
    assert _names(lists, ALL, offset=2, limit=2) == ["ccc"]
    assert _names(lists, ALL, offset=3, limit=2) == []
    assert _names(lists, replace(ALL, facets={"headquarters": "水"})) == ["a", "bb"]
    assert _names(lists, replace(ALL, heading="水")) == ["a", "bb"]
    assert _names(lists, replace(ALL, state="planned", unit="公安局", ended=False)) == ["ccc"]
    assert _names(lists, replace(ALL, ended=True)) == []
    assert [row.heading for row in lists.rows(ALL, Order("task"))] == ["水", "水", "公"]
    assert lists.next_owed(["a"])["a"].due_at == START + timedelta(days=19)
    assert [row.task for row in lists.columns(ALL, each=2)] == ["ccc", "bb"]


def test_what_is_due_next_and_what_is_late_follow_the_deadlines(lists: SqlLists, clock: Clock) -> None:
    """In the columns by which lists are ordered and counted, as in the rows of the deadlines."""
    store = SqlStore(lists.engine, clock)
    story = _enter(store, "d", "公安局")
    assert _late_and_next(lists, "d") == (0, START + timedelta(days=19))
    story.owe(START, "report", "1", START + timedelta(days=19), "missed")
    story.owe(START, "visit", "1", START + timedelta(days=3)).save(store)
    assert _late_and_next(lists, "d") == (1, START + timedelta(days=3))
    assert _names(lists, replace(ALL, overdue=True)) == ["d"]
    assert _names(lists, ALL, Order("due"))[0] == "d"
    story.owe(START, "report", "1", START + timedelta(days=19), "met").save(store)
    assert _late_and_next(lists, "d") == (0, START + timedelta(days=3))
    story.fire(START + timedelta(days=1), "done", ended=True).save(store)
    assert _late_and_next(lists, "d") == (0, START + timedelta(days=3)), "what its end did not settle still runs"
    story.owe(START, "visit", "1", START + timedelta(days=3), "met").save(store)
    assert _late_and_next(lists, "d") == (0, None)
    assert _names(lists, ALL, Order("due"))[-1] == "d"


def _late_and_next(lists: SqlLists, task: str) -> tuple[int, datetime | None]:
    """How many tasks are late, and when this one owes something next, by its row and by its deadlines."""
    with lists.engine.connect() as connection:
        due_at = connection.scalar(select(tasks.c.due_at).where(tasks.c.id == task))
    owed = lists.next_owed([task]).get(task)
    assert (owed.due_at if owed else None) == (None if due_at is None else moment_of(due_at))
    return sum(each.late or 0 for each in lists.counts(ALL)), None if due_at is None else moment_of(due_at)


def test_views_belong_to_one_person(lists: SqlLists, clock: Clock) -> None:
    """One of the same name is replaced; nobody forgets another's."""
    from storage.people import SqlPeople

    people = SqlPeople(lists.engine, clock)
    for name in ("li", "wang"):
        people.put_user(new_user(name, clock.now), None)
    lists.keep_view("li", "board", "mine", "unit=x")
    lists.keep_view("li", "board", "mine", "unit=y")
    (kept,) = lists.views("li", "board")
    assert kept.query == "unit=y"
    lists.drop_view("wang", kept.id)
    assert lists.views("li", "board") == [kept]
    assert lists.views("wang", "board") == []
    lists.drop_view("li", kept.id)
    assert lists.views("li", "board") == []


def test_lists_are_filled_anew_in_any_number_of_steps(lists: SqlLists) -> None:
    """What was kept is replaced by what the tasks say."""
    last: str | None = ""
    steps = 0
    while last is not None:
        last, steps = (
            lists.mark(lambda task: ({"林业局"}, {"kind": task.id}, f"第{task.id}"), after=last, limit=2),
            steps + 1,
        )
    assert steps == 3
    assert _names(lists, Wanted(_of("林业局"))) == ["a", "bb", "ccc"]
    assert _names(lists, Wanted(_of("水务局"))) == []
    assert _names(lists, replace(ALL, facets={"kind": "bb"})) == ["bb"]
    assert [row.heading for row in lists.rows(ALL, Order("task"))] == ["第a", "第bb", "第ccc"]
    assert _names(lists, replace(ALL, heading="第bb")) == ["bb"]


def _issue(lists: SqlLists, task: str, number: str, at: datetime, *, void: bool = False) -> None:
    told = dict.fromkeys(("publication", "title", "language", "audience", "template", "digest", "facts"), number)
    row = {"stream": task, "seq": 1, "number": number, "series": number, "year": 2022, "serial": 1, **told}
    ended = {"voided_at": micros(at), "voided_by": "zhao", "void_reason": "重复"} if void else {}
    with lists.engine.begin() as connection:
        connection.execute(insert(documents).values(**row, issued_at=micros(at), issued_by="zhao", **ended))


def test_what_was_issued_is_seen_by_who_sees_its_task(lists: SqlLists) -> None:
    """Between two instants, in the order of issue, without what was declared void."""
    day = timedelta(days=1)
    for task, number, at in (("bb", "2", START + day), ("a", "1", START), ("ccc", "3", START), ("bb.1", "4", START)):
        _issue(lists, task, number, at)
    _issue(lists, "a", "5", START, void=True)
    _issue(lists, "nobody's", "6", START)

    def numbers(scope: Scope, until: datetime = START + 2 * day) -> list[str]:
        return [each.number for each in lists.issued(scope, START, until)]

    assert numbers(EVERYTHING) == ["1", "3", "4", "2"]
    assert numbers(Scope(processes=frozenset({"livelihood"}))) == ["1", "3", "4", "2"]
    assert numbers(EVERYTHING, START + day) == ["1", "3", "4"]
    assert numbers(_of("水务局")) == ["1", "4", "2"]
    assert numbers(_of("公安局")) == ["3"]
    assert numbers(NOBODY) == []


def test_what_was_issued_is_asked_of_documents_and_not_of_every_task(tmp_path: Path) -> None:
    """An office has a hundred tasks for each document. SQLite has no figures to plan by: its first step says which it
    walks.
    """
    store = open_store(f"sqlite:///{tmp_path / 'empty.db'}", create=True)
    assert isinstance(store, SqlStore)
    lists = SqlLists(store.engine)
    for scope in (EVERYTHING, Scope(processes=frozenset({"livelihood"})), _of("水务局")):
        plan = _plan(lists, lambda scope=scope: lists.issued(scope, START, START))  # type: ignore[misc]  # a default binds the loop's value
        assert plan[0].startswith(("SCAN documents", "SEARCH documents")), plan
    store.close()


def _plan(lists: SqlLists, ask: Callable[[], object]) -> list[str]:
    """How SQLite answers the last question that is asked."""
    said: list[tuple[str, tuple[object, ...]]] = []

    def heard(*told: Any) -> None:
        said.append((told[2], told[3]))

    event.listen(lists.engine, "before_cursor_execute", heard)
    ask()
    event.remove(lists.engine, "before_cursor_execute", heard)
    with lists.engine.connect() as connection:
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said[-1][0]}", said[-1][1])]
