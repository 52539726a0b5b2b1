"""Rights and the organisation: who may do and see what, over both founding definitions, and how it changes hands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.commands import Actor, Refusal
from engine.turn import Over
from storage.offices import open_office
from storage.people import SqlPeople
from workflows.authoring.publishing import Published, publish
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.people import accounts, holdings, lists, noting, rights, units
from workflows.people.holdings import Post
from workflows.people.values import By, Changed, Holding, Person, Scope, Unit, User
from workflows.sources import calendar_named, definitions_folder, load_process

START = datetime(2022, 1, 10, 1, tzinfo=UTC)
DAY = timedelta(days=1)
BY = By("root")
DALIAN, SHANWEI = "dalian-livelihood", "shanwei-key-tasks"
KNOWN = {DALIAN: {"lead": True, "partner": True, "office": False}, SHANWEI: {"lead": True, "group": False}}


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def desk(tmp_path: Path, clock: VirtualClock) -> Iterator[Desk]:
    """A desk with four units and four users, before anything is published."""
    office = open_office(f"sqlite:///{tmp_path / 'duban.db'}", create=True, clock=clock)
    for unit in "ABCD":
        units.found(office.people, Unit(unit, f"{unit}局", "bureau", None, START), BY)
    for user in ("wang", "li", "sun", "zhao"):
        accounts.add_user(office.people, accounts.new_user(user, START), BY)
    yield Desk(office.store, clock, people=office.people)
    office.close()


@pytest.fixture
def published(desk: Desk) -> Desk:
    """The same with both founding definitions published."""
    for name in (DALIAN, SHANWEI):
        edition = load_process(definitions_folder() / name).edition
        assert edition is not None
        assert isinstance(publish(desk, edition.text, calendar_named), Published)
    return desk


@pytest.fixture
def people(desk: Desk) -> SqlPeople:
    assert isinstance(desk.people, SqlPeople)
    return desk.people


def give(people: SqlPeople, user: str, role: str, unit: str | None = None, process: str = DALIAN) -> Holding:
    given = holdings.grant(people, Holding(user, role, process, unit, people.now()), BY, KNOWN)
    assert isinstance(given, Holding), given
    return given


def person(people: SqlPeople, name: str, scopes: list[str] | None = None) -> Person:
    user = people.user(name)
    assert user is not None
    return rights.person_of(people, user, scopes)


def code(outcome: object) -> str:
    assert isinstance(outcome, Refusal), outcome
    return outcome.code


# -- guises


def test_roles_of_two_units_are_never_combined(people: SqlPeople) -> None:
    """Lead of A and partner of B is not lead of B: one guise for each unit, and one for what has none."""
    give(people, "wang", "lead", "A")
    give(people, "wang", "partner", "B")
    give(people, "wang", "office")
    assert rights.actors(person(people, "wang"), DALIAN) == [
        Actor("wang", ("office",)),
        Actor("wang", ("lead",), ("A",)),
        Actor("wang", ("partner",), ("B",)),
    ]


def test_a_role_of_one_process_is_none_of_another(people: SqlPeople) -> None:
    """A holding of any process counts everywhere; without one, one acts as nobody in particular."""
    give(people, "wang", "office")
    give(people, "li", "lead", "A", "")
    assert rights.actors(person(people, "wang"), SHANWEI) == [Actor("wang")]
    for process in (DALIAN, SHANWEI):
        assert rights.actors(person(people, "li"), process) == [Actor("li", ("lead",), ("A",))]


def test_an_auditor_changes_nothing_and_an_administrator_is_one(people: SqlPeople) -> None:
    """The right to audit gives no role; `admin` is a role like others. Neither is had by halves."""
    give(people, "wang", "auditor", process="")
    give(people, "li", "admin", process="")
    assert rights.actors(person(people, "wang"), DALIAN) == [Actor("wang")]
    assert rights.actors(person(people, "li"), DALIAN) == [Actor("li", ("admin",))]
    assert rights.system(person(people, "wang"), "auditor")
    assert not rights.system(person(people, "wang"), "admin")
    people.put_holding(Holding("sun", "admin", DALIAN, "A", START), noting.note(BY, Changed.ROLE_GRANTED))
    assert not rights.system(person(people, "sun"), "admin")
    assert rights.actors(person(people, "sun"), DALIAN) == [Actor("sun")]


def test_a_token_has_no_right_beyond_its_scopes(published: Desk, people: SqlPeople) -> None:
    """To read is not to act, to act is not to administer; an administrator's token that reads sees all."""
    give(people, "wang", "lead", "A")
    give(people, "li", "admin", process="")
    assert rights.actors(person(people, "wang", ["read"]), DALIAN) == [Actor("wang")]
    assert rights.actors(person(people, "wang", ["read", "act"]), DALIAN) == [Actor("wang", ("lead",), ("A",))]
    assert rights.actors(person(people, "li", ["read", "act"]), DALIAN) == [Actor("li")]
    assert rights.actors(person(people, "li", ["act", "admin"]), DALIAN) == [Actor("li", ("admin",))]
    assert not rights.system(person(people, "li", ["read"]), "admin")
    assert rights.scope_of(published, person(people, "li", ["read"])) == Scope(all=True)
    assert rights.scope_of(published, person(people, "li", ["admin"])) == Scope()
    assert not rights.system(person(people, "wang", ["admin"]), "admin")


