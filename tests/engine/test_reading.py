"""A text becomes plain data with positions, or all that is wrong with it, quickly, whoever wrote it."""

import time
from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from engine.problems import Position, Problem, in_order
from engine.reading import Document, read

DEFINITION = """\
process: dalian-livelihood
edition: "2022.1"
title: {zh: 重点民生实事公开挂牌督办, en: Publicly supervised livelihood projects}
fields:
  percent: {type: percent, default: 0, zh: 累计进度, en: Progress}
transitions:
  - trigger: report
    from: [in_progress, lagging]
    to:
      - {state: lagging, when: "state == 'in_progress' && form.percent < 70.8"}
      - {state: stay, otherwise: true}
deadlines:
  monthly_report:
    every: {month_end: true, from: 2022-02, until: 2022-12-25}
    remind: [3 working days before]
    note: |
      first line
      second line
"""


def document(text: str | bytes) -> Document:
    found = read(text, "p.yaml")
    assert isinstance(found, Document), found
    return found


def problems(text: str | bytes) -> list[Problem]:
    found = read(text, "p.yaml")
    assert isinstance(found, list), found
    return found


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("No", "No"),
        ("2022-12-25", "2022-12-25"),
        ("2022-02", "2022-02"),
        ("12:30", "12:30"),
        ('"2022.1"', "2022.1"),
        ("70.8", Decimal("70.8")),
        ("2022.10", Decimal("2022.10")),
        ("1e3", Decimal("1e3")),
        ("-.5", Decimal("-0.5")),
        ("12", 12),
        ("-12", -12),
        ("0x1F", 31),
        ("0o17", 15),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'null'", "null"),
        ("1_000", "1_000"),
        ("3 working days before", "3 working days before"),
        ("重点", "重点"),
    ],
)
def test_a_plain_scalar_means_what_yaml_1_2_says(written: str, meant: object) -> None:
    """Switches and dates of YAML 1.1 stay text; numbers with a fraction are exact."""
    value = document(f"a: {written}\n").data
    assert value == {"a": meant}
    assert isinstance(value, dict)
    assert type(value["a"]) is type(meant)


def test_a_key_is_the_text_as_it_is_written() -> None:
    """A table keyed by years or by yes and no keeps its keys as strings."""
    assert document("2022: a\nno: b\ntrue: c\n1.50: d\n").data == {"2022": "a", "no": "b", "true": "c", "1.50": "d"}


def test_a_definition_becomes_plain_data() -> None:
    """Nothing of the reader stays in the data: dicts, lists, strings, exact numbers, booleans and null."""
    data = document(DEFINITION).data
    assert isinstance(data, dict)
    assert data["edition"] == "2022.1"
    assert data["deadlines"] == {
        "monthly_report": {
            "every": {"month_end": True, "from": "2022-02", "until": "2022-12-25"},
            "remind": ["3 working days before"],
            "note": "first line\nsecond line\n",
        }
    }


def test_every_key_and_value_knows_its_place() -> None:
    """Lines and columns count from 1, columns in characters whatever the script."""
    read_ = document(DEFINITION)
    assert read_.at(("title", "en")) == Position("p.yaml", 3, 31)
    assert read_.key_at(("title", "en")) == Position("p.yaml", 3, 27)
    assert read_.at(("transitions", 0, "from", 1)) == Position("p.yaml", 8, 25)
    assert read_.at(()) == Position("p.yaml", 1, 1)


def test_a_place_that_does_not_exist_is_the_nearest_around_it() -> None:
    """A missing key is reported where it is missing."""
    read_ = document(DEFINITION)
    assert read_.at(("transitions", 0, "by", "role")) == read_.at(("transitions", 0))
    assert read_.key_at(("transitions", 0)) == Position("p.yaml", 7, 5)


