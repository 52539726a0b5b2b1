"""Every page, in both languages, on a phone, a desk and a wall: nothing runs out of the page, nothing stands in the way
of those who see little or use a keyboard. The pictures are kept under build/screenshots, to be looked at.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import DESK, SHOTS, VENDOR, faults, looked_at
from tests.browser.site import ADMIN, LATE, OFFICE, Site
from web.pages import __path__ as pages


@dataclass(frozen=True)
class Walk:
    """How somebody comes to a page: who they are, and what they click one after the other (`…`: what begins so)."""

    route: str
    clicks: tuple[str, ...] = ()
    who: str | None = OFFICE

    @property
    def name(self) -> str:
        """A name for its pictures."""
        past = "-past" if self.clicks[-1:] == ("回看",) and not self.route.endswith("past") else ""
        return (re.sub(r"\W+", "-", self.route).strip("-") or "home") + past

    @property
    def address(self) -> re.Pattern[str]:
        """What its address looks like, so that nobody takes another page for it."""
        return re.compile(r"[^/]" + re.sub(r"\{\w+\}", "[^/?]+", self.route) + r"(\?.*)?$")


DALIAN = "重点民生实事公开挂牌督办"
BULLETIN = "大连市2022年重点民生实事公开通报"
PUBLIC = ("督办", "政务督办公开")

WALKS = (
    Walk("/sign-in", who=None),
    Walk("/worklist", ("待办",)),
    Walk("/board", ("看板",)),
    Walk("/board", ("看板", "回看")),
    Walk("/board/wall", ("看板", "大屏")),
    Walk("/calendar", ("日历",)),
    Walk("/ledgers", ("台账",)),
    Walk("/ledgers/{ledger}", ("台账", "市民意见")),
    Walk("/scores", ("考核",)),
    Walk("/register", ("登记事项",)),
    Walk("/import", ("导入清单",)),
    Walk("/jobs", ("我的作业",)),
    Walk("/tasks/{task}", ("看板", LATE)),
    Walk("/tasks/{task}/past", ("看板", LATE, "回看")),
    Walk("/analysis", ("分析",)),
    Walk("/analysis/{figure}", ("分析", "偏差：没有按规定发生的")),
    Walk("/tasks/{task}/acts/{trigger}", ("看板", LATE, "督查")),
    Walk("/tasks/{task}/why", ("看板", LATE, "为什么是现在的状态")),
    Walk("/tasks/{task}/why/{seq}", ("看板", LATE, "缘由：…")),
    Walk("/tasks/{task}/receipts/{seq}", ("看板", LATE, "办理回执：…")),
    Walk("/tasks/{task}/redaction", ("看板", LATE, "删除个人信息")),
    Walk("/account", (OFFICE,)),
    Walk("/documents", ("公文",)),
    Walk("/templates", ("公文", "公文模板"), ADMIN),
    Walk("/demo/post", ("通知托盘",)),
    Walk("/demo/clock", ("后一日",)),
    Walk("/operations", ("运行",), ADMIN),
    Walk("/processes", ("流程",), ADMIN),
    Walk("/processes/{process}", ("流程", DALIAN), ADMIN),
    Walk("/processes/{process}/unused", ("流程", DALIAN, "从未发生的规定"), ADMIN),
    Walk("/people", ("人员机构",), ADMIN),
    Walk("/readings", ("查阅记录",), ADMIN),
    Walk("/redactions", ("删除令",), ADMIN),
    Walk("/people/units/{unit}", ("人员机构", "市住房和城乡建设局"), ADMIN),
    Walk("/people/users/{user}", ("人员机构", "审计员"), ADMIN),
    Walk("/public", PUBLIC, None),
    Walk(
        "/public/bulletins",
        (
            *PUBLIC,
            "公开通报",
        ),
        None,
    ),
    Walk("/public/bulletins/{number}", (*PUBLIC, "公开通报", BULLETIN), None),
    Walk(
        "/public/projects",
        (
            *PUBLIC,
            "项目",
        ),
        None,
    ),
    Walk("/public/projects/{project}", (*PUBLIC, "项目", LATE), None),
    Walk("/public/say/{project}/{trigger}", (*PUBLIC, "项目", LATE, "我要提交：市民意见"), None),
    Walk(
        "/public/receipt",
        (
            *PUBLIC,
            "查询回执",
        ),
        None,
    ),
    Walk("/public/heads", (*PUBLIC, "历次树头与证明"), None),
)
ELSEWHERE = {
    "/": "leads to the worklist",
    "/import/preview": "looked at where a list is sent, in test_lists.py",
    "/jobs/{job}": "looked at where a job is begun, in test_lists.py",
    "/import/looked/{job}": "looked at where a long list is sent, in test_lists.py",
    "/jobs/{job}/progress": "a part of the page of a job",
    "/drafts": "looked at in test_author.py",
    "/drafts/{name}": "looked at in test_author.py",
    "/drafts/{name}/backtest": "a part of the page of a draft: looked at in test_author.py",
    "/processes/{process}/diff": "needs two editions: looked at in test_author.py",
    "/processes/{process}/migrations/{edition}/{to}": "needs two editions: looked at in test_author.py",
    "/migrations/{subject}": "needs a second administrator: looked at in test_author.py",
    "/drafts/schema.json": "read by the editor of a draft",
    "/drafts/{name}/scenarios.json": "likewise",
    "/proposals/{subject}": "needs a second administrator: looked at in test_author.py",
    "/sign-in/provider": "leads to the provider",
    "/sign-in/provider/back": "comes from the provider",
}
FILES = re.compile(
    r"/static/|/files/|/documents/|/export|\.(xlsx|csv|ics)$|/(docx|pdf|file|print|archive)$|/health|/metrics|/api/"
    r"|^/checkpoint"
)


def test_every_page_is_walked_to() -> None:
    """A page that is added is looked at, or it is said why not."""
    from importlib import import_module
    from pkgutil import iter_modules

    declared = {
        route.path
        for each in iter_modules(pages)
        for route in getattr(import_module(f"web.pages.{each.name}"), "routes", ())
        if route.method == "GET" and not FILES.search(route.path)
    }
    assert declared - {walk.route for walk in WALKS} - set(ELSEWHERE) == set()


@pytest.fixture(scope="module")
def rooms(shared: Site) -> Iterator[dict[str | None, Page]]:
    """A browser for each of those who walk; the policy of our pages would keep the tester's script out."""
    found = {who: shared.enter(who) if who else shared.arrive() for who in dict.fromkeys(walk.who for walk in WALKS)}
    yield found
    for page in found.values():
        page.context.close()


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.name)
def test_a_page_can_be_read_by_everybody(rooms: dict[str | None, Page], walk: Walk) -> None:
    """In both languages: no serious fault that axe knows, and no sideways scrolling at any width."""
    page = rooms[walk.who]
    page.set_viewport_size({"width": DESK, "height": 800})
    for words in walk.clicks:
        button = page.get_by_role("button", name=words, exact=True)
        link = page.get_by_role("link", name=words.rstrip("…"), exact=not words.endswith("…")).first
        (button if words == "后一日" else link).click()
    expect(page).to_have_url(walk.address)
    page.wait_for_load_state()
    found = [*looked_at(page, walk.name, "zh")]
    wall = page.locator("body.wall").count()
    if wall:
        page.get_by_role("link", name="返回看板").click()
    page.get_by_role("button", name="English").click()
    if wall:
        page.get_by_role("link", name="Wall screen").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_url(walk.address)
    page.wait_for_load_state()
    found += looked_at(page, walk.name, "en")
    if wall:
        page.get_by_role("link", name="Back to the board").click()
    page.get_by_role("button", name="中文").click()
    assert found == []


