"""Jobs and the post at the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli import cli
from tests.jobs.conftest import tools_of
from tests.post.conftest import LEAD, Stage
from tests.post.servers import http_server, mail_server
from workflows.desk import CLOCK, PURPOSE
from workflows.labour.bulk import ask_bulk, bulk
from workflows.labour.context import Context
from workflows.labour.kinds import deliver
from workflows.labour.values import Job, Standing


@pytest.fixture
def rehearsal(stage: Stage) -> Stage:
    """A database that the command line opens on its own clock."""
    stage.desk.store.set_note(PURPOSE, "rehearsal")
    stage.desk.store.set_note(CLOCK, stage.desk.clock().isoformat())
    return stage


def call(path: Path, *words: str, **env: str) -> Result:
    url = f"sqlite:///{path / 'duban.db'}"
    setting = {"LC_ALL": "C.UTF-8", "COLUMNS": "200", **env}
    return CliRunner(env=setting).invoke(cli, ["--db", url, *words], catch_exceptions=False)


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_outbox_and_the_history_show_what_was_sent_and_to_whom(rehearsal: Stage, tmp_path: Path) -> None:
    """First it is not planned; then it is accepted, and the history of the task says so, in order of time."""
    rehearsal.user("li", "office")
    task = rehearsal.lag()
    assert [each["state"] for each in told(call(tmp_path, "--json", "outbox"))] == ["unplanned"]
    tools = tools_of(rehearsal)
    job = tools.labour.ask("deliver", {}, None)
    taken = tools.labour.begin(job.id, "w")
    assert taken is not None
    assert deliver(Context(taken, "w", tools)) == {"planned": 1, "sent": 1, "put_off": 0, "given_up": 0}
    [one] = told(call(tmp_path, "--json", "outbox"))
    assert (one["recipient"], one["channel"], one["state"], one["attempts"]) == ("li", "mail", "sent", 1)
    assert told(call(tmp_path, "--json", "outbox", "--waiting")) == []
    page = call(tmp_path, "history", task).output
    assert f"post:{task}  Early warning: accepted for li (mail)" in page
    assert page.index("Notice") < page.index("accepted for li"), page
    assert "“预警”已送达 li（邮件）" in call(tmp_path, "--lang", "zh", "history", task).output
    assert told(call(tmp_path, "--json", "history", task))[-1]["type"] == "Delivered"


def test_jobs_are_listed_shown_and_cancelled(rehearsal: Stage, tmp_path: Path) -> None:
    """Each item with its fate; what is over or not there cannot be cancelled."""
    rehearsal.user("wang", "lead", "水务局")
    task, tools = rehearsal.lag(), tools_of(rehearsal)
    form = {"month": "2022-01", "percent": "20"}
    job = ask_bulk(tools.labour, [task, "none-1"], "report", form, [LEAD], lang="en")
    waiting = ask_bulk(tools.labour, [task], "report", form, [LEAD])
    assert isinstance(job, Job)
    assert isinstance(waiting, Job)
    taken = tools.labour.begin(job.id, "w")
    assert taken is not None
    bulk(Context(taken, "w", tools))
    tools.labour.end(job.id, "w", "done", {})
    assert {each["id"] for each in told(call(tmp_path, "--json", "jobs", "list"))} == {job.id, waiting.id}
    shown = told(call(tmp_path, "--json", "jobs", "show", job.id))
    assert [(each["subject"], each["fate"]) for each in shown["fates"]] == [(task, "done"), ("none-1", "refused")]
    assert "There is no task none-1" in call(tmp_path, "jobs", "show", job.id, "--watch").output
    assert told(call(tmp_path, "--json", "jobs", "cancel", waiting.id))["state"] == "cancelled"
    assert "it cannot be cancelled" in call(tmp_path, "jobs", "cancel", waiting.id).output
    tools.labour.stand(Standing("sweep", 60))
    assert "is a standing job" in call(tmp_path, "jobs", "cancel", "sweep").output
    assert call(tmp_path, "jobs", "cancel", "nothing").exit_code == 1
    assert call(tmp_path, "jobs", "show", "nothing").exit_code == 1


def test_a_test_message_says_what_happened(tmp_path: Path) -> None:
    """By mail and by webhook; accepted, refused, not set, and no address at all."""
    with mail_server("554") as box:
        setting = f"smtp://127.0.0.1:{box.port}?from=duban@city.example"
        refused = call(tmp_path, "post", "test", "li@city.example", DUBAN_MAIL=setting)
        assert (refused.exit_code, "554 not now" in refused.output) == (1, True)
        assert told(call(tmp_path, "--json", "post", "test", "li@city.example", DUBAN_MAIL=setting))["sent"]
    assert [str(mail["To"]) for mail in box.mails] == ["li@city.example"]
    with http_server() as end:
        assert "which is inside" in call(tmp_path, "post", "test", end.url).output
        assert call(tmp_path, "post", "test", end.url, DUBAN_WEBHOOK_ALLOW="127.0.0.0/8").exit_code == 0
    assert len(end.calls) == 1
    assert "DUBAN_MAIL" in call(tmp_path, "post", "test", "li@city.example").output
    assert "Nothing can be sent to" in call(tmp_path, "post", "test", "json://x").output
    assert "cannot be read" in call(tmp_path, "post", "test", "a@b", DUBAN_WEBHOOK_ALLOW="here").output
