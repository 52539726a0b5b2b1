"""A demonstration served by a process of its own, and somebody in front of a browser who has read nothing.

They find what they need by what they can read: links, buttons and labels. The only address ever typed is the one that
the server printed when it started.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from playwright.sync_api import Browser, Locator, Page, expect

from tests.limits import address_of, running

ROOT = Path(__file__).resolve().parents[2]
OFFICE, LEADER, POLICE, WATER = "市政府督考办", "分管市领导", "市公安局", "市水务局"
AUDITOR, ADMIN = "审计员", "管理员"
PATIENCE = 20_000
"""Milliseconds that a page may take on a machine with other work."""

LATE = "实施警情件件办工程"
"""The project of `POLICE` whose report of April is late when the demonstration opens."""


@dataclass
class Site:
    """A demonstration that is served, and how to come in."""

    address: str
    folder: Path
    process: subprocess.Popen[str]
    browser: Browser

    def arrive(self, **told: Any) -> Page:
        """A new browser at the address that the server printed. `told` goes to the browser's context."""
        context = self.browser.new_context(**{"locale": "zh-CN", **told})
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(self.address)
        return page

    def enter(self, name: str, **told: Any) -> Page:
        """Come in as one of those whom the first page offers, by a click."""
        page = self.arrive(**told)
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
        return page


@contextmanager
def serve(made: Path, folder: Path, browser: Browser) -> Iterator[Site]:
    """Serve a copy of a demonstration, on a port that is free. In the end the server stops as it should."""
    shutil.copytree(made, folder)
    command = [sys.executable, "-m", "cli", "demo", "--serve", "--into", str(folder), "--port", "0"]
    with (
        (folder.parent / f"{folder.name}.log").open("w") as log,
        running(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log) as process,
    ):
        yield Site(address_of(process), folder, process, browser)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


# -- what somebody does

Texts: TypeAlias = Mapping[str, str]
Files: TypeAlias = Mapping[str, Path]


def find_task(page: Page, title: str) -> None:
    """Open a task from the worklist, or from the board where it is not on it."""
    page.get_by_role("link", name="待办", exact=True).click()
    link = page.get_by_role("link", name=title, exact=True)
    if not link.count():
        page.get_by_role("link", name="看板", exact=True).click()
        page.get_by_label("事项名称或编号").fill(title)
        page.get_by_role("button", name="筛选").click()
        link = page.get_by_role("main").get_by_role("link", name=title, exact=True)
    link.first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


def act(
    page: Page, name: str, filled: Mapping[str, str] | None = None, files: Mapping[str, Path] | None = None
) -> None:
    """Choose an act on the page of a task, fill its form in by its labels, and submit it."""
    page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    fill(page, filled or {}, files or {})
    submit(page)


def submit(page: Page) -> None:
    """Send a form, and read that it was done."""
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("status")).to_contain_text("已办理")


def fill(page: Page, filled: Texts, files: Files | None = None) -> None:
    """Fill controls in, by what is written beside them."""
    for label, value in filled.items():
        control = page.get_by_label(label).first
        if control.evaluate("one => one.tagName") == "SELECT":
            control.select_option(label=value)
        else:
            control.fill(value)
    for label, path in (files or {}).items():
        page.get_by_label(label).set_input_files(path)


def move_clock(page: Page, day: str) -> None:
    """Let the demonstration's time run until a day."""
    page.get_by_label("到", exact=True).fill(day)
    page.get_by_role("button", name="拨到此日").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("时钟已拨动", timeout=6 * PATIENCE)


def light(page: Page) -> Locator:
    """The light beside the title of a task."""
    return page.locator(".head .light")
