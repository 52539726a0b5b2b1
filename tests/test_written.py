"""What a command writes has its name when it is whole: a full disk leaves what was there before, and is told."""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import cli

FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    """Runs a command on a database that was just made."""
    url = f"sqlite:///{tmp_path / 'duban.db'}"

    def ran(*words: object) -> Result:
        return CliRunner().invoke(cli, ["--lang", "en", "--db", url, *map(str, words)])

    assert ran("init").exit_code == 0
    return ran


def _fails(*_: object, **__: object) -> None:
    raise FULL


WRITES = [
    ("ndjson", "commands.exporting._pieces"),
    ("ocel-sqlite", "storage.ocel_file._events"),
]


@pytest.mark.parametrize(("form", "where"), WRITES)
def test_an_export_on_a_full_disk_leaves_the_last_one(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, where: str
) -> None:
    out = tmp_path / "out" / "record"
    out.parent.mkdir()
    assert run("export", "--format", form, "--out", out).exit_code == 0
    before, mode = out.read_bytes(), stat.S_IMODE(out.stat().st_mode)
    monkeypatch.setattr(where, _fails)
    failed = run("export", "--format", form, "--out", out)
    assert failed.exit_code == 1
    assert f"The file {out} cannot be written (the disk is full)" in failed.output
    assert out.read_bytes() == before
    assert stat.S_IMODE(out.stat().st_mode) == mode
    assert [each.name for each in out.parent.iterdir()] == ["record"]


@pytest.mark.parametrize("zipped", [False, True])
def test_a_package_on_a_full_disk_is_none(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, zipped: bool
) -> None:
    """It is told in one sentence, and nothing is left behind."""
    out = tmp_path / "out" / "taken"
    out.parent.mkdir()
    monkeypatch.setattr("workflows.packaging.bagged.Bag.write", _fails)
    failed = run("package", out, *(["--zip"] if zipped else []))
    assert failed.exit_code == 1
    assert f"The file {out} cannot be written (the disk is full)" in failed.output
    assert list(out.parent.iterdir()) == []


def test_what_is_no_plain_file_is_written_as_it_is(run: Callable[..., Result], tmp_path: Path) -> None:
    """A pipe stays one, and whoever reads it gets all."""
    pipe, got = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    done = run("export", "--format", "csv", "--out", pipe)
    reader.join(30)
    assert done.exit_code == 0, done.output
    assert got[0]
    assert pipe.is_fifo()
