"""Official documents at the command line: list, take out, declare void; templates; the archive set of a task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.files import write_out
from commands.render import answer, local, table
from commands.session import No, Session

if TYPE_CHECKING:
    from workflows.papers.ports import Papers, Press, PressProblem
    from workflows.papers.values import Document

NEW = click.Path(path_type=Path, dir_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command(help="列出公文 / List documents.")
@click.option("--task", metavar="ID", help="某一事项及其子事项的 / Of one task and its children.")
@click.option("--publication", metavar="NAME", help="某一种的 / Of one kind.")
@click.pass_obj
def documents(on: Session, task: str | None, publication: str | None) -> None:
    with on.desk() as desk:
        found = _papers(desk)[0].documents(task=task, publication=publication)
    if on.json:
        answer(on, [_json(each) for each in found])
        return
    columns = [
        ("编号", "Id"),
        ("文号", "Number"),
        ("标题", "Title"),
        ("事项", "Task"),
        ("印发 (UTC)", "Issued (UTC)"),
        ("", ""),
    ]
    table(on, columns, [(*_row(each), on.of("作废", "void") if each.void else "") for each in found])


def _row(each: Document) -> tuple[Any, ...]:
    return each.id, each.number.text, each.title, each.stream, local(each.issued_at, None)


def _json(each: Document) -> dict[str, Any]:
    void = {"at": each.void.at, "by": each.void.by, "reason": each.void.reason} if each.void else None
    plain = ("id", "publication", "title", "language", "audience", "template", "digest", "issued_at", "issued_by")
    told = {name: getattr(each, name) for name in plain}
    return {**told, "task": each.stream, "number": each.number.text, "void": void}


@click.command(help="取出一份公文 / Take a document out, as it was issued.")
@click.argument("number", type=int, metavar="ID", help="编号，见 duban documents / Its id: see duban documents.")
@click.option("--out", type=NEW, required=True, help="写到哪个文件 / The file to write.")
@click.option("--pdf", is_flag=True, help="转换为 PDF，须装有 LibreOffice / As a PDF, by LibreOffice.")
@click.option("--translated", is_flag=True, help="英文译本，供阅读 / The copy in English, for reading.")
@click.pass_obj
def document(on: Session, number: int, out: Path, *, pdf: bool, translated: bool) -> None:
    from documents.pdf import convert
    from engine.commands import Refusal
    from workflows.papers.ports import PressProblem

    with on.desk() as desk:
        papers, press = _papers(desk)
        found = papers.document(number)
        if found is None:
            raise on.refused(Refusal("unknown_document", {"document": number}))
        try:
            content = _translated(papers, press, found) if translated else papers.file(found.digest) or b""
            content = convert(content) if pdf else content
        except PressProblem as problem:
            raise _failed(on, problem) from problem
    write_out(on, out, content)
    told = {**_json(found), "file": str(out), "bytes": len(content)}
    answer(on, told, [on.of(f"{found.number.text} 已写到 {out}", f"{found.number.text} is in {out}")])


def _translated(papers: Papers, press: Press, found: Document) -> bytes:
    """The same facts in English on the same template."""
    return press.render(papers.file(found.template) or b"", papers.facts(found.id)["en"])


def _failed(on: Session, problem: PressProblem) -> No:
    said = f"{problem.text.in_(on.lang)}{on.of('。', '.')}"
    told = {"refused": {"code": problem.code, "message": said}}
    return No(said, told if on.json else None)


def _papers(desk: Any) -> tuple[Papers, Press]:
    return desk.papers, desk.press


@click.command(help="作废一份公文 / Declare a document void; its number is not used again.")
@click.argument("number", type=int, metavar="ID", help="编号，见 duban documents / Its id: see duban documents.")
@click.option("--reason", required=True, help="原因 / Why.")
@click.pass_obj
def void(on: Session, number: int, reason: str) -> None:
    from engine.commands import Refusal
    from workflows.papers.voiding import void as declare

    with on.desk() as desk:
        found = declare(desk, number, reason, on.actor)
    if isinstance(found, Refusal):
        raise on.refused(found)
    answer(on, _json(found), [on.of(f"{found.number.text} 已作废", f"{found.number.text} is void")])


@click.group(help="公文模板：列出、替换 / Templates of documents: list, replace.")
def template() -> None:
    """Word files from which documents are made."""


@template.command("list", help="列出模板及其版本 / List templates with their versions.")
@click.argument("process", help="流程标识 / The process.")
@click.pass_obj
def listed(on: Session, process: str) -> None:
    with on.desk() as desk:
        found = _papers(desk)[0].templates(process)
    if on.json:
        answer(on, [{name: getattr(each, name) for name in each.__slots__} for each in found])
        return
    columns = [("模板", "Template"), ("摘要", "Digest"), ("何人", "By"), ("何时 (UTC)", "When (UTC)")]
    table(on, columns, [(each.name, each.digest[:12], each.kept_by, local(each.kept_at, None)) for each in found])


@template.command("put", help="以 Word 文件替换模板 / Replace a template by a Word file.")
@click.argument("process", help="流程标识 / The process.")
@click.argument("name", help="模板名，如 flash.docx / Its name, as in flash.docx.")
@click.argument("file", type=FILE, help="Word 文件 / The Word file.")
@click.pass_obj
def put(on: Session, process: str, name: str, file: Path) -> None:
    from engine.commands import Refusal
    from workflows.papers.templates import keep_template

    with on.desk() as desk:
        kept = keep_template(desk, process, name, file.read_bytes(), on.actor)
    if isinstance(kept, Refusal):
        raise on.refused(kept)
    told = {"process": process, "name": name, "digest": kept.digest}
    answer(on, told, [on.of(f"已启用 {name}（{kept.digest[:12]}）", f"{name} is in use ({kept.digest[:12]})")])


@click.command(help="归档：办结事项的全部材料 / File a closed task: everything about it in one ZIP.")
@click.argument("task", help="事项编号 / The id of the task.")
@click.option("--out", type=NEW, required=True, help="写到哪个文件 / The file to write.")
@click.pass_obj
def archive(on: Session, task: str, out: Path) -> None:
    from engine.commands import Refusal
    from workflows.papers.archive import archive as made_of

    with on.desk() as desk:
        made = made_of(desk, task)
    if isinstance(made, Refusal):
        raise on.refused(made)
    write_out(on, out, made)
    answer(
        on,
        {"task": task, "file": str(out), "bytes": len(made)},
        [on.of(f"{task} 已归档到 {out}", f"{task} is filed in {out}")],
    )
