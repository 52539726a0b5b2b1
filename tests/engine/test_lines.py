"""A line that is gone: every hash stays, the text is read without it, and nothing else can stand in its place."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.chain import APART, GENESIS, canonical, parsed, recorded_text, salt_bytes, salted, seal
from engine.events import Json
from engine.lines import PERSONAL, any_gone, erased, gone, leaf, readable, set_apart, stand_in

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = (
    st.none() | st.integers(-9, 9) | WORDS | st.lists(WORDS, max_size=2) | st.dictionaries(WORDS, WORDS, max_size=2)
)
PARTS = st.dictionaries(st.sampled_from(sorted(APART)), VALUES | st.dictionaries(WORDS, VALUES, max_size=3), max_size=4)
PAYLOADS = st.builds(
    lambda parts, reason: {**parts, "command": {"do": "fire", "reason": reason}, "to": "绿"}, PARTS, st.none() | WORDS
)


@given(PAYLOADS, st.data())
def test_erasing_any_lines_leaves_every_proof_valid(payload: Mapping[str, Json], data: st.DataObject) -> None:
    """Whatever is chosen of what stands apart, in one go or in several: the hash is the same, what is gone is null, the
    rest says what it said.
    """
    text = recorded_text(payload)
    salts = salted(bytes(n % 256 for n in range(salt_bytes(text))))
    before = seal(GENESIS, "{}", text, salts)
    apart = [each.at for each in set_apart(text.split("\n"))]
    some = data.draw(st.sets(st.sampled_from(apart))) if apart else set()
    more = data.draw(st.sets(st.sampled_from(apart))) if apart else set()
    once = erased(text, salts, some)
    twice = erased(*once, more)
    assert erased(*twice, some) == twice
    for left, lost in ((once, some), (twice, some | more)):
        assert seal(GENESIS, "{}", *left) == before
        assert any_gone(*left) is bool(lost)
        assert {each.at for each in gone(*left)} == lost
        assert canonical(parsed(left[0])) == left[0].replace("\n", "")
        _reads_as(payload, left, lost)


def _reads_as(payload: Mapping[str, Json], left: tuple[str, str], lost: set[int]) -> None:
    """What is left is what was said; what is gone is null, and a row of a plan an empty one."""
    told, names = (
        parsed(readable(*left)),
        {(part, name) for at, part, name in set_apart(left[0].split("\n")) if at in lost},
    )
    for name, value in payload.items():
        if name == "command":
            assert told[name]["reason"] == (None if ("reason", None) in names else value["reason"])
        elif (name, None) in names:
            assert told[name] is None
        elif isinstance(value, dict) and name in APART:
            empty: Json = {} if name == "milestones" else None
            assert told[name] == {key: empty if (name, key) in names else one for key, one in value.items()}
        else:
            assert told[name] == value


LINES = ['{"form":{', '"contact":"王",', '"percent":"12.5"', '},"to":"x"}']
TEXT = "\n".join(LINES)
SALTS = salted(bytes(64))


def test_the_form_of_what_is_gone() -> None:
    """As packages have it, to the byte."""
    text, salts = erased(TEXT, SALTS, {1})
    assert text.split("\n")[1] == '"contact":"<personal>",'
    assert salts.split(" ")[1] == leaf("0" * 32, LINES[1]).hex()
    assert stand_in('"王"', None) == f'"{PERSONAL}"'


@pytest.mark.parametrize("line", ['"contact":"李",', '"contact":null,', '"phone":"x",', ""])
def test_beside_a_digest_stands_nothing_but_the_stand_in(line: str) -> None:
    """A digest proves nothing about what stands beside it: another value is refused, and so is its hash."""
    text, salts = erased(TEXT, SALTS, {1})
    other = "\n".join([LINES[0], line, *text.split("\n")[2:]])
    with pytest.raises(ValueError, match=r"digest|zip"):
        gone(other, salts)
    with pytest.raises(ValueError, match=r"digest|zip"):
        seal(GENESIS, "{}", other, salts)


@pytest.mark.parametrize("at", [0, 3])
def test_structure_is_never_gone(at: int) -> None:
    """A line that does not stand apart stays, and a digest in its salt's place is refused."""
    assert erased(TEXT, SALTS, {at}) == (TEXT, SALTS)
    words = SALTS.split(" ")
    words[at] = leaf(words[at], LINES[at]).hex()
    with pytest.raises(ValueError, match="digest"):
        seal(GENESIS, "{}", TEXT, " ".join(words))
    with pytest.raises(ValueError, match="digest"):
        seal(GENESIS, "{}", "{}", "ab" * 32)
