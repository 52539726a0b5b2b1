"""The tree over all chains as a part of a verification: its findings, told as all others are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.chain import parsed
from engine.problems import Language
from workflows.audit.sealing.checking import check
from workflows.audit.sealing.claims import Elsewhere
from workflows.audit.sealing.on_documents import OnDocument
from workflows.audit.sealing.ports import Log
from workflows.audit.sealing.sayings import meaning, said
from workflows.audit.sealing.values import Flaw
from workflows.audit.verifying.findings import Finding
from workflows.audit.verifying.ports import Evidence, Unreadable
from workflows.office.publications import LANGUAGES

TREE = "tree"
"""Where a finding is that is of no event."""


@dataclass(frozen=True, slots=True)
class AgainstTree(Finding):
    """A finding of the tree, in the words of that room."""

    def said(self, lang: Language) -> str:
        return said(Flaw(self.code, self.stream, self.seq or 0, self.facts), lang)

    def meaning(self, lang: Language) -> str:
        return meaning(self.code, lang)


def sealed(log: Log, known: Elsewhere, evidence: Evidence, *, virtual: bool) -> Sequence[Finding]:
    """What is otherwise than it was sealed, and which heads do not hold, those on documents among them. Chains are
    verified beside it: texts are not hashed twice.
    """
    found = check(log, known, virtual=virtual, documents=list(_documents(evidence)))
    return [AgainstTree(each.code, str(each.stream) or TREE, each.seq or None, each.facts) for each in found]


def _documents(evidence: Evidence) -> Iterator[OnDocument]:
    """The documents with the heads that they were printed with. What cannot be read is told where documents are
    compared with the record.
    """
    try:
        rows = list(evidence.table("documents"))
    except Unreadable:
        return
    for row in rows:
        try:
            facts = parsed(row["facts"])
            heads = {lang: facts[lang].get("head") or () for lang in LANGUAGES if lang in facts}
        except (AttributeError, KeyError, TypeError, ValueError):
            continue
        lines = {lang: [str(line) for line in each] for lang, each in heads.items() if isinstance(each, list | tuple)}
        seq = row["seq"] if isinstance(row["seq"], int) else 0
        yield OnDocument(str(row["stream"]), seq, str(row["number"]), lines)
