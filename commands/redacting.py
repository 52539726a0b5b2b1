"""Erasing personal data with every proof intact: `duban redact`. An order takes two people: `duban approve R-1`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from commands.render import answer, table
from commands.session import Session, wrong

if TYPE_CHECKING:
    from engine.commands import Actor
    from engine.edition import Edition
    from storage.erasing import SqlEraser
    from workflows.desk import Desk
    from workflows.redaction.carrying import Finished
    from workflows.redaction.preview import Preview
    from workflows.redaction.values import Order, Wanted

TASK = "事项编号 / The id of a task."
NAMES = "字段名；reason 为办理理由，source 为在办依据，milestones 为全部节点 / Fields; or reason, source, milestones."
EVENTS = "只删这几条记录中的，默认全部 / Only in these events; by default in all."
FILES = "佐证材料的摘要，其内容一并删除 / A piece of evidence by its digest: its bytes go too."
REASON = "理由，永久记入历史 / Why; it stays in the history."
ALONE = "只有一位管理员时，一人办理 / By one person, where there is no other administrator."
USER = "已停用的用户名 / A user whose account is closed."


def eraser_of(desk: Desk) -> SqlEraser:
    """What erases in the database of a desk."""
    from storage.erasing import SqlEraser
    from storage.sql_store import SqlStore

    assert isinstance(desk.store, SqlStore), "a task is kept in a database"
    return SqlEraser(desk.store.engine)


@click.group(
    help="删除个人信息，证明不受影响：报批，另一人批准后即办（duban approve R-1）"
    " / Erase personal data with every proof intact: ask; when another approves (duban approve R-1) it is done."
)
def redact() -> None:
    """The group."""


@redact.command(help="先看会删哪些、别处还有哪些 / Look what would go, and where else it stands.")
@click.argument("task", help=TASK)
@click.argument("names", nargs=-1, help=NAMES)
@click.option("--event", "events", type=int, multiple=True, metavar="N", help=EVENTS)
@click.pass_obj
def look(on: Session, task: str, names: tuple[str, ...], events: tuple[int, ...]) -> None:
    from engine.commands import Refusal
    from workflows.redaction.ordering import may_ask
    from workflows.redaction.preview import preview
    from workflows.redaction.values import Wanted

    with on.desk() as desk:
        wanted = Wanted(task, names or _all(on, desk, task), events)
        refusal = on.tried(desk, _process(desk, task), lambda actor: may_ask(desk, wanted, actor) or ())
        found = refusal if isinstance(refusal, Refusal) else preview(desk, eraser_of(desk), wanted)
        edition = _edition(desk, task)
    if isinstance(found, Refusal):
        raise on.refused(found, edition)
    answer(on, found.to_json(), _shown(on, found))


def _all(on: Session, desk: Desk, name: str) -> tuple[str, ...]:
    """Whatever may be erased of a task."""
    from engine.commands import Refusal
    from workflows.redaction.preview import names_in

    task = desk.store.task(name)
    if task is None:
        raise on.refused(Refusal("unknown_task", {"task": name}))
    return names_in(desk, task)


def _edition(desk: Desk, name: str) -> Edition | None:
    """The edition of a task, whose words a refusal uses."""
    task = desk.store.task(name)
    return desk.book(task.edition)[0] if task is not None else None


def _process(desk: Desk, name: str) -> str:
    task = desk.store.task(name)
    return task.edition.partition("@")[0] if task is not None else ""


def _shown(on: Session, found: Preview) -> Sequence[str]:
    said = [on.of(f"会删除：{each.label}", f"would go: {each.label}") for each in found.lines]
    said += [on.of(f"同样的文字还在 {each}", f"the same words stand in {each}") for each in found.beside]
    traces = found.traces
    said += [
        on.of(f"文件中还有：{name}（{digest}）", f"a file holds it: {name} ({digest})") for digest, name in traces.files
    ]
    said += [
        on.of(f"公文中还有，公文不删：{each}", f"a document holds it, and stays: {each}") for each in traces.documents
    ]
    said += [
        on.of(f"打不开、请自查：{name}（{digest}）", f"cannot be looked into: {name} ({digest})")
        for digest, name in traces.unread
    ]
    said += [on.of(f"别的事项中还有：{each}", f"another task holds it: {each}") for each in traces.tasks]
    return said


@redact.command(help="报批删除一个事项中的个人信息 / Ask for values of a task to be erased.")
@click.argument("task", help=TASK)
@click.argument("names", nargs=-1, help=NAMES)
@click.option("--event", "events", type=int, multiple=True, metavar="N", help=EVENTS)
@click.option("--file", "files", multiple=True, metavar="DIGEST", help=FILES)
@click.option("--reason", required=True, metavar="TEXT", help=REASON)
@click.option("--alone", is_flag=True, help=ALONE)
@click.pass_obj
def task(
    on: Session,
    task: str,
    names: tuple[str, ...],
    events: tuple[int, ...],
    files: tuple[str, ...],
    reason: str,
    *,
    alone: bool,
) -> None:
    from workflows.redaction.values import Wanted

    if not names and not files:
        raise wrong("请写明要删的字段或文件。", "Name a field or a file to erase.")
    _ask(on, Wanted(task, names, events, files), reason, alone=alone)


@redact.command(help="报批删除已停用用户的姓名和联系方式 / Ask for the name and addresses of a closed account.")
@click.argument("name", help=USER)
@click.option("--reason", required=True, metavar="TEXT", help=REASON)
@click.option("--alone", is_flag=True, help=ALONE)
@click.pass_obj
def user(on: Session, name: str, reason: str, *, alone: bool) -> None:
    from workflows.redaction.values import ORGANISATION, Wanted

    _ask(on, Wanted(ORGANISATION, (name,)), reason, alone=alone)


def _ask(on: Session, wanted: Wanted, reason: str, *, alone: bool) -> None:
    from engine.commands import Refusal
    from workflows.redaction.carrying import finish
    from workflows.redaction.ordering import ask, ask_alone

    do = ask_alone if alone else ask
    with on.desk() as desk:
        eraser = eraser_of(desk)

        def asked(actor: Actor) -> Order | Refusal:
            return do(desk, eraser, wanted, reason, actor)

        order = on.tried(desk, _process(desk, wanted.stream), asked)
        if isinstance(order, Refusal):
            raise on.refused(order, _edition(desk, wanted.stream))
        if order.state == "approved":
            told(on, finish(desk, eraser))
            return
    name = order.subject
    said = on.of(
        f"已报批 {name}；请另一位管理员批准：duban approve {name}",
        f"Asked for as {name}; another administrator approves it: duban approve {name}",
    )
    answer(on, order.to_json(), [said])


def told(on: Session, found: Finished) -> None:
    """Say what was erased, and what was not."""
    for refusal in found.refused.values():
        raise on.refused(refusal)
    said = [
        on.of(f"已按 {order} 删除 {len(done.lines)} 处、{len(done.files)} 个文件，记为 {done.ref}",
              f"Erased by {order}: {len(done.lines)} values and {len(done.files)} files, on record as {done.ref}")
        for order, done in found.done.items()
    ]  # fmt: skip
    said.append(
        on.of("数据库文件中已无残留", "Nothing of it is left in the database's files")
        if found.wiped
        else on.of("数据库正忙，残留由作业清除，也可再运行 duban redact finish",
                   "The database is busy: a job wipes what is left, or run duban redact finish again")
    )  # fmt: skip
    done = {order: {"event": each.ref, "lines": [line.to_json() for line in each.lines], "files": list(each.files)}
            for order, each in found.done.items()}  # fmt: skip
    answer(on, {"done": done, "wiped": found.wiped}, said)


@redact.command("list", help="列出删除令 / List orders.")
@click.pass_obj
def list_(on: Session) -> None:
    from workflows.redaction.carrying import carried_out
    from workflows.redaction.ordering import all_of

    with on.desk() as desk:
        found = [(order, carried_out(desk, order)) for order in all_of(desk.store).values()]
    if on.json:
        answer(on, [{**order.to_json(), "event": done.ref if done else None} for order, done in found])
        return
    columns = [("令号", "Order"), ("情况", "Stands"), ("对象", "Of"), ("内容", "What"), ("理由", "Why"), ("报批", "By")]
    columns += [("批准", "Approved by"), ("记录", "Event")]
    table(on, columns, [_row(on, order, done.ref if done else "") for order, done in found])


def _row(on: Session, order: Order, event: str) -> Sequence[Any]:
    state = {"asked": ("待批", "waits"), "returned": ("已退回", "returned"), "approved": ("已批准", "approved")}
    what = ", ".join([*order.wanted.names, *(each[:12] for each in order.wanted.files)])
    by = order.approved
    return (
        order.subject, on.of(*state[order.state]), order.wanted.stream, what, order.reason, order.asked_by,
        by.actor if by else "", event,
    )  # fmt: skip


@redact.command(help="办完已批准而未完的删除，清除数据库文件中的残留 / Finish what is approved, and wipe what is left.")
@click.pass_obj
def finish(on: Session) -> None:
    from workflows.redaction import carrying

    with on.desk() as desk:
        told(on, carrying.finish(desk, eraser_of(desk)))


def approve(on: Session, subject: str) -> None:
    """Approve an order, and carry it out."""
    from engine.commands import Refusal
    from workflows.redaction import carrying, ordering

    with on.desk() as desk:
        order = on.tried(desk, "", lambda actor: ordering.approve(desk, subject, actor))
        if isinstance(order, Refusal):
            raise on.refused(order)
        told(on, carrying.finish(desk, eraser_of(desk)))


def send_back(on: Session, subject: str, reason: str) -> None:
    """Return an order."""
    from engine.commands import Refusal
    from workflows.redaction import ordering

    with on.desk() as desk:
        sent = on.tried(desk, "", lambda actor: ordering.send_back(desk, subject, actor, reason))
    if isinstance(sent, Refusal):
        raise on.refused(sent)
    answer(on, sent.to_json(), [on.of(f"已退回 {subject}：{reason}", f"Returned {subject}: {reason}")])


def is_order(subject: str) -> bool:
    """Whether this names an order to erase, and no edition or migration."""
    return subject.startswith("R-")
