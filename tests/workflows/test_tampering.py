"""Thirteen kinds of tampering by three attackers, in one table: what finds each, and what is silent without a head.

`KINDS` is the table, and the one in `docs/tamper-evidence.md` must be as it says. Each cell is shown in three ways: it
is found with what the table names; with less from outside nothing at all is found; and with the check that finds it
switched off it is not found either.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from cli import cli
from engine.chain import canonical
from tests.workflows.attackers import (
    HEAD,
    KEY,
    LEVELS,
    NOTHING,
    OWNER,
    THIEF,
    TREE_ANEW,
    Lie,
    Office,
    also,
    back,
    exchanged,
    found,
    in_time,
    instead,
    left_beyond,
    never_signed,
    reordered_leaves,
    sealed_office,
    second_first,
    sign,
    signed_no_more,
    told,
    url_of,
    without,
)
from tests.workflows.conftest import OFFICE
from tests.workflows.faults import FAULTS
from tests.workflows.switches import CHECKS, DECISIVE, off
from tests.workflows.test_papers import DEFINED
from tests.workflows.verified import TRUE, Damage, Press, at_work, codes
from workflows.audit.sealing.checkpoints import Signer, checkpoint, claimed
from workflows.audit.verifying.findings import Finding
from workflows.audit.verifying.values import Raw
from workflows.office.firing import Act, Outcome, fire

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tamper-evidence.md"


# -- the table

Edit = Callable[[Damage], object]
Needs = tuple[str, tuple[str, ...]]
"""What from outside it takes, and the findings."""


class Kind(NamedTuple):
    """What is done; how by who edits rows, and which checks find that, each alone; how by an administrator with a key
    of their own, and by one with the stolen key (`forged`, where it is another lie), and what finds these.
    """

    zh: str
    en: str
    edit: Edit
    checks: tuple[str, ...]
    lie: Lie
    own: Needs = (KEY, ("head_bad", "head_overdue"))
    stolen: Needs = (HEAD, ("head_unmet",))
    forged: Lie | None = None


def _fault(title: str) -> Edit:
    """One that `verify` is tried with too."""
    return next(each.plant for each in FAULTS if each.title == title)


def _sql(statement: str) -> Edit:
    def edit(damage: Damage) -> None:
        assert damage.sql(statement), "nothing was altered"

    return edit


def _false_head(damage: Damage) -> None:
    """A head of other leaves, of a key that is not the log's."""
    ((size, note),) = damage.ask("SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1")
    head = replace(claimed(note)[1], root=b"x" * 32)
    assert damage.sql("UPDATE checkpoints SET note = ? WHERE size = ?", checkpoint(head, THIEF), size) == 1


_CUT = (
    "DELETE FROM events WHERE stream = 'promises-01'"
    " AND seq = (SELECT max(seq) FROM events WHERE stream = 'promises-01')"
)
_YESTERDAY = (
    "UPDATE events SET recorded_at = recorded_at - 86400000000, occurred_at = occurred_at - 86400000000"
    " WHERE type = 'TriggerFired' AND stream = 'promises-02' AND instr(payload, '大水库')"
)
_JANUARY = "DELETE FROM events WHERE recorded_at > unixepoch('2022-02-01') * 1000000"
_PAPER = "UPDATE files SET content = x'00' WHERE name LIKE '督%1号.docx'"
_PASSED = Act("promises-02", "pass", {}, OFFICE)
_NAMED = Act("promises-03", "amend", {"title": "小水库"}, OFFICE)
_LENIENT = DEFINED.replace("missed('monthly_report') > 1", "missed('monthly_report') > 9")

