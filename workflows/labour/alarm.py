"""When time has stood for an hour: everybody who keeps the machine is told once, and once when it runs again.

The outage has a name, the instant of the last sweep that succeeded; under it a job is asked for, of which there is one
however many watch. Whoever watches and finds it waiting does it, so that it is told too where no worker is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from engine.events import Json, instant, iso
from engine.problems import Language, Text
from workflows.desk import Desk
from workflows.labour.context import Context, Tools
from workflows.labour.kinds import SWEPT_AT
from workflows.labour.ports import Labour
from workflows.people.holdings import admins
from workflows.post.recipients import addresses
from workflows.post.values import Message, Sent

PATIENCE = timedelta(hours=1)
"""After how long without a sweep that succeeded it is an outage."""

TOLD = "outage"
"""The note that names the outage of which people were told; empty when it is over."""

ALARM = "alarm"
"""The kind of the job that tells."""

SUBJECT = {
    False: Text("【督办】时限已停止运行", "[Duban] Time stands still"),
    True: Text("【督办】时限恢复运行", "[Duban] Time runs again"),
}
TEXT = {
    False: Text(
        "自 {at} 起没有一次时限运行成功，期限、提醒和文书都在等待。请查看“运行”页。",
        "No sweep has succeeded since {at}: deadlines, reminders and documents wait. Look at the page of operations.",
    ),
    True: Text("自 {at} 起停止的时限已恢复运行。", "Time, which stood still since {at}, runs again."),
}


@dataclass(frozen=True)
class Outage:
    """Time has stood since then."""

    since: datetime


def outage(desk: Desk, labour: Labour) -> Outage | None:
    """Whether time stands, by the database's own clock. Where nothing is published there is nothing to run for."""
    swept = desk.store.note(SWEPT_AT)
    since = instant(swept) if swept else min((each.published_at for each in desk.store.editions()), default=None)
    if since is None or (swept is None and desk.virtual) or labour.now() - since < PATIENCE:
        return None
    return Outage(since)


def watch(tools: Tools, watcher: str) -> None:
    """Look whether time runs, and see to it that people are told, once of each outage and once of its end."""
    desk = tools.desk()
    found, told = outage(desk, tools.labour), desk.store.note(TOLD) or ""
    if found is not None and iso(found.since) != told:
        desk.store.set_note(TOLD, iso(found.since))
        _see_to(tools, watcher, iso(found.since), over=False)
    if found is None and told:
        desk.store.set_note(TOLD, "")
        _see_to(tools, watcher, told, over=True)


def _see_to(tools: Tools, watcher: str, since: str, *, over: bool) -> None:
    name = f"{ALARM} {since}{' over' if over else ''}"
    tools.labour.ask(ALARM, {"since": since, "over": over}, None, name=name)
    mine = tools.labour.begin(name, watcher)
    if mine is not None:
        on = Context(mine, watcher, tools)
        result = tell(on)
        on.progress()
        tools.labour.end(name, watcher, "done", result)


def tell(on: Context) -> Mapping[str, Json]:
    """See `workflows.labour.context.Kind`: tell each administrator at each address of theirs, with the fate of each."""
    people, since, over = on.tools.people, str(on.job.body["since"]), bool(on.job.body["over"])
    zone = on.tools.desk().zone
    known = [user for name in sorted(admins(people, people.now())) if (user := people.user(name)) is not None]
    to = [(user, *address) for user in known for address in addresses(user)]
    shown = f"{instant(since).astimezone(zone):%Y-%m-%d %H:%M} ({zone})"
    on.progress(total=len(to))
    for n, (user, channel, address) in enumerate(to, 1):
        message = _message(on.job.id, user.language, address, shown, over=over)
        courier = on.tools.couriers.get(channel)
        answer = courier.send(message) if courier is not None else None
        reason = "no courier" if answer is None else "" if isinstance(answer, Sent) else answer.reason
        on.fate(n, f"{user.id} {channel}", "failed" if reason else "done", reason)
    return {"told": len(to)}


def _message(job: str, lang: Language, address: str, since: str, *, over: bool) -> Message:
    identity = sha256(f"{job}\n{address}".encode()).hexdigest()[:32]
    text = TEXT[over].in_(lang).format(at=since)
    return Message(identity, address, SUBJECT[over].in_(lang), text, {"alarm": "over" if over else "outage"})
