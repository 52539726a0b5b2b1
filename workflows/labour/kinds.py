"""The kinds of jobs by name, and those that come again and again.

A kind is a function of its context. Another room adds its own by giving them to whoever runs jobs, beside `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from engine.chain import canonical
from engine.commands import Refusal
from engine.events import Json, iso
from workflows.audit.sealing.growing import due
from workflows.audit.sealing.growing import seal as seal_now
from workflows.labour.backtesting import BACKTEST, backtest
from workflows.labour.bulk import bulk
from workflows.labour.context import Context, Kind, Refused, Tools
from workflows.labour.importing import import_list, look_through
from workflows.labour.migrating import migrate, try_migration
from workflows.labour.moving import CLOCK, move_clock
from workflows.labour.reprojecting import work_out
from workflows.labour.values import Standing
from workflows.office.publications import Issued
from workflows.office.sweeping import sweep as let_time_run
from workflows.office.waiting import issue_waiting
from workflows.post.following import follow
from workflows.post.planning import plan_all
from workflows.post.sending import Round
from workflows.post.sending import deliver as send
from workflows.redaction.carrying import finish
from workflows.redaction.ordering import OPEN

SWEPT_AT = "swept_at"
"""The note that keeps when a sweep last succeeded, by the database's own clock, which also runs in a rehearsal."""

KEPT = timedelta(days=90)
"""How long what has ended is kept, unless somebody says otherwise."""

SWEEP_REFUSED = "sweep_refused"
"""The note that keeps why the last sweep would not run; empty when it ran."""


def sweep(on: Context) -> Mapping[str, Json]:
    """Let time run for what is due. A clock that is not believed, or a long silence, is an operator's to settle: the
    job says so and fails, and the next one asks again.
    """
    desk = on.tools.desk()
    swept = let_time_run(desk, accept_gap=bool(on.job.body.get("accept_gap")), progress=lambda _: on.progress())
    if isinstance(swept, Refusal):
        refused = Refused(swept)
        _settle(on, refused.told)
        raise refused
    _settle(on, None)
    return swept.to_json()


def _settle(on: Context, refused: Mapping[str, Json] | None) -> None:
    store = on.tools.desk().store
    said = canonical(refused) if refused else ""
    if (store.note(SWEEP_REFUSED) or "") != said:
        store.set_note(SWEEP_REFUSED, said)
    if refused is None:
        store.set_note(SWEPT_AT, iso(on.tools.labour.now()))


def deliver(on: Context) -> Mapping[str, Json]:
    """Plan the notices of the outbox, then send what is due."""
    desk, tools = on.tools.desk(), on.tools
    follow(desk, tools.people, tools.post, tools.home)
    planned = plan_all(desk, tools.people, tools.post, tools.home)

    def go_on() -> bool:
        on.progress()
        return on.go_on

    done = send(Round(tools.post, tools.couriers, desk.clock, tools.chance), go_on)
    return {"planned": planned, "sent": done.sent, "put_off": done.put_off, "given_up": done.given_up}


def issue(on: Context) -> Mapping[str, Json]:
    """Issue the publications that acts ordered and that could not be issued then."""
    found = issue_waiting(on.tools.desk())
    issued = [each.to_json() for each in found if isinstance(each, Issued)]
    refused = [{"code": each.code, "facts": dict(each.facts)} for each in found if isinstance(each, Refusal)]
    return {"issued": issued, "refused": refused}


def tidy(on: Context) -> Mapping[str, Json]:
    """Forget what ended long ago and is no part of the record."""
    older = timedelta(days=float(str(on.job.body.get("days", KEPT.days))))
    return dict(on.tools.labour.tidy(on.tools.desk().clock(), older))


def seal(on: Context) -> Mapping[str, Json]:
    """Append to the tree what was recorded, and sign its head."""
    log = on.tools.log
    if log is None:
        return {}
    done = seal_now(on.tools.desk().store, log, on.tools.pen)
    if isinstance(done, Refusal):
        raise Refused(done)
    return done.to_json()


def redact(on: Context) -> Mapping[str, Json]:
    """Carry out what was approved to be erased and was not, and wipe the bytes. Who is in the way is waited for: the
    next one tries again.
    """
    if on.tools.eraser is None:
        return {}
    found = finish(on.tools.desk(), on.tools.eraser)
    refused = {order: refusal.code for order, refusal in found.refused.items()}
    return {"done": {order: each.ref for order, each in found.done.items()}, "refused": refused, "wiped": found.wiped}


KINDS: Mapping[str, Kind] = {
    "sweep": sweep,
    "deliver": deliver,
    "issue_waiting": issue,
    "reproject": work_out,
    "migrate": migrate,
    "try_migration": try_migration,
    BACKTEST: backtest,
    "bulk": bulk,
    "look": look_through,
    "import": import_list,
    "tidy": tidy,
    "seal": seal,
    "redact": redact,
    CLOCK: move_clock,
}


def _post_due(tools: Tools) -> bool:
    return tools.post.due(list(tools.couriers), tools.desk().clock())


def _papers_due(tools: Tools) -> bool:
    papers = tools.desk().papers
    return papers is not None and bool(papers.waiting())


def _seal_due(tools: Tools) -> bool:
    last = tools.labour.job("seal")
    return tools.log is not None and due(tools.log, tools.pen, last.ended_at if last else None, tools.labour.now())


def _redaction_due(tools: Tools) -> bool:
    return tools.eraser is not None and bool(tools.desk().store.note(OPEN))


NEEDED: Mapping[str, Callable[[Tools], bool]] = {
    "deliver": _post_due,
    "issue_waiting": _papers_due,
    "seal": _seal_due,
    "redact": _redaction_due,
}
"""Standing jobs that are begun only where there is something to do."""

STANDING = (
    Standing("sweep", 60),
    Standing("deliver", 5),
    Standing("issue_waiting", 60),
    Standing("seal", 5),
    Standing("redact", 60),
    Standing("tidy", 86_400),
)
"""How often, unless the operator says otherwise."""
