"""Two workers share one post: each message is claimed by one of them, and what belongs together stays together."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.limits import at_once
from tests.post.conftest import at, stage_at
from tests.post.test_mail import planned
from tests.post.test_windows import with_hours
from workflows.post.sending import Round, deliver
from workflows.post.values import Message, Sent


class Counting:
    """Counts what it is given, by identity."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        self.texts: list[str] = []

    def send(self, message: Message) -> Sent:
        self.sent[message.id] += 1
        self.texts.append(message.text)
        return Sent()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.parametrize("digest", [False, True])
def test_each_message_is_sent_by_one_of_many_workers(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, *, digest: bool
) -> None:
    """Four at once; where all wait for one opening, each recipient gets one message of all."""
    sqlite = f"sqlite:///{tmp_path / 'duban.db'}"
    url = sqlite if kind == "sqlite" else request.getfixturevalue("founded_postgres")
    text = with_hours("hours: 08:30-17:30" if digest else "urgent: true")
    stage = stage_at(url, text, "2022-01-20 20:00")
    for name in ("li", "zhao", "qian"):
        stage.user(name, "office")
    for number in range(12):
        stage.lag(f"项目{number:02}")
    planned(stage)
    stage.move(at("2022-01-21 08:30"))
    courier = Counting()
    on = Round(stage.post, {"mail": courier}, stage.desk.clock, chance=lambda: 0.0)
    at_once(*[lambda: deliver(on)] * 4)
    assert list(courier.sent.values()) == [1] * (3 if digest else 36)
    assert sum(part.count("》滞后") for part in courier.texts) == 36
    assert {each.state for each in stage.post.deliveries()} == {"sent"}
    stage.office.close()
