"""An order to erase: asked for, and approved by another person, or returned.

Whoever registers in the process of a task, and any administrator, may ask: a person's request reaches them. An
administrator who did not ask approves. Where there is one administrator alone they say why they do not wait.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.commands import Actor, Refusal
from engine.events import Json
from workflows.authoring.proposals import administrator, alone
from workflows.desk import Desk
from workflows.papers.issuers import not_theirs
from workflows.people.values import ADMIN
from workflows.ports import Chained, Store
from workflows.redaction.ports import Eraser
from workflows.redaction.preview import Preview, preview
from workflows.redaction.values import ORGANISATION, REDACTIONS, Done, Order, Wanted, orders

OPEN = "redaction_open"
"""The note that names the last order that is approved and whose bytes may not be gone yet; empty when all is done."""


def all_of(store: Store) -> dict[str, Order]:
    """All orders as they stand."""
    return orders(store.chain(REDACTIONS))


def ask(desk: Desk, eraser: Eraser, wanted: Wanted, reason: str, actor: Actor) -> Order | Refusal:
    """Put an order before an administrator. One that would erase nothing, or what may not go, is refused."""
    refusal = may_ask(desk, wanted, actor) or _unfounded(reason)
    if refusal is not None:
        return refusal
    found = preview(desk, eraser, wanted)
    if not isinstance(found, Preview):
        return found
    with desk.store.chained(REDACTIONS) as chain:
        return _asked(desk, chain, wanted, reason, actor)


def _asked(desk: Desk, chain: Chained, wanted: Wanted, reason: str, actor: Actor) -> Order | Refusal:
    known = orders(chain.entries())
    same = next((each for each in known.values() if each.state == "asked" and each.wanted == wanted), None)
    if same is not None:
        return Refusal("redact_waits", {"order": same.subject, "by": same.asked_by})
    subject = f"R-{len(known) + 1}"
    _note(desk, chain, Done.ASKED, actor, subject, **wanted.to_json(), text=reason.strip())
    return orders(chain.entries())[subject]


def may_ask(desk: Desk, wanted: Wanted, actor: Actor) -> Refusal | None:
    """The refusal of whoever may not ask for this."""
    if ADMIN in actor.roles:
        return None
    if wanted.stream == ORGANISATION:
        return administrator(desk, actor)
    task = desk.store.task(wanted.stream)
    return Refusal("unknown_task", {"task": wanted.stream}) if task is None else not_theirs(desk, task, actor)


def _unfounded(reason: str) -> Refusal | None:
    return None if reason.strip() else Refusal("redact_reason")


def approve(desk: Desk, subject: str, actor: Actor) -> Order | Refusal:
    """Approve an order that somebody else asked for. It is carried out next (`carrying.finish`)."""
    refusal = administrator(desk, actor)
    if refusal is not None:
        return refusal
    with desk.store.chained(REDACTIONS) as chain:
        known = _waiting(chain, subject)
        if isinstance(known, Refusal):
            return known
        if known.asked_by == actor.id:
            return Refusal("own_proposal", {"subject": subject, "actor": actor.id})
        return _approved(desk, chain, subject, actor)


def ask_alone(desk: Desk, eraser: Eraser, wanted: Wanted, reason: str, actor: Actor) -> Order | Refusal:
    """Ask and approve as one person, where that is enough (`proposals.alone`)."""
    why = administrator(desk, actor) or _unfounded(reason) or alone(desk, actor, reason)
    if isinstance(why, Refusal):
        return why
    found = preview(desk, eraser, wanted)
    if not isinstance(found, Preview):
        return found
    with desk.store.chained(REDACTIONS) as chain:
        known = _asked(desk, chain, wanted, reason, actor)
        return known if isinstance(known, Refusal) else _approved(desk, chain, known.subject, actor, alone=why)


def _approved(desk: Desk, chain: Chained, subject: str, actor: Actor, **more: Json) -> Order:
    _note(desk, chain, Done.APPROVED, actor, subject, **more)
    while not chain.swap_note(OPEN, desk.store.note(OPEN), subject):
        pass  # who has just finished an earlier one took the note away
    return orders(chain.entries())[subject]


def send_back(desk: Desk, subject: str, actor: Actor, reason: str) -> Order | Refusal:
    """Return an order that waits, with a reason; whoever asked may take it back so."""
    refusal = None if ADMIN in actor.roles else administrator(desk, actor)
    if not reason.strip():
        return Refusal("return_reason")
    with desk.store.chained(REDACTIONS) as chain:
        known = _waiting(chain, subject)
        if isinstance(known, Refusal):
            return known
        if refusal is not None and known.asked_by != actor.id:
            return refusal
        _note(desk, chain, Done.RETURNED, actor, subject, text=reason.strip())
        return orders(chain.entries())[subject]


def _waiting(chain: Chained, subject: str) -> Order | Refusal:
    known: Mapping[str, Order] = orders(chain.entries())
    if subject not in known:
        open_ = [each.subject for each in known.values() if each.state == "asked"]
        return Refusal("unknown_proposal", {"subject": subject, "known": open_})
    found = known[subject]
    return found if found.state == "asked" else Refusal("redact_over", {"order": subject, "state": found.state})


def _note(desk: Desk, chain: Chained, kind: Done, actor: Actor, subject: str, **told: Json) -> None:
    chain.append(kind.value, actor.id, {"subject": subject, **told, "channel": desk.channel, "login": desk.login})
