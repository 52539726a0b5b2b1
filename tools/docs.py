"""The generated parts of `docs/`: tables of keys, words, events and refusals, written anew from the code.

A table stands between `<!-- table: NAME -->` and `<!-- end -->`. Its names, kinds and defaults come from the code; the
last column is written by people, and is carried over by the name in the first. What nobody has explained yet shows
`MISSING`, and a test fails. Run by `make docs`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from engine import model, vocabulary
from engine.codes import CODES
from engine.events import EventType
from engine.every import Bound, Count, Every
from engine.model import Field, deadlines
from engine.model.base import Guard, Name, Names, Rules, Slug
from engine.model.deadlines import DueLike
from engine.model.fields import FieldType, kind_of
from engine.model.process import OnChildren, Programme
from engine.model.transitions import Bys, Effects, Window
from engine.problems import Language, Text
from engine.refusal_sayings import SAYINGS
from tools import api_page, command_page
from tools.cells import row_in_chinese
from tools.pages import DOCS, ROOT, renew
from workflows import sayings as office
from workflows.audit.verifying.findings import CODES as FINDINGS
from workflows.authoring import grammar
from workflows.authoring.checking import CODES as IN_TEXTS

PAGES = tuple(DOCS / name for name in ("language.md", "language.zh.md", "events.md", "audit.md", "audit.zh.md"))
MISSING = "MISSING"
LANGUAGES: tuple[Language, Language] = ("zh", "en")

_TABLE = re.compile(r"(<!-- table: (?P<name>[\w ]+) -->\n)(?P<old>.*?)(<!-- end -->)", re.DOTALL)


class Table(NamedTuple):
    """`rows` holds the generated cells by the first one; where `written`, one more column stays as people wrote it."""

    header: tuple[str, ...]
    rows: Mapping[str, tuple[str, ...]]
    written: bool = True


def main() -> None:
    """Write every page that has changed."""
    for page in PAGES:
        renew(page, partial(renewed, lang=language_of(page)))
    command_page.write()
    renew(api_page.PAGE, api_page.renewed)


def language_of(page: Path) -> Language:
    """In which language a page is."""
    return "zh" if page.name.endswith(".zh.md") else "en"


def renewed(text: str, lang: Language = "en") -> str:
    """The text of a page with all its tables written anew. Raises KeyError for a table of nothing."""

    def made(found: re.Match[str]) -> str:
        return found[1] + _rendered(_table(found["name"], lang), _told(found["old"])) + found[4]

    return _TABLE.sub(made, text)


def _told(old: str) -> dict[str, str]:
    """The last cell of each row of a table, by its first."""
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in old.splitlines()[2:]]
    return {row[0]: row[-1] for row in rows if row}


def _rendered(table: Table, told: Mapping[str, str]) -> str:
    lines = [table.header, ("---",) * len(table.header)]
    for name, cells in table.rows.items():
        lines.append((name, *cells, told.get(name, MISSING)) if table.written else (name, *cells))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


# -- which tables there are

MODELS: dict[str, type[BaseModel]] = {
    **{name: getattr(model, name) for name in model.__all__ if issubclass(getattr(model, name), BaseModel)},
    "Every": Every,
    "Fire": deadlines.Fire,
    "OnChildren": OnChildren,
    "Programme": Programme,
    "Starts": deadlines.Starts,
    **{
        name: made
        for name, made in vars(grammar).items()
        if isinstance(made, type) and issubclass(made, BaseModel) and made.__module__ == grammar.__name__
    },
}
"""Every model of the language and of scenario files, by name."""

_PARTS: Mapping[str, type[BaseModel]] = {
    **dict.fromkeys(("Process", "Child", "Programme"), model.Body),
    "Expect": grammar.Facts,
}
"""Models that stand on another, whose keys are explained there."""


def _fields(made: type[BaseModel]) -> dict[str, FieldInfo]:
    return dict(made.__pydantic_fields__)


def keys_of(name: str) -> dict[str, FieldInfo]:
    """The keys that a definition writes for a model, those of its base left out, as are the two titles."""
    inherited = _fields(_PARTS[name]) if name in _PARTS else {}
    fields = _fields(MODELS[name])
    return {
        field.alias or attribute: field
        for attribute, field in fields.items()
        if attribute not in inherited and (attribute not in ("zh", "en") or name == "Titled")
    }


def _table(name: str, lang: Language) -> Table:
    """One table; its header has the column of the meanings too."""
    if (name, lang) == ("codes", "zh"):
        return _slips_in_chinese()
    found = _in_english(name)
    if not found.written:
        return found
    header = (*found.header, "meaning")
    if lang == "en":
        return found._replace(header=header)
    return Table(row_in_chinese(header), {name: row_in_chinese(cells) for name, cells in found.rows.items()})


def _in_english(name: str) -> Table:
    if name in MODELS:
        rows = {
            f"`{key}`": (_SHORT.get((name, key)) or _takes(_whole(field)), _default(field))
            for key, field in keys_of(name).items()
        }
        return Table(("key", "takes", "default"), rows)
    return _OTHERS[name]()


def _variables() -> Table:
    return Table(("variable", "kind"), {f"`{name}`": (kind.value,) for name, kind in vocabulary.ALWAYS.items()})


def _functions() -> Table:
    rows = {
        f"`{each.name}({', '.join(kind.value for kind in each.parameters)})`": (each.result.value,)
        for each in vocabulary.FUNCTIONS
    }
    return Table(("function", "gives"), rows)


def _types() -> Table:
    return Table(("type", "in a guard"), {f"`{each.value}`": (kind_of(each).value,) for each in FieldType})


def _events() -> Table:
    return Table(("event",), {f"`{each.value}`": () for each in EventType})


def _refusals() -> Table:
    sayings: Mapping[str, tuple[Text, Text]] = {**SAYINGS, **office._WHY}  # noqa: SLF001 - shown here, and only here
    rows = {
        f"`{code}`": _said(sayings[code]) for code in sorted(refusal_codes("engine", "workflows")) if code in sayings
    }
    return Table(("code", "中文", "English"), rows, written=False)


def _said(saying: tuple[Text, Text]) -> tuple[str, str]:
    """The reason and the cure, in both languages, as one cell each."""
    why, cure = saying
    zh, en = (f"{why.in_(lang)} — {cure.in_(lang)}".replace("|", "\\|") for lang in LANGUAGES)
    return zh, en


def _slips() -> Table:
    """What loading and checking a text may find wrong in it."""
    rows = {f"`{code}`": _said((each.what, each.cure)) for code, each in {**CODES, **IN_TEXTS}.items()}
    return Table(("code", "中文", "English"), rows, written=False)


def _slips_in_chinese() -> Table:
    rows = {f"`{code}`": (each.what.zh, each.cure.zh) for code, each in {**CODES, **IN_TEXTS}.items()}
    cells = {code: tuple(cell.replace("|", "\\|") for cell in row) for code, row in rows.items()}
    return Table(("代码", "问题", "改法"), cells, written=False)


def _findings(lang: Language) -> Table:
    """What a verification may find, in one language; what a finding fills in stands in italics."""
    rows = {
        f"`{code}`": (re.sub(r"\{(\w+)\}", r"*\1*", kind.said.in_(lang)), kind.meaning.in_(lang))
        for code, kind in FINDINGS.items()
    }
    header = ("代码", "问题", "处理") if lang == "zh" else ("code", "what is wrong", "what to make of it")
    return Table(header, rows, written=False)


_OTHERS: Mapping[str, Callable[[], Table]] = {
    "variables": _variables,
    "functions": _functions,
    "field types": _types,
    "events": _events,
    "refusals": _refusals,
    "codes": _slips,
    "findings zh": partial(_findings, "zh"),
    "findings en": partial(_findings, "en"),
}


# -- what a key takes, in words

_WORDS: tuple[tuple[Any, str], ...] = (
    (Guard, "expression"),
    (Name, "name"),
    (Slug, "name, dashes allowed"),
    (Rules, "text, or a list"),
    (Names, "name, or a list"),
    (Bys, "role, `By`, or a list"),
    (Effects, "`Effect`, or a list"),
    (DueLike, "sentence or `Due`"),
    (Bound, "period or day"),
    (Count, "1 to 366"),
    (bool, "true or false"),
    (str, "text"),
    (int, "whole number"),
    (Any, "value"),
    (grammar.Moment, "local time"),
    (grammar.DoerLike, "role or `Doer`"),
    (grammar.Texts, "text, or a list"),
    (grammar.Types, "event, or a list"),
    (Field, "`Field`"),
)

_SHORT: Mapping[tuple[str, str], str] = {
    ("Transition", "to"): "state, or a list of `Branch`",
    ("Deadline", "starts"): "`registered`, trigger, list, or `Starts`",
    ("Deadline", "pause"): "`Pause`, or a list",
    ("Deadline", "met_by"): "trigger, `MetBy`, or a list",
    ("Deadline", "remind"): "sentence, `Reminder`, or a list",
    ("Child", "on_end"): "`OnChildren`, or a list",
    ("Publication", "text"): "`Titled`, or the name of another publication",
    ("Property", "never"): "guard, or `{state: …}`",
    ("Deadline", "remind_at"): "local time",
    ("Due", "at"): "local time",
}
"""Keys that take more than their type says: a validator reads a short form."""


def _whole(field: FieldInfo) -> Any:
    """The annotation as it was written: Pydantic keeps its outermost metadata apart."""
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def _takes(annotation: Any) -> str:
    for known, words in _WORDS:
        if annotation == known:
            return words
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _takes(parts[0])
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(_takes(part) for part in parts if part is not NoneType))
    if origin is Literal:
        return ", ".join(f"`{str(part).lower() if part is True else part}`" for part in parts)
    if origin in (tuple, list):
        return f"list of {_takes(parts[0])}"
    if origin is not None:
        return f"{_takes(parts[0])}: {_takes(parts[1])}"
    return "field type" if annotation is FieldType else f"`{annotation.__name__}`"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.default
    if value is None or value is PydanticUndefined or value in ((), {}, "") or isinstance(value, BaseModel):
        return "–"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


# -- refusals


def refusal_codes(*rooms: str) -> set[str]:
    """Every code that the source of these rooms refuses with."""
    return {
        code
        for room in rooms
        for path in sorted((ROOT / room).rglob("*.py"))
        for code in codes_in(path.read_text("utf-8"))
    }


def codes_in(source: str) -> Iterator[str]:
    """The codes in one source: what `Refused(…)` and `Refusal(…)`, and the classes built on them, are made with."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and _name(node.func) in _REFUSING:
            yield from _codes(node.args[0])
        elif isinstance(node, ast.ClassDef) and any(_name(base) in _REFUSING for base in node.bases):
            made = (inner for inner in ast.walk(node) if isinstance(inner, ast.Call) and inner.args)
            yield from (code for call in made if _name(call.func) == "__init__" for code in _codes(call.args[0]))
        elif isinstance(node, ast.Call) and len(node.args) == 4 and _name(node.func) == "read_form":
            yield from _codes(node.args[3])
        elif isinstance(node, ast.FunctionDef) and node.name == "read_form":
            yield from (code for default in node.args.defaults for code in _codes(default))


_REFUSING = ("Refused", "Refusal")


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _codes(node: ast.expr) -> Iterator[str]:
    """One code; `window_…` ends in the sides of a window."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        stem = node.values[0]
        assert isinstance(stem, ast.Constant), "a code begins with a text"
        yield from (f"{stem.value!s}{side}" for side in Window.model_fields)


if __name__ == "__main__":
    main()
