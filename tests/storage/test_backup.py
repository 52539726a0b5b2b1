"""A backup is the whole database at one moment, restores into either kind of database, and is refused when it is not
what was written.
"""

from __future__ import annotations

import json
import re
import stat
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result

from cli import cli
from engine.task import replay
from storage import open_store
from storage.backup import LEFT_OUT, MANIFEST, back_up
from storage.opening import opened_engine
from storage.tables import metadata
from tests.limits import later
from tests.web.stage import OFFICE, Stage, raise_stage, underway
from workflows.people import sessions


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """An office at work, in a file."""
    (tmp_path / "office").mkdir()
    stage = raise_stage(tmp_path / "office")
    underway(stage)
    li = stage.office.people.user("li")
    assert li is not None
    sessions.begin(stage.office.people, li, "test")
    stage.desk.store.keep_file("plan.pdf", b"\x00\xff not text")
    yield stage
    stage.close()


def _address(stage: Stage) -> str:
    return f"sqlite:///{stage.office.store.engine.url.database}"


def _duban(url: str, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--db", url, "--lang", "en", "--json", *words])


def _tables(archive: Path) -> Mapping[str, list[bytes]]:
    """Each table's rows, whatever their order."""
    with ZipFile(archive) as opened:
        names = [name for name in opened.namelist() if name != MANIFEST]
        return {name: sorted(opened.read(name).splitlines()) for name in names}


def test_a_backup_goes_from_file_to_server_and_back_with_every_row(
    stage: Stage, fresh_postgres: str, tmp_path: Path
) -> None:
    """What comes back after two journeys is what was sent, table for table, but for sessions and workers."""
    there, back = tmp_path / "there.zip", tmp_path / "back.zip"
    sent = _duban(_address(stage), "backup", "--to", str(there))
    assert sent.exit_code == 0, sent.output
    arrived = _duban(fresh_postgres, "restore", str(there))
    assert arrived.exit_code == 0, arrived.output
    told = {name: json.loads(each.stdout)[name] for each in (sent, arrived) for name in ("rows", "heads", "chains")}
    assert {name: json.loads(sent.stdout)[name] for name in told} == told
    assert _duban(fresh_postgres, "backup", "--to", str(back)).exit_code == 0
    home = f"sqlite:///{tmp_path / 'home.db'}"
    assert _duban(home, "restore", str(back)).exit_code == 0
    assert _tables(back) == _tables(there)
    assert {name.split("/")[1] for name in _tables(there)} == {
        f"{name}.ndjson" for name in metadata.tables if name not in LEFT_OUT
    }


def test_work_goes_on_in_what_was_restored(stage: Stage, fresh_postgres: str, tmp_path: Path) -> None:
    """Numbers that the database gives go on after the last: a server's sequences know what came by hand."""
    archive = tmp_path / "a.zip"
    assert _duban(_address(stage), "backup", "--to", str(archive)).exit_code == 0
    assert _duban(fresh_postgres, "restore", str(archive)).exit_code == 0
    granted = _duban(fresh_postgres, "--as", "admin", "role", "grant", "zhou", "office")
    assert granted.exit_code == 0, granted.output
    issued = _duban(fresh_postgres, "--as", "admin", "token", "issue", "li", "wall", "--scope", "read")
    assert issued.exit_code == 0, issued.output


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_backup_made_while_others_write_is_of_one_moment(
    kind: str, stage: Stage, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Every task of the archive is what its own events come to, and the writers never fail."""
    source = _address(stage)
    if kind == "postgres":
        first = tmp_path / "first.zip"
        assert _duban(source, "backup", "--to", str(first)).exit_code == 0
        source = str(request.getfixturevalue("fresh_postgres"))
        assert _duban(source, "restore", str(first)).exit_code == 0
    failed: list[Result] = []
    written, enough = threading.Event(), threading.Event()

    def write() -> None:
        act = ("--as", f"{OFFICE.id}:office", "fire", stage.tasks["homes"], "inspect")
        form = ("-f", "scope=spot", "-f", "means=written", "-f", "findings=在施工")
        while not enough.is_set():
            done = _duban(source, *act, *form)
            failed.extend([done] if done.exit_code else [])
            written.set()

    writer = later(write)
    assert written.wait(30)
    archives = []
    with opened_engine(source) as engine:
        for number in range(4):
            archives.append(tmp_path / f"{number}.zip")
            with archives[-1].open("wb") as out:
                back_up(engine, out)
    enough.set()
    writer.result(60)
    assert [each.output for each in failed] == []
    for number, archive in enumerate(archives):
        restored = f"sqlite:///{tmp_path / f'{number}.db'}"
        assert _duban(restored, "restore", str(archive)).exit_code == 0
        store = open_store(restored)
        for task in store.tasks():
            assert replay(recorded.event for recorded in store.events(task.id)) == task
        store.close()


def test_it_is_restored_into_an_empty_database_only(stage: Stage, tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    assert _duban(_address(stage), "backup", "--to", str(archive)).exit_code == 0
    again = _duban(_address(stage), "restore", str(archive))
    assert again.exit_code == 1
    assert json.loads(again.stdout)["refused"]["code"] == "StoreOccupied"


def _spoilt(archive: Path, spoilt: Path, fault: str) -> None:
    """A copy of an archive with one fault, whose zip is sound."""
    with ZipFile(archive) as old, ZipFile(spoilt, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if fault == "a row is gone" and name == "tables/users.ndjson":
                content = content.partition(b"\n")[2]
            if fault == "a letter is another" and name == "tables/events.ndjson":
                content = content.replace(b"li", b"la", 1)
            if fault == "a table is gone" and name == "tables/notes.ndjson":
                continue
            if name == MANIFEST and fault == "a later program":
                content = re.sub(rb'"revision": "\d{4}"', b'"revision": "0999"', content)
            if name == MANIFEST and fault == "another head":
                told = json.loads(content)
                told["chains"]["digest"] = "0" * 64
                content = json.dumps(told).encode()
            if name == MANIFEST and fault == "no manifest":
                continue
            new.writestr(name, content)


FAULTS = ("a row is gone", "a letter is another", "a table is gone", "another head", "no manifest", "a later program")


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_backup_that_is_not_what_was_written_writes_nothing(
    kind: str, stage: Stage, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Each fault is told, and the place is as empty as before: the sound archive enters it afterwards."""
    archive, spoilt = tmp_path / "a.zip", tmp_path / "spoilt.zip"
    assert _duban(_address(stage), "backup", "--to", str(archive)).exit_code == 0
    into = f"sqlite:///{tmp_path / 'new.db'}" if kind == "sqlite" else str(request.getfixturevalue("fresh_postgres"))
    for fault in FAULTS:
        _spoilt(archive, spoilt, fault)
        refused = _duban(into, "restore", str(spoilt))
        wanted = "BackupNewer" if fault == "a later program" else "BackupBroken"
        assert (refused.exit_code, json.loads(refused.stdout)["refused"]["code"]) == (1, wanted), fault
    spoilt.write_bytes(archive.read_bytes()[:-100])
    assert json.loads(_duban(into, "restore", str(spoilt)).stdout)["refused"]["code"] == "BackupBroken"
    assert _duban(into, "restore", str(archive)).exit_code == 0


def test_a_file_is_there_when_it_is_whole_and_is_its_owners_alone(stage: Stage, tmp_path: Path) -> None:
    """It holds hashes of passwords. One that is there is not replaced unasked, and none is left half written."""
    archive = tmp_path / "a.zip"
    assert _duban(_address(stage), "backup", "--to", str(archive)).exit_code == 0
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    before = archive.read_bytes()
    assert _duban(_address(stage), "backup", "--to", str(archive)).exit_code == 1
    assert archive.read_bytes() == before
    assert _duban(f"sqlite:///{tmp_path / 'none.db'}", "backup", "--to", str(tmp_path / "b.zip")).exit_code == 1
    assert not list(tmp_path.glob("*b.zip*"))
    assert _duban(_address(stage), "backup", "--to", str(tmp_path / "no" / "b.zip")).exit_code == 1
