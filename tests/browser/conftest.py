"""A browser for each module, and a demonstration that is served to it, copied for whoever changes it.

Without Chromium these tests are skipped and say so; in continuous integration its absence is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.site import PATIENCE, Site, serve

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MISSING = "Chromium is not installed: the journeys in a browser were not tested (apt-get install chromium)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. It lives as long as a module: its event loop would be in the way of other tests."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def site(browser: Browser, demonstration: Path, tmp_path: Path) -> Iterator[Site]:
    """A demonstration of ones own."""
    with serve(demonstration, tmp_path / "site", browser) as served:
        yield served


@pytest.fixture(scope="module")
def shared(browser: Browser, demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demonstration for all tests of a module that disturb nobody."""
    with serve(demonstration, tmp_path_factory.mktemp("shared") / "site", browser) as served:
        yield served


@pytest.fixture
def paper(tmp_path: Path) -> Callable[[str], Path]:
    """A small file to hand in."""

    def make(name: str) -> Path:
        path = tmp_path / name
        path.write_bytes(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
        return path

    return make