def test_a_right_holds_from_its_first_instant_to_its_last(people: SqlPeople, clock: VirtualClock) -> None:
    """At `from` it holds, at `to` it does not; nothing of it before or after."""
    begins, ends = START + DAY, START + 2 * DAY
    holdings.grant(people, Holding("wang", "office", DALIAN, None, begins, ends), BY, KNOWN)
    tick = timedelta(microseconds=1)
    for now, held in ((START, False), (begins - tick, False), (begins, True), (ends - tick, True), (ends, False)):
        clock.move(now)
        assert bool(person(people, "wang").holdings) is held
        assert bool(rights.holders_of(people, DALIAN, "office", None, now)) is held


def test_the_guise_that_may_is_found_and_the_best_refusal_told() -> None:
    """The first that is not refused for who it is; else that of the guise with the role and the wrong unit."""
    guises = [Actor("w", ("office",)), Actor("w", ("lead",), ("A",)), Actor("w", ("lead",), ("B",))]

    def lead_of(unit: str) -> Actor | Refusal:
        def attempt(actor: Actor) -> Actor | Refusal:
            if "lead" not in actor.roles:
                return Refusal("wrong_role")
            return actor if unit in actor.units else Refusal("wrong_unit")

        return rights.in_first(guises, attempt)

    assert lead_of("B") == guises[2]
    assert lead_of("C") == Refusal("wrong_unit")
    assert rights.in_first(guises, lambda _: Refusal("wrong_state")) == Refusal("wrong_state")


# -- what is seen


def test_scopes_over_both_founding_definitions(published: Desk, people: SqlPeople) -> None:
    """Each kind of person: the public, nobody, auditor, administrator, a role bound to no unit, one bound to a unit,
    a role of any process, and somebody who holds two.
    """
    give(people, "wang", "lead", "A")
    give(people, "li", "office")
    give(people, "sun", "auditor", process="")
    see = rights.scope_of
    assert see(published, None) == Scope()
    assert see(published, person(people, "zhao")) == Scope()
    assert see(published, person(people, "sun")) == Scope(all=True)
    assert see(published, person(people, "wang")) == Scope(units=frozenset({(DALIAN, "A")}))
    assert see(published, person(people, "li")) == Scope(processes=frozenset({DALIAN}))
    give(people, "zhao", "admin", process="")
    assert see(published, person(people, "zhao")) == Scope(all=True)
    give(people, "li", "lead", "B", SHANWEI)
    assert see(published, person(people, "li")) == Scope(
        processes=frozenset({DALIAN}), units=frozenset({(SHANWEI, "B")})
    )
    give(people, "wang", "office", process="")
    assert see(published, person(people, "wang")).processes == {DALIAN, SHANWEI}


@pytest.mark.parametrize("process", [DALIAN, SHANWEI])
def test_each_role_of_a_definition_sees_its_units_or_the_whole_process(published: Desk, process: str) -> None:
    """By whether the definition binds it to a unit, and by nothing else."""
    found = published.latest(process)
    assert not isinstance(found, Refusal)
    known = rights.roles(published)
    for name, role in found[0].process.roles.items():
        holding = Holding("wang", name, process, "A", START)
        whole = Person(User("wang", "wang", "zh", START), (holding,), {"A": {"A": None}})
        seen = rights.scope_of(published, whole)
        assert known[process][name] is (role.unit is not None)
        assert seen.whole(process) is (role.unit is None)
        assert seen.units == {(process, "A")}


