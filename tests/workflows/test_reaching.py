"""Ways that are certain: by silence, through a window that opens, by a right that runs; and what the solver decides."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.proofs import claimed, definition, only

STATES = {"open": {"initial": True}, "asked": {}, "shut": {"final": True}}
ASK = {"trigger": "ask", "from": "open", "by": "office", "to": "asked"}
LATER: dict[str, Any] = {"type": "date", "required": True, "immutable": True}


def reach(transitions: list[Any], **parts: Any) -> str:
    """Whether the end can be reached from everywhere."""
    parts = {"deadlines": {}, **parts}
    return claimed({"can_reach": "shut"}, states=STATES, transitions=transitions, **parts).answer


@pytest.mark.parametrize(("to", "answer"), [("shut", "proved"), ("stay", "refuted")])
def test_silence_leads_on_where_a_right_lapses(to: str, answer: str) -> None:
    """Nobody can do anything in `asked`; the lapse of the right is the way on, if it leads on."""
    consent = {"trigger": "consent", "from": "asked", "by": "system", "to": to}
    right = {"open_to": "lead", "while": "asked", "due": "5 days after start", "lapsed": {"fire": "consent"}}
    assert reach([ASK, consent], deadlines={"objecting": right}) == answer


def test_silence_is_no_way_where_what_it_fires_may_fail() -> None:
    """The lapse fires what a field may refuse, and then nothing follows for ever."""
    consent = {"trigger": "consent", "from": "asked", "by": "system", "when": "task.percent > 1", "to": "shut"}
    right = {"open_to": "lead", "while": "asked", "due": "5 days after start", "lapsed": {"fire": "consent"}}
    fields = {"percent": {"type": "percent", "default": 0}}
    assert reach([ASK, consent], deadlines={"objecting": right}, fields=fields) == "unknown"


@pytest.mark.parametrize(("side", "answer"), [("after", "proved"), ("not_before", "proved"), ("not_after", "unknown")])
def test_whoever_waits_comes_through_a_window_that_opens(side: str, answer: str) -> None:
    """One that closes may be over when somebody comes."""
    close = {
        "trigger": "close",
        "from": "asked",
        "by": "office",
        "to": "shut",
        "window": {side: "5 days after task.day"},
    }
    assert reach([ASK, close], fields={"day": LATER}) == answer


def test_time_may_overtake_whoever_waits() -> None:
    """While one waits for the window, a deadline leads into a trap."""
    states = {**STATES, "trap": {}}
    close = {
        "trigger": "close",
        "from": "asked",
        "by": "office",
        "to": "shut",
        "window": {"after": "5 days after task.day"},
    }
    lapse = {"trigger": "lapse", "from": "asked", "by": "system", "to": "trap"}
    hurry = {"owed_by": "lead", "while": "asked", "due": "2 days after start", "missed": {"fire": "lapse"}}
    claim = {"can_reach": "shut", "from": "asked"}
    parts: dict[str, Any] = {"states": states, "transitions": [ASK, close, lapse], "fields": {"day": LATER}}
    assert claimed(claim, **parts, deadlines={"hurry": hurry}).answer == "unknown"
    assert claimed(claim, **parts, deadlines={}).answer == "proved"


@pytest.mark.parametrize(("starts", "answer"), [("registered", "unknown"), ({"enter": "asked"}, "proved")])
def test_a_right_that_still_runs_is_a_way(starts: Any, answer: str) -> None:
    """One that began with the task may have lapsed when it is asked for; one that begins then lapses into the end."""
    close = {"trigger": "close", "from": "asked", "by": "lead", "to": "shut"}
    give_up = {"trigger": "give_up", "from": "asked", "by": "system", "to": "shut"}
    right = {"open_to": "lead", "starts": starts, "due": "5 days after start", "met_by": "close"}
    right |= {"lapsed": {"fire": "give_up"}} if answer == "proved" else {}
    assert reach([ASK, close, give_up], deadlines={"closing": right}, roles={"office": {"backdate": False}}) == answer


def test_papers_that_are_demanded_can_be_enclosed() -> None:
    """A guard that counts the files of a form holds for whoever encloses one."""
    form = {"papers": {"type": "files"}}
    close = {"trigger": "close", "from": "asked", "by": "office", "to": "shut", "form": form}
    assert reach([ASK, {**close, "when": "count(form.papers) > 0"}]) == "proved"
    assert (
        reach(
            [ASK, {**close, "when": "count(form.papers) > 0 && task.grade == 'x'"}], fields={"grade": {"type": "text"}}
        )
        != "proved"
    )


@pytest.mark.parametrize(("asked", "answer"), [("answering", "proved"), ("other", "refuted")])
def test_the_date_of_what_passes_is_known(asked: str, answer: str) -> None:
    """What fires on the lapse writes down its own date; that of a deadline that never ran is not there."""
    lapse = {"trigger": "lapse", "from": "open", "by": "system", "to": "asked", "set": {"day": f"due('{asked}')"}}
    close = {"trigger": "close", "from": "asked", "by": "office", "to": "shut"}
    right = {"open_to": "lead", "while": "open", "due": "5 days after start", "lapsed": {"fire": "lapse"}}
    other = {"owed_by": "lead", "while": "asked", "due": "5 days after start", "remind": "1 day before"}
    made = definition(
        states=STATES,
        transitions=[lapse, close],
        deadlines={"answering": right, "other": other},
        fields={"day": {"type": "date"}},
    )
    assert only(made, "what `answering` fires is possible wherever it passes").answer == answer


@pytest.mark.parametrize(("starts", "answer"), [("close", "proved"), ("lapse", "refuted")])
def test_what_another_deadline_works_out_matters_only_where_it_starts(starts: str, answer: str) -> None:
    """A key that may be empty makes fail what starts that deadline, and nothing else."""
    lapse = {"trigger": "lapse", "from": "open", "by": "system", "to": "stay"}
    close = {"trigger": "close", "from": "open", "by": "office", "to": "shut"}
    duty = {"owed_by": "lead", "while": "open", "due": "5 days after start", "missed": {"fire": "lapse"}}
    keyed = {
        "owed_by": "lead",
        "starts": starts,
        "key": "task.level",
        "due": "5 days after start",
        "remind": "1 day before",
    }
    made = definition(
        states={"open": {"initial": True}, "shut": {"final": True}},
        transitions=[lapse, close],
        deadlines={"duty": duty, "keyed": keyed},
        fields={"level": {"type": "text"}},
    )
    assert only(made, "what `duty` fires is possible wherever it passes").answer == answer


SHARE = {"share": {"type": "percent", "value": "task.amount > 0 ? 100 * task.paid / task.amount : 100"}}
MONEY = {"amount": {"type": "decimal", "default": 0}, "paid": {"type": "decimal", "default": 0, "minimum": 0}}


@pytest.mark.parametrize(("least", "answer"), [("task.amount", "proved"), ("task.amount / 2", "refuted")])
def test_arithmetic_is_decided_by_the_solver(least: str, answer: str) -> None:
    """That all was paid leaves no share below a hundred; that half was does."""
    form = {"paid": {"type": "decimal", "required": True, "minimum": 0}}
    pay = {"trigger": "pay", "from": "open", "by": "lead", "to": "stay", "form": form, "set": {"paid": "form.paid"}}
    close = {"trigger": "close", "from": "open", "by": "office", "to": "shut", "when": f"task.paid >= {least}"}
    claim = {"never": {"state": "shut"}, "when": "measure.share < 100"}
    parts: dict[str, Any] = {"transitions": [pay, close], "fields": MONEY, "measures": SHARE, "deadlines": {}}
    assert claimed(claim, states={"open": {"initial": True}, "shut": {"final": True}}, **parts).answer == answer


def test_a_field_that_is_not_set_is_no_way_around_the_solver() -> None:
    """Where the level is empty the comparison is neither true nor false, and the task is there all the same."""
    fields = {"level": {"type": "integer"}, "seen": {"type": "boolean"}}
    see = {"trigger": "see", "from": "open", "by": "office", "to": "stay", "set": {"seen": "true"}}
    close = {
        "trigger": "close",
        "from": "open",
        "by": "office",
        "to": "shut",
        "when": "task.seen || task.level * 2 > 4",
    }
    claim = {"never": {"state": "shut"}, "when": "!has(task.level)"}
    proof = claimed(
        claim,
        states={"open": {"initial": True}, "shut": {"final": True}},
        transitions=[see, close],
        fields=fields,
        deadlines={},
    )
    assert proof.answer == "refuted"


def test_a_registration_that_breaks_a_claim_at_once_is_told_with_what_it_says() -> None:
    """What only transitions should write may stand in a registration: the story names the values."""
    fields = {"grade": {"type": "integer", "default": 0}, "issued": {"type": "integer", "default": 0}}
    issue: dict[str, Any] = {
        "trigger": "issue",
        "from": "open",
        "by": "office",
        "to": "stay",
        "when": "task.issued < task.grade",
    }
    issue |= {"set": {"issued": "task.grade"}}
    close = {"trigger": "close", "from": "open", "by": "office", "to": "shut"}
    parts: dict[str, Any] = {"states": {"open": {"initial": True}, "shut": {"final": True}}, "fields": fields}
    parts |= {"transitions": [issue, close], "deadlines": {}}
    refuted = claimed({"never": "task.issued > task.grade"}, **parts)
    assert refuted.answer == "refuted"
    assert "issued" in refuted.story("en")[0]
    kept = claimed({"never": "task.issued > task.grade", "when": "fired('issue') > 0"}, **parts)
    assert kept.answer == "proved", kept.reason
