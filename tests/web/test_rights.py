"""Who may use what: every route there is, against every role, on a task of their own and on one that is not theirs.

Routes that are added later are walked too: one whose path has a parameter of which `SAMPLES` knows nothing fails here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from itertools import product
from typing import Any
from zipfile import ZipFile

import pytest
import sqlalchemy
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from tests.web.stage import CITY, HOUSING, LAND, LEADS, OFFICE, POLICE, Stage, underway
from web.access import PUBLIC, Access, Need, Routes, Undeclared, Verdict, decide, declared
from web.app import make
from web.words import Words
from workflows.audit.readings import Readings, readings
from workflows.people import tokens
from workflows.people.values import ADMIN, ANY, AUDITOR, Holding, Person, User

SAMPLES = {
    "trigger": "report",
    "seq": "1",
    "digest": "0" * 64,
    "number": "1",
    "name": "app.css",
    "id": "1",
    "process": "dalian-livelihood",
    "edition": "2022.1",
    "token": "none",
    "ledger": "dalian-livelihood:opinion",
    "job": "none",
    "receipt": "none",
    "publication": "monthly_bulletin",
    "unit": CITY,
    "user": "wang",
    "template": "none",
    "figure": "bottlenecks",
    "view": "1",
    "key": "2022-02",
    "month": "2022-02",
    "code": "none",
    "project": "dalian-livelihood-01",
    "subject": "dalian-livelihood",
    "order": "none",
    "to": "2022.2",
}
"""What stands in a path for each of its parameters but `task`."""

USERS = (None, "li", "wang", "qian", "sun", "zhou", "wu", "admin", "nobody")
ALLOWED: dict[Need, set[str | None]] = {
    Need.PUBLIC: set(USERS),
    Need.PERSON: set(USERS) - {None},
    Need.WRITER: set(USERS) - {None, "wu"},
    Need.ADMIN: {"admin"},
    Need.AUDIT: {"wu", "admin"},
}
SEES: dict[str, set[str | None]] = {
    "homes": {"li", "zhou", "wang", "wu", "admin"},
    "gas": {"li", "zhou", "qian", "wu", "admin"},
}
"""Who sees which task: the office and those bound to no unit all of them, a lead unit its own."""


def _routes(app: FastAPI) -> Iterator[tuple[APIRoute, str, Access]]:
    for route in app.routes:
        assert isinstance(route, APIRoute)
        for method in route.methods or ():
            yield route, method, declared(route)


def _path(route: APIRoute, task: str) -> str:
    names = re.findall(r"{(\w+)(?::\w+)?}", route.path)
    unknown = [name for name in names if name != "task" and name not in SAMPLES]
    assert not unknown, f"{route.path}: give SAMPLES a value for {unknown}"
    path = re.sub(r":\w+}", "}", route.path)
    return path.format(
        **{name: SAMPLES.get(name, task) for name in names} | ({"task": task} if "task" in names else {})
    )


LEAVING = ("/sign-out", "/api/v1/session")
"""After these one has to come in again."""


@contextmanager
def _visitors(stage: Stage) -> Iterator[Any]:
    """A browser for each user, all of them served by one loop as a server has it: a new one for each of thousands of
    requests takes longer than most answers.
    """
    with start_blocking_portal("asyncio") as portal:

        @cache
        def visitor(user: str | None) -> TestClient:
            client = stage.client(user)
            client.portal = portal
            return client

        yield visitor


@pytest.mark.parametrize("user", USERS)
def test_every_route_keeps_its_word_to_every_role(stage: Stage, user: str | None) -> None:
    """Who is not allowed gets 401 or a way to sign in, 403, or 404 where the task is not theirs; who is allowed gets
    past the guard. No answer is a failure of ours.
    """
    tasks = {name: underway(stage, name) for name in SEES}
    wrong = []
    with _visitors(stage) as visitor:
        for (route, method, access), name in product(list(_routes(stage.app)), SEES):
            if not access.task and name != "homes":
                continue
            answer = visitor(user).request(method, _path(route, tasks[name]))
            if route.path in LEAVING:
                visitor.cache_clear()
            api = route.path.startswith("/api/")
            wanted = _wanted(access, user, name)
            got = _got(answer.status_code, answer.headers.get("location", ""), api=api)
            if answer.status_code >= 500 or (got != wanted and not (wanted is Verdict.YES and got is Verdict.HIDDEN)):
                wrong.append(f"{user} {method} {route.path} on {name}: {answer.status_code}, not {wanted}")
    assert wrong == [], wrong


def test_an_auditor_changes_nothing_by_any_route(stage: Stage) -> None:
    """Every route, whatever its method: what is chained, who may do what and what waits to be done stay as they are.
    That they read it is recorded, and nothing else.
    """
    task = underway(stage, "homes")
    before = _kept(stage)
    with _visitors(stage) as visitor:
        for route, method, access in _routes(stage.app):
            told = {"name": "x", "to": "en", "reason": "x"}
            answer = visitor("wu").request(method, _path(route, task), data=told)
            assert answer.status_code < 500, (method, route.path)
            if route.path in LEAVING:
                visitor.cache_clear()
            assert _kept(stage) == before, (method, route.path, access)


def _kept(stage: Stage) -> dict[str, int]:
    """How many rows each table has that says what is so. What is a person's own is not among them: sessions, views,
    keys of programs, and the events that tell of them.
    """
    own = {"sessions", "failures", "views", "tokens"}
    with stage.office.store.engine.connect() as connection:
        names = sqlalchemy.inspect(connection).get_table_names()
        counts = {
            name: f"SELECT count(*) FROM {name} WHERE stream NOT IN ('organisation', 'readings')"  # noqa: S608
            if name in ("events", "unsealed")
            else f'SELECT count(*) FROM "{name}"'  # noqa: S608 - the names are those of our tables
            for name in names
            if name not in own
        }
        return {name: connection.execute(sqlalchemy.text(query)).scalar_one() for name, query in counts.items()}


def _wanted(access: Access, user: str | None, task: str) -> Verdict:
    if user not in ALLOWED[access.need]:
        return Verdict.SIGN_IN if user is None else Verdict.FORBIDDEN
    return Verdict.YES if not access.task or user in SEES[task] else Verdict.HIDDEN


def _got(status: int, location: str, *, api: bool) -> Verdict:
    if (api and status == 401) or (status == 303 and location.startswith("/sign-in?next=")):
        return Verdict.SIGN_IN
    if status == 303 and location == "/sign-in":
        return Verdict.SIGN_IN
    return {403: Verdict.FORBIDDEN, 404: Verdict.HIDDEN}.get(status, Verdict.YES)


KNOWS: dict[str, set[str]] = {
    "roads": {"li", "wang", "sun", "wu"},
    "homes": {"li", "wang", "wu"},
    "gas": {"li", "qian", "wu"},
    "opinion": {"li", "wang", "wu"},
}
"""To whom the law lets what is personal of a task be shown: those who act on it, the units that it names, the auditor.
The opinion is about `roads`: the cooperating unit sees it, and has nothing to do with who wrote it.
"""
READS = {"opinion": {"sun", "zhou", "admin"}} | {name: {"zhou", "admin"} for name in ("roads", "homes", "gas")}
"""Who else sees the task: a leader who has no act on it, and who keeps the machine."""
TEAM, CONTACT = ("甲主任", "乙科员"), ("13912345678",)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_personal_is_shown_to_those_who_work_on_the_task_and_on_it_alone(stage: Stage, lang: str) -> None:
    """Every user on every task, by its page and by the API: the values, that they are withheld, or no task at all."""
    tasks = {name: _with_team(stage, name) for name in ("roads", "homes", "gas")}
    tasks["opinion"] = _with_contact(stage, tasks["roads"])
    words = Words("zh" if lang == "zh" else "en")
    for name, user in product(KNOWS, set(USERS) - {None}):
        secret = CONTACT if name == "opinion" else TEAM
        browser = stage.client(user, lang)
        page, answer = browser.get(f"/tasks/{tasks[name]}"), browser.get(f"/api/v1/tasks/{tasks[name]}")
        shown = [value for value in secret if value in page.text]
        case = (user, name, page.status_code)
        if user in KNOWS[name]:
            assert shown == list(secret), case
            assert set(secret) <= set(answer.json()["personal"].values()), case
        elif user in READS[name]:
            assert not shown, case
            assert words("personal_not") in page.text, case
            assert answer.json()["personal"] is None, case
        else:
            assert (page.status_code, answer.status_code) == (404, 404), case
        assert not any(value in json.dumps(answer.json().get("fields", {})) for value in secret), case


def _with_team(stage: Stage, name: str) -> str:
    lead = LEADS[CITY if name == "gas" else HOUSING]
    if name == "roads":
        shares = [{"unit": unit, "duty": "配合"} for unit in (POLICE, LAND)]
        stage.act(stage.tasks[name], "divide", lead, shares=shares)
    task = underway(stage, name)
    stage.act(task, "change_team", lead, leader=TEAM[0], department="处室", staff=TEAM[1], reason="轮岗")
    return task


def _with_contact(stage: Stage, task: str) -> str:
    stage.act(task, "receive_opinion", OFFICE, text="路灯不亮", citizen="丙", contact=CONTACT[0])
    (opinion,) = (each.id for each in stage.desk.store.tasks() if each.parent == task and each.kind == "opinion")
    return opinion


def test_what_is_personal_is_on_no_list_no_file_and_no_public_page(stage: Stage) -> None:
    """Every other page and answer that can be read, by somebody who may see it on the task itself."""
    task = _with_team(stage, "roads")
    _with_contact(stage, task)
    with _visitors(stage) as visitor:
        for route, method, access in _routes(stage.app):
            if method == "GET" and route.path not in ("/tasks/{task}", "/api/v1/tasks/{task}"):
                answer = visitor("li").get(_path(route, task))
                assert not any(value.encode() in answer.content for value in (*TEAM, *CONTACT)), (route.path, access)
    browser = stage.client("li")
    for path in ("/board/list.xlsx", "/ledgers/dalian-livelihood:opinion/list.xlsx"):
        found = browser.get(path)
        if found.status_code == 200:
            with ZipFile(BytesIO(found.content)) as book:
                assert not any(CONTACT[0].encode() in book.read(each) for each in book.namelist()), path


def test_a_key_that_only_reads_sees_what_its_owner_may_see(stage: Stage) -> None:
    """Reading is what it was issued for; a key for the calendar alone sees no task."""
    task, people = _with_team(stage, "roads"), stage.office.people
    owner = people.user("wang")
    assert owner is not None
    for scopes, status in (({"read"}, 200), ({"feed"}, 403)):
        secret = tokens.issue(people, owner, "x", scopes, 9)
        answer = stage.client().get(f"/api/v1/tasks/{task}", headers={"authorization": f"Bearer {secret}"})
        assert answer.status_code == status
        assert (TEAM[0] in answer.text) == (status == 200)


def test_what_is_not_ones_own_is_not_there(stage: Stage) -> None:
    """Another unit's task answers as one that does not exist: by its page, its forms and its files."""
    gas = underway(stage, "gas")
    browser = stage.client("wang")
    for path in (f"/tasks/{gas}", f"/tasks/{gas}/acts/report", f"/tasks/{gas}/files/{'0' * 64}"):
        theirs, nobodys = browser.get(path), browser.get(path.replace(gas, "dalian-livelihood-99"))
        assert (theirs.status_code, nobodys.status_code) == (404, 404)
        assert theirs.text.replace(gas, "") == nobodys.text.replace("dalian-livelihood-99", "")
    before = stage.desk.store.task(gas)
    assert browser.post(f"/tasks/{gas}/acts/report", data={"f.month": "2022-01", "f.percent": "1"}).status_code == 404
    assert stage.desk.store.task(gas) == before


