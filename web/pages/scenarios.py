"""Scenarios beside a draft: run while they are written, with what does not hold and what none of them shows; and what a
refutation or a rehearsal came to, kept as one of them. Without scripts all of it is the draft's own form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import JSONResponse, Response

from engine.commands import Refusal
from engine.edition import Edition
from engine.problems import Problem
from web.access import ADMINISTRATOR, Routes
from web.pages.asking import Answer, Asked, Unfit, asked, calendar_of, draft_of
from web.pages.drafts import editor, finding
from web.render import rendered
from web.visit import Here, NotHere, Visit
from workflows.authoring.drafts import draft, save
from workflows.authoring.scenario_schema import json_schema
from workflows.authoring.trying import Trial, first_scenario, try_text
from workflows.coverage import said

routes = Routes()


@routes.get("/drafts/{name}/scenarios.json", need=ADMINISTRATOR, reads=False)
def schema(_visit: Here, name: str) -> Response:  # noqa: ARG001 - the address names the draft
    """The JSON Schema of scenarios, by which the editor completes."""
    return JSONResponse(_schema(), headers={"cache-control": "private, max-age=3600"})


@cache
def _schema() -> dict[str, Any]:
    return json_schema()


@routes.post("/drafts/{name}/try", need=ADMINISTRATOR)
def try_them(visit: Here, name: str, told: Asked) -> Response:
    """Run the scenarios on the draft, both as they are being written; nothing is kept."""
    if "application/json" in visit.request.headers.get("accept", ""):
        shown = tried(visit, told.text, told.scenarios or "")
        page = rendered("draft_trial.html", {**visit.context, "trial": shown, "name": name})
        return JSONResponse({"page": page, "findings": shown["findings"], "begin": shown["begin"]})
    heading = visit.words("draft_scenarios")

    def ask(_edition: Edition) -> Answer:
        return Answer(heading, trial=tried(visit, told.text, told.scenarios or ""))

    return asked(visit, name, told, heading, ask)


def tried(visit: Visit, text: str, scenarios: str) -> dict[str, Any]:
    """What the scenarios of a draft come to, for a page: `unfit` says why they are not run."""
    try:
        edition = draft_of(visit, text)
        calendar = calendar_of(visit, edition)
    except Unfit:
        return _unfit(visit.words("try_waits"))
    begin = "" if scenarios.strip() else first_scenario(edition, calendar, visit.desk.clock())
    trial = try_text(edition, calendar, scenarios.replace("\r\n", "\n"))
    findings = [*_problems(visit, trial.problems), *_failures(visit, trial)]
    if trial.cut:
        return _unfit(visit.words("try_cut", n=len(trial.outcomes), bad=trial.failed), findings, begin)
    if any(each.severity == "error" for each in trial.problems):
        return _unfit(visit.words("try_wrong"), findings, begin)
    never = [(each.sort.in_(visit.lang), said(edition, each, visit.lang)) for each in trial.never]
    outcomes = [(each.title.in_(visit.lang), each.where, not each.failures) for each in trial.outcomes]
    return {"unfit": "", "findings": findings, "outcomes": outcomes, "never": never, "begin": begin}


def _unfit(why: str, findings: Sequence[Mapping[str, Any]] = (), begin: str = "") -> dict[str, Any]:
    return {"unfit": why, "findings": list(findings), "outcomes": [], "never": [], "begin": begin}


def _problems(visit: Visit, problems: Sequence[Problem]) -> Iterator[dict[str, Any]]:
    yield from (finding(each, visit.lang) for each in problems)


def _failures(visit: Visit, trial: Trial) -> Iterator[dict[str, Any]]:
    for outcome in trial.outcomes:
        for each in outcome.failures:
            wanted, found = each.expected.in_(visit.lang), each.found.in_(visit.lang)
            message = visit.words("try_failure", step=each.step, expected=wanted, found=found)
            at = {"line": each.where.line, "column": each.where.column}
            yield {"code": "scenario", "severity": "error", **at, "message": message, "cure": ""}


@routes.post("/drafts/{name}/scenarios", need=ADMINISTRATOR)
def keep(
    visit: Here,
    name: str,
    told: Asked,
    scenario: Annotated[str, Form()] = "",
    version: Annotated[int, Form()] = 0,
) -> Response:
    """Add a scenario to those of the draft, and save both texts as they are being written."""
    there = draft(visit.desk, name)
    if there is None:
        raise NotHere
    text, before = told.text, there.scenarios if told.scenarios is None else told.scenarios
    scenarios = added(before, scenario)
    kept = save(visit.desk, name, text, version, visit.known.id, scenarios=scenarios)
    if isinstance(kept, Refusal):
        return editor(visit, there, refused=visit.say(kept), mine=(text, scenarios), status=409)
    return editor(visit, kept)


def added(scenarios: str, more: str) -> str:
    """A file of scenarios with more at its end."""
    before, more = scenarios.replace("\r\n", "\n").rstrip(), more.replace("\r\n", "\n").strip("\n")
    return f"{before}\n\n{more}\n" if before else f"{more}\n"
