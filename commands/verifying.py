"""`verify`: whether everything in a database is what its own record says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.render import answer, bar, fallen
from commands.seal_files import HEADS, RECEIPTS, THERE, TYPED, VKEYS, WITNESS, elsewhere, own_keys
from commands.session import Session
from commands.speech import wrong
from commands.stamping import ROOTS, STAMPS, heads_stamped

if TYPE_CHECKING:
    from workflows.audit.verifying.findings import Finding
    from workflows.audit.verifying.ports import Evidence
    from workflows.audit.verifying.running import Heads, Verified

MOST = 200
"""So many findings are told one by one, unless all are asked for."""

FROM_OUTSIDE = ("heads", "witness", "vkeys", "typed", "receipts", "stamps")
"""What the tree is held against."""


@click.command(
    help="核验整个数据库：记录的链、每一步是否合规、时限、看板、公文与文件"
    " / Verify the database: chains, the legality of every move, dates, boards, documents and files."
)
@click.argument("heads", nargs=-1, type=THERE, help=HEADS)
@WITNESS
@VKEYS
@TYPED
@RECEIPTS
@STAMPS
@ROOTS
@click.option("--chains-only", is_flag=True, help="只核验哈希链 / The hash chains alone.")
@click.option(
    "--resume",
    type=click.Path(path_type=Path, dir_okay=False),
    help="结果存此文件，中断后可续 / Results are kept in this file; a stopped run goes on from it.",
)
@click.option("--processes", type=click.IntRange(1, 64), help="几个进程，默认每核一个 / By default one a core.")
@click.option("--all", "every", is_flag=True, help="逐条列出全部发现 / Tell every finding.")
@click.pass_obj
def verify(on: Session, /, **asked: Any) -> None:
    from workflows.kept import Otherwise
    from workflows.spread import Fallen

    if asked["chains_only"] and any(asked[name] for name in FROM_OUTSIDE):
        raise wrong(
            "--chains-only 只看哈希链，不看树头、见证、公钥、回执和时间戳；请去掉它，或去掉这些。",
            "--chains-only looks at no heads, witness, keys, receipts or time stamps; leave it out, or them.",
        )
    vouched = heads_stamped(on, asked["stamps"], asked["ca"])
    asked["heads"] = [*asked["heads"], *(each.head for each in vouched)]
    try:
        found = _run(on, asked, () if asked["chains_only"] else (partial(_sealed, on, asked),))
    except Otherwise as error:
        raise on.no(
            f"{error} 存的是另一个数据库或另一种核验的结果；请换一个文件，或删去它。",
            f"{error} holds the results of another database or kind of verification; name another file, or delete it.",
        ) from error
    except Fallen as error:
        raise fallen(on, error, "--resume") from error
    told = {**_json(on, found), "stamps": [each.told for each in vouched]}
    answer(on, told, [*_lines(on, found, every=asked["every"]), *(each.said for each in vouched)])
    if not found.sound:
        raise click.exceptions.Exit(1)


def _run(on: Session, asked: dict[str, Any], others: tuple[Heads, ...]) -> Verified:
    from storage.evidence import named, open_evidence
    from workflows.audit.verifying.running import Asked, cores, verify

    what = Asked(named(on.db), not asked["chains_only"], asked["processes"] or cores(), asked["resume"])
    with on.told_plainly(), bar(on, "核验", "Verify") as progress:
        return verify(partial(open_evidence, on.db), what, progress, others)


def _sealed(on: Session, asked: dict[str, Any], evidence: Evidence) -> Sequence[Finding]:
    """The tree and the heads that were given. A damaged tree is a finding, and no reason to tell nothing else."""
    from storage import StoreProblem
    from storage.evidence import open_to_read
    from workflows.audit.verifying.findings import unreadable
    from workflows.audit.verifying.sealed import TREE, sealed
    from workflows.desk import CLOCK

    try:
        with open_to_read(on.db) as (store, log):
            own, damaged = own_keys(store)
            given = (asked[name] for name in FROM_OUTSIDE[:-1])
            known = elsewhere(on, own, *given)
            unread = [unreadable("notes", each) for each in damaged]
            return [*unread, *sealed(log, known, evidence, virtual=store.note(CLOCK) is not None)]
    except StoreProblem as problem:
        return [unreadable(TREE, problem.text)]


def _json(on: Session, found: Verified) -> dict[str, Any]:
    return {
        "sound": found.sound,
        "streams": found.streams,
        "events": found.events,
        "findings": [each.to_json(on.lang) for each in found.findings],
        "undecided": [each.to_json(on.lang) for each in found.undecided],
    }


def _lines(on: Session, found: Verified, *, every: bool) -> Iterator[str]:
    yield on.of(
        f"核验 {found.streams} 条链、{found.events} 条记录",
        f"{found.streams} chains and {found.events} events verified",
    )
    yield from _undecided(on, found, every=every)
    if found.sound:
        yield on.of("未发现问题", "Nothing was found")
        return
    shown = found.findings if every else found.findings[:MOST]
    for each in shown:
        yield f"✗ {each.ref}  {each.said(on.lang)}  [{each.code}]"
    if len(shown) < len(found.findings):
        more = len(found.findings) - len(shown)
        yield on.of(f"另有 {more} 条，加 --all 列出", f"{more} more; --all tells them")
    yield on.of(f"共 {len(found.findings)} 处不符。含义：", f"{len(found.findings)} findings. What they mean:")
    for code in dict.fromkeys(each.code for each in found.findings):
        one = next(each for each in found.findings if each.code == code)
        yield f"  {code}: {one.meaning(on.lang)}"


def _undecided(on: Session, found: Verified, *, every: bool) -> Iterator[str]:
    """What nobody can decide again, told apart from what is wrong."""
    if not found.undecided:
        return
    count = len(found.undecided)
    yield on.of(
        f"{count} 个决定所依的内容已依法删除，无法重新判定（不计入不符）：",
        f"{count} decisions rest on what was erased and cannot be made again (told apart, not wrong):",
    )
    for each in found.undecided if every else found.undecided[:MOST]:
        yield f"– {each.ref}  {each.said(on.lang)}"
