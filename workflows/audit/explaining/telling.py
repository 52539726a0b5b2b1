"""An explanation in sentences, in both languages: the only place that has these words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.events import SYSTEM, Event, Json, iso
from engine.problems import Language, Text
from engine.titles import Titles
from workflows.audit.explaining.chain import Explanation, Reason
from workflows.audit.explaining.lines import Line
from workflows.audit.explaining.origins import Fact, From
from workflows.audit.explaining.rules import Verdict, Way
from workflows.audit.history import who_of
from workflows.sentences import said, sentence

VERDICTS: Mapping[Verdict, Text] = {
    Verdict.TAKEN: Text("成立，照此办理", "it held, and was taken"),
    Verdict.HELD: Text("成立", "it held"),
    Verdict.FAILED: Text("不成立，未走这一支", "it did not hold, so this was not taken"),
    Verdict.UNKNOWN: Text("无法判断", "it could not be decided"),
    Verdict.NOT_ASKED: Text("前面的已成立，未再判断", "not asked: one before it held"),
}

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
    """An event that made a fact so, in words."""

    ref: str
    text: str


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
        channel = (command or {}).get("channel", "")
        return Text(f"{who} 办理（渠道：{channel}）", f"Done by {who} (by {channel})").in_(self.lang)

    def _way(self, step: Reason, way: Way) -> ToldWay:
        text = VERDICTS[way.verdict].in_(self.lang) + (AGAIN.in_(self.lang) if way.again else "")
        if way.guard is None and way.verdict is Verdict.TAKEN:
            text = Text("前面各支都不成立，照此办理", "none before it held, so this was taken").in_(self.lang)
        facts = [self._fact(step, fact) for fact in way.facts]
        return ToldWay(way.line, way.guard or OTHERWISE.in_(self.lang), way.verdict, text, facts)

    def _fact(self, step: Reason, fact: Fact) -> ToldFact:
        titles = Titles(step.edition, self.lang, step.kind)
        field_name = fact.name.partition(".")[2]
        title = titles.field(field_name) if fact.name.startswith(("task.", "form.", "parent.")) else fact.name
        value = titles.state(fact.value) if fact.name == "state" else titles.value(field_name, fact.value)
        return ToldFact(
            name=fact.name,
            title=title,
            value=said(value, self.lang) or Text("未填", "not set").in_(self.lang),
            origin=ORIGINS[fact.origin].in_(self.lang),
            sources=[self._source(ref) for ref in fact.refs] if fact.origin is From.EVENTS else (),
            line=fact.line,
            parts=[self._fact(step, part) for part in fact.parts],
        )

    def _source(self, ref: str) -> Source:
        recorded = self.past.find(ref)
        assert recorded is not None, "it was found where it was counted"
        event, edition = recorded.event, self.past.edition(recorded.event)
        if not self.sees(event.task):
            return Source(ref, ELSEWHERE.in_(self.lang))
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
