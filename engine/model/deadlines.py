"""Deadlines: who owes what by when, what warns before, what stops the clock, and what follows when it passes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator
from pydantic import Field as Key

from engine.every import Every
from engine.model.base import Guard, Model, Name, Names, Rules, Slug, Titled, as_list
from engine.problems import Mistake, Text


class Due(Model):
    """A date as a rule: a term after (or before) an anchor, a date, or the latest or earliest of several rules.

    The short form is one sentence: `15 working days after start`, `form.deadline`, `before 2022-12-25`. `roll` moves
    a last day that is not a working day; `including: false` reads "before D" without D; `count_start` counts the
    first day too.
    """

    term: Guard | None = None
    after: Guard | None = None
    before: Guard | None = None
    date: Guard | None = None
    latest_of: tuple[DueLike, ...] | None = None
    earliest_of: tuple[DueLike, ...] | None = None
    roll: Literal["none", "next", "previous"] = "none"
    at: Annotated[str, Key(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None = None
    including: bool = True
    count_start: bool = False

    @model_validator(mode="after")
    def _is_one_rule(self) -> Due:
        shapes = [
            self.term is not None,
            self.date is not None,
            self.latest_of is not None,
            self.earliest_of is not None,
        ]
        if sum(shapes) != 1:
            raise Mistake(
                Text(
                    "到期日从 `term`、`date`、`latest_of`、`earliest_of` 中任写一项",
                    "a due date is one of `term`, `date`, `latest_of`, `earliest_of`",
                )
            )
        if (self.term is not None) != ((self.after is not None) != (self.before is not None)):
            raise Mistake(
                Text(
                    "`term` 写且只写一个起算点：`after` 或 `before`；其他写法没有起算点",
                    "a `term` has one anchor: `after` or `before`; nothing else has",
                )
            )
        return self


def _due(value: Any) -> Any:
    """The short form: `TERM after ANCHOR`, `TERM before ANCHOR`, `before DATE`, or a date."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("before "):
        return {"date": text.removeprefix("before ").strip(), "including": False}
    for word in ("after", "before"):
        term, found, anchor = text.partition(f" {word} ")
        if found:
            return {"term": term.strip(), word: anchor.strip()}
    return {"date": text}


DueLike = Annotated[Due, BeforeValidator(_due)]


class Pause(Model):
    """What stops the clock: from one trigger until another, in some states, or while a child of a kind is open."""

    by: Names = ()
    until: Names = ()
    in_: Names = ()
    while_open: Name | None = None

    @model_validator(mode="after")
    def _is_one_rule(self) -> Pause:
        if sum((bool(self.by), bool(self.in_), self.while_open is not None)) != 1 or bool(self.by) != bool(self.until):
            raise Mistake(
                Text(
                    "中止有三种写法：`by` 某操作 `until` 另一操作，`in` 若干状态，或 `while_open` 某种子事项",
                    "a pause is `by` a trigger `until` another, `in` states, or `while_open` a child",
                )
            )
        return self


class Extend(Model):
    """Who may give more time: `by` a trigger, by an `amount` of the cap's unit or `to` a date, `up_to` a cap in all,
    `at_most` so many times, by default only before it is due.
    """

    by: Names
    up_to: Guard
    amount: Guard | None = None
    to: Guard | None = None
    at_most: int | None = None
    before_due: bool = True
    rule: Rules = ()


class MetBy(Model):
    """What meets a deadline: a trigger, `for` the key that it names, `when` a guard holds, `at` the date that it
    states.
    """

    trigger: Name
    for_: Guard | None = None
    at: Guard | None = None
    when: Guard | None = None


def _met_by(value: Any) -> Any:
    return [{"trigger": item} if isinstance(item, str) else item for item in as_list(value) or []]


class Reminder(Model):
    """A rung of the ladder before (or after) the due date, in working days; each fires once at most."""

    term: Guard
    after: bool = False


