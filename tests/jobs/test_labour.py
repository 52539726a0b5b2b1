"""The rows of jobs on both databases: one worker has a job, a silent one loses it, and nothing is begun for ever."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from engine.commands import Refusal
from storage import open_store
from storage.labour import SqlLabour
from storage.sql_store import SqlStore
from tests.limits import at_once
from workflows.labour.ports import Lost
from workflows.labour.stopping import stop
from workflows.labour.values import MOST_CRASHES, Fate, Standing

NOW = timedelta(0)


@pytest.fixture(params=["sqlite", "postgres"])
def labour(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlLabour]:
    sqlite = f"sqlite:///{tmp_path / 'duban.db'}"
    url = sqlite if request.param == "sqlite" else request.getfixturevalue("founded_postgres")
    store = open_store(url, create=True)
    assert isinstance(store, SqlStore)
    yield SqlLabour(store.engine)
    store.close()


def test_a_job_is_begun_by_one(labour: SqlLabour) -> None:
    job = labour.ask("k", {"a": [1]}, None)
    taken = labour.begin(job.id, "one")
    assert taken is not None
    assert (taken.state, taken.worker, taken.body, taken.tries) == ("running", "one", {"a": [1]}, 1)
    assert labour.begin(job.id, "two") is None


def test_the_same_name_asks_once(labour: SqlLabour) -> None:
    first = labour.ask("k", {"a": 1}, None, name="n")
    assert labour.ask("k", {"a": 2}, None, name="n") == first
    assert len(labour.jobs()) == 1


def test_of_many_who_ask_in_one_instant_one_begins(labour: SqlLabour) -> None:
    """By the database: a look, and then a row, would be two steps."""
    alike = [partial(labour.ask_one, "k", {"draft": "a", "n": n}, None, alike=("draft",)) for n in range(8)]
    answers = at_once(*alike)
    assert [anew for _, anew in answers].count(True) == 1
    assert len({job.id for job, _ in answers}) == 1
    other, anew = labour.ask_one("k", {"draft": "b"}, None, alike=("draft",))
    assert (anew, labour.ask_one("l", {"draft": "a"}, None)[1]) == (True, True)
    assert labour.ask_one("k", {"draft": "c"}, None)[1] is False, "any of the kind is like one of which nothing is said"
    labour.begin(other.id, "one")
    assert labour.ask_one("k", {"draft": "b"}, None, alike=("draft",)) == (labour.job(other.id), False)
    labour.end(other.id, "one", "done", {})
    assert labour.ask_one("k", {"draft": "b"}, None, alike=("draft",))[1], "what is over stands in nobody's way"


def test_whoever_lost_a_job_finds_out_with_the_next_word(labour: SqlLabour) -> None:
    """A worker that slept and was taken over changes nothing any more."""
    job = labour.ask("k", {}, None)
    labour.seen("one", "here")
    labour.begin(job.id, "one")
    assert labour.progress(job.id, "one", total=3, met=[Fate(1, "a", "done"), Fate(2, "b", "refused", "no")])
    [dead] = labour.inherit(NOW, timedelta(seconds=5))
    assert dead.id == "one"
    assert labour.begin(job.id, "two") is not None
    with pytest.raises(Lost):
        labour.progress(job.id, "one", met=[Fate(3, "c", "done")])
    with pytest.raises(Lost):
        labour.end(job.id, "one", "done", {})
    labour.end(job.id, "two", "done", {"x": 1})
    found = labour.job(job.id)
    assert found is not None
    assert (found.state, found.total, found.done, found.failed, found.result) == ("done", 3, 1, 1, {"x": 1})
    assert [(each.n, each.fate, each.detail) for each in labour.fates(job.id)] == [
        (1, "done", ""),
        (2, "refused", "no"),
    ]


def test_a_dead_worker_has_one_heir_until_the_lease_is_over(labour: SqlLabour) -> None:
    labour.seen("dead", "here")
    assert labour.inherit(timedelta(hours=1), NOW) == []
    time.sleep(0.01)
    assert len(labour.inherit(NOW, timedelta(seconds=0.3))) == 1
    assert labour.inherit(NOW, timedelta(seconds=0.3)) == []
    time.sleep(0.35)
    assert len(labour.inherit(NOW, timedelta(seconds=0.3))) == 1
    labour.leave("dead")
    assert labour.workers() == []


def dies(labour: SqlLabour) -> None:
    labour.seen("w", "here")
    time.sleep(0.002)
    assert len(labour.inherit(NOW, NOW)) == 1
    labour.leave("w")


def test_a_job_of_which_workers_die_is_given_up(labour: SqlLabour) -> None:
    """So many in a row, without any progress between them; and it says so."""
    job = labour.ask("k", {}, None)
    for _ in range(MOST_CRASHES):
        assert labour.begin(job.id, "w") is not None
        dies(labour)
    assert labour.begin(job.id, "w") is None
    found = labour.job(job.id)
    assert found is not None
    assert (found.state, found.result) == ("failed", {"error": "given up", "crashes": MOST_CRASHES})


def test_a_job_that_goes_on_is_never_given_up(labour: SqlLabour) -> None:
    """However often its worker dies or stops: it comes a little further each time."""
    job = labour.ask("k", {}, None)
    for n in range(1, 3 * MOST_CRASHES):
        assert labour.begin(job.id, "w") is not None
        labour.progress(job.id, "w", met=[Fate(n, "t", "done")])
        dies(labour)
    for _ in range(2 * MOST_CRASHES):
        assert labour.begin(job.id, "w") is not None
        labour.give_back(job.id, "w")
    assert labour.begin(job.id, "w") is not None


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_is_told(labour: SqlLabour) -> None:
    waiting, running = labour.ask("k", {}, None), labour.ask("k", {}, None)
    labour.begin(running.id, "w")
    assert getattr(labour.cancel(waiting.id), "state", None) == "cancelled"
    assert labour.begin(waiting.id, "w") is None
    assert getattr(labour.cancel(running.id), "state", None) == "running"
    assert not labour.progress(running.id, "w")
    assert labour.cancel("none") is None


def test_what_stands_is_not_cancelled(labour: SqlLabour) -> None:
    """Neither while it waits nor while it runs, whoever asks: time would stand."""
    labour.stand(Standing("sweep", 60))
    assert getattr(labour.cancel("sweep"), "state", None) == "waiting"
    answer = stop(labour, "sweep")
    assert isinstance(answer, Refusal)
    assert answer.code == "job_standing"
    labour.begin("sweep", "w")
    labour.cancel("sweep")
    assert labour.progress("sweep", "w"), "it goes on"


def test_a_standing_job_waits_again_when_its_time_has_come(labour: SqlLabour) -> None:
    """Not before, not while it runs, and for one of those who look."""
    often, seldom = Standing("sweep", 0.05), Standing("sweep", 3600)
    assert labour.stand(seldom)
    assert not labour.stand(often), "it waits already"
    labour.begin("sweep", "w")
    assert not labour.stand(often), "it runs"
    labour.end("sweep", "w", "done", {"n": 1})
    assert not labour.stand(seldom), "it is too early"
    time.sleep(0.06)
    assert labour.stand(often)
    assert not labour.stand(often)
    found = labour.job("sweep")
    assert found is not None
    assert (found.state, found.tries, found.standing) == ("waiting", 0, True)


def test_what_a_lost_runner_had_is_counted(labour: SqlLabour) -> None:
    """Standing jobs that rest are no queue."""
    labour.stand(Standing("sweep", 1))
    job = labour.ask("k", {}, None)
    labour.ask("k", {}, None)
    labour.begin(job.id, "w")
    assert labour.counts() == {"waiting": 1, "running": 1}
