"""Many at once: processes that act on one task lose nothing, and what is in the way is said to be busy."""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from engine.events import Event, EventType
from engine.task import Task, evolve
from storage import StoreBusy, open_store
from storage.errors import StoreDamaged, StoreForeign, StoreFull, StoreGone, StoreMissing, StoreReadOnly, translated
from storage.sql import POSTGRES, SQLITE
from storage.sql_store import SqlStore
from tests.storage.stories import DAY, START, Story, registered
from workflows.ports import Change, Store

ROUNDS = 40


def report_once(store: Store, task: str) -> None:
    """Read the task under its lock and append one report to it."""
    with store.work([task]) as work:
        before = work.families[task][task]
        event = report(before, before.seq + 1)
        number = work.number("令")
        after = evolve(before, event)
        work.save([Change(before, after, [event], [], [], {"title": str(number)})])


def report(task: Task, seq: int) -> Event:
    told = {"trigger": "report", "to": task.state, "set": {"percent": str(seq)}, "milestones": {}, "ended": False}
    payload = {**told, "undo": "none"}
    return Event(EventType.TRIGGER_FIRED, task.id, seq, START, None, "li", "", task.edition, payload)


def reporter(url: str, task: str) -> None:
    with closing(open_store(url)) as store:
        for _ in range(ROUNDS):
            report_once(store, task)


def together(target: Callable[..., None], *arguments: tuple[str, ...]) -> None:
    """Run each in a process of its own, and fail where one fails."""
    start = multiprocessing.get_context("spawn")
    processes = [start.Process(target=target, args=each, daemon=True) for each in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    ended = [process.exitcode for process in processes]
    for process in processes:
        process.kill()
    assert ended == [0] * len(processes)


def test_two_processes_on_one_task_lose_nothing(database: str) -> None:
    """Every report stands in the stream, in one chain; numbers have neither gap nor double."""
    with closing(open_store(database, create=True)) as store:
        registered(store, "t1")
        together(reporter, (database, "t1"), (database, "t1"))
        stream = store.events("t1")
        assert [each.event.seq for each in stream] == list(range(1, 2 * ROUNDS + 2))
        assert [each.prev for each in stream[1:]] == [each.hash for each in stream[:-1]]
        assert sorted(each.recorded_at for each in stream) == [each.recorded_at for each in stream]
        with store.work([]) as work:
            assert work.number("令") == 2 * ROUNDS + 1


def pair_reporter(url: str, first: str, second: str) -> None:
    with closing(open_store(url)) as store:
        for _ in range(ROUNDS):
            with store.work([first, second]) as work:
                for name in (first, second):
                    before = work.families[name][name]
                    event = report(before, before.seq + 1)
                    work.save([Change(before, evolve(before, event), [event], [], [], {})])


def test_two_families_are_locked_in_one_order(database: str) -> None:
    """Asked for crosswise, they never wait for each other in a circle."""
    with closing(open_store(database, create=True)) as store:
        registered(store, "a")
        registered(store, "b")
        together(pair_reporter, (database, "a", "b"), (database, "b", "a"))
        assert len(store.events("a")) == len(store.events("b")) == 2 * ROUNDS + 1


def test_the_second_lock_holds_where_the_first_is_passed_by(database: str) -> None:
    """UNIQUE (stream, seq): an event slipped in behind the lock's back makes the append busy; nothing is written."""
    with closing(open_store(database, create=True)) as store:
        assert isinstance(store, SqlStore)
        story = registered(store, "t1")
        copy = "INSERT INTO events SELECT stream, 2, type, occurred_at, recorded_at, actor, edition, header, payload,"
        with store.engine.begin() as connection:
            connection.exec_driver_sql(f"{copy} salts, prev, hash FROM events")
        before = store.task("t1")
        with pytest.raises(StoreBusy):
            story.fire(START, "lagging").save(store)
        assert store.task("t1") == before


def race_for_a_key(store: Store, other: Store) -> None:
    with other.work(["b"]) as work:
        assert work.answer("li", "k", "d") is None
        with store.work(["a"]) as first:
            first.remember("li", "k", "d", {"seq": 1})
        work.remember("li", "k", "d", {"seq": 2})


def test_the_loser_of_a_race_for_a_key_finds_the_answer_on_its_second_try(fresh_postgres: str) -> None:
    """Two transactions on different roots: one key, one answer."""
    with closing(open_store(fresh_postgres, create=True)) as store, closing(open_store(fresh_postgres)) as other:
        with pytest.raises(StoreBusy, match="keys_pkey"):
            race_for_a_key(store, other)
        with other.work(["b"]) as work:
            assert work.answer("li", "k", "d") == {"seq": 1}


def test_due_rows_are_found_by_index_in_sqlite(tmp_path: Path) -> None:
    """The sweep's cost follows what is due: the plan searches the index of wakes and never scans the table."""
    with closing(open_store(f"sqlite:///{tmp_path / 'duban.db'}", create=True)) as store:
        assert isinstance(store, SqlStore)
        with store.engine.connect() as connection:
            asked = {
                SQLITE.due: (1, 9),
                SQLITE.as_of: (1,) * 6,
                SQLITE.families: ('["a"]',),
                SQLITE.believed: ("a", 1, 1),
            }
            plans = [
                " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values))
                for said, values in asked.items()
            ]
    assert "SEARCH deadlines USING COVERING INDEX deadlines_wake" in plans[0]
    assert "SEARCH s USING COVERING INDEX spans_board (over_at>?)" in plans[1]
    assert "SEARCH t USING COVERING INDEX tasks_board (id=?)" in plans[1]
    assert "tasks_family" in plans[2]
    assert "USING INDEX sqlite_autoindex_spans_1 (task=?)" in plans[3]
    assert not any(f"SCAN {table}" in plan for plan in plans for table in ("deadlines", "spans", "s", "t "))


def test_due_rows_are_found_by_index_in_postgresql(fresh_postgres: str) -> None:
    with closing(open_store(fresh_postgres, create=True)) as store:
        assert isinstance(store, SqlStore)
        with store.engine.connect() as connection:
            connection.exec_driver_sql("SET enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {POSTGRES.due}", (1, 9)).scalars().all()
    assert any("deadlines_wake" in line for line in plan)


def test_a_writer_that_waits_too_long_is_told_that_the_store_is_busy(database: str) -> None:
    """Nothing hangs for ever, and no driver's error comes out."""
    with closing(open_store(database, create=True)) as store, closing(open_store(database)) as other:
        assert isinstance(other, SqlStore)
        story = registered(store, "t1")
        patience = "PRAGMA busy_timeout = 50" if database.startswith("sqlite") else "SET lock_timeout = 50"
        with other.engine.begin() as connection:
            connection.exec_driver_sql(patience)
        with store.work(["t1"]), pytest.raises(StoreBusy), other.work(["t1"]):
            pass
        story.fire(START, "lagging").save(other)


def test_a_reader_does_not_wait_for_a_writer(database: str) -> None:
    """It sees what was committed before."""
    with closing(open_store(database, create=True)) as store, closing(open_store(database)) as other:
        story = registered(store, "t1")
        with store.work(["t1"]) as work:
            work.save([story.fire(START, "lagging").change()])
            assert [row.state for row in other.board(START + DAY)] == ["planned"]
        assert [row.state for row in other.board(START + DAY)] == ["lagging"]


def test_a_full_disk_is_said_to_be_full_and_keeps_what_it_had(tmp_path: Path) -> None:
    """What was acknowledged stays; when space returns, work goes on."""
    with closing(open_store(f"sqlite:///{tmp_path / 'duban.db'}", create=True)) as store:
        assert isinstance(store, SqlStore)
        registered(store, "t1")
        with store.engine.begin() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreFull, match="free some space"):
            store.keep_file("big", b"x" * 100_000)
        assert len(store.events("t1")) == 1
        with store.engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 100000")
        assert store.file(store.keep_file("big", b"x" * 100_000))


