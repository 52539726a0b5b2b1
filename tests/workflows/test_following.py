"""Following a record under a draft spares deciding and changes nothing: whatever differs, the same is told as by
deciding everything.
"""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.edition import Edition
from engine.events import Event
from engine.loading import load
from tests.engine.walks import Walk, calendar, edition_of, random_deadline, random_process, text_of
from workflows.authoring import following
from workflows.authoring.backtesting import Period, through
from workflows.authoring.reach import reach

CN = calendar()
Body = dict[str, Any]
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def _target(rng: random.Random, body: Body) -> None:
    branch = rng.choice(rng.choice(body["transitions"][:-1])["to"])
    branch["state"] = rng.choice([*body["states"], "stay"])


def _guard(rng: random.Random, body: Body) -> None:
    branches = [each for one in body["transitions"][:-1] for each in one["to"] if "when" in each]
    if branches:
        rng.choice(branches)["when"] = rng.choice(["task.n > 3", "form.x > 5", "running('d0')", "param.much > 2"])


def _origin(rng: random.Random, body: Body) -> None:
    rng.choice(body["transitions"][:-1])["from"] = rng.sample(sorted(body["states"]), 2)


def _who(rng: random.Random, body: Body) -> None:
    rng.choice(body["transitions"])["by"] = [rng.choice(["office", "lead"])]


def _effect(rng: random.Random, body: Body) -> None:
    rng.choice(body["transitions"][:-1])["then"] = [{"open": "kid"}] if rng.random() < 0.5 else []


def _no_trigger(rng: random.Random, body: Body) -> None:
    del body["transitions"][rng.randrange(len(body["transitions"]) - 1)]


def _term(rng: random.Random, body: Body) -> None:
    body["parameters"]["few"]["value"] = f"{rng.randint(1, 30)} working days"


def _number(rng: random.Random, body: Body) -> None:
    body["parameters"]["much"]["value"] = rng.randint(0, 5)


def _deadline(rng: random.Random, body: Body) -> None:
    triggers = [each["trigger"] for each in body["transitions"] if each["trigger"].startswith("t")]
    states = [name for name in body["states"] if name != "over"]
    name = rng.choice([*body["deadlines"], "d9"])
    body["deadlines"][name] = random_deadline(rng, triggers, ["late0", "late1"], states)


def _new_deadline(rng: random.Random, body: Body) -> None:
    """One that registration starts, any act may start, or time itself asks for."""
    rule = {"zh": "新", "en": "New", "owed_by": "lead", "met_by": "t0", "missed": {"fire": "late0"}}
    rule |= rng.choice(
        [
            {"starts": "registered", "due": "3 working days after start"},
            {"due": "date_or('task.until', start)"},
            {"due": "2 days after task.until"},
            {"every": {"month_end": True}, "when": "today > '2022-02-20'"},
            {"every": {"month_end": True}},
        ]
    )
    body["deadlines"]["d8"] = rule


def _pause(rng: random.Random, body: Body) -> None:
    counted = [rule for rule in body["deadlines"].values() if "every" not in rule]
    if counted:
        pauses = [{"in": ["s1"]}, {"in": ["s0"]}, {"while_open": "kid"}, {"by": "t0", "until": "t1"}]
        rng.choice(counted)["pause"] = rng.choice(pauses)


def _no_deadline(rng: random.Random, body: Body) -> None:
    if len(body["deadlines"]) > 1:
        body["deadlines"].pop(rng.choice(sorted(body["deadlines"])))


def _of_a_deadline(rng: random.Random, body: Body) -> None:
    rule = rng.choice(list(body["deadlines"].values()))
    key, value = rng.choice(
        [
            ("remind", ["2 working days before"]), ("missed", {"fire": "late1"}), ("met_by", "t1"),
            ("cancelled_by", "t2"), ("remind_at", "10:00"), ("notice", "hurry"), ("zh", "期限"), ("when", "task.n > 1"),
            ("while", ["s0", "s1"]), ("advisory", True),
        ]
    )  # fmt: skip
    rule[key] = value


def _order(rng: random.Random, body: Body) -> None:
    body["deadlines"] = dict(rng.sample(list(body["deadlines"].items()), len(body["deadlines"])))


def _light(rng: random.Random, body: Body) -> None:
    body["signals"][0]["red"] = rng.choice(["missed('d0') > 1", "task.n > param.much", "state == 's1'"])


