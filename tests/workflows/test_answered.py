"""Guards total: each guard has an answer wherever it is asked; against brute force on random guards and records."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from engine.commands import Decision, Fire, Refusal, Register
from engine.decide import decide
from engine.edition import Edition
from engine.events import EventType
from engine.facts import seen
from engine.proofs.answered import is_total
from engine.proofs.building import Ground
from engine.proofs.claims import claims_of
from engine.proofs.verdicts import Verdict
from tests.engine.walks import Walk, calendar, edition_of, random_process, text_of
from tests.workflows.proofs import CLOSE, LATE, TALK, check, claimed, definition
from workflows.authoring import proving
from workflows.authoring.proving import FEW, answered
from workflows.authoring.refuting.search import Search
from workflows.authoring.refuting.search import walked as refuting
from workflows.authoring.refuting.walk import Walk as Story

CN = calendar()
TOTAL = {"guards_total": True}
X = {"fields": {"x": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("when", "answer"),
    [
        ("has(task.x) && task.x > 3", "proved"),
        ("task.x > 3 && has(task.x)", "proved"),
        ("!has(task.x) || task.x > 3", "proved"),
        ("has(task.x) ? task.x > 3 : true", "proved"),
        ("task.x > 3", "refuted"),
        ("has(task.x) || task.x > 3", "refuted"),
        ("!has(task.x) && task.x > 3", "refuted"),
        ("has(task.x) ? true : task.x > 3", "refuted"),
    ],
)
@pytest.mark.parametrize("changed", [LATE, CLOSE], ids=["by time", "by people"])
def test_a_guard_has_an_answer_or_a_story_shows_that_it_has_none(
    when: str, answer: str, changed: dict[str, Any]
) -> None:
    """Whoever asks: people are refused, and what time fires comes to nothing."""
    transitions = [{**each, "when": when} if each is changed else each for each in (LATE, TALK, CLOSE)]
    proof = claimed(TOTAL, **X, transitions=transitions)
    assert proof.answer == answer
    if answer == "refuted":
        shown = '"refused": "guard_error"' if changed is CLOSE else '"events": ["TriggerIgnored"]'
        assert shown in (proof.scenario() or ("", ""))[1]


def test_a_branch_is_asked_after_those_before_it() -> None:
    """What an earlier branch takes is set aside; the wrong way round nothing is."""
    none, some = {"state": "stay", "when": "!has(task.x)"}, {"state": "shut", "when": "task.x > 3"}
    rest = {"state": "stay", "otherwise": True}
    for ways, answer in (([none, some, rest], "proved"), ([some, none, rest], "refuted")):
        assert claimed(TOTAL, **X, transitions=[LATE, TALK, {**CLOSE, "to": ways}]).answer == answer


def test_a_form_may_leave_out_what_it_does_not_require() -> None:
    form: dict[str, Any] = {"y": {"type": "integer"}}
    for more, answer in (({}, "refuted"), ({"required": True}, "proved"), ({"default": 1}, "proved")):
        closing = {**CLOSE, "form": {"y": {**form["y"], **more}}, "when": "form.y > 3"}
        assert claimed(TOTAL, transitions=[LATE, TALK, closing]).answer == answer


def test_a_field_is_set_where_every_way_has_set_it() -> None:
    """In `late` what the lapse wrote is there; in `open` it is not."""
    writing = {**LATE, "set": {"x": "3"}}
    asking = {**TALK, "when": "task.x > 2"}
    assert claimed(TOTAL, **X, transitions=[writing, asking, CLOSE]).answer == "proved"
    assert claimed(TOTAL, **X, transitions=[LATE, asking, CLOSE]).answer == "refuted"


def test_the_date_of_a_deadline_is_there_once_it_ran() -> None:
    closing = {**CLOSE, "from": "late", "when": "today > due('answer')"}
    assert claimed(TOTAL, transitions=[LATE, TALK, closing]).answer == "proved"
    assert claimed(TOTAL, transitions=[LATE, TALK, {**closing, "from": "open"}]).answer == "refuted"


def test_facts_that_exclude_one_another_are_told_to_the_solver() -> None:
    """Nobody is above ten and below nine: what is asked then is never asked."""
    fields = {**X["fields"], "n": {"type": "integer", "default": 0}}
    ways = [
        {"state": "stay", "when": "task.n * 2 <= 20"},
        {"state": "stay", "when": "task.n * 2 < 18 && task.x > 3"},
        {"state": "shut", "otherwise": True},
    ]
    assert claimed(TOTAL, fields=fields, transitions=[LATE, TALK, {**CLOSE, "to": ways}]).answer == "proved"


def test_only_tasks_that_a_claim_names_count() -> None:
    closing, n = {**CLOSE, "when": "task.x > 3"}, {"type": "integer", "required": True, "immutable": True}
    parts: dict[str, Any] = {"fields": {**X["fields"], "n": n}, "transitions": [LATE, TALK, closing]}
    claim = {**TOTAL, "when": "task.n > 5 && has(task.x)"}
    assert claimed(claim, **parts).answer == "proved"
    assert claimed({**TOTAL, "when": "task.n > 5"}, **parts).answer == "refuted"


def test_a_walk_that_was_cut_short_before_the_solver_is_walked_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no walk finds at once is asked of the solver; what that leaves open is walked for as long as ever."""
    walks: list[tuple[int, bool]] = []

    def walked(search: Search, ground: Ground, verdict: Verdict) -> Story | None:
        found = refuting(search, ground, verdict)
        walks.append((search.tries, found is not None))
        return found

    monkeypatch.setattr(proving, "walked", walked)
    closing = {**CLOSE, "when": "task.x > 3"}
    assert claimed(TOTAL, **X, transitions=[LATE, TALK, closing]).answer == "refuted"
    assert walks == [(FEW, True)], "found at once"
    walks.clear()
    monkeypatch.setattr(proving, "FEW", 0)
    assert claimed(TOTAL, **X, transitions=[LATE, TALK, closing]).answer == "refuted"
    *cut_short, (tries, found) = walks
    assert (tries > FEW, found) == (True, True)
    assert set(cut_short) == {(0, False)}


