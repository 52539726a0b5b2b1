"""The office over a real SQLite file: all or nothing, once and only once, and time that runs the same however late."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.commands import Actor, Opening, Refusal
from engine.events import EventType
from engine.task import Task
from storage import StoreBusy, open_store
from storage.people import SqlPeople
from storage.sql_store import SqlStore
from tests.limits import at_once
from tests.workflows.conftest import LEAD, OFFICE, TEXT, at
from workflows.audit.history import history
from workflows.authoring.publishing import Published, publish
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.firing import Act, Outcome, amend, fire
from workflows.office.notices import notice_text
from workflows.office.publications import Asked, Issued, issue
from workflows.office.registering import register
from workflows.office.sweeping import Swept, sweep
from workflows.office.views import board, view, worklist
from workflows.people.values import Unit
from workflows.rows import Listed, Row
from workflows.sayings import say
from workflows.sources import calendar_named

PLANS = {"2022-02": {"planned": "10"}, "2022-03": {"planned": "30"}}


def row(number: int, title: str, unit: str = "水务局", **more: Any) -> Row:
    return Row(number, {"title": title, "lead_unit": unit}, PLANS, **more)


def registered(desk: Desk, *titles: str, **more: Any) -> list[Task]:
    found = register(desk, "promises", [row(i, title, **more) for i, title in enumerate(titles, 2)], OFFICE)
    assert isinstance(found, list), found
    return found


def move(desk: Desk, to: str) -> None:
    assert isinstance(desk.clock, VirtualClock)
    desk.clock.move(at(to))


def report(task: str, month: str = "2022-02", percent: str = "10", **more: Any) -> Act:
    return Act(task, "report", {"month": month, "percent": percent}, LEAD, **more)


def events(desk: Desk) -> int:
    return sum(len(desk.store.events(stream)) for stream in desk.store.streams())


def done(answer: object) -> Outcome:
    assert isinstance(answer, Outcome), answer
    return answer


def swept(answer: object) -> Swept:
    assert isinstance(answer, Swept), answer
    return answer


# -- publishing


def test_a_text_with_problems_is_not_published(desk: Desk) -> None:
    """The problems come back, and no edition is kept."""
    answer = publish(desk, TEXT.replace('edition: "1"', 'edition: "2"\nsurprise: 1'), calendar_named)
    assert isinstance(answer, list)
    assert [record.edition for record in desk.store.editions()] == ["1"]


def test_another_text_under_a_published_name_is_refused(desk: Desk) -> None:
    """The same text twice is one edition; another is refused."""
    assert isinstance(publish(desk, TEXT, calendar_named), Published)
    answer = publish(desk, TEXT + "\n# another\n", calendar_named)
    assert isinstance(answer, Refusal)
    assert answer.code == "edition_exists"


# -- registering


def test_tasks_are_numbered_by_their_process(desk: Desk) -> None:
    """Ids count on without a gap, also over a list that was refused."""
    assert [task.id for task in registered(desk, "水库", "道路")] == ["promises-01", "promises-02"]
    assert isinstance(register(desk, "promises", [row(2, "水库")], OFFICE), Listed)
    assert [task.id for task in registered(desk, "桥梁")] == ["promises-03"]


def test_a_list_is_registered_whole_or_not_at_all(desk: Desk) -> None:
    """Three faults in five rows: each is named by row and field, and nothing is written."""
    rows = [
        row(2, "水库"),
        Row(3, {"lead_unit": "水务局"}),
        row(4, "水库"),
        Row(5, {"title": "路", "lead_unit": "x", "percent": "many"}),
    ]
    answer = register(desk, "promises", rows, OFFICE)
    assert isinstance(answer, Listed)
    assert [(fault.number, fault.refusal.code, fault.columns) for fault in answer.faults] == [
        (3, "fields", ["title"]),
        (4, "twin", ["title"]),
        (5, "fields", ["percent"]),
    ]
    assert list(desk.store.streams()) == []


def test_who_may_not_register_is_refused(desk: Desk) -> None:
    """The definition says by whom."""
    answer = register(desk, "promises", [row(2, "水库")], LEAD)
    assert isinstance(answer, Listed)
    assert answer.faults[0].refusal.code == "wrong_role"


def test_a_task_under_way_enters_with_its_state_and_dates(desk: Desk) -> None:
    """Opening facts are marked as such in the first event."""
    opening = Opening("rectifying", {"rectification": "2022-02-10"}, "督查通知单第 3 号")
    (task,) = registered(desk, "水库", opening=opening)
    assert task.state == "rectifying"
    first = desk.store.events(task.id)[0].event
    assert first.payload["opening"] == {"due": {"rectification": "2022-02-10"}, "source": "督查通知单第 3 号"}


def test_a_programme_that_is_not_there_is_refused(desk: Desk) -> None:
    """Tasks are part of something that exists."""
    answer = register(desk, "promises", [row(2, "水库", part_of="nowhere")], OFFICE)
    assert answer == Refusal("unknown_programme", {"programme": "nowhere"})


# -- firing


def test_time_runs_before_people(desk: Desk) -> None:
    """The report is a day late: the miss and its notice come first, in the same transaction."""
    (task,) = registered(desk, "水库")
    move(desk, "2022-03-01 10:00")
    outcome = done(fire(desk, report(task.id)))
    kinds = [event.type for event in outcome.events]
    assert kinds.index(EventType.DEADLINE_MISSED) < kinds.index(EventType.DEADLINE_MET)
    met = next(event for event in outcome.events if event.type is EventType.DEADLINE_MET)
    assert (met.payload["occurrence"]["status"], met.payload["occurrence"]["days_late"]) == ("met_late", 1)


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (Act("nothing-01", "report", {}, LEAD), "unknown_task"),
        (Act("promises-01", "reprot", {}, LEAD), "unknown_trigger"),
        (Act("promises-01", "report", {}, OFFICE), "wrong_role"),
        (Act("promises-01", "report", {}, Actor("zhao", ("lead",), ("交通局",))), "wrong_unit"),
        (Act("promises-01", "order", {"deadline": "2022-03-01"}, OFFICE), "wrong_state"),
        (Act("promises-01", "close", {}, OFFICE), "guard"),
        (Act("promises-01", "report", {"month": "2022-02"}, LEAD), "form"),
        (Act("promises-01", "report", {"month": "2022-02", "percent": "many"}, LEAD), "form"),
        (report("promises-01", version=1), "stale"),
        (report("promises-01", occurred_at=at("2022-01-20 08:00"), reason="r"), "no_backdate"),
    ],
)
def test_a_refusal_says_why_and_leaves_nothing_behind(desk: Desk, act: Act, code: str) -> None:
    """Each kind of refusal: its code, a sentence in both languages, and not one event more, though time had passed."""
    registered(desk, "水库")
    move(desk, "2022-03-02 10:00")
    before = events(desk)
    answer = fire(desk, act)
    assert isinstance(answer, Refusal)
    assert answer.code == code
    edition, _ = desk.book("promises@1")
    for lang, stop in (("zh", "。"), ("en", ".")):
        said = say(answer, edition, lang)  # type: ignore[arg-type]  # the two languages
        assert said.endswith(stop)
        assert "{" not in said
    assert events(desk) == before


def test_a_key_makes_repeating_harmless(desk: Desk) -> None:
    """The same request under its key answers as the first did, later too; another request is refused."""
    (task,) = registered(desk, "水库")
    first = done(fire(desk, report(task.id, key="k1")))
    count = events(desk)
    move(desk, "2022-03-05 09:00")
    again = done(fire(desk, report(task.id, key="k1")))
    assert again.repeated
    assert again.to_json() == first.to_json()
    assert [event.payload for event in again.events] == [event.payload for event in first.events]
    other = fire(desk, report(task.id, percent="11", key="k1"))
    assert isinstance(other, Refusal)
    assert other.code == "key_reused"
    assert events(desk) == count


def test_a_number_beyond_all_bounds_is_refused_under_a_key_too(desk: Desk) -> None:
    """A request is told apart by the text of its numbers, so that no size of them stops the program."""
    (task,) = registered(desk, "水库")
    answer = fire(desk, replace(report(task.id, key="k1"), form={"month": "2022-01", "percent": int("9" * 30)}))
    assert isinstance(answer, Refusal)
    assert answer.code == "form"


def test_a_key_of_a_refused_request_is_free(desk: Desk) -> None:
    """Refusals are not remembered."""
    (task,) = registered(desk, "水库")
    assert isinstance(fire(desk, report(task.id, percent="many", key="k1")), Refusal)
    assert not done(fire(desk, report(task.id, key="k1"))).repeated


def test_a_late_entry_excuses_a_recorded_miss(desk: Desk) -> None:
    """The miss was recorded by the sweep; the office enters later that the report had come in time."""
    office_lead = Actor("li", ("office", "lead"), ("水务局",))
    (task,) = registered(desk, "水库")
    assert swept(sweep(desk, at("2022-03-03 00:00"))).kinds[EventType.DEADLINE_MISSED] == 1
    act = replace(report(task.id), actor=office_lead, occurred_at=at("2022-02-27 16:00"), reason="纸质件当日收到")
    kinds = [event.type for event in done(fire(desk, act)).events]
    assert EventType.MISS_EXCUSED in kinds
    found = desk.store.task(task.id)
    assert found is not None
    assert found.deadlines["monthly_report/2022-02"]["status"] == "met"


def test_amend_fires_what_the_definition_declares(desk: Desk) -> None:
    """The record is put right by a trigger of that name, and lists show it."""
    (task,) = registered(desk, "水库")
    done(amend(desk, Act(task.id, "", {"title": "水库除险"}, OFFICE)))
    assert [shown.row.title for shown in board(desk, "zh")] == ["水库除险"]


def test_without_an_amending_trigger_nothing_is_amended(desk: Desk) -> None:
    """The refusal says that the definition declares none."""
    text = TEXT.replace("trigger: amend", "trigger: adjust").replace("process: promises", "process: fixed")
    assert isinstance(publish(desk, text, calendar_named), Published)
    found = register(desk, "fixed", [row(2, "水库")], OFFICE)
    assert isinstance(found, list)
    answer = amend(desk, Act(found[0].id, "", {"title": "x"}, OFFICE))
    assert isinstance(answer, Refusal)
    assert answer.code == "no_amend"


def test_a_busy_store_is_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tries find somebody in the way; the third does it, once."""
    (task,) = registered(desk, "水库")
    tries = []
    work_on = desk.store.work_on

    def crowded(task: str) -> Any:
        tries.append(task)
        if len(tries) < 3:
            raise desk.busy[0]("busy")
        return work_on(task)

    monkeypatch.setattr(desk.store, "work_on", crowded)
    monkeypatch.setattr("workflows.desk.pause", lambda _seconds: None)
    done(fire(desk, report(task.id)))
    assert len(tries) == 3


