"""What auditors read is recorded: before it is shown, once for a page, chained, and seen by whom it concerns."""

from __future__ import annotations

import re
from html import unescape

from fastapi.routing import APIRoute
from sqlalchemy import select

from engine.chain import GENESIS, seal
from engine.commands import Refusal
from storage.errors import StoreProblem
from storage.tables import events
from tests.web.stage import Stage, underway
from web.access import declared
from web.house import House
from workflows.audit.history import history
from workflows.audit.readings import READINGS, Readings, readings


def _read(stage: Stage) -> list[tuple[str, str, str]]:
    """Who read which page about which task, the first first."""
    return [(each.who, each.page, each.task) for each in list(readings(stage.desk))[::-1]]


def test_an_auditors_reading_is_recorded_and_that_of_those_who_work_is_not(stage: Stage) -> None:
    """Tasks, their past, explanations, exports and the API; not the pages of oneself."""
    task = underway(stage, "homes")
    paths = (
        f"/tasks/{task}",
        f"/tasks/{task}/past",
        f"/tasks/{task}/why",
        "/board/export",
        "/analysis/streaks",
        f"/api/v1/tasks/{task}",
    )
    for user in ("li", "wang", "zhou", "wu", "admin"):
        for path in (*paths, "/account", "/static/app.css"):
            assert stage.client(user).get(path).status_code in (200, 404)
    about = [task, task, task, "", "", task]
    assert _read(stage) == [(user, *each) for user in ("wu", "admin") for each in zip(paths, about, strict=True)]
    assert {each.channel for each in readings(stage.desk)} == {"web", "api"}


def test_no_door_is_left_open_through_which_nobody_sees_what_is_read(stage: Stage) -> None:
    """Jobs with the fate of each task, the post, what waits; forms that answer with tasks; a calendar by its address,
    for which nobody signs in.
    """
    wu, admin = stage.client("wu"), stage.client("admin")
    made = re.search(r"/calendar\.ics\?token=[^\"<& ]+", wu.post("/calendar/feed").text)
    assert made is not None
    for asked in range(2):
        assert stage.client().get(made[0]).status_code == 200, asked
    admin.get("/jobs/none")
    admin.get("/api/v1/jobs/none/fates")
    admin.get("/operations")
    wu.get("/api/v1/deliveries")
    admin.post("/bulk?process=dalian-livelihood", data={"all": "1"})
    for what in ("diff", "rehearse", "backtest"):
        admin.post(f"/drafts/some/{what}", data={"text": "x"})
    admin.post("/processes/leak/migrations/1/2", data={"try": "1"})
    assert _read(stage) == [
        ("wu", "/calendar.ics", ""),
        ("admin", "/jobs/none", ""),
        ("admin", "/api/v1/jobs/none/fates", ""),
        ("admin", "/operations", ""),
        ("wu", "/api/v1/deliveries", ""),
        ("admin", "/bulk", ""),
        ("admin", "/drafts/some/diff", ""),
        ("admin", "/drafts/some/rehearse", ""),
        ("admin", "/drafts/some/backtest", ""),
        ("admin", "/processes/leak/migrations/1/2", ""),
    ]


def test_what_is_refused_is_read_too(stage: Stage) -> None:
    """A form that comes back says what happened to a task since, what stands on record, what waits: whoever lets
    themselves be refused has read it.
    """
    task, admin = underway(stage, "homes"), stage.client("admin")
    stale = admin.post(f"/tasks/{task}/acts/report", data={"version": "1", "key": "k" * 20, "month": "2022-01"})
    told = history(stage.desk, task, "zh")
    assert not isinstance(told, Refusal)
    assert stale.status_code == 409
    assert told[-1].text in unescape(stale.text), "the history comes with it"
    assert _read(stage) == [("admin", f"/tasks/{task}/acts/report", task)]
    for path in ("/documents/1/void", "/redactions/none/approve", "/migrations/none/approve", "/proposals/none/return"):
        admin.post(path)
        assert _read(stage)[-1] == ("admin", path, "")
    assert admin.post(f"/api/v1/tasks/{task}/acts/none", json={}).status_code >= 400
    assert _read(stage)[-1] == ("admin", f"/api/v1/tasks/{task}/acts/none", task)


def test_whatever_is_done_about_a_task_reads_it(stage: Stage) -> None:
    """No route about a task can be declared otherwise."""
    about = [declared(each) for each in stage.app.routes if isinstance(each, APIRoute) and "{task}" in each.path]
    assert len(about) > 15
    assert all(each.reads for each in about)


def test_every_page_records_what_it_says_that_it_shows(stage: Stage) -> None:
    """All routes that give something out, walked by an administrator: what declares that it reads leaves a trace before
    it answers, and nothing else does. Without a declaration there is no route (`test_rights.py`).
    """
    task, told = underway(stage, "homes"), dict[str, bool]()
    stage.house.readings = Readings(lambda: 0.0)
    admin = stage.client("admin")
    for route in stage.app.routes:
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and "{token}" not in route.path:
            path = re.sub(r"\{(\w+)(:path)?\}", lambda part: task if part[1] == "task" else "1", route.path)
            before = len(_read(stage))
            admin.get(path)
            told[route.path] = len(_read(stage)) > before
            assert told[route.path] == declared(route).reads, route.path
    assert len(told) > 80
    assert {path.split("/")[1] for path, reads in told.items() if not reads} <= SHOW_NOTHING, "no door is left open"


