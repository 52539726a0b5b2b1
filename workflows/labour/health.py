"""What an operator looks at: whether time runs, what waits, what failed, and who works."""

from __future__ import annotations

import json

from engine.events import instant
from workflows.desk import Desk
from workflows.labour.kinds import SWEEP_REFUSED, SWEPT_AT
from workflows.labour.ports import Labour
from workflows.labour.values import Health
from workflows.post.ports import Post


def health(desk: Desk, labour: Labour, post: Post) -> Health:
    """The values of now. `behind` is by the office's own clock."""
    swept, refused = desk.store.note(SWEPT_AT), desk.store.note(SWEEP_REFUSED)
    at = labour.now() if not desk.virtual else desk.clock()
    depth = post.depth(at)
    counts = labour.counts()
    return Health(
        now=labour.now(),
        swept_at=instant(swept) if swept else None,
        behind=labour.behind(at),
        refused=json.loads(refused) if refused else None,
        waiting=counts.get("waiting", 0),
        running=counts.get("running", 0),
        failed=counts.get("failed", 0),
        parcels=depth.parcels,
        messages=depth.waiting,
        messages_failed=depth.failed,
        workers=len(labour.workers()),
    )
