"""The Word templates of the founding definitions, laid out by GB/T 9704-2012. Run by `make templates`.

An office that wants another wording or layout edits the file in Word and uploads it; nothing here is needed then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

from docx.document import Document as WordFile

from documents import heads, layout, letters, parts
from documents.colophon import colophon, copies_only
from documents.packing import packed
from documents.tables import annex
from engine.edition import Edition
from workflows.papers.templates import declared
from workflows.sources import definitions_folder, load_process

FOUNDING = ("dalian-livelihood", "shanwei-key-tasks")

Kind = Callable[[WordFile, int], None]


def order(document: WordFile, characters: int) -> None:
    """A document to somebody: head, number, title, addressee, body, signature."""
    heads.head(document, "{{ organ }}", characters)
    heads.number(document)
    _main(document)
    colophon(document)


def letter(document: WordFile, characters: int) -> None:
    """信函: what one organ writes to another about one matter."""
    letters.head(document, characters)
    _main(document)
    copies_only(document)


def paper_with_annex(document: WordFile, characters: int) -> None:
    """A circular or report: the mark says 文件, and a table of the tasks follows."""
    heads.head(document, "{{ organ }}{{ '文件' if zh else '' }}", characters + 2)
    heads.number(document)
    _main(document)
    annex(document)
    colophon(document)


def periodical(mark_zh: str, mark_en: str) -> Kind:
    """A flash: its own mark, its issue, in whose name and when."""

    def built(document: WordFile, _characters: int) -> None:
        heads.head(document, f"{{{{ '{mark_zh}' if zh else '{mark_en}' }}}}", max(8, len(mark_zh)))
        heads.issue_line(document)
        parts.title(document)
        parts.addressee(document)
        parts.body(document)
        parts.annex_note(document)
        annex(document)
        colophon(document)

    return built


def minutes(document: WordFile, _characters: int) -> None:
    """纪要格式: the mark says what it is; no addressee and no seal; who was there stands below the text."""
    heads.head(document, "{{ '约谈纪要' if zh else 'Minutes of Interview' }}", 9)
    heads.issue_line(document)
    parts.title(document)
    parts.addressee(document)
    parts.body(document)
    parts.attendance(document)
    colophon(document)


def _main(document: WordFile) -> None:
    parts.title(document)
    parts.addressee(document)
    parts.body(document)
    parts.annex_note(document)
    parts.signature(document)


KINDS: Mapping[str, Kind] = {
    "rectification-order": order,
    "reminder-slip": letter,
    "interview-notice": letter,
    "interview-minutes": minutes,
    "flash": periodical("督查快报", "Supervision Flash"),
    "monthly-report": periodical("督查月报", "Monthly Supervision Report"),
    "circular": paper_with_annex,
    "public-bulletin": paper_with_annex,
    "special-report": paper_with_annex,
    "stuck-report": order,
    "accountability-proposal": order,
}
"""Each template by the name of its file."""


def build(kind: str, characters: int) -> bytes:
    """The bytes of a template for an organ with a name of so many characters; the same at each build."""
    document = layout.blank()
    KINDS[kind](document, characters)
    made = BytesIO()
    document.save(made)
    return packed(made.getvalue())


def main() -> None:
    """Write all templates of the founding definitions."""
    for process in FOUNDING:
        write(definitions_folder() / process)


def write(folder: Path) -> None:
    """Write the templates that one definition names, and no others."""
    edition = load_process(folder).edition
    assert edition is not None, "a founding definition loads"
    (folder / "templates").mkdir(exist_ok=True)
    for name, content in built(edition).items():
        (folder / "templates" / name).write_bytes(content)


def built(edition: Edition) -> dict[str, bytes]:
    """The Word files that a definition names, each wide enough for the longest organ that uses it."""
    widths: dict[str, int] = {}
    for _, _, rule in declared(edition):
        organ = rule.organ or edition.process.organ
        longest = LONGEST if rule.organ is not None else len(organ.zh) if organ else LONGEST
        widths[rule.template or ""] = max(longest, widths.get(rule.template or "", 0))
    return {name: build(name.removesuffix(".docx"), width) for name, width in widths.items()}


LONGEST = 14
"""Characters of the longest organ that is named after what it is about: 汕尾市绿美汕尾生态建设指挥部."""


if __name__ == "__main__":
    main()
