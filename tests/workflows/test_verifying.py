"""`verify` finds each kind of damage, says nothing of what is sound, and changes nothing.

Each fault is planted in a real database past the program; `rewrite` is the attacker who can compute every hash anew.
Each is also shown to be found by the very check that claims to: with that one disabled it is not.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli import cli
from storage import streams
from storage.evidence import SqlEvidence, open_evidence
from storage.offices import open_office
from storage.rebuilding import SHAPES
from tests import limits
from tests.workflows.conftest import LEAD, at
from tests.workflows.faults import FAULTS, Fault
from tests.workflows.verified import Damage, Press, codes, lived, looked
from workflows.audit.verifying import (
    bench,
    books,
    chains,
    deciding,
    guards,
    house,
    redacted,
    reprinted,
    rights,
    running,
    standing,
    tallies,
    timing,
)
from workflows.audit.verifying.findings import CODES, Finding
from workflows.audit.verifying.values import Raw
from workflows.clock import VirtualClock, wall
from workflows.desk import PURPOSE, Desk
from workflows.kept import Otherwise
from workflows.office.firing import Act, Outcome, fire
from workflows.people import accounts, tokens
from workflows.people.values import By

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The office as it was lived."""
    path = tmp_path_factory.mktemp("verified") / "duban.db"
    lived(f"sqlite:///{path}")
    return path


@pytest.fixture
def damage(sound: Path, tmp_path: Path) -> Iterator[Damage]:
    """A copy of it under an attacker's hands."""
    made = Damage(Path(shutil.copyfile(sound, tmp_path / "duban.db")))
    yield made
    made.close()


def _found(damage: Damage, **how: Any) -> list[Finding]:
    ((_, _, path),) = damage.ask("PRAGMA database_list")
    return looked(f"sqlite:///{path}", **how).findings


def test_what_was_lived_is_sound(sound: Path) -> None:
    found = looked(f"sqlite:///{sound}")
    assert [each.said("en") for each in found.findings] == []
    assert found.events > 80


# -- every code, by a planted fault


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{each.code}: {each.title}" for each in FAULTS])
def test_a_planted_fault_is_found(damage: Damage, fault: Fault) -> None:
    fault.plant(damage)
    found = _found(damage)
    assert fault.code in codes(found), [each.said("en") for each in found]
    for each in found:
        assert each.said("zh")
        assert each.meaning("en")
        json.dumps(each.to_json("zh"))


def test_each_code_is_planted() -> None:
    assert {each.code for each in FAULTS} == set(CODES)


