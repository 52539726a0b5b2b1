"""Scenarios in the editor of a draft: written, run after a pause, completed, kept from a refutation or a rehearsal, and
published with the definition; and the same by a form where there are no scripts.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.looking import in_both_languages
from tests.browser.site import ADMIN, Site, fill
from tests.browser.test_author import FIRST, LIST, a_second_administrator, begin, retype

REFUTED = FIRST.replace(
    "properties:\n", "properties:\n  - {name: mended in five days, from: broken, reaches: repaired, within: 5 days}\n"
)
STORY = """- scenario: repaired-in-time
  zh: 按期修好
  en: Repaired in time
  given: {at: 2024-02-05 09:00, fields: {place: 人民路 1 号, unit: 水务公司}}
  steps:
    - {at: 2024-02-20 09:00, do: repair, as: unit, with: {photo: 现场.jpg}, expect: {state: repaired}}
    - {at: 2024-02-21 09:00, do: check, as: office, with: {works: true}, expect: {state: closed}}
"""


def drafted(site: Site, text: str = FIRST) -> Page:
    """A draft of the tutorial's process in the editor, without findings."""
    page = site.enter(ADMIN)
    begin(page)
    retype(page, text)
    expect(page.get_by_text("没有发现问题。")).to_be_visible()
    return page


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=re.compile(f"^{name}")).click()


def trial(page: Page) -> Locator:
    return page.locator("#trial")


def test_scenarios_are_written_run_and_marked_within_a_second_of_a_pause(site: Site) -> None:
    page = drafted(site)
    expect(trial(page)).to_contain_text("还没有情景")
    tab(page, "情景")
    retype(page, STORY)
    expect(trial(page)).to_contain_text("1 个情景全部符合")
    retype(page, STORY.replace("state: repaired", "state: late"))
    began = time.monotonic()
    expect(trial(page)).to_contain_text("第 1 步：应为 state: late，实为 state: repaired")
    assert time.monotonic() - began < 5, "a second on a quiet machine"
    expect(page.locator("#editor .cm-lintRange-error").first).to_be_visible()
    trial(page).get_by_role("link", name="第 6 行").click()
    expect(page.locator("#editor .cm-activeLine")).to_contain_text("do: repair")
    expect(trial(page)).to_contain_text("没有情景走到的")
    assert in_both_languages_of_what_is_saved(page) == []


def in_both_languages_of_what_is_saved(page: Page) -> list[str]:
    """Saved, the page is looked at in both languages and at each width; then both texts are still there."""
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#kept")).to_contain_text("已保存")
    faults = in_both_languages(page, "draft-scenarios")
    expect(page.locator("#scenarios")).to_have_value(re.compile("scenario: repaired-in-time"))
    return faults


def test_a_change_of_the_definition_is_felt_by_the_scenarios_of_the_other_tab(site: Site) -> None:
    page = drafted(site)
    tab(page, "情景")
    retype(page, STORY)
    expect(trial(page)).to_contain_text("1 个情景全部符合")
    tab(page, "定义")
    retype(page, FIRST.replace("state: closed, when: form.works", "state: late, when: form.works"))
    expect(trial(page)).to_contain_text("应为 state: closed，实为 state: late")
    expect(page.get_by_role("tab", name=re.compile("^情景"))).to_contain_text("1")
    retype(page, FIRST.replace("states:", "stats:"))
    expect(trial(page)).to_contain_text("定义没有错误后试跑")


def test_what_is_written_is_completed_by_its_own_schema_and_the_names_of_the_definition(site: Site) -> None:
    page = drafted(site)
    tab(page, "情景")
    retype(page, STORY.replace("do: repair, as: unit", "do: "))
    page.keyboard.press("Control+Home")
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("- {at: 2024-02-22 09:00, do: ")
    page.keyboard.press("Control+Space")
    offered = page.locator("#editor .cm-tooltip-autocomplete")
    expect(offered).to_contain_text("mark_late")
    page.keyboard.press("Escape")
    retype(page, STORY + "- scenario: more\n  zh: 又一个\n  ")
    page.keyboard.type("gi")
    page.keyboard.press("Control+Space")
    expect(offered).to_contain_text("given")


