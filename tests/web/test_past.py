"""Pages of the past: as it was, as it was known, by the slider and without scripts, with the rules in force then."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from io import BytesIO
from urllib.parse import unquote

import pytest
from python_calamine import CalamineWorkbook

from engine.commands import Actor
from tests.web.stage import HOUSING, OFFICE, PROCESS, ZONE, Stage, at, underway
from workflows.audit.moments import Moment, rules_at
from workflows.authoring.calendars import override
from workflows.office.firing import Act, Outcome, fire
from workflows.papers.values import Template
from workflows.sources import calendar_named

FORM = {"reason": "规划调整", "consent": "市政函〔2022〕1号", "evidence": [{"name": "consent.pdf"}]}


def _late(stage: Stage) -> str:
    """A task in progress from 20 January on; on 20 February it is entered that it was suspended on the 12th."""
    task = underway(stage, "homes")
    stage.clock.move(at("2022-02-20 09:00"))
    act = Act(task, "suspend", FORM, OFFICE, occurred_at=at("2022-02-12 09:00"), reason="来函迟到")
    assert isinstance(fire(stage.desk, act), Outcome)
    stage.clock.move(at("2022-03-10 09:00"))
    return task


def _state(text: str) -> str:
    """The state that the page of a task of the past shows."""
    return text.split('<span class="state">')[1].split("</span>", maxsplit=1)[0]


def test_a_task_is_shown_as_it_was_and_as_it_was_known(stage: Stage) -> None:
    """What was entered on the 20th was so on the 15th, and not known on it; before it was registered it was nowhere."""
    task, li = _late(stage), stage.client("li")
    was, known = (li.get(f"/tasks/{task}/past?at=2022-02-15{more}").text for more in ("", "&known=then"))
    assert _state(was) == "暂缓实施"
    assert _state(known) == "推进中"
    assert "按当时所知" in known
    assert "此后才录入的" in known
    assert _state(li.get(f"/tasks/{task}/past?at=2022-02-15&known_on=2022-02-21").text) == "暂缓实施"
    assert _state(li.get(f"/tasks/{task}/past?at=2022-02-10").text) == "推进中"
    assert "当时还没有这一事项" in li.get(f"/tasks/{task}/past?at=2022-01-10").text


def test_nothing_is_done_on_a_page_of_the_past(stage: Stage) -> None:
    """It says that it is not now, and offers no act; what is personal is not on it."""
    task = _late(stage)
    for path in (f"/tasks/{task}/past?at=2022-02-15", "/board?at=2022-02-15"):
        text = stage.client("li").get(path).text
        assert "不是现在" in text
        assert "/acts/" not in text
        assert 'name="task"' not in text
        assert 'action="/bulk' not in text
        main = text[text.index("<main") :]
        assert 'method="post"' not in main.split('class="views')[0]
        assert "乙" not in main


def test_late_entries_are_marked_in_the_history(stage: Stage) -> None:
    """On the page of now, on the page of then, with when they were recorded; what follows says so too."""
    task, li = _late(stage), stage.client("li")
    for path in (f"/tasks/{task}", f"/tasks/{task}/past?at=2022-02-28"):
        text = li.get(path).text
        assert "补录</span> 记录于 2022-02-20 09:00" in text, path
    assert "补录</span>" not in li.get(f"/tasks/{task}/past?at=2022-02-15&known=then").text


def test_a_board_of_the_past_tells_two_kinds_of_past_apart(stage: Stage) -> None:
    _late(stage)
    li = stage.client("li")
    assert "暂缓实施</span>" in li.get("/board?at=2022-02-15").text
    known = li.get("/board?at=2022-02-15&known=then").text
    assert "暂缓实施</span>" not in known
    assert "推进中</span>" in known
    learned = li.get("/board?at=2022-02-15&learned=1").text
    part = learned[learned.index('id="otherwise"') :]
    assert "推进中" in part[: part.index("</section>")]
    assert "暂缓" in part[: part.index("</section>")]
    since = li.get("/board?at=2022-02-15&since=2022-02-01").text
    assert "与 2022-02-01 的差别" in since
    assert "没有差别" in li.get("/board?at=2022-02-10&since=2022-02-09").text


def test_the_slider_works_without_scripts_and_steps_from_change_to_change(stage: Stage) -> None:
    """Its number leads to the day; the steps to the days on which something changed, and no further."""
    task, li = _late(stage), stage.client("li")
    number = date(2022, 2, 15).toordinal()
    for address in ("/board", f"/tasks/{task}/past"):
        text = li.get(f"{address}?day={number}").text
        assert f'value="{number}"' in text, address
        assert "2022-02-15 终了" in text
        assert 'rel="prev"' in text
        assert "at=2022-02-12" in text.split('rel="prev"')[1].split(">")[0], address
        first = li.get(f"{address}?at=2022-01-20").text
        assert 'rel="prev"' not in first
        assert f'min="{date(2022, 1, 20).toordinal()}"' in first
        last = li.get(f"{address}?at=2022-03-10").text
        assert 'rel="next"' not in last


@pytest.mark.parametrize(
    "query", ["at=x", "day=x", "day=99999999999999999999", "at=9999-12-31", "since=0001-01-01", "known_on=²", "day=²"]
)
def test_an_odd_address_is_answered(stage: Stage, query: str) -> None:
    task = stage.tasks["homes"]
    for address in ("/board", f"/tasks/{task}/past"):
        assert stage.client("li").get(f"{address}?{query}").status_code == 200


def test_another_units_past_is_not_seen(stage: Stage) -> None:
    """Neither its page, nor among what is otherwise, nor in the steps of the slider."""
    task = _late(stage)
    qian = stage.client("qian")
    assert qian.get(f"/tasks/{task}/past").status_code == 404
    text = qian.get("/board?at=2022-02-15&since=2022-01-01&learned=").text
    assert HOUSING not in text
    assert task not in text
    assert "at=2022-02-12" not in text


def test_the_past_names_the_rules_that_were_in_force(stage: Stage) -> None:
    """Edition, calendar and templates, by digest; a calendar that was changed later is another one."""
    task = underway(stage, "homes")
    record = stage.desk.store.editions()[0]
    stage.clock.move(at("2022-02-10 09:00"))
    stage.house.papers.keep_template(Template(PROCESS, "order.docx", "d" * 64, "admin", stage.clock()), b"x")
    changed = override(
        stage.desk, "cn", date(2022, 3, 5), Actor("admin", ("admin",)), calendar_named, working=True, reason="补班"
    )
    assert not hasattr(changed, "code"), changed
    before, after = (rules_at(stage.desk, PROCESS, Moment(at(f"2022-02-{day} 09:00"))) for day in ("09", "11"))
    assert before.calendar is not None
    assert after.calendar is not None
    assert before.calendar.digest != after.calendar.digest
    assert after.calendar.digest == stage.desk.book(record.name)[1].digest
    assert [[each.name for each in rules.templates] for rules in (before, after)] == [[], ["order.docx"]]
    for day, rules in (("09", before), ("11", after)):
        for address in ("/board", f"/tasks/{task}/past"):
            text = stage.client("li").get(f"{address}?at=2022-02-{day}").text
            assert record.name in text
            assert record.digest[:12] in text
            assert rules.calendar is not None
            assert rules.calendar.digest[:12] in text
            assert ("order.docx" in text) == (day == "11")
    assert rules_at(stage.desk, PROCESS, Moment(at("2021-12-31 09:00"))).edition is None
    assert "当时尚未发布" in stage.client("li").get("/board?at=2021-12-31").text


def test_a_board_of_the_past_that_is_taken_along_says_of_which_day_and_by_which_rules(stage: Stage) -> None:
    """In its name and on its second sheet; one of now says nothing of the kind. The API says the rules too."""
    _late(stage)
    (record,), li = stage.desk.store.editions(), stage.client("li", "en")

    def told(query: str) -> tuple[str, str]:
        answer = li.get(f"/board/export?{query}")
        sheet = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(1).to_python()
        return unquote(answer.headers["content-disposition"]), "\n".join(": ".join(map(str, row)) for row in sheet)

    name, then = told("at=2022-02-15&known=then")
    assert "as of 2022-02-15" in name
    assert "As it was on: 2022-02-15\nAs known: then\n" in then
    assert f"edition {record.name} {record.digest[:12]}, calendar cn " in then
    assert "As known: now\n" in told("at=2022-02-15")[1]
    assert "As known: 2022-02-21\n" in told("at=2022-02-15&known_on=2022-02-21")[1]
    now = told("")
    assert "as of" not in now[0]
    assert "As it was on" not in now[1]
    assert "in force" not in now[1]
    assert "as of 2022-02-15" in unquote(
        li.get("/board/export?at=2022-02-15&format=csv").headers["content-disposition"]
    )
    rules = li.get("/api/v1/board?at=2022-02-15T00:00:00%2B08:00").json()["rules"]
    assert [(each["process"], each["edition"]["digest"]) for each in rules] == [(PROCESS, record.digest)]
    assert rules[0]["calendar"]["name"] == "cn"


def test_figures_that_are_taken_along_say_what_was_asked(stage: Stage) -> None:
    underway(stage, "homes")
    content = stage.client("li", "en").get("/analysis/bottlenecks/export?from=2022-01-20&to=2022-02-01").content
    sheet = str(CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(1).to_python())
    assert "duban report bottlenecks --from 2022-01-20 --to 2022-02-01" in sheet
    assert "time in state" in sheet or "from the event that brought it into a state" in sheet


def test_one_steps_from_event_to_event_without_scripts(stage: Stage) -> None:
    """By links, from the last event back to the first and forth again; each page is the task just after its event."""
    task, browser = _late(stage), stage.client("li")
    events = [each.event for each in stage.desk.store.events(task)]
    instants = sorted({event.occurred_at for event in events})

    def walked(path: str, way: str) -> list[str]:
        found = list[str]()
        while path and len(found) <= len(events):
            text = browser.get(path).text
            found.append(text)
            link = re.search(rf'accesskey="{re.escape(way)}" href="([^"]+)"', text)
            path = unescape(link[1]) if link else ""
        return found

    back = walked(f"/tasks/{task}/past", ",")
    assert len(back) == len(instants) + 1
    assert all("不是现在" in text for text in back)
    first = events[0]
    forth = (
        walked(f"/tasks/{task}/past?at={first.occurred_at.date()}&step=2", ".")
        if first.seq == 2
        else walked(re.findall(r'accesskey="," href="([^"]+)"', back[-2])[-1].replace("&amp;", "&"), ".")
    )
    assert len(forth) == len(instants)
    assert [_state(text) for text in forth[:1]] == [_state(back[-1])]
    assert _state(forth[-1]) == "暂缓实施"
    marks = re.findall(r'<option value="(\d+)" label="([-\d]+)">', back[0])
    assert [label for _, label in marks] == sorted(
        {event.occurred_at.astimezone(ZONE).date().isoformat() for event in events}
    )
    assert all(date.fromordinal(int(value)).isoformat() == label for value, label in marks)


def test_a_step_is_as_known_when_it_was_recorded_if_that_is_asked(stage: Stage) -> None:
    task, browser = _late(stage), stage.client("li", "en")
    seq = next(
        each.event.seq for each in stage.desk.store.events(task) if each.event.payload.get("trigger") == "suspend"
    )
    last = max(
        e.event.seq
        for e in stage.desk.store.events(task)
        if e.event.occurred_at == stage.desk.store.events(task)[seq - 1].event.occurred_at
    )
    text = browser.get(f"/tasks/{task}/past?at=2022-02-12&step={last}&known=then").text
    assert f"just after event {last}" in text
    assert _state(text) == "Suspended"
    assert browser.get(f"/tasks/{task}/past?step=999").status_code == 200
