"""The tree over what was recorded and its signed heads: `duban seal`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.render import OUT, answer
from commands.session import No, Session
from commands.worker import KEY, log_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.commands import Refusal
    from workflows.audit.checkpoints import Verifier
    from workflows.audit.sealing.signing import Pen
    from workflows.desk import Desk

FILE = click.Path(path_type=Path, dir_okay=False)
THERE = click.Path(path_type=Path, dir_okay=False, exists=True)

KEY_FILE = click.option("--key", "file", type=FILE, envvar=KEY, help="密钥文件，在数据库之外 / The key's file.")
VKEYS = click.option(
    "--vkey",
    "vkeys",
    multiple=True,
    metavar="KEY",
    help="核验公钥或其文件，从别处得来的，可多个 / A public key, or a file with keys, that you got elsewhere.",
)
WITNESS = click.option(
    "--witness", type=FILE, help="见证文件：记住最近树头，前后不接就拒绝 / A file that remembers the last head seen."
)
TREE = click.option(
    "--tree", type=click.Choice(["sha256", "sm3"]), default="sha256", show_default=True, help="哪一棵树 / Which tree."
)
NAME = "日志名称，写进每个树头，如 duban.example.org / The log's name, which stands in each head."
SM3 = "同时建一棵国密 SM3 树 / Keep a tree of SM3 too."
TASK = "事项编号或记录流，如 leak-3、exports / A task or another stream."
SEQ = "第几条记录 / Which event of it."
HEADS = "从别处得来的树头文件 / Files with heads that were kept elsewhere."


@click.group(help="封存：记录之树、签署的树头与证明 / The tree over what was recorded, its signed heads, proofs.")
def seal() -> None:
    """The commands below do it."""


@seal.command(help="新建签名密钥，文件须在数据库之外 / Make a key; keep its file away from the database.")
@click.option("--name", required=True, metavar="NAME", help=NAME)
@click.option("--sm3", is_flag=True, help=SM3)
@KEY_FILE
@click.pass_obj
def init(on: Session, name: str, file: Path | None, *, sm3: bool) -> None:
    from engine.commands import Refusal
    from engine.tree import HASHES
    from workflows.audit.sealing.keyring import make_key

    if file is None:
        raise on.refused(Refusal("seal_key_none"))
    if sm3:
        try:
            HASHES["sm3"](b"")
        except ValueError as error:
            raise on.refused(Refusal("seal_no_sm3")) from error
    with on.desk() as desk:
        try:
            made = make_key(file, name)
        except OSError as error:
            raise _unwritten(on, file, error) from error
        if isinstance(made, Refusal):
            raise on.refused(made)
        if sm3:
            log_of(desk).begin("sm3")
    told = {"file": str(file), "key": str(made.verifier), "sm3": sm3}
    answer(
        on,
        told,
        [
            on.of(f"密钥已写入 {file}（只有本人可读）。", f"The key is in {file}, which only you can read."),
            on.of(f"请设环境变量 {KEY}={file}，再启动服务。", f"Set {KEY}={file}, then start the server."),
            on.of("核验公钥，请公开：", "The public key, to be made known:"),
            str(made.verifier),
        ],
    )


@seal.command(help="打印核验公钥 / The public keys with which heads are verified.")
@KEY_FILE
@OUT
@click.pass_obj
def key(on: Session, file: Path | None, out: Path | None) -> None:
    from engine.commands import Refusal
    from workflows.audit.sealing.growing import keys_of
    from workflows.audit.sealing.signing import signer_for

    with on.desk() as desk:
        pen = _pen(on, file) if file is not None else None
        trees = sorted({"sha256", *log_of(desk).trees()})
        keys = {tree: str(signer_for(pen.signer, tree).verifier) for tree in trees} if pen else keys_of(desk.store)
    if not keys:
        raise on.refused(Refusal("seal_key_none"))
    if out is None:
        answer(on, dict(keys), keys.values())
        return
    _written(on, out, "".join(f"{each}\n" for each in keys.values()))
    answer(on, {"file": str(out), **keys}, [on.of(f"已写入 {out}", f"Written to {out}")])


@seal.command(help="立即把记录入树并签署树头 / Append what waits, and sign the head, now.")
@KEY_FILE
@click.pass_obj
def now(on: Session, file: Path | None) -> None:
    from engine.commands import Refusal
    from workflows.audit.sealing.growing import seal as seal_now
    from workflows.audit.sealing.keyring import MemoryBroken

    pen = _pen(on, file) if file is not None else None
    with on.desk() as desk:
        try:
            done = seal_now(desk.store, log_of(desk), pen)
        except MemoryBroken as error:
            raise on.refused(Refusal("seal_memory", {"file": str(error)})) from error
        if isinstance(done, Refusal):
            raise on.refused(done)
        trees = log_of(desk).trees()
    count, size = done.grown.appended, max((tree.size for tree in trees.values()), default=0)
    lines = [on.of(f"入树 {count} 条，共 {size} 条。", f"{count} events appended; the tree has {size}.")]
    if pen is None:
        lines.append(on.of(f"未签署：没有密钥（{KEY}）。", f"Not signed: there is no key ({KEY})."))
    answer(
        on, {**done.to_json(), "size": size, "signed": pen is not None}, [*lines, *(each.note for each in done.heads)]
    )


@seal.command(help="打印最近签署的树头 / The head that was signed last.")
@TREE
@WITNESS
@VKEYS
@click.pass_obj
def head(on: Session, tree: str, witness: Path | None, vkeys: tuple[str, ...]) -> None:
    from engine.commands import Refusal

    with on.desk() as desk:
        kept = log_of(desk).checkpoint(tree)
        if kept is None:
            raise on.refused(Refusal("seal_no_head"))
        if witness is not None:
            _witnessed(on, desk, witness, kept.note, _keys(on, desk, vkeys), tree)
    answer(on, {"tree": tree, "size": kept.size, "checkpoint": kept.note}, [kept.note.rstrip("\n")])


@seal.command(help="某条记录在树中的证明，离线可验 / Why an event is in the tree; needs no database to verify.")
@click.argument("task", help=TASK)
@click.argument("seq", type=click.IntRange(min=1), help=SEQ)
@TREE
@OUT
@click.pass_obj
def prove(on: Session, task: str, seq: int, tree: str, out: Path | None) -> None:
    from engine.commands import Refusal
    from workflows.audit.sealing.proving import prove as proof_of

    with on.desk() as desk:
        found = proof_of(log_of(desk), task, seq, tree)
    if isinstance(found, Refusal):
        raise on.refused(found)
    if out is None:
        answer(on, found.to_json(), [found.to_text().rstrip("\n")])
        return
    _written(on, out, found.to_text())
    answer(on, {"file": str(out), **found.to_json()}, [on.of(f"已写入 {out}", f"Written to {out}")])


@seal.command(help="核验一份证明，不用数据库 / Verify a proof, without a database.")
@click.argument("proof", type=THERE, help="证明文件 / The file with the proof.")
@click.option(
    "--vkey", required=True, metavar="KEY", help="核验公钥或其文件 / The public key of the log, or a file with it."
)
@TREE
@click.pass_obj
def verify(on: Session, proof: Path, vkey: str, tree: str) -> None:
    from workflows.audit.sealing.proving import NoProof, proved, read_proof

    try:
        found = read_proof(proof.read_text(encoding="utf-8"))
        met = proved(found, _signed_by(on, found.note, _read_keys(on, vkey)), tree)
    except (NoProof, UnicodeDecodeError) as error:
        raise on.no(f"不成立：{error}。", f"It proves nothing: {error}.") from error
    said = on.of(
        f"成立：{found.leaf} 是 {met.size} 条记录中的第 {found.position + 1} 条。",
        f"It holds: {found.leaf} is number {found.position + 1} of {met.size} events.",
    )
    answer(on, {"leaf": found.leaf, "index": found.position, "size": met.size}, [said])


@seal.command(help="以树核对全部记录；给出别处留存的树头更有力 / The whole record against the tree and against heads.")
@click.argument("heads", nargs=-1, type=THERE, help=HEADS)
@WITNESS
@VKEYS
@click.pass_obj
def check(on: Session, heads: tuple[Path, ...], witness: Path | None, vkeys: tuple[str, ...]) -> None:
    from workflows.audit.sealing.checking import check as look
    from workflows.audit.sealing.claims import Elsewhere
    from workflows.audit.sealing.sayings import said

    with on.desk() as desk:
        log, keys = log_of(desk), _keys(on, desk, vkeys)
        given = [(str(file), file.read_text(encoding="utf-8", errors="replace")) for file in heads]
        remembered = _remembered(on, witness) if witness is not None else []
        known = Elsewhere([*keys, *(who for _, _, who in remembered)], [*given, *(pair[:2] for pair in remembered)])
        findings = list(look(log, known, virtual=desk.virtual))
        last = log.checkpoint("sha256")
        size = max((tree.size for tree in log.trees().values()), default=0)
        if witness is not None and last is not None and not findings:
            _witnessed(on, desk, witness, last.note, known.keys, "sha256")
    told = {"size": size, "heads": len(known.heads), "findings": [each.to_json() for each in findings]}
    if findings:
        lines = [said(each, on.lang) for each in findings]
        raise No("\n".join(lines), told if on.json else None)
    outside = len(known.heads)
    fine = on.of(
        f"{size} 条记录与树相符，{outside} 份别处的树头相符。",
        f"{size} events are as they were sealed; heads from elsewhere that hold: {outside}.",
    )
    none = on.of(
        "没有别处留存的树头：能改数据库并重签的人改了什么，看不出来。",
        "No head from elsewhere was given: what somebody did who writes the database and signs anew cannot be seen.",
    )
    answer(on, told, [fine] if outside else [fine, none])


# -- files and keys


def _pen(on: Session, file: Path) -> Pen:
    from engine.commands import Refusal
    from workflows.audit.sealing.keyring import pen_of

    found = pen_of(file)
    if isinstance(found, Refusal):
        raise on.refused(found)
    return found


def _key(on: Session, text: str) -> Verifier:
    from workflows.audit.checkpoints import verifier_of

    try:
        return verifier_of(text)
    except ValueError as error:
        raise on.no(f"这不是核验公钥：{text}（{error}）。", f"This is no public key: {text} ({error}).") from error


def _read_keys(on: Session, told: str) -> list[Verifier]:
    """A key that was written out, or those in a file, a line each."""
    file = Path(told)
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else [told]
    return [_key(on, line) for line in lines if line.strip()]


def _keys(on: Session, desk: Desk, given: tuple[str, ...]) -> list[Verifier]:
    """Those that were given, else those that the database tells itself."""
    from workflows.audit.sealing.growing import keys_of

    return [key for told in (given or keys_of(desk.store).values()) for key in _read_keys(on, told)]


def _signed_by(on: Session, note: str, keys: Sequence[Verifier]) -> Verifier:
    """The key of the origin of a head. Refuses where none is known."""
    from workflows.audit.checkpoints import NotSigned, claimed

    try:
        origin, _ = claimed(note)
    except NotSigned as error:
        raise on.refused(_unsigned("?", str(error))) from error
    who = next((each for each in keys if each.name == origin), None)
    if who is None:
        raise on.refused(_unsigned(origin, on.of("没有它的公钥", "no key of it is known")))
    return who


def _remembered(on: Session, file: Path) -> list[tuple[str, str, Verifier]]:
    from engine.commands import Refusal
    from workflows.audit.sealing.witnessing import WitnessBroken, seen_in

    try:
        return [(str(file), each.note, _key(on, each.key)) for each in seen_in(file).values()]
    except (WitnessBroken, OSError) as error:
        raise on.refused(Refusal("witness_broken", {"file": str(file)})) from error


def _witnessed(on: Session, desk: Desk, file: Path, note: str, keys: Sequence[Verifier], tree: str) -> None:
    """Let the witness look at a head, under the key of its origin."""
    from engine.commands import Refusal
    from workflows.audit.sealing.witnessing import WitnessBroken, witness

    who = _signed_by(on, note, keys)
    try:
        found = witness(log_of(desk), file, note, who, tree)
    except WitnessBroken as error:
        raise on.refused(Refusal("witness_broken", {"file": str(file)})) from error
    except OSError as error:
        raise _unwritten(on, file, error) from error
    if isinstance(found, Refusal):
        raise on.refused(found)


def _unsigned(origin: str, reason: str) -> Refusal:
    from engine.commands import Refusal

    return Refusal("witness_unsigned", {"origin": origin, "reason": reason})


def _written(on: Session, file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _unwritten(on, file, error) from error


def _unwritten(on: Session, file: Path, error: OSError) -> No:
    return on.no(
        f"写不了文件 {file}（{error.strerror}）；请换一个地方。",
        f"The file {file} cannot be written ({error.strerror}); choose another place.",
    )