def test_one_to_begin_with_is_written_by_a_button_and_named_by_the_definition(site: Site) -> None:
    page = drafted(site, FIRST.replace("scenarios: [hydrants-scenarios.yaml]\n", ""))
    trial(page).get_by_role("button", name="写一个情景").click()
    expect(trial(page)).to_contain_text("1 个情景全部符合")
    expect(page.locator("#text")).to_have_value(re.compile(r"\nscenarios: \[scenarios.yaml\]\n"))
    expect(page.get_by_role("tab", name=re.compile("^情景"))).to_have_attribute("aria-selected", "true")


def test_a_refutation_and_a_rehearsal_are_kept_as_scenarios_and_all_is_published(site: Site, tmp_path: Path) -> None:
    listed = tmp_path / "消火栓.csv"
    listed.write_text(LIST, encoding="utf-8")
    page = drafted(site, REFUTED)
    other = a_second_administrator_beside(site, page)
    refuted = page.locator("#open-claims li").filter(has_text="mended in five days")
    refuted.locator("summary").first.click()
    refuted.get_by_role("button", name="存为情景").click()
    expect(trial(page)).to_contain_text("1 个情景全部符合")
    fill(page, {"自": "2022-05-06", "至": "2022-07-31"}, {"清单": listed})
    page.get_by_role("button", name="开始推演").click()
    page.locator("#answer").get_by_role("button", name="存为情景").click()
    expect(trial(page)).to_contain_text("2 个情景全部符合")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#kept")).to_contain_text("已保存")
    page.get_by_role("button", name="报批", exact=True).click()
    approved(other)
    page.get_by_role("navigation", name="主菜单").get_by_role("link", name="流程", exact=True).click()
    page.get_by_role("link", name="消火栓维修督办").click()
    expect(page.get_by_role("main")).to_contain_text("随版次发布的情景 2 个（hydrants-scenarios.yaml）")


def a_second_administrator_beside(site: Site, page: Page) -> Page:
    """Another administrator, made in another window: the draft is not left."""
    window = page.context.new_page()
    window.goto(site.address)
    other = a_second_administrator(site, window)
    window.close()
    return other


def approved(page: Page) -> None:
    """Whoever approves sees the picture, and what the scenarios come to."""
    page.get_by_role("link", name="流程编写", exact=True).click()
    page.get_by_role("link", name="hydrants@1", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("2 个情景全部符合")
    expect(page.get_by_role("img", name="hydrants@1 的状态图")).to_be_visible()
    assert in_both_languages(page, "proposal-scenarios") == []
    page.get_by_role("button", name="批准发布").click()
    expect(page.locator(".head .tag")).to_have_text("已发布")


def test_without_scripts_they_are_written_run_and_kept_by_the_form(site: Site) -> None:
    page = site.arrive(java_script_enabled=False)
    page.get_by_role("button", name=ADMIN, exact=True).click()
    page.get_by_role("link", name="流程编写", exact=True).click()
    page.get_by_label("流程标识").fill("hydrants")
    page.get_by_role("button", name="空白草稿").click()
    fill(page, {"定义正文": REFUTED, "情景正文": STORY.replace("state: closed", "state: late")})
    page.get_by_role("button", name="试跑情景").click()
    expect(page.locator("#answer")).to_contain_text("1 个情景中有 1 个不符")
    expect(page.get_by_label("情景正文")).to_have_value(re.compile("state: late"))
    fill(page, {"情景正文": STORY})
    page.get_by_role("button", name="证明", exact=True).click()
    page.locator("#answer summary").filter(has_text="反例经过").click()
    page.locator("#answer").get_by_role("button", name="存为情景").click()
    expect(page.get_by_label("情景正文")).to_have_value(re.compile("repaired-in-time[^~]*refuted-mended"))
    expect(page.locator("#kept")).to_contain_text("2")