def test_a_unit_in_one_process_opens_nothing_in_another(published: Desk, people: SqlPeople) -> None:
    """Who leads for A in one process sees nothing of A's in the other; who does in any sees it in both."""
    give(people, "wang", "lead", "A")
    give(people, "li", "lead", "A", "")
    one, both = (rights.scope_of(published, person(people, name)) for name in ("wang", "li"))
    assert dict(one.by_units) == {(frozenset("A"), None): [DALIAN]}
    assert dict(both.by_units) == {(frozenset("A"), None): [DALIAN, SHANWEI]}


def test_an_old_edition_binds_its_tasks_as_it_did(published: Desk, people: SqlPeople) -> None:
    """A later edition that frees a role of its unit opens the tasks that pin it, not those of the one before."""
    first = published.latest(DALIAN)
    assert not isinstance(first, Refusal)
    old = first[0].name
    text = (
        first[0]
        .text.replace("unit: task.lead_unit", "", 1)
        .replace(f'edition: "{old.partition("@")[2]}"', 'edition: "9"')
    )
    give(people, "wang", "lead", "A")
    made = publish(published, text, calendar_named)
    assert isinstance(made, Published), made
    seen = rights.scope_of(published, person(people, "wang"))
    assert seen == Scope(editions=frozenset({f"{DALIAN}@9"}), units=frozenset({(DALIAN, "A")}))
    assert seen.whole(f"{DALIAN}@9")
    assert not seen.whole(old)


def test_a_role_that_the_definition_does_not_have_opens_nothing(published: Desk) -> None:
    """A typo in a holding is no key to a process."""
    holding = Holding("wang", "ofice", DALIAN, None, START)
    assert rights.scope_of(published, Person(User("wang", "wang", "zh", START), (holding,))) == Scope()


# -- units


def test_a_successor_sees_and_does_the_open_work_of_all_before_it(published: Desk, people: SqlPeople) -> None:
    """A into B into C: C's people act for A, B and C; B's own people, ended, for nobody."""
    give(people, "wang", "lead", "B")
    give(people, "li", "lead", "C")
    assert isinstance(units.merge(people, "A", "B", None, BY), Unit)
    assert rights.actors(person(people, "wang"), DALIAN) == [Actor("wang", ("lead",), ("B", "A"))]
    assert isinstance(units.merge(people, "B", "C", None, BY), Unit)
    assert rights.actors(person(people, "wang"), DALIAN) == [Actor("wang")]
    assert rights.actors(person(people, "li"), DALIAN) == [Actor("li", ("lead",), ("C", "A", "B"))]
    seen = rights.scope_of(published, person(people, "li"))
    assert seen.units == {(DALIAN, "C")}
    assert seen.came == {(DALIAN, "A", START), (DALIAN, "B", START)}
    assert [each.id for each in rights.holders_of(people, DALIAN, "lead", ["A"], START)] == ["li"]


def test_a_merger_holds_from_its_day_on(people: SqlPeople, clock: VirtualClock) -> None:
    """Until then each unit does its own work; no new right begins in the old one after it."""
    give(people, "wang", "lead", "A")
    give(people, "li", "lead", "B")
    units.merge(people, "A", "B", START + DAY, BY)
    clock.move(START + DAY - timedelta(microseconds=1))
    assert rights.actors(person(people, "wang"), DALIAN) == [Actor("wang", ("lead",), ("A",))]
    assert rights.actors(person(people, "li"), DALIAN) == [Actor("li", ("lead",), ("B",))]
    clock.move(START + DAY)
    assert rights.actors(person(people, "wang"), DALIAN) == [Actor("wang")]
    assert rights.actors(person(people, "li"), DALIAN) == [Actor("li", ("lead",), ("B", "A"))]
    late = holdings.grant(people, Holding("sun", "lead", DALIAN, "A", clock.now), BY, KNOWN)
    assert code(late) == "unit_closed"


