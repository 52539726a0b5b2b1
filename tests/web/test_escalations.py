"""Every escalation of both demonstration years, and of the scenarios of all examples, is explained on its page, down
to the line of the edition in force and to each number that was seen.

What a page has to say is worked out here from the recorded events and the text of the edition, and not by the room
that explains.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from click.testing import CliRunner

from cli import cli
from engine.events import SYSTEM, Event, EventType
from engine.loading import load
from storage.lists import SqlLists
from storage.offices import open_office
from tests.web.stage import Stage
from web.house import House
from workflows.audit.explaining.chain import Explanation, explain
from workflows.audit.explaining.telling import told
from workflows.authoring.scenarios import Run, parse
from workflows.clock import VirtualClock
from workflows.coverage import Happened
from workflows.desk import CLOCK, Desk
from workflows.people import accounts, holdings, rights
from workflows.people.values import ANY, AUDITOR, By, Holding
from workflows.sources import calendar_named

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(ROOT.glob("definitions/**/scenarios*.yaml"))
WORSE = ("yellow", "orange", "red")
FOLLOWS = (EventType.DEADLINE_MISSED, EventType.DEADLINE_LAPSED, EventType.NOTICE_RAISED, EventType.CHILD_OPENED,
           EventType.PUBLICATION_ORDERED)  # fmt: skip


def escalates(event: Event) -> bool:
    """What is missed, warned of, ordered or taken up; what time moves; and each light that gets worse."""
    if event.type is EventType.SIGNAL_CHANGED:
        return event.payload["to"] in WORSE
    if event.type is EventType.TRIGGER_FIRED:
        return bool(event.actor == SYSTEM and event.payload["to"] != event.payload["from"])
    return event.type in FOLLOWS


# -- what has to be there


@dataclass(frozen=True)
class Step:
    """One step as it is told: the event, its lines as (edition, number, text), and what was seen by name."""

    ref: str
    lines: Sequence[tuple[str, int, str]]
    seen: dict[str, str]
    whole: str


def missing(event: Event, steps: Sequence[Step], find: Any, text_of: Any) -> Iterator[str]:
    """What an explanation should say and does not."""
    if not steps or steps[0].ref != event.ref:
        yield "it does not begin with the event"
    for step in steps:
        yield from (f"{step.ref}: {lost}" for lost in _unread(step, text_of))
        for guard in find(step.ref).payload.get("guards", ()):
            yield from (f"{step.ref}: {lost}" for lost in _unseen(guard["saw"], step))
    first = find(steps[-1].ref) if steps else event
    if not first.payload.get("command"):
        yield f"it ends at {first.ref}, which nobody and nothing began"
    if event.type is EventType.DEADLINE_MISSED and "due" not in steps[0].whole and not steps[0].seen:
        occurrence = event.payload["occurrence"]
        if str(occurrence.get("last_day")) not in steps[0].whole:
            yield f"its last day {occurrence.get('last_day')} is not there"


def _unread(step: Step, text_of: Any) -> Iterator[str]:
    if not step.lines:
        yield "no line"
    for edition, number, text in step.lines:
        if text_of(edition).splitlines()[number - 1].strip() != text:
            yield f"{edition}:{number} is not {text}"
        if _ASKED.search(text) and not step.seen:
            yield f"{text} was asked, and nothing that it saw is there"


_ASKED = re.compile(r"\{(?:fire|notice|open|publish):[^{}]*\bwhen:")
"""An effect with a condition of its own, on one line."""


def _unseen(saw: dict[str, Any], step: Step) -> Iterator[str]:
    for name, value in saw.items():
        if name not in step.seen:
            yield f"{name} is not there"
        elif isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) and value not in step.seen[name]:
            yield f"{name} was {value} and is told as {step.seen[name]}"


# -- the demonstration, by its pages


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Both years as the demonstration leaves them, and an auditor who signs in."""
    folder = tmp_path_factory.mktemp("demo") / "duban-demo"
    ran = CliRunner().invoke(cli, ["--json", "demo", "--into", str(folder)])
    assert ran.exit_code == 0, ran.output
    url = f"sqlite:///{folder / 'duban.db'}"
    first = open_office(url)
    clock = VirtualClock(datetime.fromisoformat(first.store.note(CLOCK) or ""))
    first.close()
    office = open_office(url, clock=clock)
    desk = Desk(office.store, clock, people=office.people)
    accounts.add_user(office.people, accounts.new_user("wu", clock()), By("root"))
    granted = holdings.grant(office.people, Holding("wu", AUDITOR, ANY, None, clock()), By("root"), rights.roles(desk))
    assert isinstance(granted, Holding), granted
    house = House(desk, office.people, SqlLists(office.store.engine), office.documents, office.post, office.jobs)
    stage = Stage(office, clock, house, {})
    yield stage
    stage.close()


