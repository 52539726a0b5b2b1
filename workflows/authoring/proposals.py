"""What takes two people: an edition to be published, tasks to be moved to one. One submits, another approves.

What was submitted and what became of it is told by the chained stream `editions` alone, which is added up here. That
the two are not one is asked in one place (`second`), and so is when one person is enough (`alone`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from engine.commands import Actor, Refusal
from engine.events import Json
from workflows.desk import Desk
from workflows.people.holdings import admins
from workflows.people.values import ADMIN, Entry
from workflows.ports import EDITIONS, Chained, Store


class Done(StrEnum):
    """What is recorded in the stream `editions`: past tense, one for each thing that can happen to a proposal."""

    EDITION_SUBMITTED = "EditionSubmitted"
    EDITION_RETURNED = "EditionReturned"
    EDITION_APPROVED = "EditionApproved"
    EDITION_PUBLISHED = "EditionPublished"
    MIGRATION_SUBMITTED = "MigrationSubmitted"
    MIGRATION_RETURNED = "MigrationReturned"
    MIGRATION_APPROVED = "MigrationApproved"
    MIGRATION_APPLIED = "MigrationApplied"
    MIGRATION_REVERTED = "MigrationReverted"


SHORTEST = 8
"""How many characters of a digest tell a text, at least."""

State = Literal["submitted", "returned", "approved", "published", "applied", "reverted"]

_AFTER: Mapping[Done, State] = {
    Done.EDITION_SUBMITTED: "submitted",
    Done.EDITION_RETURNED: "returned",
    Done.EDITION_APPROVED: "approved",
    Done.EDITION_PUBLISHED: "published",
    Done.MIGRATION_SUBMITTED: "submitted",
    Done.MIGRATION_RETURNED: "returned",
    Done.MIGRATION_APPROVED: "approved",
    Done.MIGRATION_APPLIED: "applied",
    Done.MIGRATION_REVERTED: "reverted",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edition (`process@edition`) or a migration (`process-m1`) on its way, with everything that was done to it.
    `told` is what it was submitted (or, by one person, published) with.
    """

    subject: str
    state: State
    told: Mapping[str, Json]
    entries: tuple[Entry, ...]

    @property
    def digest(self) -> str:
        """The SHA-256 digest of the text that is proposed."""
        return str(self.told["digest"])

    @property
    def process(self) -> str:
        """Of which process."""
        return str(self.told["process"])

    @property
    def is_migration(self) -> bool:
        """Whether tasks are to be moved, and no edition published."""
        return "from" in self.told

    @property
    def submitted_by(self) -> str:
        """Who submitted it last, or published it alone."""
        submitted = self.by(Done.MIGRATION_SUBMITTED if self.is_migration else Done.EDITION_SUBMITTED)
        return (submitted or self.entries[0]).actor

    def by(self, kind: Done) -> Entry | None:
        """The last time that something was done to it."""
        return next((each for each in reversed(self.entries) if each.type == kind), None)


def proposals(entries: Iterable[Entry]) -> dict[str, Proposal]:
    """Everything that was ever proposed, by its subject, in the order in which it was first submitted."""
    found: dict[str, Proposal] = {}
    for each in entries:
        subject, state = str(each.told["subject"]), _AFTER[Done(each.type)]
        known = found.get(subject)
        if known is None:
            found[subject] = Proposal(subject, state, each.told, (each,))
        else:
            told = each.told if state == "submitted" else known.told
            found[subject] = replace(known, state=state, told=told, entries=(*known.entries, each))
    return found


def all_of(store: Store) -> dict[str, Proposal]:
    """All proposals as they stand."""
    return proposals(store.chain(EDITIONS))


def note(desk: Desk, chain: Chained, kind: Done, actor: str, subject: str, **told: Json) -> None:
    """Record what was done to a proposal, with the channel and the system's own name for whoever did it."""
    chain.append(kind.value, actor, {"subject": subject, **told, "channel": desk.channel, "login": desk.login})


# -- who


def administrator(desk: Desk, actor: Actor) -> Refusal | None:
    """The refusal of whoever is no administrator."""
    if ADMIN in actor.roles:
        return None
    return Refusal("not_admin", {"actor": actor.id, "login": desk.login or actor.id})


def second(proposal: Proposal, actor: Actor) -> Refusal | None:
    """Separation of duties: whoever submitted something does not approve it."""
    if actor.id != proposal.submitted_by:
        return None
    return Refusal("own_proposal", {"subject": proposal.subject, "actor": actor.id})


def alone(desk: Desk, actor: Actor, reason: str | None) -> Mapping[str, Json] | Refusal:
    """Why one person is enough, as the record keeps it for ever: in a rehearsal nothing is at stake; in an office that
    has one administrator nobody else could approve, and they say why they do not wait. Refused where there is another.
    """
    if desk.virtual:
        return {"why": "rehearsal", "reason": reason}
    known = admins(desk.people, desk.people.now()) if desk.people is not None else frozenset()
    others = sorted(known - {actor.id})
    if others:
        return Refusal("not_alone", {"known": others})
    if not (reason and reason.strip()):
        return Refusal("alone_reason")
    return {"why": "only administrator", "reason": reason.strip()}


# -- back to whoever submitted it


def send_back(desk: Desk, subject: str, actor: Actor, reason: str) -> Proposal | Refusal:
    """Return a proposal that waits, with a reason; whoever submitted it may take it back so."""
    refusal = administrator(desk, actor)
    if refusal is not None:
        return refusal
    if not reason.strip():
        return Refusal("return_reason")
    with desk.store.chained(EDITIONS) as chain:
        known = waiting(proposals(chain.entries()), subject)
        if isinstance(known, Refusal):
            return known
        kind = Done.MIGRATION_RETURNED if known.is_migration else Done.EDITION_RETURNED
        note(desk, chain, kind, actor.id, subject, reason=reason.strip())
        return proposals(chain.entries())[subject]


def waiting(known: Mapping[str, Proposal], subject: str, digest: str | None = None) -> Proposal | Refusal:
    """A proposal that waits for a second person; `digest` (or how it begins) is of the text that they have read."""
    found = known.get(subject)
    if found is None:
        open_ = [each.subject for each in known.values() if each.state == "submitted"]
        return Refusal("unknown_proposal", {"subject": subject, "known": open_})
    if found.state != "submitted":
        return Refusal("not_waiting", {"subject": subject, "state": found.state})
    if digest is not None and not (len(digest) >= SHORTEST and found.digest.startswith(digest)):
        return Refusal("other_text", {"subject": subject, "digest": found.digest[:12], "given": digest[:12]})
    return found
