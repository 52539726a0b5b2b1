"""The page of the API is executed: it says what the routes say, and its examples run against a real server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from engine.events import iso
from tests.limits import address_of, running
from tests.web.stage import DALIAN, PROCESS, Stage, at, raise_stage, underway
from tools import api_page
from workflows.desk import CLOCK, PURPOSE
from workflows.office.sweeping import sweep
from workflows.papers.values import Template
from workflows.people import accounts, holdings, rights, tokens
from workflows.people.values import ADMIN, ANY, By, Holding

ROOT = Path(__file__).resolve().parents[2]
PAGE = api_page.PAGE.read_text(encoding="utf-8")
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
USERS = {"LEAD": ("wang", ("read", "act")), "OFFICE": ("li", ("read", "act")), "ADMIN": ("admin", ("read", "admin"))}
SECOND = "second"
"""Another administrator, who approves what the first one submits."""


def test_the_page_is_what_the_routes_say() -> None:
    """Each operation and each shape, as `make docs` writes them; and one that is missing or stale is told."""
    assert api_page.renewed(PAGE) == PAGE, "run `make docs`"
    assert api_page.renewed(PAGE.replace("The whole API in OpenAPI 3.1.", "", 1)) == PAGE
    assert api_page.renewed(PAGE.replace("<!-- operation: GET /api/v1/me -->", "", 1)) != PAGE


def without_example(page: str) -> list[str]:
    """Operations that no example calls: by their method and by a path of theirs."""
    shown = api_page.examples(page)
    return [name for name in api_page.known() if not _calls(name, "".join(BLOCK.findall(shown.get(name, ""))))]


def _calls(name: str, example: str) -> bool:
    path = re.sub(r"{\w+}", '[^/"]+', name.partition("/api/v1")[2])
    return re.search(rf'"\$API{path}["?]', example) is not None


def test_every_operation_has_an_example() -> None:
    """A new one without any is told."""
    assert without_example(PAGE) == []
    assert without_example(PAGE.replace('"$API/me"', '"$API"')) == ["GET /api/v1/me"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[dict[str, str]]:
    """`duban serve` in a process of its own, on the first of March 2022; answers the environment of the examples."""
    stage = raise_stage(tmp_path)
    underway(stage)
    sweep(stage.desk, at("2022-03-01 09:00"))
    _keep_template(stage, "reminder-slip.docx")
    stage.desk.store.set_note(PURPOSE, "rehearsal")
    stage.desk.store.set_note(CLOCK, iso(stage.clock()))
    told = {name: _token(stage, user, scopes) for name, (user, scopes) in USERS.items()}
    told["SECOND"] = _second(stage)
    stage.close()
    command = [
        sys.executable,
        "-c",
        "from cli import cli; cli()",
        "--db",
        f"sqlite:///{tmp_path / 'duban.db'}",
        "--json",
    ]
    command += ["serve", "--port", "0", "--no-worker"]
    with running(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        yield {**told, "API": f"{address_of(process)}api/v1"}


def _second(stage: Stage) -> str:
    people, by = stage.office.people, By("admin")
    accounts.add_user(people, accounts.new_user(SECOND, people.now()), by)
    holdings.grant(people, Holding(SECOND, ADMIN, ANY, None, people.now()), by, rights.roles(stage.desk))
    return _token(stage, SECOND, ("read", "admin"))


def _keep_template(stage: Stage, name: str) -> None:
    """The Word file of the one document that the examples issue."""
    content = (DALIAN.parent / "templates" / name).read_bytes()
    papers = stage.office.documents
    papers.keep_template(Template(PROCESS, name, sha256(content).hexdigest(), "admin", stage.clock()), content)


def _token(stage: Stage, user: str, scopes: tuple[str, ...]) -> str:
    found = stage.office.people.user(user)
    assert found is not None
    secret = tokens.issue(stage.office.people, found, "example", scopes, 366)
    assert isinstance(secret, str)
    return secret


@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples are run by curl, which is not installed")
def test_the_examples_run(server: dict[str, str], tmp_path: Path) -> None:
    """In their order, in one shell that stops at the first answer which is a problem."""
    blocks = [each for each in BLOCK.findall(PAGE) if shutil.which("soffice") or "/pdf" not in each]
    script = 'set -eu -o pipefail\ncurl() { command curl -sS --fail-with-body "$@"; }\n' + "\n".join(
        f"echo; echo '--- {number}'\n{each}" for number, each in enumerate(blocks)
    )
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, **server},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert len(blocks) >= 39
    document = tmp_path / "slip.docx"
    assert document.read_bytes().startswith(b"PK")
