"""`decide`: all the rules, no input or output, no clock, no chance. One command in, what follows from it out.

The order is the same for every act: may it be done at all (who, from where, when, with what form, by which guards); the
transition itself; what deadlines answer; what the transition's effects are; what the end of a task means to its family;
what deadlines, children and parents fire in turn; and last the lights.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from engine import keeping, lights, moves
from engine.acts import commit
from engine.calendars import Calendar
from engine.clock import Clock
from engine.commands import (
    TIME,
    Actor,
    Command,
    Decision,
    Fire,
    Migrate,
    Origin,
    Refusal,
    Refused,
    Register,
    Reproject,
    Revert,
    TimePassed,
)
from engine.edition import Edition
from engine.effects import enter
from engine.entering import Entry, check_registrar, read_milestones, read_opening, read_record
from engine.events import Event, Json, instant, iso
from engine.ledger import Ledgers
from engine.migrating import migrate, revert
from engine.model import Child
from engine.passing import pass_by
from engine.recall import told
from engine.reprojecting import reproject
from engine.settling import ask, settle
from engine.task import OWED, Family
from engine.turn import Over, Turn
from engine.wakes import SIGNAL, Wake, earliest

Units = Mapping[str, Over]

TICK = timedelta(microseconds=1)
"""The smallest step of time."""

_BY_TIME = Origin("time")


def decide(
    edition: Edition,
    calendar: Calendar,
    family: Family,
    command: Command,
    units: Units | None = None,
    ledgers: Ledgers | None = None,
) -> Decision | Refusal:
    """What follows from a command for a family (a root task with its open descendants; empty for a new root).

    Time has to have run before: every wake of the family up to the command's present is decided already (`advance`),
    and that present is `present(family, now)`.
    `units` is the organisation, for roles bound to a unit above another. The same inputs give the same events, byte
    for byte. A migration, and its reversal, is decided by the edition and the calendar that the family comes under.
    `ledgers` spares whoever decides much about one family the looking through of its occurrences: hand the same on.
    """
    return _decide(_turn(edition, calendar, family, command, units or {}, ledgers or Ledgers()), command)


def _turn(
    edition: Edition, calendar: Calendar, family: Family, command: Command, units: Units, ledgers: Ledgers
) -> Turn:
    actor, occurred_at = _actor(command), _occurred(command)
    return Turn(edition, calendar, actor, command.at, occurred_at, units=units, family=dict(family), ledgers=ledgers)


def _decide(turn: Turn, command: Command) -> Decision | Refusal:
    try:
        if not isinstance(command, TimePassed):
            keeping.check(command)
        match command:
            case Fire():
                _fire(turn, command)
            case TimePassed():
                _time_passed(turn, command)
            case Register():
                _register(turn, command)
            case Reproject():
                turn.command = _told(turn, command, command.origin, do="reproject", reason=command.reason)
                reproject(turn, command.task, command.reason)
            case Migrate():
                said = {"migration": command.migration, "was": command.old.digest, "rules": dict(command.rules)}
                turn.command = _told(turn, command, command.origin, do="migrate", reason=command.reason, **said)
                migrate(turn, command)
            case Revert():
                said = {"migration": command.migration, "reason": command.reason}
                turn.command = _told(turn, command, command.origin, do="revert", **said)
                revert(turn, command.task, command.migration)
        settle(turn)
    except Refused as refused:
        return refused.refusal
    return Decision(tuple(turn.events), turn.family)


def advance(
    edition: Edition,
    calendar: Calendar,
    family: Family,
    until: datetime,
    units: Units | None = None,
    quiet: dict[str, datetime] | None = None,
    ledgers: Ledgers | None = None,
) -> Decision:
    """Let time run for a family: every wake up to `until`, each at its own instant, ordered by (instant, task,
    name).

    `quiet` spares a caller who lets time run in stretches the lights that were looked at before, and `ledgers` the
    looking through of occurrences: hand the same ones on.
    """
    events: list[Event] = []
    quiet, ledgers = {} if quiet is None else quiet, ledgers or Ledgers()
    while (wake := earliest(edition, family, until, quiet, ledgers)) is not None:
        decision = _woken(edition, calendar, family, wake, until, units or {}, ledgers)
        assert not isinstance(decision, Refusal), f"time is never refused: {decision}"
        if decision is None or not decision.events:
            assert wake.name == SIGNAL, f"a deadline that wakes says something: {wake}"
            quiet[wake.task] = wake.at
        else:
            events.extend(decision.events)
            family = decision.family
    return Decision(tuple(events), family)


def stirs(edition: Edition, calendar: Calendar, family: Family, wake: Wake, ledgers: Ledgers) -> bool:
    """Whether anything follows where a task wakes."""
    decision = _woken(edition, calendar, family, wake, wake.at, {}, ledgers)
    return isinstance(decision, Decision) and bool(decision.events)


def _woken(
    edition: Edition, calendar: Calendar, family: Family, wake: Wake, until: datetime, units: Units, ledgers: Ledgers
) -> Decision | Refusal | None:
    """What follows where a task wakes. None: nothing, as at most midnights, which the light alone tells."""
    at = present(family, wake.at)
    passed = TimePassed(wake.task, wake.name, wake.key, at, max(wake.at, at - TICK), until)
    turn = _turn(edition, calendar, family, passed, units, ledgers)
    task = family[wake.task]
    if wake.name == SIGNAL and not turn.sheet(task).conditional and not lights.differs(turn, task):
        return None
    return _decide(turn, passed)


def present(family: Family, now: datetime) -> datetime:
    """The present of a family's next decision: now, or a tick after its last one. So its decisions have one order."""
    last = max((instant(task.touched_at) for task in family.values()), default=None)
    return now if last is None or now > last else last + TICK


