"""The record taken away in the standards that others read; who took it is itself recorded."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.files import taken_out
from commands.render import OUT, answer
from commands.seal_files import head_beside, last_note
from commands.session import Session, wrong

if TYPE_CHECKING:
    from workflows.desk import Desk
    from workflows.exporting.values import Trace

FORMATS = ("xes", "ocel", "ocel-sqlite", "ndjson", "csv")
PROCESS = "只取某一流程，如 leak / One process only, as in leak."
FORMAT = "格式：XES、OCEL 2.0（JSON 或 SQLite）、NDJSON、CSV / Which standard."


@click.command(help="导出记录供其他工具读取，导出本身留痕 / The record for other tools; that it was taken is recorded.")
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help=FORMAT)
@click.option("--process", metavar="P", help=PROCESS)
@OUT
@click.pass_obj
def export(on: Session, form: str, process: str | None, out: Path | None) -> None:
    from workflows.exporting.record import traces
    from workflows.exporting.taken import note_taken

    if out is None and (form == "ocel-sqlite" or on.json):
        raise wrong("请用 --out 写明文件。", "say with --out to which file.")
    with on.desk() as desk:
        known = sorted({each.process for each in desk.store.editions()})
        if process is not None and process not in known:
            raise on.no(f"没有流程 {process}；有：{'、'.join(known)}。", f"no process {process}; there are: {known}.")
        note_taken(desk, on.user, "RecordExported", format=form, process=process)
        with taken_out(on, out) if out is not None else nullcontext() as part:
            _written(desk, form, traces(desk, process), part)
        head = head_beside(on, out, last_note(desk)) if out is not None else None
    if out is not None:
        told = {"file": str(out), "format": form, **({"head": str(head)} if head else {})}
        beside = [on.of(f"记录树头在 {head}", f"The head of the record is in {head}")] if head else []
        answer(on, told, [on.of(f"已写入 {out}", f"Written to {out}"), *beside])


def _written(desk: Desk, form: str, found: Iterable[Trace], out: Path | None) -> None:
    if form == "ocel-sqlite" and out is not None:
        from storage.ocel_file import write_ocel
        from workflows.exporting.ocel import ocel

        write_ocel(ocel(found), out)
        return
    pieces = _pieces(desk, form, found)
    if out is None:
        for piece in pieces:
            click.echo(piece, nl=False)
        return
    with out.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces)


def _pieces(desk: Desk, form: str, found: Iterable[Trace]) -> Iterable[str]:
    from workflows.exporting import ocel, plain, xes

    match form:
        case "xes":
            return xes.xes(found)
        case "ocel":
            return [ocel.ocel_json(ocel.ocel(found))]
        case "ndjson":
            return plain.ndjson(desk, found)
        case _:
            return [plain.comma_separated(found)]
