"""A publication whose `text` is the name of another has that one's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.loading import Loaded, load
from engine.schema import json_schema

TEXT = (Path(__file__).parents[2] / "definitions" / "dalian-livelihood" / "process.yaml").read_text(encoding="utf-8")


def planted(name: str) -> Loaded:
    return load(TEXT.replace("text: monthly_report", f"text: {name}", 1), "process.yaml")


def test_three_reports_have_one_text() -> None:
    edition = load(TEXT, "process.yaml").edition
    assert edition is not None
    made = edition.sheets["programme"].body.publications
    assert made["monthly_report"].text is not None
    assert made["quarterly_report"].text == made["annual_report"].text == made["monthly_report"].text


@pytest.mark.parametrize("name", ["monthly_reprot", "quarterly_report", "annual_report", "public"])
def test_a_name_that_gives_no_words_is_told_where_it_stands(name: str) -> None:
    """Nothing of that name, itself, and one that has its words from elsewhere."""
    line = TEXT[: TEXT.index("text: monthly_report")].count("\n") + 1
    loaded = planted(name)
    assert loaded.edition is None
    assert [(each.code, each.where.line) for each in loaded.problems] == [("no-such-text", line)]


def test_the_schema_takes_a_name_too() -> None:
    takes = json_schema()["$defs"]["Publication"]["properties"]["text"]["anyOf"]
    assert {"type": "string"} in takes
