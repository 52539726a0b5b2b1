"""The head of the record on paper: where it stands on the page, and read back from the PDF."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from documents.press import Press
from engine.tree import Head
from tests.documents.ink import bands, converted, words
from tests.documents.test_layout import FACTS, ORGAN
from tools.make_templates import build
from workflows.audit.sealing.checkpoints import Signer, checkpoint
from workflows.audit.sealing.printed import found_in, printed

SIGNER = Signer("duban.dalian.example.org", bytes(range(32)))
NOTE = checkpoint(Head(20_852_742, bytes(range(7, 39))), SIGNER)


@pytest.fixture(scope="module")
def press() -> Any:
    made = Press()
    yield made
    made.close()


def document(press: Press, kind: str, lang: str = "zh", **facts: Any) -> bytes:
    return press.render(build(kind, len(ORGAN)), {**FACTS, "head": printed(NOTE, lang), **facts})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pdf_gives_back_the_signed_head_byte_for_byte(press: Press, tmp_path: Path, lang: str) -> None:
    """On the last page only, below everything else and inside what printers print."""
    file = converted(document(press, "rectification-order", lang), tmp_path)
    *before, last = words(file)
    (found,) = found_in(last)
    assert (found.note, before != []) == (NOTE, True)
    assert not any(list(found_in(page)) for page in before)
    small = [band for band in bands(file, len(before) + 1, red=False) if band.top > 297 - 17]
    assert small, "the lines are on the page"
    assert max(band.bottom for band in small) < 297 - 5
    assert all(band.left >= 28 - 0.5 and band.right <= 184 + 0.5 for band in small)
    assert all(band.tall < 12 for band in small)


def test_without_a_head_nothing_is_printed_and_with_one_nothing_moves(press: Press, tmp_path: Path) -> None:
    plain = document(press, "rectification-order", head=[])
    assert "记录树头" not in Document(BytesIO(plain)).element.xml
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    without = converted(plain, tmp_path / "a")
    with_one = converted(document(press, "rectification-order"), tmp_path / "b")
    assert len(words(without)) == len(words(with_one))
    for page in range(1, len(words(without)) + 1):
        above = [band for band in bands(with_one, page, red=False) if band.top < 297 - 17]
        assert above == bands(without, page, red=False)


@pytest.mark.parametrize("kind", ["reminder-slip", "flash", "public-bulletin"])
def test_every_sort_of_document_carries_it(press: Press, tmp_path: Path, kind: str) -> None:
    """Letters, periodicals, papers with an annex: whatever the template is."""
    (found,) = found_in("\n".join(words(converted(document(press, kind), tmp_path))))
    assert found.note == NOTE
