"""A page of a PDF as it is printed: where its ink lies, and its words."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from documents import pdf

DPI = 300
MM = 25.4 / DPI


def converted(docx: bytes, folder: Path) -> Path:
    """The PDF of a document. In continuous integration LibreOffice has to be there; elsewhere the test is skipped."""
    if not pdf.available() or shutil.which("pdftotext") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("LibreOffice and pdftotext are installed by .ci/run")
        pytest.skip("LibreOffice or pdftotext is not installed")
    file = folder / "x.pdf"
    file.write_bytes(pdf.convert(docx))
    return file


def words(file: Path) -> list[str]:
    """The words of each page, laid out."""
    text = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True, timeout=300
    ).stdout.decode()
    return text.split("\f")[:-1]


@dataclass(frozen=True)
class Band:
    """Rows of ink that follow on one another: from the upper left corner of the page, in millimetres."""

    top: float
    bottom: float
    left: float
    right: float

    @property
    def tall(self) -> float:
        return self.bottom - self.top

    @property
    def wide(self) -> float:
        return self.right - self.left


def bands(file: Path, page: int, *, red: bool) -> list[Band]:
    """The bands of red ink, or of black ink, from above."""
    command = ["pdftoppm", "-r", str(DPI), "-f", str(page), "-l", str(page), str(file)]
    _, size, _, pixels = subprocess.run(command, capture_output=True, check=True, timeout=300).stdout.split(b"\n", 3)
    width, height = map(int, size.split())
    found: list[Band] = []
    for y in range(height):
        row = pixels[3 * y * width : 3 * (y + 1) * width]
        inked = _inked(row, red=red)
        if inked is None:
            continue
        left, right = inked[0] * MM, (inked[1] + 1) * MM
        if found and y * MM - found[-1].bottom < MM / 2:
            last = found.pop()
            found.append(Band(last.top, (y + 1) * MM, min(last.left, left), max(last.right, right)))
        else:
            found.append(Band(y * MM, (y + 1) * MM, left, right))
    return found


def _inked(row: bytes, *, red: bool) -> tuple[int, int] | None:
    """The first and the last pixel of a row with ink of the colour."""
    reds, greens = row[::3], row[1::3]
    wanted = [x for x, (r, g) in enumerate(zip(reds, greens, strict=True)) if g < 110 and (r > 180) == red]
    return (wanted[0], wanted[-1]) if wanted else None
