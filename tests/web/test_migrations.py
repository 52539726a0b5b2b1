"""A migration by its pages: planned in a form, tried, answered for by two people, applied as a job, and taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from engine.commands import Actor
from tests.web.stage import CITY, HOUSING, Stage, raise_stage
from tests.workflows.moving import SHORTER, text_of
from web.pages import plans
from workflows.authoring.drafts import PLANS, draft
from workflows.authoring.migration_plans import Plan, read_plan
from workflows.authoring.plan_writing import proposed, written
from workflows.authoring.proposals import all_of
from workflows.authoring.publishing import Published, publish
from workflows.office.firing import Act, Outcome, fire
from workflows.office.registering import register
from workflows.people import accounts, holdings, rights
from workflows.people.values import ADMIN, ANY, By, Holding
from workflows.rows import Row
from workflows.sources import calendar_named

PLAN = "/processes/leak/migrations/1/2"
OFFICE = Actor("zhang", ("office",))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A house with a second administrator, and three tasks of `leak@1`: one is being put right, one lags."""
    stage = raise_stage(tmp_path)
    people, by = stage.office.people, By("admin")
    accounts.add_user(people, accounts.new_user("deng", people.now()), by, None)
    granted = holdings.grant(people, Holding("deng", ADMIN, ANY, None, people.now()), by, rights.roles(stage.desk))
    assert isinstance(granted, Holding), granted
    assert isinstance(publish(stage.desk, text_of("1"), calendar_named), Published)
    rows = [Row(n, {"title": f"第{n}项", "lead_unit": (HOUSING, CITY)[n % 2]}) for n in range(1, 4)]
    found = register(stage.desk, "leak", rows, OFFICE)
    assert isinstance(found, list), found
    for task, trigger in (("leak-01", "order"), ("leak-02", "warn")):
        done = fire(stage.desk, Act(task, trigger, {}, OFFICE))
        assert isinstance(done, Outcome), done
    assert isinstance(publish(stage.desk, SHORTER, calendar_named), Published)
    yield stage
    stage.close()


def begun(stage: Stage, user: str = "admin") -> Any:
    client = stage.client(user, "en")
    answer = client.post("/processes/leak/migrations", data={"edition": "1", "to": "2"})
    assert answer.headers["location"] == PLAN
    return client


SAID = {
    "reason": "市督〔2023〕7号",
    "task.states.open": "open", "task.states.lagging": "open", "task.states.rectifying": "rectifying",
    "task.states.escalated": "escalated", "task.deadlines.rectification": "re_anchor",
    "task.deadlines.rectification.over": "start_anew", "interview.states.held": "held",
}  # fmt: skip


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.text
    return unescape(answer.text)


def submitted(stage: Stage, **changes: str) -> str:
    """The address of a plan that waits for a second administrator."""
    client = begun(stage)
    kept = draft(stage.desk, "leak:1:2", PLANS)
    assert kept is not None
    answer = client.post(PLAN, data={**SAID, **changes, "version": kept.version, "submit": "1"})
    assert answer.status_code == 303, unescape(answer.text)
    return str(answer.headers["location"])


def test_what_people_must_decide_is_asked_and_the_rest_is_there(stage: Stage) -> None:
    page = text(begun(stage).get(PLAN))
    assert "2 still to be decided" in page, "why, and what becomes of the state that is gone"
    assert re.search(r'<option value="open" selected>', page)
    assert "20 working days after the start → <strong>10 working days after the start</strong>" in page
    kept = draft(stage.desk, "leak:1:2", PLANS)
    begun(stage)
    assert draft(stage.desk, "leak:1:2", PLANS) == kept, "a plan that is there is gone on with"