@pytest.mark.parametrize("page", ["audit.md", "audit.zh.md"])
def test_each_code_is_explained(page: str) -> None:
    """In the page for auditors of each language; and one that is not would be missed."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert [code for code in (*CODES, "planted") if f"| `{code}` |" not in text] == ["planted"]


def _nothing(*_args: object, **_more: object) -> tuple[()]:
    return ()


DISABLED: Sequence[tuple[str, Any, str]] = (
    ("hash_broken", chains, "check"),
    ("column_differs", chains, "check"),
    ("erased_unnamed", redacted, "check"),
    ("erased_still_there", redacted, "check"),
    ("erased_without_right", redacted, "lawful"),
    ("decided_otherwise", deciding, "_differ"),
    ("guard_otherwise", guards, "check"),
    ("time_skipped", timing, "ran_until"),
    ("backdated", timing, "recorded"),
    ("row_differs", standing, "check"),
    ("file_missing", tallies, "files"),
    ("file_altered", house, "_files"),
    ("document_differs", house, "_documents"),
    ("facts_altered", reprinted, "check"),
    ("facts_otherwise", reprinted, "_compared"),
    ("facts_stale", reprinted, "_stale"),
    ("facts_unknown", reprinted, "check"),
    ("counter_differs", house, "_numbers"),
    ("answer_unfounded", house, "_keys"),
    ("edition_altered", house, "_editions"),
    ("rights_differ", rights, "check"),
)


@pytest.mark.parametrize(("code", "room", "check"), DISABLED)
def test_without_its_check_a_fault_is_not_found(
    damage: Damage, monkeypatch: pytest.MonkeyPatch, code: str, room: Any, check: str
) -> None:
    """So it is the check that finds it, and not another one by chance."""
    next(each for each in FAULTS if each.code == code).plant(damage)
    assert code in codes(_found(damage))
    monkeypatch.setattr(room, check, _nothing)
    assert code not in codes(_found(damage))


# -- every column


_TABLES = [(table, column) for table, shape in SHAPES.items() if table != "facets" for column in shape.columns]
_EVENTS = Raw._fields


@pytest.mark.parametrize(("table", "column"), [*_TABLES, *(("events", column) for column in _EVENTS)])
def test_no_column_may_be_altered(damage: Damage, table: str, column: str) -> None:
    """Another value in any column of one row: of events, and of every table that follows from them."""
    row = damage.ask(f"SELECT max(rowid) FROM {table} WHERE {column} IS NOT NULL")[0][0]  # noqa: S608 - our own names
    assert row is not None or column in ("parent", "part_of", "heading"), "nothing to alter"
    other = f"CASE typeof({column}) WHEN 'integer' THEN {column} + 1000 WHEN 'null' THEN 'x' ELSE {column} || 'x' END"
    said = f"UPDATE {table} SET {column} = {other} WHERE rowid = coalesce(?, 1)"  # noqa: S608 - the same
    assert damage.sql(said, row) == 1
    found = _found(damage)
    assert any(each.code != "database_fault" for each in found)


def test_numbers_as_text_are_another_thing(damage: Damage) -> None:
    """SQLite keeps what it is given."""
    damage.sql("UPDATE spans SET seq = CAST(seq AS BLOB) WHERE rowid = 1")
    assert "row_differs" in codes(_found(damage))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("scopes", '["read","act","admin"]'),
        ("ends_at", 2**53),
        ("user", "sun"),
        ("revoked_at", 1),
        ("digest", "0" * 64),
    ],
)
def test_a_programs_key_may_do_what_it_was_issued_for(tmp_path: Path, column: str, value: object) -> None:
    """Whoever writes into the table could make an administrator of a key that only reads, or one that never ends."""
    url = f"sqlite:///{tmp_path / 'duban.db'}"
    with closing(open_office(url, create=True)) as office:
        by = By("root")
        for name in ("wang", "sun"):
            accounts.add_user(office.people, accounts.new_user(name, office.people.now()), by)
        found = office.people.user("wang")
        assert found is not None
        assert isinstance(tokens.issue(office.people, found, "lists", ["read"], 30, by), str)
        assert tokens.issue(office.people, found, "other", ["act", "read"], 366) != ""
        assert looked(url).findings == []
        with office.store.engine.execution_options(writes=True).begin() as connection:
            connection.exec_driver_sql(f"UPDATE tokens SET {column} = ? WHERE id = 1", (value,))  # noqa: S608 - ours
    (told,) = looked(url).findings
    assert (told.code, told.facts["columns"]) == ("rights_differ", column)


# -- it reads, and no more


def _bytes(path: Path) -> dict[str, str]:
    return {
        each.name: sha256(each.read_bytes()).hexdigest() for each in path.parent.iterdir() if "-shm" not in each.name
    }


def test_not_a_byte_is_written(sound: Path, tmp_path: Path) -> None:
    """Not even the log is folded into the file, when somebody who crashed left one; any other opening would do that."""
    path = _left_by_a_crash(sound, tmp_path)
    before = _bytes(path)
    assert "duban.db-wal" in before
    looked(f"sqlite:///{path}")
    assert _bytes(path) == before
    told = CliRunner().invoke(cli, ["--db", f"sqlite:///{path}", "--json", "verify", "--processes", "1"])
    assert [each["code"] for each in json.loads(told.stdout)["findings"]] == ["rights_differ"] * 2
    assert _bytes(path) == before
    open_office(f"sqlite:///{path}").close()
    assert _bytes(path) != before


def _left_by_a_crash(sound: Path, folder: Path) -> Path:
    """A database beside which its log still stands."""
    path = Path(shutil.copyfile(sound, folder / "duban.db"))
    writer = Damage(path)
    writer.sql("PRAGMA journal_mode = WAL")
    writer.sql("UPDATE users SET name = 'x'")
    left = folder / "left"
    left.mkdir()
    for name in ("duban.db", "duban.db-wal"):
        shutil.copyfile(folder / name, left / name)
    writer.close()
    return left / "duban.db"


def test_the_connection_cannot_write(sound: Path) -> None:
    with open_evidence(f"sqlite:///{sound}") as evidence:
        cursor = evidence._connection.connection.cursor()
        with pytest.raises(Exception, match=r"readonly|read-only"):
            cursor.execute("DELETE FROM events")


def test_no_batch_reads_a_whole_table(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stored of a few families is looked up: a database is verified in as many batches as it is large."""
    asked, ask = list[tuple[str, Sequence[Any]]](), SqlEvidence._ask

    def told(mine: SqlEvidence, statement: str, values: Sequence[Any] = ()) -> Any:
        asked.append((statement, values))
        return ask(mine, statement, values)

    with open_evidence(f"sqlite:///{sound}") as evidence:
        evidence.kept(["promises-01"])
        monkeypatch.setattr(SqlEvidence, "_ask", told)
        assert evidence.kept(["promises-01", "promises-02"])["outbox"]
        evidence.rows(["promises-01"])
        evidence.links(["promises-01"])
        plans = [
            row[3] for statement, values in asked for row in ask(evidence, f"EXPLAIN QUERY PLAN {statement}", values)
        ]
        whole = [row[3] for row in ask(evidence, "EXPLAIN QUERY PLAN SELECT task FROM outbox")]
    assert len(asked) == len(SHAPES) + 2
    assert [plan for plan in plans if plan.startswith("SCAN") and "json_each" not in plan] == []
    assert whole[0].startswith("SCAN outbox"), "so a whole reading is told"


