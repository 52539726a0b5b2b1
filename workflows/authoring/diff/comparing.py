"""Two parts of a definition, compared key by key: each key that differs in meaning is one saying."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from engine.model import Branch, Due, Signal
from engine.problems import Text
from workflows.authoring.diff.guards import Conditions
from workflows.authoring.diff.labels import KEYS
from workflows.authoring.diff.wording import NONE, TERMS, Words

CONDITIONS = frozenset({"when", "where", "count", "never", "always"})
ORDERED = (Branch, Signal)
"""Of these the first that holds counts."""
SKIPPED = frozenset({"note"})


@dataclass(frozen=True)
class Pair:
    """One body in two editions, with its words; `trigger` is the transition at hand, whose form guards read."""

    before: Words
    after: Words
    conditions: Conditions
    trigger: str | None = None

    def details(self, one: BaseModel, other: BaseModel, skip: frozenset[str] = SKIPPED) -> Iterator[tuple[str, Text]]:
        """Each key of two models in which they differ, with how."""
        for key in type(one).model_fields:
            if key not in skip:
                yield from ((key, said) for said in self.differing(key, getattr(one, key), getattr(other, key)))

    def differing(self, key: str, one: Any, other: Any) -> Iterator[Text]:
        """How two values under a key differ: nothing where they mean the same."""
        if one == other:
            return
        label = KEYS[key]
        match one, other:
            case (str() | None, str() | None) if key in CONDITIONS:
                yield from self._condition(label, one, other)
            case (Due() | None, Due() | None) if one is not None and other is not None:
                yield self._due(label, one, other)
            case (str(), str()) if key in TERMS or self._are_terms(key, one, other):
                yield from self._term(label, one, other)
            case (str(), str()) if self.conditions.same_text(one, other):
                return
            case (Mapping(), Mapping()) | (tuple(), tuple()):
                yield from self._several(label, key, one, other)
            case (BaseModel(), BaseModel()) if type(one) is type(other) and type(one).__name__ != "Titled":
                for _, said in self.details(one, other):
                    yield Text(f"{label.zh}：{said.zh}", f"{label.en}: {said.en}")
            case _:
                yield self._replaced(label, self.before.of(one, key), self.after.of(other, key))

    def _several(self, label: Text, key: str, one: Any, other: Any) -> Iterator[Text]:
        if isinstance(one, Mapping):
            return self._mapping(label, key, one, other)
        return self._ordered(label, one, other) if _is_ordered(one, other) else self._listed(label, key, one, other)

    def _are_terms(self, key: str, one: str, other: str) -> bool:
        """Whether two values of a parameter are terms."""
        return key in ("value", "values") and bool(self.before.as_term(one) and self.after.as_term(other))

    def _replaced(self, label: Text, one: Text, other: Text) -> Text:
        if one == NONE:
            return Text(f"新增{label.zh}：{other.zh}", f"{label.en} added: {other.en}")
        if other == NONE:
            return Text(f"删去{label.zh}：{one.zh}", f"{label.en} removed: {one.en}")
        return Text(f"{label.zh}由 {one.zh} 改为 {other.zh}", f"{label.en} changed from {one.en} to {other.en}")

    def _condition(self, label: Text, one: str | None, other: str | None) -> Iterator[Text]:
        case = self.conditions.difference(one, other, self.trigger)
        if case is not None:
            said = self._replaced(label, self.before.of(one), self.after.of(other))
            more = (f"；{case.zh}", f"; {case.en}") if case.zh else ("", "")
            yield Text(said.zh + more[0], said.en + more[1])

    def _due(self, label: Text, one: Due, other: Due) -> Text:
        """Where only the term differs it is shorter or longer."""
        plain = {"term": None}
        terms = self.before.as_term(one.term or ""), self.after.as_term(other.term or "")
        if all(terms) and one.model_copy(update=plain) == other.model_copy(update=plain):
            return next(self._term(label, str(one.term), str(other.term)), self._same_due(label, one, other))
        return self._same_due(label, one, other)

    def _same_due(self, label: Text, one: Due, other: Due) -> Text:
        return self._replaced(label, self.before.due(one), self.after.due(other))

    def _term(self, label: Text, one: str, other: str) -> Iterator[Text]:
        first, second = self.before.as_term(one), self.after.as_term(other)
        if first is not None and first == second:
            return
        yield lengthened(label, self.before, self.after, one, other)

    def _mapping(self, label: Text, key: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Text]:
        for name in (*one, *(name for name in other if name not in one)):
            if name not in other or name not in one:
                said = self.before.of(one[name], key) if name in one else self.after.of(other[name], key)
                zh, en = ("删去", "removed") if name in one else ("新增", "added")
                yield Text(f"{label.zh}{zh} `{name}`：{said.zh}", f"{label.en}: {en} `{name}`: {said.en}")
                continue
            for said in self._entry(key, one[name], other[name]):
                yield Text(f"{label.zh} `{name}`：{said.zh}", f"{label.en} `{name}`: {said.en}")

    def _entry(self, key: str, one: Any, other: Any) -> Iterator[Text]:
        if isinstance(one, BaseModel) and isinstance(other, BaseModel):
            yield from (said for _, said in self.details(one, other))
        elif isinstance(one, str) and isinstance(other, str) and self._are_terms(key, one, other):
            yield from self._term(KEYS["value"], one, other)
        elif one != other and not (isinstance(one, str) and isinstance(other, str) and self._alike(one, other)):
            first, second = self.before.of(one, key), self.after.of(other, key)
            yield Text(f"由 {first.zh} 改为 {second.zh}", f"changed from {first.en} to {second.en}")

    def _alike(self, one: str, other: str) -> bool:
        return self.conditions.same_text(one, other)

    def _listed(self, label: Text, key: str, one: Sequence[Any], other: Sequence[Any]) -> Iterator[Text]:
        """Lists in which order means nothing; two of a kind that differ are told in their differences."""
        gone, come = _left(one, other), _left(other, one)
        if len(gone) == len(come) == 1 and isinstance(gone[0], BaseModel) and type(gone[0]) is type(come[0]):
            inner = [said for _, said in self.details(gone[0], come[0])]
            if len(inner) <= 1:
                yield from (Text(f"{label.zh}：{said.zh}", f"{label.en}: {said.en}") for said in inner)
                return
        for each in gone:
            said = self.before.of(each, key)
            yield Text(f"{label.zh}减去 {said.zh}", f"{label.en}: {said.en} removed")
        for each in come:
            said = self.after.of(each, key)
            yield Text(f"{label.zh}增加 {said.zh}", f"{label.en}: {said.en} added")

    def _ordered(self, label: Text, one: Sequence[Any], other: Sequence[Any]) -> Iterator[Text]:
        """Branches and lights: matched by where they lead, then compared; the rest came or went."""
        pairs, gone, rest = _matched(one, other)
        if len(gone) == len(rest) == 1 and _is_rest(gone[0]) and _is_rest(rest[0]):
            was, now = self.before.name(gone[0].state, "state"), self.after.name(rest[0].state, "state")
            yield self._replaced(label, was, now)
            pairs.append((gone[0].model_copy(update={"state": rest[0].state}), rest[0]))
            gone, rest = [], []
        for each in gone:
            said = self.before.of(each)
            yield Text(f"{label.zh}减去 {said.zh}", f"{label.en}: {said.en} removed")
        for each in rest:
            said = self.after.of(each)
            yield Text(f"{label.zh}增加 {said.zh}", f"{label.en}: {said.en} added")
        for first, second in pairs:
            for _, said in self.details(first, second):
                head = _head(self.after, second)
                yield Text(f"{label.zh} {head.zh}：{said.zh}", f"{label.en} {head.en}: {said.en}")
        yield from self._reordered(label, pairs, other)

    def _reordered(self, label: Text, pairs: list[tuple[Any, Any]], other: Sequence[Any]) -> Iterator[Text]:
        places = [next(n for n, each in enumerate(other) if each is second) for _, second in pairs]
        for (first, at), (second, later) in zip(
            zip(pairs, places, strict=True), list(zip(pairs, places, strict=True))[1:], strict=False
        ):
            if later < at and self.conditions.together(first[1].when, second[1].when, self.trigger):
                heads = _head(self.after, second[1]), _head(self.after, first[1])
                yield Text(
                    f"{label.zh}：{heads[0].zh} 现在先于 {heads[1].zh}",
                    f"{label.en}: {heads[0].en} now before {heads[1].en}",
                )


def lengthened(label: Text, before: Words, after: Words, one: str, other: str) -> Text:
    """A term that is another one: shorter or longer where both are counted alike."""
    first, second = before.as_term(one), after.as_term(other)
    was, now = before.term(one), after.term(other)
    if first is None or second is None or first.unit is not second.unit:
        return Text(f"{label.zh}由 {was.zh} 改为 {now.zh}", f"{label.en} changed from {was.en} to {now.en}")
    zh, en = ("缩短", "shortened") if second.amount < first.amount else ("延长", "lengthened")
    return Text(f"{label.zh}由{first.text('zh')}{zh}为{now.zh}", f"{label.en} {en} from {first.amount} to {now.en}")


def _is_ordered(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return any(isinstance(each, ORDERED) for each in (*one, *other))


def _matched(one: Sequence[Any], other: Sequence[Any]) -> tuple[list[tuple[Any, Any]], list[Any], list[Any]]:
    """Pairs that lead to the same, the equal ones first; what is left of the first, and of the second."""
    pairs, gone, rest = [], [], list(other)
    for each in one:
        near = [found for found in rest if _leads(found) == _leads(each)]
        if not near:
            gone.append(each)
            continue
        match = next((found for found in near if found == each), near[0])
        rest.remove(match)
        pairs.append((each, match))
    return pairs, gone, rest


def _is_rest(each: Any) -> bool:
    return isinstance(each, Branch) and bool(each.otherwise)


def _leads(each: Any) -> tuple[str, bool]:
    return (each.state, bool(each.otherwise)) if isinstance(each, Branch) else (each.colour, each.when == "true")


def _head(words: Words, each: Any) -> Text:
    said = words.name(each.state, "state") if isinstance(each, Branch) else words.name(each.colour, "colour")
    return Text(f"→ {said.zh}", f"→ {said.en}")


def _left(one: Sequence[Any], other: Sequence[Any]) -> list[Any]:
    """What is in the first and not in the second, each as often as it is there too many."""
    spare = Counter(map(repr, other))
    found = []
    for each in one:
        if spare[repr(each)] > 0:
            spare[repr(each)] -= 1
        else:
            found.append(each)
    return found
