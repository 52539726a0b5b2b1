"""The author's bench in a browser: a draft is begun, marked while it is typed, kept and compared; and a whole process
from an empty page to tasks that run under its second edition, and back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.looking import in_both_languages, looked_at
from tests.browser.site import ADMIN, OFFICE, ROOT, WATER, Site, fill


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


# -- from an empty page to tasks that run under a second edition, and back

TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
FIRST = TUTORIAL.partition("```yaml whole hydrants.yaml\n")[2].partition("```")[0]
"""The definition that the tutorial writes."""

SECOND = FIRST.replace('edition: "1"', 'edition: "2"').replace("value: 15 working days", "value: 10 working days")
PLACES = ("人民路 1 号", "人民路 2 号", "解放路 7 号")
LIST = "地点,维修单位\n" + "".join(f"{place},{WATER}\n" for place in PLACES)
PROCESS = "消火栓维修督办"


@dataclass
class Bench:
    """Two administrators, and what was found wrong with the pages that they passed."""

    one: Page
    other: Page
    faults: list[str] = field(default_factory=list)

    def see(self, page: Page, name: str) -> None:
        """Look at a page in both languages and at each width."""
        self.faults += [f"{name}: {fault}" for fault in in_both_languages(page, name)]

    def answer(self, button: str, said: str | re.Pattern[str]) -> None:
        """Ask something of the draft, and read what comes."""
        self.one.get_by_role("button", name=button, exact=True).click()
        expect(self.one.locator("#answer")).to_contain_text(said)


def test_from_an_empty_page_to_a_second_edition_and_back(site: Site, tmp_path: Path) -> None:
    """All of it by what can be read on the pages, by two administrators; the office has the tasks."""
    listed = tmp_path / "消火栓.csv"
    listed.write_text(LIST, encoding="utf-8")
    one = site.enter(ADMIN)
    bench = Bench(one, a_second_administrator(site, one))
    begin(one)
    write(bench, FIRST)
    ask(bench, listed)
    approve(bench, "hydrants@1")
    register(site, one, listed)
    changed(bench)
    approve(bench, "hydrants@2")
    migration = planned(bench)
    moved(bench, migration)
    assert bench.faults == []


def a_second_administrator(site: Site, page: Page) -> Page:
    page.get_by_role("link", name="人员机构", exact=True).click()
    page.locator("summary").filter(has_text="添加用户").click()
    fill(page, {"用户名（登录用": "deng", "初始密码": "correct horse 8 staple"})
    page.get_by_role("button", name="添加用户").click()
    grant(page, "管理员")
    other = site.arrive()
    fill(other, {"用户名": "deng", "密码": "correct horse 8 staple"})
    other.get_by_role("button", name="登录", exact=True).click()
    expect(other.get_by_role("link", name="deng", exact=True)).to_be_visible()
    return other


def grant(page: Page, role: str) -> None:
    page.get_by_role("region", name="任命").get_by_label("角色").select_option(label=role)
    page.get_by_role("button", name="任命", exact=True).click()
    expect(page.get_by_role("status")).to_be_visible()


def begin(page: Page) -> None:
    page.get_by_role("link", name="流程编写", exact=True).click()
    page.get_by_label("流程标识").fill("hydrants")
    page.get_by_role("button", name="空白草稿").click()
    expect(page.locator("#editor .cm-content")).to_be_visible()
    expect(page.locator("#findings li").first).to_be_visible()


def retype(page: Page, text: str) -> None:
    """Put another text in the place of what is in the editor."""
    page.locator("#editor .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def write(bench: Bench, text: str) -> None:
    """A slip is marked with what was meant; then the picture and the proofs come."""
    page = bench.one
    retype(page, text.replace("to: repaired", "to: repired"))
    expect(page.locator("#findings")).to_contain_text("repired")
    expect(page.locator("#findings")).to_contain_text("`repaired`")
    retype(page, text)
    expect(page.get_by_text("没有发现问题。")).to_be_visible()
    expect(page.locator("#picture")).to_be_visible()
    expect(page.locator("#proved-sum")).to_contain_text("被推翻 0 条，未知 0 条")
    page.locator("#proved summary").click()
    expect(page.locator("#proved-claims")).to_contain_text("every hydrant can be closed")
    page.keyboard.press("Escape")
    page.locator("#editor .cm-content").click()
    page.keyboard.press("Control+s")
    expect(page.locator("#kept")).to_contain_text("已保存")


def ask(bench: Bench, listed: Path) -> None:
    page = bench.one
    fill(page, {"自": "2022-05-06", "至": "2022-07-31"}, {"清单": listed})
    bench.answer("开始推演", "推演 hydrants@1：2022-05-06 至 2022-07-31，3 项")
    expect(page.locator("#answer img")).to_be_visible()
    bench.answer("与现行版次对比", "还没有发布过版次")
    bench.answer("开始回测", "还没有历史")
    bench.see(page, "draft")
    page.get_by_role("button", name="报批", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("hydrants@1")
    expect(page.get_by_text("报批的人不能批准")).to_be_visible()


def approve(bench: Bench, edition: str) -> None:
    """The other one reads it and approves."""
    page = bench.other
    page.get_by_role("link", name="流程编写", exact=True).click()
    bench.see(page, "drafts")
    page.get_by_role("link", name=edition, exact=True).click()
    bench.see(page, f"proposal-{edition[-1]}")
    page.get_by_role("button", name="批准发布").click()
    expect(page.locator(".head .tag")).to_have_text("已发布")


def register(site: Site, page: Page, listed: Path) -> None:
    """The office of the new process is named, and brings its list in."""
    page.get_by_role("link", name="人员机构", exact=True).click()
    page.get_by_label("用户名、姓名或单位").fill(OFFICE)
    page.get_by_role("button", name="查询").click()
    page.get_by_role("row").filter(has_text=OFFICE).get_by_role("link").first.click()
    grant(page, "督查室")
    office = site.enter(OFFICE)
    office.get_by_role("link", name="导入清单").click()
    office.get_by_label("流程").select_option(label=PROCESS)
    office.get_by_label("填好的清单").set_input_files(listed)
    office.get_by_role("button", name="上传并查看").click()
    office.get_by_role("button", name="全部登记（3 项）").click()
    expect(office.get_by_role("status")).to_contain_text("已登记 3 项")


def changed(bench: Bench) -> None:
    """A year later: less time. What it means, and what it would have done."""
    page = bench.one
    page.get_by_role("link", name="流程", exact=True).click()
    page.get_by_role("link", name=PROCESS).click()
    page.wait_for_url("**/processes/*")
    bench.see(page, "process")
    page.get_by_role("link", name="待修：未办结 3 项，打开看板").click()
    expect(page.get_by_role("main").get_by_role("link", name=PLACES[0], exact=True)).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="起草新版次").click()
    expect(page.locator("#editor .cm-content")).to_be_visible()
    retype(page, SECOND)
    bench.answer("与现行版次对比", "由15个工作日缩短为10个工作日")
    backtest(bench)
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#kept")).to_contain_text("已保存")
    page.get_by_role("button", name="报批", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("hydrants@2")


def backtest(bench: Bench) -> None:
    """The history under other terms: a job whose progress is seen beside the text, a curve and a table."""
    page = bench.one
    fill(page, {"逐值试参数": "repair_term", "取值": "5 working days，15 working days"})
    bench.answer("开始回测", "以草案重走 3 个事项")
    expect(page.locator("#answer table")).to_contain_text("15 working days")
    expect(page.locator("#answer table")).to_contain_text("各值与历史都毫无差别")  # nothing was due yet
    bench.faults += [f"backtest: {each}" for each in looked_at(page, "backtest", "zh")]
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#kept")).to_contain_text("已保存")
    page.reload()
    page.get_by_role("link", name="上次回测").click()
    expect(page.get_by_role("main")).to_contain_text("以草案重走 3 个事项")
    bench.see(page, "backtest-page")
    page.get_by_role("link", name="hydrants", exact=True).click()
    expect(page.locator("#editor .cm-content")).to_be_visible()


def planned(bench: Bench) -> str:
    """The running tasks are to follow: what becomes of each deadline is chosen, tried, and put before the other."""
    page = bench.one
    page.get_by_role("link", name="流程", exact=True).click()
    page.get_by_role("link", name=PROCESS).click()
    page.get_by_role("link", name="1 → 2", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("涉及在办 3 项")
    bench.see(page, "edition-diff")
    page.get_by_role("button", name="起草迁移方案").click()
    fill(page, {"迁移理由": "市督〔2023〕7号", "“维修”怎么办": "自原起算日按新规定计算"})
    page.get_by_role("button", name="保存", exact=True).click()
    bench.see(page, "plan")
    page.get_by_role("button", name="试算", exact=True).click()
    expect(page.get_by_role("region", name="试算结果")).to_contain_text("试算 3 项：可以 3，不能 0")
    expect(page.get_by_role("row").filter(has_text=PLACES[0])).to_contain_text("2022-05-25 → 2022-05-18")
    bench.faults += [f"trial: {each}" for each in looked_at(page, "plan-tried", "zh")]
    page.get_by_role("button", name="报批", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("迁移 hydrants-m1")
    return page.url


def moved(bench: Bench, migration: str) -> None:
    """Approved by the other, applied, each task's fate read, and taken back with a reason."""
    one, other = bench.one, bench.other
    other.get_by_role("link", name="流程", exact=True).click()
    other.get_by_role("link", name="hydrants-m1").click()
    other.get_by_role("link", name="试算").click()
    expect(other.get_by_role("region", name="试算结果")).to_contain_text("可以 3")
    bench.see(other, "migration")
    other.get_by_role("button", name="批准迁移方案").click()
    expect(other.locator(".head .tag")).to_have_text("已批准")
    other.get_by_role("button", name="执行迁移").click()
    done(other, "迁移 hydrants-m1")
    other.get_by_role("link", name=PLACES[0]).click()
    expect(other.get_by_role("main")).to_contain_text("改用版次 hydrants@2（原 hydrants@1）")
    one.goto(migration)
    one.get_by_label("理由").fill("文件撤销")
    one.get_by_role("button", name="撤回迁移").click()
    done(one, "撤回迁移 hydrants-m1")
    one.goto(migration)
    expect(one.locator(".head .tag")).to_have_text("已撤回")
    expect(one.get_by_role("main")).to_contain_text("恢复 3 项，未恢复 0 项（文件撤销）")


def done(page: Page, heading: str) -> None:
    """A job that ends, and the fate of each of its three tasks."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.locator("#progress").get_by_text("已完成")).to_be_visible()
    page.reload()
    fates = page.get_by_role("region", name="逐项结果")
    for place in PLACES:
        expect(fates.get_by_role("row").filter(has_text=place)).to_contain_text("已办理")
