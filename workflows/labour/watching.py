"""Who may see a job, and who may stop it: one rule for the pages and for programs.

Whoever asked for a job sees it and may stop it. An administrator, who answers for the machine, sees and may stop every
one; an auditor sees every one and stops none. What stands belongs to the office: nobody stops it (`stopping`).
"""

from __future__ import annotations

from collections.abc import Sequence

from workflows.labour.ports import Labour
from workflows.labour.values import Job
from workflows.people.rights import system
from workflows.people.values import ADMIN, AUDITOR, Person


def watches(known: Person) -> bool:
    """Whether somebody sees everybody's jobs."""
    return system(known, ADMIN) or system(known, AUDITOR)


def sees(known: Person, job: Job) -> bool:
    """Whether somebody may see a job."""
    return job.asked_by == known.id or watches(known)


def may_stop(known: Person, job: Job) -> bool:
    """Whether somebody may stop a job; one that stands is seen to by `stopping`."""
    return job.asked_by == known.id or system(known, ADMIN)


def seen(labour: Labour, known: Person, limit: int) -> Sequence[Job]:
    """The jobs that somebody may see, the latest first."""
    return labour.jobs(limit=limit, by=None if watches(known) else known.id)