_STEP = re.compile(r'<li class="sheet" id="step-\d+">(.*?)\n</li>\n(?=<li class="sheet"|</ol>)', re.DOTALL)
_REF = re.compile(r'<time>[^<]*</time> <a href="[^"]*">([^<]+)</a>')
_LINE = re.compile(r'<span class="quiet">(\S+):(\d+) [^<]*</span><br><code class="line">(.*?)</code>', re.DOTALL)
_SEEN = re.compile(r"<li><code>([^<]*)</code>[^<]*? = <strong>([^<]*)</strong>")


def steps_on(page: str) -> list[Step]:
    """The steps of an explanation as its page shows them."""
    return [_step(unescape(ref[1]), html) for html in _STEP.findall(page) if (ref := _REF.search(html))]


def _step(ref: str, html: str) -> Step:
    lines = [(unescape(edition), int(number), unescape(text)) for edition, number, text in _LINE.findall(html)]
    seen = {unescape(name): unescape(value) for name, value in _SEEN.findall(html)}
    return Step(ref, lines, seen, unescape(html))


def test_each_escalation_of_both_years_is_explained_on_its_page(demo: Stage) -> None:
    """All of them in Chinese, and each tenth in English too."""
    store = demo.desk.store
    told = [each.event for stream in store.streams() for each in store.events(stream)]
    events, chosen = {event.ref: event for event in told}, [event for event in told if escalates(event)]
    assert len(chosen) > 400
    assert {event.type for event in chosen} > {EventType.DEADLINE_MISSED, EventType.SIGNAL_CHANGED, *FOLLOWS[2:]}
    browsers = {lang: demo.client("wu", lang) for lang in ("zh", "en")}
    wrong: list[str] = []
    for number, event in enumerate(chosen):
        for lang in ("zh", "en") if number % 10 == 0 else ("zh",):
            answer = browsers[lang].get(f"/tasks/{event.task}/why/{event.seq}")
            assert answer.status_code == 200, event.ref
            wrong += [
                f"{event.ref} {lang}: {each}"
                for each in missing(event, steps_on(answer.text), events.__getitem__, lambda name: _text(demo, name))
            ]
    assert wrong == []


def _text(stage: Stage, name: str) -> str:
    process, _, edition = name.partition("@")
    found = stage.desk.store.edition(process, edition)
    assert found is not None
    return found.text


def test_a_page_that_leaves_something_out_is_noticed(demo: Stage) -> None:
    """A line, a number, the step that began it."""
    store = demo.desk.store
    events = {each.event.ref: each.event for stream in store.streams() for each in store.events(stream)}
    event = next(each for each in events.values() if escalates(each) and each.payload.get("guards"))
    page = demo.client("wu").get(f"/tasks/{event.task}/why/{event.seq}").text
    assert list(missing(event, steps_on(page), events.__getitem__, lambda name: _text(demo, name))) == []
    for cut in (_LINE, _SEEN, re.compile(r"<strong>[^<]*</strong>")):
        less = cut.sub("", page)
        assert list(missing(event, steps_on(less), events.__getitem__, lambda name: _text(demo, name))), cut


# -- the examples, by their scenarios


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.parent.name)
def test_each_escalation_of_the_scenarios_is_explained(script: Path) -> None:
    """In the words that the page prints."""
    text = (script.parent / "process.yaml").read_text(encoding="utf-8")
    edition = load(text, "process.yaml").edition
    assert edition is not None
    parsed, calendar, looked = parse(script.read_bytes(), str(script)), calendar_named(edition.process.calendar), 0
    assert parsed.document is not None
    for number, scenario in enumerate(parsed.scenarios):
        lives = _lives(Run(edition, calendar, scenario, (number,), parsed.document))
        events = {each.event.ref: each.event for life in lives.values() for each in life}
        store = SimpleNamespace(
            events=lambda name, lives=lives: lives.get(name, ()),
            task=lambda name, lives=lives: name in lives or None,
        )
        desk = SimpleNamespace(store=store, book=lambda _: (edition, calendar), units={}, version_of=lambda _: calendar)
        for event in filter(escalates, events.values()):
            found = explain(cast(Desk, desk), event.task, event.seq, "zh")
            assert isinstance(found, Explanation)
            steps = [_told(each) for each in told(found, "zh")]
            assert list(missing(event, steps, events.__getitem__, lambda _: text)) == [], scenario
            looked += 1
    assert looked


def _told(step: Any) -> Step:
    lines = [(line.edition, line.number, line.text) for line in step.lines]
    seen = {fact.name: fact.value for way in step.ways for fact in way.facts}
    return Step(step.ref, lines, seen, " ".join([step.text, *step.date]))


def _lives(scenario: Run) -> dict[str, list[Any]]:
    """The events of a scenario by task, recorded one after the other."""
    told: list[Event] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Happened, "note", lambda _, event: told.append(event))
        scenario.go()
    found: dict[str, list[Any]] = {}
    for number, event in enumerate(told):
        recorded_at = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(microseconds=number)
        found.setdefault(event.task, []).append(SimpleNamespace(event=event, recorded_at=recorded_at))
    return found
