"""What follows from the record, table by table: worked out anew from a family that was lived again, and compared with
what is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from engine.events import Event, EventType, Json, instant
from engine.task import Task
from engine.wakes import SIGNAL, wakes
from workflows.audit.verifying.chains import micros
from workflows.audit.verifying.family import MOVED, OFFICE, Family, Step
from workflows.audit.verifying.findings import Finding
from workflows.audit.verifying.ports import Evidence
from workflows.audit.verifying.values import Life, Row, Saved, Shape, Standing
from workflows.changes import facts, parcels
from workflows.facets import facets, headed, named_units
from workflows.ports import Change, Parcel

Tables = Mapping[str, Sequence[Row]]
Latest = Callable[[str], datetime | None]


def check(evidence: Evidence, family: Family, kept: Tables, looked_at: datetime) -> Iterator[Finding]:
    """What is stored of a family and does not follow from its events, or is missing. `looked_at`: no light was looked
    at later.
    """
    life = life_of(family)

    def latest(name: str) -> datetime | None:
        """The light's wake if it was looked at just now: asked of the few that were looked at since."""
        task = life.standing[name].task
        edition = family.books.edition(task.edition)
        found = wakes(edition, task, max(instant(task.touched_at), looked_at)) if edition is not None else ()
        return next((each.at for each in found if each.name == SIGNAL), None)

    for table, rows in evidence.rebuilt(life).items():
        yield from _compare(table, evidence.shapes[table], rows, kept[table], latest)


def life_of(family: Family) -> Life:
    """The transactions of a family, and where its tasks stand after them."""
    life = Life()
    for steps in _transactions(family.steps):
        life.saved.append(Saved(_changes(steps), steps[-1].events[0].recorded_at))
    last = {each.event.task: each for step in family.steps for each in step.events}
    sent: dict[str, list[Parcel]] = {}
    for step in family.steps:
        for parcel in _sent(step):
            sent.setdefault(parcel.task, []).append(parcel)
    for name, task in family.tasks.items():
        edition = family.books.edition(task.edition)
        if edition is not None and name in last:
            end, ledger = last[name], family.ledgers.of(task)
            waits = wakes(edition, task, instant(task.touched_at), ledger=ledger)
            life.standing[name] = Standing(
                task=task,
                link=end.raw.hash,
                recorded_at=end.recorded_at,
                heading=headed(edition, task),
                wakes=waits,
                units=named_units(edition, task),
                facets=facets(edition, task),
                parcels=sent.get(name, ()),
            )
    return life


_SENT = frozenset({EventType.NOTICE_RAISED, EventType.PUBLICATION_ORDERED})
"""By what a parcel leaves the house."""


def _sent(step: Step) -> Sequence[Parcel]:
    events = [each.event for each in step.events if each.event.type in _SENT]
    return parcels(step.edition, step.after, events) if events and step.edition is not None else ()


# -- transactions


def _transactions(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Decisions that were written together: time's own with the act before which they were due. Which they were is not
    recorded; those of one instant may have been two transactions, which leaves the same board.
    """
    group: list[Step] = []
    for step in steps:
        if group and not _goes_on(group[-1], step):
            yield group
            group = []
        group.append(step)
    if group:
        yield group


def _goes_on(before: Step, step: Step) -> bool:
    together = before.events[0].recorded_at == step.events[0].recorded_at
    alone = step.events[0].event.type in (*OFFICE, *MOVED)
    return together and not before.person and not alone and before.edition is step.edition


def _changes(steps: Sequence[Step]) -> list[Change]:
    """What a transaction did to each task. Wakes and facets are compared where they stand in the end."""
    edition, before, after = steps[-1].edition, steps[0].before, steps[-1].after
    if edition is None:
        return []
    told: dict[str, list[Event]] = {}
    for step in steps:
        for each in step.events:
            told.setdefault(each.event.task, []).append(each.event)
    seen = {name: task for name, task in after.items() if name in told or _locked(before.get(name))}
    return [
        Change(before.get(name), after[name], sorted(events, key=_seq), (), (), facts(edition, seen, after[name]))
        for name, events in told.items()
    ]


def _seq(event: Event) -> int:
    return event.seq


def _locked(task: Task | None) -> bool:
    """Whether a task is read with its family: what had ended before is not."""
    return task is not None and (not task.ended or task.parent is None)


# -- comparing


def _compare(
    table: str, shape: Shape, expected: Sequence[Row], kept: Sequence[Row], latest: Latest
) -> Iterator[Finding]:
    wanted = {row[: shape.keys]: row for row in expected}
    seen: set[Row] = set()
    for row in kept:
        key = row[: shape.keys]
        mine = None if key in seen else wanted.get(key)
        seen.add(key)
        facts = {"table": table, "key": _shown(key[1:] or key)}
        if mine is None:
            yield Finding("row_stray", str(row[0]), None, facts)
        elif not _equal(mine, row) and not _looked_at(table, shape, mine, row, latest):
            columns = [
                n for n, one, other in zip(shape.columns, mine, row, strict=True) if not _equal((one,), (other,))
            ]
            yield Finding("row_differs", str(row[0]), None, {**facts, "columns": ", ".join(columns)})
    for key in wanted.keys() - seen:
        yield Finding("row_missing", str(key[0]), None, {"table": table, "key": _shown(key[1:] or key)})


def _equal(one: Row, other: Row) -> bool:
    """Equal in value and in kind: `1` stored as text is another thing. SQLite keeps truth values as numbers."""
    if one != other:
        return False
    return not [1 for a, b in zip(one, other, strict=True) if type(a) is not type(b) and not isinstance(a, bool)]


def _looked_at(table: str, shape: Shape, mine: Row, row: Row, latest: Latest) -> bool:
    """Whether a row only says that its light wakes later, having been looked at since without a change."""
    if table != "deadlines" or mine[1] != SIGNAL:
        return False
    wake = shape.columns.index("wake_at")
    if (*mine[:wake], *mine[wake + 1 :]) != (*row[:wake], *row[wake + 1 :]):
        return False
    last = latest(mine[0])
    return last is not None and isinstance(row[wake], int) and mine[wake] <= row[wake] <= micros(last)


def _shown(key: Sequence[Json]) -> str:
    return "/".join(str(each) for each in key)
