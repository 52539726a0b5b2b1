"""Scenarios beside a draft: run while they are written, kept with it, submitted with it; by a form where there are no
scripts.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.web.stage import Stage, raise_stage
from tests.workflows.test_trying import BAD, GOOD, HOURLY, LEAK, STORM
from workflows.authoring.drafts import draft
from workflows.authoring.kept_scenarios import from_edition
from workflows.people import accounts, holdings, rights
from workflows.people.values import ADMIN, ANY, By, Holding

JSON = {"accept": "application/json"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = raise_stage(Path(tmp_path_factory.mktemp("scenarios")))
    yield stage
    stage.close()


@pytest.fixture
def admin(stage: Stage) -> TestClient:
    return stage.client("admin", "en")


def begun(admin: TestClient, name: str) -> str:
    """A draft of that name; its address."""
    admin.post("/drafts", data={"name": name})
    return f"/drafts/{name}"


def tried(admin: TestClient, at: str, scenarios: str, text: str = LEAK) -> dict[str, Any]:
    answer = admin.post(f"{at}/try", data={"text": text, "scenarios": scenarios}, headers=JSON)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_they_are_run_while_they_are_written_and_nothing_is_kept(stage: Stage, admin: TestClient) -> None:
    at = begun(admin, "tried")
    assert "All 1 scenarios hold" in tried(admin, at, GOOD)["page"]
    told = tried(admin, at, GOOD + BAD)
    assert "1 of 2 scenarios do not hold" in told["page"]
    (found,) = told["findings"]
    assert found["message"] == "step 1: expected state: closed; found state: open"
    assert "state: closed" in (GOOD + BAD).splitlines()[found["line"] - 1]
    kept = draft(stage.desk, "tried")
    assert kept is not None
    assert kept.scenarios == ""


@pytest.mark.parametrize(
    ("text", "scenarios", "said"),
    [
        (LEAK.replace("states:", "stats:"), GOOD, "run when the definition is right"),
        (LEAK, GOOD.replace("steps:", "stepps:"), "not right yet"),
        (LEAK.replace("calendar: cn", "calendar: mars"), GOOD, "run when the definition is right"),
    ],
)
def test_what_is_not_right_is_not_run(admin: TestClient, text: str, scenarios: str, said: str) -> None:
    assert said in tried(admin, begun(admin, "wrong"), scenarios, text)["page"]


def test_one_to_begin_with_is_offered_until_there_is_one(admin: TestClient) -> None:
    at = begun(admin, "first")
    offered = tried(admin, at, "")
    assert "- scenario: first" in offered["begin"]
    assert "Write a first one" in offered["page"]
    assert "All 1 scenarios hold" in tried(admin, at, offered["begin"])["page"]
    assert "Write a first one" not in tried(admin, at, GOOD)["page"]


def test_without_scripts_the_page_comes_with_both_texts_and_what_they_come_to(admin: TestClient) -> None:
    at = begun(admin, "plain")
    page = unescape(admin.post(f"{at}/try", data={"text": LEAK, "scenarios": BAD}).text)
    assert "1 of 1 scenarios do not hold" in page
    assert BAD.strip() in page, "what was typed is still there"
    assert LEAK.strip() in page
    asked = unescape(admin.post(f"{at}/diff", data={"text": LEAK, "scenarios": BAD}).text)
    assert BAD.strip() in asked, "whatever is asked of the definition"


def test_they_are_saved_with_the_draft_and_by_nobody_over_another(admin: TestClient) -> None:
    at = begun(admin, "saved")
    admin.post(at, data={"text": LEAK, "scenarios": GOOD, "version": 1})
    assert GOOD.strip() in unescape(admin.get(at).text)
    late = admin.post(at, data={"text": LEAK, "scenarios": BAD, "version": 1})
    assert late.status_code == 409
    page = unescape(late.text)
    assert BAD.strip() in page
    assert GOOD.strip() in page, "what the other saved stands beside it"
    admin.post(at, data={"text": LEAK + "# more\n", "version": 2}, headers=JSON)
    assert GOOD.strip() in unescape(admin.get(at).text), "who sends no scenarios takes none away"


def test_a_story_is_kept_as_one_of_them_with_all_that_is_being_written(admin: TestClient) -> None:
    at = begun(admin, "adopted")
    told = {"text": LEAK, "scenarios": GOOD, "scenario": BAD, "version": 1}
    page = unescape(admin.post(f"{at}/scenarios", data=told).text)
    assert page.index("scenario: in-time") < page.index("scenario: late")
    assert admin.post(f"{at}/scenarios", data=told).status_code == 409
    assert admin.post("/drafts/nowhere/scenarios", data=told).status_code == 404
    (count,) = [page.count("- scenario: late")]
    assert count == 1


def test_a_rehearsal_and_a_refutation_offer_themselves_as_scenarios(admin: TestClient) -> None:
    at = begun(admin, "offered")
    claim = "properties: [{name: soon, from: open, reaches: closed, within: 5 days}]\n"
    refuted = unescape(admin.post(f"{at}/prove", data={"text": LEAK + claim}).text)
    assert 'name="scenario" value="- scenario: refuted-soon' in refuted
    listed = {"tasks": ("list.csv", "title,lead_unit\n路灯,城管局\n".encode())}
    told = {"text": LEAK, "since": "2024-01-08", "until": "2024-03-08"}
    lived = unescape(admin.post(f"{at}/rehearse", data=told, files=listed).text)
    assert 'name="scenario" value="- scenario: rehearsed-leak-01' in lived
    scenario = lived.partition('name="scenario" value="')[2].partition('" class')[0]
    assert "All 1 scenarios hold" in tried(admin, at, scenario)["page"]


def test_they_are_submitted_with_the_draft_and_read_by_whoever_approves(stage: Stage, admin: TestClient) -> None:
    """The one who approves sees the picture and what the scenarios come to; the next draft begins with them."""
    at = begun(admin, "leak")
    admin.post(at, data={"text": LEAK, "scenarios": GOOD + BAD, "version": 1})
    where = admin.post(f"{at}/submit", data={"version": 2}).headers["location"]
    second = _second(stage)
    page = unescape(second.get(where).text)
    assert "1 do not hold" in page
    assert "data:image/svg+xml" in page
    digest = page.partition('name="digest" value="')[2].partition('"')[0]
    assert second.post(f"{where}/approve", data={"digest": digest}).status_code == 303
    kept = from_edition(stage.desk, "leak@1")("leak-scenarios.yaml")
    assert kept is not None
    assert kept.decode() == GOOD + BAD
    admin.post(f"{at}/drop", data={"version": 2})
    admin.post("/drafts", data={"follows": "leak"})
    assert (GOOD + BAD).strip() in unescape(admin.get(at).text)


def _second(stage: Stage) -> TestClient:
    people, by = stage.office.people, By("admin")
    accounts.add_user(people, accounts.new_user("deng", people.now()), by, None)
    holdings.grant(people, Holding("deng", ADMIN, ANY, None, people.now()), by, rights.roles(stage.desk))
    return stage.client("deng", "en")


@pytest.mark.timeout(180)
def test_a_storm_is_cut_off_and_said_while_it_is_written_and_where_it_waits(admin: TestClient) -> None:
    """Nobody waits for it: neither who writes it nor who approves it."""
    at = begun(admin, "storm")
    told = tried(admin, at, GOOD + STORM, HOURLY)
    assert "1 scenarios were run (0 do not hold)" in told["page"]
    (found,) = told["findings"]
    assert found["code"] == "scenario-turns"
    assert "`storm`" in found["message"]
    text = HOURLY.replace("process: leak", "process: storm")
    admin.post(at, data={"text": text, "scenarios": GOOD + STORM, "version": 1})
    where = admin.post(f"{at}/submit", data={"version": 2}).headers["location"]
    page = unescape(admin.get(where).text)
    assert "too much happens in them to be run to the end here: leak-scenarios.yaml" in page
    assert "scenarios hold" not in page
