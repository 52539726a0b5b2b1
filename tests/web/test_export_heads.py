"""A list that leaves the house carries the head of the record: a workbook in its footer and on a sheet, a `.csv` has it
beside.
"""

from __future__ import annotations

import csv
import re
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient
from python_calamine import CalamineWorkbook

from engine.tree import Head
from tests.web.stage import Stage, underway
from tests.web.test_heads import _sealed
from workflows.audit.sealing.checking import check
from workflows.audit.sealing.checkpoints import Signer, checkpoint, claimed
from workflows.audit.sealing.claims import Elsewhere
from workflows.audit.sealing.printed import OnPaper, found_in, typed
from workflows.clock import wall
from workflows.lists.about import FOOTER, about, in_header

EXPORTS = (
    "/board/export",
    "/ledgers/dalian-livelihood:opinion/export",
    "/analysis/bottlenecks/export",
    "/scores/export",
)


def _footers(content: bytes) -> list[str]:
    """The footers of a workbook's sheets, as a spreadsheet prints them."""
    with ZipFile(BytesIO(content)) as book:
        sheets = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        texts = [book.read(name).decode() for name in sheets]
    return [
        found[1].replace("&amp;", "&")
        for text in texts
        if (found := re.search("<oddFooter>(.*?)</oddFooter>", text, re.DOTALL))
    ]


def _holds(stage: Stage, paper: OnPaper) -> list[str]:
    """What is found with a head that somebody typed from it."""
    assert stage.house.log is not None
    return [each.code for each in check(stage.house.log, Elsewhere(typed=[("paper", paper)]), virtual=True)]


def _get(browser: TestClient, path: str, **asked: str) -> bytes:
    answer = browser.get(path, params=asked)
    assert answer.status_code == 200, (path, answer.text)
    return bytes(answer.content)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", EXPORTS)
def test_a_workbook_carries_the_head_in_its_footer_and_on_a_sheet(
    stage: Stage, tmp_path: Path, path: str, lang: str
) -> None:
    """Typed back from either it is met; once the past is otherwise it is not."""
    underway(stage)
    _sealed(stage, tmp_path)
    browser = stage.client("li", lang=lang)
    content, note = _get(browser, path), browser.get("/checkpoint").text
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    assert book.sheet_names[1] == ("说明" if lang == "zh" else "About")
    sheet = "\n".join(str(row[1]) for row in book.get_sheet_by_index(1).to_python())
    (on_sheet,) = found_in(sheet)
    assert on_sheet.note == note
    for footer in _footers(content):
        printed = typed(footer.removeprefix("&L&7").partition("&R")[0])
        assert (printed.origin, printed.head) == claimed(note)
        assert _holds(stage, printed) == []
    assert len(_footers(content)) == 2
    with stage.office.store.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("UPDATE leaves SET hash = substr(hash, 2) || substr(hash, 1, 1) WHERE position = 0")
    assert "head_unmet" in _holds(stage, on_sheet)


@pytest.mark.parametrize("path", EXPORTS)
def test_a_csv_holds_rows_alone_and_its_head_goes_beside(stage: Stage, tmp_path: Path, path: str) -> None:
    """As many columns in each row as in the first, with a head or without; the head is in a header, and offered."""
    underway(stage)
    browser = stage.client("li")
    before = browser.get(path, params={"format": "csv"})
    assert "duban-head" not in before.headers
    assert 'href="/checkpoint"' not in browser.get("/board").text
    _sealed(stage, tmp_path)
    after = browser.get(path, params={"format": "csv"})
    assert after.content == before.content
    assert len({len(row) for row in csv.reader(StringIO(after.content.decode("utf-8-sig")))}) == 1
    assert _holds(stage, typed(after.headers["duban-head"])) == []
    for page in ("/board", "/scores", "/analysis"):
        assert 'href="/checkpoint"' in browser.get(page).text, page


def test_before_anything_is_signed_a_workbook_says_so(stage: Stage) -> None:
    content = _get(stage.client("li", lang="en"), "/board/export")
    sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(1).to_python()
    assert "none had been signed" in str(sheet)
    assert _footers(content) == ["&R&8&P/&N"] * 2


def test_a_head_that_is_too_long_for_a_footer_stands_on_the_sheet_alone() -> None:
    """A footer that is too long is dropped whole by spreadsheets; other letters are no header."""
    long = checkpoint(Head(5, bytes(32)), Signer("d" * 200, bytes(32)))
    told = about("board", long, "li", wall(), "en")
    assert told.footer == "&R&8&P/&N"
    assert any("d" * 200 in value for _, value in told.rows)
    assert (
        len(about("board", checkpoint(Head(5, bytes(32)), Signer("d.example", bytes(32))), "li", wall(), "zh").footer)
        <= FOOTER
    )
    assert in_header(checkpoint(Head(5, bytes(32)), Signer("督办", bytes(32)))) is None
