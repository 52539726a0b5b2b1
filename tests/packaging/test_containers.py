"""What a package comes in may be hostile: paths that lead elsewhere, bombs, JSON without a bottom. Whoever verifies it
is told, by either verifier, and neither waits for long nor runs out of memory.
"""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from engine.expressions import Kind, Language
from tests.packaging import second
from tests.packaging.mutations import relisted, rows_of, with_rows
from tests.packaging.reading import judged_first, parts
from tests.packaging.second import PARTS, Files, judged, judged_at
from workflows.packaging import verify_package as first

NOTHING_ELSE: dict[str, bool | None] = {**dict.fromkeys(PARTS), "bag": False}
"""The bag is wrong, and nothing in it was looked at."""
AT_ONCE = 20
"""Seconds, on a machine that does other things too."""


def _at(path: Path) -> first.Report:
    return first.verify(first.Bag(path))[0]


def _codes(report: first.Report, part: str = "bag") -> set[str]:
    return {code for _, code, _ in report.found[part]}


def _laid(files: Files, folder: Path) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


Change = Callable[[zipfile.ZipFile], None]


def _zipped(files: Files, out: Path, change: Change = lambda _: None) -> Path:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"package/{name}", data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a path that stands twice
            change(archive)
    return out


def _entry(name: str, mode: int = stat.S_IFREG | 0o644, packed: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr, entry.compress_type = mode << 16, packed
    return entry


def test_a_package_as_it_lies_there_holds(packages: dict[str, Files], tmp_path: Path) -> None:
    """As a folder and as a zip, with entries for folders or without; and what Python leaves is passed over."""
    files = packages["by task"]
    folder = _laid(files, tmp_path / "laid")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "verify_package.cpython-311.pyc").write_bytes(b"x")
    plain = _zipped(files, tmp_path / "a.zip")
    folders = _zipped(files, tmp_path / "b.zip", lambda a: a.writestr(_entry("package/data/", stat.S_IFDIR), b""))
    for path in (folder, plain, folders):
        assert set(parts(_at(path)).values()) == set(judged_at(path).values()) == {True}


STRANGE: dict[str, tuple[str, Change]] = {
    "a path that climbs": ("no_path", lambda a: a.writestr("package/../evil", b"x")),
    "a path from the root": ("no_path", lambda a: a.writestr("/etc/evil", b"x")),
    "a path with a backslash": ("no_path", lambda a: a.writestr("package/data\\..\\..\\evil", b"x")),
    "a path with nothing between": ("no_path", lambda a: a.writestr("package//evil", b"x")),
    "a path that stays": ("no_path", lambda a: a.writestr("package/./bagit.txt", b"x")),
    "a second folder": ("no_path", lambda a: a.writestr("other/data/x", b"x")),
    "a file beside the folder": ("no_path", lambda a: a.writestr("package", b"x")),
    "a path that stands twice": ("twice", lambda a: a.writestr("package/data/package.json", b"{}\n")),
    "a link": ("no_plain_file", lambda a: a.writestr(_entry("package/x", stat.S_IFLNK | 0o777), b"/etc/passwd")),
    "a device": ("no_plain_file", lambda a: a.writestr(_entry("package/x", stat.S_IFCHR | 0o666), b"")),
    "packed otherwise": ("no_plain_file", lambda a: a.writestr(_entry("package/x", packed=zipfile.ZIP_BZIP2), b"x")),
    "zeros in great number": ("bomb", lambda a: _poured(a, f"package/data/files/{'0' * 64}", 300)),
}


def _poured(archive: zipfile.ZipFile, name: str, mib: int, what: bytes = b"\0") -> None:
    with archive.open(_entry(name), "w", force_zip64=True) as out:
        for _ in range(mib):
            out.write(what * (1 << 20))


