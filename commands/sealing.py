"""The tree over what was recorded and its signed heads: `duban seal`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.files import write_out, written
from commands.render import OUT, answer
from commands.seal_files import (
    FILE,
    HEADS,
    RECEIPTS,
    THERE,
    TYPED,
    VKEYS,
    WITNESS,
    elsewhere,
    key_for,
    keys_given,
    keys_in,
    own_keys,
    pen_in,
    show_to_witness,
    told_in,
)
from commands.session import No, Session
from commands.speech import wrong
from commands.stamping import ROOTS, STAMPS, heads_stamped, stamp, stamped
from commands.worker import KEY, log_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.commands import Refusal
    from engine.events import Json
    from workflows.audit.sealing.checkpoints import Verifier
    from workflows.audit.sealing.claims import Elsewhere
    from workflows.audit.sealing.growth import Growth
    from workflows.audit.sealing.proving import Proof

KEY_FILE = click.option("--key", "file", type=FILE, envvar=KEY, help="密钥文件，在数据库之外 / The key's file.")
TREE = click.option(
    "--tree", type=click.Choice(["sha256", "sm3"]), default="sha256", show_default=True, help="哪一棵树 / Which tree."
)
NAME = "日志名称，写进每个树头，如 duban.example.org / The log's name, which stands in each head."
SM3 = "同时建一棵国密 SM3 树 / Keep a tree of SM3 too."
TASK = "事项编号或记录流，如 leak-3、exports / A task or another stream."
TASK_ONLY = "事项编号 / The id of a task."
SEQ = "第几条记录 / Which event of it."
OLD = "较早的树头：文件、公文文字或照纸录入 / The older head: a file, the text of a page, or typed from paper."
NEW = "较晚的树头，不写则为最近一份 / The younger one; by default the last."


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
        with written(on, file):
            made = make_key(file, name)
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
        pen = pen_in(on, file) if file is not None else None
        trees = sorted({"sha256", *log_of(desk).trees()})
        keys = {tree: str(signer_for(pen.signer, tree).verifier) for tree in trees} if pen else keys_of(desk.store)
    if not keys:
        raise on.refused(Refusal("seal_key_none"))
    if out is None:
        answer(on, dict(keys), keys.values())
        return
    write_out(on, out, "".join(f"{each}\n" for each in keys.values()))
    answer(on, {"file": str(out), **keys}, [on.of(f"已写入 {out}", f"Written to {out}")])


@seal.command(help="立即把记录入树并签署树头 / Append what waits, and sign the head, now.")
@KEY_FILE
@click.pass_obj
def now(on: Session, file: Path | None) -> None:
    from engine.commands import Refusal
    from workflows.audit.sealing.growing import seal as seal_now

    pen = pen_in(on, file) if file is not None else None
    with on.desk() as desk:
        done = seal_now(desk.store, log_of(desk), pen)
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
@click.option(
    "--paper", is_flag=True, help="按公文上印的样子打印，便于抄录 / As documents print it, to be typed again."
)
@click.pass_obj
def head(on: Session, tree: str, witness: Path | None, vkeys: tuple[str, ...], *, paper: bool) -> None:
    from engine.commands import Refusal
    from workflows.audit.sealing.checkpoints import NotSigned
    from workflows.audit.sealing.printed import printed

    with on.desk() as desk:
        kept = log_of(desk).checkpoint(tree)
        if kept is None:
            raise on.refused(Refusal("seal_no_head"))
        if witness is not None:
            show_to_witness(on, log_of(desk), witness, kept.note, keys_given(on, desk, vkeys), tree)
    try:
        lines = printed(kept.note, on.lang) if paper else [kept.note.rstrip("\n")]
    except NotSigned as error:
        raise on.no(
            f"库中最近的树头已损坏（{error.text.zh}）；请运行 duban seal check。",
            f"The last head in the database is damaged ({error.text.en}); run duban seal check.",
        ) from error
    answer(on, {"tree": tree, "size": kept.size, "checkpoint": kept.note}, lines)


@seal.command(
    help="一条记录在树中、或两份树头前后相接的证明，离线可验"
    " / Why an event is in the tree, or why one head goes on from another; needs no database to verify."
)
@click.argument("task", required=False, help=TASK)
@click.argument("seq", required=False, type=click.IntRange(min=1), help=SEQ)
@click.option("--from", "old", metavar="HEAD", help=OLD)
@click.option("--to", "new", metavar="HEAD", help=NEW)
@TREE
@OUT
@click.pass_obj
def prove(
    on: Session, task: str | None, seq: int | None, old: str | None, new: str | None, tree: str, out: Path | None
) -> None:
    from engine.commands import Refusal
    from workflows.audit.sealing.growth import grown_to
    from workflows.audit.sealing.proving import prove as proof_of

    event = task is not None and seq is not None
    if event == (old is not None) or (old is None and new is not None):
        raise wrong(
            "请写事项编号与序号，或写 --from 树头 [--to 树头]。",
            "name a task and the number of an event, or say --from HEAD [--to HEAD].",
        )
    with on.desk() as desk:
        log = log_of(desk)
        found: Proof | Growth | Refusal
        if old is None:
            found = proof_of(log, str(task), seq or 0, tree)
        else:
            found = grown_to(log, told_in(old), None if new is None else told_in(new))
    if isinstance(found, Refusal):
        raise on.refused(found)
    if out is None:
        answer(on, found.to_json(), [found.to_text().rstrip("\n")])
        return
    write_out(on, out, found.to_text())
    answer(on, {"file": str(out), **found.to_json()}, [on.of(f"已写入 {out}", f"Written to {out}")])


@seal.command(help="一条记录的回执：哈希、树头，入树后还有证明 / The receipt of an event: its hash, a head, its proof.")
@click.argument("task", help=TASK_ONLY)
@click.argument("seq", type=click.IntRange(min=1), help=SEQ)
@OUT
@click.pass_obj
def receipt(on: Session, task: str, seq: int, out: Path | None) -> None:
    from engine.commands import Refusal
    from workflows.packaging.receipts import receipt_of

    with on.desk() as desk:
        found = receipt_of(desk, log_of(desk), task, seq)
    if found is None:
        raise on.refused(Refusal("receipt_none", {"event": f"{task}#{seq}"}))
    if out is None:
        answer(on, found.to_json(on.lang), found.lines(on.lang))
        return
    write_out(on, out, found.to_text())
    answer(on, {"file": str(out), **found.to_json(on.lang)}, [on.of(f"已写入 {out}", f"Written to {out}")])


@seal.command(help="核验一份证明，不用数据库 / Verify a proof, without a database.")
@click.argument("proof", type=THERE, help="证明文件 / The file with the proof.")
@click.option(
    "--vkey", required=True, metavar="KEY", help="核验公钥或其文件 / The public key of the log, or a file with it."
)
@TREE
@click.pass_obj
def verify(on: Session, proof: Path, vkey: str, tree: str) -> None:
    from engine.reasons import reason_of
    from workflows.audit.sealing.growth import GROWTH
    from workflows.audit.sealing.proving import NoProof

    keys = keys_in(on, vkey)
    try:
        text = proof.read_text(encoding="utf-8")
        told, said = _grown(on, text, keys) if text.startswith(GROWTH) else _included(on, text, keys, tree)
    except (NoProof, UnicodeDecodeError) as error:
        why = reason_of(error)
        raise on.no(f"不成立：{why.zh}。", f"It proves nothing: {why.en}.") from error
    answer(on, told, [said])


def _included(on: Session, text: str, keys: Sequence[Verifier], tree: str) -> tuple[dict[str, Json], str]:
    from workflows.audit.sealing.proving import proved, read_proof

    found = read_proof(text)
    met = proved(found, key_for(on, found.note, keys), tree)
    said = on.of(
        f"成立：{found.leaf} 是 {met.size} 条记录中的第 {found.position + 1} 条。",
        f"It holds: {found.leaf} is number {found.position + 1} of {met.size} events.",
    )
    return {"leaf": found.leaf, "index": found.position, "size": met.size}, said


def _grown(on: Session, text: str, keys: Sequence[Verifier]) -> tuple[dict[str, Json], str]:
    from workflows.audit.sealing.growth import has_grown, read_growth

    found = read_growth(text)
    who = key_for(on, found.new, keys)
    old, new = has_grown(found, who)
    said = on.of(
        f"成立：{who.name} 的 {new.size} 条记录是从 {old.size} 条接下来的，其间一条未改。",
        f"It holds: the {new.size} events of {who.name} begin with the {old.size} of the older head, unaltered.",
    )
    return {"origin": who.name, "from": old.size, "to": new.size}, said


@seal.command(help="以树核对全部记录；给出别处留存的树头更有力 / The whole record against the tree and against heads.")
@click.argument("heads", nargs=-1, type=THERE, help=HEADS)
@WITNESS
@VKEYS
@TYPED
@RECEIPTS
@STAMPS
@ROOTS
@click.pass_obj
def check(
    on: Session,
    heads: tuple[Path, ...],
    witness: Path | None,
    vkeys: tuple[str, ...],
    typed: tuple[str, ...],
    receipts: tuple[str, ...],
    stamps: tuple[Path, ...],
    ca: Path | None,
) -> None:
    from storage.evidence import open_to_read
    from workflows.audit.sealing.checking import check as look
    from workflows.audit.sealing.sayings import meaning, said
    from workflows.audit.sealing.values import Flaw
    from workflows.desk import CLOCK

    stamped_heads = heads_stamped(on, stamps, ca)
    with on.told_plainly(), open_to_read(on.db) as (store, log):
        own, wrong = own_keys(store)
        known = elsewhere(on, own, [*heads, *(each.head for each in stamped_heads)], witness, vkeys, typed, receipts)
        findings = [Flaw("tree_unreadable", facts={"error": each.both}) for each in wrong]
        findings += look(log, known, virtual=store.note(CLOCK) is not None, texts=True)
        last = log.checkpoint("sha256")
        size = max((tree.size for tree in log.trees().values()), default=0)
        if witness is not None and last is not None and not findings:
            show_to_witness(on, log, witness, last.note, known.keys, "sha256")
    told = {
        "size": size,
        "heads": len(known.heads) + len(known.typed),
        "receipts": len(known.receipts),
        "stamps": [each.told for each in stamped_heads],
        "findings": [each.to_json() for each in findings],
    }
    if findings:
        lines = [said(each, on.lang) for each in findings]
        lines += [f"→ {each}" for each in dict.fromkeys(meaning(each.code, on.lang) for each in findings)]
        raise No("\n".join(lines), told if on.json else None)
    answer(on, told, [*_fine(on, size, known), *(each.said for each in stamped_heads)])


def _fine(on: Session, size: int, known: Elsewhere) -> Iterator[str]:
    """That nothing was found, by what, and what could not be seen."""
    outside = len(known.heads) + len(known.typed)
    yield on.of(
        f"{size} 条记录与树相符，{outside} 份别处的树头相符。",
        f"{size} events are as they were sealed; heads from elsewhere that hold: {outside}.",
    )
    if known.receipts:
        count = len(known.receipts)
        yield on.of(f"回执上的 {count} 条记录都在。", f"Events of receipts that are there: {count}.")
    if not outside:
        yield on.of(
            "没有别处留存的树头：能改数据库并重签的人改了什么，看不出来。",
            "No head from elsewhere was given: what somebody did who writes the database and signs anew cannot be"
            " seen.",
        )


seal.add_command(stamp)
seal.add_command(stamped)
