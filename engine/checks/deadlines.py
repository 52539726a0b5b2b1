"""Deadlines: what starts, meets, stops or ends them exists, and their dates and terms make sense."""

from __future__ import annotations

from collections.abc import Iterable

from engine.checks.drafts import Draft, Words
from engine.checks.effects import check_fired
from engine.checks.flow import check_states, check_triggers, form_words
from engine.checks.roles import ANYONE, check_role
from engine.document import Path
from engine.expressions import Kind
from engine.model import Deadline, Pause
from engine.problems import Text


def check_deadlines(draft: Draft) -> None:
    """Every deadline of one body."""
    for name, deadline in draft.site.body.deadlines.items():
        path = (*draft.site.path, "deadlines", name)
        _check_start(draft, deadline, path)
        _check_people(draft, deadline, path)
        _check_dates(draft, deadline, path)
        _check_met(draft, deadline, path)
        _check_extension(draft, deadline, path)
        _check_consequences(draft, deadline, path)
        check_triggers(draft, deadline.restart_by, (*path, "restart_by"))
        check_triggers(draft, deadline.cancelled_by, (*path, "cancelled_by"))
        for index, pause in enumerate(deadline.pause):
            _check_pause(draft, pause, (*path, "pause", index))


def _check_start(draft: Draft, deadline: Deadline, path: Path) -> None:
    if not _has_start(deadline) and not draft.findings.is_mended(path):
        cure = Text("写明 starts、while、every 或 for_each", "say `starts`, `while`, `every` or `for_each`")
        draft.findings.add("no-start", path, Text("没有说明何时起算", "nothing starts this deadline"), cure)
    if deadline.starts:
        check_triggers(draft, deadline.starts.triggers, (*path, "starts", "triggers"))
        check_states(draft, deadline.starts.enter, (*path, "starts", "enter"))
    check_states(draft, deadline.while_, (*path, "while"))
    if deadline.for_each and draft.site.body.milestones is None:
        message = Text("本流程没有定义节点", "there are no milestones here")
        cure = Text("请先定义 milestones", "define `milestones` first")
        draft.findings.add("no-milestones", (*path, "for_each"), message, cure)


def _has_start(deadline: Deadline) -> bool:
    return bool(deadline.starts or deadline.while_ or deadline.every or deadline.for_each)


def _check_people(draft: Draft, deadline: Deadline, path: Path) -> None:
    if deadline.owed_by:
        check_role(draft, deadline.owed_by, (*path, "owed_by"), frozenset())
    if deadline.open_to:
        check_role(draft, deadline.open_to, (*path, "open_to"), frozenset({ANYONE}))


def _check_dates(draft: Draft, deadline: Deadline, path: Path) -> None:
    starts = deadline.starts.triggers if deadline.starts else ()
    words = _words(draft, (*starts, *deadline.restart_by)) if _has_start(deadline) else Words(forms=None, start=True)
    draft.guard(deadline.when, (*path, "when"), words)
    if deadline.key is not None:
        draft.value(deadline.key, Kind.TEXT, (*path, "key"), words)
    if deadline.due is not None:
        draft.due(deadline.due, (*path, "due"), words)
    for index, reminder in enumerate(deadline.remind):
        draft.term(reminder.term, (*path, "remind", index, "term"), words)


def _check_met(draft: Draft, deadline: Deadline, path: Path) -> None:
    for index, met in enumerate(deadline.met_by):
        here, words = (*path, "met_by", index), _words(draft, (met.trigger,))
        check_triggers(draft, [met.trigger], (*here, "trigger"))
        draft.guard(met.when, (*here, "when"), words)
        if met.for_ is not None:
            draft.value(met.for_, Kind.TEXT, (*here, "for"), words)
        if met.at is not None:
            draft.day(met.at, (*here, "at"), words)


def _check_extension(draft: Draft, deadline: Deadline, path: Path) -> None:
    extend, here = deadline.extend, (*path, "extend")
    if extend is None:
        return
    words = _words(draft, extend.by)
    check_triggers(draft, extend.by, (*here, "by"))
    draft.term(extend.up_to, (*here, "up_to"), words)
    if extend.amount is not None:
        draft.amount(extend.amount, (*here, "amount"), words)
    if extend.to is not None:
        draft.day(extend.to, (*here, "to"), words)


def _check_pause(draft: Draft, pause: Pause, path: Path) -> None:
    check_triggers(draft, pause.by, (*path, "by"))
    check_triggers(draft, pause.until, (*path, "until"))
    check_states(draft, pause.in_, (*path, "in"))
    children = draft.site.body.children
    if pause.while_open is not None and pause.while_open not in children:
        noun = Text("子事项", "child")
        draft.findings.unknown("unknown-child", noun, pause.while_open, children, (*path, "while_open"))


def _check_consequences(draft: Draft, deadline: Deadline, path: Path) -> None:
    for name in ("missed", "lapsed", "excused"):
        if (fire := getattr(deadline, name)) is not None:
            check_fired(draft, draft.site, fire.fire, (*path, name, "fire"))
    if deadline.notice is not None and deadline.notice not in draft.site.body.notices:
        noun, known = Text("通知", "notice"), draft.site.body.notices
        draft.findings.unknown("unknown-notice", noun, deadline.notice, known, (*path, "notice"))


def _words(draft: Draft, triggers: Iterable[str]) -> Words:
    """What an expression about these triggers may say: the fields of their forms, and the `start`."""
    wanted = set(triggers)
    if not wanted <= set(draft.site.triggers):
        return Words(forms=None, start=True)
    forms = (form_words("form", each.form.items()) for each in draft.site.body.transitions if each.trigger in wanted)
    return Words(forms=frozenset().union(*forms), start=True)