def test_what_is_filled_in_is_kept_as_a_text_that_reads_the_same(stage: Stage) -> None:
    client = begun(stage)
    more = {"states": "rectifying", "units": f"{CITY}；{HOUSING}", "task.deadlines.rectification": "drop"}
    assert client.post(PLAN, data={**SAID, **more, "version": 1}).headers["location"] == PLAN
    kept = draft(stage.desk, "leak:1:2", PLANS)
    assert kept is not None
    plan = read_plan(stage.desk, kept.text)
    assert isinstance(plan, Plan), plan
    assert plan.said.tasks.model_dump() == {"states": ("rectifying",), "units": (CITY, HOUSING), "only": ()}
    assert plan.said.bodies["task"].states["lagging"] == "open"
    assert plan.said.bodies["task"].deadlines["rectification"].policy == "drop"
    assert plan.unanswered == []
    assert read_plan(stage.desk, written(plan.said, plan.old, plan.new)).said == plan.said  # type: ignore[union-attr]  # it is one
    assert proposed(plan.old, plan.new).reason == "?"


def test_two_administrators_do_not_overwrite_each_other(stage: Stage) -> None:
    mine, theirs = begun(stage), begun(stage, "deng")
    assert theirs.post(PLAN, data={**SAID, "reason": "theirs", "version": 1}).status_code == 303
    page = text(mine.post(PLAN, data={**SAID, "reason": "mine", "version": 1}), 409)
    assert "has saved another text" in page
    assert 'value="mine"' in page, "nothing that was filled in is lost"
    assert 'reason: "theirs"' in page
    late = mine.post(PLAN, data={**SAID, "version": 1, "submit": "1"})
    assert late.status_code == 409, "nor is what nobody has read submitted"
    assert not any(each.is_migration for each in all_of(stage.desk.store).values())
    tried = text(mine.post(PLAN, data={**SAID, "version": 1, "try": "1"}))
    assert 'name="version" value="1"' in tried, "trying does not make the other's text read"
    assert mine.post(f"{PLAN}/drop", data={"version": 1}).status_code == 409
    assert mine.post(f"{PLAN}/drop", data={"version": 2}).headers["location"] == "/processes/leak"
    assert mine.get(PLAN).status_code == 404


def test_a_dry_run_has_a_verdict_for_each_task_and_writes_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, before = begun(stage), stage.desk.store.task("leak-01")
    open_ = {**SAID, "task.states.lagging": "", "version": 1, "try": "1"}
    page = text(client.post(PLAN, data=open_))
    assert "3 tasks tried: 2 can, 1 cannot" in page
    assert page.index("leak-02") < page.index("leak-01"), "those that cannot come first"
    assert "10 working days from" in page, "why the new day is that one"
    monkeypatch.setattr(plans, "SIZE", 2)
    second = text(client.post(PLAN, data={**SAID, "version": 1, "try": "2"}))
    assert "Page 2 of 2" in second
    assert "leak-03" in second
    assert "leak-01" not in second
    assert "Try all 3 as a job" not in text(client.post(PLAN, data={**SAID, "version": 1, "try": "1"}))
    monkeypatch.setattr(plans, "MOST", 2)
    page = text(client.post(PLAN, data={**SAID, "version": 1, "try": "1"}))
    assert "There are 3 in all" in page
    assert "Try all 3 as a job" in page
    assert stage.desk.store.task("leak-01") == before
    kept = draft(stage.desk, "leak:1:2", PLANS)
    assert kept is not None
    assert kept.version == 1


def test_open_questions_are_not_submitted(stage: Stage) -> None:
    page = text(begun(stage).post(PLAN, data={**SAID, "task.states.lagging": "", "version": 1, "submit": "1"}), 409)
    assert "task.states.lagging" in page
    assert begun(stage).post(PLAN, data={**SAID, "task.states.open": "nowhere", "version": 2}).status_code == 404
    assert begun(stage).post(PLAN, data={**SAID, "task.deadlines.rectification": "x", "version": 2}).status_code == 404


