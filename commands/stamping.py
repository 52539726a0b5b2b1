"""Time stamps of heads by an authority outside the house: `duban seal stamp` and `duban seal stamped`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from commands.files import write_out
from commands.render import answer
from commands.seal_files import FILE, THERE, head_beside
from commands.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.events import Json
    from engine.tree import Head
    from workflows.audit.sealing.stamping.stamps import Stamp

TSA = "时间戳机构的地址，http 或 https / The address of the authority, http or https."
WHICH = "哪一份树头，不写则为最近签署的 / Which head; by default the last that was signed."
CA = "机构的根证书（PEM），从别处得来的 / The authority's root certificates (PEM), which you got elsewhere."
INTO = "时间戳写入何处，树头写在其旁 FILE.head / Where to write it, the head beside it in FILE.head; stamp-SIZE.tsr."
BESIDE = "树头文件，不写则为时间戳旁边的 FILE.head / The head; by default FILE.head beside the stamp."
STAMP = "时间戳文件 / The file with the time stamp."
STAMPS = click.option(
    "--stamp",
    "stamps",
    type=THERE,
    multiple=True,
    metavar="FILE",
    help="时间戳，其树头在旁边 FILE.head，须属本树"
    " / A time stamp; its head, beside it in FILE.head, has to be of this tree.",
)
ROOTS = click.option("--ca", type=THERE, help=CA)


@click.command(
    help="请外部机构为树头盖时间戳（RFC 3161） / Have a head stamped with the time by an authority (RFC 3161)."
)
@click.option("--tsa", required=True, metavar="URL", help=TSA)
@click.option("--head", type=THERE, help=WHICH)
@click.option("--ca", type=THERE, help=CA)
@click.option("--out", type=FILE, help=INTO)
@click.pass_obj
def stamp(on: Session, tsa: str, head: Path | None, ca: Path | None, out: Path | None) -> None:
    from engine.commands import Refusal
    from post.authority import ask
    from workflows.audit.sealing.stamping.stamps import query_for, stamped, taken

    content = _last(on) if head is None else head.read_bytes()
    told = _claimed(on, content)[1]
    file = out or Path(f"stamp-{told.size}.tsr")
    if file.exists():
        raise on.refused(Refusal("stamp_there", {"file": str(file)}))
    query = query_for(content)
    found = ask(tsa, query.body)
    if isinstance(found, Refusal):
        raise on.refused(found)
    said = taken(found, query)
    if ca is not None and not isinstance(said, Refusal):
        said = stamped(found, content, ca.read_bytes())
    if isinstance(said, Refusal):
        raise on.refused(said)
    beside = head_beside(on, file, content)
    write_out(on, file, found)
    lines = [on.of(f"时间戳已写入 {file}，树头写入 {beside}。", f"The stamp is in {file}, the head in {beside}.")]
    answer(
        on, {"file": str(file), "head": str(beside), **said.to_json()}, [*lines, _said(on, told, said), *_care(on, ca)]
    )


@click.command(
    help="核验树头的时间戳，不用网络和数据库 / Verify the time stamp of a head, without network or database."
)
@click.argument("file", type=THERE, help=STAMP)
@click.option("--head", type=THERE, help=BESIDE)
@click.option("--ca", type=THERE, required=True, help=CA)
@click.pass_obj
def stamped(on: Session, file: Path, head: Path | None, ca: Path) -> None:
    content, said = vouched(on, file, head, ca)
    origin, told = _claimed(on, content)
    answer(on, {"origin": origin, "size": told.size, **said.to_json()}, [_said(on, told, said)])


def vouched(on: Session, file: Path, head: Path | None, ca: Path) -> tuple[bytes, Stamp]:
    """The head of a stamp, given or beside it, and what the stamp says of it. Refuses one that does not hold."""
    from engine.commands import Refusal
    from workflows.audit.sealing.stamping.stamps import stamped as verify

    kept = head or file.with_name(f"{file.name}.head")
    if not kept.is_file():
        raise on.refused(Refusal("stamp_headless", {"file": str(file), "head": str(kept)}))
    content = kept.read_bytes()
    said = verify(file.read_bytes(), content, ca.read_bytes())
    if isinstance(said, Refusal):
        raise on.refused(said)
    return content, said


class Vouched(NamedTuple):
    """A stamp that holds: its head's file, a line about it, and the same for programs."""

    head: Path
    said: str
    told: dict[str, Json]


def heads_stamped(on: Session, stamps: Sequence[Path], ca: Path | None) -> list[Vouched]:
    """The head of each stamp. Refuses a stamp that does not hold."""
    from engine.commands import Refusal

    if stamps and ca is None:
        raise on.refused(Refusal("stamp_no_roots"))
    found = []
    for file in stamps:
        assert ca is not None, "refused above"
        content, said = vouched(on, file, None, ca)
        head, told = _claimed(on, content)[1], said.to_json()
        beside = file.with_name(f"{file.name}.head")
        found.append(Vouched(beside, _said(on, head, said), {"file": str(file), "size": head.size, **told}))
    return found


def _last(on: Session) -> bytes:
    from commands.seal_files import last_note
    from engine.commands import Refusal

    with on.desk() as desk:
        note = last_note(desk)
    if note is None:
        raise on.refused(Refusal("seal_no_head"))
    return note.encode()


def _claimed(on: Session, content: bytes) -> tuple[str, Head]:
    from engine.commands import Refusal
    from workflows.audit.sealing.checkpoints import NotSigned, claimed

    try:
        return claimed(content.decode(errors="replace"))
    except NotSigned as error:
        raise on.refused(Refusal("stamp_no_head", {"reason": error.text.both})) from error


def _said(on: Session, head: Head, said: Stamp) -> str:
    from engine.events import iso

    who = said.authority or on.of("该机构", "the authority")
    return on.of(
        f"{head.size} 条记录的树头在 {iso(said.at)} 已在，由 {who} 证明。",
        f"The head of {head.size} events was there at {iso(said.at)}, says {who}.",
    )


def _care(on: Session, ca: Path | None) -> list[str]:
    """What was not looked at."""
    zh = "没有给出机构的证书（--ca），其签名尚未核验；请用 duban seal stamped 或 openssl ts -verify 核验。"
    en = (
        "No certificates were given (--ca), and the signature was not looked at: do so with duban seal stamped or"
        " openssl ts -verify."
    )
    return [] if ca is not None else [on.of(zh, en)]
