"""Personal values are gone for good, every proof holds, and everything says that they were erased."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import psycopg
import pytest

from engine.chain import seal
from engine.commands import Actor, Refusal
from engine.events import EventType
from engine.lines import any_gone
from engine.problems import Language
from storage.erasing import SqlEraser
from storage.evidence import open_evidence
from storage.log import SqlLog
from storage.offices import Office
from tests.workflows.conftest import LEAD, OFFICE, at
from tests.workflows.test_papers import DEFINED
from tests.workflows.verified import ADMIN, TRUE, Damage, at_work, codes, lived, looked
from workflows.audit.history import history
from workflows.authoring import trial_results, trials
from workflows.authoring.backtesting import Period
from workflows.desk import Desk
from workflows.exporting.plain import comma_separated, ndjson
from workflows.exporting.record import traces
from workflows.exporting.xes import xes
from workflows.office.firing import Act, Outcome, fire
from workflows.people import accounts
from workflows.people.values import By
from workflows.post.values import Planned, Waiting
from workflows.redaction import carrying, ordering
from workflows.redaction.carrying import Finished
from workflows.redaction.ordering import OPEN
from workflows.redaction.ports import Kept
from workflows.redaction.preview import Preview, names_in, preview
from workflows.redaction.values import ORGANISATION, Order, Redaction, Wanted

ROOT = Path(__file__).resolve().parents[2]
SECOND = Actor("boss", ("admin",))
ISSUED = EventType.PUBLICATION_ISSUED
TASK = "promises-01"
PHONE = Wanted(TASK, ("phone",))
TITLED = Wanted("promises-02", ("phone", "reason"))


@dataclass
class House:
    """An office that was lived, with what erases in it."""

    url: str
    office: Office
    desk: Desk
    eraser: SqlEraser

    def ordered(self, wanted: Wanted, reason: str = "本人申请删除") -> Order:
        """An order that another administrator has approved."""
        asked = ordering.ask(self.desk, self.eraser, wanted, reason, ADMIN)
        assert isinstance(asked, Order), asked
        found = ordering.approve(self.desk, asked.subject, SECOND)
        assert isinstance(found, Order), found
        return found

    def erased(self, wanted: Wanted) -> Redaction:
        """The same, carried out and wiped."""
        order = self.ordered(wanted)
        found = carrying.finish(self.desk, self.eraser)
        assert isinstance(found, Finished)
        assert not found.refused, found.refused
        assert found.wiped
        return found.done[order.subject]

    def findings(self) -> list[tuple[str, str, str]]:
        """What a verification finds."""
        return [(each.ref, each.code, each.said("en")) for each in looked(self.url).findings]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The office as it was lived."""
    path = tmp_path_factory.mktemp("lived") / "duban.db"
    lived(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    """On each database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("small")
        return
    url = str(request.getfixturevalue("fresh_postgres"))
    lived(url)
    with _opened(url) as found:
        yield found


@pytest.fixture
def small(once: Path, tmp_path: Path) -> Iterator[House]:
    """On a file alone."""
    with _opened(f"sqlite:///{shutil.copyfile(once, tmp_path / 'duban.db')}") as found:
        yield found


@contextmanager
def _opened(url: str) -> Iterator[House]:
    with at_work(url, TRUE, "2022-03-21 09:00") as (office, desk):
        yield House(url, office, desk, SqlEraser(office.store.engine))


# -- gone, and every proof holds


def test_a_value_is_gone_and_nothing_else_changes(house: House) -> None:
    before = house.desk.store.events(TASK)
    done = house.erased(PHONE)
    after = house.desk.store.events(TASK)
    assert [each.hash for each in after[:-1]] == [each.hash for each in before]
    assert {line.part for line in done.lines} == {"fields", "form", "set"}
    for each in after:
        assert seal(each.prev, each.header, each.payload, each.salts) == each.hash
        assert "1380" not in each.payload
        assert "1390" not in each.payload
    assert after[-1].event.type is EventType.VALUES_REDACTED
    assert after[-1].event.payload["command"]["reason"] == "本人申请删除"
    task = house.desk.store.task(TASK)
    assert task is not None
    assert task.fields["phone"] is None
    assert task.fields["percent"] == "100"
    assert house.findings() == []
    assert looked(house.url).undecided == []


def test_not_a_byte_of_it_stays_in_the_file(small: House, tmp_path: Path) -> None:
    """Nor in free pages, where earlier snapshots stood, nor in the log."""
    phones = {f"promises-{n:02}" for n in range(1, 5)}
    assert _in_files(tmp_path, b"1380") or _in_files(tmp_path, b'"phone":"1390"')
    for task in sorted(phones):
        small.erased(Wanted(task, ("phone",)))
    assert not _in_files(tmp_path, b'"1380"')
    assert not _in_files(tmp_path, b'"1390"')


def _in_files(folder: Path, words: bytes) -> bool:
    return any(words in each.read_bytes() for each in folder.iterdir() if each.is_file())


def test_not_a_byte_of_it_stays_in_the_servers_tables(fresh_postgres: str) -> None:
    lived(fresh_postgres)
    with _opened(fresh_postgres) as house:
        held = _in_tables(fresh_postgres, b'"1390"')
        for n in range(1, 5):
            house.erased(Wanted(f"promises-{n:02}", ("phone",)))
        assert held
        assert not _in_tables(fresh_postgres, b'"1390"')
        assert not _in_tables(fresh_postgres, b'"1380"')


def _in_tables(url: str, words: bytes) -> bool:
    """In any file of this database of the server."""
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        asked = "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
        home, number = connection.execute(asked).fetchone() or ("", 0)
    return any(words in each.read_bytes() for each in (Path(home) / "base" / str(number)).iterdir() if each.is_file())


def test_a_words_reason_goes_too_and_the_message_that_held_it(house: House) -> None:
    done = house.erased(TITLED)
    assert "reason" in {line.part for line in done.lines}
    assert house.findings() == []
    late = next(each for each in house.desk.store.events("promises-02") if any_gone(each.payload, each.salts))
    assert "forgotten" not in late.payload


def test_leaves_and_heads_of_the_tree_stay(small: House) -> None:
    log = SqlLog(small.office.store.engine)
    log.grow()
    before = log.leaves(0, 10_000)
    small.erased(PHONE)
    grown = log.grow()
    assert not grown.unfit
    assert log.leaves(0, len(before)) == before
    assert all(each.hash == each.leaf.hash for each in log.kept(10_000, texts=True))


def test_whatever_may_go_leaves_every_proof_valid(small: House) -> None:
    """Each personal line of the office by an order of its own, one after the other: after each the chain stands, and in
    the end everything holds, the tree and its leaves too.
    """
    log = SqlLog(small.office.store.engine)
    log.grow()
    before = log.leaves(0, 10_000)
    chance, waiting = Random(5), list(_each_line(small.desk))
    chance.shuffle(waiting)
    for wanted in waiting:
        small.erased(wanted)
        assert small.findings() == []
    assert len(waiting) == 8
    assert list(_each_line(small.desk)) == []
    assert small.findings() == []
    log.grow()
    assert log.leaves(0, len(before)) == before


def _each_line(desk: Desk) -> Iterator[Wanted]:
    for task in desk.store.tasks():
        for name in names_in(desk, task):
            found = preview(desk, NOWHERE, Wanted(task.id, (name,)))
            assert isinstance(found, Preview)
            yield from (
                Wanted(task.id, (name,), (line.seq,)) for line in {line.seq: line for line in found.lines}.values()
            )


class _Nowhere(SqlEraser):
    """Looks for words nowhere."""

    def __init__(self) -> None:
        pass

    def files(self) -> Iterator[Kept]:
        return iter(())

    def documents(self) -> Iterator[tuple[str, str]]:
        return iter(())

    def snapshots(self) -> Iterator[tuple[str, str]]:
        return iter(())


NOWHERE = _Nowhere()


# -- what may go, and who may


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted(TASK, ("percent",)), "redact_facts"),
        (Wanted(TASK, ("lead_unit",)), "redact_facts"),
        (Wanted(TASK, ("month",)), "redact_facts"),
        (Wanted(TASK, ("evidence",)), "redact_facts"),
        (Wanted(TASK, ("milestones",)), "redact_facts"),
        (Wanted(TASK, ("title",)), "redact_decides"),
        (Wanted(TASK, ("reason",)), "redact_nothing"),
        (Wanted("nothing", ("phone",)), "unknown_task"),
        (Wanted(TASK, (), (), ("ab" * 32,)), "redact_file"),
        (Wanted(ORGANISATION, ("wang",)), "redact_active"),
        (Wanted(ORGANISATION, ("nobody",)), "unknown_user"),
    ],
)
def test_facts_stay(small: House, wanted: Wanted, code: str) -> None:
    found = ordering.ask(small.desk, small.eraser, wanted, "why", ADMIN)
    assert isinstance(found, Refusal)
    assert found.code == code


def test_it_takes_a_reason_and_a_second_person(small: House) -> None:
    desk, eraser = small.desk, small.eraser

    def code(found: Order | Refusal) -> str:
        return found.code if isinstance(found, Refusal) else found.subject

    assert code(ordering.ask(desk, eraser, PHONE, " ", ADMIN)) == "redact_reason"
    assert code(ordering.ask(desk, eraser, PHONE, "why", LEAD)) == "wrong_role"
    assert code(ordering.ask(desk, eraser, PHONE, "why", OFFICE)) == "R-1"
    assert code(ordering.ask(desk, eraser, PHONE, "why", ADMIN)) == "redact_waits"
    assert code(ordering.approve(desk, "R-1", OFFICE)) == "not_admin"
    assert code(ordering.approve(desk, "R-9", ADMIN)) == "unknown_proposal"
    assert code(ordering.send_back(desk, "R-1", ADMIN, "not theirs")) == "R-1"
    assert code(ordering.approve(desk, "R-1", ADMIN)) == "redact_over"
    assert code(ordering.ask(desk, eraser, PHONE, "why", ADMIN)) == "R-2"
    assert code(ordering.approve(desk, "R-2", ADMIN)) == "own_proposal"
    assert carrying.finish(desk, eraser).done == {}
    assert small.findings() == []


def test_a_preview_says_what_would_go_and_where_else_it_stands(small: House) -> None:
    text = small.office.store.keep_file("申请.txt", "电话 1390 的申请".encode())
    found = preview(small.desk, small.eraser, PHONE)
    assert isinstance(found, Preview)
    assert [line.label for line in found.lines] == ["#1 fields.phone", "#4 form.phone", "#4 set.phone"]
    assert (text, "申请.txt") in found.traces.files
    assert list(found.traces.tasks) == ["promises-02", "promises-03"]


def test_some_events_alone(small: House) -> None:
    """The telephone of who was asked before goes, and that of now stays."""
    assert isinstance(fire(small.desk, Act("promises-02", "report", _form("1377"), LEAD)), Outcome)
    small.erased(Wanted("promises-02", ("phone",), (1,)))
    task = small.desk.store.task("promises-02")
    assert task is not None
    assert task.fields["phone"] == "1377"
    assert small.findings() == []


def _form(phone: str) -> dict[str, str]:
    return {"month": "2022-03", "percent": "50", "phone": phone}


# -- evidence


def test_evidence_goes_and_its_digest_stays(house: House) -> None:
    digest = house.office.store.keep_file("名单.txt", b"a list of names")
    evidence = [{"name": "名单.txt", "digest": digest}]
    assert isinstance(
        fire(house.desk, Act("promises-02", "report", {**_form("1377"), "evidence": evidence}, LEAD)), Outcome
    )
    house.erased(Wanted("promises-02", (), (), (digest,)))
    assert house.office.store.file(digest) is None
    assert house.findings() == []


def test_evidence_of_others_stays(small: House) -> None:
    named = {
        str(file["digest"])
        for each in small.desk.store.events(TASK)
        for file in each.event.payload.get("form", {}).get("evidence") or ()
    }
    found = preview(small.desk, small.eraser, Wanted(TASK, (), (), tuple(named)))
    assert isinstance(found, Refusal)
    assert found.code == "redact_shared"


# -- who left


def test_the_name_of_who_left(house: House) -> None:
    assert not isinstance(accounts.close_user(house.office.people, "wang", By("root")), Refusal)
    done = house.erased(Wanted(ORGANISATION, ("wang",)))
    assert {line.name for line in done.lines} >= {"name", "mail"}
    user = house.office.people.user("wang")
    assert user is not None
    assert (user.name, user.mail) == ("<personal>", None)
    assert house.findings() == []


# -- once, all or nothing, whoever else is at work


def test_carried_out_twice_it_was_done_once(house: House) -> None:
    order = house.ordered(PHONE)
    first = carrying.carry_out(house.desk, house.eraser, order)
    count = len(house.desk.store.events(TASK))
    assert carrying.carry_out(house.desk, house.eraser, order) == first
    assert len(house.desk.store.events(TASK)) == count
    assert house.desk.store.note(OPEN) == order.subject
    assert carrying.finish(house.desk, house.eraser) == Finished({}, {}, wiped=True)
    assert house.desk.store.note(OPEN) == ""


@pytest.mark.parametrize("step", ["rewrite", "put_back", "forget", "forget_files"])
def test_who_dies_in_the_middle_has_done_nothing(house: House, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    order = house.ordered(PHONE)
    before = house.desk.store.events(TASK), house.desk.store.task(TASK)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(SqlEraser, step, dies)
        with pytest.raises(KeyboardInterrupt):
            carrying.carry_out(house.desk, house.eraser, order)
    assert (house.desk.store.events(TASK), house.desk.store.task(TASK)) == before
    assert house.findings() == []
    found = carrying.finish(house.desk, house.eraser)  # whoever comes next
    assert list(found.done) == [order.subject]
    assert house.findings() == []


_KILLED = """
import os, sys
from storage.erasing import SqlEraser
from tests.workflows.test_redacting import _opened
from workflows.redaction import carrying
SqlEraser.put_back = lambda *_: os._exit(9)
with _opened(sys.argv[1]) as house:
    carrying.finish(house.desk, house.eraser)
"""


def test_a_process_that_is_killed_leaves_nothing_half_done(small: House) -> None:
    """Nothing is undone by anybody: the database finds it so when it is opened again."""
    order, before = small.ordered(PHONE), small.desk.store.events(TASK)
    done = subprocess.run([sys.executable, "-c", _KILLED, small.url], cwd=ROOT, timeout=120, check=False)
    assert done.returncode == 9
    assert small.desk.store.events(TASK) == before
    assert small.findings() == []
    assert list(carrying.finish(small.desk, small.eraser).done) == [order.subject]
    assert small.findings() == []


def test_bytes_that_others_are_in_the_way_of_are_wiped_later(small: House) -> None:
    order = small.ordered(PHONE)
    with open_evidence(small.url) as reading:
        reading.heads()
        found = carrying.finish(small.desk, small.eraser)
        assert (list(found.done), found.wiped) == ([order.subject], False)
        assert small.desk.store.note(OPEN) == order.subject
    assert carrying.finish(small.desk, small.eraser).wiped
    assert small.desk.store.note(OPEN) == ""


def test_while_others_write_the_same_task(house: House) -> None:
    """Acts and orders in one line: each act is whole, and none brings back what is gone."""
    order, wrong = house.ordered(Wanted("promises-02", ("phone",))), list[object]()

    def acts() -> None:
        for n in range(6):
            told = fire(house.desk, Act("promises-02", "report", {"month": "2022-03", "percent": str(40 + n)}, LEAD))
            if not isinstance(told, Outcome):
                wrong.append(told)

    _together([acts, lambda: wrong.extend(_refusals(carrying.carry_out(house.desk, house.eraser, order)))])
    assert wrong == []
    assert house.findings() == []
    assert sum(each.event.type is EventType.VALUES_REDACTED for each in house.desk.store.events("promises-02")) == 1


def _refusals(found: Redaction | Refusal) -> list[Refusal]:
    return [found] if isinstance(found, Refusal) else []


def _together(tasks: list[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=task, daemon=True) for task in tasks]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
        assert not each.is_alive()


# -- what a verification says


_PLANNED = "planned: {type: percent, zh: 计划进度, en: Planned progress}"
GUARDED = replace(
    TRUE,
    definition=DEFINED.replace(
        _PLANNED, f"{_PLANNED}\n    who: {{type: person, personal: true, zh: 经办, en: Who}}"
    ).replace("registration: {by: office, unique: title, among: ever}", "registration: {by: office}"),
)


def test_what_rested_on_what_is_gone_is_told_apart(tmp_path: Path) -> None:
    """Rows of a plan hold persons and facts on one line: what was decided by them nobody can decide again."""
    url = f"sqlite:///{tmp_path / 'duban.db'}"
    lived(url, GUARDED)
    with _opened(url) as house:
        running = preview(house.desk, house.eraser, Wanted("promises-02", ("milestones",)))
        assert isinstance(running, Refusal)
        done = house.erased(Wanted(TASK, ("milestones",)))
        assert {line.part for line in done.lines} == {"milestones"}
        found = looked(url)
        assert found.findings == []
        assert {each.code for each in found.undecided} == {"redacted_undecided"}
        assert {each.stream for each in found.undecided} == {TASK}
        assert done.ref in found.undecided[0].said("en")
        assert found.undecided[0].meaning("zh")


def test_a_title_goes_from_every_list(tmp_path: Path) -> None:
    """Words that somebody wrote, of a task and in the lists of the past."""
    url = f"sqlite:///{tmp_path / 'duban.db'}"
    lived(url, GUARDED)
    with _opened(url) as house:
        before = house.desk.clock()
        done = house.erased(Wanted("promises-02", ("title",)))
        assert {line.part for line in done.lines} == {"fields", "form", "set"}
        shown = {row.task: row.title for row in house.desk.store.board(before)}
        assert shown["promises-02"] is None
        assert shown["promises-03"] == "水库3"
        found = looked(url)
        assert found.findings == []
        issued = [each.event for each in house.desk.store.events("promises-02") if each.event.type is ISSUED]
        assert {each.ref for each in found.undecided} == {each.ref for each in issued}, "what was printed stays printed"


def test_what_is_gone_excuses_nothing_else(small: House, tmp_path: Path) -> None:
    """Who rewrites a decision of a task that lost a value is found as ever."""
    small.erased(PHONE)
    damage = Damage(tmp_path / "duban.db")
    damage.rewrite(damage.first("TriggerFired", '"trigger":"close"'), lambda told: told.update(to="lagging"))
    damage.close()
    assert "decided_otherwise" in codes(looked(small.url).findings)


def test_a_backup_from_before_is_told(small: House, tmp_path: Path) -> None:
    """The line is back under a history that says that it was erased."""
    old = Path(shutil.copyfile(tmp_path / "duban.db", tmp_path / "old.db"))
    small.erased(PHONE)
    damage = Damage(tmp_path / "duban.db")
    damage.sql("ATTACH ? AS old", str(old))
    damage.sql(
        "UPDATE events SET (payload, salts) = (SELECT payload, salts FROM old.events o WHERE o.stream = events.stream"
        " AND o.seq = events.seq) WHERE stream = ? AND seq = 1",
        TASK,
    )
    damage.close()
    assert "erased_still_there" in codes(looked(small.url).findings)


# -- a draft over a history that lost something


def test_a_backtest_says_for_how_many_events_nobody_knows_what_was_said(small: House) -> None:
    """And what differs is what differed before: a fitting value stands in."""
    trial = trials.Trial(DEFINED, Period(at("2022-01-01 00:00"), at("2022-03-20 09:00")))

    def tried() -> trial_results.Result:
        families = trials.families(small.desk, "promises")
        return trials.run(lambda: nullcontext(small.desk), trial, families, processes=1)

    before = tried()
    small.erased(PHONE)
    small.erased(Wanted("promises-02", ("phone",)))
    after = tried()
    assert (before.erased, after.erased) == (0, 4)
    assert after.lost == before.lost
    assert after.total == before.total


def test_the_history_says_what_was_erased_when_and_by_which_order(small: House) -> None:
    done = small.erased(PHONE)
    said: Mapping[Language, str] = {
        "zh": "（“电话”已于 2022-03-21 按 R-1 号令删除）",
        "en": "(Telephone: erased on 2022-03-21 by order R-1)",
    }
    for lang, words in said.items():
        entries = history(small.desk, TASK, lang)
        assert isinstance(entries, list)
        assert words in entries[0].text
        assert entries[0].erased == [{"seq": 1, "part": "fields", "name": "phone", "by": done.ref}]
        assert "R-1" in entries[-1].text
        assert "1390" not in "".join(each.text for each in entries)


def test_a_late_entry_stays_one_without_its_reason(small: House) -> None:
    """Its times tell, and an auditor's figures count it."""

    def late() -> list[str]:
        entries = history(small.desk, "promises-02", "zh")
        assert isinstance(entries, list)
        return [each.recorded.event.ref for each in entries if each.late]

    before = late()
    small.erased(TITLED)
    assert late() == before != []


def test_what_leaves_the_house_says_null(small: House) -> None:
    """Exports, with nothing of the value."""
    small.erased(TITLED)
    found = "".join(ndjson(small.desk, traces(small.desk)))
    assert "forgotten" not in found
    assert "ValuesRedacted" in found
    assert "ValuesRedacted" in comma_separated(traces(small.desk))
    assert "ValuesRedacted" in "".join(xes(traces(small.desk)))


def test_words_go_from_messages_that_wait(small: House) -> None:
    """A notice that was planned and not sent."""
    parcel = next(each for each in small.desk.store.parcels() if each.task == "promises-02")
    with small.office.store.engine.connect() as connection:
        asked = "SELECT id FROM outbox WHERE task = ? AND seq = ?"
        (number,) = connection.exec_driver_sql(asked, (parcel.task, parcel.seq)).one()
    planned = Planned("wang", "mail", "wang@office.example", "滞后", "致电 1380", "m1", small.desk.clock())
    assert small.office.post.plan(Waiting(number, parcel), [planned], [])
    jobs = small.office.jobs
    over, waits = (jobs.ask("bulk", {"form": {"phone": "1380"}}, "wang") for _ in range(2))
    with small.office.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE jobs SET state = 'done' WHERE id = ?", (over.id,))
    small.erased(Wanted("promises-02", ("phone",)))
    assert [each.text for each in small.office.post.deliveries(task="promises-02")] == ["致电 <personal>"]
    told = {job.id: job.body["form"] for job in jobs.jobs() if job.id in (over.id, waits.id)}
    assert told == {over.id: {"phone": "<personal>"}, waits.id: {"phone": "1380"}}, "what is still to be done stays"
    assert small.findings() == []
