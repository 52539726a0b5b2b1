"""Whether guards may hold, where not everything is known: the state is, some of the history is, some truths about the
record are, and the rest may be anything.

`Judge` is what the model asks. `Ranges` answers it by ranges of numbers and sets of words, quickly and on the safe
side: what it calls impossible is. `engine.proofs.solving` asks a solver where that is not sure enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias

from engine.cel.tree import Node
from engine.proofs.domains import (
    Range,
    Value,
    Words,
    met,
    word,
)
from engine.proofs.following import followed
from engine.proofs.trees import reads, written
from engine.proofs.valuing import Facts, Values, texts_of

Truths: TypeAlias = tuple[tuple[str, bool], ...]
"""Expressions (texts) and whether each holds."""


class Known(NamedTuple):
    """What is known: the state, what history functions give (by their text), and truths about the record."""

    state: str
    history: tuple[tuple[str, Value], ...]
    truths: Truths


class Judge(Protocol):
    """Answers on the safe side: `possible` and `after` may allow too much, never too little."""

    def possible(self, known: Known, wanted: Truths) -> bool:
        """Whether all these expressions may have these values at once, for some form and some record."""

    def tree(self, text: str) -> Node:
        """The syntax tree of an expression."""

    def after(self, known: Known, wanted: Truths, changes: Mapping[str, str]) -> Iterable[Truths]:
        """The truths about the record that may hold once fields were changed to the values of expressions."""


@dataclass
class Ranges(Values):
    """A judge by ranges and words, for one body."""

    _answers: dict[tuple[Known, Truths], bool] = field(default_factory=dict)
    _reads: dict[str, frozenset[str]] = field(default_factory=dict)
    _hangs: dict[tuple[tuple[str, ...], tuple[str, ...]], frozenset[str]] = field(default_factory=dict)
    _before: dict[tuple[Known, Truths], Facts | None] = field(default_factory=dict)
    _after: dict[object, list[Truths]] = field(default_factory=dict)

    def possible(self, known: Known, wanted: Truths) -> bool:
        """See `Judge`."""
        key = (self.needed(known, [text for text, _ in wanted]), wanted)
        if key not in self._answers:
            self._answers[key] = self.facts(*key) is not None
        return self._answers[key]

    def needed(self, known: Known, texts: Iterable[str]) -> Known:
        """What is known, less what cannot matter to these expressions."""
        names = self._near(tuple(texts), tuple(text for text, _ in known.truths))
        truths = tuple(one for one in known.truths if one[0] in names)
        history = tuple(one for one in known.history if _about(one[0]) in names)
        return Known(known.state if "state" in names else "", history, truths)

    def _near(self, texts: tuple[str, ...], truths: tuple[str, ...]) -> frozenset[str]:
        """What these expressions hang on: what they read, the truths that read some of it too, and what those read."""
        if (texts, truths) not in self._hangs:
            names: set[str] = set().union(*map(self.reads, texts))
            grown = True
            while grown:
                before = len(names)
                for text in truths:
                    if not self.reads(text).isdisjoint(names):
                        names |= {text, *self.reads(text)}
                grown = len(names) > before
            self._hangs[texts, truths] = frozenset(names)
        return self._hangs[texts, truths]

    def reads(self, text: str) -> frozenset[str]:
        """What an expression reads."""
        if text not in self._reads:
            self._reads[text] = reads(self.tree(text), self.measure)
        return self._reads[text]

    def facts(self, known: Known, wanted: Truths) -> Facts | None:
        """What follows for names and calls; None where it cannot be."""
        facts: Facts = dict(known.history)
        if known.state:
            facts["state"] = word(known.state)
        told = [(self.tree(text), truth) for text, truth in (*known.truths, *wanted)]
        for _ in range(2):
            for tree, truth in told:
                if not self.assume(tree, facts, truth=truth):
                    return None
        return facts

    def after(self, known: Known, wanted: Truths, changes: Mapping[str, str]) -> Iterable[Truths]:
        """See `Judge`."""
        changed = {f"task.{name}" for name in changes}
        moved = [text for text, _ in known.truths if not self.reads(text).isdisjoint(changed)]
        if not moved:
            return [known.truths]
        texts = [*(text for text, _ in wanted), *moved, *changes.values()]
        key = (self.needed(known, texts), wanted, tuple(changes.items()))
        if key not in self._after:
            self._after[key] = list(self.follow(key[0], wanted, changes))
        kept = dict(known.truths)
        return [tuple({**kept, **dict(truths)}.items()) for truths in self._after[key]]

    def follow(
        self, known: Known, wanted: Truths, changes: Mapping[str, str], told: Facts | None = None
    ) -> Iterator[Truths]:
        """The truths after changes; `told` are facts that are certain besides."""
        if (known, wanted) not in self._before:
            self._before[known, wanted] = self.facts(known, wanted)
        facts = self._before[known, wanted]
        if facts is not None:
            yield from followed(self, known.truths, changes, facts | (told or {}))

    # -- what follows from a truth

    def assume(self, node: Node, facts: Facts, *, truth: bool) -> bool:
        """Take an expression to hold (or not), and narrow what is known; False where that cannot be."""
        if node["node"] == "ident" and node["name"].startswith("measure."):
            inner = self.measure(node["name"].removeprefix("measure."))
            if inner is not None:
                return self.assume(inner, facts, truth=truth)
        if node.get("function") in _COMPARED:
            if facts.get(written(node)) is (not truth):
                return False
            # What was said of it before is no reason to stop: more may follow from it now.
            value: Value = self.logic(node["function"], node["arguments"], facts)
        else:
            value = self.value(node, facts)
        if isinstance(value, bool):
            return value is truth
        if node["node"] == "ident":
            facts[node["name"]] = truth
            return True
        if node["node"] != "call":
            return True
        return self._assume_call(node, facts, truth=truth)

    def _assume_call(self, node: Node, facts: Facts, *, truth: bool) -> bool:
        name, arguments = node["function"], node["arguments"]
        if name == "!_":
            return self.assume(arguments[0], facts, truth=not truth)
        if name in ("_&&_", "_||_"):
            both = truth is (name == "_&&_")
            if both:
                return all(self.assume(each, facts, truth=truth) for each in arguments)
            free = [each for each in arguments if self.value(each, facts) is not (not truth)]
            return self.assume(free[0], facts, truth=truth) if len(free) == 1 else bool(free)
        if name in _COMPARED:
            possible = self._compare(name if truth else _COMPARED[name], arguments, facts)
            facts[written(node)] = truth
            return possible
        if name == "@in" and (texts := texts_of(arguments[1])) is not None:
            return self._narrow(arguments[0], Words(texts) if truth else Words(None, texts), facts)
        if node["type"] == "boolean" and name != "_?_:_":
            facts[written(node)] = truth
        return True

    def _compare(self, name: str, arguments: Sequence[Node], facts: Facts) -> bool:
        one, other = (self.value(each, facts) for each in arguments)
        if name in ("_==_", "_!=_"):
            return self._equate(arguments, one, other, facts, same=name == "_==_")
        if name in ("_>_", "_>=_"):
            arguments, one, other = arguments[::-1], other, one
        shut = 0 if name in ("_<=_", "_>=_") else 1
        if isinstance(other, Range) and not self._narrow(arguments[0], Range(high=_nudged(other.high, -shut)), facts):
            return False
        return not isinstance(one, Range) or self._narrow(arguments[1], Range(low=_nudged(one.low, shut)), facts)

    def _equate(self, arguments: Sequence[Node], one: Value, other: Value, facts: Facts, *, same: bool) -> bool:
        for node, value in ((arguments[0], other), (arguments[1], one)):
            if same and value is not None and not self._narrow(node, value, facts):
                return False
            among = value.among if isinstance(value, Words) else None
            one_word = among is not None and len(among) == 1
            if among and not same and one_word and not self._narrow(node, Words(None, among), facts):
                return False
            if not same and isinstance(value, bool):
                facts[written(node)] = not value
        return True

    def _narrow(self, node: Node, to: Value, facts: Facts) -> bool:
        """Keep of what is known of a name or a call what is in a domain; False where nothing is."""
        if node["node"] not in ("ident", "call") or (node["node"] == "call" and not node["function"][0].isalpha()):
            return True
        found = met(self.value(node, facts), to)
        if isinstance(found, Range | Words) and found.empty:
            return False
        facts[written(node)] = found
        return True


_COMPARED = {"_==_": "_!=_", "_!=_": "_==_", "_<_": "_>=_", "_>=_": "_<_", "_>_": "_<=_", "_<=_": "_>_"}
"""Comparisons, and what holds where they do not."""


def _about(text: str) -> str:
    """What a fact is about: whether a field is set is asked of the field."""
    return text[4:-1] if text.startswith("has(") else text


def _nudged(edge: tuple[float, int], by: int) -> tuple[float, int]:
    return edge if not by else (edge[0], by) if edge[1] in (0, by) else edge
