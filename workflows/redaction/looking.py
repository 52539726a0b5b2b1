"""Where words stand besides: in files, documents and other tasks.

A file is looked into by its bytes, or the parts of an archive, as Word and Excel files are. What is compressed in
another way (a PDF, a picture) cannot be, and that is told.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeAlias

from engine.chain import quoted
from engine.events import Json
from workflows.redaction.ports import Eraser, Kept

File: TypeAlias = tuple[str, str]
"""Digest and name."""

LARGEST = 50_000_000
"""Bytes of an archive's part that are looked into; longer ones are no text that somebody wrote."""


@dataclass(frozen=True, slots=True)
class Traces:
    """Where words stand: in files (of those that the family names, which cannot be looked into), in documents as they
    were issued, which stay, and in the record of other families.
    """

    files: tuple[File, ...] = ()
    documents: tuple[str, ...] = ()
    unread: tuple[File, ...] = ()
    tasks: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        files, unread = (
            [{"digest": digest, "name": name} for digest, name in each] for each in (self.files, self.unread)
        )
        return {"files": files, "documents": list(self.documents), "unread": unread, "tasks": list(self.tasks)}


def traces(eraser: Eraser, words: Collection[str], root: str, named: Collection[str]) -> Traces:
    """Where words stand; `named` are the digests of the files that the family of `root` names."""
    files, unread, documents = list[File](), list[File](), set[str]()
    documents.update(number for number, facts in eraser.documents() if in_text(facts, words))
    for each in eraser.files():
        held = in_text(each.name, words) or holds(each.content, words)
        if held and each.document is not None:
            documents.add(each.document)
        elif held:
            files.append(_file(each))
        elif held is None and each.document is None and each.digest in named:
            unread.append(_file(each))
    others = {family for family, snapshot in eraser.snapshots() if family != root and in_text(snapshot, words)}
    return Traces(tuple(files), tuple(sorted(documents)), tuple(unread), tuple(sorted(others)))


def _file(each: Kept) -> File:
    return each.digest, each.name


def holds(content: bytes, words: Collection[str]) -> bool | None:
    """Whether a file holds one of these words; None where it cannot be looked into."""
    if content.startswith(b"PK"):
        return _archive_holds(content, words)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("gb18030", "replace")
        if "\x00" in text or "�" in text:
            return None
    return in_text(text, words)


def _archive_holds(content: bytes, words: Collection[str]) -> bool | None:
    """In any part, read without its marks: a word may stand in several runs."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [archive.read(each) for each in archive.infolist() if each.file_size <= LARGEST]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError):
        return None
    return any(in_text(text, words) or in_text(_unmarked(text), words) for text in map(_decoded, parts))


def _decoded(part: bytes) -> str:
    return part.decode("utf-8", "replace")


def _unmarked(text: str) -> str:
    """XML less its marks."""
    pieces = text.split("<")
    return pieces[0] + "".join(piece.partition(">")[2] for piece in pieces[1:])


def in_text(text: str, words: Collection[str]) -> bool:
    """Whether a text holds a word, plainly or as JSON writes it."""
    return any(word in text or quoted(word) in text for word in words)
