"""Moving running tasks to another edition, at the command line: a plan is written, tried, submitted, approved, applied,
and may be taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.authoring import bad
from commands.files import write_out
from commands.render import answer, bar
from commands.session import Session, wrong

if TYPE_CHECKING:
    from engine.commands import Actor, Refusal
    from engine.edition import Edition
    from workflows.authoring.fates import Progress, Verdicts
    from workflows.desk import Desk

NEW = click.Path(path_type=Path)
PLAN = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    help="把在办事项迁移到另一版次：生成方案、试算、报批、执行、撤回"
    " / Move running tasks to another edition: write a plan, try, submit, apply, revert."
)
@click.argument("process", help="流程标识 / The process.")
@click.option("--to", metavar="EDITION", help="迁移到哪个版次，生成方案 / To which edition: a plan is written.")
@click.option("--from", "since", metavar="EDITION", help="从哪个版次，默认唯一的那个 / From which one, if several.")
@click.option(
    "--out", type=NEW, metavar="FILE", help="方案写到哪里，默认 流程-to-版次.yaml / Where the plan is written."
)
@click.option("--plan", type=PLAN, metavar="FILE", help="方案；单用即试算 / A plan; alone it is tried, a dry run.")
@click.option("--submit", is_flag=True, help="报批方案 / Submit the plan to another administrator.")
@click.option("--apply", "do", is_flag=True, help="执行已批准的方案 / Apply the plan, which was approved.")
@click.option("--revert", metavar="ID", help="撤回某次迁移，须写理由 / Take a migration back; with --reason.")
@click.option("--job", is_flag=True, help="交给后台作业办理 / Let the workers do it, as a job.")
@click.option("--alone", is_flag=True, help="只有一位管理员时，一人办理 / By one person, where there is no other.")
@click.option("--reason", metavar="TEXT", help="一人办理或撤回的理由 / Why alone, or why back.")
@click.pass_obj
def migrate(  # noqa: PLR0913 - each is an option
    on: Session,
    process: str,
    to: str | None,
    since: str | None,
    out: Path | None,
    plan: Path | None,
    revert: str | None,
    reason: str | None,
    *,
    submit: bool,
    do: bool,
    job: bool,
    alone: bool,
) -> None:
    if sum(each is not None for each in (to, plan, revert)) != 1:
        raise wrong("--to、--plan、--revert 须且只能用一个。", "Say one of --to, --plan, --revert.")
    if to is not None:
        _write(on, process, to, since, out or Path(f"{process}-to-{to}.yaml"))
    elif revert is not None:
        _back(on, revert, reason or "", job=job)
    elif plan is not None and submit:
        _submit(on, plan)
    elif plan is not None and do:
        _apply(on, plan, reason, job=job, alone=alone)
    elif plan is not None:
        _try(on, plan)


def _write(on: Session, process: str, to: str, since: str | None, out: Path) -> None:
    from engine.commands import Refusal
    from workflows.authoring.plan_writing import write_plan

    with on.desk() as desk:
        text = write_plan(desk, process, to, since)
    if isinstance(text, Refusal):
        raise on.refused(text)
    if out.exists():
        raise on.no(f"{out} 已存在；请换一个 --out。", f"{out} already exists; name another --out.")
    write_out(on, out, text)
    said = on.of(
        f"方案已写入 {out}；填好“?”后试算：duban migrate {process} --plan {out}",
        f"The plan is in {out}; answer each `?`, then try it: duban migrate {process} --plan {out}",
    )
    answer(on, {"plan": str(out), "questions": text.count('"?"')}, [said])


def _try(on: Session, file: Path) -> None:
    from workflows.authoring.migrating import dry_run
    from workflows.authoring.migration_plans import Plan, read_plan

    with on.desk() as desk, bar(on, *BAR) as tell:
        plan = _good(on, read_plan(desk, file.read_bytes(), str(file)))
        assert isinstance(plan, Plan)
        found = _good(on, dry_run(desk, plan, on.actor, _progress(tell)))
        lines = list(_lines(on, desk, found, plan.old, plan.new))
        open_ = plan.unanswered
    asked = on.of(f"方案中还有未填写之处：{'、'.join(open_)}", f"Open questions in the plan: {', '.join(open_)}")
    _tell(on, found, [*lines, *([asked] if open_ else [])], digest=plan.digest)


def _submit(on: Session, file: Path) -> None:
    from workflows.authoring.plan_approval import submit

    with on.desk() as desk:
        text = file.read_bytes()
        made = _good(on, on.tried(desk, "", lambda actor: submit(desk, text, actor, str(file))))
    name = made.subject
    said = on.of(
        f"已报批 {name}（方案摘要 {made.digest[:12]}）；请另一位管理员批准：duban approve {name}",
        f"Submitted {name} (plan {made.digest[:12]}); another administrator approves it: duban approve {name}",
    )
    answer(on, {"migration": name, "digest": made.digest, "state": made.state}, [said])


def _apply(on: Session, file: Path, reason: str | None, *, job: bool, alone: bool) -> None:
    from workflows.authoring import migrating
    from workflows.authoring.plan_approval import of_text

    text = file.read_bytes()
    with on.desk() as desk:
        if alone or desk.virtual:
            _alone(on, desk, text, reason, asked=alone)
        migration = _good(on, of_text(desk, text))
        if job:
            _ask(on, desk, migration, back=False, reason="")
            return
        _do(on, desk, migration, lambda actor, progress: migrating.apply(desk, migration, actor, progress))


def _alone(on: Session, desk: Desk, text: bytes, reason: str | None, *, asked: bool) -> None:
    """Let one person answer for a plan; in a rehearsal that is what happens where nobody has submitted it."""
    from engine.commands import Refusal
    from workflows.authoring.plan_approval import approve_alone, of_text

    if asked or isinstance(of_text(desk, text), Refusal):
        _good(on, on.tried(desk, "", lambda actor: approve_alone(desk, text, actor, reason)))


def _back(on: Session, migration: str, reason: str, *, job: bool) -> None:
    from workflows.authoring import migrating

    with on.desk() as desk:
        if job:
            _ask(on, desk, migration, back=True, reason=reason)
            return
        _do(on, desk, migration, lambda actor, progress: migrating.take_back(desk, migration, actor, reason, progress))


BAR = ("迁移", "migration")


def _progress(tell: Callable[[int, int], None]) -> Progress:
    return lambda done: tell(len(done.found), done.total)


def _do(on: Session, desk: Desk, migration: str, act: Callable[[Actor, Progress], Verdicts | Refusal]) -> None:
    from workflows.authoring.proposals import all_of

    with bar(on, *BAR) as tell:
        found = _good(on, on.tried(desk, "", lambda actor: act(actor, _progress(tell))))
    told = all_of(desk.store)[migration].told
    old, new = (desk.book(told[name])[0] for name in ("from", "to"))
    _tell(on, found, list(_lines(on, desk, found, old, new)), migration=migration)


def _ask(on: Session, desk: Desk, migration: str, *, back: bool, reason: str) -> None:
    from commands.worker import rooms_of
    from workflows.labour.migrating import ask_migrate

    labour = rooms_of(desk)[1]
    made = _good(
        on,
        on.tried(
            desk,
            "",
            lambda actor: ask_migrate(desk, labour, migration, actor, back=back, reason=reason, lang=on.lang),
        ),
    )
    said = on.of(f"作业 {made.id}；duban jobs show {made.id} 可看进展", f"Job {made.id}; duban jobs show {made.id}")
    answer(on, {"job": made.id, "migration": migration}, [said])


def _good(on: Session, found: Any) -> Any:
    """What was answered, unless it is a refusal or the problems of a text."""
    from engine.commands import Refusal

    if isinstance(found, Refusal):
        raise on.refused(found)
    if isinstance(found, list):
        raise bad(on, found)
    return found


# -- in words


def _tell(on: Session, found: Verdicts, lines: list[str], **more: Any) -> None:
    """Print the verdicts; exit 1 where some cannot."""
    counts = {"total": found.total, "good": found.good, "bad": len(found.found) - found.good}
    answer(on, {**more, **counts, "verdicts": [each.to_json() for each in found.found]}, lines)
    if counts["bad"]:
        raise click.exceptions.Exit(1)


def _lines(on: Session, desk: Desk, found: Verdicts, old: Edition, new: Edition) -> Iterator[str]:
    """A line for each family, and one for each of its deadlines with why; then how many."""
    from workflows.authoring.verdicts import told

    for each in found.found:
        one = told(desk, each, old, new, on.lang)
        yield f"{one.task}  {one.fate}  {one.said}"
        for days in one.days:
            yield f"    {days.line}"
            yield from (f"      {said}" for said in days.why)
    bad_ = len(found.found) - found.good
    yield on.of(
        f"共 {found.total} 项：可以 {found.good}，不能 {bad_}", f"{found.total} tasks: {found.good} yes, {bad_} no"
    )
