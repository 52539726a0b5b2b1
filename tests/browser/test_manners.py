"""Manners of the pages in a browser: what is refused, what is kept, the other language, the keyboard, no scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import ADMIN, AUDITOR, LATE, LEADER, OFFICE, POLICE, WATER, Site, act, fill, find_task, light

WATERWORKS = "实施25项农村饮水安全维修养护工程建设"


@pytest.mark.parametrize("who", [WATER, LEADER, AUDITOR, ADMIN])
def test_nobody_does_what_is_anothers(shared: Site, who: str) -> None:
    """No link leads there, and an address that somebody else knows is answered with a page that says no."""
    office, other = shared.enter(OFFICE), shared.enter(who)
    find_task(office, LATE)
    office.get_by_role("link", name="督查", exact=True).click()
    form = office.url
    task = form.partition("/acts/")[0]
    answer = other.goto(task)
    assert answer is not None
    assert answer.status == (404 if who == WATER else 200)
    assert not other.get_by_role("link", name="督查", exact=True).count()
    answer = other.goto(form)
    assert answer is not None
    if answer.status == 200:
        expect(other.get_by_role("alert")).to_be_visible()
    else:
        assert answer.status in (403, 404, 409)
        expect(other.get_by_role("heading", level=1)).to_be_visible()
    if who != ADMIN:
        assert not other.get_by_role("link", name="运行", exact=True).count()
        answer = other.goto(f"{shared.address}operations")
        assert answer is not None
        assert answer.status == 403
    assert not (who in (WATER, AUDITOR) and other.get_by_role("link", name="导入清单").count())


def test_a_stale_form_keeps_what_was_typed(site: Site) -> None:
    """Somebody was quicker: the page says what has changed, and nothing typed is lost."""
    slow, quick = site.enter(POLICE), site.enter(OFFICE)
    find_task(slow, LATE)
    slow.get_by_role("link", name="填报月度进展", exact=True).first.click()
    fill(slow, {"月份": "2022-04", "累计进度": "10", "进展情况": "招标延后，正在补办"})
    find_task(quick, LATE)
    act(quick, "预警", {"预警事由": "迟迟不报"})
    slow.get_by_role("button", name="提交").click()
    expect(slow.get_by_role("alert")).to_contain_text("有了变动")
    expect(slow.get_by_role("alert")).to_contain_text("预警")
    expect(slow.get_by_label("进展情况")).to_have_value("招标延后，正在补办")
    slow.get_by_role("button", name="提交").click()
    expect(slow.get_by_role("status")).to_contain_text("已办理")


def test_the_other_language_shows_the_same_page(shared: Site) -> None:
    """With its filters, and it stays so from then on."""
    page = shared.enter(OFFICE)
    page.get_by_role("link", name="看板", exact=True).click()
    page.get_by_role("combobox", name="亮灯").first.select_option(label="黄")
    page.get_by_role("button", name="筛选").click()
    before = page.url
    page.get_by_role("button", name="English").click()
    assert page.url == before
    expect(page.get_by_role("combobox", name="Light").first).to_have_value("yellow")
    page.get_by_role("link", name="Worklist", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Worklist")


def test_a_report_is_made_by_the_keyboard_alone(site: Site) -> None:
    """From the first page to what was done, with Tab, typing and Enter; whoever looks sees where they are."""
    page = site.arrive()
    tab_to(page, WATER)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("待办")
    tab_to(page, "填报月度进展")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("填报月度进展")
    tab_to(page, "累计进度")
    page.keyboard.type("1")
    tab_to(page, "提交")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("滞后")


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what is in focus says these words; each stop on the way is marked so that it is seen."""
    for _ in range(80):
        page.keyboard.press("Tab")
        told = page.evaluate(
            """() => { const one = document.activeElement, style = getComputedStyle(one);
            const label = one.labels && one.labels.length ? one.labels[0].innerText : "";
            return [label || one.getAttribute("aria-label") || one.innerText || "", style.outlineStyle]; }"""
        )
        assert told[1] != "none", f"nobody sees that {told[0]!r} is in focus"
        if words in told[0]:
            return
    raise AssertionError(f"nothing that says {words!r} is reached by the keyboard")


def test_a_lag_is_reported_and_ordered_without_scripts(site: Site) -> None:
    """The first two steps of the journey in a browser that runs no scripts at all."""
    lead, office = (site.enter(name, java_script_enabled=False) for name in (WATER, OFFICE))
    lead.get_by_role("link", name="填报月度进展").first.click()
    fill(lead, {"月份": "2022-05", "累计进度": "1"})
    lead.get_by_role("button", name="提交").click()
    expect(lead.get_by_role("status")).to_contain_text("滞后")
    expect(light(lead)).to_have_text("黄")
    find_task(office, WATERWORKS)
    act(office, "责令限期整改", {"整改要求": "补齐进度"})
    with office.expect_download() as coming:
        office.get_by_role("region", name="文书").get_by_role("link").first.click()
    assert coming.value.suggested_filename.endswith(".docx")