# -- sweeping


def states(desk: Desk) -> list[dict[str, Any]]:
    """All that a year leaves behind, less the moments at which decisions were taken."""
    return [{**task.to_json(), "touched_at": ""} for task in desk.store.tasks()]


def test_thirty_days_down_then_one_sweep_equals_daily_sweeps(new_desk: Callable[[str], Desk]) -> None:
    """Same acts, one office swept each day and one after a month: tasks and histories are the same."""
    daily, late = new_desk("daily"), new_desk("late")
    for desk in (daily, late):
        registered(desk, "水库", "道路", "桥梁")
        move(desk, "2022-02-20 10:00")
        done(fire(desk, report("promises-01", percent="2")))
        order = Act("promises-01", "order", {"deadline": "2022-03-04"}, OFFICE)
        done(fire(desk, order))
    day = at("2022-02-21 00:00")
    while day <= at("2022-04-10 00:00"):
        swept(sweep(daily, day))
        day += timedelta(days=1)
    swept(sweep(late, at("2022-04-10 00:00")))
    assert states(late) == states(daily)
    for stream in daily.store.streams():
        pairs = zip(late.store.events(stream), daily.store.events(stream), strict=True)
        assert [one.event.ref for one, other in pairs if one.event != other.event] == []


def test_a_sweep_touches_only_what_is_due(desk: Desk) -> None:
    """The second sweep of an instant finds nothing; a batch of one reaches all."""
    registered(desk, "水库", "道路", "桥梁")
    seen: list[int] = []
    first = swept(sweep(desk, at("2022-02-26 00:00"), batch=1, progress=lambda one: seen.append(one.families)))
    assert (first.families, first.kinds[EventType.DEADLINE_REMINDED], seen) == (3, 3, [1, 2, 3])
    assert swept(sweep(desk, at("2022-02-26 00:00"))).families == 0


