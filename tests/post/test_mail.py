"""Notices by mail, against a real SMTP server that fails where it is told to."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from post.mail import Mail, MailAddress
from tests.post.conftest import Stage
from tests.post.servers import Mailbox, mail_server
from workflows.people.ports import Note
from workflows.post.planning import plan, plan_all
from workflows.post.sending import DELIVERED, GIVEN_UP, TRY_FAILED, Done, Round, deliver, message_of
from workflows.post.values import Message, NotSent, Sent


def mail(box: Mailbox, **more: Any) -> Mail:
    return Mail("smtp", "127.0.0.1", box.port, "duban@city.example", patience=more.pop("patience", 5.0), **more)


def a_round(stage: Stage, box: Mailbox, **more: Any) -> Round:
    couriers = {"mail": mail(box, patience=2.0)}
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


@pytest.mark.parametrize(
    ("fault", "copies"),
    [("drop before", 1), ("drop after", 2), ("reset", 2), ("451", 1), ("slow", 1)],
)
def test_no_mail_is_lost_and_a_repeat_has_the_same_identity(stage: Stage, fault: str, copies: int) -> None:
    """Only what fell between the server's acceptance and our record is there twice, under one Message-ID."""
    stage.user("li", "office")
    task = stage.lag()
    planned(stage)
    with mail_server(fault) as box:
        assert deliver(a_round(stage, box)) == Done(put_off=1)
        assert deliver(a_round(stage, box)) == Done(), "it is not tried again at once"
        later(stage)
        assert deliver(a_round(stage, box)) == Done(sent=1)
    assert len(box.mails) == copies
    assert len(set(box.ids)) == 1
    assert [each.type for each in stage.post.told(task)] == ["DeliveryPlanned", TRY_FAILED, DELIVERED]


def test_a_crash_between_acceptance_and_record_repeats_the_mail_when_the_lease_is_over(stage: Stage) -> None:
    """Whoever claims it next sends the same message again; before, nobody does."""
    stage.user("li", "office")
    stage.lag()
    planned(stage)
    with mail_server() as box:
        claimed = stage.post.claim(["mail"], stage.desk.clock(), timedelta(seconds=0.2))
        assert claimed is not None
        assert mail(box).send(message_of(claimed)) == Sent()  # and here the worker dies
        assert deliver(a_round(stage, box)) == Done()
        time.sleep(0.25)
        assert deliver(a_round(stage, box)) == Done(sent=1)
    assert len(box.mails) == 2
    assert len(set(box.ids)) == 1


def test_a_refusal_for_good_is_not_tried_again(stage: Stage) -> None:
    stage.user("li", "office")
    task = stage.lag()
    planned(stage)
    with mail_server("554") as box:
        assert deliver(a_round(stage, box)) == Done(given_up=1)
    assert [each.state for each in stage.post.deliveries()] == ["failed"]
    assert [each.type for each in stage.post.told(task)][-1] == GIVEN_UP


def test_a_message_that_never_gets_through_is_given_up_in_the_end_and_that_is_said(stage: Stage) -> None:
    """Each pause is longer than the one before; the last failure says that it was the last."""
    stage.user("li", "office")
    task = stage.lag()
    planned(stage)
    pauses = []
    with mail_server(*["451"] * 4) as box:
        for _ in range(4):
            before = stage.desk.clock()
            deliver(a_round(stage, box, tries=4))
            pauses.append(stage.post.deliveries()[0].next_at - before)
            later(stage)
    assert pauses[:3] == sorted(set(pauses[:3]))
    assert [each.state for each in stage.post.deliveries()] == ["failed"]
    assert [each.type for each in stage.post.told(task)][1:] == [TRY_FAILED] * 3 + [GIVEN_UP]


def test_a_server_that_is_not_there_is_tried_again() -> None:
    answer = Mail("smtp", "127.0.0.1", 1, "a@b.example").send(Message("1", "li@city.example", "s", "t", {}))
    assert isinstance(answer, NotSent)
    assert not answer.final


def test_an_address_with_a_line_in_it_adds_no_header() -> None:
    """What a user wrote into an address is no way to say more than an address."""
    with mail_server() as box:
        answer = mail(box).send(Message("1", "li@city.example\r\nBcc: all@city.example", "s", "t", {}))
    assert isinstance(answer, NotSent)
    assert answer.final
    assert box.mails == []


@pytest.mark.parametrize("url", ["http://host", "smtp://", "smtp://host", "smtp://host:x?from=a@b", "smtp://h?from=ab"])
def test_a_mail_setting_that_cannot_be_read_is_refused(url: str) -> None:
    with pytest.raises(MailAddress):
        Mail.at(url)


def test_a_mail_setting_is_read_with_the_usual_ports() -> None:
    found = Mail.at("smtps://li%40city:p%2Fw@mail.example?from=duban@city.example")
    assert (found.port, found.user, found.password, found.sender) == (465, "li@city", "p/w", "duban@city.example")


def test_who_has_no_address_and_who_is_nobody_are_recorded(stage: Stage) -> None:
    """A notice that reaches nobody leaves the outbox and a trace."""
    user = stage.user("li", "office", mail=None)
    told = stage.lag("甲")
    planned(stage)
    assert [each.type for each in stage.post.told(told)] == ["RecipientUnreachable"]
    stage.office.people.put_user(replace(user, active=False), Note("UserPut", "root", {}))
    nobody = stage.lag("乙")
    planned(stage)
    assert [each.type for each in stage.post.told(nobody)] == ["NobodyToTell"]
    assert stage.post.parcels(10) == []


def test_without_a_mail_server_mail_waits(stage: Stage) -> None:
    """It is not counted as tried, and goes out when there is one."""
    stage.user("li", "office")
    stage.lag()
    planned(stage)
    assert deliver(Round(stage.post, {}, stage.desk.clock, chance=lambda: 0.0)) == Done()
    assert [(each.state, each.attempts) for each in stage.post.deliveries()] == [("waiting", 0)]
    assert not stage.post.due([], stage.desk.clock())
    assert stage.post.due(["mail"], stage.desk.clock())


def test_two_planners_make_one_delivery(stage: Stage) -> None:
    """Whoever is second finds the parcel gone and writes nothing."""
    stage.user("li", "office")
    stage.lag()
    [parcel] = stage.post.parcels(10)
    assert plan(stage.desk, stage.office.people, stage.post, parcel)
    assert not plan(stage.desk, stage.office.people, stage.post, parcel)
    assert len(stage.post.deliveries()) == 1
