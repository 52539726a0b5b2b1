"""The heads that the database's own documents bear: each was the last one of this log when its document was issued.

So it has to be a head of this tree, and one that the log keeps still. A document with another was put in from
elsewhere, or its head was; and where heads were taken away the documents tell of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from engine.events import Json
from engine.problems import Language, Text
from engine.tree import Head
from workflows.audit.sealing.checkpoints import NotSigned, Verifier, claimed, head_of
from workflows.audit.sealing.claims import Claim, Elsewhere
from workflows.audit.sealing.printed import Mistyped, OnPaper, found_in
from workflows.audit.sealing.values import MAIN, Checkpoint, Flaw

_APART = Text("中英文两份印的树头不同", "its languages have different heads")


class OnDocument(NamedTuple):
    """What a document was printed with: of which event it is, its number, and the lines of its head by language."""

    stream: str
    seq: int
    number: str
    heads: Mapping[Language, Sequence[str]]

    def found(self, code: str, **facts: Json) -> Flaw:
        """A finding about it."""
        return Flaw(code, self.stream, self.seq, {"number": self.number, **facts})


def claims_on(
    documents: Sequence[OnDocument], stored: Mapping[str, Sequence[Checkpoint]], known: Elsewhere
) -> tuple[list[Claim], list[Flaw]]:
    """What the documents claim of the main tree, and what is wrong with their heads by themselves."""
    kept = set(_kept(stored.get(MAIN, ())))
    found = [each for document in documents if any(document.heads.values()) for each in _read(document, kept, known)]
    return [each for each in found if isinstance(each, Claim)], [each for each in found if isinstance(each, Flaw)]


def _kept(stored: Sequence[Checkpoint]) -> Iterator[tuple[str, Head]]:
    for each in stored:
        try:
            yield claimed(each.note)
        except NotSigned:  # told where the heads of the database are looked at
            continue


def _read(document: OnDocument, kept: Collection[tuple[str, Head]], known: Elsewhere) -> Iterator[Claim | Flaw]:
    try:
        papers = {paper for lines in document.heads.values() for paper in _on_page(lines)}
        ((origin, head),) = {(each.origin, each.head) for each in papers}
        _verify(papers, known.key_of(origin))
    except (Mistyped, NotSigned) as error:
        yield document.found("document_head_bad", reason=error.text.both)
        return
    except ValueError:
        yield document.found("document_head_bad", reason=_APART.both)
        return
    yield Claim(document.number, MAIN, head, document)
    if (origin, head) not in kept:
        yield document.found("document_head_unkept", size=head.size, origin=origin)


def _on_page(lines: Sequence[str]) -> Sequence[OnPaper]:
    found = list(found_in("\n".join(lines)))
    if len(found) != 1:
        raise NotSigned("版记里没有树头", "its small print holds no head")
    return found


def _verify(papers: Collection[OnPaper], key: Verifier | None) -> None:
    """Whether all are signed by the key of their log, where it is known. Raises `NotSigned`."""
    if key is not None:
        for each in papers:
            head_of(each.note or "", key)
