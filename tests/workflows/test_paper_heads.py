"""Heads leave the house on paper, and come back from it: printed on what is issued, typed again, held against the
tree.
"""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from docx import Document as WordFile
from sqlalchemy import create_engine

from cli import cli
from engine.tree import Head
from storage.log import SqlLog
from storage.sql_store import SqlStore
from tests.workflows.test_papers import either, lagging, only, order, press, template
from workflows.audit.sealing.checkpoints import NotSigned, Signer, checkpoint
from workflows.audit.sealing.growing import seal
from workflows.audit.sealing.keyring import make_key, pen_of
from workflows.audit.sealing.printed import Mistyped, events_in, found_in, printed, typed
from workflows.audit.sealing.signing import Pen
from workflows.desk import Desk

__all__ = ["either", "press", "template"]  # fixtures

SIGNER = Signer("duban.example.org", bytes(range(32)))
NOTE = checkpoint(Head(1234, bytes(range(100, 132))), SIGNER)


def test_an_issued_document_carries_the_head_that_was_signed_last(either: Desk, tmp_path: Path) -> None:
    """One issued before anything was signed carries none. The copy in English carries the same."""
    assert isinstance(either.store, SqlStore)
    assert either.papers is not None
    assert either.press is not None
    first, second = lagging(either, 2)
    order(either, first)
    plain = only(either)
    assert "记录树头" not in WordFile(BytesIO(either.papers.file(plain.digest) or b"")).element.xml
    made, log = make_key(tmp_path / "seal.key", "duban.example.org"), SqlLog(either.store.engine)
    pen = pen_of(tmp_path / "seal.key")
    assert isinstance(made, Signer)
    assert isinstance(pen, Pen)
    seal(either.store, log, pen)
    head = log.checkpoint("sha256")
    assert head is not None
    order(either, second)
    issued = either.papers.documents()[-1]
    for facts in either.papers.facts(issued.id)["zh"], either.papers.facts(issued.id)["en"]:
        assert isinstance(facts, dict)
        content = either.press.render(either.papers.file(issued.template) or b"", facts)
        text = "\n".join(
            node.text or "" for node in WordFile(BytesIO(content)).element.iter() if node.tag.endswith("}t")
        )
        (found,) = found_in(text)
        assert found.note == head.note


def test_a_head_is_typed_in_any_grouping_and_a_slip_is_told_from_another_record() -> None:
    lines = printed(NOTE, "zh")
    assert typed("\n".join(lines)).note == NOTE
    for form in (" ".join(lines[:2]), " ".join(lines[:2]).removeprefix("记录树头 ")):
        assert (typed(form).origin, typed(form).head.size, typed(form).note) == ("duban.example.org", 1234, None)
    digits = "".join(lines[1].split()).upper()
    assert typed(f"duban.example.org 1234 {digits}").head == Head(1234, bytes(range(100, 132)))
    slips = [
        f"duban.example.org 1235 {digits}",
        f"duban.example.com 1234 {digits}",
        f"duban.example.org 1234 {digits[1:]}",
    ]
    slips += [
        f"duban.example.org 1234 {digits[:at]}{'0' if digits[at] != '0' else '1'}{digits[at + 1 :]}" for at in range(68)
    ]
    for slip in [*slips, "", "x", "x y z"]:
        with pytest.raises(Mistyped):
            typed(slip)
    with pytest.raises(NotSigned):
        printed("x", "en")


@pytest.mark.parametrize("word", ["a", "#1", "1 "])
@pytest.mark.timeout(60)
def test_a_text_without_an_end_is_read_through_once(word: str) -> None:
    """Somebody else's receipt may hold anything; looked for at every letter this would take hours."""
    text = word * 500_000
    assert (list(found_in(text)), list(events_in(text))) == ([], [])


def test_a_head_typed_from_paper_finds_a_past_that_was_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By `seal check` and by `verify`; one in the text of a page, with its signature, too. A slip is exit 2."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str, exit: int = 0) -> str:  # noqa: A002 - as the shell calls it
        done = CliRunner(env={"DUBAN_SEAL_KEY": ""}).invoke(cli, ["--lang", "en", *words], "")
        assert done.exit_code == exit, done.output
        return done.stdout or done.output

    run("init")
    run("user", "add", "wang", "--name", "王", "--role", "admin", "--no-password")
    run("seal", "init", "--name", "d.example", "--key", "k")
    run("seal", "now", "--key", "k")
    lines = run("seal", "head", "--paper").splitlines()
    assert lines[0].startswith("Head of the record d.example ")
    paper = " ".join(lines[:2]).removeprefix("Head of the record ")
    Path("page.txt").write_text("\n".join(["No. 7", *lines, "page 1"]), encoding="utf-8")
    assert "hold: 1" in run("seal", "check", "--typed", paper)
    assert "hold: 1" in run("seal", "check", "page.txt")
    assert run("verify", "--typed", paper)
    assert "a slip" in run("seal", "check", "--typed", f"{paper[:-1]}{'0' if paper[-1] != '0' else '1'}", exit=2)
    Path("k").unlink()
    Path("k.signed").unlink()
    engine = create_engine(f"sqlite:///{tmp_path / 'duban.db'}")
    with engine.begin() as connection:
        for table in ("leaves", "trees", "tiles", "checkpoints", "unsealed", "events"):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 - the names of our tables
    engine.dispose()
    run("--as", "wang", "user", "add", "li", "--name", "李", "--no-password")
    run("seal", "init", "--name", "d.example", "--key", "k")
    run("seal", "now", "--key", "k")
    run("seal", "check")
    for words in (("seal", "check", "--typed", paper), ("seal", "check", "page.txt"), ("verify", "--typed", paper)):
        told = json.loads(run("--json", *words, exit=1))
        assert {"head_unmet", "rolled_back", "head_bad"} & {each["code"] for each in told["findings"]}, told