SHOW_NOTHING = {
    "", "account", "api", "checkpoint", "demo", "drafts", "health", "import", "metrics", "people", "public", "register",
    "sign-in", "static", "templates",
}  # fmt: skip
"""Where pages begin of which some show nothing that was recorded of tasks: one's own, forms, texts, and what everybody
may see.
"""


def test_a_page_is_recorded_once_in_ten_minutes_whatever_is_asked_of_it(stage: Stage) -> None:
    """The slider asks many times and is one reading; a header that says that only a part is wanted hides nothing."""
    now = [0.0]
    stage.house.readings = Readings(lambda: now[0])
    browser = stage.client("wu")
    for day in range(1, 9):
        browser.get(f"/board?at=2022-02-0{day}&q=secret", headers={"hx-request": "true"})
    assert _read(stage) == [("wu", "/board", "")]
    assert "secret" not in str([each.told for each in stage.desk.store.chain(READINGS)])
    now[0] = 601.0
    browser.get("/board")
    assert len(_read(stage)) == 2


def test_what_cannot_be_recorded_is_not_shown(stage: Stage) -> None:
    """A reading that leaves no trace is not given."""
    task = underway(stage, "homes")

    class Broken(Readings):
        def note(self, *_: object, **__: object) -> None:
            raise StoreProblem

    stage.house.readings = Broken()
    assert stage.client("wu").get(f"/tasks/{task}").status_code >= 500
    assert isinstance(stage.house, House)


def test_what_may_not_be_read_is_not_recorded_as_read(stage: Stage) -> None:
    assert stage.client("wu").get("/tasks/none").status_code == 404
    assert stage.client("wu").get("/people").status_code == 403
    assert _read(stage) == []


def test_the_record_of_readings_is_a_chain_and_moves_no_task(stage: Stage) -> None:
    """Each is sealed onto the one before; tasks, boards and lists are as they were."""
    task = underway(stage, "homes")
    before = (list(stage.desk.store.tasks()), stage.desk.store.board(stage.clock()), list(stage.desk.store.streams()))
    for path in (f"/tasks/{task}", "/board", "/scores"):
        stage.client("wu").get(path)
    assert (
        list(stage.desk.store.tasks()),
        stage.desk.store.board(stage.clock()),
        list(stage.desk.store.streams()),
    ) == before
    prev = GENESIS
    asked = select(events.c.header, events.c.payload, events.c.salts, events.c.prev, events.c.hash)
    with stage.office.store.engine.connect() as connection:
        kept = connection.execute(asked.where(events.c.stream == READINGS).order_by(events.c.seq)).all()
    assert len(kept) == 3
    for each in kept:
        assert each.prev == prev
        prev = seal(prev, each.header, each.payload, each.salts)
        assert each.hash == prev


def test_administrators_see_all_readings_and_an_auditor_their_own(stage: Stage) -> None:
    task = underway(stage, "homes")
    for user in ("wu", "admin"):
        stage.client(user).get(f"/tasks/{task}")
    admin, wu = (stage.client(user).get("/readings").text for user in ("admin", "wu"))
    assert admin.count(f"<code>/tasks/{task}</code>") == 2
    assert wu.count(f"<code>/tasks/{task}</code>") == 1
    assert stage.client("wu").get("/readings?who=admin").text.count(f"<code>/tasks/{task}</code>") == 1
    assert stage.client("admin").get("/readings?who=admin").text.count(f"<code>/tasks/{task}</code>") == 1
    assert stage.client("admin").get("/readings?task=none&before=99").status_code == 200
    for user in ("li", "wang", "nobody"):
        assert stage.client(user).get("/readings").status_code == 403


def test_readings_are_gone_through_page_by_page(stage: Stage) -> None:
    """Each once, the latest first, at both doors; the stream is never read whole."""
    with stage.desk.store.chained(READINGS) as stream:
        for number in range(450):
            who, task = ("wu", "a%") if number % 3 else ("admin", "a")
            stream.append("PageRead", who, {"page": f"/tasks/{number}", "task": task, "channel": "web"})
    pages, path = list[list[str]](), "/readings?who=wu"
    while path:
        text = stage.client("admin").get(path).text
        pages.append(re.findall(r"<code>/tasks/(\d+)</code>", text))
        link = re.search(r'rel="next" href="([^"]+)"', text)
        path = unescape(link[1]) if link else ""
    assert [len(page) for page in pages] == [100, 100, 100]
    assert [int(each) for page in pages for each in page] == [n for n in reversed(range(450)) if n % 3]
    store = stage.desk.store
    assert [each.seq for each in store.chain_back(READINGS, 2, before=4)] == [3, 2]
    assert {each.task for each in readings(stage.desk, task="a%")} == {"a%"}
    assert {each.task for each in readings(stage.desk, task="a")} == {"a"}
    first = next(readings(stage.desk))
    assert first.seq == len(store.chain(READINGS))