def test_a_second_administrator_approves_and_the_tasks_are_moved_as_a_job_and_back(stage: Stage) -> None:
    address = submitted(stage)
    assert address == "/migrations/leak-m1"
    admin, other = stage.client("admin", "en"), stage.client("deng", "en")
    assert "Whoever submits does not approve" in text(admin.get(address))
    assert admin.post(f"{address}/apply").status_code == 409, "nothing is approved yet"
    page = text(other.get(f"{address}?page=1"))
    assert "3 tasks tried: 3 can, 0 cannot" in page
    digest = re.search(r'name="digest" value="(\w{64})"', page)
    assert digest is not None
    assert admin.post(f"{address}/approve", data={"digest": digest[1]}).status_code == 409
    assert other.post(f"{address}/approve", data={"digest": "0" * 64}).status_code == 409
    assert other.post(f"{address}/approve", data={"digest": digest[1]}).headers["location"] == address
    job = admin.post(f"{address}/apply").headers["location"]
    stage.work()
    fates = text(admin.get(job))
    assert "Migration leak-m1" in fates
    assert fates.count('class="tag ok">done') == 4, "the job, and three tasks"
    assert {each.edition for each in stage.desk.store.tasks(process="leak")} == {"leak@2"}
    history = text(stage.client("deng", "en").get("/tasks/leak-01"))
    assert "Under leak@2 from now on" in history
    assert "Applied" in text(admin.get("/processes/leak"))
    assert admin.post(f"{address}/revert", data={"reason": " "}).status_code == 409
    back = admin.post(f"{address}/revert", data={"reason": "文件撤销"}).headers["location"]
    stage.work()
    assert "Taking back leak-m1" in text(admin.get(back)).replace("migration ", "")
    assert {each.edition for each in stage.desk.store.tasks(process="leak")} == {"leak@1"}
    told = text(admin.get(address))
    assert "migration reverted: 3 went back, 0 did not (文件撤销)" in told
    assert job in told


def test_a_job_of_somebody_who_is_no_administrator_any_more_moves_nothing(stage: Stage) -> None:
    """Between asking and doing lies a queue: what counts is what they hold when it is done."""
    address = submitted(stage)
    other, people = stage.client("deng", "en"), stage.office.people
    digest = re.search(r'name="digest" value="(\w{64})"', text(other.get(address)))
    assert digest is not None
    assert other.post(f"{address}/approve", data={"digest": digest[1]}).status_code == 303
    job = other.post(f"{address}/apply").headers["location"]
    (held,) = people.holdings(user="deng")
    assert held.id is not None
    assert isinstance(holdings.end(people, held.id, None, By("admin")), Holding)
    stage.clock.move(stage.clock.now + timedelta(minutes=1))
    stage.work()
    assert {each.edition for each in stage.desk.store.tasks(process="leak")} == {"leak@1"}
    told = text(stage.client("admin", "en").get(job))
    assert "failed" in told
    assert "administrator" in told, "and why"


def test_a_plan_is_returned_and_mended(stage: Stage) -> None:
    address = submitted(stage)
    other = stage.client("deng", "en")
    assert other.post(f"{address}/return", data={"reason": "再议"}).headers["location"] == address
    page = text(stage.client("admin", "en").get(address))
    assert "再议" in page
    assert f'href="{PLAN}"' in page
    again = submitted(stage, reason="已议定")
    assert again == "/migrations/leak-m2", "another text is another plan"


@pytest.mark.parametrize("reason", ["", " ", "　"])
def test_a_plan_without_a_reason_is_kept_and_not_submitted(stage: Stage, reason: str) -> None:
    client = begun(stage)
    said = {**SAID, "reason": reason, "version": 1}
    assert client.post(PLAN, data=said).status_code == 303
    page = text(client.post(PLAN, data={**said, "version": 2, "submit": "1"}), 409)
    assert "The plan has open questions: reason;" in page
    assert not [each for each in all_of(stage.desk.store).values() if each.is_migration]