def test_a_server_is_only_read(founded_postgres: str) -> None:
    """The same office on PostgreSQL is sound, damage in it is found, and the transaction is read-only."""
    lived(founded_postgres)
    assert looked(founded_postgres).findings == []
    with open_evidence(founded_postgres) as evidence:
        cursor = evidence._connection.connection.cursor()
        with pytest.raises(Exception, match="read-only"):
            cursor.execute("DELETE FROM events")
    office = open_office(founded_postgres, unsafe=True)
    with office.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE spans SET state = 'lagging' WHERE task = 'promises-01'")
        connection.exec_driver_sql("UPDATE events SET actor = 'x' WHERE seq = 1 AND stream = 'promises-02'")
        connection.exec_driver_sql("CREATE VIEW mine AS SELECT 1")
    office.close()
    assert {"row_differs", "column_differs", "database_fault"} <= codes(looked(founded_postgres).findings)


@pytest.mark.parametrize("processes", [1, 2])
def test_while_people_write_nothing_is_found(sound: Path, tmp_path: Path, processes: int) -> None:
    """One moment is looked at by each process: what is written meanwhile is no fault."""
    url = f"sqlite:///{Path(shutil.copyfile(sound, tmp_path / 'duban.db'))}"
    clock = VirtualClock(at("2022-03-20 09:00"))
    office = open_office(url, clock=clock)
    desk = Desk(office.store, clock, people=office.people, papers=office.documents, press=Press())
    acts = iter(range(1, 100))

    def act(_done: int, _total: int) -> None:
        form = {"month": "2022-03", "percent": str(next(acts))}
        told = fire(desk, Act("promises-02", "report", form, LEAD, key=f"w{form['percent']}"))
        assert isinstance(told, Outcome), told

    run = running.verify(partial(open_evidence, url), running.Asked("x", processes=processes), act)
    office.close()
    assert [each.said("en") for each in run.findings] == []
    assert looked(url).findings == []


