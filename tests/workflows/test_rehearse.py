"""A rehearsal lives through a story as the office would, says what came of it, and says the same thing every time."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.edition import Edition
from engine.events import EventType
from engine.loading import load
from engine.problems import Problem
from engine.refusals import say
from workflows.authoring.rehearse import LONGEST, Rehearsal, TooLong, rehearse
from workflows.authoring.reporting import compare, report
from workflows.authoring.story import Registration, Story, Telling, acts_of, parse_story, part_of, task_id
from workflows.listing import ListRow, read_list
from workflows.sources import calendar_named, load_process

PROMISES = Path(__file__).with_name("data") / "promises"
STORY = (PROMISES / "story.yaml").read_text(encoding="utf-8")
TEXT = (PROMISES / "process.yaml").read_text(encoding="utf-8")
GOLDEN = PROMISES / "rehearsal.txt"


DEFINITIONS = Path(__file__).resolve().parent.parent.parent / "definitions"
STORIES = sorted(DEFINITIONS.rglob("story.yaml"))


@pytest.mark.parametrize("path", STORIES, ids=[path.parent.name for path in STORIES])
def test_a_story_that_comes_with_a_definition_is_lived_to_its_end(path: Path) -> None:
    """No step of it is refused, and every task of its list stands on the last board."""
    edition, telling = load_process(path.parent).edition, parse_story(path.read_bytes(), str(path))
    assert edition is not None
    assert isinstance(telling, Telling), telling
    plan = telling.story.register_
    assert plan is not None
    assert plan.list is not None
    tasks = read_list(path.parent / plan.list, edition.process)
    assert tasks.problems == []
    found = rehearse(edition, calendar_named(edition.process.calendar), tasks.rows, telling.story, keep_events=False)
    assert [(str(stop.at), stop.task, stop.trigger, say(stop.refusal, edition, "en")) for stop in found.stops] == []
    last = found.board[max(found.board)]
    assert sum(count for (kind, _), count in last.items() if kind == "state") == len(tasks.rows)


@pytest.fixture(scope="module")
def edition() -> Edition:
    found = load_process(PROMISES).edition
    assert found is not None
    return found


@pytest.fixture(scope="module")
def rows(edition: Edition) -> list[ListRow]:
    found = read_list(PROMISES / "tasks.csv", edition.process)
    assert found.problems == []
    return list(found.rows)


def _story(*changes: tuple[str, str]) -> Story:
    text = STORY
    for old, new in changes:
        assert old in text, f"the story has no {old!r}"
        text = text.replace(old, new, 1)
    telling = parse_story(text, "story.yaml")
    assert isinstance(telling, Telling), telling
    return telling.story


def _problems(*changes: tuple[str, str]) -> list[Problem]:
    text = STORY
    for old, new in changes:
        assert old in text, f"the story has no {old!r}"
        text = text.replace(old, new, 1)
    found = parse_story(text, "story.yaml")
    assert not isinstance(found, Telling)
    return list(found)


def _rehearse(edition: Edition, rows: list[ListRow], *changes: tuple[str, str]) -> Rehearsal:
    return rehearse(edition, calendar_named("cn"), rows, _story(*changes))


def test_a_story_may_not_last_for_ever(edition: Edition) -> None:
    """Thirty years and no day more, without a single task: nothing is lived through before that is asked."""
    first, cn = date(2022, 1, 1), calendar_named("cn")
    last = first + LONGEST
    assert rehearse(edition, cn, [], since=first, until=last).until == last
    with pytest.raises(TooLong, match="8999"):
        rehearse(edition, cn, [], since=first, until=date(8999, 1, 1))
    with pytest.raises(TooLong):
        rehearse(edition, cn, [], since=first, until=last + timedelta(days=1))


def test_the_report_is_the_golden_one(edition: Edition, rows: list[ListRow]) -> None:
    """The same definition, calendar, list and story give the same text, byte for byte."""
    found = report(_rehearse(edition, rows), "zh")
    assert compare(found, GOLDEN.read_text(encoding="utf-8"), GOLDEN.name) == ""


def test_what_differs_from_the_golden_report_is_shown(edition: Edition, rows: list[ListRow]) -> None:
    later = report(_rehearse(edition, rows, ("deadline: 2022-03-31", "deadline: 2022-04-06")), "zh")
    shown = compare(later, GOLDEN.read_text(encoding="utf-8"), GOLDEN.name).splitlines()
    assert shown[0] == "--- rehearsal.txt"
    assert "-2022-04-01 00:00  promises-02  整改 1 逾期 (2022-03-31)" in shown
    assert "+2022-04-07 00:00  promises-02  整改 1 逾期 (2022-04-06)" in shown


def test_the_report_speaks_english(edition: Edition, rows: list[ListRow]) -> None:
    lines = report(_rehearse(edition, rows), "en").splitlines()
    assert "2022-04-30  In progress 1, Lagging 1, Done 1  | red 1, green 2" in lines
    assert "2022-05-31  Public bulletin 2022-05" in lines
    assert "2022-04-01 00:00  promises-02  Rectification 1 missed (2022-03-31)" in lines
    assert "2022-02-28 17:00  promises-02  notice: Early warning → Lead unit, Supervision office" in lines


def test_the_board_counts_each_task_once_at_the_end_of_each_month(edition: Edition, rows: list[ListRow]) -> None:
    found = _rehearse(edition, rows)
    assert list(found.board) == [
        date(2022, month, day) for month, day in ((1, 31), (2, 28), (3, 31), (4, 30), (5, 31), (6, 15))
    ]
    for counts in found.board.values():
        assert sum(count for (kind, _), count in counts.items() if kind == "state") == len(rows)


def test_without_events_the_board_and_the_totals_are_the_same(edition: Edition, rows: list[ListRow]) -> None:
    kept = _rehearse(edition, rows)
    slim = rehearse(edition, calendar_named("cn"), rows, _story(), keep_events=False)
    assert (slim.board, slim.totals, slim.notices, slim.misses) == (kept.board, kept.totals, kept.notices, kept.misses)
    assert slim.events == []
    assert kept.totals == Counter(event.type for event in kept.events)


def test_events_stand_in_the_order_of_their_decisions(edition: Edition, rows: list[ListRow]) -> None:
    """By time across the list; of one task by their numbers."""
    events = _rehearse(edition, rows).events
    assert [event.occurred_at for event in events] == sorted(event.occurred_at for event in events)
    for task in {event.task for event in events}:
        mine = [event.seq for event in events if event.task == task]
        assert mine == list(range(1, len(mine) + 1))


def test_a_task_lives_as_it_would_alone(edition: Edition, rows: list[ListRow]) -> None:
    """Families know nothing of one another: the first task's events do not hang on the rest of the list."""
    together, alone = _rehearse(edition, rows), _rehearse(edition, rows[:1])
    mine = [event for event in together.events if event.task == "promises-01"]
    assert mine == [event for event in alone.events if event.task == "promises-01"]


