"""A draft over recorded history: the same edition changes nothing, another one is told to the day, and nothing is
claimed of what people would have done.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from commands.backtests import opened
from engine.edition import Edition
from engine.events import Event, iso
from engine.loading import load
from storage import open_store
from tests.workflows.drafts import DRAFTED, PROCESS
from workflows.authoring import trials
from workflows.authoring.backtesting import Period, Told, through
from workflows.authoring.contrast import OccasionSort, Shift
from workflows.authoring.rehearse import rehearse
from workflows.authoring.story import Telling, parse_story
from workflows.authoring.trials import Opener, Trial, families, run
from workflows.clock import VirtualClock
from workflows.demo.year import live
from workflows.desk import CLOCK, PURPOSE, Desk
from workflows.kept import Otherwise
from workflows.listing import read_list
from workflows.sources import calendar_named, definitions_folder

DALIAN = definitions_folder() / "dalian-livelihood"
TEXT = (DALIAN / "process.yaml").read_text(encoding="utf-8")
CN = calendar_named("cn")
BEGINS = datetime(2022, 1, 19, 1, tzinfo=UTC)
YEAR = Period(datetime(1970, 1, 1, tzinfo=UTC), datetime(2023, 1, 10, 16, tzinfo=UTC))


LATE = Period(datetime(2022, 7, 1, tzinfo=UTC), datetime(2022, 11, 5, tzinfo=UTC))


def drafted(*changes: tuple[str, str], **given: str) -> Edition:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    loaded = load(text, "draft.yaml", given)
    assert loaded.edition is not None, loaded.problems
    return loaded.edition


@pytest.fixture(scope="module")
def histories() -> dict[str, list[Event]]:
    """The year of the founding case, by root."""
    edition = drafted()
    telling = parse_story((DALIAN / "story.yaml").read_bytes(), "story.yaml")
    assert isinstance(telling, Telling)
    lived = rehearse(edition, CN, read_list(DALIAN / "tasks.csv", edition.process).rows, telling.story)
    found: dict[str, list[Event]] = {}
    for event in lived.events:
        found.setdefault(event.task.partition(".")[0], []).append(event)
    return found


def test_an_edition_over_its_own_history_changes_nothing(histories: dict[str, list[Event]]) -> None:
    for root, history in histories.items():
        told = through(drafted(), CN, history, YEAR)
        assert (told.root, told.changes, list(told.lost), told.diverges_at) == (root, [], [], None)


def test_a_shorter_term_is_told_to_the_day(histories: dict[str, list[Event]]) -> None:
    draft = drafted(rectification_term="10 working days")
    told = through(draft, CN, histories["dalian-livelihood-01"], YEAR)
    (missed,) = [each for each in told.changes if each.occasion.name == "rectification"]
    assert missed.occasion.sort is OccasionSort.PASSED
    assert missed.fate is Shift.ANEW
    assert missed.after is not None
    assert missed.after.astimezone(draft.zone).date() == date(2022, 9, 16)
    assert [each.trigger for each in told.lost][:2] == ["submit_rectification", "accept_rectification"]
    assert told.diverges_at is not None
    assert told.diverges_at.astimezone(draft.zone).date() == date(2022, 8, 10), "the first reminder comes earlier"
    others = [through(draft, CN, history, YEAR) for root, history in histories.items() if not root.endswith("-01")]
    assert all(not each.changes for each in others)


def test_a_consequence_that_is_taken_out_no_longer_comes(histories: dict[str, list[Event]]) -> None:
    draft = drafted(("      - {notice: report-overdue, to: [lead, office]}\n", ""))
    told = [through(draft, CN, history, YEAR) for history in histories.values()]
    fates = Counter((each.occasion.name, each.fate) for one in told for each in one.changes)
    assert set(fates) == {("report-overdue", Shift.GONE)}
    assert fates["report-overdue", Shift.GONE] > 0
    assert all(not each.lost for each in told)


def test_a_registration_that_the_draft_refuses_ends_the_story_there(histories: dict[str, list[Event]]) -> None:
    office = "  office: {zh: 市政府督考办, en: Supervision office, backdate: true}\n"
    clerk = "  clerk: {zh: 收发室, en: Clerk}\n"
    draft = drafted((office, office + clerk), ("registration: {by: office,", "registration: {by: clerk,"))
    told = through(draft, CN, histories["dalian-livelihood-01"], YEAR)
    assert [(each.trigger, each.code) for each in told.lost] == [("register", "wrong_role")]
    assert told.changes == ()
    assert told.diverges_at == told.lost[0].at


def test_a_period_begins_with_what_was_recorded_before_it(histories: dict[str, list[Event]]) -> None:
    late = Period(datetime(2022, 10, 1, tzinfo=UTC), YEAR.until)
    draft = drafted(rectification_term="10 working days")
    told = through(draft, CN, histories["dalian-livelihood-01"], late)
    assert not any(each.occasion.name == "rectification" for each in told.changes), "that was in September"
    assert through(drafted(), CN, histories["dalian-livelihood-01"], late).changes == []


def test_a_task_in_a_state_that_the_draft_lacks_is_left_out_and_told(histories: dict[str, list[Event]]) -> None:
    loaded = load(TEXT.replace("verifying", "checking"), "draft.yaml")
    assert loaded.edition is not None, loaded.problems
    beginning = next(e for e in histories["dalian-livelihood-06"] if e.payload.get("to") == "verifying")
    since = Period(beginning.occurred_at.replace(hour=23), YEAR.until)
    told = through(loaded.edition, CN, histories["dalian-livelihood-06"], since)
    assert told.foreign == "verifying"
    assert told.changes == ()


def test_a_parameter_that_is_not_there_is_told_with_a_suggestion() -> None:
    loaded = load(TEXT, "draft.yaml", {"rectificaton_term": "5 working days"})
    assert loaded.edition is None
    assert "did you mean `rectification_term`?" in str(loaded.problems[0])
    assert load(TEXT, "draft.yaml", {"rectification_term": "soon"}).edition is None


# -- many


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The year of the founding case as an office recorded it, in a database; no paper is printed, no other process."""
    url, clock = f"sqlite:///{tmp_path_factory.mktemp('year') / 'duban.db'}", VirtualClock(BEGINS)
    store = open_store(url, create=True, clock=clock)
    store.set_note(PURPOSE, "rehearsal")
    store.set_note(CLOCK, iso(BEGINS))
    year = live(Desk(store, clock, channel="rehearsal"), DALIAN, clock, lambda _done, _all: None)
    store.close()
    assert year.events > 500
    return url


