"""A date that goes on by the rule under which it began, after its task came under another edition.

The old rule is resolved into days and terms and kept in the occurrence, so that nothing of the old edition has to be
read again: pauses, extensions and a change of the calendar work on it as they did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from engine import dues
from engine.counting import Pause
from engine.dues import Due
from engine.events import Json, instant, iso
from engine.facts import Situation
from engine.model import Due as Rule
from engine.plans import Unset, anchor_of, clock, pauses, term_of
from engine.steps import Step
from engine.terms import Term, Unit


def resolved(at: Situation, rule: Rule, edition: str) -> Json | None:
    """A rule that counts a term from an anchor, in days and terms as they are for this occurrence; None for any other
    rule. `at` is in the edition under which it began.
    """
    if rule.term is None or rule.after is None:
        return None
    anchor = anchor_of(at, rule.after)
    return {
        "edition": edition,
        "anchor": iso(anchor) if isinstance(anchor, datetime) else anchor.isoformat(),
        "term": str(term_of(at, rule.term)),
        "roll": rule.roll,
        "at": rule.at,
        "including": rule.including,
        "count_start": rule.count_start,
    }


def fixed(occurrence: Mapping[str, Any], at: str | None, edition: str) -> Json | None:
    """The last day that an occurrence has, where its rule is no single count; later pauses and extensions move it."""
    if occurrence.get("last_day") is None:
        return None
    done = {"pauses": len(occurrence.get("pauses", ())), "extensions": len(occurrence.get("extensions", ()))}
    return {"edition": edition, "day": occurrence["last_day"], "at": at, **done}


def due_of(at: Situation, kept: Mapping[str, Any]) -> Due:
    """The date of an occurrence that goes on by a resolved rule. Raises `Unset` while its clock stands."""
    granted = at.occurrence.get("extensions", ())[kept.get("extensions", 0) :]
    days = [grant["to"] for grant in granted if "to" in grant]
    if days:
        due = dues.on_date(at.turn.calendar, at.turn.edition.zone, date.fromisoformat(days[-1]), at=clock(kept["at"]))
    else:
        terms = [Term.parse(grant["term"]) for grant in granted]
        due = _counted(at, kept, terms) if "term" in kept else _from_day(at, kept, terms)
    return Due(due.due_at, due.last_day, due.provisional, (*due.why, Step("kept", {"edition": kept["edition"]})))


def _counted(at: Situation, kept: Mapping[str, Any], terms: Sequence[Term]) -> Due:
    text, term = str(kept["anchor"]), Term.parse(kept["term"])
    return dues.plan(
        at.turn.calendar,
        at.turn.edition.zone,
        date.fromisoformat(text) if len(text) == len("2022-01-31") else instant(text),
        [term, *terms],
        pauses=pauses(at, exact=term.exact),
        roll=kept["roll"],
        count_start=kept["count_start"],
        at=clock(kept["at"]),
        including=kept["including"],
    )


def _from_day(at: Situation, kept: Mapping[str, Any], terms: Sequence[Term]) -> Due:
    day, later = date.fromisoformat(kept["day"]), pauses(at, exact=False)[kept["pauses"] :]
    stood = sum(_days(at, pause) for pause in later)
    if not stood and not terms:
        return dues.on_date(at.turn.calendar, at.turn.edition.zone, day, at=clock(kept["at"]))
    budget = [Term(stood, Unit.DAYS), *terms]
    return dues.plan(at.turn.calendar, at.turn.edition.zone, day, budget, at=clock(kept["at"]))


def _days(at: Situation, pause: Pause) -> int:
    if pause.until is None:
        raise Unset("the clock stands")
    return (at.local_day(pause.until) - at.local_day(pause.since)).days
