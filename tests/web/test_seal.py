"""What one server of an office has signed, another knows; nobody sees with what."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZipFile

from fastapi.testclient import TestClient

from storage.backup import back_up
from storage.lists import SqlLists
from storage.offices import open_office
from tests.limits import at_once
from tests.web.stage import Stage, at, raise_stage, underway
from web.app import make
from web.house import House
from web.seal import seal_of
from web.visit import cookie_name
from workflows.desk import Desk
from workflows.office.sweeping import sweep
from workflows.people.ports import SEAL

PDF = b"%PDF-1.7 evidence"


def _second(stage: Stage) -> House:
    """Another server on the same database, which shares nothing else."""
    office = open_office(f"sqlite:///{stage.office.store.engine.url.database}", clock=stage.clock)
    desk = Desk(office.store, stage.clock, people=office.people)
    return House(desk, office.people, SqlLists(office.store.engine), settings=stage.house.settings)


def test_a_file_chosen_at_one_server_is_sent_again_at_another(stage: Stage) -> None:
    """A refused form goes back to whichever server answers next: the file that came with it stays with it."""
    task = underway(stage)
    sweep(stage.desk, at("2022-03-01 09:00"))
    first, path = stage.client("wang"), f"/tasks/{task}/acts/report"
    told = {"f.month": "2022-02", "f.percent": "viel"}
    refused = first.post(path, data=told, files={"f.evidence": ("a.pdf", PDF, "application/pdf")})
    reference = re.search(r'name="k.evidence" value="([^"]*)"', refused.text)
    assert reference is not None, refused.text
    other = TestClient(make(_second(stage)), follow_redirects=False)
    name = cookie_name(stage.house)
    other.cookies.set(name, first.cookies[name])
    hidden = {key: re.search(rf'name="{key}" value="([^"]*)"', refused.text)[1] for key in ("version", "key")}  # type: ignore[index]  # a page without them fails here
    kept = reference[1].replace("&#34;", '"')
    done = other.post(path, data={**told, **hidden, "f.percent": "9", "k.evidence": kept})
    assert done.status_code == 303, done.text
    assert "a.pdf" in first.get(f"/tasks/{task}").text


def test_the_secret_is_made_once_however_many_ask_first(tmp_path: Path) -> None:
    """Servers that start together agree on one; another office has another."""
    (tmp_path / "other").mkdir()
    stage, other = raise_stage(tmp_path), raise_stage(tmp_path / "other")
    made = set(at_once(*[lambda: seal_of(stage.office.store)] * 32))
    assert len(made) == 1
    assert made != {seal_of(other.office.store)}
    stage.close()
    other.close()


def test_the_secret_is_on_no_page_and_in_no_backup(stage: Stage, tmp_path: Path) -> None:
    """Who reads a backup, or is an administrator, cannot sign for others."""
    told = stage.house.secret.hex()
    for path in ("/", "/operators", "/account"):
        assert told not in stage.client("admin").get(path).text
    archive = tmp_path / "a.zip"
    with archive.open("wb") as file:
        back_up(stage.office.store.engine, file)
    with ZipFile(archive) as opened:
        notes = opened.read("tables/notes.ndjson").decode()
    assert told not in notes
    assert f'"{SEAL}"' not in notes
