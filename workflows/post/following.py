"""What waits follows those to whom it goes: who changes language is told in the new one, who moves, at the new address.

The stream of the organisation says who has changed; a note of the store says how far it was read. What was tried
already keeps its words, under the identity by which the other side may know it, as long as its address stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from workflows.desk import Desk
from workflows.people.ports import People
from workflows.people.values import Changed, User
from workflows.post.planning import Wording
from workflows.post.ports import Post
from workflows.post.recipients import addresses
from workflows.post.values import Delivery, Planned, Told

FOLLOWED = "DeliveryFollowed"
DROPPED = "DeliveryDropped"
"""Types of events in the stream of a task's post."""

SEEN = "post_followed"
"""The note of the store: up to which entry of the organisation's stream what waits has followed."""


def follow(desk: Desk, people: People, post: Post, home: str = "") -> int:
    """Let what waits follow; how many deliveries were changed. What is being sent at the moment follows next time."""
    seen = int(desk.store.note(SEEN) or 0)
    entries = people.history(after=seen)
    moved = {str(each.told["user"]) for each in entries if each.type == Changed.USER_CHANGED}
    changes = [each for name in sorted(moved) for each in _of(desk, people, post, name, home)]
    done = [post.change(number, planned, told) for number, planned, told in changes]
    if entries and all(done):
        desk.store.set_note(SEEN, str(entries[-1].seq))
    return sum(done)


Change = tuple[int, Planned | None, Told]


def _of(desk: Desk, people: People, post: Post, name: str, home: str) -> Iterator[Change]:
    user = people.user(name)
    if user is None:
        return
    notices: defaultdict[tuple[str, int], list[Delivery]] = defaultdict(list)
    for each in post.deliveries(waiting=True, recipient=name):
        notices[each.task, each.seq].append(each)
    for (task, seq), unsent in notices.items():
        yield from _notice(desk, user, task, seq, unsent, home)


def _notice(desk: Desk, user: User, name: str, seq: int, unsent: Sequence[Delivery], home: str) -> Iterator[Change]:
    """One notice to one person: each of its deliveries to an address that stands, or to none."""
    task = desk.store.task(name)
    assert task is not None, "a delivery is of a task"
    recorded = desk.store.events(name)[seq - 1]
    wording = Wording(desk, task, recorded, desk.clock(), home)
    wanted = {(each.channel, each.address): each for each in wording.to(user)}
    taken = {(each.channel, each.address) for each in unsent}
    free = [key for key in addresses(user) if key not in taken]
    for each in unsent:
        stands = (each.channel, each.address) in wanted
        key = (each.channel, each.address) if stands else _instead(each, free)
        planned = wanted.get(key) if key else None
        if planned is None and each.state == "waiting":
            yield each.id, None, wording.tell(DROPPED, user.id, channel=each.channel)
        elif planned is not None and (
            not stands or (each.attempts == 0 and (each.subject, each.text) != (planned.subject, planned.text))
        ):
            told = wording.tell(FOLLOWED, user.id, channel=planned.channel, message_id=planned.message_id)
            yield each.id, replace(planned, next_at=each.next_at, opening=each.opening), told


def _instead(gone: Delivery, free: list[tuple[str, str]]) -> tuple[str, str] | None:
    """An address that nothing of this notice goes to yet, of the same channel if there is one; it is taken."""
    found = next((key for key in free if key[0] == gone.channel), free[0] if free else None)
    if found is not None:
        free.remove(found)
    return found
