"""Where each edition stands: in force, to come, earlier, waiting for a second person, returned; and each one's life."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from engine.commands import Refusal
from engine.events import Json, instant, iso
from engine.problems import Language, Text
from workflows.authoring.proposals import Done, Proposal, all_of
from workflows.calendars import Done as CalendarDone
from workflows.desk import Desk
from workflows.people.values import Entry
from workflows.ports import CALENDARS, EDITIONS, EditionRecord

Stand = Literal["in_force", "to_come", "earlier", "submitted", "returned"]

WORDS: Mapping[Stand, Text] = {
    "in_force": Text("现行", "in force"),
    "to_come": Text("待生效", "to come"),
    "earlier": Text("已被取代", "earlier"),
    "submitted": Text("待批准", "waits for approval"),
    "returned": Text("已退回", "returned"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One edition. `since` is from when it is in force (of a draft: the day that was asked for, None for its approval);
    `by` who submitted it, `approved_by` who approved it; `alone` why one person was enough, `reason` why it was
    returned. What was published before its stream began has none of these.
    """

    process: str
    edition: str
    digest: str
    stand: Stand
    since: str | None
    published_at: datetime | None
    by: str | None
    approved_by: str | None
    alone: Mapping[str, Json] | None
    reason: str | None

    def to_json(self) -> dict[str, Json]:
        """As one JSON object; instants in UTC."""
        names = ("process", "edition", "digest", "stand", "since", "by", "approved_by", "alone", "reason")
        at = iso(self.published_at) if self.published_at else None
        return {**{name: getattr(self, name) for name in names}, "published_at": at}


def standings(desk: Desk, process: str | None = None) -> list[Standing]:
    """Every edition (of a process): those that are published in that order, then those on their way."""
    records = [each for each in desk.store.editions() if process in {None, each.process}]
    known = {name: each for name, each in all_of(desk.store).items() if not each.is_migration}
    now, found = desk.clock(), []
    for record in records:
        current = desk.store.edition(record.process, at=now)
        found.append(_published(record, current, known.get(record.name), now))
    names = {record.name for record in records}
    drafts = [each for name, each in known.items() if name not in names and process in {None, each.process}]
    return [*found, *(_draft(each) for each in drafts)]


def _published(record: EditionRecord, current: EditionRecord | None, known: Proposal | None, now: datetime) -> Standing:
    stand: Stand = "to_come" if record.since > now else "earlier"
    if current is not None and current.name == record.name and record.since <= now:
        stand = "in_force"
    done = known.by(Done.EDITION_PUBLISHED) if known else None
    told: Mapping[str, Any] = done.told if done else {}
    by = known.submitted_by if known else None
    since, approved = iso(record.since), told.get("approved_by")
    made = (record.process, record.edition, record.digest, stand, since, record.published_at)
    return Standing(*made, by, approved, told.get("alone"), None)


def _draft(known: Proposal) -> Standing:
    returned = known.by(Done.EDITION_RETURNED) if known.state == "returned" else None
    reason = returned.told["reason"] if returned else None
    edition = known.subject.partition("@")[2]
    stand: Stand = "returned" if returned else "submitted"
    made = (known.process, edition, known.digest, stand, known.told.get("since"), None)
    return Standing(*made, known.submitted_by, None, None, reason)


# -- what was done, in sentences


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was done to an edition, a migration or a calendar; `ref` names it in its stream."""

    ref: str
    entry: Entry
    text: str

    def to_json(self) -> dict[str, Json]:
        """As one JSON object."""
        told = {"ref": self.ref, "type": self.entry.type, "actor": self.entry.actor, "text": self.text}
        return {**told, "recorded_at": iso(self.entry.recorded_at), "told": dict(self.entry.told)}


def life(desk: Desk, subject: str, lang: Language) -> list[Line] | Refusal:
    """Everything that was done to an edition (`process@edition`) or a migration, a sentence each."""
    known = all_of(desk.store)
    if subject not in known:
        return Refusal("unknown_proposal", {"subject": subject, "known": list(known)})
    return [Line(f"{EDITIONS}#{each.seq}", each, _said(each, lang)) for each in known[subject].entries]


def life_of_calendar(desk: Desk, name: str, lang: Language) -> list[Line]:
    """Every change of a working calendar that was entered, a sentence each."""
    entries = [each for each in desk.store.chain(CALENDARS) if each.told["subject"] == name]
    return [Line(f"{CALENDARS}#{each.seq}", each, _said(each, lang)) for each in entries]


def _said(entry: Entry, lang: Language) -> str:
    said = _SENTENCES[entry.type].in_(lang).format_map({**entry.told, "digest": str(entry.told.get("digest"))[:12]})
    return said + "".join(_more(entry.told, lang))


def _more(told: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """What belongs to some of them: from when, why alone, why at all."""
    zh = lang == "zh"
    since = told.get("in_force_at") or told.get("since")
    if since:
        yield f"，自 {_day(since)} 起施行" if zh else f", in force from {_day(since)}"
    one = told.get("alone")
    if one:
        yield _ALONE[one["why"]].in_(lang)
    reason = told.get("reason") or (one or {}).get("reason")
    if reason:
        yield f"（{reason}）" if zh else f" ({reason})"


def _day(since: str) -> str:
    return since if len(since) == len("2022-01-31") else f"{instant(since):%Y-%m-%d %H:%M} UTC"


_ALONE: Mapping[str, Text] = {
    "rehearsal": Text("，推演库一人办理", ", by one person: a rehearsal"),
    "only administrator": Text("，仅有一位管理员，一人办理", ", by one person: there is no other administrator"),
    "the program itself": Text("，由程序办理", ", by the program itself"),
}

_SENTENCES: Mapping[str, Text] = {
    Done.EDITION_SUBMITTED: Text("报批（摘要 {digest}）", "submitted ({digest})"),
    Done.EDITION_RETURNED: Text("退回", "returned"),
    Done.EDITION_APPROVED: Text("批准", "approved"),
    Done.EDITION_PUBLISHED: Text("发布（摘要 {digest}）", "published ({digest})"),
    Done.MIGRATION_SUBMITTED: Text(
        "报批迁移：{from} → {to}（方案摘要 {digest}）", "migration submitted: {from} → {to} (plan {digest})"
    ),
    Done.MIGRATION_RETURNED: Text("退回迁移方案", "migration returned"),
    Done.MIGRATION_APPROVED: Text("批准迁移方案", "migration approved"),
    Done.MIGRATION_APPLIED: Text(
        "执行迁移：迁移 {moved} 项，未迁移 {refused} 项", "migration applied: {moved} moved, {refused} not"
    ),
    Done.MIGRATION_REVERTED: Text(
        "撤回迁移：恢复 {moved} 项，未恢复 {refused} 项", "migration reverted: {moved} went back, {refused} did not"
    ),
    CalendarDone.DAY_SET: Text("调整 {day}", "set {day}"),
    CalendarDone.NOTICE_ENTERED: Text("录入官方通知 {first}—{last}", "official notice for {first}—{last}"),
}
