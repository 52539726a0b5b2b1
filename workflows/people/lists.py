"""Units and users from a spreadsheet: all of them enter, or none, with every fault at its row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from engine.commands import Refusal
from engine.model import Body, Field, State
from engine.model.base import Titled
from engine.model.fields import FieldType
from workflows.listing import ListRow, TaskList, listed
from workflows.people import accounts, holdings, units
from workflows.people.ports import People
from workflows.people.rights import Roles
from workflows.people.values import ANY, By, Holding, Unit, User
from workflows.rows import Listed, RowRefused

T = TypeVar("T")


def _text(zh: str, en: str, *, required: bool = False) -> Field:
    return Field(type=FieldType.TEXT, required=required, zh=zh, en=en)


UNITS: Mapping[str, Field] = {
    "id": _text("标识", "Id", required=True),
    "title": _text("名称", "Title", required=True),
    "level": _text("层级", "Level", required=True),
    "over": _text("上级单位", "Over"),
    "title_en": _text("英文名称", "English title"),
}
"""The columns of a list of units, by name or title."""

USERS: Mapping[str, Field] = {
    "id": _text("用户名", "User", required=True),
    "name": _text("姓名", "Name"),
    "mail": _text("邮箱", "Mail"),
    "language": Field(
        type=FieldType.CHOICE,
        choices={"zh": Titled(zh="中文", en="Chinese"), "en": Titled(zh="英文", en="English")},
        zh="语言",
        en="Language",
    ),
    "subject": _text("统一身份", "Subject"),
    "role": _text("角色", "Role"),
    "process": _text("流程", "Process"),
    "unit": _text("单位", "Unit"),
}
"""The columns of a list of users: a row for each role, so that one user may stand in several rows."""


def read(path: Path, columns: Mapping[str, Field]) -> TaskList:
    """The rows of a list with these columns. Raises `OSError`, and `ValueError` for a file that is no list."""
    return listed(path, Body(fields=columns, states={"listed": State(zh="在册", en="Listed", initial=True)}))


@dataclass(frozen=True, slots=True)
class Imported:
    """What has entered, by name."""

    names: Sequence[str]


def import_units(people: People, rows: Sequence[ListRow], by: By) -> Imported | Listed:
    """Found the units of a list; a unit may stand before the one over it."""
    now = people.now()

    def enter(within: People, row: ListRow) -> Unit | Refusal:
        told = row.fields
        unit = Unit(
            str(told["id"]), str(told["title"]), str(told["level"]), told.get("over"), now, None, told.get("title_en")
        )
        return units.found(within, unit, by)

    return _all(people, _from_above(rows), enter)


def _from_above(rows: Sequence[ListRow]) -> list[ListRow]:
    """The rows, each after the one of the unit over it, where the list has it."""
    ordered: list[ListRow] = []
    waiting = {str(row.fields["id"]) for row in rows}
    left = list(rows)
    while left:
        ready = [row for row in left if row.fields.get("over") not in waiting] or left
        ordered += ready
        waiting -= {str(row.fields["id"]) for row in ready}
        left = [row for row in left if row not in ready]
    return ordered


def import_users(people: People, rows: Sequence[ListRow], by: By, known: Roles) -> Imported | Listed:
    """Add the users of a list with their roles. They have no password yet."""
    now, added = people.now(), set[str]()

    def enter(within: People, row: ListRow) -> User | Holding | Refusal:
        user = _user(row, now)
        if user.id not in added:
            made = accounts.add_user(within, user, by)
            if isinstance(made, Refusal):
                return made
            added.add(user.id)
        role = row.fields.get("role")
        if role is None:
            return user
        post = str(row.fields.get("process") or ANY), row.fields.get("unit")
        return holdings.grant(within, Holding(user.id, str(role), *post, now), by, known)

    return _all(people, rows, enter)


def _user(row: ListRow, now: datetime) -> User:
    told = row.fields
    name = accounts.tidy(str(told["id"]))
    return User(
        id=name,
        name=told.get("name") or name,
        language="en" if told.get("language") == "en" else "zh",
        created_at=now,
        mail=told.get("mail"),
        subject=told.get("subject"),
    )


class _NotOne(Exception):
    """Some rows are refused: the transaction is left without a trace."""


def _all(people: People, rows: Iterable[ListRow], enter: Callable[[People, ListRow], T | Refusal]) -> Imported | Listed:
    faults, names = [], dict[str, None]()
    with suppress(_NotOne), people.together() as within:
        for row in rows:
            entered = enter(within, row)
            if isinstance(entered, Refusal):
                faults.append(RowRefused(row.row, entered))
            names[str(row.fields["id"])] = None
        if faults:
            raise _NotOne
    return Listed(sorted(faults, key=lambda fault: fault.number)) if faults else Imported(list(names))
