"""Roles that nobody holds are found by a database: by `duban check --people`, on publishing, in the editor and beside
what waits for approval.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from engine.document import Document
from engine.loading import load
from engine.problems import Problem
from engine.reading import read
from tests.web.stage import DALIAN, Stage, raise_stage
from workflows.authoring.publishing import Published, publish
from workflows.authoring.unheld import unheld
from workflows.people import accounts, holdings, noting, rights
from workflows.people.values import ANY, By, Changed, Holding
from workflows.sources import calendar_named

BY = By("admin")
TEXT = DALIAN.read_text(encoding="utf-8")
PROCESS = "dalian-livelihood"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = raise_stage(tmp_path)
    yield made
    made.close()


def found(stage: Stage, text: str = TEXT, **more: bool) -> dict[str, Problem]:
    """The findings by role."""
    edition, document = load(text, "x.yaml").edition, read(text, "x.yaml")
    assert edition is not None
    assert isinstance(document, Document)
    return {each.message.en.split("`")[1]: each for each in unheld(stage.desk, edition, document, **more)}


def appoint(stage: Stage, user: str, role: str, process: str = PROCESS, unit: str | None = None) -> Holding:
    now = stage.office.people.now()
    granted = holdings.grant(stage.office.people, Holding(user, role, process, unit, now), BY, rights.roles(stage.desk))
    assert isinstance(granted, Holding), granted
    return granted


def free(stage: Stage) -> str:
    """A role of the process that nobody holds and that asks for no unit."""
    (edition, _) = stage.desk.book(f"{PROCESS}@2022.1")
    return next(name for name in found(stage) if edition.process.roles[name].unit is None)


def test_a_role_that_nobody_holds_is_found_at_its_name_with_a_cure(stage: Stage) -> None:
    told = found(stage)
    assert {"office", "lead"}.isdisjoint(told), "li and wang hold them"
    role = free(stage)
    assert told[role].code == "role-unheld"
    assert told[role].severity == "warning"
    assert TEXT.splitlines()[told[role].where.line - 1].strip().startswith(f"{role}:")
    cure = told[role].cure
    assert cure is not None
    assert "duban user grant" in cure.en
    held = appoint(stage, "zhao", role)
    assert role not in found(stage)
    assert held.id is not None
    holdings.end(stage.office.people, held.id, None, BY)
    stage.clock.move(stage.clock.now + timedelta(minutes=1))
    assert role in found(stage), "what has ended is not held"


def test_whoever_is_gone_holds_nothing_and_whoever_holds_it_everywhere_does(stage: Stage) -> None:
    role = free(stage)
    appoint(stage, "nobody", role, ANY)
    assert role not in found(stage)
    accounts.close_user(stage.office.people, "nobody", BY)
    assert role in found(stage)


def test_a_closed_account_holds_nothing_whatever_else_its_rows_say(stage: Stage) -> None:
    """Its roles end with it; rows that came from elsewhere may say otherwise."""
    role, people = free(stage), stage.office.people
    appoint(stage, "nobody", role, ANY)
    user = people.user("nobody")
    assert user is not None
    with people.together() as within:
        within.put_user(replace(user, active=False), noting.note(BY, Changed.USER_CLOSED, user="nobody"))
    assert any(each.role == role and each.holds(people.now()) for each in people.holdings())
    assert role in found(stage)


def test_of_a_role_that_is_not_published_yet_it_is_a_note(stage: Stage) -> None:
    more = TEXT.replace("roles:\n", "roles:\n  press: {zh: 新闻办, en: Press}\n", 1)
    assert more != TEXT
    press = found(stage, more)["press"]
    assert press.severity == "note"
    assert press.cure is not None
    assert press.cure.en.startswith("once it is published")
    assert "press" not in found(stage, more, to_come=False)


def test_where_nobody_has_an_account_nothing_is_asked(stage: Stage) -> None:
    stage.house.desk.people = None
    assert found(stage) == {}


def test_publishing_tells_it(stage: Stage) -> None:
    text = TEXT.replace('edition: "2022.1"', 'edition: "2022.9"')
    done = publish(stage.desk, text, calendar_named)
    assert isinstance(done, Published)
    assert free(stage) in {each.message.en.split("`")[1] for each in done.warnings if each.code == "role-unheld"}


@pytest.mark.parametrize(("lang", "said"), [("en", "nobody holds the role `{}`"), ("zh", "没有人担任角色 `{}`")])
def test_the_editor_and_the_page_of_the_process_tell_it(stage: Stage, lang: str, said: str) -> None:
    role, admin = free(stage), stage.client("admin", lang)
    admin.post("/drafts", data={"follows": PROCESS})
    for address in (f"/drafts/{PROCESS}", f"/processes/{PROCESS}"):
        assert said.format(role) in unescape(admin.get(address).text), address
    appoint(stage, "zhao", role)
    for address in (f"/drafts/{PROCESS}", f"/processes/{PROCESS}"):
        assert said.format(role) not in unescape(admin.get(address).text), address


def test_check_tells_it_where_people_are_asked_for(stage: Stage, tmp_path: Path) -> None:
    url, role = f"sqlite:///{tmp_path / 'duban.db'}", free(stage)

    def codes(*more: str) -> dict[str, str]:
        told = CliRunner().invoke(cli.cli, ["--db", url, "--lang", "en", "--json", "check", *more, str(DALIAN)])
        assert told.exit_code == 0, told.stderr
        (one,) = json.loads(told.stdout)
        return {each["message"]: each["code"] for each in one["problems"]}

    said = f"nobody holds the role `{role}`"
    assert said not in codes()
    assert codes("--people")[said] == "role-unheld"