KINDS = (
    Kind("改动内容", "a value is altered", _fault("a title is altered"), ("chain", "life", "house"),
         told(instead("k2", percent="9"))),
    Kind("删去一条", "an event is deleted", _fault("an event is gone"), ("chain", "life", "house", "tree"),
         told(without("amend", "promises-02")), stolen=(HEAD, ("rolled_back",))),
    Kind("截去末尾", "the end of a stream is cut off", _sql(_CUT), ("life", "tree"),
         told(without("close", "promises-01")), stolen=(HEAD, ("rolled_back",))),
    Kind("调换次序", "events change places", _fault("two events change places"), ("chain", "house", "tree"),
         told(second_first())),
    Kind("插入一条", "an event is put in", _fault("an event is put in twice"), ("chain", "life", "tree"),
         told(also("pass", "promises-01", _PASSED))),
    Kind("倒填日期", "an event is back-dated", _sql(_YESTERDAY), ("chain",), told(in_time())),
    Kind("调换事项", "two tasks change places", _fault("two tasks change places"), ("chain", "life", "house", "tree"),
         told(exchanged("promises-01", "promises-02"))),
    Kind("回退数据库", "the database is rolled back", _sql(_JANUARY), ("life", "house", "tree"),
         back(), own=(HEAD, ("rolled_back",)), forged=back(also("close", "promises-01", _NAMED))),
    Kind("改写流程定义", "a definition is rewritten", _fault("an edition is rewritten"), ("life", "house"),
         told(replace(TRUE, definition=_LENIENT))),
    Kind("改写日历", "a calendar is rewritten", _fault("a holiday"), ("life", "house"),
         told(replace(TRUE, free=date(2022, 2, 24)))),
    Kind("改写公文", "a document is rewritten", _sql(_PAPER), ("house",),
         told(replace(TRUE, press=Press(b"other words ")))),
    Kind("抹去内容", "a value is erased without an event", _fault("a value is erased without an event"),
         ("erased", "life"), told(instead("k2", phone=""))),
    Kind("伪造树头", "a head is forged", _false_head, ("tree",), reordered_leaves),
)  # fmt: skip

each_kind = pytest.mark.parametrize("kind", KINDS, ids=[each.en for each in KINDS])


# -- the office, and what was made of it


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Lived and sealed once; only copies are altered."""
    return sealed_office(tmp_path_factory.mktemp("sealed"))


@pytest.fixture(scope="session")
def lied(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Lie], Path]:
    """What an administrator made, before anything is signed: each once."""
    folder = tmp_path_factory.mktemp("lied")

    @cache
    def made(lie: Lie) -> Path:
        path = folder / f"{len(list(folder.iterdir()))}.db"
        lie(office, path)
        return path

    return made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the altered database stands."""
    return tmp_path / "duban.db"


def _told(finding: Finding) -> str:
    return canonical([finding.code, finding.stream, finding.seq, {k: str(v) for k, v in finding.facts.items()}])


@cache
def _noise(office: Office, absent: frozenset[str]) -> frozenset[str]:
    """What is found in the sound database when some checks are off that others lean on."""
    with off(*(CHECKS[name] for name in absent)):
        return frozenset(map(_told, found(office.path, office, NOTHING)))


def _more(path: Path, office: Office, absent: set[str]) -> set[str]:
    """What is found in another database beyond that."""
    with off(*(CHECKS[name] for name in absent)):
        return set(map(_told, found(path, office, NOTHING))) - _noise(office, frozenset(absent))


# -- each cell


def test_there_are_thirteen_kinds() -> None:
    assert len({each.en for each in KINDS}) == len({each.zh for each in KINDS}) == 13


@pytest.mark.parametrize("level", [NOTHING, KEY, HEAD])
def test_what_was_lived_is_sound(office: Office, level: str) -> None:
    assert [each.said("en") for each in found(office.path, office, level)] == []


@each_kind
def test_who_edits_rows_is_found_from_within(office: Office, path: Path, kind: Kind) -> None:
    """By each of the checks that the table names, alone; and with these off by nobody."""
    shutil.copyfile(office.path, path)
    with closing(Damage(path)) as damage:
        kind.edit(damage)
    alone = [name for name in CHECKS if _more(path, office, set(CHECKS) - {name})]
    assert tuple(alone) == kind.checks
    assert _more(path, office, set(kind.checks)) == set()
    assert found(path, office, HEAD)


