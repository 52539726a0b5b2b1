"""Keys, heads and witness files as `duban seal` is given them: read, or refused with what would help."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.files import write_out, written
from commands.session import Session
from commands.speech import Wrong, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.commands import Refusal
    from engine.problems import Text
    from workflows.audit.sealing.checkpoints import Verifier
    from workflows.audit.sealing.claims import Elsewhere
    from workflows.audit.sealing.ports import Log
    from workflows.audit.sealing.printed import OnPaper
    from workflows.audit.sealing.signing import Pen
    from workflows.desk import Desk
    from workflows.packaging.receipts import Held
    from workflows.ports import Store

FILE = click.Path(path_type=Path, dir_okay=False)
THERE = click.Path(path_type=Path, dir_okay=False, exists=True)
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
HEADS = (
    "从别处得来的树头文件，也可以是印有树头的公文文字 / Files with heads kept elsewhere, or the text of a printed page."
)
TYPED = click.option(
    "--typed",
    multiple=True,
    metavar="HEAD",
    help="照纸上录入的树头：日志名、条数、十六进制根及校验 / A head typed from paper: log, size, root with its check.",
)
RECEIPTS = click.option(
    "--receipt",
    "receipts",
    multiple=True,
    metavar="FILE",
    help="回执：文件、印出的文字，或照纸录入 / A receipt: a file, the text of a page, or typed from paper.",
)


def pen_in(on: Session, file: Path) -> Pen:
    """The key in a file, with its memory. Refuses one that cannot be used."""
    from engine.commands import Refusal
    from workflows.audit.sealing.keyring import pen_of

    found = pen_of(file)
    if isinstance(found, Refusal):
        raise on.refused(found)
    return found


def key_in(on: Session, text: str) -> Verifier:
    """A public key as it is written. Refuses what is none."""
    from workflows.audit.sealing.checkpoints import NoKey, verifier_of

    try:
        return verifier_of(text)
    except NoKey as error:
        zh, en = error.text
        raise on.no(f"这不是核验公钥：{text}（{zh}）。", f"This is no public key: {text} ({en}).") from error


def keys_in(on: Session, told: str) -> list[Verifier]:
    """A key that was written out, or those in a file, a line each."""
    file = Path(told)
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else [told]
    return [key_in(on, line) for line in lines if line.strip()]


def keys_given(on: Session, desk: Desk, given: tuple[str, ...]) -> list[Verifier]:
    """Those that were given, else those that the database tells itself."""
    from workflows.audit.sealing.growing import keys_of

    return [key for told in (given or keys_of(desk.store).values()) for key in keys_in(on, told)]


def own_keys(store: Store) -> tuple[Mapping[str, str], Sequence[Text]]:
    """The keys that the database tells itself; a damaged note is told and is no key."""
    from engine.problems import Text
    from engine.reasons import reason_of
    from workflows.audit.sealing.checkpoints import verifier_of
    from workflows.audit.sealing.growing import keys_of
    from workflows.audit.sealing.values import SEAL_KEYS

    try:
        told = keys_of(store)
        for each in told.values():
            verifier_of(each)
    except (AttributeError, TypeError, ValueError) as error:
        zh, en = reason_of(error)
        return {}, [Text(f"{SEAL_KEYS}：{zh}", f"{SEAL_KEYS}: {en}")]
    return told, ()


def elsewhere(
    on: Session,
    own: Mapping[str, str],
    heads: Sequence[Path],
    witness: Path | None,
    vkeys: Sequence[str],
    typed: Sequence[str] = (),
    receipts: Sequence[str] = (),
) -> Elsewhere:
    """What is known from outside: heads in files, those of a witness, those typed from paper, receipts, and keys; the
    database's `own` where no others were given.
    """
    from workflows.audit.sealing.claims import Elsewhere
    from workflows.clock import wall

    keys = [key for told in (vkeys or own.values()) for key in keys_in(on, told)]
    held = [(source, each) for text in receipts for source, each in _received(on, text)]
    papers = [*_in_files(heads), *_typed(on, typed)]
    papers += [head for source, each in held for head in _heads_in(source, each.text)]
    seen = heads_remembered(on, witness) if witness is not None else []
    notes = [(source, each) for source, each in papers if isinstance(each, str)]
    unsigned = [(source, each) for source, each in papers if not isinstance(each, str)]
    heads_given = [*notes, *((file, note) for file, note, _ in seen)]
    events = [(source, leaf) for source, each in held for leaf in each.events]
    keys_known = [*(who for _, _, who in seen), *keys]
    return Elsewhere(keys_known, heads_given, wall() if vkeys or seen else None, unsigned, events)


def _received(on: Session, told: str) -> Iterator[tuple[str, Held]]:
    """A receipt in a file, or typed. Refuses what is none."""
    from workflows.packaging.receipts import NoReceipt, read_receipt

    try:
        yield told if _is_file(Path(told)) else on.of("纸上", "paper"), read_receipt(told_in(told))
    except NoReceipt as error:
        raise wrong(
            f"--receipt：{told[:80]} 不是回执，或有录入错误（{error.text.zh}）；请核对事项编号、序号、八组哈希和"
            "最后四位校验。",
            f"--receipt: {told[:80]} is no receipt, or has a slip in it ({error.text.en}); compare the task, the"
            " number, the eight groups of the hash, and the four characters of the check.",
        ) from error


def _in_files(files: Sequence[Path]) -> Iterator[tuple[str, str | OnPaper]]:
    """What each file holds: a checkpoint, or the text of a page with heads in its small print."""
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        yield from _heads_in(str(file), text) or [(str(file), text)]


def _heads_in(source: str, text: str) -> list[tuple[str, str | OnPaper]]:
    """The heads in a text: printed ones, or the checkpoint that it is."""
    from workflows.audit.sealing.checkpoints import is_checkpoint
    from workflows.audit.sealing.printed import Mistyped, found_in

    try:
        found = [(source, each.note or each) for each in found_in(text)]
    except Mistyped as error:
        raise _mistyped(source) from error
    return found or ([(source, text)] if is_checkpoint(text) else [])


def _typed(on: Session, told: Sequence[str]) -> Iterator[tuple[str, str | OnPaper]]:
    from workflows.audit.sealing.printed import Mistyped, typed

    for each in told:
        try:
            found = typed(each)
        except Mistyped as error:
            raise _mistyped(each) from error
        yield on.of("纸上", "paper"), found.note or found


def told_in(text: str) -> str:
    """What is in a file of this name, else the text itself."""
    file = Path(text)
    return file.read_text(encoding="utf-8", errors="replace") if _is_file(file) else text


def _is_file(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError:  # longer than a name may be
        return False


def _mistyped(told: str) -> Wrong:
    return wrong(
        f"树头有误：{told}；请核对日志名、条数、八组根和最后四位校验。",
        f"This is no head as it is printed, or there is a slip in it: {told}; compare the log's name, the size, the"
        " eight groups of the root, and the four characters of the check.",
    )


def key_for(on: Session, note: str, keys: Sequence[Verifier]) -> Verifier:
    """The key of the origin of a head. Refuses where none is known."""
    from engine.problems import Text
    from workflows.audit.sealing.checkpoints import NotSigned, claimed

    try:
        origin, _ = claimed(note)
    except NotSigned as error:
        raise on.refused(_unsigned("?", error.text)) from error
    who = next((each for each in keys if each.name == origin), None)
    if who is None:
        raise on.refused(_unsigned(origin, Text("没有它的公钥", "no key of it is known")))
    return who


def heads_remembered(on: Session, file: Path) -> list[tuple[str, str, Verifier]]:
    """What a witness remembers: where from, the note, and whose key."""
    from engine.commands import Refusal
    from workflows.audit.sealing.witnessing import WitnessBroken, seen_in

    try:
        return [(str(file), each.note, key_in(on, each.key)) for each in seen_in(file).values()]
    except (WitnessBroken, OSError) as error:
        raise on.refused(Refusal("witness_broken", {"file": str(file)})) from error


def show_to_witness(on: Session, log: Log, file: Path, note: str, keys: Sequence[Verifier], tree: str) -> None:
    """Let the witness look at a head, under the key of its origin."""
    from engine.commands import Refusal
    from workflows.audit.sealing.witnessing import WitnessBroken, witness

    who = key_for(on, note, keys)
    try:
        with written(on, file):
            found = witness(log, file, note, who, tree)
    except WitnessBroken as error:
        raise on.refused(Refusal("witness_broken", {"file": str(file)})) from error
    if isinstance(found, Refusal):
        raise on.refused(found)


def _unsigned(origin: str, reason: Text) -> Refusal:
    from engine.commands import Refusal

    return Refusal("witness_unsigned", {"origin": origin, "reason": reason.both})


def last_note(desk: Desk) -> str | None:
    """The head that was signed last."""
    from commands.worker import log_of

    kept = log_of(desk).checkpoint("sha256")
    return None if kept is None else kept.note


def head_beside(on: Session, out: Path, note: str | bytes | None) -> Path | None:
    """The head that was signed last, in a file beside an export: whoever takes the record away takes along what tells
    whether it is changed later. None where none was signed. Refuses where it cannot be written.
    """
    if note is None:
        return None
    file = out.with_name(f"{out.name}.head")
    write_out(on, file, note)
    return file
