"""One sentence for each kind of event, in both languages: the only place that has these words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, assert_never

from engine.commands import Refusal
from engine.edition import Edition
from engine.events import Event, EventType
from engine.problems import Language, Text
from engine.refusals import say
from engine.titles import Titles
from workflows.personal import record


def sentence(event: Event, edition: Edition, kind: str, lang: Language) -> str:
    """What happened, in one sentence and one line, whatever somebody wrote: nobody's text looks like another entry.
    `kind` is the body of the event's task. Personal values are not said.
    """
    return _BREAKS.sub(" ", _Said(event, edition, Titles(edition, lang, kind), kind).text())


_BREAKS = re.compile(r"\s*[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+\s*")
"""Ends of lines, control characters, and marks that change the order of reading."""


class _Said:
    """The words of one event, with names and values as people know them."""

    def __init__(self, event: Event, edition: Edition, titles: Titles, kind: str) -> None:
        self.event, self.edition, self.titles, self.kind = event, edition, titles, kind
        self.told: Mapping[str, Any] = event.payload
        self.zh = titles.lang == "zh"

    def of(self, zh: str, en: str) -> str:
        return zh if self.zh else en

    def text(self) -> str:  # noqa: C901 - one case for each kind of event
        match self.event.type:
            case EventType.TASK_REGISTERED:
                return self._registered()
            case EventType.TRIGGER_FIRED:
                return self._fired()
            case EventType.TRIGGER_IGNORED:
                return self._ignored()
            case EventType.ACT_CORRECTED:
                return self._corrected()
            case EventType.SIGNAL_CHANGED:
                return self._signal()
            case EventType.CHILD_OPENED | EventType.CHILD_ENDED:
                return self._child()
            case EventType.NOTICE_RAISED:
                return self._notice()
            case EventType.PUBLICATION_ORDERED | EventType.PUBLICATION_ISSUED | EventType.PUBLICATION_VOIDED:
                return self._publication()
            case EventType.TASK_MIGRATED | EventType.TASK_RESTORED:
                return self._migrated()
            case EventType.VALUES_REDACTED:
                return self._redacted()
            case (
                EventType.DEADLINE_STARTED
                | EventType.DEADLINE_MOVED
                | EventType.DEADLINE_PAUSED
                | EventType.DEADLINE_RESUMED
                | EventType.DEADLINE_EXTENDED
                | EventType.DEADLINE_REMINDED
                | EventType.DEADLINE_MET
                | EventType.DEADLINE_MISSED
                | EventType.DEADLINE_LAPSED
                | EventType.DEADLINE_CANCELLED
                | EventType.DEADLINE_SUPERSEDED
                | EventType.MISS_EXCUSED
            ):
                return self._deadline()
            case unreachable:
                assert_never(unreachable)

    def _registered(self) -> str:
        state = self.titles.state(self.told["state"])
        if self.told.get("opening"):
            source = self.told["opening"].get("source")
            return self.of(f"以在办事项登记，状态“{state}”", f"Registered as under way, {state}") + self._of_source(
                source
            )
        return self.of(f"登记，状态“{state}”", f"Registered, {state}") + self._values(self.told["fields"])

    def _of_source(self, source: str | None) -> str:
        return self.of(f"（依据：{source}）", f" (source: {source})") if source else ""

    def _fired(self) -> str:
        trigger = self.titles.trigger(self.told["trigger"])
        said = trigger + self._values(self.told["form"])
        if self.told["to"] != self.told["from"]:
            before, after = self.titles.state(self.told["from"]), self.titles.state(self.told["to"])
            said += self.of(f"：“{before}”→“{after}”", f": {before} → {after}")
        if self.told["ended"]:
            said += self.of("，办结", ", ended")
        return said + self._late()

    def _late(self) -> str:
        command = self.told.get("command") or {}
        reason = command.get("reason")
        return self.of(f"（补录：{reason}）", f" (entered late: {reason})") if reason else ""

    def _ignored(self) -> str:
        refusal = Refusal(self.told["code"], self.told["facts"])
        why = say(refusal, self.edition, self.titles.lang, self.kind)
        if "deadline" in self.told:
            deadline = self.titles.deadline(self.told["deadline"])
            return self.of(f"“{deadline}”未起算：{why}", f"{deadline} did not start: {why}")
        trigger = self.titles.trigger(self.told["trigger"])
        return self.of(f"“{trigger}”未执行：{why}", f"{trigger} did not apply: {why}")

    def _corrected(self) -> str:
        taken, state = self.titles.trigger(self.told["taken_back"]), self.titles.state(self.told["to"])
        return self.of(f"更正：撤回“{taken}”，恢复为“{state}”", f"Corrected: {taken} taken back, {state} again")

    def _signal(self) -> str:
        before, after = (self._colour(self.told[side]) for side in ("from", "to"))
        return self.of(f"亮灯：{before}→{after}", f"Signal: {before} → {after}")

    def _colour(self, colour: str | None) -> str:
        return self.titles.colour(colour) if colour else self.of("无", "none")

    def _child(self) -> str:
        child, state = self.told["child"], self.titles.state(self.told["state"])
        if self.told.get("again"):
            return self.of(f"子事项 {child} 重启：“{state}”", f"{child} opened again: {state}")
        if self.event.type is EventType.CHILD_OPENED:
            return self.of(f"开设子事项 {child}", f"Opened {child}")
        return self.of(f"子事项 {child} 了结：“{state}”", f"{child} ended: {state}")

    def _notice(self) -> str:
        title = self.titles.notice(self.told["notice"])
        to = self.titles.listed([self._addressee(each) for each in self.told["to"]])
        return self.of(f"发出“{title}”，送{to}", f"Notice “{title}” to {to}")

    def _addressee(self, to: Mapping[str, Any]) -> str:
        units = self.titles.listed(to["units"]) if to.get("units") else ""
        role = self.titles.role(to["role"])
        return role + (self.of(f"（{units}）", f" ({units})") if units else "")

    def _publication(self) -> str:
        title = self.titles.of(lambda sheet: sheet.body.publications, self.told["publication"])
        if self.event.type is EventType.PUBLICATION_VOIDED:
            document, reason = self.told["number"], self.told["reason"]
            return self.of(f"“{title}”{document} 作废（{reason}）", f"“{title}” {document} is declared void ({reason})")
        key = self.told["key"]
        if self.event.type is EventType.PUBLICATION_ORDERED:
            return self.of(f"应印发“{title}”（{key}）", f"Publication “{title}” ordered ({key})")
        number, digest = self.told["number"], self.told["digest"][:12]
        document = self.told.get("document")
        if document is not None:
            return self.of(
                f"印发“{title}”{document['number']}（{key}，摘要 {document['docx'][:12]}）",
                f"Issued “{title}” {document['number']} ({key}, {document['docx'][:12]})",
            )
        return self.of(
            f"印发“{title}”第 {number} 期（{key}，摘要 {digest}）", f"Issued “{title}” no. {number} ({key}, {digest})"
        )

    def _deadline(self) -> str:
        occurrence = self.told["occurrence"]
        title = self.titles.deadline(occurrence["name"])
        key = occurrence["key"]
        name = title if key in ("", "1") else self.of(f"{title}（{key}）", f"{title} ({key})")
        zh, en = DEADLINES[self.event.type]
        if self.event.type is EventType.DEADLINE_MET and occurrence["status"] == "met_late":
            zh, en = MET_LATE
        due = occurrence.get("last_day") or self.of("未定", "not known")
        doubt = self.of("（暂定）", " (provisional)") if occurrence.get("provisional") else ""
        said = self.of(zh, en).format(name=name, due=due + doubt, days=occurrence.get("days_late", 0))
        because, policy = self.told.get("because"), self.told.get("policy")
        if because:
            said += self.of(f"（日历调整：{because}）", f" (the calendar changed: {because})")
        if policy:
            said += self.of(f"（{POLICIES[policy].zh}）", f" ({POLICIES[policy].en})")
        return said

    def _migrated(self) -> str:
        """Under which edition from now on, in which state, by which migration and why."""
        was, now, migration = self.told["was"], self.event.edition, self.told["migration"]
        zh, en = f"改用版次 {now}（原 {was}）", f"Under {now} from now on (before: {was})"
        if self.event.type is EventType.TASK_RESTORED:
            zh, en = f"撤回迁移，恢复版次 {now}", f"Migration taken back: under {now} again"
        said = self.of(zh, en)
        if self.told["from"] != self.told["to"]:
            before, after = self.titles.state(self.told["from"]), self.titles.state(self.told["to"])
            said += self.of(f"，“{before}”→“{after}”", f", {before} → {after}")
        reason = (self.told.get("command") or {}).get("reason")
        why = f"：{reason}" if self.zh and reason else f": {reason}" if reason else ""
        return said + self.of(f"（{migration}{why}）", f" ({migration}{why})")

    def _redacted(self) -> str:
        """By which order, why, and what; the value is told nowhere."""
        order, reason = self.told["order"], (self.told.get("command") or {}).get("reason") or ""
        what = [
            *(
                self.of(f"第 {each['seq']} 条的{self._line(each)}", f"{self._line(each)} of #{each['seq']}")
                for each in self.told["lines"]
            ),
            *(self.of(f"文件 {digest[:12]}", f"the file {digest[:12]}") for digest in self.told["files"]),
        ]
        listed = self.titles.listed(list(dict.fromkeys(what)))
        return self.of(f"按 {order} 号令删除：{listed}（{reason}）", f"Erased by order {order}: {listed} ({reason})")

    def _line(self, line: Mapping[str, Any]) -> str:
        part, name = line["part"], line["name"]
        if part == "reason":
            return self.of("理由", "the reason")
        if part == "opening":
            return self.of("依据", "the source")
        if part == "milestones":
            return self.of(f"节点 {name}", f"the milestone {name}")
        return f"“{self.titles.field(name)}”" if self.zh else self.titles.field(name)

    def _values(self, values: Mapping[str, Any]) -> str:
        """What was filled in, less what the law protects."""
        personal = self.edition.sheets[self.kind].personal
        shown = [
            f"{self.titles.field(name)} {said(self.titles.value(name, value), self.titles.lang)}"
            for name, value in record(values, self.edition.sheets[self.kind]).items()
            if name not in personal and value not in (None, "", [], False)
        ]
        if not shown:
            return ""
        return self.of(f"（{'，'.join(shown)}）", f" ({', '.join(shown)})")


POLICIES: Mapping[str, Text] = {
    "keep": Text("改用新版次，仍按原规定计算", "another edition: it goes on by the old rule"),
    "start_anew": Text("改用新版次，按新规定重新计算", "another edition: the new rule, from now"),
    "re_anchor": Text("改用新版次，按新规定自原起算点计算", "another edition: the new rule, from where it began"),
    "drop": Text("改用新版次，不再要求", "another edition: it is owed no more"),
    "state": Text("改用新版次，现状态不再要求", "another edition: it is not owed in this state"),
}
"""What became of a deadline when its task came under another edition."""

MET_LATE = ("“{name}”逾期 {days} 天完成（期限 {due}）", "{name} met {days} days late (due {due})")

DEADLINES: Mapping[EventType, tuple[str, str]] = {
    EventType.DEADLINE_STARTED: ("“{name}”起算，期限 {due}", "{name} starts, due {due}"),
    EventType.DEADLINE_MOVED: ("“{name}”期限调整为 {due}", "{name} moves, due {due}"),
    EventType.DEADLINE_PAUSED: ("“{name}”中止计时", "{name} is paused"),
    EventType.DEADLINE_RESUMED: ("“{name}”恢复计时，期限 {due}", "{name} goes on, due {due}"),
    EventType.DEADLINE_EXTENDED: ("“{name}”延期至 {due}", "{name} is extended to {due}"),
    EventType.DEADLINE_REMINDED: ("“{name}”提醒，期限 {due}", "{name}: reminder, due {due}"),
    EventType.DEADLINE_MET: ("“{name}”按期完成（期限 {due}）", "{name} met (due {due})"),
    EventType.DEADLINE_MISSED: ("“{name}”逾期（期限 {due}）", "{name} missed (due {due})"),
    EventType.DEADLINE_LAPSED: ("“{name}”届满（期限 {due}）", "{name} lapsed (due {due})"),
    EventType.DEADLINE_CANCELLED: ("“{name}”取消", "{name} is cancelled"),
    EventType.DEADLINE_SUPERSEDED: ("“{name}”由新的一次取代", "{name} is superseded by a new one"),
    EventType.MISS_EXCUSED: (
        "“{name}”补正：实际按期完成（期限 {due}）",
        "{name} was met in time after all (due {due})",
    ),
}


def said(value: Any, lang: Language) -> str:
    """A kept value as people write it: yes or no, a quantity with its unit, files by name."""
    if isinstance(value, bool):
        return Text("是", "yes").in_(lang) if value else Text("否", "no").in_(lang)
    if isinstance(value, Mapping):
        return str(value["name"]) if "name" in value else " ".join(said(part, lang) for part in value.values())
    if isinstance(value, list):
        return "、".join(said(item, lang) for item in value)
    return "" if value is None else str(value)