def _cell(path: Path, office: Office, needs: Needs) -> None:
    """Silent with less, found with as much as it takes and with everything, and not found with its check off."""
    level, expected = needs
    for less in LEVELS[: LEVELS.index(level)]:
        assert codes(found(path, office, less)) == set()
    assert codes(found(path, office, level)) == set(expected)
    assert found(path, office, HEAD)
    with off(*(DECISIVE[code] for code in expected)):
        assert codes(found(path, office, level)) == set()


@each_kind
def test_who_computes_everything_anew_is_found_by_the_key(
    office: Office, path: Path, lied: Callable[[Lie], Path], kind: Kind
) -> None:
    """Their heads bear another signature. An old backup with its true heads takes a head from outside."""
    shutil.copyfile(lied(kind.lie), path)
    if kind.own[0] == KEY:
        sign(path, THIEF)
    _cell(path, office, kind.own)


@each_kind
def test_who_has_the_key_is_found_by_a_head_from_outside(
    office: Office, path: Path, lied: Callable[[Lie], Path], kind: Kind
) -> None:
    shutil.copyfile(lied(kind.forged or kind.lie), path)
    sign(path, OWNER)
    _cell(path, office, kind.stolen)


# -- an administrator who signs nothing


@pytest.mark.parametrize("lie", [never_signed, signed_no_more, left_beyond])
def test_what_is_left_unsigned_is_found_by_the_key(office: Office, path: Path, lie: Lie) -> None:
    lie(office, path)
    _cell(path, office, (KEY, ("head_overdue",)))


# -- every column of an event


def _column(damage: Damage, column: str) -> None:
    """Another value in one column, or in what is chained for it, with every hash after it."""
    where = damage.first("TriggerFired", "大水库")
    moment = "2022-02-11T01:00:00.000000Z"
    match column:
        case "type" | "actor" | "edition":
            damage.rewrite(where, None, **{column: "x"})
        case "occurred_at" | "recorded_at":
            damage.rewrite(where, None, **{column: moment})
        case "header":
            damage.rewrite(where, cause="promises-01#1")
        case "payload":
            damage.rewrite(where, lambda payload: payload["form"].update(title="小水库"))
        case "salts":
            damage.rewrite(where)
        case "prev" | "hash":
            damage.sql(f"UPDATE events SET {column} = ? WHERE stream = ? AND seq = ?", "0" * 64, *where)  # noqa: S608
        case _:
            other = {"stream": "stream || 'x'", "seq": "seq + 1000"}[column]
            damage.sql(f"UPDATE events SET {column} = {other} WHERE stream = ? AND seq = ?", *where)  # noqa: S608
            damage.rechain(where[0])


@pytest.mark.parametrize("column", Raw._fields)
@pytest.mark.parametrize(("signer", "level"), [(THIEF, KEY), (OWNER, HEAD)], ids=["own key", "stolen key"])
def test_no_column_may_be_altered(office: Office, path: Path, column: str, signer: Signer, level: str) -> None:
    """By who makes hashes, leaves, tree and head anew. (By who edits rows: see `test_verifying`.)"""
    shutil.copyfile(office.path, path)
    with closing(Damage(path)) as damage:
        _column(damage, column)
        for statement in TREE_ANEW:
            damage.sql(statement)
    sign(path, signer)
    expected = {"head_bad"} if level == KEY else {"head_unmet", "rolled_back"}
    assert codes(found(path, office, level)) & expected
    with off(*DECISIVE.values()):
        assert not codes(found(path, office, level)) & set(DECISIVE)
    if column == "salts":
        assert found(path, office, LEVELS[LEVELS.index(level) - 1]) == []


# -- what is never found


def test_a_lie_told_to_the_program_after_the_head_is_a_new_event(office: Office, path: Path) -> None:
    """By a stolen session: lawful, recorded at the end, sealed and signed by honest people. The page says so."""
    shutil.copyfile(office.path, path)
    with at_work(url_of(path), TRUE, "2022-03-21 09:00") as (_, desk):
        assert isinstance(fire(desk, Act("promises-02", "amend", {"title": "没有的水库"}, OFFICE)), Outcome)
    sign(path, OWNER)
    assert found(path, office, HEAD) == []


UNRECORDED = (
    "UPDATE files SET name = 'other.jpg' WHERE name = 'photo.jpg'",
    "DELETE FROM templates",
)


