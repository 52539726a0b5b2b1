"""What was given up is tried once more, when somebody has seen to the cause."""

from __future__ import annotations

from datetime import datetime

from workflows.post.ports import Post
from workflows.post.values import Delivery, Told

RETRIED = "DeliveryRetried"
"""A type of event in the stream of a task's post."""


def failed(post: Post) -> list[Delivery]:
    """Every delivery that was given up, the latest first."""
    return [each for each in reversed(post.deliveries(waiting=True)) if each.state == "failed"]


def retry(post: Post, number: int, by: str, at: datetime) -> bool:
    """Let a message wait again, with all that goes out with it; False where it was not given up (any more)."""
    mine = next((each for each in failed(post) if each.id == number), None)
    if mine is None:
        return False
    mates = [each for each in failed(post) if each.message_id == mine.message_id]
    told = [
        Told(
            each.task,
            RETRIED,
            {"seq": each.seq, "notice": each.notice, "by": by, "about": {"recipient": each.recipient}},
        )
        for each in mates
    ]
    return post.again([each.id for each in mates], at, told)
