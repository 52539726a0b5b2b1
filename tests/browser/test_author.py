"""The author's bench in a browser: a draft is begun, marked while it is typed, kept and compared."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.site import ADMIN, Site


def begun(site: Site) -> Page:
    """A draft of what is published, open in the editor."""
    page = site.enter(ADMIN)
    page.get_by_role("link", name="流程编写", exact=True).click()
    page.get_by_role("button", name="开始", exact=True).click()
    expect(page.locator("#editor .cm-content")).to_be_visible()
    return page


def test_a_draft_is_marked_while_it_is_typed_and_kept(site: Site) -> None:
    page = begun(site)
    expect(page.get_by_text("没有发现问题。")).to_be_visible()
    expect(page.locator("#picture")).to_be_visible()
    page.locator("#editor .cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nnonsense: 1\n")
    expect(page.locator("#findings").get_by_text("未知的键 `nonsense`")).to_be_visible()
    expect(page.locator("#editor .cm-lintRange-error").first).to_be_visible()
    for _ in range(13):
        page.keyboard.press("Backspace")
    expect(page.get_by_text("没有发现问题。")).to_be_visible()
    page.keyboard.type("# 一处说明\n")
    page.keyboard.press("Control+s")
    expect(page.locator("#kept")).to_contain_text("已保存")


def test_a_draft_is_compared_with_what_is_in_force(site: Site) -> None:
    page = begun(site)
    page.get_by_role("button", name="与现行版次对比", exact=True).click()
    expect(page.locator("#answer")).to_contain_text(re.compile("含义相同|改为"))
