"""The demonstration: both years are lived through, what they come to is right, and their histories are whole."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from cli import cli
from engine.chain import GENESIS, header, recorded_text, seal
from engine.events import Event, EventType, iso
from engine.task import replay
from storage import open_store
from storage.evidence import open_evidence
from storage.log import SqlLog
from storage.sql_store import SqlStore
from workflows.audit.analysis.catalogue import REPORTS, report
from workflows.audit.analysis.report import Line, Period
from workflows.audit.explaining.chain import Explanation, explain
from workflows.audit.explaining.ways import Verdict
from workflows.audit.sealing.printed import found_in
from workflows.audit.verifying.running import Asked, verify
from workflows.authoring.backtest import backtest
from workflows.desk import Desk
from workflows.ports import Store

TASK = "dalian-livelihood-01"


@dataclass(frozen=True)
class Lived:
    """What a demonstration left."""

    told: dict[str, Any]
    folder: Path
    store: Store


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    folder = tmp_path_factory.mktemp("demo") / "duban-demo"
    ran = CliRunner().invoke(cli, ["--json", "demo", "--into", str(folder)])
    assert ran.exit_code == 0, ran.output
    store = open_store(f"sqlite:///{folder / 'duban.db'}")
    yield Lived(json.loads(ran.stdout), folder, store)
    store.close()


def _families(store: Store) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for task in store.tasks():
        found[task.root].extend(recorded.event for recorded in store.events(task.id))
    return found


def test_both_years_end_as_the_stories_tell(lived: Lived) -> None:
    dalian, shanwei = lived.told["years"]
    assert dalian["months"][-1]["states"] == {"done": 11}
    assert shanwei["months"][-1]["states"] == {"done": 14, "escalated": 1}
    assert len(dalian["months"]) + len(shanwei["months"]) == 24


def test_the_years_hold_all_that_supervision_has(lived: Lived) -> None:
    """Reports, warnings, orders, missed deadlines, extensions, interviews, corrections, publications: each happens."""
    kinds = Counter(event.type for events in _families(lived.store).values() for event in events)
    wanted = set(EventType) - {EventType.DEADLINE_LAPSED, EventType.DEADLINE_SUPERSEDED, EventType.DEADLINE_PAUSED}
    wanted -= {EventType.DEADLINE_RESUMED, EventType.MISS_EXCUSED, EventType.TRIGGER_IGNORED, EventType.DEADLINE_MOVED}
    wanted -= {EventType.PUBLICATION_VOIDED}  # the stories send nothing to the wrong unit
    wanted -= {EventType.TASK_MIGRATED, EventType.TASK_RESTORED}  # nor do they change the process on the way
    wanted -= {EventType.VALUES_REDACTED}  # nor does anybody ask for a value to be erased
    assert wanted <= set(kinds), f"missing: {wanted - set(kinds)}"
    states = {row["to"] for row in _moves(lived.store)}
    assert {"lagging", "rectifying", "escalated", "done"} <= states


def _moves(store: Store) -> Iterator[Any]:
    for events in _families(store).values():
        yield from (event.payload for event in events if event.type is EventType.TRIGGER_FIRED)


def test_every_publication_is_kept_as_issued(lived: Lived) -> None:
    files = {file for year in lived.told["years"] for file in year["publications"]}
    kept = set((lived.folder / "publications").iterdir())
    assert files == {path.name for path in kept if path.suffix == ".txt"}
    assert len(files) > 50
    printed = {sha256(path.read_bytes()).hexdigest() for path in kept if path.suffix == ".docx"}
    issued = [event for events in _families(lived.store).values() for event in events if "document" in event.payload]
    assert printed == {each.payload["document"]["docx"] for each in issued if each.type is EventType.PUBLICATION_ISSUED}
    assert {each.payload["publication"] for each in issued} >= {
        "rectification_order", "reminder_slip", "interview_notice", "interview_minutes", "flash", "circular",
        "public_bulletin", "special_report", "accountability_proposal",
    }  # fmt: skip


def test_each_edition_reproduces_every_event_of_its_own_year(lived: Lived) -> None:
    """The invariant that keeps live work, rehearsal, replay and backtest one thing."""
    desk = Desk(lived.store)
    for root, events in _families(lived.store).items():
        edition, calendar = desk.book(events[0].edition)
        assert backtest(edition, calendar, events) is None, root


def test_every_replayed_stream_is_the_kept_task(lived: Lived) -> None:
    for task in lived.store.tasks():
        assert replay(recorded.event for recorded in lived.store.events(task.id)) == task


def test_every_chain_holds_when_it_is_worked_out_again(lived: Lived) -> None:
    for task in lived.store.tasks():
        prev = GENESIS
        for recorded in lived.store.events(task.id):
            text = header(recorded.event, iso(recorded.recorded_at))
            assert recorded.header == text
            assert recorded.prev == prev
            assert recorded.payload == recorded_text(recorded.event.payload)
            prev = seal(prev, text, recorded.payload, recorded.salts)
            assert recorded.hash == prev


def test_both_years_verify_clean(lived: Lived) -> None:
    """Nothing is found by `duban verify`, and every child shows whose it is."""
    found = verify(partial(open_evidence, f"sqlite:///{lived.folder / 'duban.db'}"), Asked("demo"))
    assert [(each.ref, each.said("en")) for each in found.findings] == []
    assert found.events > 2000
    board = lived.store.board(datetime(2024, 1, 1, tzinfo=UTC))
    assert [row.task for row in board if row.title is None] == []


def test_its_record_is_sealed_each_month_and_its_papers_bear_heads(lived: Lived) -> None:
    """Every event stands under a signed head in the end; of the papers of a year all but the first month's name one."""
    assert isinstance(lived.store, SqlStore)
    log = SqlLog(lived.store.engine)
    head = log.checkpoint("sha256")
    assert head is not None
    assert (log.waiting(1), log.trees()["sha256"].size) == (0, head.size)
    papers = sorted((lived.folder / "publications").glob("*.docx"))
    heads = [next(found_in(_text(paper)), None) for paper in papers]
    assert heads[-1] is not None
    assert {each.origin for each in heads if each} == {"demo.duban"}
    sizes = [each.head.size for each in heads if each]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 12
    assert len(papers) - len(sizes) < 10


