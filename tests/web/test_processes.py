"""The page of a process: its picture leads to the board, editions and what differs, who may do what, what is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from engine.loading import load
from tests.web.stage import DALIAN, PROCESS, Stage, raise_stage, underway
from web.fixed import parameters
from workflows.authoring.publishing import Published, publish
from workflows.sources import beside, calendar_named, definitions_folder

PAGE = f"/processes/{PROCESS}"
SHANWEI = definitions_folder() / "shanwei-key-tasks" / "process.yaml"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A house with a second edition, which shortens two terms and is published with its scenarios."""
    stage = raise_stage(Path(tmp_path_factory.mktemp("processes")))
    underway(stage, "homes")
    text = DALIAN.read_text(encoding="utf-8").replace('edition: "2022.1"', 'edition: "2022.2"')
    term = "type: term, value: 20 working days, rule: D-07"
    assert term in text
    plan = "type: term, value: 10 working days, rule: [D-05, D-13]"
    assert plan in text
    shorter = text.replace(term, term.replace("20", "15")).replace(plan, plan.replace("10", "8"))
    published = publish(stage.desk, shorter, calendar_named, str(DALIAN), beside=beside(DALIAN))
    assert isinstance(published, Published), published
    yield stage
    stage.close()


def page(stage: Stage, user: str, address: str = PAGE) -> str:
    answer = stage.client(user, "en").get(address)
    assert answer.status_code == 200
    return unescape(answer.text)


def test_each_state_on_the_picture_leads_to_its_tasks_on_the_board(stage: Stage) -> None:
    told = page(stage, "li")
    areas = re.findall(r'<a href="(/board\?[^"]+)" aria-label="([^"]+)"', told)
    assert (
        "/board?process=dalian-livelihood&state=in_progress&open=yes",
        "In progress: 1 open, see the board",
    ) in areas
    counts = {address: int(re.search(r": (\d+) open", said)[1]) for address, said in areas}  # type: ignore[index]  # each says it
    assert sum(counts.values()) == 3
    for address, count in counts.items():
        found = set(re.findall(r'href="/tasks/(dalian-livelihood-\d+)"', page(stage, "li", address)))
        assert len(found) == count, address


def test_whoever_sees_fewer_tasks_counts_fewer(stage: Stage) -> None:
    assert "In progress: 1 open" in page(stage, "wang")
    assert "In progress: 0 open" in page(stage, "qian")


def test_a_role_leaves_only_what_it_may_do_and_owes(stage: Stage) -> None:
    whole, lead = page(stage, "li"), page(stage, "li", f"{PAGE}?role=lead")
    acts = re.compile(r'id="who".*?</section>', re.DOTALL)
    assert len(acts.search(lead)[0]) < len(acts.search(whole)[0])  # type: ignore[index]  # each page has one
    assert "Report progress" in acts.search(lead)[0]  # type: ignore[index]
    assert "working days" in lead
    interview = page(stage, "li", f"{PAGE}?body=interview")
    assert "see the board" not in interview, "the board shows no children"
    assert stage.client("li").get(f"{PAGE}?body=nothing").status_code == 404
    assert stage.client("li").get(f"{PAGE}?edition=9").status_code == 404


def test_editions_say_where_they_stand_and_how_they_differ(stage: Stage) -> None:
    told = page(stage, "wu")
    assert "earlier" in told
    assert "in force" in told
    changed = re.search(r'href="(/processes/[^"]+/diff\?[^"]+)"', told)
    assert changed is not None
    difference = page(stage, "wu", changed[1])
    assert "shortened from 20 to 15 working days" in difference
    assert "open tasks are touched" in difference
    assert "/diff?" not in page(stage, "li"), "only who audits or administers compares"
    assert stage.client("li").get(changed[1]).status_code == 403
    assert stage.client("wu").get(f"{PAGE}/diff?edition=2022.1&to=9").status_code == 404


def test_what_the_source_leaves_open_is_said_with_its_why_in_either_language(stage: Stage) -> None:
    """A term in words, a table by the titles of its keys, and the note of whoever fixed it."""
    section = re.compile(r'id="fixed".*?</section>', re.DOTALL)
    told = section.search(page(stage, "li"))[0]  # type: ignore[index]  # the page has one
    assert "15 working days" in told
    assert "No term is given; the first nodes are those of February." in told
    assert "首批节点" not in told
    chinese = section.search(unescape(stage.client("li", "zh").get(PAGE).text))[0]  # type: ignore[index]
    assert "15个工作日" in chinese
    assert "方案未定；首批节点在 2 月。" in chinese


def test_a_table_of_values_is_said_by_the_titles_of_its_keys() -> None:
    edition = load(SHANWEI.read_text(encoding="utf-8"), "process.yaml").edition
    assert edition is not None
    told = {lang: {each.title: each for each in parameters(lang, edition)} for lang in ("zh", "en")}
    rectified = told["en"]["Time to rectify, by severity"]
    assert rectified.values == ["Ordinary: 15 working days", "Serious: 10 working days"]
    assert rectified.note.startswith("“As soon as possible” is no term")
    assert told["zh"]["首次约谈的对象"].values == ["一般：分管领导", "严重：主要领导"]
    assert told["zh"]["“明显滞后”的界线（百分点）"].values == ["10%"]


def test_scenarios_that_were_published_are_tried_and_their_coverage_told(stage: Stage) -> None:
    told = page(stage, "wu")
    assert re.search(r"\d+ scenarios were published with it \(scenarios.yaml\)", told)
    assert re.search(r'states <span class="num">\d+/\d+', told)
    earlier = page(stage, "wu", f"{PAGE}?edition=2022.1")
    assert "Named by it and not published with it: scenarios.yaml" in earlier
    assert "scenarios" not in page(stage, "wang").replace("scenarios:", "").partition("<details")[0]


def test_what_no_task_has_done_is_listed(stage: Stage) -> None:
    told = page(stage, "wu", f"{PAGE}/unused?months=6")
    assert "in 3 tasks, these did not happen" in told
    assert "never" in told
    assert 'value="12"' in page(stage, "wu", f"{PAGE}/unused?months=0")


def test_the_menu_and_a_task_lead_here(stage: Stage) -> None:
    assert 'href="/processes"' in page(stage, "wu", "/worklist")
    assert f'href="{PAGE}"' in page(stage, "wu", "/processes")
    task = page(stage, "wang", f"/tasks/{stage.tasks['homes']}")
    assert f'href="{PAGE}?edition=2022.1"' in task
    assert f'href="/tasks/{stage.tasks["homes"]}/why"' in task
