"""The page that says why, for those who see the task and nobody else."""

from __future__ import annotations

import re

from tests.web.stage import HOUSING, LEADS, Stage, at, underway


def test_each_event_of_a_task_leads_to_its_reasons(stage: Stage) -> None:
    """The page of the task has a link for every event, and each answers in both languages."""
    task = underway(stage, "homes")
    page = stage.client("li").get(f"/tasks/{task}?events=all").text
    last = len(stage.desk.store.events(task))
    for seq in range(1, last + 1):
        assert f'href="/tasks/{task}/why/{seq}"' in page
        for lang, words in (("zh", "依据版次"), ("en", "Under edition")):
            answer = stage.client("li", lang).get(f"/tasks/{task}/why/{seq}")
            assert answer.status_code == 200
            assert words in answer.text


def test_why_it_is_in_its_state_names_the_line_of_the_definition(stage: Stage) -> None:
    task = underway(stage, "homes")
    state = stage.desk.store.task(task)
    assert state is not None
    text = stage.client("li").get(f"/tasks/{task}/why").text
    assert f"{state.edition}:" in text
    assert "为什么是现在的状态" in text


def test_what_is_not_there_is_not_found(stage: Stage) -> None:
    task = underway(stage, "homes")
    for seq in ("0", "-1", "99999"):
        assert stage.client("li").get(f"/tasks/{task}/why/{seq}").status_code == 404
    assert stage.client("li").get("/tasks/nothing/why").status_code == 404


def test_each_number_leads_on_to_the_event_that_made_it_so(stage: Stage) -> None:
    """By a link to why that happened, which answers."""
    task = underway(stage, "homes")
    for month, percent in (("2022-02", "5"), ("2022-03", "9")):
        stage.clock.move(at(f"{month}-20 09:00"))
        stage.act(task, "report", LEADS[HOUSING], month=month, percent=percent)
    li = stage.client("li")
    reports = [one.event for one in stage.desk.store.events(task) if one.event.payload.get("trigger") == "report"]
    text = li.get(f"/tasks/{task}/why/{reports[-1].seq}").text
    links = set(re.findall(rf'← 来自 <a href="(/tasks/{task}/why/\d+)">', text))
    assert f"/tasks/{task}/why/{reports[0].seq}" in links
    assert all(li.get(link).status_code == 200 for link in links)
