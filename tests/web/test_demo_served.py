"""A demonstration in a browser: users to choose from, a clock to move, and each journey open to whoever tries it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copytree
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from cli import cli
from commands.serve import house_of
from commands.session import session
from commands.worker import tools_of
from engine.commands import Refusal
from jobs.hands import Hands
from storage.offices import open_office
from tests.limits import PATIENCE, address_of, running
from tests.web.stage import raise_stage
from web.app import make
from web.house import House
from workflows.demo.visitors import PASSWORD, goal, settle, visitors, zone_of
from workflows.desk import Desk
from workflows.labour.kinds import KINDS
from workflows.office.firing import Act, Outcome, fire
from workflows.office.sweeping import sweep
from workflows.people.rights import actors, in_first, person_of

OFFICE, LEADER, POLICE = "市政府督考办", "分管市领导", "市公安局"
LATE = "dalian-livelihood-09"
"""Its report of April is late when the demonstration is served."""

PAPER = [{"name": "材料.pdf"}]


@dataclass
class Served:
    """A demonstration as it is served, without the server."""

    folder: Path
    house: House

    def browser(self, user: str | None = None) -> TestClient:
        browser = TestClient(make(self.house), follow_redirects=True)
        if user is not None:
            answer = browser.post("/sign-in", data={"name": user, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
        return browser

    def work(self) -> None:
        """Do the jobs that wait, as the demonstration's own worker does."""
        tools = tools_of(self.house.desk, self.house.people)
        for job in self.house.labour.jobs(states=("waiting",)):
            Hands("worker", tools, KINDS).do(job.id)

    def act(self, task: str, trigger: str, user: str, **form: object) -> Outcome | Refusal:
        """Do something as one of the visitors."""
        desk, people = self.house.at_desk(), self.house.people
        found = people.user(user)
        assert found is not None, user
        guises = actors(person_of(people, found), "dalian-livelihood")
        return in_first(guises, lambda actor: fire(desk, Act(task, trigger, form, actor)))

    def does(self, task: str, trigger: str, user: str, **form: object) -> str:
        """The same; the state after it."""
        done = self.act(task, trigger, user, **form)
        assert isinstance(done, Outcome), done
        return done.state


@pytest.fixture(scope="module")
def folder(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copytree(demonstration, tmp_path_factory.mktemp("demo") / "served")


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Served]:
    on = session(f"sqlite:///{folder / 'duban.db'}", "zh", None, as_json=False)
    with on.office() as (desk, people):
        yield Served(folder, house_of(on, desk, people, https=False, demo=True))


def test_the_page_to_sign_in_shows_whom_to_be(served: Served) -> None:
    """A user for each role, by a click; and the clock, on a page for everybody."""
    page = served.browser().get("/sign-in").text
    for name in (OFFICE, LEADER, POLICE, "市自然资源局", "市政府", "管理员", "审计员", PASSWORD, "2022-05-05 09:00"):
        assert name in page
    browser = served.browser(POLICE)
    assert LATE in browser.get("/worklist").text


def test_a_visitor_keeps_the_language_that_they_read(served: Served) -> None:
    """Whoever they choose to be."""
    browser = served.browser()
    browser.post("/language", data={"to": "en"})
    browser.post("/sign-in", data={"name": POLICE, "password": PASSWORD})
    assert "What is owed" in browser.get("/worklist").text


def test_each_role_of_the_definition_has_a_visitor(served: Served) -> None:
    desk = served.house.desk
    found = desk.latest("dalian-livelihood")
    assert isinstance(found, tuple)
    titles = {title for each in visitors(desk, served.house.people, "zh") for title in each.roles}
    assert titles >= {role.zh for role in found[0].process.roles.values()} | {"管理员", "审计员"}


def test_who_is_there_is_not_added_twice(served: Served) -> None:
    before = served.house.people.history()
    settle(served.house.desk, served.house.people)
    assert served.house.people.history() == before


def test_the_clock_goes_to_the_end_of_a_month_on_a_working_hour(served: Served) -> None:
    zone = zone_of(served.house.desk)
    now = served.house.desk.clock().astimezone(zone).replace(month=12, day=31, hour=17)
    following = goal(now, "month", None)
    assert following is not None
    assert f"{following:%Y-%m-%d %H:%M}" == "2023-01-31 17:00"
    assert goal(now, "to", now.date()) is None
    assert goal(now, "sideways", None) is None
    assert goal(now, "to", (now + timedelta(days=2000)).date()) is None


