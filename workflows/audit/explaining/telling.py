"""An explanation in sentences, in both languages: the only place that has these words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.events import SYSTEM, Event, Json, iso
from engine.model.transitions import PREVIOUS, STAY
from engine.problems import Language, Text
from engine.titles import Titles
from workflows.audit.explaining.chain import Explanation, Reason
from workflows.audit.explaining.lines import Line
from workflows.audit.explaining.origins import Fact, From
from workflows.audit.explaining.ways import Leads, Verdict, Way
from workflows.audit.history import who_of
from workflows.channels import door
from workflows.parameters import in_words
from workflows.sentences import said, sentence

VERDICTS: Mapping[Verdict, Text] = {
    Verdict.TAKEN: Text("成立，照此办理", "it held, and was taken"),
    Verdict.HELD: Text("成立", "it held"),
    Verdict.FAILED: Text("不成立，未走这一支", "it did not hold, so this was not taken"),
    Verdict.UNKNOWN: Text("无法判断", "it could not be decided"),
    Verdict.NOT_ASKED: Text("前面的已成立，未再判断", "not asked: one before it held"),
    Verdict.ABSENT: Text("到期前没有办理", "it was not done before the deadline passed"),
    Verdict.NOT_COUNTED: Text("办理过，但未使本期完成", "it was done, and did not meet this deadline"),
}

OTHERS: Mapping[Verdict, Text] = {
    Verdict.HELD: Text("成立，也照此办理", "it held too, and was done as well"),
    Verdict.FAILED: Text("不成立，没有办理", "it did not hold, so this was not done"),
}
"""Of what the same act might set off beside the event: they exclude one another not as branches do."""

LEADS: Mapping[Leads, Text] = {
    Leads.STATE: Text("转为“{name}”", "to {name}"),
    Leads.LIGHT: Text("亮{name}灯", "light {name}"),
    Leads.TRIGGER: Text("触发“{name}”", "fire {name}"),
    Leads.CHILD: Text("开设“{name}”", "open {name}"),
    Leads.NOTICE: Text("发出“{name}”", "send {name}"),
    Leads.PUBLICATION: Text("印发“{name}”", "issue {name}"),
    Leads.MEETS: Text("办理“{name}”即完成", "{name} would have met it"),
    Leads.STARTS: Text("“{name}”起算", "{name} starts"),
}
STAYS, BEFORE = Text("状态不变", "it stays in its state"), Text("恢复原状", "back to how it was")

ORIGINS: Mapping[From, Text] = {
    From.EVENTS: Text("来自", "by"),
    From.FORM: Text("办理时填写", "filled in with this act"),
    From.DEFINITION: Text("流程定义规定", "set by the definition"),
    From.CLOCK: Text("当时的日期", "the day of the decision"),
    From.NOTHING: Text("此前没有相关记录", "nothing had been recorded that would change it"),
    From.COMPUTED: Text("当时计算得出", "computed at that moment"),
}

OTHERWISE = Text("其他情况", "otherwise")
ELSEWHERE = Text("（您看不到的事项中）", "(in a task that you do not see)")
AGAIN = Text("（按当时的事实重新核对）", " (looked at again with the facts of that moment)")


@dataclass(frozen=True)
class Source:
    """An event that made a fact so, in words; `seen` where whoever asks sees its task."""

    ref: str
    text: str
    seen: bool = True


@dataclass(frozen=True)
class ToldFact:
    """A fact in words."""

    name: str
    title: str
    value: str
    origin: str
    sources: Sequence[Source]
    line: Line | None
    parts: Sequence[ToldFact]


@dataclass(frozen=True)
class ToldWay:
    """A way in words."""

    line: Line
    guard: str
    leads: str
    """What it leads to; empty for a condition of the act itself."""
    verdict: Verdict
    text: str
    facts: Sequence[ToldFact]


@dataclass(frozen=True)
class Told:
    """One step in words. `at` is local to the process."""

    ref: str
    task: str
    at: str
    who: str
    text: str
    because: str
    edition: str
    calendar: str
    lines: Sequence[Line]
    ways: Sequence[ToldWay]
    date: Sequence[str]
    dated: Sequence[ToldFact]
    due: str = ""


def told(explanation: Explanation, lang: Language, sees: Callable[[str], bool] = lambda _: True) -> list[Told]:
    """Every step in words, the event that was asked about first. Steps in tasks that whoever asks may not see
    (`sees` by id) are left out, and of facts that come from there only the numbers of their events are told.
    """
    teller = _Teller(explanation, lang, sees)
    return [teller.step(step) for step in explanation.steps if sees(step.event.task)]


class _Teller:
    def __init__(self, explanation: Explanation, lang: Language, sees: Callable[[str], bool]) -> None:
        self.past, self.lang, self.sees = explanation.past, lang, sees

    def step(self, step: Reason) -> Told:
        event = step.event
        return Told(
            ref=event.ref,
            task=event.task,
            at=f"{event.occurred_at.astimezone(step.edition.zone):%Y-%m-%d %H:%M}",
            who=who_of(event, Titles(step.edition, self.lang, step.kind)),
            text=self._sentence(event),
            because=self._because(step),
            edition=event.edition,
            calendar=step.calendar,
            lines=step.lines,
            ways=[self._way(step, way) for way in step.ways],
            date=step.date,
            dated=[self._fact(step, fact) for fact in step.dated],
            due=iso(event.due_at) if event.due_at else "",
        )

    def _sentence(self, event: Event) -> str:
        return sentence(event, self.past.edition(event), self.past.kind(event.task), self.lang)

    def _because(self, step: Reason) -> str:
        event, command = step.event, step.event.payload.get("command")
        cause = self.past.find(step.cause)
        if command is None and cause is not None:
            return Text(f"由 {step.cause} 引起", f"It follows from {step.cause}").in_(self.lang)
        if event.actor == SYSTEM:
            since = Text(f"，期限见 {step.cause}", f"; {step.cause} set its date").in_(self.lang) if cause else ""
            return Text("时间到了，系统自行办理", "The time had come, and the system acted").in_(self.lang) + since
        who = who_of(event, Titles(step.edition, self.lang, step.kind))
        channel = door(str((command or {}).get("channel", "")), self.lang)
        return Text(f"{who} 办理（渠道：{channel}）", f"Done by {who} (by {channel})").in_(self.lang)

    def _way(self, step: Reason, way: Way) -> ToldWay:
        effect = way.again and way.leads is not None and way.leads[0] is not Leads.STARTS
        text = (OTHERS if effect else {}).get(way.verdict, VERDICTS[way.verdict]).in_(self.lang)
        text += AGAIN.in_(self.lang) if way.again else ""
        if way.guard is None and way.verdict is Verdict.TAKEN:
            text = Text("前面各支都不成立，照此办理", "none before it held, so this was taken").in_(self.lang)
        facts = [self._fact(step, fact) for fact in way.facts]
        guard = way.guard or OTHERWISE.in_(self.lang)
        return ToldWay(way.line, guard, self._leads(step, way.leads), way.verdict, text, facts)

    def _leads(self, step: Reason, leads: tuple[Leads, str] | None) -> str:
        if leads is None:
            return ""
        (what, name), titles = leads, Titles(step.edition, self.lang, step.kind)
        if what is Leads.STATE and name in (STAY, PREVIOUS):
            return (STAYS if name == STAY else BEFORE).in_(self.lang)
        titled = {
            Leads.STATE: titles.state,
            Leads.LIGHT: titles.colour,
            Leads.CHILD: titles.child,
            Leads.NOTICE: titles.notice,
            Leads.PUBLICATION: titles.publication,
            Leads.STARTS: titles.deadline,
        }.get(what, titles.trigger)
        return LEADS[what].in_(self.lang).format(name=titled(name))

    def _fact(self, step: Reason, fact: Fact) -> ToldFact:
        titles = Titles(step.edition, self.lang, step.kind)
        return ToldFact(
            name=fact.name,
            title=self._title(titles, fact.name),
            value=self._value(titles, fact) or Text("未填", "not set").in_(self.lang),
            origin=ORIGINS[fact.origin].in_(self.lang),
            sources=[self._source(ref) for ref in fact.refs] if fact.origin is From.EVENTS else (),
            line=fact.line,
            parts=[self._fact(step, part) for part in fact.parts],
        )

    def _value(self, titles: Titles, fact: Fact) -> str:
        record, _, rest = fact.name.partition(".")
        if fact.name == "state":
            return titles.state(fact.value)
        if record == "param" and titles.edition is not None:
            return titles.listed(in_words(titles.edition, rest, fact.value, self.lang))
        return said(titles.value(rest, fact.value), self.lang)

    def _title(self, titles: Titles, name: str) -> str:
        record, _, rest = name.partition(".")
        match record:
            case "task" | "form" | "parent":
                return titles.field(rest)
            case "param":
                return titles.parameter(rest)
            case "measure":
                return titles.measure(rest)
            case _:
                return name

    def _source(self, ref: str) -> Source:
        recorded = self.past.find(ref)
        assert recorded is not None, "it was found where it was counted"
        event, edition = recorded.event, self.past.edition(recorded.event)
        if not self.sees(event.task):
            return Source(ref, ELSEWHERE.in_(self.lang), seen=False)
        who = who_of(event, Titles(edition, self.lang, self.past.kind(event.task)))
        when = f"{event.occurred_at.astimezone(edition.zone):%Y-%m-%d %H:%M}"
        return Source(ref, f"{when} {who} {self._sentence(event)}")


# -- for programs


def to_json(explanation: Explanation, steps: Sequence[Told]) -> Json:
    """The whole as one JSON document."""
    return {
        "task": explanation.task,
        "seq": explanation.seq,
        "state": explanation.state,
        "holes": explanation.holes(),
        "steps": [_step_json(step) for step in steps],
    }


def _step_json(step: Told) -> Json:
    return {
        "ref": step.ref,
        "at": step.at,
        "due_at": step.due or None,
        "who": step.who,
        "text": step.text,
        "because": step.because,
        "edition": step.edition,
        "calendar": step.calendar,
        "lines": [line.to_json() for line in step.lines],
        "ways": [
            {
                "line": way.line.to_json(),
                "guard": way.guard,
                "verdict": way.verdict.value,
                "text": way.text,
                "facts": [_fact_json(fact) for fact in way.facts],
            }
            for way in step.ways
        ],
        "date": list(step.date),
        "dated": [_fact_json(fact) for fact in step.dated],
    }


def _fact_json(fact: ToldFact) -> Json:
    return {
        "name": fact.name,
        "title": fact.title,
        "value": fact.value,
        "origin": fact.origin,
        "sources": [{"ref": each.ref, "text": each.text} for each in fact.sources],
        "line": fact.line.to_json() if fact.line else None,
        "parts": [_fact_json(part) for part in fact.parts],
    }
