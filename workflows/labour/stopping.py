"""Stopping a job: what people asked for can be stopped, what stands cannot.

The sweep, the post and their kind come again and again for the whole office. Whoever wants them to rest stops the
worker; a click or a call in the wrong place must not let time stand.
"""

from __future__ import annotations

from engine.commands import Refusal
from workflows.labour.ports import Labour
from workflows.labour.values import OVER, Job


def stop(labour: Labour, name: str) -> Job | Refusal:
    """Ask a job to stop: one that waits is cancelled, one that runs stops after the item at hand."""
    found = labour.job(name)
    if found is None:
        return Refusal("unknown_job", {"job": name})
    if found.standing:
        return Refusal("job_standing", {"job": name})
    if found.state in OVER:
        return Refusal("job_over", {"job": name, "state": found.state})
    return labour.cancel(name) or found