# -- chains alone, processes, going on


def test_chains_alone_see_chains_alone(damage: Damage) -> None:
    damage.sql("UPDATE tasks SET state = 'done'")
    assert _found(damage, whole=False) == []
    assert _found(damage, whole=False, processes=2) == []
    damage.sql("UPDATE events SET actor = 'x' WHERE seq = 2")
    assert codes(_found(damage, whole=False)) == {"column_differs"}


@pytest.mark.parametrize("column", [each for each in _EVENTS if each not in ("stream", "seq")])
def test_chains_alone_see_another_kind_of_cell(damage: Damage, column: str) -> None:
    """The same bytes that are no text, or a number that is no number, are another thing; and so are bytes that no text
    has.
    """
    cell = f"CAST({column} AS BLOB)"
    damage.sql(f"UPDATE events SET {column} = {cell} WHERE stream = 'promises-02' AND seq = 2")  # noqa: S608 - our own names
    assert {each.stream for each in _found(damage, whole=False)} == {"promises-02"}


@pytest.mark.parametrize("column", ["header", "payload", "salts"])
def test_chains_alone_see_bytes_that_are_no_text(damage: Damage, column: str) -> None:
    damage.sql(f"UPDATE events SET {column} = CAST(x'7bff7d' AS TEXT) WHERE stream = 'promises-02' AND seq = 2")  # noqa: S608 - the same
    assert codes(_found(damage, whole=False)) & {"unreadable", "hash_broken"}
    assert {"unreadable"} <= codes(_found(damage))


@pytest.mark.parametrize("code", ["erased_unnamed", "erased_still_there"])
def test_chains_alone_see_lines_that_are_gone(damage: Damage, code: str) -> None:
    next(each for each in FAULTS if each.code == code).plant(damage)
    assert codes(_found(damage, whole=False)) == {code}


def test_two_processes_find_the_same(damage: Damage, monkeypatch: pytest.MonkeyPatch) -> None:
    damage.sql("UPDATE tasks SET state = 'done' WHERE id = 'promises-02'")
    damage.sql("UPDATE events SET actor = 'x' WHERE seq = 2 AND stream = 'promises-03'")
    monkeypatch.setattr(running, "BATCH", 2)
    assert _found(damage, processes=2) == _found(damage)


