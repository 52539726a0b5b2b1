"""Recurring deadlines that are not wanted now: whether their `when` holds is asked again as each next period begins.

An act asks again too, while nothing of the deadline runs. What was cancelled stays cancelled.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from engine.edition import Sheet
from engine.ledger import Ledger
from engine.model import Deadline
from engine.recurrence import next_start
from engine.task import Task


def asked(sheet: Sheet, task: Task, ledger: Ledger) -> Iterator[tuple[str, Deadline]]:
    """The recurring deadlines of a task whose `when` is asked as a period begins."""
    for name, rule in sheet.conditional.items():
        begun = rule.starts is None or rule.starts.registered or bool(ledger.of(name))
        here = not rule.while_ or task.state in rule.while_
        if begun and here and not ledger.open_of(name) and not given_up(ledger, name):
            yield name, rule


def given_up(ledger: Ledger, name: str) -> bool:
    """Whether the last occurrence was cancelled; one that was only passed over in catching up was not."""
    found = ledger.of(name)
    return bool(found) and found[-1]["status"] == "cancelled" and not found[-1].get("skipped", False)


def next_asked(sheet: Sheet, task: Task, ledger: Ledger, day: date) -> date | None:
    """The first day after `day` on which some deadline of the task is asked for anew."""
    days = (next_start(rule.every.recurrence, day) for _, rule in asked(sheet, task, ledger) if rule.every)
    return min((found for found in days if found is not None), default=None)