def trial(**given: str) -> Trial:
    return Trial(TEXT, YEAR, given)


def opener(database: str) -> Opener:
    return partial(opened, database)


def test_two_processes_find_what_one_finds(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "BATCH", 3)
    with opened(database) as desk:
        every = families(desk, "dalian-livelihood")
    asked = trial(rectification_term="10 working days")
    one = run(opener(database), asked, every, processes=1)
    two = run(opener(database), asked, every, processes=2)
    assert one.differing
    assert (one.total, one.lost, one.differing, one.events) == (two.total, two.lost, two.differing, two.events)
    own = run(opener(database), trial(), every, processes=1)
    assert own.differing == [], "the edition in force over its own history"
    assert own.families == len(every)


def test_an_office_record_that_is_followed_tells_what_deciding_everything_tells(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(database) as desk:
        every = families(desk, "dalian-livelihood")
    stricter = TEXT.replace("'in_progress' && measure.is_behind", "'in_progress' && measure.behind >= 0.0")
    assert stricter != TEXT
    drafts = [trial(), trial(rectification_term="10 working days"), Trial(stricter, YEAR), Trial(stricter, LATE)]
    followed = [run(opener(database), each, every, processes=1) for each in drafts]
    monkeypatch.setattr(trials, "through", lambda *arguments: through(*arguments[:-1]))
    decided = [run(opener(database), each, every, processes=1) for each in drafts]
    assert followed == decided
    assert [bool(each.differing) for each in decided] == [False, True, True, True]


def test_a_run_that_was_stopped_goes_on_from_its_file(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "BATCH", 3)
    with opened(database) as desk:
        every = families(desk, "dalian-livelihood")
    kept, asked = tmp_path / "kept.jsonl", trial(rectification_term="10 working days")
    whole = run(opener(database), asked, every, processes=1, kept=kept)
    lines = kept.read_text(encoding="utf-8").splitlines(keepends=True)
    kept.write_text("".join(lines[:5]) + lines[5][:20], encoding="utf-8")  # a crash tore the sixth line
    looked: list[Told] = []

    def looking(*arguments: Any) -> Told:
        looked.append(through(*arguments))
        return looked[-1]

    monkeypatch.setattr(trials, "through", looking)
    again = run(opener(database), asked, every, processes=1, kept=kept)
    assert len(looked) == len(every) - 4
    assert (again.total, again.differing) == (whole.total, whole.differing)
    with pytest.raises(Otherwise):
        run(opener(database), trial(), every, processes=1, kept=kept)
    shutil.copy(kept, tmp_path / "same.jsonl")
    assert run(opener(database), asked, every, processes=1, kept=tmp_path / "same.jsonl").families == len(every)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_on_two_processes_goes_on_and_tells_the_same(
    database: str, tmp_path: Path, how: signal.Signals
) -> None:
    with opened(database) as desk:
        every = families(desk, PROCESS)
    kept = tmp_path / "kept.jsonl"
    for wanted in (3, 6):  # it is stopped twice
        _stopped(database, kept, wanted, how)
        assert 0 < len(kept.read_bytes().splitlines()) - 1 < len(every), "it was stopped on its way"
    assert run(opener(database), DRAFTED, every, processes=2, kept=kept) == run(
        opener(database), DRAFTED, every, processes=1
    )


def test_who_is_killed_alone_leaves_no_process_behind(database: str, tmp_path: Path) -> None:
    """Its processes wait for work that never comes, and would for ever."""
    kept = tmp_path / "kept.jsonl"
    with subprocess.Popen(_slowly(database, kept), start_new_session=True, stderr=subprocess.DEVNULL) as begun:
        _until(lambda: kept.exists() and kept.read_bytes().count(b"\n") > 2, "it takes too long")
        os.kill(begun.pid, signal.SIGKILL)
        begun.wait(timeout=60)
    try:
        _until(lambda: not _group(begun.pid), "a process is left")
    finally:
        if _group(begun.pid):
            os.killpg(begun.pid, signal.SIGKILL)


def _group(leader: int) -> bool:
    """Whether a process of a group lives."""
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, otherwise
        time.sleep(0.05)


def _slowly(database: str, kept: Path) -> list[str]:
    return [sys.executable, "-m", "tests.workflows.slowly", database, str(kept)]


def _stopped(database: str, kept: Path, wanted: int, how: signal.Signals) -> None:
    """Begin a run (or go on with it), and stop it with all of its processes when so many families are kept."""
    with subprocess.Popen(_slowly(database, kept), start_new_session=True, stderr=subprocess.DEVNULL) as begun:
        until = time.monotonic() + 60
        while not kept.exists() or kept.read_bytes().count(b"\n") <= wanted:
            assert begun.poll() is None, "it ended by itself"
            assert time.monotonic() < until, "it takes too long"
            time.sleep(0.02)
        os.killpg(begun.pid, how)
        begun.wait(timeout=60)
