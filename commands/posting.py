"""The post at the command line: what waits to be sent, what became of it, and whether an address works."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING, Any

import click

from commands.render import answer, local, table
from commands.session import No, Session
from commands.times import zone_of
from commands.worker import rooms_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from workflows.post.values import Answer, Delivery, Waiting

COLUMNS = (
    ("事项", "Task"), ("通知", "Notice"), ("收件人", "Recipient"), ("方式", "Channel"), ("状态", "State"),
    ("次数", "Tries"), ("时间", "When"), ("原因", "Why"),
)  # fmt: skip

STATES = {"waiting": ("待发", "waiting"), "sent": ("已发", "sent"), "failed": ("未成", "failed")}
MOST = 10_000


@click.command(help="发件箱：待发和已发的通知 / The outbox: notices that wait and those sent.")
@click.option("--waiting", is_flag=True, help="只看未发出的 / Only what has not been sent.")
@click.pass_obj
def outbox(on: Session, *, waiting: bool) -> None:
    with on.desk() as desk:
        post, zone = rooms_of(desk)[0], zone_of(desk)
        parcels, deliveries = post.parcels(MOST), post.deliveries(waiting=waiting)
    if on.json:
        unplanned = [{"task": each.parcel.task, "notice": each.parcel.name, "state": "unplanned"} for each in parcels]
        answer(on, [*(_told(each) for each in deliveries), *unplanned])
        return
    table(on, COLUMNS, [*(_row(on, each, zone) for each in deliveries), *(_unplanned(on, each) for each in parcels)])


def _row(on: Session, each: Delivery, zone: ZoneInfo | None) -> tuple[Any, ...]:
    from workflows.post.sentences import CHANNELS, why_not

    channel = CHANNELS[each.channel].in_(on.lang) if each.channel in CHANNELS else each.channel
    state, when = on.of(*STATES[each.state]), local(each.sent_at or each.next_at, zone)
    return (
        each.task,
        each.notice,
        each.recipient,
        channel,
        state,
        each.attempts,
        when,
        why_not(each.error or "", on.lang),
    )


def _unplanned(on: Session, each: Waiting) -> tuple[Any, ...]:
    return (each.parcel.task, each.parcel.name, "", "", on.of("未分发", "not planned"), "", "", "")


def _told(each: Delivery) -> dict[str, Any]:
    from engine.events import iso

    plain = ("task", "notice", "recipient", "channel", "state", "attempts", "message_id", "error")
    moments = {"next_at": iso(each.next_at), "sent_at": iso(each.sent_at) if each.sent_at else None}
    return {name: getattr(each, name) for name in plain} | moments


@click.group(help="发送：试发 / The post: a test message.")
def post() -> None:
    """The commands below do it."""


@post.command(help="向一个地址试发一条消息，并说明结果 / Send a test message to an address, and say what happened.")
@click.argument("address", help="邮箱，或 https:// 等地址 / A mail address, or one with https:// and the like.")
@click.pass_obj
def test(on: Session, address: str) -> None:
    from workflows.post.values import NotSent

    found = _sent(on, address)
    if isinstance(found, NotSent):
        raise _failed(on, address, found)
    said = on.of(f"{address} 已接受 {found.note}".rstrip(), f"{address} accepted it {found.note}".rstrip())
    answer(on, {"address": address, "sent": True, "note": found.note}, [said])


def _failed(on: Session, address: str, found: Any) -> No:
    from workflows.post.sentences import why_not

    cure = ("请检查地址和发送设置", "check the address and the settings of the post")
    zh, en = (
        f"{address} 未接受：{why_not(found.reason, 'zh')}；{cure[0]}。",
        f"{address} did not accept it: {found.reason}; {cure[1]}.",
    )
    return on.no(zh, en, address=address, sent=False, reason=found.reason, final=found.final)


def _sent(on: Session, address: str) -> Answer:
    from engine.commands import Refusal
    from engine.reasons import reason_of
    from post.providers import couriers
    from workflows.clock import wall
    from workflows.post.values import MAIL, Message, channel_of

    channel = channel_of(address) or (MAIL if "@" in address and "://" not in address else None)
    if channel is None:
        raise on.refused(Refusal("no_address", {"address": address}))
    try:
        carried = couriers(os.environ, wall)
    except ValueError as error:
        raise on.refused(Refusal("bad_setting", {"reason": reason_of(error).both})) from error
    if channel not in carried:
        raise on.refused(Refusal("no_mail_server", {}))
    subject = on.of("【督办】试发", "[Duban] A test")
    text = on.of("这是一条试发的消息。", "This is a test message.")
    return carried[channel].send(Message(uuid.uuid4().hex, address, subject, text, {"test": True}))
