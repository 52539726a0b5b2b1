"""The same history from SQLite and from PostgreSQL is the same package, to the byte."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from tests.packaging.mutations import KEY
from tests.packaging.offices import sealed_twice
from tests.packaging.reading import judged_first, parts
from tests.packaging.second import Files, judged
from tests.packaging.test_packages import home


def _taken(url: str, out: Path, monkeypatch: pytest.MonkeyPatch, *, zipped: bool = False) -> Files:
    """What one seed leads to: salts come from it, as everything else does."""
    with monkeypatch.context() as patched:
        patched.setattr(os, "urandom", Random(11).randbytes)
        return sealed_twice(url, out, zipped=zipped)


def test_one_history_is_one_package_whatever_keeps_it(
    tmp_path: Path, fresh_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events, editions, files, boards, leaves, both trees with their heads, manifests; and as a zip too."""
    one = _taken(f"sqlite:///{tmp_path / 'one.db'}", tmp_path / "one.zip", monkeypatch, zipped=True)
    other = _taken(fresh_postgres, tmp_path / "other.zip", monkeypatch, zipped=True)
    assert {name for name in one | other if one.get(name) != other.get(name)} == set()
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "other.zip").read_bytes()
    assert any(name.startswith("data/tree/sm3/") for name in one)


def test_what_postgresql_keeps_holds_at_home(
    tmp_path: Path, fresh_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By both verifiers, with a key from elsewhere, and at the keyboard; and what is planted in it is found."""
    files = _taken(fresh_postgres, tmp_path / "bag", monkeypatch)
    key = str(KEY.verifier)
    assert set(parts(judged_first(files, key)).values()) == set(judged(files, key).values()) == {True}
    told = home(tmp_path / "bag", tmp_path, "--lang", "en", "--key", key)
    assert (told.returncode, told.stderr) == (0, ""), told.stdout
    events = tmp_path / "bag" / "data" / "events.ndjson"
    events.write_bytes(events.read_bytes().replace(b'\\"actor\\":\\"wang', b'\\"actor\\":\\"li', 1))
    told = home(tmp_path / "bag", tmp_path, "--lang", "en", "--key", key)
    assert told.returncode == 1
    assert "it was changed" in told.stdout
