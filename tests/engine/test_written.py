"""What transitions alone write: no registration gives it, an opening entry states it, an act sets it. And the words of
a refusal that has several reasons.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.calendars import Calendar
from engine.commands import Decision, Opening, Refusal, Register
from engine.decide import decide
from engine.edition import Edition
from engine.refusals import cure, reason
from tests.engine.life import EVERYBODY, Life
from tests.engine.stage import edition
from tests.engine.walks import calendar

CN: Calendar = calendar()
AT = datetime(2022, 5, 5, 1, tzinfo=UTC)
DAYS = {"type": "integer", "required": True}
MADE: Edition = edition(
    {
        "fields": {
            "title": {"type": "text"},
            "used": {"type": "integer", "default": 0, "written_by": "transitions"},
            "told": {"type": "boolean", "written_by": "transitions"},
            "answer": {"type": "text", "written_by": "transitions"},
        },
        "states": {"open": {"initial": True}, "shut": {"final": True}},
        "transitions": [
            {
                "trigger": "use",
                "from": "open",
                "by": "office",
                "to": "stay",
                "form": {"days": DAYS},
                "when": "form.days > 0 && task.used + form.days <= 20",
                "refusal": [
                    {"when": "form.days < 1", "zh": "天数要大于零", "en": "no days"},
                    {"when": "task.answer == 'x'", "zh": "说不出来", "en": "cannot be decided"},
                    {"zh": "超过二十天", "en": "beyond twenty days"},
                ],
                "set": {"used": "task.used + form.days"},
            },
            {
                "trigger": "answer",
                "from": "open",
                "by": "office",
                "to": "shut",
                "set": {"answer": "'done'", "told": "true"},
                "then": {"open": "note", "with": {"about": "task.title"}},
            },
        ],
        "children": {
            "note": {
                "cancelled": "gone",
                "fields": {"about": {"type": "text", "written_by": "transitions"}},
                "states": {"new": {"initial": True}, "gone": {"final": True}},
                "transitions": [{"trigger": "drop", "from": "new", "by": "office", "to": "gone"}],
            }
        },
    }
)


def registered(opening: Opening | None = None, **fields: Any) -> Decision | Refusal:
    return decide(MADE, CN, {}, Register("t", "", fields, {}, EVERYBODY, AT, opening=opening))


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        ({"used": 5}, "used只由操作写入，登记时不填", "used is written by acts alone, and not by whoever registers"),
        ({"told": "是", "answer": "好"}, "told、answer只由操作写入", "told, answer is written by acts alone"),
    ],
)
def test_no_registration_gives_what_transitions_write(given: dict[str, Any], zh: str, en: str) -> None:
    """Refused with the cause, and with the acts that will write it."""
    found = registered(title="路灯", **given)
    assert isinstance(found, Refusal)
    assert found.code == "not_by_hand"
    assert zh in reason(found, MADE, "zh")
    assert en in reason(found, MADE, "en")
    acts = "use" if "used" in given else "answer"
    assert acts in cure(found, MADE, "en")


@pytest.mark.parametrize("given", [{}, {"used": 0, "told": "否", "answer": ""}, {"used": None}])
def test_what_would_be_there_anyway_is_no_harm(given: dict[str, Any]) -> None:
    """A registration that is judged again says what its record held."""
    found = registered(title="路灯", **given)
    assert isinstance(found, Decision)
    assert found.family["t"].fields == {"title": "路灯", "used": 0, "told": False}


def test_an_opening_entry_states_it() -> None:
    found = registered(Opening("open"), used=15, answer="已答复")
    assert isinstance(found, Decision)
    assert found.family["t"].fields["used"] == 15


def test_acts_write_it_and_the_one_that_opens_a_child_gives_it() -> None:
    life = Life(MADE)
    life.register(AT, title="路灯")
    life.fire("use", AT, days=12)
    assert life.family["t"].fields["used"] == 12
    life.fire("answer", AT)
    assert life.family["t"].fields["answer"] == "done"
    assert life.family["t.note.1"].fields["about"] == "路灯"


@pytest.mark.parametrize(("days", "said"), [(0, "天数要大于零"), (30, "超过二十天")])
def test_a_refusal_says_the_words_that_fit(days: int, said: str) -> None:
    """The first whose condition holds; one that cannot be decided does not fit; the last is for the rest."""
    life = Life(MADE)
    life.register(AT, title="路灯")
    found = life.tried("use", AT, days=days)
    assert isinstance(found, Refusal)
    assert said in reason(found, MADE, "zh")
