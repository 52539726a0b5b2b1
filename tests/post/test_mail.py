"""Notices by mail, against a real SMTP server that fails where it is told to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from post.mail import Mail
from tests.post.conftest import Stage
from tests.post.servers import Mailbox, mail_server
from workflows.post.planning import plan_all
from workflows.post.sending import DELIVERED, Done, Round, deliver


def mail(box: Mailbox, **more: Any) -> Mail:
    return Mail("smtp", "127.0.0.1", box.port, "duban@city.example", patience=more.pop("patience", 5.0), **more)


def a_round(stage: Stage, box: Mailbox, **more: Any) -> Round:
    couriers = {"mail": mail(box, patience=0.3)}
    return Round(stage.post, couriers, stage.desk.clock, chance=lambda: 0.0, **more)


def later(stage: Stage) -> None:
    stage.move(stage.desk.clock() + timedelta(hours=3))


def planned(stage: Stage) -> int:
    return plan_all(stage.desk, stage.office.people, stage.post)


def test_a_notice_arrives_in_the_language_of_each_whom_its_roles_name(stage: Stage) -> None:
    """The lead of the task's unit and the office are told; another unit's lead is not."""
    stage.user("wang", "lead", "水务局")
    stage.user("chen", "lead", "交通局")
    stage.user("li", "office", language="en")
    task = stage.lag()
    with mail_server() as box:
        assert planned(stage) == 1
        assert deliver(a_round(stage, box)) == Done(sent=2)
    subjects = {str(each["To"]): str(each["Subject"]) for each in box.mails}
    assert subjects == {
        "wang@city.example": "【督办】预警：供水管网改造",
        "li@city.example": "[Duban] Early warning: 供水管网改造",
    }
    assert "《供水管网改造》滞后" in str(next(m for m in box.mails if "wang" in str(m["To"])).get_content())  # type: ignore[attr-defined]  # an EmailMessage
    assert [each.state for each in stage.post.deliveries()] == ["sent", "sent"]
    assert [each.type for each in stage.post.told(task)] == ["DeliveryPlanned"] * 2 + [DELIVERED] * 2
    assert stage.desk.store.parcels(waiting=True) == []


def test_a_second_round_sends_nothing_again(stage: Stage) -> None:
    stage.user("li", "office")
    stage.lag()
    with mail_server() as box:
        planned(stage)
        deliver(a_round(stage, box))
        assert planned(stage) == 0
        later(stage)
        assert deliver(a_round(stage, box)) == Done()
    assert len(box.mails) == 1
