"""The cells of a spreadsheet, before anybody asks what they mean; in a process of its own where strangers sent it.

A file of a few kilobytes may claim a sheet of billions of cells. Whatever somebody uploads is therefore read by a child
with little memory and little time, which is no loss when it dies.
"""

from __future__ import annotations

import csv
import os
import pickle
import resource
import subprocess
import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Sequence
from io import BytesIO, StringIO
from pathlib import Path, PurePath
from typing import Any, NoReturn, TypeAlias

from python_calamine import CalamineError, CalamineWorkbook

from engine.problems import Spoken

Table: TypeAlias = Sequence[Sequence[Any]]
"""The rows of one sheet."""

SPREADSHEETS = (".xlsx", ".xls", ".ods")

MEMORY, SECONDS, MOST_CELLS = 1536 * 1024 * 1024, 30, 4_000_000
"""What a child may use: bytes of address space, seconds, and cells that it may answer with."""


class NoList(Spoken, ValueError):
    """A file that is no list; says why."""


def tables_in(name: str, content: bytes) -> list[Table]:
    """The sheets of a spreadsheet, cell by cell; of a formula the value that was saved with it. Raises `NoList` for
    what is none, and `CalamineError` for a damaged one.
    """
    ending = PurePath(name).suffix.lower()
    if ending == ".csv":
        text = _decoded(content)
        return [list(csv.reader(StringIO(text), delimiter=_delimiter(text)))]
    if ending in SPREADSHEETS:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        return [book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) for sheet in book.sheet_names]
    raise NoList(
        f"清单是 .csv 或 .xlsx 文件，不是 {ending or name}", f"a list is a .csv or .xlsx file, not {ending or name}"
    )


def _decoded(content: bytes) -> str:
    """A CSV is UTF-8, what offices save by default in China, or a spreadsheet's "Unicode text"."""
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _in_gb18030(content)


def _in_gb18030(content: bytes) -> str:
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError as error:
        raise NoList("编码不是 UTF-8 也不是 GBK", "it is neither UTF-8 nor GBK") from error


def _delimiter(text: str) -> str:
    """What stands between the cells of a list: a comma, or what the headings have in its place."""
    headings = text.partition("\n")[0]
    return next((mark for mark in ",\t;" if mark in headings), ",")


# -- apart


class Unreadable(ValueError):
    """A file that is no spreadsheet, is damaged, or would take too much memory or time."""


_CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from workflows.cells import child; child(sys.argv[2])"


def tables_apart(name: str, content: bytes) -> list[Table]:
    """`tables_in`, in a process of its own. Raises `Unreadable`."""
    root = str(Path(__file__).resolve().parent.parent)
    try:
        done = subprocess.run(  # noqa: S603 - our own program; the name is an argument and never a command
            [sys.executable, "-I", "-c", _CHILD, root, PurePath(name).suffix],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            env={"LANG": "C.UTF-8"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable(f"{name}: it takes more than {SECONDS} seconds to read") from error
    if done.returncode != 0:
        raise Unreadable(f"{name}: {done.stderr.decode(errors='replace').strip()[-200:] or 'too large to read'}")
    found: list[Table] = pickle.loads(done.stdout)  # noqa: S301 - what our own program wrote, plain cells only
    return found


def child(ending: str) -> None:
    """Read a spreadsheet from standard input, and answer with its cells."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        found = tables_in(f"list{ending}", sys.stdin.buffer.read())
    except (CalamineError, ValueError, csv.Error, OSError) as error:
        _give_up(f"{error}")
    except MemoryError:
        _give_up("it needs too much memory")
    if sum(len(row) for table in found for row in table) > MOST_CELLS:
        _give_up(f"more than {MOST_CELLS} cells")
    sys.stdout.buffer.write(pickle.dumps(found))


def _give_up(why: str) -> NoReturn:
    sys.stderr.write(why)
    sys.stderr.flush()
    os._exit(1)