def live(desk: Desk, now: datetime) -> Desk:
    """The same store under a clock that is not virtual."""
    return Desk(desk.store, lambda: now, busy=desk.busy)


class _Kept(SqlPeople):
    """The organisation, and how often it was read."""

    read = 0

    def units(self) -> Sequence[Unit]:
        self.read += 1
        return super().units()


def test_the_organisation_is_read_where_somebody_names_a_unit_and_nowhere_else(desk: Desk) -> None:
    """An act or a sweep that names no unit costs no question about units; a list of tasks, which do, costs one."""
    (task, _) = registered(desk, "水库", "道路")
    assert isinstance(desk.store, SqlStore)
    desk.people = people = _Kept(desk.store.engine)
    done(fire(desk, report(task.id)))
    assert swept(sweep(desk, at("2022-03-02 09:00"))).families == 1
    assert people.read == 0
    registered(desk, "桥梁", "隧道")
    assert people.read == 1


def test_after_a_long_silence_a_sweep_asks(desk: Desk) -> None:
    """Over seven days since the last sweep the clock has to be confirmed."""
    registered(desk, "水库")
    swept(sweep(desk, at("2022-02-01 00:00")))
    move(desk, "2022-02-09 00:00")
    answer = sweep(live(desk, at("2022-02-09 00:00")))
    assert isinstance(answer, Refusal)
    assert answer.code == "gap"
    swept(sweep(live(desk, at("2022-02-09 00:00")), accept_gap=True))


