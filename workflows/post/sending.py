"""One message at a time: claimed under a lease, sent, recorded.

Between the other side's acceptance and our record a crash may fall; then the lease runs out and the message is sent
again, under the same identity, by which the other side may know it. Nothing is marked as sent before it was accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from engine.events import iso
from workflows.clock import Clock
from workflows.post.ports import Courier, Post
from workflows.post.values import Bundle, Delivery, Message, NotSent, Sent, Told

TRIES = 8
"""How often a message is sent before it is given up: with `BACK_OFF` for about two hours."""

BACK_OFF = timedelta(seconds=30)
"""Before the second try; then twice as long each time."""

LONGEST = timedelta(hours=2)

LEASE = timedelta(minutes=2)
"""Longer than any courier's patience."""

DELIVERED = "Delivered"
TRY_FAILED = "DeliveryFailed"
GIVEN_UP = "DeliveryGivenUp"
"""Types of events in the stream of a task's post."""


@dataclass
class Done:
    """What a round did, by messages."""

    sent: int = 0
    put_off: int = 0
    given_up: int = 0


@dataclass(frozen=True)
class Round:
    """With what a round works. `chance` draws from 0 to 1; `tries` and `back_off` as above."""

    post: Post
    couriers: Mapping[str, Courier]
    clock: Clock
    chance: Callable[[], float]
    tries: int = TRIES
    back_off: timedelta = BACK_OFF
    lease: timedelta = LEASE


def deliver(on: Round, go_on: Callable[[], bool] = lambda: True) -> Done:
    """Send what is due, each message once in this round, until nothing is due or `go_on` says no."""
    done = Done()
    while go_on():
        bundle = on.post.claim(list(on.couriers), on.clock(), on.lease)
        if bundle is None:
            break
        _send(on, bundle, done)
    return done


def _send(on: Round, bundle: Bundle, done: Done) -> None:
    answer = on.couriers[bundle.first.channel].send(message_of(bundle))
    now = on.clock()
    match answer:
        case Sent(note):
            on.post.sent(bundle, now, [_told(each, DELIVERED, note=note) for each in bundle.deliveries])
            done.sent += 1
        case NotSent(reason, final):
            again = None if final or bundle.first.attempts >= on.tries else now + _pause(on, bundle.first.attempts)
            kind = GIVEN_UP if again is None else TRY_FAILED
            more = {"again_at": iso(again)} if again else {}
            on.post.put_off(bundle, reason, again, [_told(e, kind, error=reason, **more) for e in bundle.deliveries])
            done.given_up += again is None
            done.put_off += again is not None


def _pause(on: Round, attempts: int) -> timedelta:
    """Twice as long with each try, and up to half as long again by chance, so that many do not come back at once."""
    return min(on.back_off * 2.0 ** (attempts - 1), LONGEST) * (1 + on.chance() / 2)


def _told(each: Delivery, kind: str, **more: object) -> Told:
    facts = {
        "seq": each.seq,
        "notice": each.notice,
        "channel": each.channel,
        "message_id": each.message_id,
        "attempt": each.attempts,
        "about": {"recipient": each.recipient, **{name: value for name, value in more.items() if value}},
    }
    return Told(each.task, kind, facts)


def message_of(bundle: Bundle) -> Message:
    """One delivery as it is; several as one message that lists them."""
    first, many = bundle.first, bundle.deliveries
    subject = first.subject if len(many) == 1 else f"{first.subject} (+{len(many) - 1})"
    text = first.text if len(many) == 1 else "\n\n".join(f"{n}. {each.text}" for n, each in enumerate(many, 1))
    facts = [{"task": each.task, "notice": each.notice, "seq": each.seq, "text": each.text} for each in many]
    return Message(first.message_id, first.address, subject, text, {"notices": facts})
