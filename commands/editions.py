"""Editions at the command line: submitted by one administrator, approved or returned by another, listed with where each
stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands import redacting
from commands.authoring import DEFINITION, FILE, bad, problems_json, text_of
from commands.render import answer, local, table
from commands.session import Session, wrong
from commands.times import day, zone_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from workflows.authoring.publishing import Published, Submitted
    from workflows.authoring.standings import Standing
    from workflows.desk import Desk

SINCE = "自哪一天起施行，默认自批准之时 / From which day it is in force; by default from its approval."
ALONE = "只有一位管理员时，一人发布，须写理由 / By one person, where there is no other administrator; with --reason."
REASON = "理由 / Why."
SUBJECT = "流程@版次，迁移编号，或删除令号 / Process@edition, the id of a migration, or an order to erase."


@click.command(
    help="报批流程定义，由另一位管理员批准；推演库中直接发布"
    " / Submit a definition for another administrator to approve; in a rehearsal it is published at once."
)
@click.argument("file", type=FILE, help=DEFINITION)
@click.option("--from", "since", metavar="D", help=SINCE)
@click.option("--submit", is_flag=True, help="在推演库中也报批 / Submit it in a rehearsal too.")
@click.option("--alone", is_flag=True, help=ALONE)
@click.option("--reason", metavar="TEXT", help=REASON)
@click.pass_obj
def publish(on: Session, file: Path, since: str | None, reason: str | None, *, submit: bool, alone: bool) -> None:
    from engine.commands import Refusal
    from workflows.authoring import publishing
    from workflows.sources import beside, calendar_named

    if submit and alone:
        raise wrong("--submit 和 --alone 只能用一个。", "Say --submit or --alone, not both.")
    source, first = text_of(file), day(since, "--from") if since is not None else None
    text, found = source.read_bytes(), beside(source)
    kept: Published | Submitted | list[Any] | Refusal
    with on.desk() as desk:
        if alone or (desk.virtual and not submit):
            kept = on.tried(
                desk,
                "",
                lambda actor: publishing.publish(
                    desk, text, calendar_named, str(source), actor, found, reason=reason, since=first
                ),
            )
        else:
            kept = on.tried(
                desk,
                "",
                lambda actor: publishing.submit(desk, text, calendar_named, actor, str(source), found, since=first),
            )
        _told(on, desk, kept)


def _told(on: Session, desk: Desk, kept: Any) -> None:
    """Say what came of it: published, submitted, or why neither."""
    from engine.commands import Refusal
    from workflows.authoring.publishing import Published

    if isinstance(kept, Refusal):
        raise on.refused(kept)
    if isinstance(kept, list):
        raise bad(on, kept)
    warnings = problems_json(on, kept.warnings)
    told_of = [each.text(on.lang) for each in kept.warnings]
    if isinstance(kept, Published):
        record, zone = kept.record, zone_of(desk)
        since = local(record.since, zone)
        later = record.since > record.published_at
        begins = on.of(f"，自 {since} 起施行", f", in force from {since}") if later else ""
        said = on.of(
            f"已发布 {record.name}（{record.digest[:12]}）{begins}",
            f"Published {record.name} ({record.digest[:12]}){begins}",
        )
        told = {"edition": record.name, "digest": record.digest, "calendar": record.calendar}
        answer(on, {**told, "state": "published", "in_force_at": record.since, "warnings": warnings}, [said, *told_of])
        return
    name, digest = kept.proposal.subject, kept.proposal.digest
    said = on.of(
        f"已报批 {name}（{digest[:12]}）；请另一位管理员批准：duban approve {name}",
        f"Submitted {name} ({digest[:12]}); another administrator approves it: duban approve {name}",
    )
    answer(on, {"edition": name, "digest": digest, "state": "submitted", "warnings": warnings}, [said, *told_of])


@click.command(
    help="批准别人报批的版次、迁移方案或删除令"
    " / Approve an edition, a migration or an order to erase that somebody else submitted."
)
@click.argument("subject", help=SUBJECT)
@click.option("--digest", metavar="D", help="所看文本的摘要 / The digest of the text that you read.")
@click.pass_obj
def approve(on: Session, subject: str, digest: str | None) -> None:
    from workflows.authoring.publishing import approve as keep
    from workflows.sources import calendar_named

    if redacting.is_order(subject):
        redacting.approve(on, subject)
        return
    if "@" not in subject:
        _approve_migration(on, subject, digest)
        return
    with on.desk() as desk:
        kept = on.tried(desk, "", lambda actor: keep(desk, subject, actor, calendar_named, digest))
        _told(on, desk, kept)


def _approve_migration(on: Session, subject: str, digest: str | None) -> None:
    from engine.commands import Refusal
    from workflows.authoring.plan_approval import approve as keep

    with on.desk() as desk:
        kept = on.tried(desk, "", lambda actor: keep(desk, subject, actor, digest))
    if isinstance(kept, Refusal):
        raise on.refused(kept)
    said = on.of(f"已批准 {subject}，可以执行", f"Approved {subject}: it may be applied")
    answer(on, {"migration": subject, "digest": kept.digest, "state": kept.state}, [said])


@click.command(
    "return",
    help="退回报批的版次、迁移方案或删除令，写明理由"
    " / Return an edition, a migration or an order to erase that was submitted.",
)
@click.argument("subject", help=SUBJECT)
@click.option("--reason", required=True, metavar="TEXT", help=REASON)
@click.pass_obj
def return_(on: Session, subject: str, reason: str) -> None:
    from engine.commands import Refusal
    from workflows.authoring.proposals import send_back

    if redacting.is_order(subject):
        redacting.send_back(on, subject, reason)
        return
    with on.desk() as desk:
        sent = on.tried(desk, "", lambda actor: send_back(desk, subject, actor, reason))
    if isinstance(sent, Refusal):
        raise on.refused(sent)
    said = on.of(f"已退回 {subject}：{reason}", f"Returned {subject}: {reason}")
    answer(on, {"subject": subject, "state": "returned", "reason": reason}, [said])


@click.command(help="列出各流程的版次：现行、待生效、待批准 / Editions: in force, to come, waiting.")
@click.pass_obj
def editions(on: Session) -> None:
    from workflows.authoring.standings import standings

    with on.desk() as desk:
        found, zone = standings(desk), zone_of(desk)
    if on.json:
        answer(on, [each.to_json() for each in found])
        return
    columns = [("流程", "Process"), ("版次", "Edition"), ("情况", "Stands"), ("施行", "In force from")]
    columns += [("报批", "Submitted by"), ("批准", "Approved by"), ("摘要", "Digest")]
    table(on, columns, [_row(on, each, zone) for each in found])


def _row(on: Session, each: Standing, zone: ZoneInfo | None) -> Sequence[Any]:
    from workflows.authoring.standings import WORDS

    stands = WORDS[each.stand].in_(on.lang) + (f"（{each.reason}）" if each.reason else "")
    approved = each.approved_by or (_why(on, each.alone) if each.alone else "")
    return (each.process, each.edition, stands, _since(each, zone), each.by, approved, each.digest[:12])


def _since(each: Standing, zone: ZoneInfo | None) -> str:
    from engine.events import instant

    if each.since is None or len(each.since) == len("2022-01-31"):
        return each.since or ""
    return local(instant(each.since), zone)


def _why(on: Session, alone: Mapping[str, Any]) -> str:
    """Why one person was enough."""
    words = {
        "rehearsal": on.of("推演", "a rehearsal"),
        "only administrator": on.of("一人", "alone"),
        "the program itself": on.of("程序", "the program"),
    }
    return words[alone["why"]] + (f"：{alone['reason']}" if alone.get("reason") else "")