def test_axe_finds_a_fault_that_is_there(rooms: dict[str | None, Page]) -> None:
    """The examiner is examined: grey upon grey, and a field without a label."""
    page = rooms[None].context.new_page()
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><input><p style='color:#999'>pale</p></main>")
    assert {fault.partition(":")[0] for fault in faults(page)} == {"label", "color-contrast"}
    page.close()


def test_axe_is_as_it_was_published() -> None:
    """The file is the one whose digest is noted beside it."""
    digest, name = (VENDOR / "SHA256SUMS").read_text(encoding="utf-8").split()
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("words", ["看板", LATE])
def test_what_is_printed_fits_the_paper(rooms: dict[str | None, Page], words: str) -> None:
    """The board and a task on A4, without menus and buttons."""
    page = rooms[OFFICE]
    page.get_by_role("link", name="看板", exact=True).click()
    if words == LATE:
        page.get_by_role("main").get_by_role("link", name=LATE, exact=True).click()
    page.wait_for_load_state()
    page.set_viewport_size({"width": 718, "height": 1047})  # A4 less margins of a centimetre, in CSS pixels
    page.emulate_media(media="print")
    try:
        assert page.evaluate("document.documentElement.scrollWidth") <= 718
        assert not page.get_by_role("navigation", name="菜单").is_visible()
        assert not page.get_by_role("button").locator("visible=true").count()
        page.pdf(path=SHOTS / f"print-{'task' if words == LATE else 'board'}.pdf", format="A4")
    finally:
        page.emulate_media(media="screen")