def _text(paper: Path) -> str:
    """What a Word file says, its footers too."""
    with ZipFile(paper) as parts:
        read = [parts.read(name).decode() for name in parts.namelist() if re.fullmatch(r"word/\w+\.xml", name)]
    return re.sub(r"<[^>]+>", "", "\n".join(each.replace("</w:p>", "\n") for each in read))


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    ran = CliRunner().invoke(cli, ["demo", "--into", str(tmp_path)])
    assert ran.exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


@pytest.mark.parametrize("options", [(), ("--force",), ("--serve",), ("--serve", "--force")])
def test_a_database_of_real_work_is_neither_replaced_nor_served_as_a_demonstration(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    """Otherwise one call would erase an office, or give it an administrator whose password everybody knows."""
    url = f"sqlite:///{tmp_path / 'duban.db'}"
    store = open_store(url, create=True)
    store.set_note("mark", "real")
    store.close()
    ran = CliRunner().invoke(cli, ["demo", "--into", str(tmp_path), "--port", "0", *options])
    assert (ran.exit_code, "duban.db" in ran.output) == (1, True), ran.output
    kept = open_store(url)
    assert kept.note("mark") == "real"
    kept.close()


# -- why


def _explained(desk: Desk, event: Event) -> Explanation:
    found = explain(desk, event.task, event.seq, "en")
    assert isinstance(found, Explanation)
    return found


def test_everything_that_happened_is_explained_down_to_a_line_and_to_what_began_it(lived: Lived) -> None:
    """Every event of both years, escalations, warnings, orders and interviews among them, with no hole."""
    desk = Desk(lived.store)
    for events in _families(lived.store).values():
        for event in events:
            found = _explained(desk, event)
            assert found.holes() == [], event.ref
            assert all(step.lines for step in found.steps), event.ref
            assert found.steps[-1].event.payload.get("command"), f"{event.ref} does not lead back to what began it"


def test_every_escalation_leads_back_to_a_duty_or_a_person_with_its_numbers(lived: Lived) -> None:
    """Where a missed deadline led there, its date is said rule by rule; where a guard decided, it saw something."""
    desk = Desk(lived.store)
    escalations = [
        event
        for events in _families(lived.store).values()
        for event in events
        if event.type is EventType.TRIGGER_FIRED and event.payload["to"] == "escalated" != event.payload["from"]
    ]
    assert escalations
    for event in escalations:
        steps = _explained(desk, event).steps
        texts = [line.text for line in steps[0].lines]
        assert any("escalated" in text or event.payload["trigger"] in text for text in texts), texts
        missed = [step for step in steps if step.event.type is EventType.DEADLINE_MISSED]
        assert all(step.date for step in missed), event.ref
        taken = [way for step in steps for way in step.ways if way.verdict is Verdict.TAKEN and way.guard]
        assert all(way.facts for way in taken), event.ref
        assert missed or taken or steps[0].event.payload.get("command"), event.ref


def test_a_branch_that_was_not_taken_says_what_it_saw(lived: Lived) -> None:
    """What did not hold is told with its numbers, and each number with the events that made it so."""
    desk = Desk(lived.store)
    events = [event for found in _families(lived.store).values() for event in found]
    reports = [event for event in events if event.payload.get("guards") and event.payload.get("trigger") == "report"]
    failed = [
        way for event in reports for way in _explained(desk, event).steps[0].ways if way.verdict is Verdict.FAILED
    ]
    assert failed
    names = {fact.name.partition("(")[0] for way in failed for fact in way.facts}
    assert {"form.month", "this_month", "task.reported_month"} <= names
    assert all(fact.refs or fact.line or fact.origin.value == "clock" for way in failed for fact in way.facts)


def test_each_miss_of_both_years_stands_in_the_figures_with_whoever_owed_it(lived: Lived) -> None:
    """Those of children, of programmes and of the office itself too: the duties of all, by what their events say."""
    told = [event for events in _families(lived.store).values() for event in events]
    duties = [each for each in told if each.type is EventType.DEADLINE_MISSED and each.payload["occurrence"]["duty"]]
    owed = {each.ref: each.payload["occurrence"]["units"] for each in duties}
    assert {"." in each.task for each in duties} == {False, True}, "some of them of children"
    url = f"sqlite:///{lived.folder / 'duban.db'}"
    ran = CliRunner().invoke(cli, ["--db", url, "--lang", "en", "--json", "report", "deviations"])
    rows = [row for row in json.loads(ran.stdout)["rows"] if row["Kind"] == "missed"]
    assert sorted(ref for row in rows for ref in row["events"]) == sorted(owed)
    for row in rows:
        assert row["Unit"]
        assert all(owed[ref] is None or row["Unit"] in owed[ref] for ref in row["events"]), row


def test_the_board_of_a_day_is_what_it_showed_then(lived: Lived) -> None:
    """What the demonstration kept of each month's end while it lived is what the board of that instant shows."""
    url = f"sqlite:///{lived.folder / 'duban.db'}"

    def board(*options: str) -> Any:
        ran = CliRunner().invoke(cli, ["--db", url, "--json", "board", *options])
        assert ran.exit_code == 0, ran.output
        return json.loads(ran.stdout)

    for year in lived.told["years"]:
        for month in year["months"]:
            day, process = month["end"], year["edition"].partition("@")[0]
            mine = [row for row in board("--at", day, "--known-at", day) if row["process"] == process]
            shown = Counter(row["state"] for row in mine if not row["kind"])
            assert shown == month["states"], (process, day)
    first, last = (
        month["end"] for month in (lived.told["years"][0]["months"][0], lived.told["years"][0]["months"][-1])
    )
    moved = {row["task"] for row in board("--at", last, "--since", first) if "state" in row["changed"]}
    assert len([task for task in moved if task.startswith("dalian")]) >= 11
    assert board("--at", last, "--since", last) == []
    assert board("--at", last, "--known-since", last) == [], "the stories enter nothing late"


# -- figures over these histories, counted otherwise: from the tables, by SQL


YEARS = Period(datetime(2021, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))


def _figures(lived: Lived, name: str) -> list[Line]:
    desk = Desk(lived.store)
    tasks = sorted(task.id for task in lived.store.tasks() if task.kind == "")
    return list(report(desk, name, tasks, YEARS, "en").lines)


def _asked(lived: Lived, query: str) -> list[Any]:
    with create_engine(f"sqlite:///{lived.folder / 'duban.db'}").connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_time_in_state_is_that_of_the_spans(lived: Lived) -> None:
    """The spans that are believed now, added up by unit, as the store keeps them."""
    rows = _asked(
        lived,
        "SELECT s.unit, s.state, sum(min(s.valid_to, strftime('%s', '2026-01-01') * 1000000) - s.valid_from) / 86400e6"
        " FROM spans s JOIN tasks t ON t.id = s.task"
        " WHERE t.kind = '' AND NOT s.ended AND s.known_to > 9e18 GROUP BY 1, 2",
    )
    counted = sorted((unit, round(days, 3)) for unit, _, days in rows)
    assert len(counted) > 20
    assert sorted((str(line.cells[0]), round(line.weight, 3)) for line in _figures(lived, "bottlenecks")) == counted


def test_deviations_are_the_events_of_their_types(lived: Lived) -> None:
    """Missed duties, those met late, and acts taken back, counted in the table of events."""
    kinds = {"DeadlineMissed": "missed", "DeadlineMet": "met late", "ActCorrected": "taken back"}
    rows = _asked(
        lived,
        "SELECT e.type, count(*) FROM events e JOIN tasks t ON t.id = e.stream WHERE t.kind = '' AND e.type IN"
        " ('DeadlineMissed', 'DeadlineMet', 'ActCorrected')"
        " AND (e.type <> 'DeadlineMet' OR instr(e.payload, '\"met_late\"') > 0) GROUP BY 1",
    )
    found: Counter[str] = Counter()
    for line in _figures(lived, "deviations"):
        found[str(line.cells[1])] += int(line.cells[3])
    counted = {kinds[kind]: times for kind, times in rows}
    assert len(counted) == 3
    assert {kind: found[kind] for kind in counted} == counted


def test_near_misses_are_the_deadlines_met_within_a_day_of_their_end(lived: Lived) -> None:
    """Read from the payloads themselves."""
    counted = 0
    for task in (task for task in lived.store.tasks() if task.kind == ""):
        for recorded in lived.store.events(task.id):
            told = recorded.event.payload.get("occurrence") or {}
            if recorded.event.type == "DeadlineMet" and told["status"] == "met" and told["duty"] and told["due_at"]:
                hours = (
                    datetime.fromisoformat(told["due_at"]) - datetime.fromisoformat(told["met_at"])
                ).total_seconds()
                counted += len(told.get("units") or [1]) if hours <= 24 * 3600 else 0
    assert counted >= 2
    assert sum(int(line.cells[3]) for line in _figures(lived, "near-misses")) == counted


def test_every_figure_names_events_that_are_there(lived: Lived) -> None:
    """Each line of each report leads to recorded events of its own tasks."""
    for name in REPORTS:
        for line in _figures(lived, name):
            assert line.behind, (name, line)
            for ref in line.behind:
                assert lived.store.events(ref.task)[ref.seq - 1].event.ref == str(ref)


@pytest.mark.parametrize("words", [("look", TASK, "source"), ("task", TASK, "source", "--reason", "x")], ids=" ".join)
def test_who_may_not_erase_is_told_so_in_the_words_of_the_process(lived: Lived, words: tuple[str, ...]) -> None:
    """The office by its name, and not by its key."""
    url = f"sqlite:///{lived.folder / 'duban.db'}"
    ran = CliRunner().invoke(cli, ["--db", url, "--lang", "zh", "redact", *words])
    assert ran.exit_code == 1
    assert "只能由市政府督考办操作" in ran.output