def test_editions_that_cannot_be_left_for_each_other(stage: Stage) -> None:
    client = stage.client("admin", "en")
    for edition, to in (("1", "1"), ("1", "9"), ("", "")):
        answer = client.post("/processes/leak/migrations", data={"edition": edition, "to": to})
        assert "said=migrate_which" in answer.headers["location"]
        assert "Choose two editions" in text(client.get(answer.headers["location"]))
    assert client.get("/migrations/dalian-livelihood@2022.1").status_code == 404
    assert client.get("/processes/leak/migrations/2/1").status_code == 404


def test_a_page_tries_for_so_long_and_leaves_the_rest_to_a_job(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was tried by then is told; a job tries all, from the plan as it is written and from one that waits."""
    client = begun(stage)
    monkeypatch.setattr(plans, "SECONDS", 0.0)
    page = text(client.post(PLAN, data={**SAID, "version": 1, "try": "1"}))
    assert "1 tasks tried" in page
    assert "There are 3 in all" in page
    asked = client.post(PLAN, data={**SAID, "version": 1, "job": "1"})
    assert asked.status_code == 303, asked.text
    assert "Plan of a migration tried on 3 tasks" in text(client.get(asked.headers["location"]))
    waiting = submitted(stage)
    assert "Try all 3 as a job" in text(client.get(f"{waiting}?page=1"))
    again = client.post(f"{waiting}/try")
    job = stage.house.labour.job(again.headers["location"].removeprefix("/jobs/"))
    assert job is not None
    assert (job.kind, len(job.body["roots"])) == ("try_migration", 3)


def test_a_personal_value_that_would_be_open_is_asked_for_on_the_form_and_read_by_the_second(stage: Stage) -> None:
    """Blocked until somebody has said what becomes of it; the one who approves reads the word."""
    grade = "grade: {type: choice, choices: {a: {}, b: {}}, default: a}"
    for edition, more in (("7", "phone: {type: text, personal: true}"), ("8", "phone: {type: text}")):
        assert isinstance(publish(stage.desk, text_of(edition, (grade, f"{grade}, {more}")), calendar_named), Published)
    client, address = stage.client("admin", "en"), "/processes/leak/migrations/7/8"
    client.post("/processes/leak/migrations", data={"edition": "7", "to": "8"})
    page = text(client.get(address))
    assert "What becomes of the personal data in" in page
    said = {**SAID, "task.states.lagging": "lagging", "submit": "1"}
    refused = text(client.post(address, data={**said, "version": 1}), 409)
    assert "bodies.task.opened.phone" in refused
    answer = client.post(address, data={**said, "task.opened.phone": "yes", "version": 2})
    assert answer.status_code == 303
    read = text(stage.client("deng", "en").get(str(answer.headers["location"])))
    assert "<strong>opened: everybody sees it from now on</strong>" in read
    assert "公开：迁移后人人可见" in text(stage.client("deng").get(str(answer.headers["location"])))


def test_a_personal_field_of_milestones_is_asked_for_on_the_form_too(stage: Stage) -> None:
    """Under the name that the plan has for it; what was answered stands in the plan that waits."""
    for edition, lawful in (("7", ", personal: true"), ("8", "")):
        rows = f"milestones: {{fields: {{contact: {{type: text{lawful}}}}}}}\nsignals:"
        assert isinstance(publish(stage.desk, text_of(edition, ("signals:", rows)), calendar_named), Published)
    client, address = stage.client("admin", "en"), "/processes/leak/migrations/7/8"
    client.post("/processes/leak/migrations", data={"edition": "7", "to": "8"})
    assert 'name="task.opened_milestones.contact"' in text(client.get(address))
    said = {**SAID, "task.states.lagging": "lagging", "submit": "1"}
    assert "bodies.task.opened_milestones.contact" in text(client.post(address, data={**said, "version": 1}), 409)
    answer = client.post(address, data={**said, "task.opened_milestones.contact": "empty", "version": 2})
    assert answer.status_code == 303
    assert "<strong>left behind</strong>" in text(stage.client("deng", "en").get(str(answer.headers["location"])))
