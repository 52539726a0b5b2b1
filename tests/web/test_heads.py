"""Heads leave the house: anybody may fetch them, public pages end with them, a receipt proves its record."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from engine.commands import Refusal
from engine.tree import Head
from tests.web.stage import Stage, underway
from workflows.audit.sealing import growing
from workflows.audit.sealing.checkpoints import Signer, checkpoint, head_of, verifier_of
from workflows.audit.sealing.growth import has_grown, read_growth
from workflows.audit.sealing.keyring import make_key, pen_of
from workflows.audit.sealing.printed import printed
from workflows.audit.sealing.proving import proved, read_proof
from workflows.audit.sealing.signing import Pen


def _sealed(stage: Stage, folder: Path) -> None:
    file = folder / "seal.key"
    if not file.exists():
        assert isinstance(make_key(file, "duban.example.org"), Signer)
    pen = pen_of(file)
    assert isinstance(pen, Pen)
    assert isinstance(growing.seal(stage.desk.store, stage.house.log, pen), growing.Sealed)  # type: ignore[arg-type]


def test_everybody_may_fetch_the_last_head_and_its_key(stage: Stage, tmp_path: Path) -> None:
    """Before one was signed there is none; there is no tree of SM3 unless somebody asked for it."""
    browser = stage.client()
    assert [browser.get(path).status_code for path in ("/checkpoint", "/checkpoint/key")] == [404, 404]
    _sealed(stage, tmp_path)
    note, key = browser.get("/checkpoint"), browser.get("/checkpoint/key")
    assert note.headers["content-type"] == "text/plain; charset=utf-8"
    head = head_of(note.text, verifier_of(key.text))
    assert head.size == len(stage.house.log.leaves(0, 10_000)) > 0  # type: ignore[union-attr]
    assert browser.get("/checkpoint/sm3").status_code == 404


def test_public_pages_end_with_the_whole_head(stage: Stage, tmp_path: Path) -> None:
    browser = stage.client()
    assert 'class="seal"' not in browser.get("/public").text
    _sealed(stage, tmp_path)
    root = browser.get("/checkpoint").text.splitlines()[2]
    for path in ("/public", "/public/bulletins", "/public/receipt"):
        assert root in browser.get(path).text.replace("&#43;", "+")


def test_an_outsider_fetches_the_proof_between_two_heads(stage: Stage, tmp_path: Path) -> None:
    """Told by sizes, pasted whole, or as paper has it; a head that was never signed has none, and is told so."""
    browser = stage.client(lang="en")
    assert "No head has been signed" in browser.get("/public/heads").text
    _sealed(stage, tmp_path)
    old = browser.get("/checkpoint").text
    underway(stage)
    _sealed(stage, tmp_path)
    new, key = browser.get("/checkpoint").text, verifier_of(browser.get("/checkpoint/key").text)
    page = browser.get("/public/heads").text
    assert all(note.splitlines()[1] in page for note in (old, new))
    paper = "\n".join(printed(old, "zh")[:2])
    for told in ({"from": old.splitlines()[1]}, {"from": old, "to": new}, {"from": paper}, {"from": new, "to": old}):
        answer = browser.get("/public/heads", params=told)
        assert answer.headers["content-disposition"].startswith("attachment")
        assert [each.size for each in has_grown(read_growth(answer.text), key)] == [
            int(note.splitlines()[1]) for note in (old, new)
        ]
    forged = checkpoint(Head(1, bytes(32)), Signer("duban.example.org", bytes(32)))
    for told in ({"from": forged}, {"from": "9999"}, {"from": "x"}, {"from": old, "to": forged}):
        answer = browser.get("/public/heads", params=told)
        assert (answer.status_code, 'role="alert"' in answer.text) == (409, True)
    size = old.splitlines()[1]
    with stage.office.store.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("UPDATE checkpoints SET note = 'no head' WHERE size = ?", (int(size),))
    for told in ({"from": size}, {"from": paper}):
        answer = browser.get("/public/heads", params=told)
        assert (answer.status_code, 'role="alert"' in answer.text) == (409, True), "a damaged row is no proof"


def test_whoever_keeps_the_machine_is_told_how_the_tree_stands(stage: Stage, tmp_path: Path) -> None:
    """That no head was ever signed; then how many events the last one has; then why nothing is signed any more."""
    admin, watcher = stage.client("admin"), stage.client()
    assert "没有签过树头" in admin.get("/operations").text
    told = watcher.get("/health/ready").json()
    assert (told["signed"], told["signed_at"], told["seal_refused"]) == (0, None, None)
    assert told["unsealed"] > 0
    _sealed(stage, tmp_path)
    told = watcher.get("/health/ready").json()
    assert told["signed"] == told["sealed"] > 0
    assert told["unsealed"] == 0
    assert "没有签过树头" not in admin.get("/operations").text
    with stage.office.store.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("DELETE FROM leaves WHERE position = 0")
        connection.exec_driver_sql("UPDATE trees SET edge = replace(edge, 'a', 'b')")
    pen = pen_of(tmp_path / "seal.key")
    assert isinstance(growing.seal(stage.desk.store, stage.house.log, pen), Refusal)  # type: ignore[arg-type]
    assert watcher.get("/health/ready").json()["seal_refused"] == "seal_forked"
    assert "历史被改写" in admin.get("/operations").text


def test_a_receipt_tells_what_was_recorded_and_proves_it(stage: Stage, tmp_path: Path) -> None:
    """Its hash at once; the proof once the tree has it, which holds by the public key alone."""
    task, anybody = underway(stage), stage.client()
    path = f"/public/say/{task}/receive_opinion"
    key = re.search(r'name="key" value="(\w+)"', anybody.get(path).text)
    assert key is not None
    sent = anybody.post(path, data={"key": key[1], "f.text": "楼道灯不亮"}).text
    code, leaf = re.search(r"<code>([a-z2-7-]+)</code>", sent), re.search(r"<code>(\S+#1 [0-9a-f]{64})</code>", sent)
    assert code is not None
    assert leaf is not None
    assert "tlog-proof" not in anybody.post("/public/receipt", data={"code": code[1]}).text
    _sealed(stage, tmp_path)
    shown = anybody.post("/public/receipt", data={"code": code[1]}).text
    told = re.search(r'<pre class="seal">(.*?)</pre>', shown, re.DOTALL)
    assert told is not None
    proof = read_proof(unescape(told[1]))
    assert proof.leaf == leaf[1]
    assert proved(proof, verifier_of(anybody.get("/checkpoint/key").text)).size > proof.position