def test_a_late_report_leads_to_an_interview_and_back_to_the_end(served: Served) -> None:
    """The whole of a lag, as visitors do it: the clock is moved in the page between their acts."""
    assert served.does(LATE, "report", POLICE, month="2022-04", percent="10") == "lagging"
    assert served.does(LATE, "order_rectification", OFFICE, requirement="补齐进度") == "rectifying"
    browser, sent = served.browser(OFFICE), len(served.house.post.deliveries())
    asked = browser.post("/demo/clock", data={"by": "to", "day": "2022-06-20"})
    assert "把演示的时钟拨到 2022-06-20 09:00" in asked.text
    served.work()
    assert len(served.house.post.deliveries()) > sent, "what the days brought went out as they passed"
    page = browser.get(asked.url)
    assert "时钟已拨动" in page.text
    assert LATE in page.text
    assert "2022-06-20 09:00" in browser.get("/worklist").text, "whoever was signed in stays so"
    task = served.house.desk.store.task(LATE)
    assert task is not None
    assert task.state == "escalated"
    interview = next(child for child in task.children if ".interview." in child)
    served.does(interview, "hold", LEADER, attended="分管负责人", minutes="说明原因、提出措施", deadline="2022-07-20")
    assert served.does(LATE, "submit_rectification", POLICE, result="已补齐", evidence=PAPER) == "rectifying"
    assert served.does(LATE, "accept_rectification", OFFICE) in ("in_progress", "lagging")
    served.does(LATE, "report", POLICE, month="2022-06", percent="100")
    assert served.does(LATE, "submit_completion", POLICE, result="完成", evidence=PAPER) == "verifying"
    assert served.does(LATE, "verify_completion", OFFICE, findings="属实") == "done"


def test_a_moving_clock_is_seen_to_go_and_may_be_stopped(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its page tells the days, by itself and without a script; whoever asks meanwhile is still signed in; another
    visitor waits; it stops after the day at hand, and the page leads to what happened until then.
    """
    browser, other, began = served.browser(OFFICE), served.browser(POLICE), served.house.desk.clock()
    page = browser.post("/demo/clock", data={"by": "month"})
    job = page.url.path.removeprefix("/jobs/")
    assert '<noscript><meta http-equiv="refresh"' in page.text
    assert browser.post("/demo/clock", data={"by": "day"}).url.path == page.url.path, "one at a time"
    assert other.post("/demo/clock", data={"by": "day"}).status_code == 409
    seen = list[str]()

    def swept(desk: Desk, until: datetime) -> object:
        done = sweep(desk, until)
        seen.append(browser.get(f"/jobs/{job}/progress").text)
        if len(seen) == 3:
            assert browser.post(f"/jobs/{job}/cancel").status_code == 200
        return done

    monkeypatch.setattr("workflows.demo.visitors.sweep", swept)
    served.work()
    assert len(seen) == 3
    told = [re.findall(r"(\d+) / (\d+)", each)[0] for each in seen]
    assert [met for met, _ in told] == ["0", "1", "2"]
    assert len({total for _, total in told}) == 1
    assert served.house.desk.clock() == began + timedelta(days=3)
    assert "时钟已拨动" in browser.get(f"/jobs/{job}").text
    assert other.get("/worklist").url.path == "/worklist"


def test_what_would_have_been_sent_lies_in_the_tray_of_whom_it_concerns(served: Served) -> None:
    mine, theirs = served.browser(POLICE).get("/demo/post").text, served.browser("市水务局").get("/demo/post").text
    assert "逾期未填报" in mine
    assert LATE in mine
    assert LATE not in theirs


def test_a_clock_does_not_go_back(served: Served) -> None:
    browser = served.browser(OFFICE)
    before = served.house.desk.clock()
    assert browser.post("/demo/clock", data={"by": "to", "day": "2022-01-01"}).status_code == 422
    assert browser.post("/demo/clock", data={"by": "to", "day": "soon"}).status_code == 422
    assert served.house.desk.clock() == before


def test_a_house_of_real_work_has_no_such_pages(tmp_path: Path) -> None:
    """Neither the clock nor the tray nor the users are there, though its time be virtual."""
    stage = raise_stage(tmp_path)
    browser = stage.client("li")
    assert browser.post("/demo/clock", data={"by": "day"}).status_code == 404
    assert browser.get("/demo/post").status_code == 404
    assert PASSWORD not in stage.client().get("/sign-in").text
    stage.close()


def test_a_demonstration_that_is_there_is_served_as_it_is(folder: Path, served: Served) -> None:
    """One process serves, prints its address, and stops when it is told to; another start is not begun by itself."""
    again = CliRunner().invoke(cli, ["demo", "--serve", "--into", str(folder), "--until", "2022-06-01"])
    assert again.exit_code == 1
    assert "--force" in again.stderr
    command = [sys.executable, "-m", "cli", "--lang", "en", "demo", "--serve", "--into", str(folder), "--port", "0"]
    with running(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        with urlopen(address_of(server) + "sign-in", timeout=PATIENCE) as answer:  # noqa: S310 - our own server on loopback
            page = answer.read().decode()
        assert f"{served.house.desk.clock().astimezone(zone_of(served.house.desk)):%Y-%m-%d}" in page
        os.kill(server.pid, signal.SIGINT)
        assert server.wait(30) == 0


def test_a_demonstration_with_visitors_may_begin_on_any_day_of_the_story(tmp_path: Path) -> None:
    """On 10 May somebody names units that no task names: they are there before, and every form offers them."""
    lived = CliRunner().invoke(cli, ["--json", "demo", "--into", str(tmp_path / "later"), "--until", "2022-05-11"])
    assert lived.exit_code == 0, lived.output
    office = open_office(f"sqlite:///{tmp_path / 'later' / 'duban.db'}")
    assert "中山区人民政府" in {unit.id for unit in office.people.units()}
    office.close()
