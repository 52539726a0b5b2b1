"""What an author asks of a draft before it is published, and is answered at once: how it differs from what is in force,
and how a year under it would go. Nothing that is asked changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, File, Form, UploadFile
from fastapi.responses import Response

from engine.calendars import Calendar
from engine.commands import Refusal
from engine.edition import Edition
from engine.guards.effort import SpentError, within
from engine.problems import Problem, errors
from engine.reasons import reason_of
from web.access import ADMINISTRATOR, Routes
from web.pages.drafts import editor
from web.render import image
from web.uploads import UploadProblem, checked
from web.visit import Here, NotHere, Visit
from workflows.authoring.checking import PATIENCE
from workflows.authoring.diff import compare
from workflows.authoring.drafts import draft
from workflows.authoring.rehearse import rehearse
from workflows.authoring.reporting import report
from workflows.authoring.trying import as_scenarios
from workflows.listing import ListRow, listed_in, tables
from workflows.pictures.timeline import drawn
from workflows.sources import UnknownCalendar, calendar_named

routes = Routes()

Text = Annotated[str, Form()]


@dataclass(frozen=True)
class Written:
    """What is being written: the definition, and the scenarios beside it; None where they were not sent."""

    text: str
    scenarios: str | None


def _written(text: Text = "", scenarios: Annotated[str | None, Form()] = None) -> Written:
    return Written(text.replace("\r\n", "\n"), scenarios)


Asked = Annotated[Written, Depends(_written)]

MOST_TASKS = 20
"""So many open tasks are a sample, where no list is given."""

MOST_ROWS = 200
"""So many rows of a list are rehearsed here; the command line takes any number."""

SPAN = 366 * 3
"""Days that a rehearsal here may last."""


class Unfit(Exception):
    """What was asked cannot be answered; the argument says why, in the visitor's language."""


def draft_of(visit: Visit, text: str) -> Edition:
    """The edition that a text makes. Raises `Unfit` with its first problems."""
    loaded = visit.house.texts.load(text.replace("\r\n", "\n"))
    if loaded.edition is None:
        raise Unfit(first_of(visit, errors(loaded.problems)))
    return loaded.edition


def first_of(visit: Visit, problems: Sequence[Problem]) -> str:
    """The first problems of a text, a line each."""
    return "\n".join(problem.text(visit.lang) for problem in problems[:5])


@dataclass(frozen=True)
class Answer:
    """What is shown of an answer: `lines` in sum, `more` one by one under a heading each, a `report` as it stands;
    `proofs` as they were told, with what they take for granted (`assumed`); a `scenario` that may be kept, or what
    those of the draft come to (`trial`).
    """

    heading: str
    unfit: str = ""
    lines: Sequence[str] = ()
    more: Sequence[tuple[str, Sequence[str]]] = ()
    picture: str = ""
    report: str = ""
    proofs: Sequence[Mapping[str, Any]] = ()
    assumed: Sequence[str] = ()
    scenario: str = ""
    trial: Mapping[str, Any] | None = None


Ask: TypeAlias = Callable[[Edition], Answer]


def asked(visit: Visit, name: str, told: Written, heading: str, ask: Ask) -> Response:
    """Ask something of a text, and answer."""
    try:
        answer = ask(draft_of(visit, told.text))
    except Unfit as unfit:
        answer = Answer(heading, str(unfit))
    return answered(visit, name, told, answer)


def answered(visit: Visit, name: str, told: Written, answer: Answer) -> Response:
    """An answer: alone to whoever asks beside the text, otherwise with the page and what is being written."""
    if visit.request.headers.get("hx-request"):
        return visit.page("draft_answer.html", answer=answer, name=name)
    kept = draft(visit.desk, name)
    if kept is None:
        raise NotHere
    beside = kept.scenarios if told.scenarios is None else told.scenarios
    return editor(visit, kept, mine=(told.text, beside), answer=answer)


