"""A process as large as any office has drawn up: fifty states and twenty deadlines, with the guards, counts and claims
that procedures have. Sixteen deadlines watch one step each, four run through the whole of the process side by side.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

STAGES, RUNNING = 8, 4
"""Stages of six states and two deadlines each, and deadlines that run through all of them."""

Body = dict[str, Any]


def text() -> str:
    """The definition as JSON, which is YAML too."""
    return json.dumps(definition(), ensure_ascii=False, indent=1)


def definition() -> Body:
    """Fifty states: eight stages, one aside, and one end."""
    stages = range(STAGES)
    return {
        "process": "large",
        "edition": "1",
        "title": _said("大型流程", "Large"),
        "timezone": "Asia/Shanghai",
        "calendar": "cn",
        "roles": {
            "office": _said("督查室", "Office"),
            "lead": _said("牵头单位", "Lead unit") | {"unit": "task.lead_unit"},
        },
        "fields": _fields(),
        "registration": {"by": "office"},
        "states": _states(),
        "transitions": [*(each for stage in stages for each in _transitions(stage)), *_aside()],
        "deadlines": {name: rule for stage in stages for name, rule in _deadlines(stage)} | dict(_through()),
        "properties": _claims(),
    }


def _said(zh: str, en: str) -> Body:
    return {"zh": zh, "en": en}


def _fields() -> Body:
    grades = {"plain": _said("一般", "Plain"), "grave": _said("重大", "Grave")}
    return {
        "title": _said("事项", "Task") | {"type": "text", "required": True},
        "lead_unit": _said("牵头单位", "Lead unit") | {"type": "unit", "required": True},
        "grade": _said("等级", "Grade") | {"type": "choice", "choices": grades, "default": "plain"},
        "percent": _said("进度", "Progress") | {"type": "percent", "default": 0},
    }


STEPS = {
    "open": ("办理", "Open"),
    "late": ("滞后", "Late"),
    "talk": ("约谈", "Talk"),
    "filed": ("已报", "Filed"),
    "check": ("核查", "Check"),
    "back": ("退回", "Sent back"),
}


def _states() -> Body:
    found: Body = {
        f"{step}_{stage}": _said(f"{zh}{stage}", f"{en} {stage}")
        for stage in range(STAGES)
        for step, (zh, en) in STEPS.items()
    }
    found["open_0"]["initial"] = True
    return found | {"aside": _said("中止", "Aside"), "done": _said("办结", "Done") | {"final": True}}


def _transitions(stage: int) -> Iterator[Body]:
    """One stage: it lapses, is called to a talk, files, is checked, sent back, and goes on."""

    def step(trigger: str, zh: str, origins: list[str], by: str, to: Any, **more: Any) -> Body:
        states = [f"{origin}_{stage}" for origin in origins]
        head = {"trigger": f"{trigger}_{stage}", "from": states, "by": by, "to": to}
        return head | _said(f"{zh}{stage}", f"{trigger} {stage}") | more

    following = f"open_{stage + 1}" if stage + 1 < STAGES else "done"
    form = {"percent": _said("进度", "Progress") | {"type": "percent", "required": True}}
    enough = f"form.percent >= {(stage + 1) * 100 / STAGES}"
    yield step("lapse", "滞后", ["open", "back"], "system", f"late_{stage}")
    yield step("call", "约谈", ["late"], "system", f"talk_{stage}")
    yield step(
        "file", "报送", ["open", "late", "talk", "back"], "lead",
        [{"state": f"filed_{stage}", "when": enough}, {"state": "stay", "otherwise": True}],
        form=form, set={"percent": "form.percent"},
    )  # fmt: skip
    yield step("take", "受理", ["filed"], "office", f"check_{stage}")
    yield step(
        "return", "退回", ["check"], "office",
        [{"state": f"talk_{stage}", "when": f"fired('return_{stage}') > 1 || task.grade == 'grave'"},
         {"state": f"back_{stage}", "otherwise": True}],
    )  # fmt: skip
    yield step("pass", "通过", ["check"], "office", following)


def _aside() -> Iterator[Body]:
    states = [f"{step}_{stage}" for stage in range(STAGES) for step in ("open", "late", "back")]
    yield {"trigger": "put_aside", "from": states, "by": "office", "to": "aside"} | _said("中止", "Put aside")
    yield {"trigger": "take_up", "from": "aside", "by": "office", "to": "open_0"} | _said("恢复", "Take up")
    form = {
        "grade": _said("等级", "Grade") | {"type": "choice", "required": True, "choices": _fields()["grade"]["choices"]}
    }
    regrade: Body = {"trigger": "regrade", "from": states, "by": "office", "to": "stay", "form": form}
    yield regrade | {"set": {"grade": "form.grade"}} | _said("调整等级", "Regrade")
    for number in range(RUNNING):
        branches = [{"state": "aside", "when": f"task.grade == 'grave' && task.percent < {(number + 1) * 25}.0"}]
        to = [*branches, {"state": "stay", "otherwise": True}]
        head: Body = {"trigger": f"call_up_{number}", "from": "any", "by": "system", "to": to}
        yield head | _said(f"提级{number}", f"Call up {number}")


def _deadlines(stage: int) -> Iterator[tuple[str, Body]]:
    for name, zh, states, days, fire in (
        ("finish", "办理", [f"open_{stage}", f"back_{stage}"], 10 + stage, "lapse"),
        ("answer", "说明", [f"late_{stage}"], 5, "call"),
    ):
        rule: Body = {"owed_by": "lead", "while": states, "due": f"{days} working days after start"}
        rule |= {"met_by": f"file_{stage}", "remind": "2 working days before", "missed": {"fire": f"{fire}_{stage}"}}
        yield f"{name}_{stage}", rule | _said(f"{zh}{stage}", f"{name} {stage}")


def _through() -> Iterator[tuple[str, Body]]:
    for number in range(RUNNING):
        rule: Body = {"owed_by": "lead", "starts": "registered", "due": f"{(number + 1) * 90} days after start"}
        rule |= {"met_by": f"pass_{2 * number + 1}", "remind": "5 working days before"}
        rule |= {"missed": {"fire": f"call_up_{number}"}}
        yield f"stage_{number}", rule | _said(f"阶段{number}", f"Stage {number}")


def _claims() -> list[Body]:
    return [
        {"name": "nothing is done unfinished", "never": {"state": "done"}, "when": "task.percent < 100.0"},
        {
            "name": "lag is answered",
            "from": "late_3",
            "reaches": ["talk_3", "filed_3", "aside"],
            "within": "8 working days",
        },
        {"name": "whatever happens, it can be done", "can_reach": "done"},
        {"name": "a talk is earned", "never": {"state": "done"}, "when": "fired('pass_7') < 1"},
    ]
