"""A head that somebody kept is held against a package: as it was signed, as it was printed, or as it was typed again.
A slip of the fingers is no verdict.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.packaging.mutations import KEY, rechained, relisted, rows_of, said_anew, sealed, with_rows
from tests.packaging.reading import judged_first, parts
from tests.packaging.second import Files, judged
from workflows.audit.sealing.printed import printed
from workflows.packaging import verify_package as first


def _last(files: Files, tree: str = "sha256") -> str:
    """The last head of a tree."""
    return files[max(name for name in files if name.startswith(f"data/tree/{tree}/"))].decode()


def _forged(files: Files) -> Files:
    """Everything made up anew, and signed with the true key."""
    rows = rows_of(files)
    number = next(n for n, row in enumerate(rows) if json.loads(row["header"])["type"] == "NoticeRaised")
    rows[number] = said_anew(rows[number], {**json.loads(rows[number]["payload"]), "about": {"x": "y"}})
    return relisted(sealed(with_rows(files, rechained(rows))))


PAGES: dict[str, Callable[[str, str], str]] = {
    "as it was signed": lambda note, _: note,
    "its three lines": lambda note, lang: "\n".join(printed(note, lang)),
    "a page with it below": lambda note, lang: "通报\n第 3 页\n" + "\n".join(printed(note, lang)) + "\n完",
    "its first two lines, typed": lambda note, lang: " ".join(printed(note, lang)[:2]),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_a_head_is_read_as_it_was_kept(packages: dict[str, Files], page: str, lang: str) -> None:
    """It is one of this tree; and of a history that was made up anew, with the stolen key, it is not."""
    whole = packages["everything"]
    kept = first.kept_heads(PAGES[page](_last(whole), lang))
    assert len(kept) == 1
    assert (kept[0] == _last(whole)) == ("typed" not in page)
    for files, holds in ((whole, True), (_forged(whole), False)):
        report = judged_first(files, str(KEY.verifier), kept)
        assert parts(report)["tree"] is holds, report.found["tree"]
        assert judged(files, str(KEY.verifier), tuple(kept))["tree"] is holds
        assert parts(judged_first(files, str(KEY.verifier)))["tree"] is True


def test_a_head_of_the_other_tree_is_held_against_that(packages: dict[str, Files]) -> None:
    both = packages["both trees"]
    for page in PAGES.values():
        (kept,) = first.kept_heads(page(_last(both, "sm3"), "zh"))
        assert parts(judged_first(both, heads=[kept]))["tree"] is True
        assert judged(both, heads=(kept,))["tree"] is True


def test_a_typed_head_of_another_log_is_none_of_this(packages: dict[str, Files]) -> None:
    whole = packages["everything"]
    (kept,) = first.kept_heads(PAGES["its first two lines, typed"](_last(whole), "zh"))
    other = f"another.example\n{kept.partition(chr(10))[2]}"
    assert [code for _, code, _ in judged_first(whole, heads=[other]).found["tree"]] == ["other_log"]
    assert judged(whole, heads=(other,))["tree"] is False


# -- at the keyboard


class Told(NamedTuple):
    """What a run of the verifier said."""

    code: int
    out: str
    err: str


@pytest.fixture
def ask(packages: dict[str, Files], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    """Runs it on a package in a folder."""

    def run(name: str, *words: str) -> Told:
        folder = tmp_path / name
        for path, content in packages[name].items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        code = first.main([str(folder), "--lang", "en", *words])
        return Told(code, *capsys.readouterr())

    return run


def _file(folder: Path, text: str) -> str:
    (folder / "kept.txt").write_text(text, encoding="utf-8")
    return str(folder / "kept.txt")


def _slip(lines: Sequence[str]) -> str:
    """One digit of the root is another."""
    return f"{lines[0]}\n{'0' if lines[1][0] != '0' else '1'}{lines[1][1:]}"


def test_it_says_whether_anything_from_outside_was_met(
    packages: dict[str, Files], tmp_path: Path, ask: Callable[..., Told]
) -> None:
    note = _last(packages["everything"])
    alone, met = ask("everything"), ask("everything", "--head", _file(tmp_path, "\n".join(printed(note, "zh"))))
    assert (alone.code, met.code) == (0, 0)
    assert "No head kept outside was given" in alone.out
    size = note.split("\n")[1]
    assert f"Heads kept outside and of this tree: 1. The first {size} events" in met.out
    assert "No head kept outside" not in met.out


@pytest.mark.parametrize(("text", "why"), [("slip", "a slip"), ("nothing", "no head in it"), ("", "no head in it")])
def test_what_is_no_head_is_no_verdict(
    packages: dict[str, Files], tmp_path: Path, ask: Callable[..., Told], text: str, why: str
) -> None:
    typed = _slip(printed(_last(packages["everything"]), "en")) if text == "slip" else text
    said = ask("everything", "--head", _file(tmp_path, typed))
    assert (said.code, said.out) == (2, "")
    assert why in said.err
    assert ask("everything", "--head", str(tmp_path / "not there")).code == 2


def test_a_package_without_a_tree_does_not_say_that_its_tree_holds(ask: Callable[..., Told]) -> None:
    for name, state in (("by task", "none here"), ("everything", "holds")):
        assert f"[tree] {state}\n" in ask(name).out, name


# -- by the public key alone


def _without(files: Files, gone: Callable[[str], bool]) -> Files:
    return relisted({name: data for name, data in files.items() if not gone(name)})


TAKEN_AWAY: dict[str, Callable[[Files], Files]] = {
    "the whole tree": lambda files: _without(files, lambda name: name.startswith("data/tree/")),
    "every head": lambda files: _without(files, lambda name: name.startswith("data/tree/sha256/")),
    "the tree of what was made up anew": lambda files: _without(
        _forged(files), lambda name: name.startswith("data/tree/")
    ),
    "the heads of what was made up anew": lambda files: _without(
        _forged(files), lambda name: name.startswith("data/tree/sha256/")
    ),
}


@pytest.mark.parametrize("what", TAKEN_AWAY)
def test_who_cannot_sign_cannot_leave_it_unsigned(packages: dict[str, Files], what: str) -> None:
    """Whoever has the public key from elsewhere is told; without it nothing is found, and that is said."""
    files = TAKEN_AWAY[what](packages["everything"])
    key = str(KEY.verifier)
    assert [code for _, code, _ in judged_first(files, key).found["tree"]] == ["unsigned"]
    assert judged(files, key)["tree"] is False
    assert parts(judged_first(files))["tree"] is True
    assert {code for code, _ in judged_first(files).notes} & {"no_tree", "no_heads"}
    assert judged(files)["tree"] is True


def test_a_moment_that_is_none_is_no_excuse(packages: dict[str, Files]) -> None:
    """An event that says no time could be neither early nor late."""
    rows = rows_of(packages["everything"])
    header = json.loads(rows[-1]["header"])
    rows[-1] = {**rows[-1], "header": first.canonical({**header, "recorded_at": "yesterday"})}
    files = _without(with_rows(packages["everything"], rechained(rows)), lambda name: name.startswith("data/tree/"))
    assert parts(judged_first(files, str(KEY.verifier)))["tree"] is not True
    assert judged(files, str(KEY.verifier))["tree"] is parts(judged_first(files, str(KEY.verifier)))["tree"]