def test_a_clock_before_the_last_sweep_is_refused(desk: Desk) -> None:
    """Neither people nor time act under a clock that went back."""
    (task,) = registered(desk, "水库")
    swept(sweep(desk, at("2022-02-01 00:00")))
    back = live(desk, at("2022-01-31 23:00"))
    for answer in (sweep(back), fire(back, report(task.id))):
        assert isinstance(answer, Refusal)
        assert answer.code == "clock_behind"


def test_the_future_is_not_swept(desk: Desk) -> None:
    """A live clock decides nothing that has not come."""
    answer = sweep(live(desk, at("2022-02-01 00:00")), at("2022-02-02 00:00"))
    assert isinstance(answer, Refusal)
    assert answer.code == "sweep_ahead"


# -- publications


def plan(desk: Desk) -> str:
    found = register(desk, "promises", [Row(2, {"title": "2022 年计划"})], OFFICE, kind="programme", ids=["plan"])
    assert isinstance(found, list), found
    return found[0].id


def test_a_bulletin_is_issued_once_a_month_as_of_its_end(desk: Desk) -> None:
    """Two months at once: two numbers, each with the facts of its own month end; a second sweep issues none."""
    plan(desk)
    registered(desk, "水库", "道路", part_of="plan")
    move(desk, "2022-02-20 10:00")
    done(fire(desk, report("promises-01", percent="2.5")))
    move(desk, "2022-03-20 10:00")
    done(fire(desk, report("promises-01", "2022-03", "40")))
    issued = swept(sweep(desk, at("2022-04-02 00:00"))).issued
    assert [(one.key, one.number) for one in issued if isinstance(one, Issued)] == [("2022-02", 1), ("2022-03", 2)]
    february, march = (one.text for one in issued if isinstance(one, Issued))
    assert "滞后数：1" in february["zh"]
    assert "Sum of progress: 2.5" in february["en"]
    assert "Sum of progress: 40" in march["en"]
    assert "水务局" in march["zh"]
    assert "逾期：道路" in march["zh"]
    assert swept(sweep(desk, at("2022-04-03 00:00"))).issued == []


