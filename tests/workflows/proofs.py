"""Small definitions to prove: what a test does not care about is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.edition import Edition
from engine.loading import load
from tests.engine.stage import edition
from tests.engine.walks import calendar
from workflows.authoring.proving import Proof, givens, prove
from workflows.authoring.scenarios import parse, run

DEFINITIONS = Path(__file__).parents[2] / "definitions"

STATES = {"open": {"initial": True}, "late": {}, "talk": {}, "shut": {"final": True}}
LATE = {"trigger": "lapse", "from": "open", "by": "system", "to": "late"}
TALK = {"trigger": "call", "from": "late", "by": "system", "to": "talk"}
CLOSE = {"trigger": "close", "from": ["open", "late", "talk"], "by": "office", "to": "shut"}
FINISH = {"owed_by": "lead", "starts": "registered", "due": "10 working days after start", "met_by": "close"}
ANSWER = {"owed_by": "lead", "while": "late", "due": "5 working days after start", "met_by": "close"}


def definition(**parts: Any) -> Edition:
    """A process with a deadline that leads to `late` and one that leads on to `talk`, but for what is given."""
    whole: dict[str, Any] = {
        "states": STATES,
        "transitions": [LATE, TALK, CLOSE],
        "deadlines": {
            "finish": {**FINISH, "missed": {"fire": "lapse"}},
            "answer": {**ANSWER, "missed": {"fire": "call"}},
        },
    }
    return edition({**whole, **parts})


def claimed(claim: Mapping[str, Any], **parts: Any) -> Proof:
    """The answer to one claim."""
    return only(definition(**parts, properties=[{"name": "asked", **claim}]), "asked")


def only(made: Edition, name: str, folder: str | None = None) -> Proof:
    """The answer to the claim of that name; a refutation is run as the scenario that it is saved as."""
    known = givens(DEFINITIONS / folder, made) if folder else []
    (proof,) = prove(made, calendar(made.process.calendar), known, name=name)
    check(made, proof)
    return proof


def check(made: Edition, proof: Proof) -> None:
    """A story runs: every step of it, and the break at its end."""
    kept = proof.scenario()
    assert proof.answer != "refuted" or kept is not None or proof.reason is not None
    if kept is not None:
        script = parse(kept[1], kept[0])
        assert not script.problems, [problem.text("en") for problem in script.problems]
        failures = run(made, calendar(made.process.calendar), script)
        assert not failures, [failure.text("en") for failure in failures]


def founding(name: str, *changes: tuple[str, str]) -> Edition:
    """A founding definition with parts of its text put differently."""
    text = (DEFINITIONS / name / "process.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"the text has no {old!r} to change"
        text = text.replace(old, new)
    loaded = load(text, "process.yaml")
    assert loaded.edition is not None, [problem.text("en") for problem in loaded.problems]
    return loaded.edition
