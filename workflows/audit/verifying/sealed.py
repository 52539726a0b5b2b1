"""The tree over all chains as a part of a verification: its findings, told as all others are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.problems import Language
from workflows.audit.sealing.checking import check
from workflows.audit.sealing.claims import Elsewhere
from workflows.audit.sealing.ports import Log
from workflows.audit.sealing.sayings import meaning, said
from workflows.audit.sealing.values import Flaw
from workflows.audit.verifying.findings import Finding

TREE = "tree"
"""Where a finding is that is of no event."""


@dataclass(frozen=True, slots=True)
class AgainstTree(Finding):
    """A finding of the tree, in the words of that room."""

    def said(self, lang: Language) -> str:
        return said(Flaw(self.code, self.stream, self.seq or 0, self.facts), lang)

    def meaning(self, lang: Language) -> str:
        return meaning(self.code, lang)


def sealed(log: Log, known: Elsewhere, *, virtual: bool) -> Sequence[Finding]:
    """What is otherwise than it was sealed, and which heads do not hold. Chains are verified beside it: texts are not
    hashed twice.
    """
    found = check(log, known, virtual=virtual)
    return [AgainstTree(each.code, str(each.stream) or TREE, each.seq or None, each.facts) for each in found]