@pytest.mark.parametrize("statement", UNRECORDED)
def test_what_no_event_names_is_never_found(office: Office, path: Path, statement: str) -> None:
    """The name of a file, which template comes next: see the page."""
    shutil.copyfile(office.path, path)
    with closing(Damage(path)) as damage:
        assert damage.sql(statement)
    assert found(path, office, HEAD) == []


# -- the command, and the page


def test_the_command_finds_it_with_a_head_and_is_silent_without(
    office: Office, path: Path, lied: Callable[[Lie], Path], tmp_path: Path
) -> None:
    shutil.copyfile(lied(KINDS[0].lie), path)
    sign(path, OWNER)
    head = tmp_path / "head.txt"
    head.write_text(office.head, encoding="utf-8")
    asked = ["--db", url_of(path), "--json", "verify", "--processes", "1", "--vkey", str(OWNER.verifier)]
    silent, told = CliRunner().invoke(cli, asked), CliRunner().invoke(cli, [*asked, str(head)])
    assert (silent.exit_code, json.loads(silent.stdout)["findings"]) == (0, [])
    assert (told.exit_code, [each["code"] for each in json.loads(told.stdout)["findings"]]) == (1, ["head_unmet"])


DAMAGED = {
    "UPDATE events SET recorded_at = 'abc' WHERE stream = 'promises-01' AND seq = 3": "tree_unreadable",
    "UPDATE events SET recorded_at = 9e30 WHERE stream = 'promises-01' AND seq = 3": "tree_unreadable",
    "UPDATE events SET hash = x'00ff' WHERE stream = 'promises-01' AND seq = 3": "event_changed",
    "UPDATE leaves SET seq = 'q' WHERE position = 3": "tree_unreadable",
    "UPDATE leaves SET stream = x'ff' WHERE position = 3": "tree_unreadable",
    "UPDATE trees SET size = 'zz'": "tree_unreadable",
    "UPDATE trees SET tree = 'md5'": "tree_unreadable",
    "UPDATE checkpoints SET note = x'ff'": "tree_unreadable",
    "UPDATE checkpoints SET signed_at = 'zz'": "tree_unreadable",
    "INSERT INTO tiles VALUES ('sha256', 0, 'zz')": "tree_unreadable",
    "UPDATE notes SET value = 'zz' WHERE name = 'seal_keys'": "unreadable",
}
"""SQLite keeps what it is given, and so one row could end a verification and all that it would have told."""


@pytest.mark.parametrize("statement", DAMAGED)
def test_what_cannot_be_read_is_a_finding_and_hides_no_other(office: Office, path: Path, statement: str) -> None:
    shutil.copyfile(office.path, path)
    with closing(Damage(path)) as damage:
        assert damage.sql(statement)
        damage.sql("UPDATE tasks SET state = 'done' WHERE id = 'promises-02'")
    told = CliRunner().invoke(cli, ["--db", url_of(path), "--json", "verify", "--processes", "1"])
    assert told.exit_code == 1
    assert {DAMAGED[statement], "row_differs"} <= {each["code"] for each in json.loads(told.stdout)["findings"]}


NAMES = {
    "chain": "链 chain",
    "erased": "抹去 erased",
    "life": "重演 lived again",
    "house": "全库 house",
    "tree": "树 tree",
}
OUTSIDE = {KEY: "公钥 key", HEAD: "树头 head"}


def _needs(needs: Needs) -> str:
    level, expected = needs
    return f"{OUTSIDE[level]}: {', '.join(f'`{code}`' for code in expected)}"


def table() -> str:
    """The table as the page has it."""
    rows = (
        f"| {each.zh} | {each.en} | {', '.join(NAMES[name] for name in each.checks)} | {_needs(each.own)} |"
        f" {_needs(each.stolen)} |\n"
        for each in KINDS
    )
    return "| 做了什么 | what is done | A | B | C |\n| --- | --- | --- | --- | --- |\n" + "".join(rows)


def test_the_page_has_this_table() -> None:
    assert table() in PAGE.read_text(encoding="utf-8"), f"docs/tamper-evidence.md needs:\n{table()}"
