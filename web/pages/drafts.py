"""The author's bench in the browser: drafts of definitions, with findings and the picture beside the text.

The text is looked at while it is typed; nothing that is typed changes anything before it is published. Without scripts
the page is a form: its text is kept, and looked at, when a button is pressed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import JSONResponse, Response

from engine.commands import Refusal
from engine.edition import Edition
from engine.events import instant
from engine.loading import Loaded
from engine.problems import Language, Problem, in_order
from engine.schema import json_schema
from web.access import ADMINISTRATOR, Routes
from web.render import image
from web.visit import Here, NotHere, Visit
from workflows.authoring import draft_backtests
from workflows.authoring.checking import PATIENCE, alone
from workflows.authoring.drafts import Draft, draft, drafts, drop, save
from workflows.authoring.kept_scenarios import from_edition
from workflows.authoring.proposals import all_of
from workflows.authoring.trying import file_of
from workflows.authoring.unheld import unheld
from workflows.labour.backtesting import under_way
from workflows.labour.stopping import stop
from workflows.pictures.drawing import drawn
from workflows.pictures.placing import PAGE, NoPicture, TooLarge
from workflows.pictures.states import picture

routes = Routes()

EMPTY = """process: {name}
edition: "1"
title: {{zh: , en: }}
timezone: Asia/Shanghai
calendar: cn
"""
"""With what an empty draft begins."""


@routes.get("/drafts", need=ADMINISTRATOR, reads=False)
def all_drafts(visit: Here, said: str = "") -> Response:
    """Every draft, and what is published, from which a draft may begin."""
    return _listed(visit, said)


def _listed(visit: Visit, said: str = "", *, name: str = "", status: int = 200) -> Response:
    published = sorted({each.process for each in visit.desk.store.editions()})
    proposed = [each for each in reversed(all_of(visit.desk.store).values()) if not each.is_migration]
    told = {"drafts": drafts(visit.desk), "published": published, "proposals": proposed, "said": said, "name": name}
    told |= {"zone": visit.zone, "instant": instant}
    return visit.page("drafts.html", status, **told)


@routes.post("/drafts", need=ADMINISTRATOR)
def begin(visit: Here, name: Annotated[str, Form()] = "", follows: Annotated[str, Form()] = "") -> Response:
    """Begin a draft: an empty one under a name, or one that follows what is published."""
    name, text, scenarios = name.strip() or follows, EMPTY.format(name=name.strip()), ""
    if follows:
        found = visit.desk.latest(follows)
        if isinstance(found, Refusal):
            raise NotHere
        text, scenarios = found[0].text, _published(visit, found[0])
    kept = save(visit.desk, name, text, 0, visit.known.id, scenarios=scenarios)
    if isinstance(kept, Refusal):
        if kept.code == "draft_stale":
            return visit.go(f"/drafts/{name}")
        return _listed(visit, visit.say(kept), name=name, status=422)
    return visit.go(f"/drafts/{name}")


def _published(visit: Visit, edition: Edition) -> str:
    """The scenarios that were published with an edition, for the draft that follows it."""
    return (from_edition(visit.desk, edition.name)(file_of(edition)) or b"").decode()


@routes.get("/drafts/schema.json", need=ADMINISTRATOR, reads=False)
def schema(_visit: Here) -> Response:
    """The JSON Schema of the language, by which the editor completes."""
    return JSONResponse(_schema(), headers={"cache-control": "private, max-age=3600"})


@cache
def _schema() -> dict[str, Any]:
    return json_schema()


@routes.get("/drafts/{name}", need=ADMINISTRATOR, reads=False)
def edit(visit: Here, name: str) -> Response:
    """One draft in the editor, looked at; whoever writes on asks for proofs soon."""
    visit.house.prover.ready()
    return editor(visit, _found(visit, name))


def _found(visit: Visit, name: str) -> Draft:
    found = draft(visit.desk, name)
    if found is None:
        raise NotHere
    return found


def editor(
    visit: Visit,
    kept: Draft,
    *,
    refused: str = "",
    mine: tuple[str, str] | None = None,
    answer: object = None,
    status: int = 200,
) -> Response:
    """The page of a draft. `mine` are texts (definition, scenarios) that have not been kept, which stay in the editor;
    where they were `refused`, `kept` is what somebody else saved. `answer` is what was asked of the text.
    """
    text, scenarios = (kept.text, kept.scenarios) if mine is None else mine
    theirs = kept if refused and mine is not None else None
    told = {"draft": kept, "text": text, "scenarios": scenarios, "theirs": theirs, "refused": refused, "answer": answer}
    told |= {"name": kept.name, "tried": draft_backtests.kept(visit.desk, kept.name) is not None}
    return visit.page("draft.html", status, **told, seen=_seen(visit, text))


@routes.post("/drafts/{name}", need=ADMINISTRATOR)
def keep(
    visit: Here,
    name: str,
    text: Annotated[str, Form()] = "",
    version: Annotated[int, Form()] = 0,
    scenarios: Annotated[str | None, Form()] = None,
) -> Response:
    """Keep both texts. What somebody else has saved meanwhile is shown beside them, and nothing is lost."""
    text = text.replace("\r\n", "\n")
    scenarios = scenarios.replace("\r\n", "\n") if scenarios is not None else None
    kept = save(visit.desk, name, text, version, visit.known.id, scenarios=scenarios)
    wants_json = "application/json" in visit.request.headers.get("accept", "")
    if isinstance(kept, Refusal):
        there = draft(visit.desk, name)
        if there is None or wants_json:
            return JSONResponse({"refused": visit.say(kept), "version": there.version if there else 0}, 409)
        mine = (text, there.scenarios if scenarios is None else scenarios)
        return editor(visit, there, refused=visit.say(kept), mine=mine, status=409)
    if wants_json:
        return JSONResponse({"version": kept.version, "at": kept.at})
    return editor(visit, kept)


@routes.post("/drafts/{name}/drop", need=ADMINISTRATOR)
def throw_away(visit: Here, name: str, version: Annotated[int, Form()] = 0) -> Response:
    """Throw a draft away, in the version that was read."""
    refused = drop(visit.desk, name, version)
    if refused is not None:
        return editor(visit, _found(visit, name), refused=visit.say(refused), status=409)
    _let_go(visit, name)
    return visit.go("/drafts")


def _let_go(visit: Visit, name: str) -> None:
    """What was tried of a draft goes with it."""
    labour = visit.house.labour
    running = under_way(labour, name) if labour is not None else None
    if running is not None:
        stop(labour, running.id)
    draft_backtests.forget(visit.desk, name)


@routes.post("/drafts/{name}/look", need=ADMINISTRATOR)
def look(visit: Here, name: str, text: Annotated[str, Form()] = "") -> Response:  # noqa: ARG001 - the address names the draft
    """The findings of a text, its picture, and the names that it declares; nothing is kept."""
    return JSONResponse(_seen(visit, text.replace("\r\n", "\n")))


def _seen(visit: Visit, text: str) -> dict[str, Any]:
    loaded, lang = visit.house.texts.load(text), visit.lang
    problems = problems_of(visit, loaded)
    return {
        "findings": [finding(each, lang) for each in problems],
        **(drawing(loaded.edition, lang) if loaded.edition else _NOT_DRAWN),
        "names": _names(loaded.edition) if loaded.edition else None,
    }


def problems_of(visit: Visit, loaded: Loaded) -> list[Problem]:
    """What is found in a text, and who is missing among the people for it."""
    found = alone(loaded, PATIENCE)
    if loaded.edition is None or loaded.document is None:
        return found
    return in_order([*found, *unheld(visit.desk, loaded.edition, loaded.document, to_come=False)])


def finding(problem: Problem, lang: Language) -> dict[str, Any]:
    """One problem of a text, for the editor."""
    return {
        "code": problem.code,
        "severity": problem.severity,
        "line": problem.where.line,
        "column": problem.where.column,
        "message": problem.message.in_(lang),
        "cure": problem.cure.in_(lang) if problem.cure else "",
    }


_NOT_DRAWN: Mapping[str, Any] = {"picture": None, "too_large": False}


def drawing(edition: Edition, lang: Language) -> Mapping[str, Any]:
    """The states as the address of an image; None where it cannot be drawn, or is `too_large` for a page."""
    try:
        svg = drawn(picture(edition, "", lang), lang, PAGE)
    except TooLarge:
        return {"picture": None, "too_large": True}
    except NoPicture:
        return _NOT_DRAWN
    return {"picture": image(svg), "too_large": False}


def _names(edition: Edition) -> Mapping[str, Sequence[str]]:
    """What the text declares, for completion."""
    body = edition.process
    return {
        "roles": [*body.roles, "system", "anyone"],
        "states": [*body.states],
        "triggers": [each.trigger for each in body.transitions],
        "deadlines": [*body.deadlines],
        "children": [*body.children],
        "notices": [*body.notices],
        "fields": [f"task.{name}" for name in body.fields],
        "parameters": [f"param.{name}" for name in body.parameters],
        "measures": [f"measure.{name}" for name in body.measures],
        "record": [*body.fields],
        "forms": sorted({name for each in body.transitions for name in each.form}),
    }