def test_a_guard_of_a_child_is_asked_too() -> None:
    """By default of every body: the story opens the child and asks in vain."""
    give = {"trigger": "give", "from": "asked", "by": "lead", "to": "given", "when": "task.y > 1"}
    child = {
        "cancelled": "given",
        "fields": {"y": {"type": "integer"}},
        "states": {"asked": {"initial": True}, "given": {"final": True}},
        "transitions": [give],
    }
    ask = {"trigger": "ask", "from": "open", "by": "office", "to": "stay", "then": {"open": "opinion"}}
    made = definition(transitions=[LATE, TALK, CLOSE, ask], children={"opinion": child})
    found = [claim for claim in claims_of("opinion", made.sheets["opinion"]) if claim.shape == "total"]
    proof = answered(Search(made, CN), Ground.of(made, CN, "opinion"), found[0])
    assert proof.answer == "refuted"
    assert '"on": "task.opinion.1"' in (proof.scenario() or ("", ""))[1]


# -- expressions, against every record


FIELDS: dict[str, Any] = {
    "a": {"type": "integer"},
    "b": {"type": "date"},
    "c": {"type": "integer", "default": 1},
    "rows": {"type": "rows", "columns": {"n": {"type": "decimal"}, "m": {"type": "percent", "required": True}}},
}
VALUES: Mapping[str, tuple[Any, ...]] = {
    "a": (None, 0, 5),
    "b": (None, "2022-03-01"),
    "c": (0, 1),
    "rows": ([], [{"n": None, "m": "1.5"}], [{"n": "2", "m": "3"}, {"n": None, "m": "0"}]),
}
MEASURES = {"m0": {"value": "has(task.a) && task.a > 1", "type": "boolean"}, "m1": {"value": "task.a + 1"}}


def condition(rng: random.Random, depth: int = 3) -> str:
    """A condition at random: comparisons joined, denied, chosen between, asked of rows and of measures."""
    if depth == 0 or rng.random() < 0.25:
        return rng.choice(LEAVES)
    one, other, third = (condition(rng, depth - 1) for _ in range(3))
    return rng.choice(
        [f"({one} && {other})", f"({one} || {other})", f"!{one}", f"({one} ? {other} : {third})", f"({one} == {other})"]
    )


LEAVES = (
    "has(task.a)",
    "has(task.b)",
    "(task.a > 2)",
    "(task.a + task.c > 2)",
    "(task.b < '2022-06-01')",
    "(task.c == 1)",
    "(6 / task.c > 2)",
    "(6 / 2 > task.c)",
    "(task.a in [1, 2])",
    "measure.m0",
    "(measure.m1 > 2)",
    "task.rows.all(r, r.m > 0)",
    "task.rows.exists(r, r.n > 1)",
    "task.rows.exists(r, has(r.n) && r.n > 1)",
    "(count(task.rows) > 1)",
)


def records() -> Iterator[Mapping[str, Any]]:
    for way in product(*VALUES.values()):
        yield dict(zip(VALUES, way, strict=True))


