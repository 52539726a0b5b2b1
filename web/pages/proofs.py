"""Proofs beside a draft: each claim as soon as it is answered, within a time, by another process than the one that
answers pages. A script reads the answers line by line; without one they come with the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from fastapi.responses import Response, StreamingResponse

from engine.edition import Edition
from engine.proofs.claims import claims_of
from web.access import ADMINISTRATOR, Routes
from web.pages.asking import Answer, Asked, Unfit, asked, calendar_of, draft_of
from web.render import image, rendered
from web.visit import Here, Visit
from workflows.authoring.prover import Busy, Overtaken, Told, Unproved
from workflows.authoring.proving import ASSUMED

routes = Routes()

LINES = "application/x-ndjson"


@routes.post("/drafts/{name}/prove", need=ADMINISTRATOR)
def prove(visit: Here, name: str, told: Asked) -> Response:
    """What every process has to have and what the draft states: proved, refuted by a story, or unknown."""
    if visit.request.headers.get("accept") == LINES:
        return StreamingResponse(
            _lines(visit, name, told.text), media_type=LINES, headers={"cache-control": "no-store"}
        )

    heading = visit.words("ask_prove")

    def ask(edition: Edition) -> Answer:
        found = [told for together in _proofs(visit, name, edition.text) for told in together]
        assumed = [each.in_(visit.lang) for each in ASSUMED]
        return Answer(heading, lines=[_said(visit, edition, found)], proofs=found, assumed=assumed)

    return asked(visit, name, told, heading, ask)


def _lines(visit: Visit, name: str, text: str) -> Iterator[str]:
    """Each proof as `{answer, item}`, its item in HTML; at last `{said}`: what it comes to, or why nothing is said."""
    found, text = list[Told](), text.replace("\r\n", "\n")
    try:
        for together in _proofs(visit, name, text):
            found += together
            yield "".join(_line(visit, name, told) for told in together)
        said = _said(visit, draft_of(visit, text), found)
    except Unfit as unfit:
        said = str(unfit)
    yield f"{json.dumps({'said': said})}\n"


def _line(visit: Visit, name: str, told: Told) -> str:
    item = rendered("draft_proof.html", {**visit.context, "one": told, "name": name})
    return f"{json.dumps({'answer': told['answer'], 'item': item})}\n"


def _proofs(visit: Visit, name: str, text: str) -> Iterator[Sequence[Told]]:
    """The answers, for a page, those together that came together. Raises `Unfit` where they cannot be had now; the text
    is not loaded here before it is asked about, for the process that proves loads it by itself.
    """
    try:
        for together in visit.house.prover.ask(f"{visit.known.id}/{name}", text, visit.lang):
            yield [{**told, "picture": image(told["picture"]) if told["picture"] else ""} for told in together]
    except Busy:
        raise Unfit(visit.words("prove_busy")) from None
    except Overtaken:
        raise Unfit(visit.words("prove_overtaken")) from None
    except Unproved:
        calendar_of(visit, draft_of(visit, text))  # says what is wrong
        raise


def _said(visit: Visit, edition: Edition, found: Sequence[Told]) -> str:
    """The sum, and how many claims the time did not suffice for."""
    counts = {each: sum(told["answer"] == each for told in found) for each in ("proved", "refuted", "unknown")}
    said = visit.words("prove_sum", **counts)
    left = sum(1 for kind, sheet in edition.sheets.items() for _ in claims_of(kind, sheet)) - len(found)
    return said + (visit.words("prove_left", n=left, seconds=round(visit.house.prover.seconds)) if left else "")
