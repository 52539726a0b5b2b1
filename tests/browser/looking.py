"""What is looked at on every page: that nothing runs out of it, is crushed or hidden, or stands in the way of those who
see little or use a keyboard. The pictures are kept under build/screenshots, to be looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.site import ROOT

VENDOR = Path(__file__).parent / "vendor"
AXE = VENDOR / "axe.min.js"
SHOTS = ROOT / "build" / "screenshots"
NARROW, DESK, WALL = 360, 1280, 1920


def in_both_languages(page: Page, name: str) -> list[str]:
    """What is wrong with a page that can be asked for again, in Chinese and in English; it is left in Chinese."""
    found = [*looked_at(page, name, "zh")]
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.wait_for_load_state()
    found += looked_at(page, name, "en")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    return found


def looked_at(page: Page, name: str, lang: str) -> Iterator[str]:
    """What is wrong with a page as it stands, at each width."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state()
    for width in (NARROW, WALL, DESK):
        page.set_viewport_size({"width": width, "height": 800})
        needed = page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            yield f"{lang}: {needed} px wide at {width}"
        yield from (f"{lang} at {width}: {fault}" for fault in page.evaluate(SQUEEZED))
        if width != WALL:
            page.screenshot(path=SHOTS / f"{name}-{lang}-{width}.png", full_page=True)
        if width == DESK or (lang == "zh" and width == NARROW):
            yield from (f"{lang} at {width}: {fault}" for fault in faults(page))


SQUEEZED = """() => {
    const found = [];
    for (const link of document.querySelectorAll("nav a")) {
        const box = link.getBoundingClientRect();
        if (box.right > window.innerWidth) { found.push(`nobody sees the link ${link.innerText}`); }
    }
    const brand = document.querySelector(".brand span");
    if (brand && brand.getClientRects().length > 1) { found.push("the name of the product is broken in two"); }
    for (const text of document.querySelectorAll("svg text")) {
        const scale = text.getScreenCTM().a, size = parseFloat(getComputedStyle(text).fontSize) * scale;
        if (size < 8.5) { found.push(`${text.textContent} is ${size.toFixed(1)} px high`); break; }
    }
    for (const cell of document.querySelectorAll(".date")) {
        const words = document.createRange();
        words.selectNodeContents(cell);
        const broken = cell.childElementCount === 0 && words.getClientRects().length > 1;
        if (broken) { found.push(`a date is broken: ${cell.innerText}`); break; }
    }
    return found;
}"""
"""What a page hides or crushes where it is narrow, in words."""


def faults(page: Page) -> Iterator[str]:
    """What axe finds that is serious, each with where it stands."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    asked = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    found: dict[str, Any] = page.evaluate("told => axe.run(document, JSON.parse(told))", json.dumps(asked))
    for each in found["violations"]:
        if each["impact"] in ("serious", "critical"):
            yield f"{each['id']}: {each['help']}: {[node['html'][:160] for node in each['nodes'][:3]]}"
