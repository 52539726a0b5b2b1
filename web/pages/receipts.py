"""The receipt of what somebody did: to print, or to keep as a file. Whoever reported can prove later that they did."""

from __future__ import annotations

from fastapi.responses import PlainTextResponse, Response

from web.access import PERSON, Routes
from web.downloads import attachment
from web.naming import kind_of, title_of
from web.visit import Here, NotHere, Visit
from workflows.audit.history import history
from workflows.packaging.receipts import Receipt, receipt_of

routes = Routes()


def receipt(visit: Visit, seq: int) -> Receipt:
    """The receipt of an event of the task that this visit is about. Raises `NotHere`."""
    log = visit.house.log
    found = receipt_of(visit.desk, log, visit.about.id, seq) if log is not None and 0 < seq < 2**31 else None
    if found is None:
        raise NotHere
    return found


@routes.get("/tasks/{task}/receipts/{seq}", need=PERSON, task=True)
def page(visit: Here, seq: int) -> Response:
    """What was recorded, its hash and the last head, to be printed; the proof once there is one."""
    found, told = receipt(visit, seq), history(visit.desk, visit.about.id, visit.lang)
    entry = next((each for each in told if each.recorded.event.seq == seq), None) if isinstance(told, list) else None
    if entry is None:
        raise NotHere
    return visit.page(
        "receipt.html",
        task=visit.about,
        title=title_of(visit, visit.about),
        kind=kind_of(visit, visit.about),
        entry=entry,
        lines=found.lines(visit.lang),
        proof=found.proof.to_text() if found.proof else "",
        whole=_whole(entry.text),
    )


def _whole(text: str) -> str:
    return text[:1].upper() + text[1:]


@routes.get("/tasks/{task}/receipts/{seq}/file", need=PERSON, task=True)
def file(visit: Here, seq: int) -> Response:
    """The receipt with the event in it, as whoever verifies it reads it."""
    text = receipt(visit, seq).to_text()
    return attachment(f"{visit.about.id}-{seq}.receipt.txt", text.encode(), PlainTextResponse.media_type)
