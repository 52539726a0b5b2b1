"""What a process holds: fields with their defaults, parameters, milestones, names, time zone, rules it cites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine import vocabulary
from engine.checks.drafts import Draft
from engine.checks.effects import PARENT
from engine.checks.findings import Findings
from engine.document import Path
from engine.model import Process
from engine.model.fields import Field, FieldType, Parameter
from engine.problems import Text, ValueProblem
from engine.values import parse_value

MEMBERS = "members"
RESERVED_CHILDREN = frozenset({PARENT, MEMBERS, "programme"})
UNSPEAKABLE = frozenset({"in", "true", "false", "null"})
"""Names that the language of guards cannot say, even after a dot."""
BUILT_IN_FUNCTIONS = frozenset(
    {
        *(each.name for each in vocabulary.FUNCTIONS),
        "count",
        "has",
        "size",
        "all",
        "exists",
        "exists_one",
        "filter",
        "map",
        "matches",
        "double",
        "int",
        "string",
        "bool",
        "type",
    }
)


def check_process(process: Process, findings: Findings) -> None:
    """What belongs to the process as a whole."""
    try:
        ZoneInfo(process.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = Text(f"没有名为 `{process.timezone}` 的时区", f"unknown time zone `{process.timezone}`")
        cure = Text("请写 Asia/Shanghai 这样的名称", "write a name such as `Asia/Shanghai`")
        findings.add("unknown-timezone", ("timezone",), message, cure)
    for name, parameter in process.parameters.items():
        _check_parameter(findings, parameter, ("parameters", name))
    _check_speakable(findings, process.parameters, ("parameters",))
    _check_exhortations(process, findings)


def check_record(draft: Draft) -> None:
    """The fields, forms and milestones of one body, and its children's names."""
    body, path = draft.site.body, draft.site.path
    _check_fields(draft.findings, body.fields, (*path, "fields"))
    _check_written(draft.findings, body.fields, (*path, "fields"))
    for index, transition in enumerate(body.transitions):
        here = (*path, "transitions", index, "form")
        _check_fields(draft.findings, transition.form, here)
        _check_asked(draft.findings, transition.form, here)
    if body.milestones is not None:
        here = (*path, "milestones", "fields")
        _check_fields(draft.findings, body.milestones.fields, here)
        _check_asked(draft.findings, body.milestones.fields, here)
        for name in sorted(BUILT_IN_FUNCTIONS & set(body.milestones.fields)):
            _reserved(draft.findings, name, (*here, name))
    _check_speakable(draft.findings, body.measures, (*path, "measures"))
    for name in sorted(RESERVED_CHILDREN & set(body.children)):
        _reserved(draft.findings, name, (*path, "children", name))


def _reserved(findings: Findings, name: str, path: Path) -> None:
    message = Text(f"`{name}` 另有含义，不能用作名称", f"`{name}` already means something else and cannot be a name")
    findings.add("reserved-name", path, message, Text("请换一个名称", "choose another name"))


def _check_speakable(findings: Findings, names: Mapping[str, Any], path: Path) -> None:
    for name in sorted(UNSPEAKABLE & set(names)):
        _reserved(findings, name, (*path, name))


def _check_fields(findings: Findings, fields: Mapping[str, Field], path: Path) -> None:
    _check_speakable(findings, fields, path)
    for name, field in fields.items():
        if field.default is not None:
            _check_given(findings, field, field.default, (*path, name, "default"))
        if field.columns:
            _check_fields(findings, field.columns, (*path, name, "columns"))
            _check_asked(findings, field.columns, (*path, name, "columns"))


def _check_written(findings: Findings, fields: Mapping[str, Field], path: Path) -> None:
    """What transitions alone write cannot be demanded of whoever registers, nor be fixed for ever."""
    for name, field in fields.items():
        for word in ("required", "immutable"):
            if field.written_by is not None and getattr(field, word):
                message = Text(
                    f"`{name}` 只由操作写入，不能同时是 {word}",
                    f"`{name}` is written by transitions alone: it cannot be `{word}` too",
                )
                cure = Text(f"删去 {word}；要有初值，写 default", f"remove `{word}`; `default` gives it a first value")
                findings.add("written-by", (*path, name, word), message, cure, name)


def _check_asked(findings: Findings, fields: Mapping[str, Field], path: Path) -> None:
    """`written_by` is a word of the record: forms, plans and columns are filled in by people."""
    for name, field in fields.items():
        if field.written_by is not None:
            message = Text(f"`{name}` 须由人填写，不能由操作写入", f"`{name}` is filled in by people here")
            cure = Text("written_by 只用于 fields 下的字段，请删去", "`written_by` belongs to `fields`: remove it here")
            findings.add("written-by", (*path, name, "written_by"), message, cure, name)


def _check_given(findings: Findings, field: Field, raw: Any, path: Path) -> None:
    try:
        parse_value(field, raw)
    except ValueProblem as problem:
        findings.add("wrong-value", path, problem.text)


def _check_parameter(findings: Findings, parameter: Parameter, path: Path) -> None:
    if parameter.type in (FieldType.CHOICE, FieldType.ROWS):
        message = Text(f"参数不能是 {parameter.type} 类型", f"a parameter cannot be of type {parameter.type}")
        cure = Text("请用 text 等类型", "use `text`, a number, `term`, `date` …")
        findings.add("wrong-value", (*path, "type"), message, cure)
        return
    field = Field(type=parameter.type, zh=parameter.zh, en=parameter.en)
    if parameter.values is None:
        _check_given(findings, field, parameter.value, (*path, "value"))
    for key, raw in (parameter.values or {}).items():
        _check_given(findings, field, raw, (*path, "values", key))


def _check_exhortations(process: Process, findings: Findings) -> None:
    """A rule that no machine can keep is listed as an exhortation: a line cannot also claim to keep it."""
    for path in findings.document.keys:
        if path[-1] != "rule" or path[-2:-1] in (("set",), ("with",)) or path[0] == "exhortations":
            continue
        for rule in findings.cited(path):
            if rule in process.exhortations:
                message = Text(f"规则 `{rule}` 已列为倡导性条款", f"the rule `{rule}` is listed under `exhortations`")
                cure = Text("两处只留一处", "cite it here or list it there, not both")
                findings.add("cited-exhortation", path, message, cure, rule)
