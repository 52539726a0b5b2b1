"""What keeps the machine running: health, figures, the alarm, the page of operations, and what an upgrade does to a
server that runs.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine, text

import web.house
from cli import cli
from engine.events import instant, iso
from storage import machine, schema
from tests.limits import PATIENCE, address_of, at_once, running
from tests.web.stage import ZONE, Stage, raise_stage, underway
from web.logs import ERRORS
from workflows.labour.alarm import ALARM, outage, watch
from workflows.labour.context import Tools
from workflows.labour.kinds import SWEPT_AT
from workflows.labour.values import Standing
from workflows.people import accounts, tokens
from workflows.people.values import By
from workflows.post.planning import plan_all
from workflows.post.sending import Round, deliver
from workflows.post.values import MAIL, Answer, Message, NotSent, Sent


class Post:
    """A courier that keeps what it is given, or fails."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.answer: Answer = answer or Sent()
        self.messages: list[Message] = []

    def send(self, message: Message) -> Answer:
        self.messages.append(message)
        return self.answer


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A house that looks at everything each time, and whose people have mail."""
    monkeypatch.setattr(web.house, "LOOK", 0.0)
    monkeypatch.setattr(web.house, "WATCH", 0.0)
    stage = raise_stage(tmp_path)
    engine = stage.office.store.engine
    stage.house.require, stage.house.size = partial(machine.require, engine), partial(machine.size, engine)
    stage.house.database = machine.described(engine)
    stage.house.post = stage.office.post
    for name in ("li", "admin"):
        user = stage.office.people.user(name)
        assert user is not None
        accounts.change_user(stage.office.people, replace(user, mail=f"{name}@example.org"), By("admin"))
    yield stage
    stage.close()


def _tools(stage: Stage, post: Post) -> Tools:
    return Tools(
        lambda: stage.house.at_desk("job"),
        stage.office.people,
        stage.office.post,
        stage.office.jobs,
        {MAIL: post},
        float,
    )


def _upgraded(stage: Stage, revision: str) -> None:
    with stage.office.store.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("UPDATE duban_version SET version_num = :to"), {"to": revision})


# -- health and figures


def test_a_server_lives_and_says_whether_it_can_work(stage: Stage) -> None:
    browser = stage.client()
    assert browser.get("/health").json() == {"status": "ok"}
    told = browser.get("/health/ready").json()
    assert (told["status"], told["time_stands"], told["workers"]) == ("ok", False, 0)


def test_a_server_whose_database_was_upgraded_works_no_more_and_says_why(stage: Stage) -> None:
    """Pages and programs get 503 with the cause and the cure; the process lives. When the schema is its own again, it
    works again.
    """
    browser = stage.client("li")
    assert browser.get("/worklist").status_code == 200
    _upgraded(stage, "0999")
    page = browser.get("/worklist")
    assert page.status_code == 503
    assert "请先升级程序" in page.text
    assert stage.client("li", lang="en").get("/board").status_code == 503
    problem = browser.get("/api/v1/nothing")
    assert problem.status_code in (404, 503)
    ready = browser.get("/health/ready")
    assert (ready.status_code, ready.json()["problem"]) == (503, "StoreNewer")
    assert browser.get("/health").status_code == 200
    _upgraded(stage, schema.HEAD)
    assert browser.get("/worklist").status_code == 200


def test_figures_are_for_this_machine_and_for_tokens_of_administrators(stage: Stage) -> None:
    """Not for a request that came through a proxy, nor for other people's tokens."""
    here = TestClient(stage.app, client=("127.0.0.1", 5))
    elsewhere = TestClient(stage.app, client=("192.0.2.7", 5))
    assert here.get("/metrics").status_code == 200
    assert here.get("/metrics", headers={"x-forwarded-for": "192.0.2.7"}).status_code == 404
    assert elsewhere.get("/metrics").status_code == 404
    for name, status in (("admin", 200), ("wu", 200), ("li", 404)):
        user = stage.office.people.user(name)
        assert user is not None
        secret = tokens.issue(stage.office.people, user, "watch", ["read"], 5, By(name))
        assert isinstance(secret, str), secret
        assert elsewhere.get("/metrics", headers={"authorization": f"Bearer {secret}"}).status_code == status


def test_figures_count_what_happened_and_name_nobody(stage: Stage) -> None:
    """By route, never by task or person."""
    task = underway(stage)
    stage.client("li").get(f"/tasks/{task}?secret=words")
    stage.client().post("/sign-in", data={"name": "li", "password": "wrong wrong wrong"})
    told = TestClient(stage.app, client=("127.0.0.1", 5)).get("/metrics").text
    assert 'duban_request_seconds_count{method="GET",route="/tasks/{task}",status="200"} 1.0' in told
    assert 'duban_sign_in_failures_total{status="401"} 1.0' in told
    for name in ("sweep_age_seconds -1", "sweep_lag_seconds", "outbox_notices", "deliveries_waiting", "database_bytes"):
        assert f"duban_{name}" in told
    assert 'duban_jobs{state="failed"}' in told
    assert task not in told
    assert "secret" not in told


