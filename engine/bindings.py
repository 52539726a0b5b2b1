"""Roles that are bound to a unit: whose people act. The forms that a role's `unit` may have.

    task.lead_unit                 the unit in that field: of the task itself or, in a child without such a field,
                                   of the nearest parent that has it
    parent.lead_unit               the same, beginning with the parent
    above(task.lead_unit)          the unit directly over it; `above(above(task.lead_unit))` the one over that
    above(task.lead_unit, office)  the nearest unit of that level, at or above it

Which field is meant depends on the body in which the role is used, and so on the lineage of that body alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, cast

_FORM = re.compile(r"(task|parent)\.([a-z][a-z0-9_]*)")
_ABOVE = re.compile(r"above\(\s*(.+?)\s*(?:,\s*(['\"]?)([^'\"()\s,]+)\2\s*)?\)")


@dataclass(frozen=True, slots=True)
class Binding:
    """A parsed `unit`: where to begin, the field that holds the unit, and how to climb from there, step by step: to the
    nearest unit of a level, or ("") to the one directly over.
    """

    begin: Literal["task", "parent"]
    field: str
    climbs: tuple[str, ...] = ()

    @staticmethod
    @lru_cache(maxsize=256)
    def parse(text: str) -> Binding | None:
        """Read one of the forms; None where the text is none of them."""
        if found := _FORM.fullmatch(text.strip()):
            return Binding(cast('Literal["task", "parent"]', found[1]), found[2])
        if found := _ABOVE.fullmatch(text.strip()):
            inner = Binding.parse(found[1])
            return replace(inner, climbs=(*inner.climbs, found[3] or "")) if inner is not None else None
        return None

    def steps_up(self, lineage: Iterable[Mapping[str, Any]]) -> int | None:
        """How many parents up the field stands: `lineage` holds the fields of the body, its parent, and so on."""
        for steps, fields in enumerate(lineage):
            if self.field in fields and (steps or self.begin == "task"):
                return steps
        return None
