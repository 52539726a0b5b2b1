"""A notice is sent when its definition allows: over nights, holidays and make-up days, and many as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.loading import load
from engine.model.process import Notice
from engine.problems import Problem
from tests.post.conftest import TEXT, ZONE, Stage, at, stage_at
from tests.post.servers import mail_server
from tests.post.test_mail import a_round, planned
from workflows.post.sending import Done, deliver
from workflows.post.windows import opening
from workflows.sources import calendar_named

OFFICE_HOURS = {"hours": "08:30-17:30", "on_days": "working"}


def notice(**keys: object) -> Notice:
    return Notice.model_validate({"zh": "通知", "en": "Notice", **keys})


@pytest.mark.parametrize(
    ("keys", "raised", "opens"),
    [
        ({}, "2022-02-01 03:00", None),
        (OFFICE_HOURS, "2022-01-20 09:00", None),
        (OFFICE_HOURS, "2022-01-20 08:30", None),
        (OFFICE_HOURS, "2022-01-20 08:29", "2022-01-20 08:30"),
        (OFFICE_HOURS, "2022-01-20 17:30", "2022-01-21 08:30"),
        # the Spring Festival of 2022: 31 January to 6 February are off; 29 and 30 January, a weekend, are worked
        (OFFICE_HOURS, "2022-01-28 18:00", "2022-01-29 08:30"),
        (OFFICE_HOURS, "2022-01-29 12:00", None),
        (OFFICE_HOURS, "2022-01-30 17:30", "2022-02-07 08:30"),
        (OFFICE_HOURS, "2022-02-03 10:00", "2022-02-07 08:30"),
        ({"on_days": "working"}, "2022-01-31 00:00", "2022-02-07 00:00"),
        ({"hours": "08:30-17:30"}, "2022-02-03 20:00", "2022-02-04 08:30"),
        ({"digest": "daily"}, "2022-01-20 00:00", "2022-01-21 00:00"),
        ({"digest": "daily", **OFFICE_HOURS}, "2022-01-20 09:00", "2022-01-21 08:30"),
        ({"digest": "daily", **OFFICE_HOURS}, "2022-01-20 08:00", "2022-01-20 08:30"),
        ({"digest": "daily", **OFFICE_HOURS}, "2022-01-30 10:00", "2022-02-07 08:30"),
        ({"urgent": True}, "2022-02-01 03:00", None),
    ],
)
def test_a_notice_waits_for_the_next_opening(keys: dict[str, object], raised: str, opens: str | None) -> None:
    found = opening(notice(**keys), calendar_named("cn"), ZONE, at(raised))
    assert found == (at(opens) if opens else None)


def with_hours(keys: str) -> str:
    return TEXT.replace("early-warning: {", f"early-warning: {{{keys}, ")


def problems(keys: str) -> list[Problem]:
    return list(load(with_hours(keys), "promises.yaml").problems)


@pytest.mark.parametrize(
    "keys",
    ["hours: 17:30-08:30", "hours: 8-17", "hours: 08:30-24:00", "on_days: never", "digest: weekly",
     "urgent: true, on_days: working", "hours: 09:00-09:00"],
)  # fmt: skip
def test_a_window_that_is_none_is_a_problem_of_the_definition(keys: str) -> None:
    assert problems(keys) != []
    assert problems("hours: 08:30-17:30, on_days: working, digest: daily") == []


def test_what_waits_for_the_same_opening_goes_out_as_one_message(tmp_path: Path) -> None:
    """Three warnings of a holiday are one mail on the next working day; an evening later is another."""
    text = with_hours("hours: 08:30-17:30, on_days: working")
    stage = stage_at(f"sqlite:///{tmp_path / 'duban.db'}", text, "2022-02-03 10:00")
    stage.user("li", "office")
    stage.user("wang", "lead", "水务局", mail="wang@city.example")
    for title in ("甲", "乙", "丙"):
        stage.lag(title)
    with mail_server() as box:
        assert planned(stage) == 3
        assert deliver(a_round(stage, box)) == Done()
        stage.move(at("2022-02-07 08:30"))
        assert deliver(a_round(stage, box)) == Done(sent=2)
        stage.move(at("2022-02-07 20:00"))
        stage.lag("丁")
        planned(stage)
        stage.move(at("2022-02-08 08:30"))
        assert deliver(a_round(stage, box)) == Done(sent=2)
    to_office = [mail for mail in box.mails if "li@" in str(mail["To"])]
    assert [str(mail["Subject"]) for mail in to_office] == ["【督办】预警：甲 (+2)", "【督办】预警：丁"]
    body = to_office[0].get_content()  # type: ignore[attr-defined]  # an EmailMessage
    assert [title in body for title in ("《甲》", "《乙》", "《丙》")] == [True] * 3
    assert len({each.message_id for each in stage.post.deliveries()}) == 4
    stage.office.close()


def test_a_message_of_many_stays_as_it_was_when_it_is_repeated(tmp_path: Path) -> None:
    """What comes for the same opening after the first try is a message of its own: one identity, one content."""
    text = with_hours("hours: 08:30-17:30")
    stage: Stage = stage_at(f"sqlite:///{tmp_path / 'duban.db'}", text, "2022-01-20 19:00")
    stage.user("li", "office")
    first, second = stage.lag("甲"), stage.lag("乙")
    planned(stage)
    late = stage.lag("丙")
    with mail_server("drop after") as box:
        stage.move(at("2022-01-21 08:30"))
        assert deliver(a_round(stage, box)) == Done(put_off=1)
        planned(stage)
        stage.move(at("2022-01-21 12:00"))
        assert deliver(a_round(stage, box)) == Done(sent=2)
    assert len(box.mails) == 3
    same = [mail for mail in box.mails if box.ids.count(str(mail["Message-ID"])) == 2]
    assert len({str(mail["Subject"]) for mail in same}) == 1
    told = {task: [each.type for each in stage.post.told(task)] for task in (first, second, late)}
    assert [types.count("Delivered") for types in told.values()] == [1, 1, 1]
    stage.office.close()
