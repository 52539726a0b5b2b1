"""Forms that no definition makes: what was typed, and what is wrong, told beside the field that is at fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fastapi.responses import Response
from starlette.datastructures import FormData

from engine.commands import Refusal
from engine.events import instant
from web.visit import Visit
from workflows.demo.visitors import zone_of

SECRET = "password"  # noqa: S105 - the name of a field
LONGEST = 300
"""Letters that a field takes."""


@dataclass
class Filled:
    """One form of a page as it was sent (`form` is its name): `values` by field, `wrong` in words by field, and why it
    was refused where no field is at fault.
    """

    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    refused: str = ""

    def get(self, name: str) -> str:
        """What was typed, less the space around it."""
        return self.values.get(name, "")


def filled(form: str, posted: FormData) -> Filled:
    """A form that was sent, without a password: what was typed there is shown to nobody."""
    told = {
        name: value.strip()[:LONGEST] for name, value in posted.items() if isinstance(value, str) and name != SECRET
    }
    return Filled(form, told)


def zone(visit: Visit) -> ZoneInfo:
    """The zone of days on these pages: that of the first process, of the founding ones where there is none."""
    return zone_of(visit.desk) if visit.desk.store.editions() else ZoneInfo("Asia/Shanghai")


def day_of(visit: Visit, sent: Filled, name: str, *, last: bool = False) -> datetime | None:
    """The instant at which a day begins or, for the `last` one that counts, ends; None where nothing was typed. What
    is no day is told at its field.
    """
    text = sent.get(name)
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not 1900 < day.year < 2200:
        sent.wrong[name] = visit.words("day_wrong")
        return None
    return datetime.combine(day + timedelta(days=int(last)), time(), zone(visit))


def shown_day(visit: Visit, at: datetime | None, *, last: bool = False) -> str:
    """A moment as a day, or with its hour where it is not a midnight; the `last` day that counts of an end."""
    if at is None:
        return ""
    local = at.astimezone(zone(visit))
    if local.time() != time():
        return f"{local:%Y-%m-%d %H:%M}"
    return f"{local - timedelta(days=int(last)):%Y-%m-%d}"


def settled(
    visit: Visit,
    sent: Filled,
    act: Callable[[], object],
    at: Mapping[str, str],
    *,
    show: Callable[[Filled], Response],
    to: str,
) -> Response:
    """Do it and go `to` a page; where it is refused, or something was typed wrong, show the form again. `at` names the
    field at fault for the codes of refusals.
    """
    answer = None if sent.wrong else act()
    if isinstance(answer, Refusal):
        said = visit.say(_local(visit, answer))
        place = at.get(answer.code)
        if place is None:
            sent.refused = said
        else:
            sent.wrong[place] = said
    if sent.wrong or sent.refused:
        return show(sent)
    return visit.go(to)


def _local(visit: Visit, refusal: Refusal) -> Refusal:
    """A refusal with its instants as people here read them."""
    facts = {
        name: shown_day(visit, instant(value)) if name in ("at", "from", "to") and isinstance(value, str) else value
        for name, value in refusal.facts.items()
    }
    return Refusal(refusal.code, facts)