def _words(_rng: random.Random, body: Body) -> None:
    body["states"]["s0"]["zh"], body["transitions"][0]["en"], body["edition"] = "起", "First", "2"


def _child(rng: random.Random, body: Body) -> None:
    kid = body["children"]["kid"]
    kid["deadlines"]["answer"]["due"] = f"{rng.randint(1, 8)} working days after start"
    kid["on_parent_end"] = rng.choice(["cancel", "keep", kid["on_parent_end"]])


def _required(_rng: random.Random, body: Body) -> None:
    body["transitions"][0]["form"]["x"]["required"] = True


CHANGES: Sequence[Callable[[random.Random, Body], None]] = (
    _target, _guard, _origin, _who, _effect, _no_trigger, _term, _number, _deadline, _no_deadline, _of_a_deadline,
    _of_a_deadline, _new_deadline, _new_deadline, _pause, _pause, _order, _light, _words, _child, _required,
)  # fmt: skip


def _process(rng: random.Random) -> Body:
    body = random_process(rng)
    body["fields"]["until"] = {"type": "date", "zh": "至", "en": "Until"}
    for each in body["transitions"][:2]:
        each["form"]["until"] = {"type": "date", "default": "2022-03-01", "zh": "至", "en": "Until"}
        each["set"]["until"] = "form.until"
    again = {"trigger": "open_it", "zh": "再开", "en": "Open again", "from": "shut", "by": "office", "to": "open"}
    body["children"]["kid"]["transitions"].append(again)
    body["parameters"]["much"] = {"type": "integer", "value": 3, "zh": "多", "en": "Much"}
    if rng.random() < 0.5:
        body["measures"] = {"far": {"value": "task.n - param.much", "zh": "远", "en": "Far"}}
        body["transitions"][0]["to"].insert(0, {"state": "s1", "when": "measure.far > 1.0"})
    return body


def _draft(rng: random.Random, process: Body) -> Edition | None:
    body = copy.deepcopy(process)
    for change in rng.choices(CHANGES, k=rng.choice([0, 1, 1, 1, 2, 3])):
        change(rng, body)
    return load(text_of(body), "draft.yaml").edition


def _lived(rng: random.Random, edition: Edition) -> Walk:
    walk = Walk(edition, CN, rng)
    for _ in range(rng.randint(3, 25)):
        walk.step()
    return walk


def _periods(rng: random.Random, walk: Walk) -> list[Period]:
    """From the beginning until now, and any other."""
    first = walk.events[0].occurred_at
    length = walk.now - first
    since, until = sorted(first + length * rng.random() for _ in range(2))
    return [Period(BEGINNING, walk.now), Period(since, max(until, since + timedelta(hours=1)))]


@pytest.mark.parametrize("seed", range(30))
def test_what_is_told_is_the_same_as_by_deciding_everything(seed: int) -> None:
    rng = random.Random(seed)
    process = _process(rng)
    recorded = edition_of(text_of(process))
    walk = _lived(rng, recorded)
    drafts = [draft for _ in range(8) if (draft := _draft(rng, process)) is not None]
    assert drafts
    for draft in drafts:
        found = reach(recorded, draft)
        for period in _periods(rng, walk):
            whole = through(draft, CN, walk.events, period)
            assert through(draft, CN, walk.events, period, None, None, {recorded.digest: found}.get) == whole


def test_a_record_is_followed_to_its_end_where_nothing_touches_it_and_to_the_first_that_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That following happens at all, and that all of its ways are taken by the drafts above."""
    followed: Counter[str] = Counter()

    def counting(family: Any, decisions: following.Decisions, reaches: following.Reaches) -> int:
        count = following.follow(family, decisions, reaches)
        followed["all" if count == len(decisions) else "some" if count else "none"] += 1
        return count

    def deciding(family: Any, recorded: Sequence[Event]) -> Any:
        again = agains(family, recorded)
        followed["otherwise" if again is None else "again"] += 1
        return again

    agains = following._again
    monkeypatch.setattr("workflows.authoring.backtesting.follow", counting)
    monkeypatch.setattr(following, "_again", deciding)
    for seed in range(30, 50):
        test_what_is_told_is_the_same_as_by_deciding_everything(seed)
    assert min(followed[way] for way in ("all", "some", "none", "otherwise", "again")) > 20, followed
