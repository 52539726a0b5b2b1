"""Guards of two editions: the same in meaning, or different with facts that one lets through and the other does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.checks.guards import told
from engine.edition import Edition
from engine.guards import Answer, questions
from engine.guards.words import identity
from engine.once import once
from engine.problems import Text

if TYPE_CHECKING:
    from engine.guards.asking import Guards


@dataclass(frozen=True)
class Conditions:
    """The guards of one body in two editions; questions are asked only where the texts differ."""

    before: Edition
    after: Edition
    kind: str

    def same_text(self, first: str, second: str) -> bool:
        """Whether two expressions read alike, however they are spaced and bracketed."""
        one = self.before.sheets[self.kind].expressions.get(first)
        other = self.after.sheets[self.kind].expressions.get(second)
        if one is None or other is None:
            return " ".join(first.split()) == " ".join(second.split())
        return identity(one.tree()) == identity(other.tree())

    def difference(self, first: str | None, second: str | None, trigger: str | None) -> Text | None:
        """How two conditions differ in what they let through; None where they do not. No condition lets all through."""
        if first == second or (first is not None and second is not None and self.same_text(first, second)):
            return None
        if first is None or second is None:
            return self._alone(first, second, trigger)
        only_before, only_after = self._asked[0].differs(self._asked[1], first, second, trigger=trigger)
        if only_before.impossible and only_after.impossible:
            return None
        cases = [_case(only_after, new=True), _case(only_before, new=False)]
        return Text("；".join(c.zh for c in cases if c.zh), "; ".join(c.en for c in cases if c.en))

    def _alone(self, first: str | None, second: str | None, trigger: str | None) -> Text | None:
        guards, text = (self._asked[1], second) if first is None else (self._asked[0], first)
        assert text is not None, "one of the two is there"
        answer = guards.unless(text, trigger=trigger)
        return None if answer.impossible else _case(answer, new=first is not None)

    def together(self, first: str | None, second: str | None, trigger: str | None) -> bool:
        """Whether two conditions of the later edition may hold at once, so that their order counts."""
        texts = [text for text in (first, second) if text is not None]
        return not self._asked[1].never(texts, trigger=trigger)

    @once
    def _asked(self) -> tuple[Guards, Guards]:
        one, other = ((each, each.sheets[self.kind]) for each in (self.before, self.after))
        return questions(*one), questions(*other)


def _case(answer: Answer, *, new: bool) -> Text:
    """What is possible from now on, or no longer."""
    if not answer.possible:
        return Text("", "")
    facts, sure = told(answer.witness), answer.certain
    zh = "现在可以、原来不可" if new else "原来可以、现在不可"
    en = "allowed now and not before" if new else "allowed before and not now"
    maybe = ("", "") if sure else ("可能", "perhaps ")
    return Text(f"{maybe[0]}{zh}：{facts.zh}", f"{maybe[1]}{en}: {facts.en}")