@pytest.mark.parametrize(
    ("text", "line", "column", "where"),
    [
        ("a: b == c", 1, 6, (1, 9)),
        ('a: "b == c"', 1, 6, (1, 10)),
        ("a: 'it''s c'", 1, 6, (1, 11)),
        ('a: "\\"x\\" c"', 1, 5, (1, 11)),
        ("a: |\n    one\n    two c\n", 2, 5, (3, 9)),
        ("a: >\n  one\n  two\n", 1, 5, (1, 4)),
        ('a: "督办 c"', 1, 4, (1, 8)),
    ],
)
def test_a_place_inside_a_string_is_found_in_the_file(
    text: str, line: int, column: int, where: tuple[int, int]
) -> None:
    """An expression's error points at the character in the file, past quotes, escapes and indentation."""
    assert document(text).inside(("a",), line, column) == Position("p.yaml", *where)


HOSTILE: dict[str, tuple[str | bytes, str, tuple[int, int]]] = {
    "an alias bomb": ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "alias", (1, 4)),
    "an alias": ("a: 1\nb: *a\n", "alias", (2, 4)),
    "twenty thousand brackets": ("[" * 20_000, "too-deep", (1, 66)),
    "twenty thousand braces": ("{a: " * 20_000, "too-deep", (1, 261)),
    "twenty thousand dashes": ("- " * 20_000, "too-deep", (1, 131)),
    "five megabytes": (b"a: b\n" * 1_000_000, "too-large", (1, 1)),
    "a megabyte of three-byte characters": ("督" * 400_000, "too-large", (1, 1)),
    "a long list": ("- a\n" * 30_000, "too-many", (20_000, 3)),
    "a duplicate key": ("a: 1\nb: 2\na: 3\n", "duplicate-key", (3, 1)),
    "a duplicate inside": ("a: {x: 1, x: 2}\n", "duplicate-key", (1, 11)),
    "a Python object": ("a: !!python/object:os.system x\n", "tag", (1, 4)),
    "a tag of YAML itself": ("a: !!str 1\n", "tag", (1, 4)),
    "a merge key": ("a: {<<: {b: 1}}\n", "merge-key", (1, 5)),
    "two documents": ("a: 1\n---\nb: 2\n", "several-documents", (2, 1)),
    "a directive": ("%YAML 1.1\n---\na: 1\n", "directive", (1, 1)),
    "a tab as indentation": ("a:\n\tb: 1\n", "tab", (2, 1)),
    "a NUL byte": ("a: 1\nb: c\0d\n", "hidden-character", (2, 5)),
    "a NUL by escape": ('a: "c\\0d"\n', "hidden-character", (1, 4)),
    "a turned reading order": ("a: b\u202ec\n", "hidden-character", (1, 5)),
    "half a character": ("a: \ud800\n", "hidden-character", (1, 4)),
    "invalid UTF-8": (b"a: 1\nb: \xff\xfe\n", "not-utf-8", (2, 4)),
    "GBK": ("a: 督办\n".encode("gbk"), "not-utf-8", (1, 4)),
    "a key that is a list": ("? [a]\n: b\n", "key-not-text", (1, 3)),
    "a number of five thousand digits": ("a: " + "9" * 5_000, "number", (1, 4)),
    "infinity": ("a: .inf\n", "number", (1, 4)),
    "a huge exponent": ("a: 1e999999999\n", "number", (1, 4)),
    "a code that would lose its zero": ("phone: 0411\n", "number", (1, 8)),
    "nothing": ("# only a comment\n", "empty", (2, 1)),
    "an open quote": ('a: "b\nc: 1\n', "syntax", (1, 4)),
    "an open bracket": ("a: 1\nb: [1, 2\nc: 3\n", "syntax", (2, 4)),
    "a colon in a text": ("a: b: c\n", "syntax", (1, 5)),
    "a wrong indentation": ("a:\n  b: 1\n c: 2\n", "syntax", (3, 2)),
    "a forbidden first character": ("a: @b\n", "syntax", (1, 4)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_refused_at_once_with_its_place(name: str) -> None:
    """Under a second, in both languages, with a cure, at the line and column of the cause."""
    text, code, where = HOSTILE[name]
    before = time.process_time()
    first = problems(text)[0]
    assert time.process_time() - before < 1
    assert (first.code, (first.where.line, first.where.column)) == (code, where)
    assert first.message.zh != first.message.en
    assert first.cure is not None


def test_all_that_can_be_said_is_said_at_once() -> None:
    """Problems that do not end the reading are collected, in the order of the text."""
    text = "a: !x 1\nb: 0411\nb: 2\nc: {<<: 1}\nd: [\n"
    assert [each.code for each in problems(text)] == ["tag", "number", "duplicate-key", "merge-key", "syntax"]


def test_a_duplicate_names_the_line_of_the_first() -> None:
    """The message is a sentence in both languages, and its cure."""
    only = problems("a: 1\nb: 2\na: 3\n")[0]
    assert str(only) == "p.yaml:3:1: the key `a` stands twice, first in line 1 — keep one of them"
    assert only.text("zh") == "p.yaml:3:1: 键 `a` 重复，第 1 行已有 — 只保留一个"


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    """Files saved by Windows editors are read, and their columns are right."""
    assert document("\ufeffa: 1\r\nb: 2\r\n".encode()).keys["a",] == Position("p.yaml", 1, 1)
    assert document("\ufeffa: 1\r\nb: 2\r\n".encode()).data == {"a": 1, "b": 2}


def test_a_definition_of_25_kilobytes_is_read_in_a_fraction_of_the_budget() -> None:
    """A check has 150 ms for such a text; reading it may take a third on a machine that does other work too."""
    text = "".join(f"part{i}:\n" + "".join(f"  {line}\n" for line in DEFINITION.splitlines()) for i in range(40))
    assert 24_000 < len(text.encode()) < 30_000
    document(text)
    best = min(_seconds(text) for _ in range(5))
    assert best < 0.05


def _seconds(text: str) -> float:
    before = time.process_time()
    document(text)
    return time.process_time() - before


@pytest.mark.parametrize("name", ["libyaml", "python"])
def test_the_fast_parser_sees_what_a_yaml_1_2_parser_sees(name: str) -> None:
    """The fast one speaks YAML 1.1; for the texts that we accept its events equal those of a parser for 1.2."""
    texts = [
        DEFINITION,
        "a: {b: [1, 2,], c: 'it''s'}\n",
        'a: "\\u7763\\/"\nb:\n- x\n- - y\n',
        "a: >-\n  one\n  two\n\nb:\n",
    ]
    loader = yaml.CSafeLoader if name == "libyaml" else yaml.SafeLoader
    for text in texts:
        fast = [_event(each) for each in yaml.parse(text, Loader=loader)]
        assert fast == [_event(each) for each in YAML(typ="safe", pure=True).parse(text)]


def _event(event: object) -> tuple[object, ...]:
    mark = getattr(event, "start_mark", None)
    value = getattr(event, "value", None)
    place = (
        (mark.line, mark.column) if mark and value else None
    )  # nothing stands nowhere: each parser places it elsewhere
    return type(event).__name__, value, getattr(event, "style", None) or None, place


@given(st.text(max_size=200))
def test_no_text_crashes_the_reader(text: str) -> None:
    """Whatever is read ends as a document or as problems in order."""
    found = read(text, "p.yaml")
    assert isinstance(found, Document) or found == in_order(found) != []


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    """A file may be a picture."""
    found = read(data, "p.yaml")
    assert isinstance(found, Document) or found == in_order(found) != []


@given(st.text("ab:-[]{}'\"|>&*!%@#,? \n\t督0.1e", max_size=60))
def test_no_punctuation_crashes_the_reader(text: str) -> None:
    """The characters that mean something in YAML, in any order; every value of a document has a place."""
    found = read(text, "p.yaml")
    if isinstance(found, Document):
        assert set(found.keys) <= set(found.positions)
        assert all(1 <= at.line <= len(found.lines) + 1 for at in found.positions.values())
    else:
        assert found == in_order(found) != []
