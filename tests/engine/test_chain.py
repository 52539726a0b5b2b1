"""The shape of the evidence is frozen: these bytes and digests must never change."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.chain import (
    GENESIS,
    SALT_BYTES,
    canonical,
    header,
    leaf_digest,
    leaves,
    link,
    payload_digest,
    sealed_payload,
)
from engine.events import Event, EventType, instant, iso

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


def test_the_leaves_are_these_paths_in_this_order() -> None:
    assert list(leaves(EVENT.payload)) == ["form/month", "form/percent", "set", "to", "trigger"]


def test_the_digests_are_these() -> None:
    """Worked out here a second time, from the sentences of the module and nothing else."""
    salts = bytes(range(5 * SALT_BYTES))
    values = {
        "form/month": '"2022-02"',
        "form/percent": '"12.5"',
        "set": "{}",
        "to": '"in_progress"',
        "trigger": '"report"',
    }
    found = b""
    for number, (path, text) in enumerate(values.items()):
        salt = salts[number * 16 : number * 16 + 16]
        found += sha256(b"\x00" + salt + path.encode() + b"\x00" + text.encode()).digest()
    digest = sha256(b"\x01" + found).digest()
    assert sealed_payload(leaves(EVENT.payload), salts) == digest
    expected = sha256(bytes(32) + header(EVENT, RECORDED).encode() + digest).hexdigest()
    assert link(GENESIS, header(EVENT, RECORDED), digest) == expected
    assert expected == "93f1655cf54465fad51a2f7596658caa1e9161768df1f54d7d232025cfa6a6fe"


@given(JSON)
def test_canonical_text_is_what_the_standard_library_writes(value: object) -> None:
    assert canonical(value) == json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_a_field_can_be_erased_with_its_salt_and_the_proof_holds() -> None:
    salts = bytes(5 * SALT_BYTES)
    digests = [leaf_digest(path, value, salts[:16]) for path, value in leaves(EVENT.payload).items()]
    kept = digests[0]
    others = [leaf_digest(path, value, salts[:16]) for path, value in list(leaves(EVENT.payload).items())[1:]]
    assert payload_digest([kept, *others]) == sealed_payload(leaves(EVENT.payload), salts)


@pytest.mark.parametrize("place", range(5))
def test_another_value_or_salt_in_any_leaf_gives_another_digest(place: int) -> None:
    parts = leaves(EVENT.payload)
    salts = bytearray(5 * SALT_BYTES)
    before = sealed_payload(parts, bytes(salts))
    changed = {path: ("x" if number == place else value) for number, (path, value) in enumerate(parts.items())}
    assert sealed_payload(changed, bytes(salts)) != before
    salts[place * SALT_BYTES] = 1
    assert sealed_payload(parts, bytes(salts)) != before


@given(st.datetimes(timezones=st.just(UTC)), st.timedeltas(timedelta(0), timedelta(days=400)))
def test_instants_as_text_sort_as_time_does(moment: datetime, later: timedelta) -> None:
    assume(moment.year < 9990)
    first, second = moment, moment + later
    assert (iso(first) < iso(second)) == (first < second)
    assert instant(iso(second)) == second
