"""The shape of the evidence is frozen: these bytes and digests must never change."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from engine.chain import (
    APART,
    GENESIS,
    canonical,
    header,
    leaves,
    link,
    parsed,
    recorded_event,
    recorded_text,
    salt_bytes,
    salted,
    seal,
    sealed,
)
from engine.events import Event, EventType, instant, iso
from engine.lines import SALT_BYTES, leaf
from workflows.personal import RECORDS

EVENT = Event(
    EventType.TRIGGER_FIRED,
    "dalian-01",
    2,
    datetime(2022, 2, 28, 8, 30, tzinfo=UTC),
    None,
    "王",
    "",
    "dalian-livelihood@2022.1",
    {"trigger": "report", "form": {"percent": "12.5", "month": "2022-02"}, "set": {}, "to": "in_progress"},
)
RECORDED = "2022-02-28T08:30:00.000001Z"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_the_header_is_these_bytes() -> None:
    assert header(EVENT, RECORDED) == (
        '{"actor":"王","cause":"","due_at":null,"edition":"dalian-livelihood@2022.1",'
        '"occurred_at":"2022-02-28T08:30:00.000000Z","recorded_at":"2022-02-28T08:30:00.000001Z","seq":2,'
        '"task":"dalian-01","type":"TriggerFired","v":1}'
    )


LINES = [
    '{"form":{',
    '"month":"2022-02",',
    '"percent":"12.5"',
    '},"set":{},"to":"in_progress","trigger":"report"}',
]
TEXT = "\n".join(LINES)
SALTS = salted(bytes(range(4 * SALT_BYTES)))


def test_each_value_that_may_tell_of_a_person_stands_on_a_line_of_its_own() -> None:
    assert recorded_text(EVENT.payload) == TEXT


def test_whatever_holds_values_of_fields_is_set_apart() -> None:
    assert RECORDS <= APART


def test_a_payload_without_such_values_is_one_line() -> None:
    """Reasons apart: what a person wrote about a late entry can be erased too."""
    assert recorded_text({"to": "green", "command": {"reason": None, "at": "x"}}).count("\n") == 0
    late = recorded_text({"to": "green", "command": {"reason": "纸质件当日收到", "at": "x"}})
    assert '"纸质件当日收到"' in late.split("\n")
    assert recorded_text({"form": {}, "set": None, "facts": []}).count("\n") == 0
    assert recorded_text({"facts": ["x"]}) == '{"facts":\n["x"]\n}'


@given(JSON, st.sampled_from(["form", "set", "milestones", "facts", "other"]))
def test_a_recorded_text_is_canonical_but_for_its_line_breaks(value: object, name: str) -> None:
    """So it is read like any JSON, and no line break of a value is one of the text's."""
    payload = {name: value, "command": {"reason": value, "at": "x"}, "to": "y"}
    text = recorded_text(payload)
    assert text.replace("\n", "") == canonical(payload)
    assert parsed(text) == json.loads(text) == payload


def test_the_digests_are_these() -> None:
    """Worked out here a second time, from the sentences of the module and nothing else."""
    salts = [bytes(range(first, first + 16)).hex() for first in (0, 16, 32, 48)]
    assert SALTS.split(" ") == salts
    assert salt_bytes(TEXT) == 64
    found = b"".join(sha256((salt + line).encode()).digest() for salt, line in zip(salts, LINES, strict=True))
    assert leaves(TEXT, SALTS) == found
    expected = sha256(("0" * 64 + header(EVENT, RECORDED)).encode() + found).hexdigest()
    assert seal(GENESIS, header(EVENT, RECORDED), TEXT, SALTS) == expected
    assert sealed(GENESIS, *(text.encode() for text in (header(EVENT, RECORDED), TEXT, SALTS))) == expected
    assert expected == "66ff2b1d7f3682925096529106165415d92132907aa606ad4e604fc2bf4e98aa"


def test_the_digest_of_a_single_line_is_this() -> None:
    salt = bytes(range(16)).hex()
    found = sha256((salt + '{"to":"绿"}').encode()).digest()
    assert leaves('{"to":"绿"}', salt) == leaf(salt, '{"to":"绿"}') == found


def test_an_event_is_read_back_from_what_is_recorded() -> None:
    late = structs.replace(EVENT, due_at=datetime(2022, 3, 1, tzinfo=UTC), cause="dalian-01#1")
    for event in (EVENT, late):
        assert recorded_event(header(event, RECORDED), recorded_text(event.payload), "") == (event, instant(RECORDED))


@given(JSON)
def test_canonical_text_is_what_the_standard_library_writes(value: object) -> None:
    assert canonical(value) == json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@pytest.mark.parametrize("place", range(4))
def test_a_line_can_be_erased_with_its_salt_and_the_proof_holds(place: int) -> None:
    """Its digest is enough for the hash; the salts of the others tell nothing about it."""
    kept = leaves(TEXT, SALTS)[32 * place : 32 * place + 32]
    lines, salts = LINES.copy(), SALTS.split(" ")
    lines[place] = salts[place] = ""
    digests = [leaf(salt, line) if salt else kept for salt, line in zip(salts, lines, strict=True)]
    assert link(GENESIS, "{}", b"".join(digests)) == seal(GENESIS, "{}", TEXT, SALTS)


@pytest.mark.parametrize("place", range(4))
def test_another_line_or_salt_gives_another_hash(place: int) -> None:
    before = seal(GENESIS, "{}", TEXT, SALTS)
    lines = [line.replace('"', "'") for line in LINES]
    assert seal(GENESIS, "{}", "\n".join([*LINES[:place], lines[place], *LINES[place + 1 :]]), SALTS) != before
    salts = SALTS.split(" ")
    salts[place] = "f" * 32
    assert seal(GENESIS, "{}", TEXT, " ".join(salts)) != before


def test_salts_that_do_not_fit_the_lines_are_refused() -> None:
    for salts in (" ".join(SALTS.split(" ")[:3]), f"{SALTS} {'f' * 32}", ""):
        with pytest.raises(ValueError, match="zip"):
            seal(GENESIS, "{}", TEXT, salts)
    with pytest.raises(ValueError, match="zip"):
        seal(GENESIS, "{}", LINES[0], SALTS)


def test_a_line_break_moved_into_or_out_of_the_text_gives_another_hash() -> None:
    one = SALTS.split(" ")[0]
    assert seal(GENESIS, "{}", TEXT, one) != seal(GENESIS, "{}", TEXT.replace("\n", ""), one)


@given(st.datetimes(timezones=st.just(UTC)), st.timedeltas(timedelta(0), timedelta(days=400)))
def test_instants_as_text_sort_as_time_does(moment: datetime, later: timedelta) -> None:
    assume(moment.year < 9990)
    first, second = moment, moment + later
    assert (iso(first) < iso(second)) == (first < second)
    assert instant(iso(second)) == second
