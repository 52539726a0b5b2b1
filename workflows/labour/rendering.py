"""Making PDFs of documents as issued: each takes seconds, and many are asked for at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.commands import Refusal
from engine.events import Json
from workflows.desk import Desk
from workflows.labour.context import Context, GivenBack
from workflows.labour.ports import Labour
from workflows.labour.values import Job
from workflows.papers.ports import PressProblem

MOST = 1000
"""Documents of one job."""


def ask_render(labour: Labour, documents: Sequence[int], asked_by: str | None = None) -> Job | Refusal:
    """Ask for PDFs of documents, by their numbers in the record. The fate of each is the digest of its file. Refuses
    more than `MOST`, or none.
    """
    if not 0 < len(documents) <= MOST:
        return Refusal("too_many_tasks", {"count": len(documents), "most": MOST})
    return labour.ask("render", {"documents": list(dict.fromkeys(documents))}, asked_by)


def render(on: Context) -> Mapping[str, Json]:
    """See `workflows.labour.context.Kind`. A file is kept by its digest, so that making it again adds nothing."""
    numbers: list[int] = on.job.body["documents"]
    desk = on.tools.desk()
    on.progress(total=len(numbers))
    for n in range(on.job.done + on.job.failed + 1, len(numbers) + 1):
        if not on.go_on:
            break
        _one(on, desk, n, numbers[n - 1])
    on.progress()
    if on.stopping() and not on.cancelled:
        raise GivenBack
    return {}


def _one(on: Context, desk: Desk, n: int, number: int) -> None:
    document = desk.papers.document(number) if desk.papers else None
    content = desk.papers.file(document.digest) if desk.papers and document else None
    if document is None or content is None or on.tools.convert is None:
        on.fate(n, str(number), "failed", "no such document, or nothing here makes a PDF")
        return
    try:
        made = on.tools.convert(content)
    except PressProblem as problem:
        on.fate(n, str(number), "failed", str(problem))
        return
    on.fate(n, str(number), "done", desk.store.keep_file(f"{document.number}.pdf", made))
