"""What the engine cannot know of the documents of a definition: their numbers, addressees and Word files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from engine.document import Document
from engine.edition import Edition
from engine.model import Publication
from engine.problems import Position, Problem, Text, meant
from workflows.papers import marks
from workflows.papers.bulletin import NAMES as IN_TEXT
from workflows.papers.facts import IN_NUMBER
from workflows.papers.ports import Press, PressProblem
from workflows.papers.values import NAMES
from workflows.texts import TextProblem, names_in

Where = tuple[str, ...]
Found = Callable[[str], bytes | None]
"""Finds a Word file by its name."""


def of_documents(edition: Edition, document: Document, place: Callable[[str], Where]) -> Iterator[Problem]:
    """Numbers, organs and roles of the documents; `place` says where the body of a kind stands."""
    for kind, body in edition.process.bodies():
        for name, rule in body.publications.items():
            if rule.template is not None:
                yield from _of(edition, rule, document, (*place(kind), "publications", name))


def _of(edition: Edition, rule: Publication, document: Document, path: Where) -> Iterator[Problem]:
    if rule.organ is None and edition.process.organ is None:
        said = Text("公文没有写明发文机关", "it does not say in whose name it goes out")
        cure = Text("在流程中写出 organ，或在此写出", "write `organ` into the process, or here")
        yield Problem("no-organ", document.at(path), said, cure)
    yield from _of_number(rule.number or "", document.at((*path, "number")))
    yield from _of_marks(rule, lambda name: document.at((*path, "marks", name)))
    for key, roles in (("to", rule.to), ("copies", rule.copies)):
        for role in roles:
            if role not in edition.process.roles:
                said = Text(f"没有角色 `{role}`", f"there is no role `{role}`")
                yield Problem("unknown-role", document.at((*path, key)), said, meant(role, edition.process.roles))


def _of_marks(rule: Publication, where: Callable[[str], Position]) -> Iterator[Problem]:
    """Names in the marks of its head, and what a mark that is written out says."""
    for name in marks.NAMES if rule.marks else ():
        pattern = getattr(rule.marks, name)
        if pattern is None:
            continue
        try:
            names = names_in(pattern)
        except TextProblem as problem:
            zh, en = problem.text
            yield Problem("template", where(name), Text(f"标志无法读取：{zh}", f"the mark cannot be read: {en}"))
            continue
        yield from _unknown(names, IN_TEXT, where(name), Text("标志", "the mark"))
        said = marks.OPEN if name == "secrecy" and rule.audience == "public" else None
        said = said or (marks.wrong(name, pattern) if "{" not in pattern else None)
        if said is not None:
            yield Problem("mark", where(name), said)


def _of_number(pattern: str, where: Position) -> Iterator[Problem]:
    try:
        names = names_in(pattern)
    except TextProblem as problem:
        zh, en = problem.text
        yield Problem("template", where, Text(f"文号无法读取：{zh}", f"the number cannot be read: {en}"))
        return
    yield from _unknown(names, IN_NUMBER, where, Text("文号", "the number"))
    if "serial" not in names:
        said = Text("文号没有序号，各件将同号", "the number has no serial: all documents would have the same one")
        yield Problem("no-serial", where, said, Text("写上 `{{ serial }}`", "write `{{ serial }}` into it"))


def of_templates(
    edition: Edition, document: Document, place: Callable[[str], Where], found: Found, press: Press | None
) -> Iterator[Problem]:
    """The Word files: whether they are there, sane, and use nothing but what a document has."""
    for kind, body in edition.process.bodies():
        for name, rule in body.publications.items():
            if rule.template is not None:
                where = document.at((*place(kind), "publications", name, "template"))
                yield from _of_template(rule.template, found(rule.template), where, press)


def _of_template(name: str, content: bytes | None, where: Position, press: Press | None) -> Iterator[Problem]:
    if content is None:
        said = Text(f"没有模板文件 templates/{name}", f"there is no file templates/{name}")
        cure = Text("放在定义旁的 templates 文件夹", "put it into the folder `templates` beside the definition")
        yield Problem("template-missing", where, said, cure)
        return
    if press is None:
        return
    try:
        yield from _unknown(press.names(content), NAMES, where, Text(f"模板 {name} ", f"the template {name}"))
    except PressProblem as problem:
        yield Problem("template", where, problem.text)


def _unknown(names: Iterable[str], known: Iterable[str], where: Position, what: Text) -> Iterator[Problem]:
    for name in sorted(set(names) - set(known)):
        said = Text(f"{what.zh}用了没有的名称 `{name}`", f"{what.en} uses `{name}`, which is not there")
        yield Problem("template-name", where, said, meant(name, known))
