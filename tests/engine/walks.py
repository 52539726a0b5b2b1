"""Random processes and random walks through them: the raw material of the properties that hold for every definition."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.calendars import Calendar
from engine.commands import Actor, Decision, Fire, Refusal, Register
from engine.decide import advance, decide, present
from engine.edition import Edition
from engine.events import Event
from engine.loading import load
from engine.reading import read
from engine.task import Family

ROOT = Path(__file__).parents[2]
ZONE = ZoneInfo("Asia/Shanghai")
PEOPLE = (
    Actor("zhang", ("office",)),
    Actor("li", ("office",)),
    Actor("wang", ("lead",), ("bureau",)),
    Actor("zhao", ("lead",), ("other",)),
)


def calendar(name: str = "cn") -> Calendar:
    """A calendar of the product."""
    path = ROOT / "definitions" / "calendars" / f"{name}.yaml"
    document = read(path.read_text(encoding="utf-8"), path.name)
    assert not isinstance(document, list)
    data: Any = document.data
    return Calendar.from_mapping(data)


def edition_of(text: str) -> Edition:
    """A definition that has to be right."""
    loaded = load(text, "process.yaml")
    assert loaded.edition is not None, "\n".join(map(str, loaded.problems))
    return loaded.edition


def random_process(rng: random.Random) -> dict[str, Any]:
    """A definition with random states, transitions, guards, deadlines (pauses, extensions, recurrences), lights and
    a child.
    """
    states = [f"s{number}" for number in range(rng.randint(2, 6))]
    final = "over"
    triggers = [f"t{number}" for number in range(rng.randint(3, 9))]
    timeouts = ["late0", "late1"]
    transitions = [_transition(rng, name, states, final, ["office", "lead"]) for name in triggers]
    transitions += [_transition(rng, name, states, final, ["system"]) for name in timeouts]
    transitions.append(
        {
            "trigger": "correct",
            "zh": "更正",
            "en": "Correct",
            "from": "any",
            "to": "previous",
            "by": {"role": "office", "not": "last.actor"},
        }
    )
    return {
        "process": "random",
        "edition": "1",
        "title": {"zh": "随机", "en": "Random"},
        "timezone": "Asia/Shanghai",
        "calendar": "cn",
        "parameters": {
            "few": {"type": "term", "value": f"{rng.randint(1, 9)} working days", "zh": "几日", "en": "Few"}
        },
        "roles": {
            "office": {"zh": "督查室", "en": "Office", "backdate": True},
            "lead": {"zh": "牵头", "en": "Lead", "unit": "task.unit"},
        },
        "fields": {
            "unit": {"type": "unit", "required": True, "zh": "单位", "en": "Unit"},
            "n": {"type": "integer", "default": 0, "zh": "数", "en": "Number"},
        },
        "registration": {"by": "office"},
        "states": {
            **{name: {"zh": name, "en": name, "initial": name == "s0"} for name in states},
            final: {"zh": "完", "en": "Over", "final": True},
        },
        "transitions": transitions,
        "deadlines": {
            f"d{number}": random_deadline(rng, triggers, timeouts, states) for number in range(rng.randint(1, 4))
        },
        "signals": [{"red": "missed('d0') > 0"}, {"yellow": "this_month > '2022-06' || task.n > 3"}, {"green": True}],
        "children": {"kid": _child(rng)},
    }


def _transition(rng: random.Random, name: str, states: list[str], final: str, by: list[str]) -> dict[str, Any]:
    targets = [*states, "stay", "stay", final]
    guarded = [{"state": rng.choice(targets), "when": rng.choice(_GUARDS)} for _ in range(rng.randint(0, 2))]
    effects = [{"open": "kid", "when": "open_children('kid') < 2"}] if rng.random() < 0.3 else []
    return {
        "trigger": name,
        "zh": name,
        "en": name,
        "by": by,
        "from": rng.choice(["any", rng.sample(states, rng.randint(1, len(states)))]),
        "form": {"x": {"type": "integer", "default": 1, "zh": "值", "en": "Value"}},
        "set": {"n": "task.n + form.x"} if rng.random() < 0.5 else {},
        "to": [*guarded, {"state": rng.choice(targets[:-1]), "otherwise": True}],
        "then": effects,
    }


_GUARDS = (
    "task.n > 2",
    "form.x > 4",
    "streak('d0') >= 2",
    "fired('t0') > 1 && state != 's1'",
    "open_children('kid') > 0",
    "working_days(entered_on, today) > 3",
    "running('d0')",
)


def random_deadline(rng: random.Random, triggers: list[str], timeouts: list[str], states: list[str]) -> dict[str, Any]:
    """A deadline on these triggers and states."""
    rule: dict[str, Any] = {
        "zh": "时限",
        "en": "Deadline",
        "owed_by": "lead",
        "met_by": rng.choice(triggers),
        "remind": rng.sample(
            ["1 working day before", "3 working days before", "2 working days after"], rng.randint(0, 2)
        ),
    }
    shape = rng.random()
    if shape < 0.3:
        rule |= {"every": {"month_end": True, "roll": rng.choice(["none", "next", "previous"])}}
        rule |= {"while": rng.sample(states, rng.randint(1, len(states)))}
    elif shape < 0.65:
        rule |= {
            "starts": rng.choice(triggers),
            "due": rng.choice(["param.few after start", "20 days after start", "3 hours after start"]),
        }
        rule |= {"restart_by": rng.choice(triggers), "extend": {"by": rng.choice(triggers), "up_to": "10 working days"}}
        if "hours" in rule["due"]:
            rule.pop("extend")
        if rng.random() < 0.5:
            rule |= {
                "pause": rng.choice(
                    [{"in": [rng.choice(states)]}, {"while_open": "kid"}, {"by": triggers[0], "until": triggers[1]}]
                )
            }
    else:
        rule |= {
            "starts": {"enter": rng.sample(states, 1)},
            "due": {"term": "5 working days", "after": "start", "roll": "next"},
        }
    if rng.random() < 0.6:
        rule |= {"missed": {"fire": rng.choice(timeouts)}}
    return rule


def _child(rng: random.Random) -> dict[str, Any]:
    return {
        "zh": "子",
        "en": "Kid",
        "cancelled": "dropped",
        "on_parent_end": rng.choice(["cancel", "keep"]),
        "on_end": {"wait_for": rng.choice(["all", "any", 2]), "fire": "late1"},
        "states": {
            "open": {"zh": "开", "en": "Open", "initial": True},
            "shut": {"zh": "关", "en": "Shut", "final": True},
            "dropped": {"zh": "撤", "en": "Dropped", "final": True},
        },
        "transitions": [
            {"trigger": "shut_it", "zh": "关", "en": "Shut", "from": "open", "by": ["office", "system"], "to": "shut"}
        ],
        "deadlines": {
            "answer": {
                "zh": "答复",
                "en": "Answer",
                "open_to": "lead",
                "starts": "registered",
                "due": "4 working days after start",
                "lapsed": {"fire": "shut_it"},
            }
        },
    }


def text_of(process: dict[str, Any]) -> str:
    """A definition as text: JSON is YAML."""
    return json.dumps(process, ensure_ascii=False, indent=1)


class Walk:
    """A family living through random acts; `events` is all that was recorded."""

    def __init__(self, edition: Edition, cn: Calendar, rng: random.Random) -> None:
        self.edition, self.cn, self.rng = edition, cn, rng
        self.family: Family = {}
        self.events: list[Event] = []
        self.refusals = 0
        self.now = datetime(2022, 1, 4, 9, tzinfo=ZONE)
        self._take(Register("r", "", {"unit": "bureau"}, {}, PEOPLE[0], self.now))

    def step(self) -> None:
        """Some time passes, and somebody tries something."""
        self.now += timedelta(hours=self.rng.choice([0, 1, 5, 30, 100, 400]))
        task = self.rng.choice(sorted(self.family))
        triggers = sorted(self.edition.sheets[self.family[task].kind].transitions)
        form = {"x": self.rng.randint(0, 6)} if self.rng.random() < 0.9 else {"y": 1}
        late = self.now - timedelta(days=3) if self.rng.random() < 0.1 else None
        trigger = "correct" if task == "r" and self.rng.random() < 0.15 else self.rng.choice(triggers)
        fire = Fire(
            task,
            trigger,
            form if trigger.startswith("t") else {},
            self.rng.choice(PEOPLE),
            self.now,
            occurred_at=late,
            reason="late" if late else None,
        )
        self.pass_time(self.now)
        self._take(replace(fire, at=present(self.family, self.now)))

    def pass_time(self, until: datetime) -> None:
        """Let time run."""
        passed = advance(self.edition, self.cn, self.family, until)
        self.events.extend(passed.events)
        self.family = passed.family

    def _take(self, command: Register | Fire) -> None:
        outcome = decide(self.edition, self.cn, self.family, command)
        if isinstance(outcome, Refusal):
            self.refusals += 1
            return
        assert isinstance(outcome, Decision)
        self.events.extend(outcome.events)
        self.family = outcome.family