def _actor(command: Command) -> Actor:
    return TIME if isinstance(command, TimePassed) else command.actor


def _occurred(command: Command) -> datetime:
    return command.occurred_at or command.at if isinstance(command, Fire | TimePassed) else command.at


def _told(turn: Turn, command: Command, origin: Origin, **what: Json) -> Json:
    return told(turn.edition, turn.calendar, _actor(command), origin, turn.now_text, **what)


# -- registering


def _register(turn: Turn, command: Register) -> None:
    sheet = turn.edition.sheets.get(command.kind)
    if sheet is None or isinstance(sheet.body, Child):
        raise Refused("unknown_kind", kind=command.kind)
    body = sheet.body
    turn.command = _told(turn, command, command.origin, do="register")
    check_registrar(turn, body.registration)
    if command.twin is not None:
        raise Refused("twin", fields=list(body.registration.unique), twin=command.twin)
    opening = read_opening(turn, body, command.opening) if command.opening else None
    entry = Entry(
        task=command.task,
        kind=command.kind,
        fields=read_record(turn, body, command.fields, opening),
        milestones=read_milestones(turn, body, command.milestones),
        part_of=command.part_of,
        opening=opening,
    )
    enter(turn, entry)


# -- firing


def _fire(turn: Turn, command: Fire) -> None:
    task = turn.family.get(command.task)
    if task is None:
        raise Refused("unknown_task", task=command.task)
    if task.edition != turn.edition.name:
        raise Refused("left_behind", task=task.id, edition=task.edition, now=turn.edition.name)
    transition = moves.find(turn, task, command.trigger)
    turn.command = _told(
        turn,
        command,
        command.origin,
        do="fire",
        trigger=command.trigger,
        reason=command.reason,
        version=command.version,
    )
    if command.version is not None and command.version != task.seq:
        raise Refused("stale", task=task.id, seen=command.version, now=task.seq)
    moves.check_actor(turn, task, transition)
    _check_late_entry(turn, command)
    moves.check_state(turn, task, transition)
    form = moves.read_form(turn, transition.form, command.form)
    moves.check_rights(turn, task, transition, form)
    moves.check_window(turn, task, transition, form)
    move = moves.Move(turn, task, transition, form)
    commit(move, move.branch(), None)


def _check_late_entry(turn: Turn, command: Fire) -> None:
    if command.occurred_at is None or command.occurred_at == command.at:
        return
    if command.occurred_at > command.at:
        raise Refused("future", occurred_at=iso(command.occurred_at), now=iso(command.at))
    roles = turn.edition.process.roles
    if not any(role in roles and roles[role].backdate for role in turn.actor.roles):
        raise Refused(
            "no_backdate", roles=list(turn.actor.roles), may=[name for name, role in roles.items() if role.backdate]
        )
    if not command.reason:
        raise Refused("no_reason")
    began_at = turn.family[command.task].began_at
    if began_at is not None and iso(command.occurred_at) < began_at:
        raise Refused("before_it_began", occurred_at=iso(command.occurred_at), began_at=began_at)


# -- time


def _time_passed(turn: Turn, command: TimePassed) -> None:
    """A draft over somebody's history may not know the task, nor owe the occurrence: then nothing follows."""
    task = turn.family.get(command.task)
    occurrence = task.deadlines.get(f"{command.name}/{command.key}") if task else None
    if task is not None and command.name == SIGNAL:
        turn.command = _told(turn, command, _BY_TIME, do="light")
        ask(turn, task.id)
        lights.decide(turn, task.id)
    elif task is not None and occurrence is not None and occurrence["status"] in OWED:
        rule = turn.sheet(task).body.deadlines[command.name]
        late = {} if rule.catch_up == "each" else {"now": iso(command.now)}
        turn.command = _told(turn, command, _BY_TIME, do="time", deadline=command.name, key=command.key, **late)
        pass_by(Clock(turn, task.id, command.name, rule), occurrence, command.at, command.now)