def test_a_route_that_says_nothing_is_not_served(stage: Stage) -> None:
    """A route without a guard, or one that names a task and does not say so, fails when the application is made."""
    routes = Routes()
    with pytest.raises(Undeclared, match="`task`"):
        routes.get("/x/{task}", need=PUBLIC, reads=True)
    with pytest.raises(Undeclared, match="`reads`"):
        routes.get("/x", need=PUBLIC)
    app = make(stage.house)
    app.add_api_route("/y", lambda: None)
    with pytest.raises(Undeclared, match="/y"):
        declared(app.routes[-1])


def test_a_key_does_no_more_than_it_was_issued_for(stage: Stage) -> None:
    """A token's scopes limit its owner's rights; they never add to them."""
    user = User("x", "x", "zh", stage.clock())
    admin = Holding("x", ADMIN, ANY, None, stage.clock())

    def asked(scopes: set[str], need: Need, *, safe: bool) -> Verdict:
        return decide(Person(user, [admin], scopes=frozenset(scopes)), Access(need), safe=safe)

    assert asked({"read"}, Need.PERSON, safe=True) is Verdict.YES
    assert asked({"read"}, Need.WRITER, safe=False) is Verdict.FORBIDDEN
    assert asked({"act"}, Need.WRITER, safe=False) is Verdict.YES
    assert asked({"read", "act"}, Need.ADMIN, safe=True) is Verdict.FORBIDDEN
    assert asked({"admin"}, Need.ADMIN, safe=False) is Verdict.YES
    auditor = Person(user, [Holding("x", AUDITOR, ANY, None, stage.clock())])
    assert decide(auditor, Access(Need.WRITER), safe=False) is Verdict.FORBIDDEN