def test_a_publication_is_kept_as_issued(desk: Desk) -> None:
    """Its event on the programme's stream carries number, key, words and their digest; the key is used once."""
    plan(desk)
    registered(desk, "水库", part_of="plan")
    issued = issue(desk, Asked("plan", "bulletin", "2022-01"), OFFICE)
    assert isinstance(issued, Issued)
    last = desk.store.events("plan")[-1].event
    assert last.type is EventType.PUBLICATION_ISSUED
    assert last.payload["text"] == issued.text
    again = issue(desk, Asked("plan", "bulletin", "2022-01"), OFFICE)
    assert isinstance(again, Refusal)
    assert again.code == "already_issued"


def test_what_a_transition_orders_is_issued(desk: Desk) -> None:
    """The order is caused by the act, the issue by the order."""
    (task,) = registered(desk, "水库")
    done(fire(desk, report(task.id, percent="1")))
    outcome = done(fire(desk, Act(task.id, "order", {"deadline": "2022-03-04"}, OFFICE)))
    ordered = next(event for event in outcome.events if event.type is EventType.PUBLICATION_ORDERED)
    assert [one.text["en"] for one in outcome.issued if isinstance(one, Issued)] == ["水库 in rectifying"]
    assert desk.store.events(task.id)[-1].event.cause == ordered.ref


def test_a_text_that_cannot_be_made_spends_no_number(desk: Desk) -> None:
    """The refusal names the template's fault; the next issue has the number."""
    text = TEXT.replace("process: promises", "process: broken").replace(
        "{{ tasks[0].title }} in", "{{ tasks[9].title }} in"
    )
    assert isinstance(publish(desk, text, calendar_named), Published)
    found = register(desk, "broken", [row(2, "水库")], OFFICE)
    assert isinstance(found, list)
    before = events(desk)
    answer = issue(desk, Asked(found[0].id, "flash"), OFFICE)
    assert isinstance(answer, Refusal)
    assert answer.code == "publication_text"
    with desk.store.work([]) as work:
        assert work.number(f"publication:{found[0].id}:flash") == 1
    assert events(desk) == before


# -- looking


def test_the_worklist_has_the_most_urgent_first(desk: Desk) -> None:
    """Of one unit, with titles."""
    registered(desk, "水库")
    register(desk, "promises", [row(2, "道路", "交通局")], OFFICE)
    found = worklist(desk, "zh", unit="交通局", role="lead")
    assert [(one.deadline.title, one.title, one.deadline.last_day) for one in found] == [("道路", "月报", "2022-02-28")]


def test_the_board_tells_what_was_true_from_what_was_known(desk: Desk) -> None:
    """A late entry changes February as it was, not February as it was known."""
    office_lead = Actor("li", ("office", "lead"), ("水务局",))
    (task,) = registered(desk, "水库")
    move(desk, "2022-03-20 10:00")
    act = replace(report(task.id, percent="1"), actor=office_lead, occurred_at=at("2022-02-20 10:00"), reason="补录")
    done(fire(desk, act))
    then = at("2022-02-25 00:00")
    assert [one.row.state for one in board(desk, "zh", then)] == ["lagging"]
    assert [one.row.state for one in board(desk, "zh", then, at("2022-03-01 00:00"))] == ["running"]


