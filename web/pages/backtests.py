"""A draft over the history, asked for beside its text: a job over everything, whose progress is seen where it was asked
for, which may be stopped, and whose result stays with the draft. A parameter may be tried at several values, and is
drawn as a curve then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Form
from fastapi.responses import Response

from engine.commands import Refusal
from engine.edition import Edition
from engine.events import instant, iso
from engine.loading import load
from engine.problems import errors
from web.access import ADMINISTRATOR, Routes
from web.pages.asking import Answer, Asked, Unfit, answered, calendar_of, draft_of, first_of
from web.pages.jobs import moment
from web.render import image
from web.visit import Here, NotHere, Visit
from workflows.authoring import contrast
from workflows.authoring.backtesting import Told
from workflows.authoring.curve import HEADING, IN_BRACKETS, Line, curve
from workflows.authoring.draft_backtests import MOST_VALUES, Backtest, Question, kept
from workflows.authoring.drafts import Draft, draft
from workflows.authoring.trial_results import Result
from workflows.authoring.trials import families, lived_until, period_of
from workflows.labour.backtesting import BACKTEST, ask_backtest, under_way
from workflows.labour.values import OVER, Job
from workflows.pictures.curves import drawn

routes = Routes()


@dataclass(frozen=True)
class Wanted:
    """What a form asks for: a period, and a parameter with the values to try; all of it may be left empty."""

    since: str
    until: str
    parameter: str
    values: str


def _wanted(
    tried_since: Annotated[str, Form()] = "",
    tried_until: Annotated[str, Form()] = "",
    parameter: Annotated[str, Form()] = "",
    values: Annotated[str, Form()] = "",
) -> Wanted:
    return Wanted(tried_since, tried_until, parameter.strip().removeprefix("param."), values)


# -- asking


@routes.post("/drafts/{name}/backtest", need=ADMINISTRATOR, reads=True)
def ask(visit: Here, name: str, told: Asked, wanted: Annotated[Wanted, Depends(_wanted)]) -> Response:
    """Ask for the recorded history of the process to be put to the draft, as it is being written."""
    if draft(visit.desk, name) is None:
        raise NotHere
    try:
        job = _begun(visit, _question(visit, name, told.text, wanted))
    except Unfit as unfit:
        return answered(visit, name, told, Answer(visit.words("ask_backtest"), str(unfit)))
    if visit.request.headers.get("hx-request"):
        return visit.page("draft_backtest.html", **_shown(visit, name, job))
    return visit.go(where(name, job.id))


def where(name: str, job: str) -> str:
    """Where the backtest of a draft is looked at."""
    return f"/drafts/{quote(name)}/backtest?job={quote(job)}"


def _question(visit: Visit, name: str, text: str, wanted: Wanted) -> Question:
    """Raises `Unfit` for what cannot be tried."""
    edition = draft_of(visit, text)
    calendar_of(visit, edition)
    values = _values(visit, text, wanted)
    if not families(visit.desk, edition.process.process):
        raise Unfit(visit.words("ask_no_history"))
    now = lived_until(visit.desk)
    try:
        first, last = (date.fromisoformat(each) if each else None for each in (wanted.since, wanted.until))
        period = period_of(edition, now, first, last)
    except ValueError:
        raise Unfit(visit.words("tried_days", now=f"{now.astimezone(edition.zone):%Y-%m-%d}")) from None
    parameter = wanted.parameter if values else ""
    return Question(name, text, iso(period.since), iso(period.until), parameter, values)


def _values(visit: Visit, text: str, wanted: Wanted) -> list[str]:
    """The values to try, each of which the draft takes. Raises `Unfit`."""
    said = wanted.values.replace("，", ",").replace("；", ",").replace(";", ",").split(",")
    values = list(dict.fromkeys(each.strip() for each in said if each.strip()))
    if bool(values) != bool(wanted.parameter) or len(values) > MOST_VALUES:
        raise Unfit(visit.words("tried_values", most=MOST_VALUES))
    for value in values:
        loaded = load(text, "draft.yaml", {wanted.parameter: value})
        if loaded.edition is None:
            raise Unfit(first_of(visit, errors(loaded.problems)))
    return values


def _begun(visit: Visit, question: Question) -> Job:
    labour = visit.house.labour
    if labour is None:
        raise Unfit(visit.words("bulk_no_jobs"))
    made = ask_backtest(labour, question, visit.known.id)
    if isinstance(made, Refusal):
        raise Unfit(visit.say(made))
    return made


# -- looking


@routes.get("/drafts/{name}/backtest", need=ADMINISTRATOR, reads=True)
def look(visit: Here, name: str, job: str = "") -> Response:
    """The backtest of a draft: how far it is, or what came of it; beside the text, or on a page of its own."""
    there, labour = draft(visit.desk, name), visit.house.labour
    if there is None or labour is None:
        raise NotHere
    found = labour.job(job) if job else under_way(labour, name)
    if found is not None and (found.kind != BACKTEST or found.body["draft"] != name):
        raise NotHere
    template = "draft_tried.html" if visit.request.headers.get("hx-request") else "backtest.html"
    return visit.page(template, **_shown(visit, name, found, there))


def _shown(visit: Visit, name: str, job: Job | None, there: Draft | None = None) -> dict[str, Any]:
    found = kept(visit.desk, name)
    runs = job is not None and job.state not in OVER
    mine = found if found is not None and not (job is not None and job.id != found.job) else None
    return {
        "name": name,
        "job": job,
        "runs": runs,
        "share": round(100 * job.done / job.total) if job is not None and job.total else 0,
        "tried": _told(visit, mine, there) if mine is not None and not runs else None,
    }


def _told(visit: Visit, found: Backtest, there: Draft | None) -> dict[str, Any]:
    """What was kept, in words."""
    question, edition = found.question, found.question.edition()
    since, until = (instant(each).astimezone(edition.zone) for each in (question.since, question.until))
    return {
        "edition": edition.name,
        "since": f"{since:%Y-%m-%d}" if since.year > FIRST else "",
        "until": f"{until:%Y-%m-%d %H:%M}",
        "by": found.by,
        "at": moment(visit, instant(found.at)),
        "left": len(question.trials) - len(found.results),
        "changed": there is not None and there.text != question.text,
        "text": question.text,
        "curve": _curve(visit, edition, found) if question.parameter and found.results else None,
        "trials": [
            _trial(visit, edition, value, result)
            for (value, _), result in zip(question.trials, found.results, strict=False)
        ],
    }


FIRST = 1970
"""The year in which a period begins that nobody began."""


def _curve(visit: Visit, edition: Edition, found: Backtest) -> dict[str, Any]:
    parameter, values = found.question.parameter, found.question.values[: len(found.results)]
    lines: Sequence[Line] = curve(edition, found.results, visit.lang)
    said = HEADING.in_(visit.lang).format(parameter=parameter)
    svg = drawn(said, values, {each.name: each.net for each in lines}) if lines else ""
    told = f"{said}{IN_BRACKETS.in_(visit.lang)}"
    return {"said": told, "picture": image(svg) if svg else "", "heads": values, "lines": lines}


def _trial(visit: Visit, edition: Edition, value: str, result: Result) -> Mapping[str, Any]:
    return {
        "value": value,
        "lines": list(_sums(visit, edition, result)),
        "more": [(told.root, _story(visit, edition, told)) for told in result.differing],
        "untold": result.untold,
    }


def _sums(visit: Visit, edition: Edition, result: Result) -> Iterator[str]:
    words = visit.words
    yield words("ask_backtested", n=result.families, events=result.events, same=result.families - result.differ)
    if result.erased:
        yield words("tried_erased", n=result.erased)
    yield from contrast.told(edition, result.sums, visit.lang)
    if result.lost:
        yield words("ask_lost", n=sum(result.lost.values()))


def _story(visit: Visit, edition: Edition, told: Told) -> list[str]:
    """The changes of one task, and from where on nobody can know."""
    if told.foreign:
        return [visit.words("tried_foreign", state=told.foreign)]
    lines = [contrast.line(edition, each, visit.lang) for each in told.changes]
    if told.diverges_at is not None:
        lines.append(visit.words("ask_diverges", at=_local(edition, told.diverges_at)))
    return lines


def _local(edition: Edition, at: datetime) -> str:
    return f"{at.astimezone(edition.zone):%Y-%m-%d %H:%M}"
