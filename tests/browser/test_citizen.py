"""A citizen's opinion goes round in a real browser: sent without an account, forwarded, answered, and the answer read
with the code that was shown once.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.site import OFFICE, WATER, Site, act, fill

PROJECT = "实施25项农村饮水安全维修养护工程建设"
SAID = "我村水压不足，请一并检修"


def test_an_opinion_goes_round(site: Site) -> None:
    """From the public form to the answer, which the citizen alone finds."""
    citizen = site.arrive()
    code = says(citizen)
    office, lead = site.enter(OFFICE), site.enter(WATER)
    find(office)
    act(office, "梳理", {"梳理归类": "供水"})
    act(office, "转责任单位")
    find(lead)
    act(lead, "办理", {"办理情况": "已到村检修"})
    act(lead, "答复市民", {"答复内容": "水压已恢复，谢谢来信"})
    citizen.get_by_role("link", name="查询回执").first.click()
    citizen.get_by_label("回执码").fill(code)
    citizen.get_by_role("button", name="查询").click()
    expect(citizen.get_by_role("status")).to_contain_text("水压已恢复，谢谢来信")
    expect(citizen.get_by_role("status")).to_contain_text("已答复")
    citizen.get_by_label("回执码").fill(code[:-1] + ("a" if code[-1] != "a" else "b"))
    citizen.get_by_role("button", name="查询").click()
    expect(citizen.get_by_role("alert")).to_contain_text("没有这个回执码")


def says(citizen: Page) -> str:
    """Find the project from the first page, say something about it; the code that is shown."""
    citizen.get_by_role("main").get_by_role("link", name="政务督办公开").click()
    citizen.get_by_role("main").get_by_role("link", name="项目").click()
    citizen.get_by_role("link", name=PROJECT).click()
    citizen.get_by_role("link", name="我要提交").click()
    fill(citizen, {"意见建议": SAID, "联系方式": "13800000000"})
    citizen.get_by_role("button", name="提交").click()
    expect(citizen.get_by_role("heading", level=1)).to_contain_text("已收到")
    return citizen.locator(".code").inner_text().strip()


def find(page: Page) -> None:
    """The opinion waits on the worklist of whoever must move it on."""
    page.get_by_role("link", name="待办", exact=True).click()
    page.get_by_role("link", name=SAID).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(SAID)
    assert "13800000000" in page.get_by_role("region", name="责任人与联系方式").inner_text(), "who answers may call"
