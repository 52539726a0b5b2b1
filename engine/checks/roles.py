"""Roles: they exist, and a role that is bound to a unit field is used only where that field can be found."""

from __future__ import annotations

from engine.bindings import Binding
from engine.checks.drafts import Draft
from engine.checks.findings import Findings
from engine.document import Path
from engine.model import Process
from engine.model.fields import FieldType
from engine.problems import Text

SYSTEM = "system"
ANYONE = "anyone"
BUILT_IN = frozenset({SYSTEM, ANYONE})

_ROLE = Text("角色", "role")
_UNITS = (FieldType.UNIT, FieldType.UNITS)


def check_roles(process: Process, findings: Findings) -> None:
    """The declared roles themselves."""
    for name, role in process.roles.items():
        if name in BUILT_IN:
            message = Text(f"`{name}` 是内置角色", f"the role `{name}` is built in")
            findings.add("reserved-name", ("roles", name), message, Text("请换一个名称", "choose another name"))
        if role.unit is not None and Binding.parse(role.unit) is None:
            message = Text(f"`{role.unit}` 不是单位的写法", f"`{role.unit}` does not say whose unit")
            cure = Text(
                "请写 task.字段、parent.字段、above(task.字段)（其上一级）或 above(task.字段, 层级)",
                "write `task.FIELD`, `parent.FIELD`, `above(task.FIELD)` or `above(task.FIELD, LEVEL)`",
            )
            findings.add("role-unit", ("roles", name, "unit"), message, cure)


def check_role(draft: Draft, name: str, path: Path, built_in: frozenset[str] = BUILT_IN) -> None:
    """A role as it is used in one body."""
    roles = draft.process.roles
    if name in built_in:
        return
    if name not in roles:
        draft.findings.unknown("unknown-role", _ROLE, name, [*roles, *built_in], path)
        return
    binding = Binding.parse(roles[name].unit or "")
    if binding is not None:
        _check_binding(draft, name, binding, path)


def _check_binding(draft: Draft, name: str, binding: Binding, path: Path) -> None:
    lineage = [site.body.fields for site in draft.site.lineage()]
    steps = binding.steps_up(lineage)
    if steps is None:
        if binding.field in draft.findings.lost:
            return
        message = Text(
            f"角色 `{name}` 取自字段 `{binding.field}`，此处没有这个字段",
            f"the role `{name}` is bound to `{binding.field}`, which is not a field here",
        )
        wanted = binding.field
        cure = Text(f"在 fields 中加上 {wanted}", f"add `{wanted}` to the fields here, or use another role")
        draft.findings.add("role-unit", path, message, cure, name)
        return
    field = lineage[steps][binding.field]
    if field.type not in _UNITS or field.personal:
        message = Text(f"字段 `{binding.field}` 不是单位", f"the field `{binding.field}` is not a unit")
        cure = Text("其类型应为 unit 或 units", "its type should be `unit` or `units`")
        draft.findings.add("role-unit", ("roles", name, "unit"), message, cure)
