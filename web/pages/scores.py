"""The appraisal: each unit's and each task's score, and the cause of every point."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import join
from urllib.parse import urlencode

from fastapi.responses import Response

from engine.moves import plain
from web.access import PERSON, Routes
from web.exports import as_file
from web.pages.analysis import titled
from web.visit import Here, NotHere, Visit
from workflows.lists.scores import Appraisal, Cause, Score, appraisals, by_unit, scores
from workflows.sheets import Cell

routes = Routes()

SHOWN = 200
"""How many tasks the page shows; a file has all of them."""


@routes.get("/scores", need=PERSON, reads=True)
def scores_page(visit: Here) -> Response:
    """The scores of one process, units and tasks with the lowest first."""
    known = appraisals(visit.desk)
    if not known:
        return visit.page("scores.html", appraisal=None, known=())
    appraisal, found = _asked(visit, known)
    causes = [cause for each in found for cause in each.causes]
    units = by_unit(found)
    return visit.page(
        "scores.html",
        appraisal=appraisal,
        title=appraisal.measure.title(visit.lang),
        formula=appraisal.measure.value or appraisal.measure.sum or appraisal.measure.count,
        known=[(_name(each), each.edition.process.title.title(visit.lang)) for each in known],
        chosen=_name(appraisal),
        units=units,
        lost=sorted((each for each in units if each.points < 0), key=lambda each: each.points),
        reports=titled(visit),
        command=join(["duban", "report", "scores", appraisal.edition.process.process]),
        causes=sorted(causes, key=lambda each: each.at, reverse=True),
        rows=found[:SHOWN],
        total=len(found),
        number=said,
        query=urlencode({"score": _name(appraisal)}),
    )


def said(value: float | None) -> str:
    """A number as people write it."""
    return "—" if value is None else plain(value)


def _name(appraisal: Appraisal) -> str:
    return f"{appraisal.edition.process.process}:{appraisal.kind}:{appraisal.name}"


def _asked(visit: Visit, known: Sequence[Appraisal]) -> tuple[Appraisal, list[Score]]:
    name = visit.request.query_params.get("score", "")
    chosen = next((each for each in known if _name(each) == name), None if name else known[0])
    if chosen is None:
        raise NotHere
    return chosen, scores(visit.desk, visit.house.lists, visit.scope, chosen, visit.lang)


@routes.get("/scores/export", need=PERSON, reads=True)
def export(visit: Here, what: str = "") -> Response:
    """The scores of all tasks as a file, or (`what=causes`) each change with its cause."""
    known = appraisals(visit.desk)
    if not known:
        raise NotHere
    appraisal, found = _asked(visit, known)
    t = visit.words
    if what == "causes":
        keys = ("col_when", "col_unit", "col_task", "number_of_task", "col_cause", "col_said", "col_by", "col_rule")
        head = [*(t(key) for key in keys), t("col_points")]
        rows = [_cause(visit, cause) for each in found for cause in each.causes]
        return as_file(visit, t("scores_causes"), head, rows)
    head = [t("col_unit"), t("col_task"), t("number_of_task"), t("col_score"), t("col_points")]
    told = [
        (each.unit, each.title, each.task, each.score, sum(cause.points for cause in each.causes)) for each in found
    ]
    return as_file(visit, appraisal.measure.title(visit.lang), head, told)


def _cause(visit: Visit, cause: Cause) -> Sequence[Cell]:
    """One change as a row of a file."""
    rule, when = rule_said(visit, cause.rules, cause.line), f"{cause.at:%Y-%m-%d %H:%M}"
    return when, cause.unit, cause.title, cause.task, cause.act, cause.said, cause.who, rule, cause.points


def rule_said(visit: Visit, rules: Sequence[str], line: int | None) -> str:
    """The rules that an act serves, and where the definition says it."""
    told = [*rules, *([visit.words("col_line", line=line)] if line else [])]
    return visit.words("comma").join(told)
