"""What a unit reported it can prove: on paper, from a file, by a program, and against who rewrites the record."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from engine.chain import seal
from tests.packaging.second_proofs import proof_holds
from tests.web.stage import Stage, underway
from tests.web.test_acts import _form
from tests.web.test_api_acting import in_march, program
from tests.web.test_heads import _sealed
from workflows.audit.sealing.checking import check
from workflows.audit.sealing.checkpoints import verifier_of
from workflows.audit.sealing.claims import Elsewhere
from workflows.audit.sealing.printed import found_in, printed_event
from workflows.audit.sealing.proving import FIRST_LINE
from workflows.audit.sealing.values import Leaf
from workflows.packaging import verify_package as first
from workflows.packaging.receipts import NoReceipt, read_receipt


def _reported(stage: Stage, folder: Path) -> tuple[str, TestClient, str]:
    """The task, a browser of the unit that reported, and the address of the receipt that the page offers."""
    task = in_march(stage)
    _sealed(stage, folder)
    browser, path = stage.client("wang"), f"/tasks/{task}/acts/report"
    told = {**_form(browser, path), "f.month": "2022-02", "f.percent": "3.5", "f.progress": "进展顺利"}
    first_try = browser.post(path, data=told)
    again = {name: re.search(rf'name="{name}" value="([^"]*)"', first_try.text)[1] for name in ("version", "key")}  # type: ignore[index]  # a page without them fails here
    done = browser.post(path, data={**told, **again})
    assert done.status_code == 303, done.text
    link = re.search(rf'href="(/tasks/{task}/receipts/\d+)"', browser.get(done.headers["location"]).text)
    assert link is not None
    return task, browser, link[1]


def _text_of(page: str) -> str:
    """What stands on the paper."""
    return unescape(re.sub(r"<[^>]+>", " ", page))


def _found(stage: Stage, *receipts: str) -> list[str]:
    """The codes of what `seal check --receipt` finds."""
    events = [("unit", leaf) for text in receipts for leaf in read_receipt(text).events]
    assert stage.house.log is not None
    return [each.code for each in check(stage.house.log, Elsewhere(receipts=events), virtual=True)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_printed_receipt_is_typed_back_and_checked(stage: Stage, tmp_path: Path, lang: str) -> None:
    """It says what was done and by whom, the event with its hash, and the head that was signed before."""
    _, browser, address = _reported(stage, tmp_path)
    browser.cookies.set("duban-lang", lang)
    page = browser.get(address).text
    paper = _text_of(page)
    assert ("办理回执" if lang == "zh" else "Receipt") in paper
    assert "wang" in paper
    (leaf,) = read_receipt(paper).events
    row = stage.house.log.row(leaf.stream, leaf.seq)  # type: ignore[union-attr]
    assert row is not None
    assert row.leaf == leaf
    assert [each.note for each in found_in(paper)] == [browser.get("/checkpoint").text]
    typed = " ".join(printed_event(leaf, lang)).upper().replace("EVENT ", "").replace("DALIAN", "dalian")
    assert read_receipt(typed.replace("LIVELIHOOD", "livelihood")).events == [leaf]
    assert _found(stage, paper) == []
    assert stage.client("qian").get(address).status_code == 404


def test_a_slip_is_told_from_another_event() -> None:
    said = " ".join(printed_event(Leaf("leak-3", 7, f"{5:064x}"), "zh"))
    for at, letter in enumerate(said):
        if letter in "0123456789abcdef" and at > 3:
            with pytest.raises(NoReceipt):
                read_receipt(f"{said[:at]}{'0' if letter != '0' else '1'}{said[at + 1 :]}")


def _forged(header: str, **otherwise: object) -> str:
    """A receipt whose hash is right, and whose event is none."""
    row = {"stream": "leak-3", "seq": 1, "header": header, "payload": "{}", "salts": "0" * 32, "prev": "0" * 64}
    sealed = seal(str(row["prev"]), header, str(row["payload"]), str(row["salts"]))
    return f"duban-receipt/1\n{json.dumps(row | otherwise | {'hash': sealed})}\n\n"


@pytest.mark.parametrize(
    "text",
    [
        _forged("[1]"),
        _forged("null"),
        _forged("{}"),
        _forged('{"task":["a"],"seq":1}', stream=["a"]),
        _forged('{"task":"leak-3","seq":true}', seq=True),
        _forged('{"task":"leak-3","seq":0}', seq=0),
        _forged(f'{{"task":"leak-3","seq":{2**63}}}', seq=2**63),
        _forged('{"task":"leak\\u0000","seq":1}', stream="leak\0"),
        "duban-receipt/1\n" + "[" * 100_000 + "\n\n",
        f"{FIRST_LINE}\nextra bGVhay0zIzEgYQ==\nindex {'9' * 5000}\n\nx\n",
        f"{FIRST_LINE}\nextra bGVhay0zIzEgYQ==\nindex \u0663\n\nx\n",
    ],
)
def test_a_forged_receipt_is_refused(text: str) -> None:
    """Though somebody made its hash fit: no database is asked for what cannot be one of its events."""
    with pytest.raises(NoReceipt):
        read_receipt(text)


@pytest.mark.timeout(60)
def test_a_text_without_words_is_looked_through_once() -> None:
    """Two megabytes in one word; from each letter anew it would take days."""
    for text in ("a" * 2_000_000, "#1" * 1_000_000):
        assert list(found_in(text)) == []
        with pytest.raises(NoReceipt):
            read_receipt(text)


def test_the_file_holds_the_proof_once_the_event_is_sealed(stage: Stage, tmp_path: Path) -> None:
    """Before, it holds the last head and no verifier takes it for proof; after, both do, by the key alone, and it says
    what was reported.
    """
    task, browser, address = _reported(stage, tmp_path)
    key = browser.get("/checkpoint/key").text
    early = browser.get(f"{address}/file").text
    assert early.endswith(browser.get("/checkpoint").text)
    with pytest.raises(first.Wrong, match="not_sealed_yet"):
        list(first.proved(early, key))
    assert not proof_holds(early, key)
    _sealed(stage, tmp_path)
    late = browser.get(f"{address}/file").text
    (stands, says) = first.proved(late, key)
    assert stands[1]["leaf"].startswith(f"{task}#")
    assert '"percent":"3.5"' in says[1]["payload"]
    assert (says[1]["actor"], proof_holds(late, key)) == ("wang", True)
    for text in (early, late, late[late.index("c2sp.org") :]):
        assert _found(stage, text) == []
    forged = late.replace('\\"percent\\":\\"3.5\\"', '\\"percent\\":\\"9.5\\"')
    assert forged != late
    with pytest.raises(first.Wrong, match="altered"):
        list(first.proved(forged, key))
    assert not proof_holds(forged, key)
    with pytest.raises(NoReceipt):
        read_receipt(forged)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE events SET hash = replace(hash, substr(hash, 1, 4), 'ffff')", "receipt_unmet"),
        ("DELETE FROM events", "receipt_missing"),
    ],
)
def test_a_report_that_was_rewritten_or_taken_away_is_found(
    stage: Stage, tmp_path: Path, statement: str, code: str
) -> None:
    """Though nothing of it was ever in a head."""
    task, browser, address = _reported(stage, tmp_path)
    paper, seq = _text_of(browser.get(address).text), address.rpartition("/")[2]
    with stage.office.store.engine.execution_options(writes=True).begin() as connection:
        for each in (statement, "DELETE FROM unsealed"):
            connection.exec_driver_sql(f"{each} WHERE stream = '{task}' AND seq = {seq}")
    assert code in _found(stage, paper)
    assert code not in _found(stage)


def test_a_receipt_withholds_what_the_law_protects(stage: Stage, tmp_path: Path) -> None:
    """And proves the event all the same."""
    task = underway(stage)
    _sealed(stage, tmp_path)
    browser = stage.client("wang")
    seq = next(each.event.seq for each in stage.desk.store.events(task) if each.event.payload.get("trigger"))
    text = browser.get(f"/tasks/{task}/receipts/{seq}/file").text
    row = json.loads(text.splitlines()[1])
    assert "<personal>" in row["payload"]
    assert "甲" not in text
    assert proof_holds(text, str(verifier_of(browser.get("/checkpoint/key").text)))


def test_a_program_gets_the_receipt_of_its_act_and_later_its_proof(stage: Stage, tmp_path: Path) -> None:
    """In the answer at once, and again when the act is sent twice; by its own address with the proof."""
    task = in_march(stage)
    wang = program(stage, "wang", "read", "act")
    sent = {"json": {"form": {"month": "2022-02", "percent": "3.5"}}, "headers": {"idempotency-key": "once"}}
    told = [wang.post(f"/api/v1/tasks/{task}/acts/report", **sent).json()["receipt"] for _ in range(2)]
    assert told[0] == told[1]
    assert (told[0]["head"], told[0]["proof"]) == (None, None)
    assert _found(stage, "\n".join(told[0]["lines"]), told[0]["text"]) == []
    _sealed(stage, tmp_path)
    seq = told[0]["event"].rpartition("#")[2]
    later = wang.get(f"/api/v1/tasks/{task}/events/{seq}/receipt").json()
    assert later["hash"] == told[0]["hash"]
    assert proof_holds(later["text"], wang.get("/checkpoint/key").text)
    assert proof_holds(later["proof"], wang.get("/checkpoint/key").text)
    assert wang.get(f"/api/v1/tasks/{task}/events/9999/receipt").status_code == 404
