"""The Word templates of the founding definitions, laid out by GB/T 9704-2012. Run by `make templates`.

An office that wants another wording or layout edits the file in Word and uploads it; nothing here is needed then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

from docx.document import Document as WordFile

from documents import layout
from documents.packing import packed
from workflows.sources import definitions_folder, load_process

FOUNDING = ("dalian-livelihood", "shanwei-key-tasks")

Kind = Callable[[WordFile, int], None]


def letter(document: WordFile, characters: int) -> None:
    """A document to somebody: head, number, title, addressee, body, signature."""
    layout.head(document, "{{ organ }}", characters)
    layout.number(document)
    _main(document)


def paper(document: WordFile, characters: int) -> None:
    """A circular or report: the mark says 文件, and a table of the tasks follows."""
    layout.head(document, "{{ organ }}{{ '文件' if zh else '' }}", characters + 2)
    layout.number(document)
    _main(document)


def paper_with_annex(document: WordFile, characters: int) -> None:
    """The same with a table of the tasks."""
    layout.head(document, "{{ organ }}{{ '文件' if zh else '' }}", characters + 2)
    layout.number(document)
    layout.title(document)
    layout.addressee(document)
    layout.body(document)
    layout.signature(document)
    layout.annex(document)
    layout.colophon(document)


def periodical(mark_zh: str, mark_en: str) -> Kind:
    """A flash: its own mark, its issue, in whose name and when."""

    def built(document: WordFile, _characters: int) -> None:
        layout.head(document, f"{{{{ '{mark_zh}' if zh else '{mark_en}' }}}}", max(8, len(mark_zh)))
        layout.issue_line(document)
        layout.title(document)
        layout.addressee(document)
        layout.body(document)
        layout.annex(document)
        layout.colophon(document)

    return built


def minutes(document: WordFile, _characters: int) -> None:
    """纪要: the mark says what it is; no addressee and no seal."""
    layout.head(document, "{{ '约谈纪要' if zh else 'Minutes of Interview' }}", 9)
    layout.issue_line(document)
    layout.title(document)
    layout.addressee(document)
    layout.body(document)
    layout.colophon(document)


def _main(document: WordFile) -> None:
    layout.title(document)
    layout.addressee(document)
    layout.body(document)
    layout.signature(document)
    layout.colophon(document)


KINDS: Mapping[str, Kind] = {
    "rectification-order": letter,
    "reminder-slip": letter,
    "interview-notice": letter,
    "interview-minutes": minutes,
    "flash": periodical("督查快报", "Supervision Flash"),
    "circular": paper_with_annex,
    "public-bulletin": paper_with_annex,
    "special-report": paper_with_annex,
    "accountability-proposal": letter,
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
    """Write the templates of one definition."""
    edition = load_process(folder).edition
    assert edition is not None, "a founding definition loads"
    organ = edition.process.organ
    (folder / "templates").mkdir(exist_ok=True)
    for kind in KINDS:
        (folder / "templates" / f"{kind}.docx").write_bytes(build(kind, len(organ.zh) if organ else 12))


if __name__ == "__main__":
    main()
