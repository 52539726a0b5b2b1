"""A file is as it was, or as it is meant to be; and nobody else reads it."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from workflows.audit.sealing.checkpoints import Signer
from workflows.audit.sealing.keyring import make_key, pen_of
from workflows.audit.sealing.signing import Pen
from workflows.whole import whole, write_new, write_whole


def test_a_failure_leaves_what_was_there_and_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "kept"
    write_whole(file, "first")

    def fail() -> None:
        with whole(file) as part:
            part.write_text("half of the seco", encoding="utf-8")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert file.read_text(encoding="utf-8") == "first"
    assert list(tmp_path.iterdir()) == [file]


def test_it_is_on_the_disk_before_it_takes_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a crash could leave the new name over an empty file."""
    order: list[str] = []
    sync, replace = os.fsync, Path.replace

    def synced(held: int) -> None:
        order.append("disk")
        sync(held)

    def named(part: Path, file: Path) -> Path:
        order.append("name")
        return replace(part, file)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", named)
    write_whole(tmp_path / "kept", "text")
    assert order == ["disk", "name", "disk"]


def test_only_its_owner_reads_it_unless_it_is_said(tmp_path: Path) -> None:
    write_whole(tmp_path / "mine", "text")
    write_whole(tmp_path / "ours", "text", 0o644)
    write_new(tmp_path / "new", "text")
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("mine", "ours", "new")]
    assert modes == [0o600, 0o644, 0o600]


def test_a_new_file_takes_nobodys_place(tmp_path: Path) -> None:
    write_new(tmp_path / "key", "first")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "key", "second")
    assert (tmp_path / "key").read_text(encoding="utf-8") == "first"


def test_a_new_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    sync, link = os.fsync, os.link

    def synced(held: int) -> None:
        order.append("disk")
        sync(held)

    def linked(part: Path, file: Path) -> None:
        order.append("name")
        link(part, file)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "link", linked)
    write_new(tmp_path / "kept", "text")
    assert order == ["disk", "name", "disk"]
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]


def test_a_new_file_is_not_written_through_a_link_that_leads_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "key", "secret")
    assert [each.name for each in tmp_path.iterdir()] == ["key"]


# -- a key file on a disk that fills, and of a program that is killed

KEY = "k"
PATIENCE = 60.0


def _python(code: str, *words: str, before: str = "") -> subprocess.Popen[str]:
    """Make a key in a process of its own, after something was done there."""
    program = f"import os, sys, time\nfrom pathlib import Path\n{before}\n{code}"
    home = Path(__file__).resolve().parents[2]
    env = {**os.environ, "PYTHONPATH": str(home)}
    return subprocess.Popen([sys.executable, "-c", program, *words], stdout=subprocess.PIPE, text=True, env=env)


MAKE = """
from workflows.audit.sealing.keyring import make_key
try:
    make_key(Path(sys.argv[1]), "d.example")
except OSError as error:
    print(error.errno)
"""


def _makes_a_key(file: Path) -> None:
    assert isinstance(make_key(file, "d.example"), Signer)
    assert isinstance(pen_of(file), Pen)


def test_a_file_that_may_not_grow_is_no_key(tmp_path: Path) -> None:
    """The system lets the process write so many bytes and no more: of the key a half would fit."""
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40)); sys.dont_write_bytecode = True"
    with _python(MAKE, str(tmp_path / KEY), before=limit) as child:
        said, _ = child.communicate(timeout=PATIENCE)
    assert said.strip() == str(errno.EFBIG)
    assert list(tmp_path.iterdir()) == []
    _makes_a_key(tmp_path / KEY)


@contextmanager
def _small_disk(place: Path) -> Iterator[Path]:
    """A disk of 64 kB in memory; skips where this user may mount none."""
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], timeout=PATIENCE, check=True)


def _fill(file: Path) -> None:
    with suppress(OSError), file.open("wb", buffering=0) as out:
        while True:
            out.write(bytes(4096))


def test_a_full_disk_has_no_half_of_a_key(tmp_path: Path) -> None:
    """Nothing is left of it; with room again the same command makes the key."""
    with _small_disk(tmp_path / "disk") as disk:
        full = disk / "full"
        _fill(full)
        with pytest.raises(OSError, match="No space"):
            make_key(disk / KEY, "d.example")
        assert list(disk.iterdir()) == [full]
        full.unlink()
        _makes_a_key(disk / KEY)


STOPS = {
    "before the text": "Path.write_text = stop",
    "in the text": "write = Path.write_text\nPath.write_text = lambda f, t, **on: (write(f, t[:40], **on), stop())",
    "before the disk has it": "os.fsync = stop",
    "before it has its name": "os.link = stop",
    "beside its own copy": "Path.unlink = stop",
}


@pytest.mark.parametrize("where", STOPS)
def test_whoever_is_killed_leaves_a_whole_key_or_none(tmp_path: Path, where: str) -> None:
    """Killed outright at each step: the name leads to a whole key or to nothing, and a key can be made there, or is."""
    stop = f"def stop(*_, **__):\n    print('here', flush=True)\n    time.sleep({PATIENCE})\n{STOPS[where]}"
    with _python(MAKE, str(tmp_path / KEY), before=stop) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "here\n"
        child.send_signal(signal.SIGKILL)
        child.wait(PATIENCE)
    left = [each for each in tmp_path.iterdir() if each.name != KEY]
    assert [each.stat().st_mode & 0o777 for each in left] == [0o600]
    assert all(each.name.startswith(".k.") and each.name.endswith(".part") for each in left)
    assert (tmp_path / KEY).exists() == (where == "beside its own copy")
    if (tmp_path / KEY).exists():
        assert isinstance(pen_of(tmp_path / KEY), Pen)
    else:
        _makes_a_key(tmp_path / KEY)
