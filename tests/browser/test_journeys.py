"""The journeys of a supervised task in a real browser, each step one that somebody finds who has read nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

from docx import Document
from playwright.sync_api import Page, expect

from tests.browser.site import (
    LATE,
    LEADER,
    OFFICE,
    POLICE,
    WATER,
    Site,
    act,
    fill,
    find_task,
    light,
    move_clock,
    submit,
)

WATERWORKS = "实施25项农村饮水安全维修养护工程建设"


def report(page: Page, month: str, percent: str) -> None:
    """Report the progress of a month, from the page of a task."""
    act(page, "填报月度进展", {"月份": month, "累计进度": percent, "进展情况": "按节点推进"})


def state(page: Page) -> str:
    """The state beside the title of a task."""
    return page.locator(".head .state").inner_text()


def take(page: Page, name: str) -> str:
    """Download a document from the page of a task; its text."""
    with page.expect_download() as coming:
        page.get_by_role("region", name="文书").get_by_role("link", name=re.compile(name)).last.click()
    path = Path(coming.value.path())
    assert coming.value.suggested_filename.endswith(".docx")
    with path.open("rb") as file:
        return "\n".join(each.text for each in Document(file).paragraphs)


def test_a_report_below_the_plan_turns_the_light(site: Site) -> None:
    """Whoever reports less than was planned sees at once what follows: lagging, and a yellow light."""
    page = site.enter(WATER)
    find_task(page, WATERWORKS)
    expect(light(page)).to_have_text("绿")
    report(page, "2022-05", "1")
    assert state(page) == "滞后"
    expect(light(page)).to_have_text("黄")
    expect(page.get_by_role("status")).to_contain_text("滞后")


def test_a_lag_is_found_ordered_missed_talked_over_and_made_good(site: Site, paper: Callable[[str], Path]) -> None:
    """The whole of a lag, each step by whoever owes it, the next person finding what the one before has left."""
    lead, office, leader = (site.enter(name) for name in (POLICE, OFFICE, LEADER))
    a_late_report_reveals_a_lag(lead, paper("滞后原因.pdf"))
    the_office_orders_rectification(office)
    the_day_passes_and_an_interview_opens(office)
    its_minutes_are_filed(leader)
    what_was_asked_is_made_good(lead, office, paper("整改.pdf"))
    the_task_closes_with_evidence(lead, office, paper("竣工.pdf"))
    assert state(office) == "办结销号"
    expect(light(office)).to_have_text("绿")
    expect(office.get_by_role("region", name="佐证材料").get_by_role("link", name="竣工.pdf")).to_be_visible()
    with office.expect_download() as filed:
        office.get_by_role("link", name="下载归档材料").click()
    with ZipFile(filed.value.path()) as archive:
        names = archive.namelist()
    assert [name for name in names if "督改" in name and name.endswith(".docx")], "the order is in the archive set"
    assert [name for name in names if "竣工.pdf" in name], "and so is the evidence"


def a_late_report_reveals_a_lag(lead: Page, reason: Path) -> None:
    """The worklist leads to the form, which knows the month that is late; the reason is owed in writing."""
    lead.get_by_role("row").filter(has_text="逾期").get_by_role("link", name="填报月度进展").click()
    expect(lead.get_by_label("月份")).to_have_value("2022-04")
    fill(lead, {"累计进度": "10", "进展情况": "招标延后"})
    submit(lead)
    expect(lead.get_by_role("status")).to_contain_text("滞后")
    assert state(lead) == "滞后"
    act(lead, "书面报告滞后原因和改进措施", {"滞后原因": "流标", "改进措施": "重新招标"}, {"书面报告": reason})


def the_office_orders_rectification(office: Page) -> None:
    """The order is a Word file that names the task and says what was asked."""
    find_task(office, LATE)
    act(office, "责令限期整改", {"整改要求": "补齐进度，逐周报告"})
    assert state(office) == "限期整改"
    order = take(office, "整改")
    assert LATE in order
    assert "补齐进度，逐周报告" in order


def the_day_passes_and_an_interview_opens(office: Page) -> None:
    """The clock of the demonstration is moved in the page; the light is red and the notice is issued."""
    move_clock(office, "2022-06-20")
    find_task(office, LATE)
    assert state(office) == "约谈"
    expect(light(office)).to_have_text("红")
    interview = office.get_by_role("region", name="子事项").get_by_role("row").filter(has_text="待约谈")
    interview.get_by_role("link").click()
    assert LATE in take(office, "约谈")


def its_minutes_are_filed(leader: Page) -> None:
    """The interview waits on the worklist of the leader."""
    leader.get_by_role("link", name="待办", exact=True).click()
    leader.get_by_role("row").filter(has_text="待约谈").get_by_role("link", name="约谈", exact=True).click()
    fill(leader, {"被约谈人": "分管负责人", "约谈纪要": "说明原因、提出措施", "整改完成时限": "2022-07-20"})
    submit(leader)
    assert "说明原因、提出措施" in take(leader, "纪要")


def what_was_asked_is_made_good(lead: Page, office: Page, result: Path) -> None:
    """The task has come back; what the lead hands in, the office finds and accepts."""
    find_task(lead, LATE)
    assert state(lead) == "限期整改"
    act(lead, "报送整改结果", {"整改结果": "已补齐"}, {"佐证材料": result})
    find_task(office, LATE)
    expect(office.get_by_role("region", name="佐证材料").get_by_role("link", name="整改.pdf")).to_be_visible()
    act(office, "整改验收")


def the_task_closes_with_evidence(lead: Page, office: Page, proof: Path) -> None:
    """At a hundred per cent the completion is submitted with a file, verified, and the light is green."""
    find_task(lead, LATE)
    report(lead, "2022-05", "60")
    report(lead, "2022-06", "100")
    act(lead, "申请销号", {"完成情况": "全面完成"}, {"佐证材料": proof})
    assert state(lead) == "待核验"
    find_task(office, LATE)
    act(office, "核验销号", {"核验情况": "属实"})
