"""What waits goes in the language and to the address that its recipient has when it is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.post.conftest import Stage, stage_at
from tests.post.servers import mail_server
from tests.post.test_mail import a_round, later, planned
from workflows.people.ports import Note
from workflows.people.values import Changed
from workflows.post.following import DROPPED, FOLLOWED, follow
from workflows.post.retrying import failed, retry
from workflows.post.sending import LEASE, Done, deliver
from workflows.post.sentences import post_sentence


@pytest.fixture(params=["sqlite", "postgres"])
def either(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'duban.db'}" if sqlite else str(request.getfixturevalue("founded_postgres"))
    made = stage_at(url)
    yield made
    made.office.close()


def change(stage: Stage, name: str, **fields: Any) -> None:
    user = stage.office.people.user(name)
    assert user is not None
    note = Note(Changed.USER_CHANGED, "root", {"user": name, "fields": {}})
    stage.office.people.put_user(replace(user, **fields), note)


def followed(stage: Stage) -> int:
    return follow(stage.desk, stage.office.people, stage.post)


def test_who_changes_language_is_told_in_the_new_one(either: Stage) -> None:
    either.user("li", "office")
    task = either.lag()
    assert planned(either) == 1
    change(either, "li", language="en")
    assert (followed(either), followed(either)) == (1, 0)
    with mail_server() as box:
        assert deliver(a_round(either, box)) == Done(sent=1)
    assert str(box.mails[0]["Subject"]) == "[Duban] Early warning: 供水管网改造"
    told = next(each for each in either.post.told(task) if each.type == FOLLOWED)
    edition, _ = either.desk.book("promises@1")
    assert "li" in post_sentence(told, edition, "zh")
    assert followed(either) == 0, "what was sent stays as it was sent"


def test_who_moves_is_told_at_the_new_address_even_after_tries_that_failed(either: Stage) -> None:
    """The old one gets nothing more; at the new one it is another message, from the first try."""
    either.user("li", "office")
    either.lag()
    planned(either)
    with mail_server("450") as box:
        assert deliver(a_round(either, box)) == Done(put_off=1)
        old = either.post.deliveries()[0]
        change(either, "li", mail="li@new.example")
        assert followed(either) == 1
        now = either.post.deliveries()[0]
        assert (now.address, now.attempts, now.state) == ("li@new.example", 0, "waiting")
        assert now.message_id != old.message_id
        later(either)
        assert deliver(a_round(either, box)) == Done(sent=1)
    assert [str(mail["To"]) for mail in box.mails] == ["li@new.example"]


def test_what_was_tried_keeps_its_words_while_its_address_stands(stage: Stage) -> None:
    """The first try may have been accepted: under one identity it says one thing."""
    stage.user("li", "office")
    stage.lag()
    planned(stage)
    with mail_server("450") as box:
        deliver(a_round(stage, box))
        change(stage, "li", language="en")
        assert followed(stage) == 0
        later(stage)
        deliver(a_round(stage, box))
    assert str(box.mails[0]["Subject"]).startswith("【督办】")


def test_what_was_given_up_goes_to_the_new_address_when_it_is_tried_again(stage: Stage) -> None:
    stage.user("li", "office")
    stage.lag()
    planned(stage)
    with mail_server("550") as box:
        assert deliver(a_round(stage, box)) == Done(given_up=1)
        change(stage, "li", mail="li@new.example")
        assert followed(stage) == 1
        (one,) = failed(stage.post)
        assert retry(stage.post, one.id, "root", stage.desk.clock())
        assert deliver(a_round(stage, box)) == Done(sent=1)
    assert [str(mail["To"]) for mail in box.mails] == ["li@new.example"]
    edition, _ = stage.desk.book("promises@1")
    for each in stage.post.told(one.task):
        assert post_sentence(each, edition, "en")


def test_an_address_that_is_gone_gets_nothing(stage: Stage) -> None:
    """One of two: the other stays; a new one takes the place of one that went."""
    stage.user("li", "office", channels=("https://hook.example/a",))
    task = stage.lag()
    planned(stage)
    change(stage, "li", mail=None)
    assert followed(stage) == 1
    assert {each.channel: each.state for each in stage.post.deliveries()} == {"mail": "failed", "webhook": "waiting"}
    assert [each.type for each in stage.post.told(task)][-1] == DROPPED
    change(stage, "li", channels=("wecombot://abc",))
    assert followed(stage) > 0
    assert ("chat", "wecombot://abc") in {(each.channel, each.address) for each in stage.post.deliveries()}


def test_what_is_being_sent_follows_the_next_time(stage: Stage) -> None:
    """A worker holds it under its lease: it is not changed under its hands, and not forgotten."""
    stage.user("li", "office")
    stage.lag()
    planned(stage)
    assert stage.post.claim(["mail"], stage.desk.clock(), LEASE) is not None
    change(stage, "li", mail="li@new.example")
    assert followed(stage) == 0
    assert stage.post.deliveries()[0].address == "li@city.example"