def test_people_may_come_along_in_a_merger(people: SqlPeople) -> None:
    """Their roles end for the old unit and begin for the new one at the same instant."""
    give(people, "wang", "lead", "A")
    units.merge(people, "A", "B", None, BY, with_people=True)
    assert rights.actors(person(people, "wang"), DALIAN) == [Actor("wang", ("lead",), ("B", "A"))]
    assert [each.type for each in people.history()][-3:] == ["RoleEnded", "UnitMerged", "RoleGranted"]


def test_units_do_not_succeed_each_other_in_a_circle(people: SqlPeople) -> None:
    """Not itself, not through a chain, not twice; and no unit is over itself."""
    assert code(units.merge(people, "A", "A", None, BY)) == "unit_cycle"
    units.merge(people, "A", "B", START + DAY, BY)
    assert code(units.merge(people, "B", "A", None, BY)) == "unit_closed"
    assert code(units.merge(people, "A", "C", None, BY)) == "unit_closed"
    units.move(people, "C", "D", BY)
    assert code(units.move(people, "D", "C", BY)) == "unit_cycle"
    assert code(units.merge(people, "C", "nope", None, BY)) == "unknown_unit"


def test_even_a_circle_in_the_table_ends() -> None:
    """Whoever wrote such rows by hand does not hang the program."""
    units = [Unit(one, one, "b", None, START, START, None, other) for one, other in ("AB", "BC", "CA")]
    assert rights.heirs(units, {"A"}, START) == {"A": {"A": None, "B": START, "C": START}}


def test_what_was_handed_on_twice_came_with_the_later_of_the_two() -> None:
    """A into B on the first day and B into C on the third: C has A's work from the third on; and from a later day that
    A itself names.
    """
    late = START + 3 * DAY
    units = [
        Unit("A", "A", "b", None, START, START + DAY, None, "B"),
        Unit("B", "B", "b", None, START, late, None, "C"),
    ]
    assert rights.heirs(units, {"B", "C"}, late) == {
        "B": {"B": None, "A": START + DAY},
        "C": {"C": None, "B": late, "A": late},
    }
    units = [replace(units[0], valid_to=late + DAY), units[1]]
    assert rights.heirs(units, {"C"}, late) == {"C": {"C": None, "B": late}}
    assert rights.heirs(units, {"C"}, late + DAY) == {"C": {"C": None, "B": late, "A": late + DAY}}


def test_a_unit_closes_with_its_roles_and_not_above_others(people: SqlPeople) -> None:
    """First what is below it; then its people hold nothing there any more."""
    give(people, "wang", "lead", "A")
    units.move(people, "B", "A", BY)
    assert code(units.close_unit(people, "A", None, BY)) == "unit_below"
    units.close_unit(people, "B", None, BY)
    assert isinstance(units.close_unit(people, "A", None, BY), Unit)
    assert person(people, "wang").holdings == ()
    assert code(units.close_unit(people, "A", None, BY)) == "unit_closed"


def test_the_desk_knows_where_each_unit_stands_now(desk: Desk, people: SqlPeople) -> None:
    """A change is seen by the next decision; a unit that has ended keeps its place, for tasks carry its name."""
    units.move(people, "B", "A", BY, level="office")
    units.merge(people, "C", "A", None, BY)
    assert dict(desk.units) == {
        "A": Over("bureau", None),
        "B": Over("office", "A"),
        "C": Over("bureau", None),
        "D": Over("bureau", None),
    }
    units.rename(people, "D", "丁局", BY, "Bureau D")
    assert (people.units()[3].title, people.units()[3].title_en, len(desk.units)) == ("丁局", "Bureau D", 4)
    assert dict(Desk(desk.store, desk.clock).units) == {}


# -- who holds what