def test_what_a_driver_says_becomes_a_problem_with_a_cure() -> None:
    """Codes of SQLite; another library's error and a fault of the program stay what they are."""
    kinds = {5: StoreBusy, 8: StoreReadOnly, 11: StoreDamaged, 13: StoreFull, 14: StoreMissing, 26: StoreForeign}
    for code, kind in kinds.items():
        error = dbapi2.OperationalError("said")
        error.sqlite_errorcode = code | 1 << 8
        problem = translated(error)
        assert type(problem) is kind
        assert problem.cause.zh
        assert problem.cure.en in str(problem)
    assert translated(ValueError("x")) is None
    assert translated(sqlite3.OperationalError("no code")) is None


def lose_the_connection(store: Store, other: SqlStore) -> None:
    """The server ends the store's session while a command is under way."""
    story = Story("t1").register(START)
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state LIKE 'idle in%%' AND pid <> "
    with store.work(["t1"]) as work:
        with other.engine.begin() as connection:
            connection.exec_driver_sql(kill + "pg_backend_pid() AND datname = current_database()")
        work.save([story.change()])


def test_a_lost_connection_is_told_and_the_next_command_works(fresh_postgres: str) -> None:
    """Whether the last command was kept is unknown: the cure says to repeat it with its key."""
    with closing(open_store(fresh_postgres, create=True)) as store, closing(open_store(fresh_postgres)) as other:
        assert isinstance(other, SqlStore)
        with pytest.raises(StoreGone, match="same key"):
            lose_the_connection(store, other)
        registered(store, "t2")
        assert list(store.streams()) == ["t2"]