def test_what_is_called_total_fails_for_no_record() -> None:
    """Every condition on every record that there is; and most of those that never fail are called total."""
    rng = random.Random(1)
    texts = sorted({condition(rng, depth) for depth in (1, 2, 3) for _ in range(100)})
    asking = [_asking(number, text) for number, text in enumerate(texts)]
    made = definition(fields=FIELDS, measures=MEASURES, transitions=[LATE, TALK, *asking])
    there = frozenset({"c", "rows"})
    failing = {text for text in texts if any(_fails(made, text, record) for record in records())}
    total = {text for text in texts if is_total(made.sheets[""], text, there)}
    assert not failing & total
    assert len(total) > 0.7 * (len(texts) - len(failing)) > 20


def _asking(number: int, text: str) -> dict[str, Any]:
    return {**CLOSE, "trigger": f"ask{number}" if number else "close", "when": text}


class _Record:
    """Facts of one record."""

    def __init__(self, made: Edition, record: Mapping[str, Any]) -> None:
        self.made, self.record = made, record

    def value(self, name: str) -> Any:
        if not name.startswith("measure."):
            field = name.removeprefix("task.")
            return seen(self.made.sheets[""].body.fields[field], self.record[field])
        result = self.made.sheets[""].expressions[str(MEASURES[name.removeprefix("measure.")]["value"])].evaluate(self)
        if result.error is not None:
            raise LookupError(result.error)
        return result.value

    def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        raise AssertionError(f"nothing asks for {name}{arguments}")


def _fails(made: Edition, text: str, record: Mapping[str, Any]) -> bool:
    return made.sheets[""].expressions[text].evaluate(_Record(made, record)).error is not None


# -- whole definitions, against walks of the engine


GUARDS = ("task.m > 2", "has(task.m) && task.m > 2", "!has(task.m) || task.m > 1", "form.z > 1", "due('d0') < today")


def fallible(seed: int) -> Edition:
    """A random definition with a field that some acts fill in and some empty, and guards that read it."""
    rng = random.Random(seed)
    process = random_process(rng)
    process["fields"]["m"] = {"type": "integer", "zh": "数", "en": "Number"}
    for each in process["transitions"]:
        if each["trigger"] == "correct":
            continue
        each["form"] = {**each.get("form", {}), "z": {"type": "integer", "zh": "数", "en": "Number"}}
        if rng.random() < 0.5:
            each["set"] = {**each["set"], "m": rng.choice(["3", "form.z", "task.n"])}
        if rng.random() < 0.2:
            each["when"] = rng.choice(GUARDS)
        for branch in each["to"]:
            if "when" in branch and rng.random() < 0.2:
                branch["when"] = rng.choice(GUARDS)
    return edition_of(text_of(process))


class Asking(Walk):
    """A walk that keeps what was refused."""

    def _take(self, command: Register | Fire) -> None:
        outcome = decide(self.edition, self.cn, self.family, command)
        self.undecided: set[str] = getattr(self, "undecided", set())
        if isinstance(outcome, Refusal):
            if outcome.code == "guard_error" and isinstance(command, Fire):
                self.undecided.add(self.family[command.task].kind)
            return
        assert isinstance(outcome, Decision)
        self.events.extend(outcome.events)
        self.family = outcome.family

    def broken(self) -> bool:
        """Whether some guard of the process itself had no answer."""
        ignored = [each for each in self.events if each.type is EventType.TRIGGER_IGNORED and each.task == "r"]
        return "" in self.undecided or any(each.payload["code"] == "guard_error" for each in ignored)


def test_where_guards_are_proved_total_no_walk_finds_one_without_an_answer() -> None:
    """Of random definitions some are proved total, and none of these is broken by a walk; others are refuted, each by a
    scenario that runs.
    """
    answers = []
    for seed in range(14):
        made = fallible(seed)
        (claim,) = [each for each in claims_of("", made.sheets[""]) if each.shape == "total"]
        proof = answered(Search(made, CN, most=20, tries=600), Ground.of(made, CN, "", 150), claim)
        check(made, proof)
        answers.append(proof.answer)
        assert not (proof.answer == "proved" and any(is_broken(made, 1000 * seed + each) for each in range(4))), seed
    assert answers.count("proved") >= 3
    assert answers.count("refuted") >= 8


def is_broken(made: Edition, seed: int) -> bool:
    """Whether a walk comes to a guard that has no answer."""
    walk = Asking(made, CN, random.Random(seed))
    for _ in range(40):
        walk.step()
    walk.pass_time(walk.now + timedelta(days=200))
    return walk.broken()


def test_the_walks_would_see_a_false_proof() -> None:
    """The check above can fail: of these definitions, walks break most."""
    assert sum(is_broken(fallible(seed), seed) for seed in range(12)) >= 6
