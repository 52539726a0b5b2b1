"""Publications that were ordered and have not gone out: the outbox is the truth, whoever looks at it issues them."""

from __future__ import annotations

from engine.commands import Refusal
from workflows.desk import Desk
from workflows.office.publications import Issued, issue, order


def issue_waiting(desk: Desk) -> list[Issued | Refusal]:
    """Issue every publication that was ordered and is not issued yet, each once, however often and by whomever this
    is called. A refusal stands for one that still waits.
    """
    if desk.papers is None:
        return []
    found = []
    for task, seq in desk.papers.waiting():
        event = desk.store.events(task)[seq - 1].event
        answer = issue(desk, order(desk, event))
        if not (isinstance(answer, Refusal) and answer.code == "ordered_once"):
            found.append(answer)
    return found