@routes.post("/drafts/{name}/diff", need=ADMINISTRATOR, reads=True)
def differences(visit: Here, name: str, told: Asked) -> Response:
    """What the draft changes in the edition that was published last, by meaning."""
    heading = visit.words("ask_diff")

    def ask(edition: Edition) -> Answer:
        found = visit.desk.latest(edition.process.process)
        if isinstance(found, Refusal):
            raise Unfit(visit.words("ask_nothing_published"))
        try:
            with within(PATIENCE):
                changes = compare(found[0], edition).changes
        except SpentError:
            raise Unfit(visit.words("ask_diff_large")) from None
        lines = [each.said.in_(visit.lang) for each in changes] or [visit.words("ask_same")]
        return Answer(f"{heading}{visit.words('colon')}{found[0].name}", lines=lines)

    return asked(visit, name, told, heading, ask)


@routes.post("/drafts/{name}/rehearse", need=ADMINISTRATOR, reads=True)
def rehearsal(
    visit: Here,
    name: str,
    told: Asked,
    since: Text = "",
    until: Text = "",
    tasks: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Let time alone pass over a list, or over the records of open tasks, and draw it."""
    heading = visit.words("ask_rehearse")

    def ask(edition: Edition) -> Answer:
        first, last = _days(visit, since, until)
        rows = _rows(visit, edition, tasks)
        lived = rehearse(edition, calendar_of(visit, edition), rows, since=first, until=last)
        svg = drawn(edition, lived.events, first, last, visit.lang)
        kept = as_scenarios(lived, rows)
        return Answer(heading, picture=image(svg), report=report(lived, visit.lang), scenario=kept)

    return asked(visit, name, told, heading, ask)


def _days(visit: Visit, since: str, until: str) -> tuple[date, date]:
    today = visit.desk.clock().date()
    try:
        first = date.fromisoformat(since) if since else date(today.year, 1, 1)
        last = date.fromisoformat(until) if until else date(first.year, 12, 31)
    except ValueError:
        raise Unfit(visit.words("ask_days")) from None
    if not first <= last or (last - first).days > SPAN:
        raise Unfit(visit.words("ask_days"))
    return first, last


def _rows(visit: Visit, edition: Edition, given: UploadFile | None) -> list[ListRow]:
    """The rows of a list that was sent; without one, the records of some open tasks of the process."""
    if given is None or not given.filename:
        rows = [
            ListRow(number, dict(task.fields), {key: dict(row) for key, row in task.milestones.items()})
            for number, task in enumerate(_sample(visit, edition), 2)
        ]
        if not rows:
            raise Unfit(visit.words("ask_no_tasks"))
        return rows
    limit = visit.house.settings.file_limit
    content = given.file.read(limit + 1)
    try:
        kept = checked(given.filename, content, limit)
        listed = listed_in(tables(kept, content), edition.process)
    except UploadProblem as problem:
        raise Unfit(visit.words(problem.key)) from problem
    except ValueError as problem:
        raise Unfit(reason_of(problem).in_(visit.lang)) from problem
    if listed.problems:
        raise Unfit("\n".join(each.text(visit.lang) for each in listed.problems[:5]))
    if len(listed.rows) > MOST_ROWS:
        raise Unfit(visit.words("ask_rows", most=MOST_ROWS))
    return list(listed.rows)


def _sample(visit: Visit, edition: Edition) -> Iterator[Any]:
    found = (task for task in visit.desk.store.tasks(process=edition.process.process) if task.kind == "")
    yield from (task for _, task in zip(range(MOST_TASKS), (task for task in found if not task.ended), strict=False))


def calendar_of(visit: Visit, edition: Edition) -> Calendar:
    """The calendar that a draft names. Raises `Unfit` where there is none."""
    try:
        return calendar_named(edition.process.calendar)
    except UnknownCalendar as error:
        raise Unfit(error.text.in_(visit.lang)) from error
