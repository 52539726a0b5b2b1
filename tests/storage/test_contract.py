"""The contract of `workflows.ports.Store`, the same for memory, SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from msgspec import structs

from engine.events import iso
from engine.task import replay
from storage import StoreBusy
from tests.storage.stories import DAY, START, Clock, Story, registered
from workflows.ports import BoardRow, EditionExists, EditionRecord, KeyReused, OpenDeadline, Parcel, Store, Work


def test_what_was_appended_is_read_back_and_adds_up_to_the_task(store: Store, clock: Clock) -> None:
    """Events survive storage unchanged; replaying them gives the task that is kept."""
    story = registered(store, "t1")
    clock.now += DAY
    story.fire(clock.now, "in_progress", sets={"percent": "70.8"}).light(clock.now, "green")
    story.owe(clock.now, "monthly_report", "2022-02", START + 28 * DAY).save(store)
    events = [each.event for each in store.events("t1")]
    assert events == story.events
    assert replay(events) == store.task("t1") == story.task


def test_events_come_back_with_their_due_instant(store: Store) -> None:
    """`due_at`, microseconds and the cause survive."""
    story = Story("t1").register(START)
    story.events[0] = structs.replace(story.events[0], due_at=START + timedelta(microseconds=5), cause="t0#4")
    story.save(store)
    assert [each.event for each in store.events("t1")] == story.events


def test_hashes_can_be_recomputed_from_what_is_read(store: Store, clock: Clock) -> None:
    """An outsider's computation, which imports nothing of the product's chain, finds every hash."""
    story = registered(store, "t1")
    for state in ("in_progress", "lagging", "in_progress"):
        clock.now += DAY
        story.fire(clock.now, state).light(clock.now, "green").save(store)
    prev, salts = "0" * 64, []
    for each in store.events("t1"):
        lines, mine = each.payload.split("\n"), each.salts.split(" ")
        leaves = [sha256((salt + line).encode()).digest() for salt, line in zip(mine, lines, strict=True)]
        assert each.prev == prev
        prev = sha256((prev + each.header).encode() + b"".join(leaves)).hexdigest()
        assert each.hash == prev
        header = json.loads(each.header)
        assert (header["seq"], header["recorded_at"]) == (each.event.seq, iso(each.recorded_at))
        assert json.loads(each.payload) == each.event.payload
        salts += mine
    assert all(len(bytes.fromhex(salt)) == 16 for salt in salts)
    assert len(set(salts)) == len(salts)
    assert [e.hash for e in store.events("t1")] == [e.hash for e in store.events("t1")]


def test_nothing_is_recorded_before_the_last_event_of_its_stream(store: Store, clock: Clock) -> None:
    """A clock that steps back moves no stream back."""
    story = registered(store, "t1")
    clock.now -= 3 * DAY
    story.fire(START, "in_progress").save(store)
    assert [each.recorded_at for each in store.events("t1")] == [START, START]


def test_the_family_is_the_root_and_its_open_descendants(store: Store) -> None:
    """Ended children stay away; a root stays even when it has ended; an unknown root is an empty family."""
    root, child, over = Story("r"), Story("r.c1", "r"), Story("r.c2", "r")
    root.register(START)
    child.register(START)
    over.register(START).fire(START, "closed", ended=True)
    with store.work(["r"]) as work:
        work.save([root.change(), child.change(), over.change()])
    with store.work(["r", "unknown"]) as work:
        assert work.families == {"r": {"r": root.task, "r.c1": child.task}, "unknown": {}}
    root.fire(START, "done", ended=True).save(store)
    with store.work(["r"]) as work:
        assert "r" in work.families["r"]
    for task in ("r", "r.c1", "r.c2"):
        with store.work_on(task) as work:
            assert list(work.families) == ["r"]
            assert set(work.families["r"]) == {"r", "r.c1"}
    with store.work_on("unknown") as work:
        assert work.families == {}


def test_a_child_that_had_ended_can_still_be_written(store: Store) -> None:
    """Its stream goes on where it ended, though it was not loaded."""
    root, child = Story("r").register(START), Story("r.c", "r").register(START).fire(START, "closed", ended=True)
    with store.work(["r"]) as work:
        work.save([root.change(), child.change()])
    child.fire(START + DAY, "open").save(store)
    assert [each.event for each in store.events("r.c")] == child.events
    assert store.events("r.c")[2].prev == store.events("r.c")[1].hash


def test_two_saves_in_one_transaction_follow_each_other(store: Store) -> None:
    """The second sees where the first ended."""
    story = Story("t1").register(START)
    with store.work(["t1"]) as work:
        work.save([story.change()])
        work.save([story.fire(START, "in_progress").change()])
    read = store.events("t1")
    assert [each.event for each in read] == story.events
    assert read[1].prev == read[0].hash


def test_a_change_that_does_not_follow_is_refused_as_busy(store: Store) -> None:
    """Somebody else was faster: nothing is written and the caller tries again."""
    story = registered(store, "t1")
    late = replace(story.fire(START, "in_progress").change())
    with store.work(["t1"]) as work:
        work.save([late])
    with pytest.raises(StoreBusy), store.work(["t1"]) as work:
        work.save([late])
    with pytest.raises(StoreBusy):
        Story("t1").register(START).save(store)
    assert len(store.events("t1")) == 2


@contextmanager
def rolled_back(store: Store, *roots: str) -> Iterator[Work]:
    """A transaction that ends with an exception."""
    with suppress(ZeroDivisionError), store.work(roots) as work:
        yield work
        raise ZeroDivisionError


def test_an_exception_takes_everything_back(store: Store) -> None:
    """Events, task, deadlines, spans, outbox, keys and numbers: all or nothing."""
    story = Story("t1").register(START).owe(START, "report", "1", START + DAY)
    with rolled_back(store, "t1") as work:
        work.number("令")
        work.remember("li", "k", "d", 1)
        work.save([story.change()], [Parcel("t1", 1, "notice", "n", {})])
    assert store.events("t1") == []
    assert store.task("t1") is None
    assert not store.board(START)
    assert not store.worklist()
    assert not store.parcels()
    assert not store.due(START + DAY, 9)
    with store.work(["t1"]) as work:
        assert work.answer("li", "k", "d") is None
        assert work.number("令") == 1


def test_an_existing_task_keeps_its_past_when_a_later_change_fails(store: Store) -> None:
    """Rolling back over a task that exists leaves it as it was."""
    story = registered(store, "t1")
    before = (store.task("t1"), store.events("t1"), store.board(START + DAY))
    with rolled_back(store, "t1") as work:
        work.save([story.fire(START, "lagging").owe(START, "report", "1", START + DAY).change()])
    assert (store.task("t1"), store.events("t1"), store.board(START + DAY)) == before
    assert store.due(START + DAY, 9) == []


def test_a_repeated_request_is_answered_as_the_first(store: Store) -> None:
    """A key belongs to its actor and to its request."""
    with store.work([]) as work:
        work.remember("li", "k1", "digest", {"seq": 4, "说": "好"})
        assert work.answer("li", "k1", "digest") == {"seq": 4, "说": "好"}
    with store.work([]) as work:
        assert work.answer("li", "k1", "digest") == {"seq": 4, "说": "好"}
        assert work.answer("wang", "k1", "digest") is None
    with pytest.raises(KeyReused), store.work([]) as work:
        work.answer("li", "k1", "another")


def test_numbers_have_no_gap_after_a_rollback(store: Store) -> None:
    """Each series counts for itself; what was rolled back is given again."""
    with store.work([]) as work:
        assert [work.number("令"), work.number("令"), work.number("函")] == [1, 2, 1]
    with rolled_back(store) as work:
        assert work.number("令") == 3
    assert [store.last_number("令"), store.last_number("函"), store.last_number("通")] == [2, 1, 0]
    with store.work([]) as work:
        assert work.number("令") == 3


def test_due_families_come_earliest_first_and_once(store: Store) -> None:
    """A family is named once, at its first wake; later wakes and moved wakes do not name it."""
    for name, days in (("c", 3), ("a", 2), ("b", 1), ("z", 9)):
        registered(store, name).owe(START, "report", "1", START + days * DAY).save(store)
    child = Story("c.x", "c").register(START).owe(START, "answer", "", START + timedelta(hours=1))
    child.save(store)
    assert store.due(START + 3 * DAY, 9) == ["c", "b", "a"]
    assert store.due(START + 3 * DAY, 2) == ["c", "b"]
    assert store.due(START, 9) == []
    child.owe(START, "answer", "", START + timedelta(hours=1), "met").save(store)
    assert store.due(START + 2 * DAY, 9) == ["b", "a"]
    assert store.due(START + 3 * DAY, 9) == ["b", "a", "c"]


def test_the_worklist_shows_what_is_open_or_still_owed(store: Store) -> None:
    """A missed occurrence stays, without a wake; a met one goes; filters hold."""
    due = START + 5 * DAY
    one = registered(store, "t1", unit="水务局", title="水库")
    one.owe(START, "report", "1", due).owe(START, "report", "2", due + DAY).save(store)
    registered(store, "t2", unit="住建局").owe(START, "report", "1", due - DAY).save(store)
    one.owe(due, "report", "1", due, "missed").owe(due, "report", "2", due, "met").save(store)
    missed = OpenDeadline("t1", "水库", "水务局", "report", "1", "lead", "missed", due, "2022-02-05", provisional=False)
    assert store.worklist()[1] == missed
    assert [(row.task, row.status) for row in store.worklist()] == [("t2", "running"), ("t1", "missed")]
    assert store.worklist(unit="水务局") == [missed]
    assert store.worklist(who="office") == []
    assert store.due(due, 9) == ["t2"]


def test_an_ended_task_owes_nothing(store: Store) -> None:
    story = registered(store, "t1").owe(START, "report", "1", START + DAY, "missed")
    story.save(store)
    assert len(store.worklist()) == 1
    story.fire(START + DAY, "done", ended=True).save(store)
    assert store.worklist() == []


def test_the_board_tells_true_then_from_known_then(store: Store, clock: Clock) -> None:
    """What was so on a day, and what was believed on a day, are two questions."""
    story = registered(store, "t1", title="水库", unit="水务局")
    clock.now = START + 10 * DAY
    story.fire(START + 8 * DAY, "lagging").save(store)
    clock.now = START + 20 * DAY
    story.fire(START + 5 * DAY, "in_progress").save(store)

    def state(at: int, known: int | None = None) -> list[str]:
        rows = store.board(START + at * DAY, None if known is None else START + known * DAY)
        return [row.state for row in rows]

    assert store.board(START) == [
        BoardRow("t1", "livelihood", "", "planned", None, "水库", "水务局", None, ended=False)
    ]
    assert state(-1) == []
    assert (state(9, 9), state(9, 10), state(9, 20), state(9)) == (
        ["planned"],
        ["lagging"],
        ["in_progress"],
        ["in_progress"],
    )
    assert (state(6, 19), state(6, 20), state(4)) == (["planned"], ["in_progress"], ["planned"])


def test_tasks_are_listed_by_process_and_by_programme(store: Store) -> None:
    programme = registered(store, "p")
    member = Story("t1", part_of="p").register(START)
    member.save(store)
    assert list(store.tasks()) == [programme.task, member.task]
    assert list(store.tasks(process="livelihood")) == [programme.task, member.task]
    assert list(store.tasks(process="other")) == []
    assert list(store.tasks(part_of="p")) == [member.task]
    assert list(store.streams()) == ["p", "t1"]


EDITION = EditionRecord("livelihood", "2022.1", "d1", "process: …", "{}", "cn", START)


def test_an_edition_is_kept_for_ever(store: Store) -> None:
    """The same text twice is one; another text under its name is refused; the last published is the default."""
    store.publish(EDITION)
    store.publish(EDITION)
    with pytest.raises(EditionExists):
        store.publish(replace(EDITION, text="process: other", digest="d2"))
    later = replace(EDITION, edition="2022.2", digest="d2", published_at=START + DAY)
    store.publish(later)
    assert store.editions() == [EDITION, later]
    assert store.edition("livelihood") == later
    assert store.edition("livelihood", "2022.1") == EDITION
    assert store.edition("livelihood", "2030") is None
    assert store.edition("other") is None


def test_calendars_and_files_are_found_by_digest(store: Store) -> None:
    store.keep_calendar("cn", "d1", "week: …")
    store.keep_calendar("cn", "d1", "week: …")
    assert store.calendar("d1") == "week: …"
    assert store.calendar("d2") is None
    digest = store.keep_file("照片.jpg", b"\x00\xff")
    assert digest == store.keep_file("other.jpg", b"\x00\xff") == sha256(b"\x00\xff").hexdigest()
    assert store.file(digest) == b"\x00\xff"
    assert store.file("0") is None


def test_parcels_wait_in_the_order_of_their_making(store: Store) -> None:
    story = Story("t1").register(START)
    parcels = [Parcel("t1", 1, "notice", name, {"to": ["lead"], "说": name}) for name in ("b", "a")]
    story.save(store, parcels)
    assert store.parcels() == parcels
    assert store.parcels(waiting=True) == parcels


def test_notes_are_rewritten(store: Store) -> None:
    assert store.note("purpose") is None
    store.set_note("purpose", "demo")
    store.set_note("purpose", "live")
    assert store.note("purpose") == "live"


def test_no_personal_field_reaches_a_column(store: Store) -> None:
    """A fact that the law protects is a fault of the program: nothing is written."""
    change = replace(Story("t1").register(START).change(), personal=frozenset({"title"}))
    with pytest.raises(ValueError, match="personal"), store.work(["t1"]) as work:
        work.save([change])
    assert store.events("t1") == []


def test_the_units_that_a_task_names_are_kept_and_given_up(store: Store, clock: Clock) -> None:
    """What a change says of parties and facets is added to what was there; nothing is said of what stays."""
    story = Story("t1").register(START)
    with store.work(["t1"]) as work:
        first = replace(
            story.change(), joined=frozenset({"水务局", "公安局"}), facets={"headquarters": "a", "kind": "b"}
        )
        work.save([first])
    assert store.parties("t1") == {"水务局", "公安局"}
    assert store.facets("t1") == {"headquarters": "a", "kind": "b"}
    clock.now += DAY
    story.fire(clock.now, "in_progress")
    with store.work(["t1"]) as work:
        more = replace(story.change(), joined=frozenset({"林业局"}), left=frozenset({"公安局"}))
        work.save([replace(more, facets={"headquarters": "c", "kind": None})])
    assert store.parties("t1") == {"水务局", "林业局"}
    assert store.facets("t1") == {"headquarters": "c"}
    assert store.parties("t0") == frozenset()
    assert store.facets("t0") == {}


def test_a_note_is_swapped_only_by_who_has_seen_the_last_one(store: Store) -> None:
    """Of two who write at one instant, the later one is told."""
    assert store.swap_note("calendars", None, "one")
    assert not store.swap_note("calendars", None, "other")
    assert store.swap_note("calendars", "one", "two")
    assert not store.swap_note("calendars", "one", "three")
    assert store.note("calendars") == "two"
    with store.work([]) as work:
        assert work.calendars == "two"


def _edition(name: str, at: datetime, since: datetime | None = None) -> EditionRecord:
    return EditionRecord("p", name, f"digest {name}", f"text {name}", "{}", "c", at, since)


def test_a_stream_that_is_no_task_s_is_chained_with_what_it_tells(store: Store, clock: Clock) -> None:
    """Events, an edition and a note in one transaction; nothing is recorded before the last one."""
    with store.chained("editions") as chain:
        assert chain.entries() == []
        assert chain.append("EditionPublished", "li", {"subject": "p@1"}) == "editions#1"
        chain.publish(_edition("1", START))
        assert chain.swap_note("n", None, "one")
    clock.now -= DAY
    with store.chained("editions") as chain:
        assert chain.append("EditionPublished", "wang", {"subject": "p@2"}) == "editions#2"
        assert not chain.swap_note("n", None, "two")
        assert [each.actor for each in chain.entries()] == ["li", "wang"]
    told = [(each.seq, each.type, each.actor, each.recorded_at, each.told) for each in store.chain("editions")]
    assert told == [
        (1, "EditionPublished", "li", START, {"subject": "p@1"}),
        (2, "EditionPublished", "wang", START, {"subject": "p@2"}),
    ]
    assert store.chain("calendars") == []
    assert list(store.streams()) == []
    assert (store.note("n"), len(store.editions())) == ("one", 1)


def test_a_stream_is_read_backwards_a_page_at_a_time(store: Store) -> None:
    """By one actor, by what is named in it, word for word, from a number on."""
    with store.chained("readings") as chain:
        for number in range(1, 8):
            chain.append(
                "PageRead", "li" if number % 2 else "wu", {"page": f"/{number}", "task": "a%" if number > 4 else "ab"}
            )

    def found(most: int, **asked: Any) -> list[int]:
        return [each.seq for each in store.chain_back("readings", most, **asked)]

    assert found(3) == [7, 6, 5]
    assert found(3, before=5) == [4, 3, 2]
    assert found(9, actor="wu") == [6, 4, 2]
    assert found(9, naming='"task":"a%"') == [7, 6, 5]
    assert found(2, actor="li", naming='"task":"ab"', before=3) == [1]
    assert found(9, actor="nobody") == []
    assert store.chain_back("readings", 1) == [store.chain("readings")[-1]]


def test_an_exception_leaves_nothing_in_a_stream(store: Store) -> None:
    with suppress(ZeroDivisionError), store.chained("editions") as chain:
        chain.append("EditionPublished", "li", {"subject": "p@1"})
        chain.publish(_edition("1", START))
        chain.swap_note("n", None, "one")
        raise ZeroDivisionError
    assert (store.chain("editions"), store.editions(), store.note("n")) == ([], [], None)


def test_a_text_under_a_published_name_is_refused_in_a_stream_too(store: Store) -> None:
    with store.chained("editions") as chain:
        chain.publish(_edition("1", START))
        chain.publish(_edition("1", START))
        with pytest.raises(EditionExists):
            chain.publish(replace(_edition("1", START), text="other"))


def test_the_edition_in_force_is_the_latest_whose_day_has_come(store: Store) -> None:
    """Before any is in force it is the one that will be first; by name each is found at any time."""
    store.publish(_edition("1", START, START + DAY))
    store.publish(_edition("2", START + DAY, START + 5 * DAY))
    store.publish(_edition("3", START + 2 * DAY))
    days = {0: "1", 1: "1", 2: "3", 4: "3", 5: "2", 9: "2"}
    for day, name in days.items():
        found = store.edition("p", at=START + day * DAY)
        assert found is not None
        assert found.edition == name
    assert [each.since for each in store.editions()] == [START + DAY, START + 5 * DAY, START + 2 * DAY]
    named = store.edition("p", "2", at=START)
    assert named is not None
    assert named.in_force_at == START + 5 * DAY
    assert store.edition("q", at=START) is None