OWN = ("/account", "/board/views", "/calendar/feed", "/language", "/sign-out", "/api/v1/session",
       "/demo/clock")  # fmt: skip
"""What an auditor may write is their own: how they sign in, what language they read, what they look at often. (The
clock of a demonstration is everybody's; where there is none, nobody finds it.)
"""


def test_an_auditor_reads_every_page_and_each_reading_of_a_task_is_recorded(stage: Stage) -> None:
    """Whatever names a task to an auditor by their office left a trace before it was shown: pages and the API."""
    task, wrong, shown = underway(stage, "homes"), list[str](), 0
    for route, method, access in _routes(stage.app):
        if method != "GET" or access.need is PUBLIC:
            continue
        stage.house.readings, path = Readings(), _path(route, task)
        last = next((each.seq for each in readings(stage.desk)), 0)
        answer = stage.client("wu").get(path)
        found = [(each.who, each.page, each.task) for each in readings(stage.desk) if each.seq > last]
        if (answer.status_code == 403) is not (access.need in (Need.ADMIN, Need.WRITER)):
            wrong.append(f"{path}: {answer.status_code}")
        if answer.status_code == 200 and any(word in answer.text for word in ("老旧小区改造", task)):
            shown += 1
            if found != [("wu", path, task if access.task else "")]:
                wrong.append(f"{path} names the task, and is recorded as {found}")
    assert wrong == [], wrong
    assert shown >= 15


def test_an_auditor_is_refused_whatever_would_change_something(stage: Stage) -> None:
    """Every POST, PUT and DELETE of pages and the API but what is their own."""
    task = underway(stage, "homes")
    wrong = []
    for route, method, access in _routes(stage.app):
        if method in ("GET", "HEAD") or access.need is PUBLIC or route.path.startswith(OWN):
            continue
        answer = stage.client("wu").request(method, _path(route, task), data={"reason": "x"})
        if answer.status_code != 403:
            wrong.append(f"{method} {route.path}: {answer.status_code}")
    assert wrong == [], wrong