def test_a_refused_step_stops_its_family_and_says_why(edition: Edition, rows: list[ListRow]) -> None:
    found = _rehearse(edition, rows, ("task: 2, as: office, do: order", "task: 3, as: office, do: order"))
    assert [(stop.task, stop.trigger, stop.refusal.code) for stop in found.stops] == [
        ("promises-03", "order", "wrong_state"),
        ("promises-02", "hold", "unknown_task"),
    ]
    said = "! 2022-03-02 09:00  promises-03  责令整改: 现在是“推进中”，“责令整改”只能在“滞后”时办理"
    assert any(line.startswith(said) for line in report(found, "zh").splitlines())
    assert max(event.occurred_at.date() for event in found.events if event.task == "promises-03") < date(2022, 3, 3)
    assert max(event.occurred_at.date() for event in found.events if event.task == "promises-01") >= date(2022, 4, 1)


def test_a_registration_that_is_refused_stops_too(edition: Edition, rows: list[ListRow]) -> None:
    found = rehearse(edition, calendar_named("cn"), [rows[0], rows[0]], _story())
    assert [(stop.task, stop.trigger, stop.refusal.code) for stop in found.stops] == [
        ("promises-02", "register", "twin")
    ]


def test_without_a_story_only_time_passes(edition: Edition, rows: list[ListRow]) -> None:
    found = rehearse(edition, calendar_named("cn"), rows, since=date(2022, 1, 20), until=date(2022, 4, 30))
    assert found.totals[EventType.TRIGGER_FIRED] == 0
    assert found.misses == {"monthly_report": 9}