def test_the_page_of_a_task_says_what_is_possible_and_why_not(desk: Desk) -> None:
    """For the office: closing fails on its guard, with what it saw; reporting is the lead's; nothing personal shows."""
    (task,) = registered(desk, "水库")
    done(fire(desk, Act(task.id, "report", {"month": "2022-02", "percent": "20", "phone": "139"}, LEAD)))
    found = view(desk, task.id, OFFICE, "en")
    assert not isinstance(found, Refusal)
    against = {one.trigger: one.refusal for one in found.possible if one.here}
    assert "20" in str(against["close"])
    assert "Lead unit" in str(against["report"])
    assert against["amend"] is None
    assert "phone" not in [name for name, *_ in found.facts]
    assert any("2022-03" in why for one in found.deadlines for why in one.why)


def test_history_says_every_event_in_both_languages(desk: Desk) -> None:
    """One sentence for each event, with cause and local times, and no telephone number."""
    (task,) = registered(desk, "水库")
    done(fire(desk, Act(task.id, "report", {"month": "2022-02", "percent": "2", "phone": "13912345678"}, LEAD)))
    sweep(desk, at("2022-04-02 00:00"))
    for lang in ("zh", "en"):
        entries = history(desk, task.id, lang)
        assert isinstance(entries, list)
        assert len(entries) == len(desk.store.events(task.id))
        assert all(entry.text and "{" not in entry.text for entry in entries)
        assert not any("13912345678" in entry.text for entry in entries)
    zh = history(desk, task.id, "zh")
    assert isinstance(zh, list)
    assert any("“推进中”→“滞后”" in entry.text for entry in zh)


def test_a_notice_speaks_in_the_words_of_the_definition(desk: Desk) -> None:
    """Its template sees the task's fields."""
    (task,) = registered(desk, "水库")
    outcome = done(fire(desk, report(task.id, percent="1")))
    raised = next(event for event in outcome.events if event.type is EventType.NOTICE_RAISED)
    edition, _ = desk.book("promises@1")
    found = desk.store.task(task.id)
    assert found is not None
    assert notice_text(edition, found, raised, "zh") == "《水库》滞后"
    assert notice_text(edition, found, raised, "en") == "水库 lags"
    assert [parcel.name for parcel in desk.store.parcels()] == ["early-warning"]


# -- others at the same time, other stores


def test_one_key_from_many_hands_acts_once(desk: Desk, tmp_path: Path) -> None:
    """Four threads with stores of their own send the same request: one acts, three are told what it did."""
    (task,) = registered(desk, "水库")
    count = len(desk.store.events(task.id))

    def send() -> Outcome:
        store = open_store(f"sqlite:///{tmp_path / 'duban'}.db", clock=desk.clock)
        try:
            return done(fire(Desk(store, desk.clock, busy=desk.busy), report(task.id, key="k1")))
        finally:
            store.close()

    answers = at_once(*[send] * 4)
    assert sorted(answer.repeated for answer in answers) == [False, True, True, True]
    assert len({answer.version for answer in answers}) == 1
    (acted,) = (answer for answer in answers if not answer.repeated)
    assert len(desk.store.events(task.id)) == count + len(acted.events)


def test_the_office_works_on_postgresql(fresh_postgres: str) -> None:
    """The same story on a server: register, refuse, repeat, sweep, issue."""
    clock = VirtualClock(at("2022-01-20 09:00"))
    store = open_store(fresh_postgres, create=True, clock=clock, unsafe=True)
    try:
        desk = Desk(store, clock, busy=(StoreBusy,))
        assert isinstance(publish(desk, TEXT, calendar_named), Published)
        plan(desk)
        registered(desk, "水库", "道路", part_of="plan")
        assert isinstance(register(desk, "promises", [row(2, "水库")], OFFICE), Listed)
        first = done(fire(desk, report("promises-01", key="k1")))
        assert done(fire(desk, report("promises-01", key="k1"))).to_json() == first.to_json()
        assert isinstance(fire(desk, Act("promises-01", "close", {}, OFFICE)), Refusal)
        answer = swept(sweep(desk, at("2022-03-01 00:00")))
        assert (answer.kinds[EventType.DEADLINE_MISSED], len(answer.issued)) == (1, 1)
    finally:
        store.close()
