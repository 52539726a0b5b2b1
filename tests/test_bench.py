"""The benchmark's harness does what it says, at the smallest size; how fast anything is, no test asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from bench import large
from bench.__main__ import TOPICS
from bench.authoring import measure as measure_authoring
from bench.bulk import SEED, Seeds, multiply
from bench.figures import Budget, Figure, ratio, shown
from bench.pages import BOARDS
from bench.pages import measure as measure_pages
from bench.replays import measure as measure_replays
from bench.results import LIMITS, TITLES, page, sections
from bench.scale import Scale
from bench.scenes import at, desk, engine_of, enter, report
from bench.sweeps import measure as measure_sweeps
from bench.tape import Tape, attach, play, sqlite_floor
from engine.loading import load
from workflows.authoring.proving import prove
from workflows.desk import Desk
from workflows.sources import calendar_named


@pytest.fixture
def scale(tmp_path: Path) -> Scale:
    return Scale(tmp_path, runs=2, tasks=60, due=8, due_few=4, events=500, seeds=6, board=60, asks=3)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Desk]:
    """A desk with two tasks under way, at the end of February."""
    opened = desk(f"sqlite:///{tmp_path / 'office.db'}", at("2022-02-25 16:00"), create=True)
    enter(opened, ["one", "two"])
    yield opened
    opened.store.close()


def _rows(path: Path, statement: str) -> list[tuple[object, ...]]:
    connection = dbapi2.connect(str(path))
    found: list[tuple[object, ...]] = connection.execute(statement).fetchall()
    connection.close()
    return found


def test_a_budget_is_held_against_its_side() -> None:
    assert Figure("f", 0.6, "×", Budget("≥", 0.5)).met
    assert not Figure("f", 0.4, "×", Budget("≥", 0.5)).met
    assert Figure("f", 0.4, "s", Budget("≤", 0.5)).met
    assert not Figure("f", 0.6, "s", Budget("≤", 0.5)).met
    assert Figure("f", 9.0, "s", None).met


def test_figures_are_shown_without_powers_of_ten() -> None:
    assert [shown(value) for value in (0.01234, 1.5, 12.345, 123_456.7)] == ["0.0123", "1.5", "12.3", "123,457"]


def test_a_ratio_is_the_median_of_pairs_and_not_a_ratio_of_medians() -> None:
    assert ratio([1, 10, 100], [1, 2, 50]) == 2


def test_the_floor_writes_what_our_run_wrote(office: Desk, tmp_path: Path) -> None:
    """The same statements, parameters and commits on a twin leave the same rows: the floor does all of the work."""
    engine = engine_of(office).engine
    engine.dispose()
    twin = tmp_path / "twin.db"
    twin.write_bytes((tmp_path / "office.db").read_bytes())
    tape = Tape()
    attach(engine, tape)
    with tape.rolling():
        report(office, "one", "2022-02")
    report(office, "two", "2022-02")
    steps = tape.taken()
    floor = sqlite_floor(twin)
    assert play(floor, steps) > 0
    floor.close()
    engine.dispose()
    assert [kind for kind, *_ in steps].count("commit") == 1
    for table in ("events", "tasks", "deadlines", "spans", "outbox"):
        ours = [row for row in _rows(tmp_path / "office.db", f"SELECT * FROM {table}") if "two" not in row]  # noqa: S608
        theirs = [row for row in _rows(twin, f"SELECT * FROM {table}") if "two" not in row]  # noqa: S608
        assert ours == theirs, table
    assert tape.taken() == []


def test_copies_are_tasks_like_their_seed(tmp_path: Path) -> None:
    """Each copy has an id of its own in every table, and the office can work on it."""
    for name in ("seed", "many"):
        opened = desk(f"sqlite:///{tmp_path / name}.db", at("2022-02-25 16:00"), create=True)
        if name == "seed":
            enter(opened, [f"x{SEED}"])
        opened.store.close()
    multiply(tmp_path / "many.db", [Seeds(tmp_path / "seed.db", 3)], events=True)
    many = desk(f"sqlite:///{tmp_path / 'many'}.db", at("2022-02-25 16:00"))
    assert [row.task for row in many.store.board(at("2022-02-25 16:00"))] == [f"x~000000{n}" for n in (1, 2, 3)]
    report(many, "x~0000002", "2022-02")
    assert {each.event.task for each in many.store.events("x~0000002")} == {"x~0000002"}
    many.store.close()


def test_a_sweep_is_measured_against_its_floor_and_against_fewer_tasks(scale: Scale) -> None:
    throughput, times, statements, instructions = measure_sweeps(scale)
    assert throughput.value > 0
    assert times.value > 0
    assert 0.5 < statements.value < 1.5
    assert 0.5 < instructions.value < 1.5


def test_replay_chain_and_board_are_measured(scale: Scale) -> None:
    figures = measure_replays(scale)
    assert [figure.unit for figure in figures] == ["×", "×", "ms", "ms"]
    assert all(figure.value > 0 for figure in figures)


def test_pages_are_measured_over_an_office_that_answers(scale: Scale) -> None:
    """Every page answers; the heavy unit owes what its worklist is measured with."""
    figures = measure_pages(scale)
    assert len(figures) == len(BOARDS) + 2
    assert all(figure.value > 0 and figure.budget is not None for figure in figures)


def test_the_large_process_is_as_large_as_its_budget_says_and_sound() -> None:
    """Fifty states and twenty deadlines, without a finding; its claims are answered one way and the other."""
    loaded = load(large.text(), "large.yaml")
    assert loaded.edition is not None
    assert (len(loaded.edition.process.states), len(loaded.edition.process.deadlines)) == (50, 20)
    answers = {proof.claim.title.en: proof.answer for proof in prove(loaded.edition, calendar_named("cn"))}
    assert answers["nothing is done unfinished"] == "proved"
    assert answers["lag is answered"] == "refuted", "a report that changes nothing meets the answer that is owed"
    assert set(answers.values()) == {"proved", "refuted"}


def test_the_authors_bench_is_measured(scale: Scale) -> None:
    """Each budget has its figure; the draft that is compared and tried differs."""
    figures = measure_authoring(replace(scale, runs=1))
    assert [figure.unit for figure in figures] == ["ms", "s", "ms", "ms", "s", "ms", "s", "s", "s", "", "", ""]
    assert all(figure.value > 0 and figure.budget is not None for figure in figures)


def test_the_page_says_what_limits_every_topic() -> None:
    words = sections(LIMITS.read_text(encoding="utf-8"))
    assert set(words) == {"how", *TOPICS}
    assert set(TITLES) == set(TOPICS)
    found = {name: [Figure(f"of {name}", 2.0, "×", Budget("≤", 1), "a note")] for name in TOPICS}
    text = page([("processor", "one")], found, 60)
    assert f"Budgets missed: {len(TOPICS)}." in text
    assert "| of sweeps | 2 × | ≤ 1 | **missed** | a note |" in text


def test_a_shrunk_run_keeps_its_proportions(tmp_path: Path) -> None:
    small = Scale(tmp_path).shrunk(0.1)
    assert (small.tasks, small.due, small.due_few, small.runs) == (100_000, 10_000, 1_000, 5)