@pytest.mark.parametrize(
    ("holding", "why"),
    [
        (Holding("wang", "leed", DALIAN, "A", START), "unknown_role"),
        (Holding("wang", "office", SHANWEI, None, START), "unknown_role"),
        (Holding("wang", "lead", "nope", "A", START), "unknown_process"),
        (Holding("wang", "lead", DALIAN, None, START), "role_needs_unit"),
        (Holding("wang", "lead", DALIAN, "Z", START), "unknown_unit"),
        (Holding("nobody", "lead", DALIAN, "A", START), "unknown_user"),
        (Holding("wang", "admin", DALIAN, None, START), "role_of_the_system"),
        (Holding("wang", "auditor", "", "A", START), "role_of_the_system"),
        (Holding("wang", "office", DALIAN, None, START, START), "period"),
    ],
)
def test_what_nobody_can_hold_is_refused(people: SqlPeople, holding: Holding, why: str) -> None:
    """Nothing is written of it."""
    assert code(holdings.grant(people, holding, BY, KNOWN)) == why
    assert people.holdings() == []


def test_a_right_never_begins_before_it_is_given(people: SqlPeople, clock: VirtualClock) -> None:
    """Nobody can say today that somebody had a right last week; and none outlasts its unit."""
    clock.move(START + 7 * DAY)
    given = holdings.grant(people, Holding("wang", "office", DALIAN, None, START), BY, KNOWN)
    assert isinstance(given, Holding)
    assert given.valid_from == clock.now
    units.close_unit(people, "A", START + 9 * DAY, BY)
    short = holdings.grant(people, Holding("wang", "lead", DALIAN, "A", START), BY, KNOWN)
    assert isinstance(short, Holding)
    assert short.valid_to == START + 9 * DAY


def test_a_role_is_not_held_twice_at_once(people: SqlPeople) -> None:
    """Another time is another matter, and so is another unit."""
    give(people, "wang", "lead", "A")
    again = Holding("wang", "lead", DALIAN, "A", START + DAY)
    assert code(holdings.grant(people, again, BY, KNOWN)) == "role_held"
    assert isinstance(holdings.grant(people, replace(again, unit="B"), BY, KNOWN), Holding)


def test_succession_is_one_instant(people: SqlPeople, clock: VirtualClock) -> None:
    """One ends as the other begins: at no instant both, at none neither; both are in the record."""
    give(people, "wang", "lead", "A")
    turn = START + DAY
    taken = holdings.succeed(people, "wang", "li", Post("lead", DALIAN, "A"), turn, BY)
    assert isinstance(taken, Holding)
    for now, who in ((turn - timedelta(microseconds=1), "wang"), (turn, "li")):
        assert [each.id for each in rights.holders_of(people, DALIAN, "lead", ["A"], now)] == [who]
    assert [each.type for each in people.history()][-2:] == ["RoleGranted", "RoleEnded"]
    clock.move(turn)
    assert code(holdings.succeed(people, "wang", "sun", Post("lead", DALIAN, "A"), None, BY)) == "not_held"
    assert code(holdings.succeed(people, "li", "nobody", Post("lead", DALIAN, "A"), None, BY)) == "unknown_user"


def test_a_deputy_acts_for_the_time_that_is_named(people: SqlPeople, clock: VirtualClock) -> None:
    """In all roles of the other, but not in the system's; notices reach both."""
    give(people, "wang", "lead", "A")
    give(people, "wang", "admin", process="")
    made = holdings.deputise(people, "li", "wang", None, START + DAY, START + 3 * DAY, BY)
    assert not isinstance(made, Refusal)
    assert [(each.role, each.unit, each.deputy_for) for each in made] == [("lead", "A", "wang")]
    clock.move(START + DAY)
    assert rights.actors(person(people, "li"), DALIAN) == [Actor("li", ("lead",), ("A",))]
    assert [each.id for each in rights.holders_of(people, DALIAN, "lead", ["A"], clock.now)] == ["li", "wang"]
    clock.move(START + 3 * DAY)
    assert rights.actors(person(people, "li"), DALIAN) == [Actor("li")]
    assert people.history()[-1].type == "DeputyNamed"


def test_a_deputy_has_no_more_than_the_other_and_no_longer(people: SqlPeople) -> None:
    """The end of the other's right is the end of the deputy's; a deputy names no deputy; nobody is their own."""
    held = give(people, "wang", "lead", "A")
    holdings.deputise(people, "li", "wang", "lead", None, None, BY)
    assert code(holdings.deputise(people, "sun", "li", None, None, None, BY)) == "not_held"
    assert code(holdings.deputise(people, "wang", "wang", None, None, None, BY)) == "deputy_self"
    assert code(holdings.deputise(people, "sun", "wang", "office", None, None, BY)) == "not_held"
    assert held.id is not None
    holdings.end(people, held.id, START + DAY, BY)
    assert [each.valid_to for each in people.holdings()] == [START + DAY, START + DAY]
    later = holdings.deputise(people, "sun", "wang", None, None, START + 9 * DAY, BY)
    assert not isinstance(later, Refusal)
    assert [each.valid_to for each in later] == [START + DAY]


