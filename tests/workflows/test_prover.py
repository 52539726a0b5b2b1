"""Proofs in a process of their own: each is told as soon as it is there, in its time, and the newest text wins."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from bench import large
from engine.problems import Language
from workflows.authoring.prover import Busy, Overtaken, Prover, Told, Unproved

ROOT = Path(__file__).resolve().parents[2]
TINY = (ROOT / "tests" / "engine" / "data" / "tiny.yaml").read_text(encoding="utf-8")
WEAK = (ROOT / "definitions" / "examples" / "safety-inspection" / "process.yaml").read_text(encoding="utf-8")


def _long() -> str:
    """Fifty states, and forty claims of which each takes most of a second."""
    body = large.definition()
    *states, end = body["states"]
    claims = [{"name": f"{each} ends", "from": each, "reaches": end, "within": "400 days"} for each in states[:40]]
    return json.dumps({**body, "properties": [*body["properties"], *claims]}, ensure_ascii=False)


LONG = _long()


def told_by(prover: Prover, who: str, text: str, lang: Language = "en") -> list[Told]:
    """All that is answered."""
    return [told for together in prover.ask(who, text, lang) for told in together]


@pytest.fixture(scope="module")
def prover() -> Prover:
    return Prover()


def test_every_claim_is_answered_and_the_process_waits_for_the_next_text(prover: Prover) -> None:
    told = told_by(prover, "li", TINY)
    assert {each["answer"] for each in told} <= {"proved", "refuted", "unknown"}
    assert "an end can be reached from every state" in [each["claim"] for each in told]
    (child,) = prover._idle
    other = told_by(prover, "wang", TINY, "zh")
    assert other[0]["claim"] != told[0]["claim"], "in the language of whoever asks"
    assert prover._idle == [child], "it is warm"


def test_a_process_that_fell_while_it_waited_is_replaced(prover: Prover) -> None:
    told_by(prover, "li", TINY)
    prover._idle[0].kill()
    prover._idle[0].wait(10)
    assert told_by(prover, "li", TINY)


def test_a_process_begins_before_anybody_asks_and_only_one_does() -> None:
    early = Prover()
    early.ready()
    early.ready()
    (child,) = early._idle
    assert told_by(early, "li", TINY)
    assert early._idle == [child]
    early.ready()
    assert early._idle == [child]


@pytest.mark.parametrize("text", ["states: 1", "- [", TINY.replace("calendar: cn", "calendar: moon")])
def test_of_a_text_that_does_not_stand_nothing_is_proved_and_the_process_waits(prover: Prover, text: str) -> None:
    told_by(prover, "li", TINY)
    (child,) = prover._idle
    with pytest.raises(Unproved):
        told_by(prover, "li", text)
    with pytest.raises(Unproved):
        told_by(prover, "li", f"{TINY}# {'x' * 1_000_000}")
    assert prover._idle == [child]
    assert told_by(prover, "li", TINY)


def test_what_has_come_meanwhile_is_read_together(prover: Prover) -> None:
    """Whoever is slow to read has all of it at once; nothing is lost or cut."""
    whole = told_by(prover, "li", WEAK)
    asked = prover.ask("li", WEAK, "en")
    first = next(asked)
    time.sleep(2)  # meanwhile the rest is answered
    rest = list(asked)
    assert [told["claim"] for together in (first, *rest) for told in together] == [told["claim"] for told in whole]
    assert len(rest) < len(whole) - len(first), "several came in one"


def test_time_that_does_not_suffice_ends_the_answers() -> None:
    hasty = Prover(seconds=1.0)
    told = told_by(hasty, "li", LONG)
    assert 0 < len(told) < 40
    assert hasty._idle == []
    assert hasty._busy == {}


def test_the_newest_text_of_a_person_wins(prover: Prover) -> None:
    older = prover.ask("li", LONG, "en")
    next(older)
    newer = told_by(prover, "li", TINY)
    assert newer
    with pytest.raises(Overtaken):
        list(older)


def test_no_more_than_so_many_are_proved_at_a_time(prover: Prover) -> None:
    asked = [prover.ask(who, LONG, "en") for who in ("a", "b")]
    for each in asked:
        next(each)
    with pytest.raises(Busy):
        next(prover.ask("c", TINY, "en"))
    for each in asked:
        each.close()
    assert told_by(prover, "c", TINY), "whoever goes away frees the place"
    assert threading.active_count() < 20
