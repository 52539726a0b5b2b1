"""Many tasks at once in a real browser: one act on several with the fate of each, and a list from a file."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.site import LATE, OFFICE, Site, fill

DONE = "实施市民景区免费游工程"
HEAD = "项目名称,年度目标,牵头单位,2022-06 计划进度"


def test_one_act_on_many_tells_the_fate_of_each(site: Site) -> None:
    """What can be done is done, what cannot is named with the reason, and none is passed over."""
    page = site.enter(OFFICE)
    page.get_by_role("link", name="看板", exact=True).click()
    for title in (LATE, DONE):
        page.get_by_role("checkbox", name=f"选择“{title}”").check()
    page.get_by_role("button", name="对所选事项批量办理").click()
    page.get_by_role("button", name="预警", exact=True).click()
    fill(page, {"预警事由": "进度偏慢"})
    page.get_by_role("button", name="对 2 项办理").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("预警")
    expect(page.locator("#progress").get_by_text("已完成")).to_be_visible()
    page.reload()
    fates = page.get_by_role("region", name="逐项结果")
    expect(fates.get_by_role("row").filter(has_text=LATE)).to_contain_text("已办理")
    expect(fates.get_by_role("row").filter(has_text=DONE)).to_contain_text("未予办理")
    page.get_by_role("navigation").get_by_role("link", name="我的作业").click()
    expect(page.get_by_role("row").filter(has_text="批量“预警”2 项")).to_contain_text("已完成")


def test_a_list_comes_in_once_nothing_is_wrong_with_it(site: Site, tmp_path: Path) -> None:
    """Each fault stands at its cell; the list that is mended is registered whole and found on the board."""
    page = site.enter(OFFICE)
    page.get_by_role("link", name="导入清单").click()
    wrong, right = tmp_path / "有误.csv", tmp_path / "清单.csv"
    wrong.write_text(f"{HEAD}\n,全部完成,市公安局,20\n新建公园,十座,市水务局,很多\n", encoding="utf-8")
    right.write_text(f"{HEAD}\n新建停车场,三处,市公安局,20\n新建公园,十座,市水务局,30\n", encoding="utf-8")
    page.get_by_label("填好的清单").set_input_files(wrong)
    page.get_by_role("button", name="上传并查看").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("region", name="问题")).to_contain_text("第 2 行“项目名称”")
    expect(page.get_by_role("region", name="问题")).to_contain_text("第 3 行“2022-06 计划进度”")
    assert not page.get_by_role("button", name="全部登记").count()
    page.get_by_role("link", name="上传另一个文件").click()
    page.get_by_label("填好的清单").set_input_files(right)
    page.get_by_role("button", name="上传并查看").click()
    page.get_by_role("button", name="全部登记（2 项）").click()
    expect(page.get_by_role("status")).to_contain_text("已登记 2 项")
    page.get_by_role("link", name="在看板中查看").click()
    expect(page.get_by_role("main").get_by_role("link", name="新建停车场", exact=True)).to_be_visible()


def test_a_long_list_is_looked_through_while_its_progress_shows(site: Site, tmp_path: Path) -> None:
    """The page of the job leads by itself to what was found, which can be registered."""
    page = site.enter(OFFICE)
    page.get_by_role("link", name="导入清单").click()
    long = tmp_path / "长清单.csv"
    long.write_text("\n".join([HEAD, *(f"第{n}处停车场,一处,市公安局,20" for n in range(1_001))]), encoding="utf-8")
    page.get_by_label("填好的清单").set_input_files(long)
    page.get_by_role("button", name="上传并查看").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("长清单.csv")
    expect(page.get_by_role("button", name="全部登记（1001 项）")).to_be_visible(timeout=120_000)
    expect(page.get_by_role("region", name="清单内容").first).to_contain_text("第0处停车场")