def test_lines_of_the_log_are_json_and_hold_no_ids_of_tasks_and_no_queries(
    stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    task = underway(stage)
    capfd.readouterr()
    stage.client("li").get(f"/tasks/{task}?secret=words")
    line = capfd.readouterr().err
    told = json.loads(line)
    assert (told["route"], told["status"], told["user"], told["method"]) == ("/tasks/{task}", 200, "li", "GET")
    assert len(told["id"]) == 32
    assert told["ms"] > 0
    assert task not in line
    assert "secret" not in line


# -- the alarm


def _swept(stage: Stage, ago: timedelta) -> None:
    stage.desk.store.set_note(SWEPT_AT, iso(stage.office.jobs.now() - ago))


def test_an_hour_without_a_sweep_is_told_once_and_its_end_once(stage: Stage) -> None:
    """Whoever keeps the machine gets one message of the outage and one of its end, however many watch at once."""
    post = Post()
    tools = _tools(stage, post)
    _swept(stage, timedelta(minutes=59))
    watch(tools, "w")
    assert post.messages == []
    _swept(stage, timedelta(minutes=61))
    at_once(*(partial(watch, tools, f"w{n}") for n in range(4)))
    watch(tools, "w")
    assert [(each.address, each.facts["alarm"]) for each in post.messages] == [("admin@example.org", "outage")]
    since = instant(str(stage.desk.store.note(SWEPT_AT))).astimezone(ZONE)
    assert f"{since:%Y-%m-%d %H:%M} (Asia/Shanghai)" in post.messages[0].text, "in the zone of the office"
    _swept(stage, timedelta())
    watch(tools, "w")
    watch(tools, "w")
    assert [each.facts["alarm"] for each in post.messages] == ["outage", "over"]
    told = [job for job in stage.office.jobs.jobs() if job.kind == ALARM]
    assert [(job.state, job.done) for job in told] == [("done", 1), ("done", 1)]


def test_what_could_not_be_told_stands_in_the_fates(stage: Stage) -> None:
    _swept(stage, timedelta(hours=2))
    watch(_tools(stage, Post(NotSent("no route"))), "w")
    job = next(job for job in stage.office.jobs.jobs() if job.kind == ALARM)
    assert [(each.fate, each.detail) for each in stage.office.jobs.fates(job.id)] == [("failed", "no route")]


def test_the_alarm_stands_on_every_page_of_whoever_can_do_something(stage: Stage) -> None:
    """The office and the administrator see it, a unit and the public do not."""
    _swept(stage, timedelta(hours=2))
    assert outage(stage.desk, stage.office.jobs) is not None
    for name, shown in (("li", True), ("admin", True), ("wang", False)):
        assert ("时限没有运行" in stage.client(name).get("/worklist").text) is shown, name
    assert "时限没有运行" not in stage.client().get("/sign-in").text
    since = instant(stage.desk.store.note(SWEPT_AT) or "").astimezone(ZONE)
    assert f"自 {since:%Y-%m-%d %H:%M} 起" in stage.client("admin").get("/worklist").text, "as all moments of pages"
    assert "Time has not run since" in stage.client("admin", lang="en").get("/worklist").text
    _swept(stage, timedelta())
    assert "时限没有运行" not in stage.client("li").get("/worklist").text


# -- the page


def _given_up(stage: Stage) -> None:
    """A message that was given up."""
    underway(stage)
    plan_all(stage.desk, stage.office.people, stage.office.post)
    stage.clock.move(stage.clock() + timedelta(days=3))
    deliver(_round(stage, Post(NotSent("550 no such mailbox", final=True))))


def _round(stage: Stage, post: Any) -> Round:
    return Round(stage.office.post, {MAIL: post}, stage.clock, lambda: 0.0)


def test_a_message_that_was_given_up_is_shown_with_its_error_and_sent_again(stage: Stage) -> None:
    _given_up(stage)
    admin = stage.client("admin")
    page = admin.get("/operations").text
    assert "550 no such mailbox" in page
    number = re.search(r"/operations/messages/(\d+)", page)
    assert number is not None
    assert admin.post(number[0]).headers["location"] == "/operations?said=op_retried"
    assert admin.post(number[0]).headers["location"] == "/operations?said=op_gone"
    post = Post()
    deliver(_round(stage, post))
    assert [each.address for each in post.messages] == ["li@example.org"]
    assert "550 no such mailbox" not in admin.get("/operations").text


def test_jobs_are_cancelled_done_again_and_time_is_run_from_the_page(stage: Stage) -> None:
    jobs, admin = stage.office.jobs, stage.client("admin")
    waits = jobs.ask("bulk", {"tasks": []}, "li")
    fails = jobs.ask("bulk", {"tasks": ["x"]}, "li")
    jobs.begin(fails.id, "w")
    jobs.end(fails.id, "w", "failed", {"error": "the disk is full"})
    page = admin.get("/operations").text
    assert "the disk is full" in page
    admin.post(f"/operations/jobs/{waits.id}/cancel")
    admin.post(f"/operations/jobs/{fails.id}")
    admin.post("/operations/sweep?accept=1")
    found = {(job.kind, job.state): job for job in jobs.jobs()}
    assert found["bulk", "cancelled"].id == waits.id
    assert found["bulk", "waiting"].body == {"tasks": ["x"]}
    assert found["sweep", "waiting"].body == {"accept_gap": True}
    assert admin.post("/operations/jobs/none").status_code == 404


def test_a_standing_job_is_cancelled_through_no_door(stage: Stage) -> None:
    """Not by the pages, not by the API, not by an administrator, waiting or running."""
    jobs, admin = stage.office.jobs, stage.client("admin")
    jobs.stand(Standing("sweep", 60))
    for state in ("waiting", "running"):
        found = jobs.job("sweep")
        assert found is not None
        assert (found.state, found.cancel) == (state, False)
        for path in ("/operations/jobs/sweep/cancel", "/jobs/sweep/cancel", "/api/v1/jobs/sweep/cancel"):
            answer = admin.post(path)
            assert answer.headers.get("location") == "/operations?said=job_standing" or answer.status_code in (404, 409)
        assert "/operations/jobs/sweep/cancel" not in admin.get("/operations").text
        jobs.begin("sweep", "w")


def test_the_page_names_the_machine_and_its_errors_to_administrators_alone(stage: Stage) -> None:
    ERRORS.append({"event": "broken", "id": "f" * 32, "timestamp": "2022", "exception": "ZeroDivisionError"})
    page = stage.client("admin", lang="en").get("/operations").text
    for words in ("SQLite 3.", schema.HEAD, "f" * 32, "ZeroDivisionError", "There is no worker"):
        assert words in page
    for name in ("li", "wang", "wu"):
        assert stage.client(name).get("/operations").status_code == 403


# -- a real server


def test_a_server_on_postgresql_is_backed_up_upgraded_under_and_stopped(fresh_postgres: str, tmp_path: Path) -> None:
    """A process of its own: it gets ready, a backup is made of it in use, an upgrade takes it out of service and is
    seen by it, and it stops with 0 when it is told to.
    """
    runner = CliRunner()
    assert runner.invoke(cli, ["--db", fresh_postgres, "init"]).exit_code == 0
    serve = ["--json", "serve", "--port", "0", "--sweep-every", "0.1"]
    command = [sys.executable, "-m", "cli", "--db", fresh_postgres, *serve]
    log = tmp_path / "log"
    with log.open("w") as err, running(command, stdout=subprocess.PIPE, stderr=err) as server:
        try:
            address = address_of(server)
            engine = create_engine(fresh_postgres)
            _until(lambda: _status(address + "health/ready") == 200 and _last_sweep(engine) is not None)
            backed = runner.invoke(cli, ["--db", fresh_postgres, "backup", "--to", str(tmp_path / "b.zip")])
            assert backed.exit_code == 0, backed.output
            with engine.begin() as connection:
                connection.execute(text("UPDATE duban_version SET version_num = '0999'"))
            time.sleep(2.5)
            before = _last_sweep(engine)
            assert before is not None
            assert (_status(address + "sign-in"), _status(address + "health")) == (503, 200)
            time.sleep(2.5)
            assert _last_sweep(engine) == before, "no job is done meanwhile"
            with engine.begin() as connection:
                connection.execute(text("UPDATE duban_version SET version_num = :own"), {"own": schema.HEAD})
            upgraded = runner.invoke(cli, ["--db", fresh_postgres, "upgrade"])
            assert upgraded.exit_code == 0, upgraded.output
            _until(lambda: _last_sweep(engine) != before and _status(address + "sign-in") == 200)
            engine.dispose()
        finally:
            os.kill(server.pid, signal.SIGTERM)
        assert server.wait(30) == 0
    assert all(json.loads(line)["event"] for line in log.read_text(encoding="utf-8").splitlines())


def _status(address: str) -> int:
    try:
        with urlopen(address, timeout=PATIENCE) as answer:  # noqa: S310 - our own server on loopback
            return int(answer.status)
    except HTTPError as error:
        return error.code


def _last_sweep(engine: Engine) -> int | None:
    with engine.connect() as connection:
        return connection.execute(text("SELECT ended_at FROM jobs WHERE id = 'sweep'")).scalar()


def _until(true: Callable[[], bool], seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not come true in time"
        time.sleep(0.1)
