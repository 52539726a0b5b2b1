"""Deadlines as a whole: whether each can run, be met and do what it says when its day passes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.checks.courses import Course
from engine.checks.lengths import cycle, from_start, longer, term_of
from engine.checks.lengths import length as length_of
from engine.checks.ways import Ground, Ways, effects_of
from engine.document import Path
from engine.problems import Problem, Text

_FROM = Text("请核对两边的状态", "compare the `from` of that transition with the states of this deadline")


def of_timing(ground: Ground, ways: Ways) -> Iterator[Problem]:
    """The deadlines of one body."""
    courses = {name: Course(ways, name, rule) for name, rule in ways.site.body.deadlines.items()}
    for name, course in courses.items():
        path = (*ways.site.path, "deadlines", name)
        if not course.starts:
            message = Text(f"时限 `{name}` 永远不会起算", f"the deadline `{name}` never starts")
            cure = Text("请核对 starts、while 和状态", "look at its `starts` and `while`, and at the states")
            yield ground.named("deadline-never", path, message, cure)
            continue
        yield from _met(ground, course, path)
        yield from _fired(ground, course, path)
        yield from _excused(ground, course, path)
        yield from _reminders(ground, course, path)
        yield from _starved(ground, course, courses, path)


def _met(ground: Ground, course: Course, path: Path) -> Iterator[Problem]:
    rule, name = course.rule, course.name
    if not rule.met_by and not rule.cancelled_by and not rule.while_ and rule.owed_by and rule.every is None:
        message = Text(f"没有办法完成 `{name}`，也没有办法取消", f"nothing meets `{name}`, and nothing cancels it")
        cure = Text("写上 met_by，或 cancelled_by", "say `met_by`, or `cancelled_by`")
        yield ground.named("deadline-unmet", path, message, cure)
    origins = [course.ways.origins(way.trigger) for way in rule.met_by]
    if origins and not any(each & course.owed for each in origins):
        triggers = _listed(way.trigger for way in rule.met_by)
        message = Text(
            f"`{name}` 起算后不可能完成：{triggers.zh} 在这些状态下都不能执行",
            f"`{name}` starts and cannot be met: {triggers.en} is impossible in every state from then on",
        )
        yield ground.problem("deadline-unmeetable", (*path, "met_by"), message, _FROM, "error")


def _fired(ground: Ground, course: Course, path: Path) -> Iterator[Problem]:
    """What a deadline fires has to be possible wherever its day may pass."""
    if course.fires is None:
        return
    key = "missed" if course.rule.missed else "lapsed"
    origins = course.ways.origins(course.fires)
    if wrong := course.passes - origins:
        never = not course.passes & origins
        yield _ignored(ground, course, (*path, key, "fire"), course.fires, wrong, never=never)


def _excused(ground: Ground, course: Course, path: Path) -> Iterator[Problem]:
    """What is fired when a late entry shows that a duty was met: after that act, where it has not ended the task."""
    excused, ways = course.rule.excused, course.ways
    if excused is None:
        return
    met = {way.trigger for way in course.rule.met_by}
    after = {move.target for move in ways.moves if move.trigger in met and move.source in course.owed} - ways.finals
    origins = ways.origins(excused.fire)
    if wrong := after - origins:
        never = not after & origins
        yield _ignored(ground, course, (*path, "excused", "fire"), excused.fire, wrong, never=never)


def _ignored(
    ground: Ground, course: Course, path: Path, trigger: str, states: Iterable[str], *, never: bool
) -> Problem:
    here = _listed(each for each in course.ways.site.body.states if each in states)
    message = Text(
        f"`{trigger}` 在 {here.zh} 状态下不能执行，而 `{course.name}` 可能在此到期：只会记下“未执行”",
        f"`{trigger}` is impossible in {here.en}, where the day of `{course.name}` may pass: it would be ignored",
    )
    return ground.problem("firing-ignored", path, message, _FROM, "error" if never else "warning", said=trigger)


def _reminders(ground: Ground, course: Course, path: Path) -> Iterator[Problem]:
    rule, sheet, parameters = course.rule, course.ways.sheet, dict(ground.edition.parameters)
    whole = from_start(sheet, rule.due, parameters)
    for index, reminder in enumerate(rule.remind):
        here = (*path, "remind", index)
        if reminder.after and rule.open_to:
            message = Text(
                "权利到期即失效，此后不再提醒", "a right is over when its day has passed: this never goes out"
            )
            cure = Text("改为到期前提醒", "remind before the day")
            yield ground.problem("reminder-late", here, message, cure, "error", said=reminder.term)
        term = term_of(sheet, reminder.term, parameters)
        if not reminder.after and whole and term and longer(term, whole):
            message = Text(
                f"提前 {term.text('zh')} 提醒，而期限只有 {whole.text('zh')}：不会发出",
                f"{term} before, while the whole term is {whole}: this never goes out",
            )
            cure = Text("缩短提前的时间", "remind later than that")
            yield ground.problem("reminder-early", here, message, cure, "warning", said=reminder.term)


def _starved(ground: Ground, course: Course, courses: Mapping[str, Course], path: Path) -> Iterator[Problem]:
    """Another deadline that passes again and again within the term of this one, and sets it back each time."""
    term = from_start(course.ways.sheet, course.rule.due, dict(ground.edition.parameters))
    if term is None:
        return
    for other in courses.values():
        period = _period(ground, other)
        if other is course or other.fires is None or period is None or period > length_of(term).least:
            continue
        if other.passes & course.passes and (hit := _resets(course, _chain(course.ways, other.fires))):
            message = Text(
                f"`{other.name}` 到期执行 `{hit}`，每次都使 `{course.name}` 重新起算：后者永远不会到期",
                f"`{other.name}` fires `{hit}` again and again, and that starts `{course.name}` anew: it never passes",
            )
            cure = Text("让它另有起算，或不由此重新起算", "let something else restart it")
            yield ground.named("deadline-starved", path, message, cure)


def _period(ground: Ground, course: Course) -> float | None:
    """The most days from one passing of a deadline to the next; None where it does not come again of itself."""
    rule = course.rule
    if rule.every is not None:
        return cycle(rule.every).most
    term = from_start(course.ways.sheet, rule.due, dict(ground.edition.parameters))
    if term is None or course.fires is None or not _resets(course, _chain(course.ways, course.fires)):
        return None
    return length_of(term).most


def _chain(ways: Ways, trigger: str) -> frozenset[str]:
    """A trigger with those that it sets off on the same task."""
    seen, waiting = {trigger}, [trigger]
    while waiting:
        effects = effects_of(ways.sheet.transitions[waiting.pop()])
        new = {each.fire for each in effects if each.fire and each.on == "task"} - seen
        seen |= new
        waiting += new
    return frozenset(seen)


def _resets(course: Course, triggers: Iterable[str]) -> str | None:
    """Which of these triggers starts a deadline (again) where it runs."""
    rule = course.rule
    starts = rule.starts.triggers if rule.starts and rule.key is None else ()
    enters = rule.starts.enter if rule.starts and rule.key is None else ()
    for trigger in sorted(triggers):
        moves = [each for each in course.ways.moves if each.trigger == trigger]
        entered = any(each.target in enters and each.target != each.source for each in moves)
        if trigger in rule.restart_by or trigger in starts or entered:
            return trigger
    return None


def _listed(names: Iterable[str]) -> Text:
    said = [f"`{name}`" for name in names]
    return Text("、".join(said), ", ".join(said))
