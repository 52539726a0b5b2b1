"""Receipts as a program takes them: what was recorded of an act, with the proof once there is one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from web.access import PERSON, Routes
from web.api.answers.acts import ReceiptShape
from web.pages.receipts import receipt
from web.visit import Here, Visit
from workflows.office.firing import Outcome
from workflows.packaging.receipts import own_event, receipt_of

routes = Routes()


@routes.get(
    "/api/v1/tasks/{task}/events/{seq}/receipt",
    need=PERSON,
    task=True,
    response_model=ReceiptShape,
    tags=["tasks"],
    summary="一条记录的回执，入树后带证明 / The receipt of an event, with its proof once it is sealed",
)
def one(visit: Here, seq: Annotated[int, Path(description="The number of the event in its task.")]) -> ReceiptShape:
    """Its hash, the head that was signed last, and its proof once it stands under one. Check it without trust in this
    server: `verify_package.py proof FILE --key KEY` on `text`.
    """
    return ReceiptShape(**receipt(visit, seq).to_json(visit.lang))


def of_act(visit: Visit, outcome: Outcome) -> ReceiptShape | None:
    """The receipt of what somebody just did."""
    own, log = own_event(outcome.events, outcome.task), visit.house.log
    found = receipt_of(visit.desk, log, own.task, own.seq) if own is not None and log is not None else None
    return None if found is None else ReceiptShape(**found.to_json(visit.lang))
