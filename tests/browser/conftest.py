"""A browser for each module, and a demonstration that is made once and copied for whoever changes it.

Without Chromium these tests are skipped and say so; in continuous integration its absence is a failure.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, expect, sync_playwright

from cli import cli
from tests.browser.site import PATIENCE, Site, serve

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MISSING = "Chromium is not installed: the journeys in a browser were not tested (apt-get install chromium)"
OPENS = "2022-05-05T09:00"


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


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration, made once for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "demonstration"
    with (shared / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "publications").is_dir() or not (shared / "demonstration.made").exists():
            ran = CliRunner().invoke(cli, ["demo", "--force", "--into", str(folder), "--until", OPENS])
            assert ran.exit_code == 0, ran.output
            (shared / "demonstration.made").touch()
    return folder


@pytest.fixture
def site(browser: Browser, made: Path, tmp_path: Path) -> Iterator[Site]:
    """A demonstration of ones own."""
    with serve(made, tmp_path / "site", browser) as served:
        yield served


@pytest.fixture(scope="module")
def shared(browser: Browser, made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demonstration for all tests of a module that disturb nobody."""
    with serve(made, tmp_path_factory.mktemp("shared") / "site", browser) as served:
        yield served


@pytest.fixture
def paper(tmp_path: Path) -> Callable[[str], Path]:
    """A small file to hand in."""

    def make(name: str) -> Path:
        path = tmp_path / name
        path.write_bytes(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
        return path

    return make