def _reminders(value: Any) -> Any:
    return [_reminder(item) for item in as_list(value) or []]


def _reminder(item: Any) -> Any:
    if not isinstance(item, str):
        return item
    term, _, side = item.rpartition(" ")
    if side not in ("before", "after"):
        raise Mistake(
            Text(
                "提醒写作 `3 working days before`（到期前）或 `2 working days after`（到期后）",
                "a reminder reads `3 working days before` or `2 working days after`",
            )
        )
    return {"term": term, "after": side == "after"}


class Fire(Model):
    """A deadline only fires a trigger; what follows stands on that transition."""

    fire: Name


class Starts(Model):
    """What starts an occurrence: registration, triggers, or entering states."""

    registered: bool = False
    triggers: Names = ()
    enter: Names = ()


def _starts(value: Any) -> Any:
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        for item in value:
            _no_date(item)
        names = [item for item in value if item != "registered"]
        return {"registered": "registered" in value, "triggers": names}
    return value


def _no_date(name: Any) -> None:
    """Raises `Mistake` for a day from which people mean to count: it belongs to `due`."""
    if isinstance(name, str) and name.partition(".")[0] in ("task", "form", "param", "parent") and "." in name:
        raise Mistake(
            Text(f"`{name}` 是日子，不是起算的操作", f"`{name}` is a day, and no trigger that starts it"),
            Text(
                f"请写 starts: registered（或操作、while），并在 due 中写 … after {name}",
                f"write `starts: registered` (or a trigger, or `while`), and in `due` … after {name}",
            ),
        )


class Deadline(Titled):
    """A duty (`owed_by`: missed, and still owed) or a right (`open_to`: lapses). One occurrence, one a period
    (`every`), or one a milestone (`for_each: milestones`); each has a key.
    """

    owed_by: Name | None = None
    open_to: Name | None = None
    starts: Annotated[Starts, BeforeValidator(_starts)] | None = None
    while_: Names = ()
    when: Guard | None = None
    every: Every | None = None
    for_each: Literal["milestones"] | None = None
    key: Guard | None = None
    due: DueLike | None = None
    pause: Annotated[tuple[Pause, ...], BeforeValidator(as_list)] = ()
    restart_by: Names = ()
    cancelled_by: Names = ()
    extend: Extend | None = None
    met_by: Annotated[tuple[MetBy, ...], BeforeValidator(_met_by)] = ()
    remind: Annotated[tuple[Reminder, ...], BeforeValidator(_reminders)] = ()
    remind_at: Annotated[str, Key(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "09:00"
    notice: Slug | None = None
    missed: Fire | None = None
    lapsed: Fire | None = None
    excused: Fire | None = None
    advisory: bool = False
    catch_up: Literal["each", "latest", "none"] = "each"
    rule: Rules = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Deadline:
        if (self.owed_by is None) == (self.open_to is None):
            raise Mistake(
                Text(
                    "时限或是义务（`owed_by`），或是权利（`open_to`），任写一项",
                    "a deadline is a duty (`owed_by`) or a right (`open_to`)",
                )
            )
        if (self.every is None) == (self.due is None):
            raise Mistake(Text("时限的 `due` 和 `every` 任写一项", "a deadline has either `due` or `every`"))
        if (self.missed and self.open_to) or (self.lapsed and self.owed_by):
            raise Mistake(Text("义务逾期用 `missed`，权利届满用 `lapsed`", "a duty is `missed`, a right has `lapsed`"))
        if self.catch_up != "each" and (self.missed or self.lapsed):
            raise Mistake(
                Text(
                    "到期触发操作的时限，错过的逐个补办，不能另写 catch_up",
                    "a deadline that fires a trigger always catches up one by one",
                )
            )
        return self

    @property
    def role(self) -> str:
        """Who owes it, or to whom it is open."""
        return self.owed_by or self.open_to or ""


Due.model_rebuild()