def test_the_last_administrator_stays(people: SqlPeople) -> None:
    """One who is named for a time only does not count."""
    first = give(people, "wang", "admin", process="")
    holdings.grant(people, Holding("li", "admin", "", None, START, START + DAY), BY, KNOWN)
    assert first.id is not None
    assert code(holdings.end(people, first.id, None, BY)) == "last_admin"
    give(people, "sun", "admin", process="")
    assert isinstance(holdings.end(people, first.id, None, BY), Holding)
    assert holdings.admins(people, START) == {"li", "sun"}
    assert code(holdings.end(people, 99, None, BY)) == "unknown_holding"


def test_a_closed_account_holds_nothing_and_gets_no_notice(people: SqlPeople) -> None:
    """Even if a row says otherwise."""
    give(people, "wang", "office")
    user = people.user("wang")
    assert user is not None
    people.put_user(replace(user, active=False), None)
    assert person(people, "wang").holdings == ()
    assert rights.holders_of(people, DALIAN, "office", None, START) == []


# -- lists


def test_units_enter_from_a_list_whatever_its_order(people: SqlPeople, tmp_path: Path) -> None:
    """A unit may stand before the one over it; headings are names or titles."""
    file = tmp_path / "units.csv"
    file.write_text("标识,名称,层级,上级单位\nF,F局,bureau,E\nE,E部,headquarters,A\n", encoding="utf-8")
    entered = lists.import_units(people, lists.read(file, lists.UNITS).rows, BY)
    assert isinstance(entered, lists.Imported)
    assert {each.id: each.over for each in people.units()} | {"E": "A", "F": "E"} == {
        each.id: each.over for each in people.units()
    }
    assert len(people.units()) == 6


def test_a_list_with_faults_leaves_nothing_and_names_each_row(people: SqlPeople, tmp_path: Path) -> None:
    """Units and users alike; what could not be read at all is told by its cell."""
    file = tmp_path / "units.csv"
    file.write_text("id,title,level,over\nE,E,bureau,\nF,F,bureau,nope\nA,A,bureau,\n", encoding="utf-8")
    before = len(people.history())
    listed = lists.import_units(people, lists.read(file, lists.UNITS).rows, BY)
    assert not isinstance(listed, lists.Imported)
    assert [(each.number, each.refusal.code) for each in listed.faults] == [(3, "unknown_unit"), (4, "unit_exists")]
    file.write_text("id,role,unit\nqian,lead,A\nwang,lead,A\nwu,leed,A\n", encoding="utf-8")
    listed = lists.import_users(people, lists.read(file, lists.USERS).rows, BY, KNOWN)
    assert not isinstance(listed, lists.Imported)
    assert [(each.number, each.refusal.code) for each in listed.faults] == [(3, "user_exists"), (4, "unknown_role")]
    assert (len(people.units()), len(people.users()), len(people.history())) == (4, 4, before)
    file.write_text("id,title,level\nE,,\n", encoding="utf-8")
    assert [each.row for each in lists.read(file, lists.UNITS).problems] == [2, 2]


def test_a_user_of_a_list_may_have_several_rows(people: SqlPeople, tmp_path: Path) -> None:
    """One row for each role; the account is opened once."""
    file = tmp_path / "users.csv"
    text = "用户名,姓名,角色,流程,单位\nqian,钱,lead,,A\nqian,钱,partner,dalian-livelihood,B\nzhou,周,,,\n"
    file.write_text(text, encoding="utf-8")
    entered = lists.import_users(people, lists.read(file, lists.USERS).rows, BY, KNOWN)
    assert entered == lists.Imported(["qian", "zhou"])
    assert rights.actors(person(people, "qian"), DALIAN) == [
        Actor("qian", ("lead",), ("A",)),
        Actor("qian", ("partner",), ("B",)),
    ]
