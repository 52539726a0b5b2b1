"""What a rehearsal came to, as text that is the same on every machine: to be read, and to be kept as a golden file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from difflib import unified_diff
from zoneinfo import ZoneInfo

from engine.edition import Edition
from engine.events import Event, EventType, Json
from engine.moves import plain
from engine.problems import Language, Text
from engine.recurrence import periods
from engine.refusals import say
from engine.task import Occurrence
from engine.titles import COLOURS, Titles
from workflows.authoring.rehearse import Rehearsal

KINDS: Mapping[EventType, Text] = {
    EventType.TASK_REGISTERED: Text("登记", "tasks registered"),
    EventType.TRIGGER_FIRED: Text("办理", "acts"),
    EventType.TRIGGER_IGNORED: Text("未能执行", "triggers that did not apply"),
    EventType.ACT_CORRECTED: Text("更正", "acts corrected"),
    EventType.DEADLINE_STARTED: Text("时限起算", "deadlines started"),
    EventType.DEADLINE_MOVED: Text("时限调整", "deadlines moved"),
    EventType.DEADLINE_PAUSED: Text("时限中止", "deadlines paused"),
    EventType.DEADLINE_RESUMED: Text("时限恢复", "deadlines resumed"),
    EventType.DEADLINE_EXTENDED: Text("时限延期", "deadlines extended"),
    EventType.DEADLINE_REMINDED: Text("到期提醒", "reminders"),
    EventType.DEADLINE_MET: Text("时限完成", "deadlines met"),
    EventType.DEADLINE_MISSED: Text("时限逾期", "deadlines missed"),
    EventType.DEADLINE_LAPSED: Text("时限届满", "deadlines lapsed"),
    EventType.DEADLINE_CANCELLED: Text("时限取消", "deadlines cancelled"),
    EventType.DEADLINE_SUPERSEDED: Text("时限被取代", "deadlines superseded"),
    EventType.MISS_EXCUSED: Text("逾期更正", "misses excused"),
    EventType.SIGNAL_CHANGED: Text("亮灯变化", "signals changed"),
    EventType.CHILD_OPENED: Text("子事项立项", "children opened"),
    EventType.CHILD_ENDED: Text("子事项了结", "children ended"),
    EventType.NOTICE_RAISED: Text("发出通知", "notices"),
    EventType.PUBLICATION_ORDERED: Text("应印发", "publications ordered"),
    EventType.PUBLICATION_ISSUED: Text("印发", "publications issued"),
    EventType.PUBLICATION_VOIDED: Text("作废", "documents declared void"),
    EventType.VALUES_REDACTED: Text("个人信息删除", "personal data erased"),
}
"""Each kind of event in the totals."""

_PASSING: Mapping[EventType, Text] = {
    EventType.DEADLINE_MISSED: Text("逾期", "missed"),
    EventType.DEADLINE_LAPSED: Text("届满", "lapsed"),
    EventType.DEADLINE_EXTENDED: Text("延期", "extended"),
    EventType.DEADLINE_PAUSED: Text("中止", "paused"),
    EventType.DEADLINE_RESUMED: Text("恢复", "resumed"),
    EventType.MISS_EXCUSED: Text("逾期更正为按期", "excused: it was met in time"),
}


def report(rehearsal: Rehearsal, lang: Language) -> str:
    """The refusals, the board at the end of each month, the totals, and every event that people would hear of."""
    return "\n".join(_Report(rehearsal, lang).lines()) + "\n"


def compare(found: str, golden: str, name: str = "golden") -> str:
    """What differs from a report that was kept, as a unified diff; empty where nothing does."""
    lines = unified_diff(golden.splitlines(), found.splitlines(), name, "now", lineterm="")
    return "".join(f"{line}\n" for line in lines)


class _Report:
    def __init__(self, rehearsal: Rehearsal, lang: Language) -> None:
        self.it, self.lang = rehearsal, lang
        self.edition: Edition = rehearsal.edition
        self.zone: ZoneInfo = rehearsal.edition.zone
        self.titles = Titles(rehearsal.edition, lang)
        entered = (event for event in rehearsal.events if event.type is EventType.TASK_REGISTERED)
        self.kinds: Mapping[str, str] = {event.task: event.payload["kind"] for event in entered}

    def lines(self) -> Iterator[str]:
        it = self.it
        calendar = f"{it.calendar.name} {it.calendar.edition}"
        yield self._say(
            f"推演 {self.edition.name}：{it.since} 至 {it.until}，{it.tasks} 项，日历 {calendar}",
            f"Rehearsal of {self.edition.name}: {it.since} to {it.until}, {it.tasks} tasks, calendar {calendar}",
        )
        for stop in it.stops:
            trigger, said = self.titles.trigger(stop.trigger), say(stop.refusal, self.edition, self.lang)
            yield f"! {self._time(stop.at)}  {stop.task}  {trigger}: {said}"
        yield from self._board()
        yield from self._totals()
        yield from self._cadences()
        yield from self._story()

    def _board(self) -> Iterator[str]:
        yield "\n" + self._say("月末看板", "Board at the end of each month")
        states, colours = list(self.edition.sheets[""].body.states), list(COLOURS)
        for day, counts in sorted(self.it.board.items()):
            here = [f"{self.titles.state(name)} {counts['state', name]}" for name in states if counts["state", name]]
            lights = [f"{self._colour(name)} {counts['signal', name]}" for name in colours if counts["signal", name]]
            yield f"{day}  {', '.join(here)}  | {', '.join(lights)}".rstrip(" |")

    def _totals(self) -> Iterator[str]:
        yield "\n" + self._say("合计", "Totals")
        for kind in EventType:
            if self.it.totals[kind]:
                yield f"{KINDS[kind].in_(self.lang)} {self.it.totals[kind]}"
        for name, count in sorted(self.it.notices.items()):
            yield f"{self._say('通知', 'notice')} {self._notice(name)} {count}"
        for name, count in sorted(self.it.misses.items()):
            yield f"{self._say('逾期', 'missed')} {self.titles.deadline(name)} {count}"

    def _cadences(self) -> Iterator[str]:
        """What a programme publishes by the calendar alone, on the days on which it is due."""
        it, programme = self.it, self.edition.process.programme
        found = [
            f"{period.due_on}  {rule.title(self.lang)} {period.key}"
            for rule in (programme.publications.values() if programme else ())
            if rule.every is not None
            for period in periods(rule.every.recurrence, it.calendar, it.since, it.until)
        ]
        if found:
            yield "\n" + self._say("按期编发", "Published by the calendar")
            yield from sorted(found)

    def _story(self) -> Iterator[str]:
        told = [line for event in self.it.events if (line := self._event(event)) is not None]
        if told:
            yield "\n" + self._say("经过", "What happened")
            yield from told

    def _event(self, event: Event) -> str | None:
        """One line for what people would hear of; None for the rest."""
        said = self._said(event)
        return None if said is None else f"{self._time(event.occurred_at)}  {event.task}  {said}"

    def _said(self, event: Event) -> str | None:
        told = event.payload
        titles = Titles(self.edition, self.lang, self.kinds[event.task])
        match event.type:
            case EventType.TASK_REGISTERED:
                return f"{self._say('登记', 'registered')}: {titles.state(told['state'])}"
            case EventType.TRIGGER_FIRED | EventType.ACT_CORRECTED:
                return self._fired(event, titles)
            case EventType.TRIGGER_IGNORED:
                what = titles.deadline(told["deadline"]) if "deadline" in told else titles.trigger(told["trigger"])
                return f"{self._say('未能', 'could not')} {what} ({told['code']})"
            case EventType.SIGNAL_CHANGED:
                return f"{self._colour(told['from'])} → {self._colour(told['to'])}"
            case EventType.NOTICE_RAISED:
                to = titles.listed([titles.role(one["role"]) for one in told["to"]])
                return f"{self._say('通知', 'notice')}: {self._notice(told['notice'])} → {to}"
            case EventType.PUBLICATION_ORDERED:
                name = titles.of(lambda sheet: sheet.body.publications, told["publication"])
                return f"{self._say('编发', 'to publish')}: {name}"
            case _ if event.type in _PASSING:
                return self._passing(event.type, told["occurrence"], titles)
        return None

    def _fired(self, event: Event, titles: Titles) -> str:
        told = event.payload
        way = titles.state(told["from"])
        if told["to"] != told["from"]:
            way += f" → {titles.state(told['to'])}"
        form = ", ".join(f"{titles.field(name)} {_short(value)}" for name, value in told["form"].items())
        return f"{titles.trigger(told['trigger'])} ({titles.role(event.actor)}): {way}" + (f"; {form}" if form else "")

    def _passing(self, kind: EventType, occurrence: Occurrence, titles: Titles) -> str:
        day = occurrence.get("last_day") or "—"
        name = titles.deadline(occurrence["name"])
        return f"{name} {occurrence['key']} {_PASSING[kind].in_(self.lang)} ({day})"

    def _colour(self, name: str | None) -> str:
        return self.titles.colour(name)

    def _notice(self, name: str) -> str:
        return self.titles.notice(name)

    def _time(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def _say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en


def _short(value: Json) -> str:
    """A value of a form in one line."""
    if isinstance(value, list):
        return f"[{len(value)}]"
    text = str(plain(value))
    return text if len(text) <= 40 else f"{text[:39]}…"
