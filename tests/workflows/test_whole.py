"""A file is as it was, or as it is meant to be; and nobody else reads it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