def test_nothing_is_caught_up_with(rows: list[ListRow]) -> None:
    """In a rehearsal no day is passed over, so that a deadline which would be skipped after an outage is missed."""
    edition = load(TEXT.replace("    met_by: {trigger: report, for: form.month}\n", "    catch_up: latest\n")).edition
    assert edition is not None
    found = rehearse(edition, calendar_named("cn"), rows, since=date(2022, 1, 20), until=date(2022, 4, 30))
    assert found.misses == {"monthly_report": 9}
    assert found.totals[EventType.DEADLINE_CANCELLED] == 0


@pytest.mark.parametrize(("since", "until"), [(None, None), (date(2022, 2, 1), date(2022, 1, 1))])
def test_a_rehearsal_needs_two_days_in_order(
    edition: Edition, rows: list[ListRow], since: date | None, until: date | None
) -> None:
    with pytest.raises(ValueError, match="until a later one"):
        rehearse(edition, calendar_named("cn"), rows, since=since, until=until)


def test_a_year_of_thirty_five_tasks_takes_less_than_a_second_of_the_processor(edition: Edition) -> None:
    many = [ListRow(n, {"title": f"{n}", "lead_unit": "u"}, {"2022-02": {"planned": "10"}}) for n in range(35)]
    steps = "".join(
        f"  - {{at: 2022-{month:02d}-20 09:00, tasks: all, as: lead, do: report, with: "
        f"{{month: 2022-{month:02d}, percent: {month * 8}}}}}\n"
        for month in range(2, 13)
    )
    telling = parse_story(f"story: year\nzh: 一年\nen: A year\nsteps:\n{steps}", "story.yaml")
    assert isinstance(telling, Telling)
    before = time.process_time()
    found = rehearse(
        edition, calendar_named("cn"), many, telling.story, since=date(2022, 1, 20), until=date(2023, 1, 10)
    )
    assert found.stops == []
    assert found.totals[EventType.TRIGGER_FIRED] == 35 * 11
    assert time.process_time() - before < 1


# -- stories


def test_steps_say_whose_they_are() -> None:
    """One task, several, all, or all but some; in time order whatever their order in the file."""
    story = _story()
    assert [act.do for act in acts_of(story, 1)] == ["report", "report", "accept"]
    assert [act.do for act in acts_of(story, 2)] == ["report", "order", "hold", "report"]
    turned = Story.model_validate({**story.model_dump(by_alias=True), "steps": list(reversed(story.steps))})
    assert [act.do for act in acts_of(turned, 2)] == ["report", "order", "hold", "report"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"all but [2]"', "most", "`most` does not say which tasks"),
        ("task: 2, as: lead", "as: lead", "this step does not say whose it is"),
        ("task: 2, as: lead", "task: 2, programme: plan, as: lead", "this step does not say whose it is"),
        ("until: 2022-06-15", "until: June", "`June` is not a date"),
        ("source: bulletin", "source: rumour", "cannot be `rumour`"),
    ],
)
def test_a_story_that_is_not_written_right_is_a_problem_with_its_place(old: str, new: str, said: str) -> None:
    (problem,) = _problems((old, new))
    assert said in problem.text("en")
    assert problem.where.line > 1


def test_tasks_can_be_part_of_programmes_by_a_field() -> None:
    rule = {"at": "2022-01-01 09:00", "as": "office", "part_of": {"field": "grade", "ids": {"urgent": "fast"}}}
    registration = Registration.model_validate(rule)
    assert part_of(registration, {"grade": "urgent"}) == "fast"
    assert part_of(registration, {"grade": "normal"}) is None


def test_ids_sort_as_the_rows_of_the_list_do() -> None:
    assert [task_id("p", 7, 35), task_id("p", 7, 10_000)] == ["p-07", "p-00007"]