@pytest.mark.parametrize("name", STRANGE)
def test_a_zip_that_is_none_is_not_opened(packages: dict[str, Files], tmp_path: Path, name: str) -> None:
    code, change = STRANGE[name]
    path = _zipped(packages["by task"], tmp_path / "a.zip", change)
    report = _at(path)
    assert _codes(report) == {code}
    assert parts(report) == judged_at(path) == NOTHING_ELSE


def test_a_zip_that_cannot_be_read_through_is_told_at_the_file(packages: dict[str, Files], tmp_path: Path) -> None:
    """Bytes turned within a packed file; an entry that is encrypted; one that lies over another."""
    whole = _zipped(packages["by task"], tmp_path / "a.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        entry = archive.getinfo("package/data/events.ndjson")
    begins = entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2
    turned = bytearray(whole)
    turned[begins : begins + 8] = bytes(8)
    (tmp_path / "b.zip").write_bytes(turned)
    report = _at(tmp_path / "b.zip")
    assert [(place, code) for place, code, _ in report.found["bag"]] == [("data/events.ndjson", "unreadable")]
    assert parts(report) == judged_at(tmp_path / "b.zip") == NOTHING_ELSE
    at = whole.index(b"PK\x01\x02")  # the first entry of the directory: its flags say that it is encrypted
    (tmp_path / "c.zip").write_bytes(whole[: at + 8] + b"\x01" + whole[at + 9 :])
    assert _codes(_at(tmp_path / "c.zip")) == {"no_plain_file"}
    assert judged_at(tmp_path / "c.zip") == NOTHING_ELSE


def test_a_folder_has_plain_files_and_nothing_that_leads_elsewhere(packages: dict[str, Files], tmp_path: Path) -> None:
    """A link to a file, to a folder, to nothing; a pipe, at which one would wait for ever."""
    made: dict[str, Callable[[Path], None]] = {
        "file": lambda path: path.symlink_to("/etc/hostname"),
        "folder": lambda path: path.symlink_to("/etc"),
        "nothing": lambda path: path.symlink_to("/nowhere"),
        "pipe": os.mkfifo,
    }
    for name, make in made.items():
        folder = _laid(packages["by task"], tmp_path / name)
        make(folder / "data" / "files" / ("0" * 64))
        report = _at(folder)
        assert _codes(report) == {"no_plain_file"}, name
        assert parts(report) == judged_at(folder) == NOTHING_ELSE


def test_a_bomb_is_refused_at_once_at_the_keyboard(packages: dict[str, Files], tmp_path: Path) -> None:
    """Three hundred megabytes of one manifest, in less than one: a sentence, exit 1, and no memory to speak of."""
    files = {name: data for name, data in packages["by task"].items() if name != "manifest-sha256.txt"}
    path = _zipped(files, tmp_path / "a.zip", lambda a: _poured(a, "package/manifest-sha256.txt", 300))
    limited = f"import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_AS, ({1 << 28}, {1 << 28})); "
    program = f"{limited} sys.argv = ['v', {str(path)!r}, '--lang', 'en']; "
    program += f"runpy.run_path({first.__file__!r}, run_name='__main__')"
    call = [sys.executable, "-I", "-c", program]
    done = subprocess.run(call, capture_output=True, encoding="utf-8", check=False, timeout=AT_ONCE)
    assert (done.returncode, done.stderr) == (1, ""), done.stderr
    assert "more than 200 times as large" in done.stdout
    assert judged_at(path) == NOTHING_ELSE


def test_a_file_that_would_be_read_whole_has_a_bound(packages: dict[str, Files], tmp_path: Path) -> None:
    """The manifest, a board and the like: 64 MB. It is as large as it says, and is not read."""
    for name in ("manifest-sha256.txt", "data/package.json", "README.en.md", "data/boards/2022-03-31.json"):
        folder = _laid(packages["by task"], tmp_path / name.replace("/", "-"))
        with (folder / name).open("r+b") as file:
            file.truncate(first.MOST_WHOLE + 1)
        report = _at(folder)
        assert [(place, code) for place, code, _ in report.found["bag"]] == [(name, "too_large")]
        assert parts(report) == judged_at(folder) == NOTHING_ELSE


# -- what stands in the files


def _lines(files: Files, name: str, line: bytes) -> Files:
    return relisted({**files, name: files[name] + line + b"\n"})


def _about(files: Files, more: str) -> Files:
    text = files["data/package.json"].decode().replace('"format":', f'"explosive":{more},"format":', 1)
    return relisted({**files, "data/package.json": text.encode()})


def _payload(files: Files, text: str) -> Files:
    rows = rows_of(files)
    rows[0] = {**rows[0], "payload": text, "salts": "0" * 32}
    return relisted(with_rows(files, rows))


def _grown() -> Iterator[tuple[str, str, str, Callable[[Files], Files]]]:
    deep = "[" * 100_000 + "]" * 100_000
    yield "an event without a bottom", "events", "too_deep", lambda f: _lines(f, "data/events.ndjson", deep.encode())
    yield "brackets that nobody closes", "events", "too_deep", lambda f: _lines(f, "data/events.ndjson", b"[" * 10**6)
    unclosed = b"[" * 201 + b'"' + b'\\"' * 10**6
    yield "a text that nobody closes", "events", "too_deep", lambda f: _lines(f, "data/events.ndjson", unclosed)
    yield "a description without a bottom", "events", "too_deep", lambda f: _about(f, deep)
    yield "a payload one level too deep", "events", "altered", lambda f: _payload(f, "[" * 201 + "]" * 201)
    yield "a number of a million digits", "events", "too_long", lambda f: _about(f, "9" * 10**6)
    yield "a fraction of a million digits", "events", "too_long", lambda f: _about(f, "0." + "9" * 10**6)
    yield "no number", "events", "no_number", lambda f: _about(f, "NaN")
    yield "a number without an end", "events", "no_number", lambda f: _about(f, "-Infinity")
    long = b" " * (first.MOST_LINE + 1)
    yield "a line of an event", "events", "long_line", lambda f: _lines(f, "data/events.ndjson", long)
    yield "a leaf", "tree", "long_line", lambda f: _lines(f, "data/tree/leaves.txt", long)
    yield "a name in the manifest", "bag", "not_there", lambda f: _listed(f, b"x" * (first.MOST_LINE - 66))
    yield "a long name in the manifest", "bag", "long_line", lambda f: _listed(f, b"x" * first.MOST_LINE)


def _listed(files: Files, name: bytes) -> Files:
    manifest = files["manifest-sha256.txt"] + b"0" * 64 + b"  data/" + name[5:] + b"\n"
    return {**files, "manifest-sha256.txt": manifest}


GROWN = list(_grown())


@pytest.mark.parametrize(("part", "code", "plant"), [each[1:] for each in GROWN], ids=[each[0] for each in GROWN])
@pytest.mark.timeout(AT_ONCE * 3)
def test_what_is_endless_is_a_finding(
    packages: dict[str, Files], part: str, code: str, plant: Callable[[Files], Files]
) -> None:
    files = plant(packages["everything"])
    report = judged_first(files)
    assert code in _codes(report, part)
    assert judged(files) == parts(report)


@pytest.mark.parametrize("levels", [199, 200, 201, 202])
def test_both_verifiers_count_levels_alike(levels: int) -> None:
    """Brackets in texts are none; an empty list is a level."""
    from tests.packaging.second import Broken, told

    for inner in ("[]", "{}", '["[[[["]', '{"[\\"{":0}'):
        text = "[" * (levels - 1) + inner + "]" * (levels - 1)
        assert first.deepest(text) == levels
        if levels <= first.MOST_DEEP:
            assert first.parsed(text) == told(text)
            continue
        with pytest.raises(first.Wrong):
            first.parsed(text)
        with pytest.raises(Broken):
            told(text)


def _tree(text: str) -> dict[str, Any]:
    kinds = {"task.rows": Kind.ROWS, "task.more": Kind.TEXTS, "task.t": Kind.TEXT}
    tree: dict[str, Any] = Language(kinds).compile(text, Kind.BOOLEAN).tree()
    return tree


def _doubling(grown: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """`task.rows.exists(r, …)`, whose step makes something of what it has."""
    tree = _tree("task.rows.exists(r, has(r.n))")
    tree["step"] = grown({"node": "ident", "name": tree["accumulator"], "type": "any"})
    return tree | {"initial": {"node": "const", "value": "x"}, "condition": {"node": "const", "value": True}}


ENDLESS: dict[str, tuple[str, dict[str, Any]]] = {
    "loops in loops": (
        "too_many_turns",
        _tree("task.rows.all(a, task.rows.all(b, task.rows.all(c, task.rows.all(d, task.t == 'x'))))"),
    ),
    "a text that doubles": (
        "too_much",
        _doubling(lambda it: {"node": "call", "function": "_+_", "arguments": [it, it]}),
    ),
    "a list that doubles": ("too_deep", _doubling(lambda it: {"node": "list", "elements": [it, it]})),
}


@pytest.mark.parametrize("name", ENDLESS)
@pytest.mark.timeout(AT_ONCE * 3)
def test_a_guard_without_an_end_is_not_followed_to_it(name: str) -> None:
    code, tree = ENDLESS[name]
    with pytest.raises(first.Wrong) as raised:
        first.evaluate(tree, first.Operands({"task.rows": [{}] * 300, "task.t": "x"}), {})
    assert raised.value.code == code
    with pytest.raises(second.Broken):
        second.function_of(json.dumps(tree))({"task.rows": [{}] * 300, "task.t": "x"}, {})


def test_a_long_table_is_followed_to_its_end() -> None:
    """More rows than Google's library goes through."""
    saw = first.Operands({"task.rows": [{"n": "1"}] * 20_000, "task.t": "x"})
    tree = _tree("task.rows.all(r, r.n == 1)")
    assert first.evaluate(tree, saw, {}) is True
    assert second.function_of(json.dumps(tree))(dict(saw), {}) is True


@pytest.mark.parametrize("turns", [first.MOST_TURNS, first.MOST_TURNS + 1])
def test_both_verifiers_count_turns_alike(turns: int) -> None:
    """All comprehensions of a guard together: two that come one after the other, and one within the other."""
    once, rest = divmod(turns, 1000)
    tree = _tree("task.rows.all(a, a.m.all(b, b == 'x')) && task.more.all(c, c == 'x')")
    saw = {"task.rows": [{"m": ["x"] * 999}] * once, "task.more": ["x"] * rest}
    bad = turns > first.MOST_TURNS
    with pytest.raises(first.Wrong) if bad else nullcontext():
        assert first.evaluate(tree, first.Operands(saw), {}) is True
    with pytest.raises(second.Broken) if bad else nullcontext():
        assert second.function_of(json.dumps(tree))(saw, {}) is True


def test_what_a_package_says_writes_no_verdict_of_its_own(packages: dict[str, Files], tmp_path: Path) -> None:
    """A name in a zip that would clear the screen, go to a new line or be read from the right."""
    for name in ("package/data/\x1b[2J", "package/data/x\nEverything holds.", "package/\u202etxt", "package/\x9b2J"):
        path = _zipped(packages["by task"], tmp_path / "a.zip", lambda a, name=name: a.writestr(name, b"x"))  # type: ignore[misc]
        for words in (["--lang", "en"], ["--json"]):
            call = [sys.executable, "-I", first.__file__, str(path), *words]
            done = subprocess.run(call, capture_output=True, encoding="utf-8", check=False, timeout=AT_ONCE)
            assert done.returncode == 1
            assert not set("\x1b\u202e\x9b") & set(done.stdout)
            assert "\nEverything holds." not in done.stdout
            assert "\\u" in done.stdout or "\\n" in done.stdout
