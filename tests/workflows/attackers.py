"""Those who alter the office of `verified` after it was sealed, and what somebody outside keeps of it.

Who edits rows works by `Damage`. The administrator knows the program and lets it live another history, lawful in every
rule, or alters one and makes every hash, leaf and head anew; what they cannot do is sign, unless they stole the key.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from engine.tree import Edge, grown
from storage import open_store
from storage.evidence import open_to_read
from storage.log import SqlLog
from storage.sql_store import SqlStore
from tests.workflows.conftest import OFFICE
from tests.workflows.verified import Damage, Story, began, lived, looked, went_on
from workflows.audit.sealing import growing
from workflows.audit.sealing.checkpoints import Signer, verifier_of
from workflows.audit.sealing.claims import Elsewhere
from workflows.audit.sealing.signing import Pen
from workflows.audit.verifying.findings import Finding
from workflows.audit.verifying.ports import Evidence
from workflows.audit.verifying.sealed import sealed
from workflows.clock import wall
from workflows.office.firing import Act

OWNER, THIEF = (Signer("duban.example.org", bytes([n]) * 32) for n in (1, 2))
"""Who signs the heads, and who has no key but one of their own under the same name."""

NOTHING, KEY, HEAD = "nothing", "key", "head"
LEVELS = (NOTHING, KEY, HEAD)
"""What the verifier has from outside: each includes what stands before it."""

TREE_ANEW = (
    *(f"DELETE FROM {table}" for table in ("leaves", "tiles", "trees", "unsealed", "checkpoints")),  # noqa: S608 - ours
    "INSERT INTO unsealed (recorded_at, stream, seq) SELECT recorded_at, stream, seq FROM events",
)
"""Everything waits for the sequencer again, as if nothing had ever been sealed."""


# -- the office, sealed


@dataclass(frozen=True)
class Office:
    """The database at the end, as it was backed up in January, and the last head, as an auditor has it."""

    path: Path
    january: Path
    head: str


def sealed_office(folder: Path) -> Office:
    """Lived and sealed by honest people."""
    path, january = folder / "duban.db", folder / "january.db"
    began(url_of(path))
    sign(path, OWNER)
    shutil.copyfile(path, january)
    went_on(url_of(path))
    return Office(path, january, sign(path, OWNER))


def url_of(path: Path) -> str:
    """The address of a file."""
    return f"sqlite:///{path}"


class _Forgetful:
    """A signer that remembers nothing: whoever has the key has its memory too, and can delete it."""

    def alone(self) -> AbstractContextManager[None]:
        return nullcontext()

    def recall(self, _origin: str) -> None:
        return None

    def remember(self, _origin: str, _edge: Edge) -> None:
        return None


def sign(path: Path, signer: Signer) -> str:
    """Let the sequencer take what waits and sign whatever there is; the head."""
    with _log(path) as (store, log):
        growing.seal(store, log, Pen(signer, _Forgetful()))
        head = log.checkpoint("sha256")
    assert head is not None
    return head.note


@contextmanager
def _log(path: Path) -> Iterator[tuple[SqlStore, SqlLog]]:
    store = open_store(url_of(path))
    assert isinstance(store, SqlStore)
    with closing(store):
        yield store, SqlLog(store.engine)


# -- looking


def found(path: Path, office: Office, level: str) -> list[Finding]:
    """All that `duban verify` finds with so much from outside. The office lived in virtual time."""

    def tree(evidence: Evidence) -> Sequence[Finding]:
        with open_to_read(url_of(path)) as (store, log):
            own = [verifier_of(each) for each in growing.keys_of(store).values()]
            keys, now = (own, None) if level == NOTHING else ([OWNER.verifier], wall())
            heads = [("auditor", office.head)] if level == HEAD else []
            return sealed(log, Elsewhere(keys, heads, now), evidence, virtual=True)

    return looked(url_of(path), others=[tree]).findings


# -- an administrator


Lie = Callable[[Office, Path], object]
"""Makes the database that the administrator wants to be believed."""


def told(story: Story) -> Lie:
    """The whole history lived once more, as it should have been."""
    return lambda _, path: lived(url_of(path), story)


def back(then: Story | None = None) -> Lie:
    """The backup put in place, with another February if one is told."""

    def lie(office: Office, path: Path) -> None:
        shutil.copyfile(office.january, path)
        if then is not None:
            went_on(url_of(path), then)

    return lie


def reordered_leaves(office: Office, path: Path) -> None:
    """Two neighbours of different streams change places in the tree: no chain and no row says which came first."""
    shutil.copyfile(office.path, path)
    with closing(Damage(path)) as damage:
        said = "SELECT a.position FROM leaves a JOIN leaves b ON b.position = a.position + 1 AND b.stream <> a.stream"
        first = damage.ask(said)[0][0]
        for old, new in ((first, 9_999), (first + 1, first), (9_999, first + 1)):
            damage.sql("UPDATE leaves SET position = ? WHERE position = ?", new, old)
        damage.sql("DELETE FROM checkpoints")
        with _log(path) as (_, log):
            edge, _ = grown(Edge(), [leaf.digest() for leaf in log.leaves(0, 9_999)])
        damage.sql("UPDATE trees SET edge = ?", edge.to_text())


# -- an administrator who signs nothing


def never_signed(_office: Office, path: Path) -> None:
    """As if nobody had ever sealed anything."""
    lived(url_of(path), instead("k2", percent="9"))


def signed_no_more(office: Office, path: Path) -> None:
    """The true head of January, and another February that waits."""
    back(without("amend", "promises-02"))(office, path)


def left_beyond(office: Office, path: Path) -> None:
    """The same with leaves, beyond a tree that says it ends in January."""
    signed_no_more(office, path)
    with closing(Damage(path)) as damage:
        ((size, edge, note),) = damage.ask("SELECT t.size, t.edge, c.note FROM trees t, checkpoints c")
        keys = damage.ask("SELECT value FROM notes WHERE name = 'seal_keys'")[0][0]
        sign(path, THIEF)
        damage.sql("DELETE FROM checkpoints WHERE note <> ?", note)
        damage.sql("UPDATE trees SET size = ?, edge = ?", size, edge)
        damage.sql("UPDATE notes SET value = ? WHERE name = 'seal_keys'", keys)


# -- other histories


def without(trigger: str, task: str) -> Story:
    """An act that never happened."""
    return Story(acts=lambda act: [] if (act.trigger, act.task) == (trigger, task) else [act])


def instead(key: str, **form: str) -> Story:
    """An act that said something else."""
    return Story(acts=lambda act: [replace(act, form={**act.form, **form})] if act.key == key else [act])


def exchanged(one: str, other: str) -> Story:
    """What was done to one task was done to the other."""
    names = {one: other, other: one}
    return Story(acts=lambda act: [replace(act, task=names.get(act.task, act.task))])


def also(trigger: str, task: str, more: Act) -> Story:
    """An act more, after one that did happen."""
    return Story(acts=lambda act: [act, more] if (act.trigger, act.task) == (trigger, task) else [act])


def in_time() -> Story:
    """What was entered late was entered in time."""

    def acts(act: Act) -> list[Act]:
        if act.trigger == "amend":
            return []
        return [act, Act("promises-02", "amend", {"title": "大水库"}, OFFICE)] if act.trigger == "pass" else [act]

    return Story(acts=acts)


def second_first() -> Story:
    """The second task was reported and put right before the first."""
    held: list[Act] = []

    def acts(act: Act) -> list[Act]:
        if act.key == "k0" or (act.trigger, act.task) == ("order", "promises-01"):
            held.append(act)
            return []
        if (act.trigger, act.task) == ("order", "promises-02"):
            late, held[:] = list(held), []
            return [act, *late]
        return [act]

    return Story(acts=acts)