def test_a_run_goes_on_from_its_file(damage: Damage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was looked at is not looked at again, unless it has grown; what was found is told again."""
    damage.sql("UPDATE tasks SET state = 'done' WHERE id = 'promises-02'")
    kept = tmp_path / "results.ndjson"
    whole = _found(damage, kept=kept)
    lines = kept.read_text(encoding="utf-8").splitlines(keepends=True)
    kept.write_text("".join(lines[:4]) + lines[4][:20], encoding="utf-8")  # as a crash leaves it
    looks, look = list[str](), bench.Bench._one

    def counted(mine: bench.Bench, name: str, *rest: Any) -> Any:
        looks.append(name)
        return look(mine, name, *rest)

    monkeypatch.setattr(bench.Bench, "_one", counted)
    assert _found(damage, kept=kept) == whole
    assert len(looks) == len(lines) - 4
    last = damage.ask("SELECT max(seq) FROM events WHERE stream = 'promises-01'")[0][0]
    damage.sql("UPDATE events SET hash = 'x' WHERE stream = 'promises-01' AND seq = ?", last)
    assert "hash_broken" in codes(_found(damage, kept=kept))


def test_another_database_does_not_go_on(sound: Path, tmp_path: Path) -> None:
    kept = tmp_path / "results.ndjson"
    looked(f"sqlite:///{sound}", kept=kept)
    with pytest.raises(Otherwise):
        looked(f"sqlite:///{sound}", whole=False, kept=kept)


def test_a_killed_run_goes_on(sound: Path, tmp_path: Path) -> None:
    """Kill -9 at any moment leaves a file from which the next run goes on."""
    kept = tmp_path / "results.ndjson"
    command = [sys.executable, "cli.py", "--db", f"sqlite:///{sound}", "--json", "verify", "--resume", str(kept)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told: Any = {"cwd": ROOT, "env": environment}
    deadline = time.monotonic() + 60
    with limits.running(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **told):
        while not kept.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=limits.LONG, **told)
    assert (ran.returncode, json.loads(ran.stdout)["sound"]) == (0, True), ran.stderr


# -- the command


def test_the_command_says_yes_and_no(damage: Damage) -> None:
    ((_, _, path),) = damage.ask("PRAGMA database_list")
    asked = ["--db", f"sqlite:///{path}", "--lang", "en"]
    told = CliRunner().invoke(cli, [*asked, "--json", "verify", "--processes", "1"])
    assert told.exit_code == 0, told.output
    nothing: dict[str, list[str]] = {"findings": [], "undecided": [], "stamps": []}
    assert json.loads(told.stdout) == {"sound": True, "streams": 7, "events": 91, **nothing}
    damage.sql("UPDATE tasks SET state = 'done' WHERE id = 'promises-02'")
    told = CliRunner().invoke(cli, [*asked, "verify", "--processes", "1"])
    assert told.exit_code == 1
    assert "✗ promises-02  in tasks, state of promises-02 differ from the record  [row_differs]" in told.stdout
    found = json.loads(CliRunner().invoke(cli, [*asked, "--json", "verify", "--processes", "1"]).stdout)["findings"]
    assert [each["code"] for each in found] == ["row_differs"]


@pytest.mark.parametrize("table", ["events", "leaves", "trees", "spans", "notes"])
def test_a_table_that_is_gone_is_told(damage: Damage, table: str) -> None:
    ((_, _, path),) = damage.ask("PRAGMA database_list")
    damage.sql("PRAGMA foreign_keys = OFF")
    damage.sql(f"DROP TABLE {table}")
    ran = CliRunner().invoke(cli, ["--lang", "en", "--db", f"sqlite:///{path}", "verify"])
    assert (ran.exit_code, isinstance(ran.exception, SystemExit)) == (1, True), ran.exception
    assert table in ran.output


def test_a_database_that_is_none_is_refused(tmp_path: Path) -> None:
    told = CliRunner().invoke(cli, ["--db", f"sqlite:///{tmp_path / 'none.db'}", "--lang", "en", "verify"])
    assert told.exit_code == 1
    assert "no database here" in told.stderr


def test_whoever_else_is_asked_is_heard(sound: Path) -> None:
    """A head that somebody else holds is compared in the same moment."""
    other = Finding("chain_broken", "tree")
    run = running.verify(partial(open_evidence, f"sqlite:///{sound}"), running.Asked("x"), others=[lambda _: [other]])
    assert run.findings == [other]


@pytest.mark.parametrize(("stream", "found"), [("post:a", set()), ("exports", {"in_the_future"})])
def test_deliveries_of_a_rehearsal_happen_at_the_time_of_the_wall(
    sound: Path, tmp_path: Path, stream: str, found: set[str]
) -> None:
    """Its own clock stands years before; a message went out today all the same."""
    url = f"sqlite:///{shutil.copyfile(sound, tmp_path / 'duban.db')}"
    office = open_office(url)
    office.store.set_note(PURPOSE, "rehearsal")
    with office.people.engine.begin() as connection:
        streams.append(connection, stream, "NoticeSent", "system", {"n": 1}, wall())
    office.close()
    assert codes(looked(url).findings) == found


def test_a_change_of_the_calendar_is_looked_up_by_its_time(sound: Path) -> None:
    """The days before the change were dated by the calendar as it was then."""
    with open_evidence(f"sqlite:///{sound}") as evidence:
        found = books.read(evidence)
    before, after = (found.in_force("promises@1", at(day)) for day in ("2022-02-09 09:00", "2022-02-11 09:00"))
    assert (len(before), len(after)) == (1, 1)
    assert before != after
