"""What the engine cannot know of a definition: whether its calendar is there and its texts can be filled in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from engine.checks.guards import guards_asked, of_guards
from engine.checks.horizon import of_horizon
from engine.checks.whole import of_whole
from engine.codes import Code
from engine.document import Document
from engine.edition import Edition
from engine.guards.effort import SpentError, within
from engine.loading import Loaded
from engine.model import Body
from engine.problems import Position, Problem, Text, in_order, meant
from workflows.office.notices import NAMES as IN_NOTICES
from workflows.papers.bulletin import NAMES as IN_PUBLICATIONS
from workflows.papers.checks import of_documents, of_templates
from workflows.papers.ports import Press
from workflows.sources import calendar_named, calendar_names, templates_beside
from workflows.texts import TextProblem, names_in

Where = tuple[str, ...]

CODES: Mapping[str, Code] = {
    "unknown-calendar": Code(Text("没有这份工作日历", "an unknown calendar"), Text("如 cn", "such as `cn`")),
    "template": Code(
        Text("文本、文号、标志或 Word 模板无法读取", "a text, number, mark or Word template that cannot be read"),
        Text("检查 `{{ … }}` 和 `{% … %}` 是否成对", "see that each `{{ … }}` and `{% … %}` is closed"),
    ),
    "template-name": Code(
        Text("模板用了没有的名称", "a template uses a name that is not there"), Text("用相近的", "use the near one")
    ),
    "template-missing": Code(
        Text("没有所称的 Word 模板文件", "there is no such Word template"),
        Text("放在定义旁的 templates 文件夹", "put it into the folder `templates` beside the definition"),
    ),
    "no-organ": Code(
        Text("公文没有写明发文机关", "a document does not say in whose name it goes out"),
        Text("写出 organ", "write `organ`"),
    ),
    "no-serial": Code(
        Text("文号没有序号", "the number of a document has no serial"),
        Text("写上 `{{ serial }}`", "write `{{ serial }}`"),
    ),
    "role-unheld": Code(
        Text("没有人担任的角色（对照库中任命）", "nobody holds a role, by the appointments of a database"),
        Text("任命一人，或删去该角色", "appoint somebody, or take the role out"),
    ),
    "guards-unasked": Code(
        Text(
            "条件太多，此处没有问完；没有问到的是对是错，不作判断",
            "too many guards to ask all of them here; of those that were not asked nothing is known",
        ),
        Text("请用 duban check 查全，用 duban prove 证明", "`duban check` and `duban prove` take the time they need"),
    ),
    "mark": Code(
        Text("密级、紧急程度等标志不合规定", "a mark of a document is not as the rules have it"),
        Text("按所示的写法", "write it as is told"),
    ),
}
"""What is found in the texts of a definition, beside the codes of loading."""


def problems(loaded: Loaded, file: Path, press: Press | None = None) -> list[Problem]:
    """The problems of a definition in a file: those of its loading, an unknown calendar, those of its guards, its texts
    and of it as a whole, and those of the Word files beside it, whose names a `press` can read.
    """
    if loaded.edition is None or loaded.document is None:
        return list(loaded.problems)
    found = of_templates(loaded.edition, loaded.document, place, templates_beside(file), press)
    return in_order([*alone(loaded), *found])


def alone(loaded: Loaded, steps: int | None = None) -> list[Problem]:
    """The problems of a text that stands alone: the Word files of its documents are elsewhere. Where somebody waits for
    the answer its guards are asked in so many `steps` (`engine.guards.effort`); what they do not suffice for is said
    not to have been asked.
    """
    edition, document = loaded.edition, loaded.document
    if edition is None or document is None:
        return list(loaded.problems)
    found = [*_calendar(edition, document), *of_texts(edition, document)]
    found += of_guards(edition, document) if steps is None else _asked_within(edition, document, steps)
    return in_order([*loaded.problems, *found, *of_whole(edition, document)])


PATIENCE = 4_000_000
"""Steps for whoever waits before a page: a second or two. The founding definitions take a twentieth of it."""


def _asked_within(edition: Edition, document: Document, steps: int) -> list[Problem]:
    found = list[Problem]()
    try:
        with within(steps):
            found.extend(guards_asked(edition, document))
    except SpentError:
        code = CODES["guards-unasked"]
        found.append(Problem("guards-unasked", document.at(("transitions",)), code.what, code.cure, "warning"))
    return found


def _calendar(edition: Edition, document: Document) -> Iterator[Problem]:
    name, known = edition.process.calendar, calendar_names()
    if name not in known:
        message = Text(f"没有日历 `{name}`", f"there is no calendar `{name}`")
        yield Problem("unknown-calendar", document.at(("calendar",)), message, meant(name, known))
        return
    yield from of_horizon(edition, document, lambda: calendar_named(name))


def of_texts(edition: Edition, document: Document) -> Iterator[Problem]:
    """The problems of the texts of notices and publications."""
    bodies = dict(edition.process.bodies())
    fields = {name for body in bodies.values() for name, field in body.fields.items() if not field.personal}
    for kind, body in bodies.items():
        for path, template in _templates(place(kind), body):
            known = IN_PUBLICATIONS if path[-4] == "publications" else IN_NOTICES | fields
            yield from _of(template, document.at(path), known)
    yield from of_documents(edition, document, place)


def place(kind: str) -> Where:
    """Where a body stands in the text, by its kind: `programme/item` is in the children of the programme."""
    place: Where = ()
    for part in filter(None, kind.split("/")):
        place += (part,) if part == "programme" and not place else ("children", part)
    return place


def _templates(place: Where, body: Body) -> Iterator[tuple[Where, str]]:
    for part, named in (("notices", body.notices), ("publications", body.publications)):
        for name, one in named.items():
            for key in ("text", "attendance"):
                said = getattr(one, key, None)
                if said is not None:
                    yield (*place, part, name, key, "zh"), said.zh
                    yield (*place, part, name, key, "en"), said.en


def _of(template: str, where: Position, known: Iterable[str]) -> Iterator[Problem]:
    try:
        names = names_in(template)
    except TextProblem as problem:
        zh, en = problem.text
        message = Text(f"文本模板无法读取：{zh}", f"the template cannot be read: {en}")
        cure = Text("请检查 `{{ … }}` 和 `{% … %}` 是否成对", "see that each `{{ … }}` and `{% … %}` is closed")
        yield Problem("template", where, message, cure)
        return
    for name in sorted(names - set(known)):
        message = Text(f"文本模板用了没有的名称 `{name}`", f"the template uses `{name}`, which is not there")
        yield Problem("template-name", where, message, meant(name, known))
