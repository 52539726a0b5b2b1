"""A rehearsal as a picture: a lane for each task, its states as bars along the months, its light beneath them, and
marks where a deadline passed, a child was opened, or a document was ordered.

States are named in their bars, and lights differ in height too, so that nothing is said by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from xml.etree import ElementTree as ET

from engine.dues import start_of
from engine.edition import Edition
from engine.events import Event, EventType
from engine.problems import Language, Text
from engine.titles import COLOURS, Titles
from workflows.pictures.svg import FONTS, root_of, write
from workflows.pictures.words import broken, width

MOST = 60
"""How many lanes a picture has at most."""

LEFT, RIGHT, TOP, LANE = 190.0, 20.0, 74.0, 46.0
WIDTH = 900.0
"""Of the time itself, in points."""
BAR, SMALL = 20.0, 11.0

SHADES = ("#dfe9f5", "#f6e7d8", "#e2f0e3", "#efe3f3", "#f9dedd", "#dcf0f2", "#f3efd5", "#e4e4f1", "#e8e8e8")
LIGHTS = {"green": ("#2e7d32", 3.0), "blue": ("#1565c0", 4.5), "yellow": ("#b58900", 6.0), "orange": ("#c75000", 7.5)}
LIGHTS |= {"red": ("#b3261e", 9.0), "unknown": ("#777777", 2.0)}
"""The colour and the height of each light."""

_MARKS = {
    EventType.DEADLINE_MISSED: ("▼", Text("逾期", "deadline missed"), 0.0),
    EventType.DEADLINE_LAPSED: ("▽", Text("届满", "deadline lapsed"), 0.0),
    EventType.CHILD_OPENED: ("◆", Text("子事项立项", "child opened"), 11.0),
    EventType.PUBLICATION_ORDERED: ("■", Text("编发公文", "document ordered"), 22.0),
}
"""Its sign, its words, and how far below the top of its lane it stands, so that no mark hides another."""
_MORE = Text("另有 {count} 项未画出", "{count} more are not drawn")
_LIGHT = Text("灯", "light")


@dataclass
class Lane:
    """One task: the instants at which its state and its light changed, and its marks with what they are."""

    task: str
    title: str
    states: list[tuple[datetime, str]] = field(default_factory=list)
    lights: list[tuple[datetime, str | None]] = field(default_factory=list)
    marks: list[tuple[datetime, EventType, str]] = field(default_factory=list)


def lanes(edition: Edition, events: Iterable[Event], lang: Language) -> list[Lane]:
    """A lane for each task of the process, in the order of their ids; what happened to a child is told on its own."""
    found: dict[str, Lane] = {}
    titles = Titles(edition, lang)
    for event in events:
        if event.type is EventType.TASK_REGISTERED and event.payload["kind"] == "":
            title = str(event.payload["fields"].get("title", ""))
            found[event.task] = Lane(event.task, title, [(event.occurred_at, event.payload["state"])])
        elif event.task in found:
            _note(found[event.task], event, titles)
    return [found[task] for task in sorted(found)]


def _note(lane: Lane, event: Event, titles: Titles) -> None:
    at, told = event.due_at or event.occurred_at, event.payload
    match event.type:
        case EventType.TRIGGER_FIRED | EventType.ACT_CORRECTED:
            lane.states.append((event.occurred_at, told["to"]))
        case EventType.SIGNAL_CHANGED:
            lane.lights.append((at, told["to"]))
        case EventType.DEADLINE_MISSED | EventType.DEADLINE_LAPSED:
            lane.marks.append((at, event.type, titles.deadline(told["occurrence"]["name"])))
        case EventType.CHILD_OPENED:
            lane.marks.append((at, event.type, titles.child(told["kind"].rpartition("/")[2])))
        case EventType.PUBLICATION_ORDERED:
            lane.marks.append((at, event.type, titles.publication(told["publication"])))


@dataclass(frozen=True)
class _Scale:
    """From instants to places."""

    since: datetime
    until: datetime

    def x(self, at: datetime) -> float:
        share = (at - self.since) / (self.until - self.since)
        return LEFT + WIDTH * min(1.0, max(0.0, share))


def drawn(edition: Edition, events: Iterable[Event], since: date, until: date, lang: Language) -> str:
    """The SVG of the time from the start of one day to the end of another."""
    zone = edition.zone
    scale = _Scale(start_of(since, zone), start_of(until + timedelta(days=1), zone))
    every = lanes(edition, events, lang)
    shown = every[:MOST]
    legend = list(_legend(shown, lang))
    more = [_MORE.in_(lang).format(count=len(every) - MOST)] if len(every) > MOST else []
    bottom = TOP + LANE * len(shown)
    tall = bottom + 24 + 18 * (len(more) + 1) + 8
    title = f"{edition.process.title.title(lang)} {edition.process.edition}: {since} – {until}"
    root = root_of(LEFT + WIDTH + RIGHT, tall, title, f"text{{font-family:{FONTS}}}")
    write(root, title, (LEFT, 28), 16, "#111", anchor="start", weight="bold")
    _months(root, scale, since, until, bottom)
    for number, lane in enumerate(shown):
        _lane(root, scale, lane, TOP + LANE * number, edition, lang)
    for number, line in enumerate([*more, "    ".join(legend)]):
        write(root, line, (LEFT, bottom + 24 + 18 * number), SMALL, "#333", anchor="start")
    return ET.tostring(root, encoding="unicode")


def _months(root: ET.Element, scale: _Scale, since: date, until: date, bottom: float) -> None:
    zone = scale.since.tzinfo
    day = since
    while day <= until:
        x = scale.x(datetime(day.year, day.month, day.day, tzinfo=zone))
        line = {"x1": f"{x:.1f}", "x2": f"{x:.1f}", "y1": f"{TOP - 22:.0f}", "y2": f"{bottom:.0f}", "stroke": "#ccc"}
        ET.SubElement(root, "line", line)
        day, name = (day.replace(day=1) + timedelta(days=32)).replace(day=1), f"{day:%Y-%m}"
        after = scale.x(datetime(day.year, day.month, day.day, tzinfo=zone))
        if after - x > width(name, SMALL) + 6:
            write(root, name, (x + 4, TOP - 10), SMALL, "#555", anchor="start")


def _lane(root: ET.Element, scale: _Scale, lane: Lane, top: float, edition: Edition, lang: Language) -> None:
    titles = Titles(edition, lang)
    name = broken(lane.title or lane.task, LEFT - 20, SMALL)
    write(root, name[0] if len(name) == 1 else name[0] + "…", (12, top + 14), SMALL, "#111", anchor="start")
    write(root, lane.task, (12, top + 29), 9.5, "#777", anchor="start")
    shades = {state: SHADES[number % len(SHADES)] for number, state in enumerate(edition.process.states)}
    for start, end, state in _spans(lane.states, scale.until):
        x, wide = scale.x(start), scale.x(end) - scale.x(start)
        _bar(root, (x, top + 2), wide, BAR, shades[state], titles.state(state), f"{start:%Y-%m-%d}")
        if wide > width(titles.state(state), SMALL) + 6:
            write(root, titles.state(state), (x + wide / 2, top + 16), SMALL, "#111")
    for start, end, light in _spans(lane.lights, scale.until):
        if light in LIGHTS:
            colour, high = LIGHTS[light]
            x, wide = scale.x(start), scale.x(end) - scale.x(start)
            _bar(root, (x, top + BAR + 4), wide, high, colour, titles.colour(light), f"{start:%Y-%m-%d}")
    for at, sort, what in lane.marks:
        sign, words, down = _MARKS[sort]
        colour = "#b3261e" if sort is EventType.DEADLINE_MISSED else "#333"
        text = write(root, sign, (scale.x(at), top + 3 + down), 8.5, colour)
        ET.SubElement(text, "title").text = f"{at.astimezone(edition.zone):%Y-%m-%d} {words.in_(lang)}: {what}"


def _bar(
    root: ET.Element, at: tuple[float, float], wide: float, high: float, colour: str, name: str, since: str
) -> None:
    look = {"x": f"{at[0]:.1f}", "y": f"{at[1]:.1f}", "width": f"{max(wide, 0.8):.1f}", "height": f"{high:.1f}"}
    bar = ET.SubElement(root, "rect", {**look, "fill": colour, **({"stroke": "#888"} if high == BAR else {})})
    ET.SubElement(bar, "title").text = f"{since} {name}"


def _spans(points: Sequence[tuple[datetime, str | None]], until: datetime) -> Iterator[tuple[datetime, datetime, str]]:
    """From one change to the next; where nothing changed, the two are one."""
    kept = [point for number, point in enumerate(points) if number == 0 or point[1] != points[number - 1][1]]
    for number, (at, name) in enumerate(kept):
        end = kept[number + 1][0] if number + 1 < len(kept) else until
        if name is not None and at < end:
            yield at, end, name


def _legend(shown: Sequence[Lane], lang: Language) -> Iterator[str]:
    met = {sort for lane in shown for _, sort, _ in lane.marks}
    yield from (f"{sign} {words.in_(lang)}" for sort, (sign, words, _) in _MARKS.items() if sort in met)
    lights = [name for name in COLOURS if any(light == name for lane in shown for _, light in lane.lights)]
    if lights:
        yield f"{_LIGHT.in_(lang)}: {' < '.join(COLOURS[name].in_(lang) for name in reversed(lights))}"
