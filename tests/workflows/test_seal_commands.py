"""`duban seal` at the keyboard: a key, a head, a proof, a witness, and refusals that say what would help."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook
from sqlalchemy import create_engine

from cli import cli
from engine.tree import Head
from tests.test_reasons import english
from workflows.audit.sealing.checkpoints import Signer, checkpoint
from workflows.audit.sealing.printed import printed

Run = Callable[..., Result]


@pytest.fixture
def duban(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The program in a folder of its own, on a database with one user."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str, exit: int = 0, lang: str = "en") -> Result:  # noqa: A002 - as the shell calls it
        done = CliRunner(env={"LC_ALL": "C.UTF-8", "DUBAN_SEAL_KEY": ""}).invoke(cli, ["--lang", lang, *words], "")
        assert done.exit_code == exit, done.output
        return done

    run("init")
    run("user", "add", "wang", "--name", "王", "--role", "admin", "--no-password")
    return run


def test_from_a_key_to_a_proof_that_holds(duban: Run, tmp_path: Path) -> None:
    duban("seal", "init", "--name", "d.example", "--key", "k", "--sm3")
    assert "Not signed" in duban("seal", "now").output
    assert "d.example" in duban("seal", "now", "--key", "k").output
    keys = duban("seal", "key", "--out", "vkey").output
    assert "vkey" in keys
    for tree in ("sha256", "sm3"):
        duban("seal", "prove", "organisation", "1", "--tree", tree, "--out", "proof")
        assert "It holds: organisation#1" in duban("seal", "verify", "proof", "--vkey", "vkey", "--tree", tree).output
    text = (tmp_path / "proof").read_text()
    (tmp_path / "proof").write_text(text.replace("index 0", "index 1"))
    assert "proves nothing" in duban("seal", "verify", "proof", "--vkey", "vkey", "--tree", "sm3", exit=1).output
    told = json.loads(duban("--json", "seal", "prove", "organisation", "1").output)
    assert set(told) == {"leaf", "index", "hashes", "checkpoint"}


def test_one_head_is_shown_to_go_on_from_another(duban: Run, tmp_path: Path) -> None:
    """From a file, from the text of a page, or typed without its signature; to the last, or to another; SM3 likewise.
    A head that the tree does not lead through has no proof.
    """
    duban("seal", "init", "--name", "d.example", "--key", "k", "--sm3")
    duban("seal", "now", "--key", "k")
    duban("seal", "key", "--out", "vkey")
    (tmp_path / "old").write_text(duban("seal", "head").output)
    (tmp_path / "old3").write_text(duban("seal", "head", "--tree", "sm3").output)
    paper = duban("seal", "head", "--paper").output
    (tmp_path / "page").write_text(f"No. 7\n{paper}\npage 1")
    duban("--as", "wang", "user", "add", "li", "--name", "李", "--no-password")
    duban("seal", "now", "--key", "k")
    (tmp_path / "new").write_text(duban("seal", "head").output)
    typed = " ".join(paper.splitlines()[:2])
    for old, *new in (("old",), ("old", "--to", "new"), ("page",), (typed,), ("old3",), ("new", "--to", "old")):
        duban("seal", "prove", "--from", old, *new, "--out", "growth")
        assert (tmp_path / "growth").read_text().startswith("duban-growth/1\n")
        assert "begin with the" in duban("seal", "verify", "growth", "--vkey", "vkey").output
    told = json.loads(duban("--json", "seal", "prove", "--from", "old", "--to", "new").output)
    assert set(told) == {"from", "hashes", "to"}
    text = (tmp_path / "growth").read_text()
    (tmp_path / "growth").write_text(
        text.replace(told["hashes"][0], told["hashes"][-1][::-1].replace("=", "A")[:43] + "=")
    )
    assert "proves nothing" in duban("seal", "verify", "growth", "--vkey", "vkey", exit=1).output
    assert "two logs" in duban("seal", "prove", "--from", "old", "--to", "old3", exit=1).output
    (tmp_path / "no").write_text("nothing")
    assert "no signed head" in duban("seal", "prove", "--from", "no", exit=1).output
    for words in ((), ("organisation",), ("organisation", "1", "--from", "old"), ("--to", "old")):
        assert "--from HEAD" in duban("seal", "prove", *words, exit=2).output
    engine = create_engine(f"sqlite:///{tmp_path / 'duban.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE leaves SET hash = substr(hash, 2) || substr(hash, 1, 1) WHERE position = 0")
    engine.dispose()
    assert "forged" in duban("seal", "prove", "--from", "old", "--to", "new", exit=1).output
    (tmp_path / "other").write_text(checkpoint(Head(1, bytes(32)), Signer("d.example", bytes(32))))
    assert "forged" in duban("seal", "prove", "--from", "other", exit=1).output
    other = " ".join(printed(checkpoint(Head(1, bytes(32)), Signer("d.example", bytes(32))), "en")[:2])
    assert "keeps none like it" in duban("seal", "prove", "--from", other, exit=1).output


@pytest.mark.parametrize("command", [("report", "streaks"), ("report", "scores")])
def test_a_report_in_a_file_carries_the_head(duban: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    """Beside a `.csv`, which has rows alone; on a sheet of a workbook. Without a head neither has one."""
    duban(*command, "--out", "before.csv")
    assert not (tmp_path / "before.csv.head").exists()
    duban("seal", "init", "--name", "d.example", "--key", "k")
    duban("seal", "now", "--key", "k")
    told = json.loads(duban("--json", *command, "--out", "after.csv").output)
    assert told["head"] == "after.csv.head"
    assert (tmp_path / "after.csv").read_bytes() == (tmp_path / "before.csv").read_bytes()
    assert "hold: 1" in duban("seal", "check", "after.csv.head").output
    duban(*command, "--out", "after.xlsx")
    sheet = CalamineWorkbook.from_path("after.xlsx").get_sheet_by_index(1).to_python()
    (tmp_path / "page").write_text("\n".join(str(row[1]) for row in sheet))
    assert "hold: 1" in duban("seal", "check", "page").output


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_refusals_say_what_would_help(duban: Run, tmp_path: Path, lang: str) -> None:
    assert "duban seal now" in duban("seal", "head", exit=1, lang=lang).output
    assert "DUBAN_SEAL_KEY" in duban("seal", "now", "--key", "none", exit=1, lang=lang).output
    duban("seal", "init", "--name", "d.example", "--key", "k")
    (tmp_path / "k").chmod(0o644)
    assert "chmod 600 k" in duban("seal", "now", "--key", "k", exit=1, lang=lang).output
    (tmp_path / "k").chmod(0o600)
    (tmp_path / "k.signed").write_text("{")
    assert "k.signed" in duban("seal", "now", "--key", "k", exit=1, lang=lang).output


def test_a_witness_and_a_head_kept_elsewhere_find_what_was_taken_away(duban: Run, tmp_path: Path) -> None:
    """The past is made anew by who has the key: the check alone is silent about it, and says so."""
    duban("seal", "init", "--name", "d.example", "--key", "k")
    duban("seal", "now", "--key", "k")
    duban("seal", "key", "--out", "vkey")
    duban("seal", "head", "--witness", "w", "--vkey", "vkey")
    (tmp_path / "head").write_text(duban("seal", "head").output)
    assert "No head from elsewhere" in duban("seal", "check").output
    assert "heads from elsewhere that hold: 1" in duban("seal", "check", "head").output
    engine = create_engine(f"sqlite:///{tmp_path / 'duban.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM events")
        for table in ("leaves", "trees", "tiles", "checkpoints", "unsealed"):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 - the names of our tables
    engine.dispose()
    duban("--as", "wang", "user", "add", "li", "--name", "李", "--no-password")
    assert "rolled back or cut" in duban("seal", "now", "--key", "k", exit=1).output
    (tmp_path / "k.signed").unlink()  # the thief has the memory too
    duban("seal", "now", "--key", "k")
    duban("seal", "check")
    ways = (("head",), ("--witness", "w"))
    for words in (*(("seal", "check", *way) for way in ways), *(("verify", *way) for way in ways)):
        found = duban("--json", *words, exit=1)
        assert '"rolled_back"' in found.output
    assert "does not go on" in duban("seal", "head", "--witness", "w", exit=1).output
    assert "数据库里只剩" in duban("seal", "check", "head", exit=1, lang="zh").output


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("nothing", "其中没有带哈希的记录", "no event with its hash stands in it"),
        (f"t#1 {'00000000 ' * 8}0000", "校验 0000 与它前面的内容不符", "there is a slip in it: 0000 is not its check"),
        ("duban-receipt/1\n{}\n\n", "所载的记录读不出来", "its event cannot be read"),
        ("c2sp.org/tlog-proof@v1\n", "所附的证明读不出来", "its proof cannot be read"),
    ],
)
def test_why_a_receipt_is_none_is_said_in_the_language_of_the_call(duban: Run, text: str, zh: str, en: str) -> None:
    asked = ("seal", "check", "--receipt", text)
    chinese, english = (duban(*asked, exit=2, lang=lang).output for lang in ("zh", "en"))
    assert (zh in chinese, en in chinese) == (True, False)
    assert (en in english, zh in english) == (True, False)


def test_a_chinese_answer_about_heads_keys_and_proofs_has_no_english_sentence(duban: Run, tmp_path: Path) -> None:
    """Whatever was wrong with them, each reason is said in Chinese; in English it has no Chinese word."""
    duban("seal", "init", "--name", "d.example", "--key", "k")
    duban("seal", "now", "--key", "k")
    duban("seal", "key", "--out", "vkey")
    key = (tmp_path / "vkey").read_text().strip()
    head = duban("seal", "head").output
    duban("seal", "prove", "organisation", "1", "--out", "proof")
    proof = (tmp_path / "proof").read_text()
    other = checkpoint(Head(1, bytes(32)), Signer("d.example", bytes(32)))
    for name, text in {
        "none": "nothing",
        "bare": head.partition("\n\n")[0] + "\n\n",
        "short": head.replace("\n", " ", 1),
        "forged": other,
        "signed": head.replace("d.example\n", "d.example\n", 1)[:-8] + "AAAAAA=\n",
        "proof1": proof.replace("index 0", "index x"),
        "proof2": proof.replace("extra ", "extra !"),
        "proof3": f"{proof.partition(chr(10))[0]}\n\n{head}",
        "proof4": proof.replace(head, other),
        "key1": "PRIVATE+KEY+d.example+00000000+AQ==\n",
        "key2": "nothing\n",
    }.items():
        (tmp_path / name).write_text(text)
    for name in ("key1", "key2"):
        (tmp_path / name).chmod(0o600)
    calls: list[tuple[int, tuple[str, ...]]] = [
        *((1, ("seal", "check", name, "--vkey", key)) for name in ("bare", "short", "forged", "signed")),
        *((1, ("verify", name, "--vkey", key)) for name in ("short", "forged")),
        *((1, ("seal", "verify", f"proof{n}", "--vkey", key)) for n in range(1, 5)),
        *((1, ("seal", "prove", "--from", name)) for name in ("none", "short")),
        *((1, ("seal", "now", "--key", name)) for name in ("key1", "key2", "absent")),
        (1, ("seal", "check", "--vkey", "d.example+00000000+AQ==")),
        (1, ("seal", "check", "--vkey", key.replace("+", "+0", 1))),
        (1, ("seal", "head", "--witness", "w", "--vkey", key.replace("d.example", "e.example", 1))),
        (1, ("seal", "stamped", "none", "--head", "none", "--ca", "none")),
        (2, ("seal", "check", "--receipt", f"t#1 {'00000000 ' * 8}0000")),
        (2, ("seal", "check", "--receipt", "proof1")),
        (2, ("seal", "check", "--typed", "d.example 1 00")),
    ]
    for code, words in calls:
        chinese, plain = (duban(*words, exit=code, lang=lang).output for lang in ("zh", "en"))
        assert not english("\n".join(line for line in chinese.splitlines() if not line.startswith("用法"))), chinese
        assert not re.search(r"[\u4e00-\u9fff]", plain), plain


def test_what_is_found_is_told_with_what_to_do(duban: Run, tmp_path: Path) -> None:
    """Once for each kind, in the language of the call."""
    duban("seal", "init", "--name", "d.example", "--key", "k")
    duban("seal", "now", "--key", "k")
    (tmp_path / "forged").write_text(checkpoint(Head(1, bytes(32)), Signer("d.example", bytes(32))))
    for lang, words in (("zh", "→ 这份树头不能作为凭据"), ("en", "→ this head proves nothing")):
        told = duban("seal", "check", "forged", exit=1, lang=lang).output
        assert told.count("→") == 1
        assert words in told
