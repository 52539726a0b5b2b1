"""Forms made from a definition: each typed field as a control, and what was sent as the values of a form.

A field's control is named `f.NAME`, so that no field collides with what the page itself sends. A file that was sent
with a form that was refused is kept, and comes back as a signed reference: nothing has to be chosen again.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from starlette.datastructures import FormData, UploadFile

from engine.events import Json
from engine.model import Field
from engine.model.fields import FieldType
from engine.problems import Language
from web.uploads import UploadProblem, checked
from web.visit import Visit

BLANK_ROWS = 3
MOST_TEXT = 100_000
"""Characters of one text: a book of some length. A document is handed in as a file."""


@dataclass(frozen=True)
class Control:
    """One field as a page shows it. `value` is what was typed, a list where there may be several."""

    name: str
    title: str
    type: str
    required: bool
    value: Any = ""
    choices: Sequence[tuple[str, str]] = ()
    unit: str | None = None
    personal: bool = False
    wrong: str | None = None
    columns: Sequence[Control] = ()
    rows: Sequence[Sequence[Control]] = ()
    kept: Sequence[tuple[str, str]] = ()
    """Files that came before: their names and references."""


@dataclass
class Sent:
    """What somebody sent: the raw values of each field for the engine, and what is wrong with the files."""

    values: dict[str, Json] = field(default_factory=dict)
    wrong: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Fields that are not taken: the key of the words that say why, and the name of the file; no name for a text."""


@dataclass(frozen=True)
class Keeper:
    """Takes files in: `keep` stores one and returns its digest, `secret` signs references to it for one user. What came
    in, or came back by a reference, is `vouched` for.
    """

    keep: Any
    secret: bytes
    user: str
    limit: int
    vouched: set[str] = field(default_factory=set)

    def take(self, name: str, content: bytes) -> dict[str, Json]:
        """Keep a file that was checked."""
        digest = self.keep(name, content)
        self.vouched.add(digest)
        return {"name": name, "digest": digest}

    def reference(self, file: Mapping[str, Json]) -> str:
        """A kept file as a page carries it, so that only who sent it can send it again."""
        told = json.dumps([file["digest"], file["name"]], ensure_ascii=False)
        return f"{self._sign(told)}.{told}"

    def found(self, reference: str) -> dict[str, Json] | None:
        """The file of a reference; None where it was not made here for this user."""
        sign, _, told = reference.partition(".")
        if not hmac.compare_digest(sign.encode(), self._sign(told).encode()):
            return None
        digest, name = json.loads(told)
        self.vouched.add(digest)
        return {"name": name, "digest": digest}

    def _sign(self, told: str) -> str:
        return hmac.new(self.secret, f"{self.user}\x00{told}".encode(), sha256).hexdigest()


def keeper_of(visit: Visit) -> Keeper:
    """Takes the files of this visitor in, and lets the desk of this visit put them on record."""
    house, vouched = visit.house, visit.desk.vouched
    assert vouched is not None, "a desk of the web takes only what is vouched for"
    return Keeper(visit.desk.store.keep_file, house.secret, visit.known.id, house.settings.file_limit, vouched)


# -- reading what was sent


def read(fields: Mapping[str, Field], form: FormData, keeper: Keeper) -> Sent:
    """The values of a form as people typed them; the engine reads and judges them. Files are checked and kept here."""
    sent = Sent()
    for name, kept in fields.items():
        value = _value(name, kept, form, keeper, sent)
        if value is not None:
            sent.values[name] = value
        if _too_long(value):
            sent.wrong[name] = ("text_long", "")
    return sent


def _too_long(value: Json) -> bool:
    """Whether a text in it has more characters than anybody types."""
    if isinstance(value, str):
        return len(value) > MOST_TEXT
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(_too_long(each) for each in parts)


def _value(name: str, kept: Field, form: FormData, keeper: Keeper, sent: Sent) -> Json:
    key = f"f.{name}"
    match kept.type:
        case FieldType.FILES:
            return _files(name, form, keeper, sent)
        case FieldType.ROWS:
            return list(_rows(key, kept.columns or {}, form))
        case FieldType.UNITS:
            return [each for one in form.getlist(key) for each in _several(one)]
        case FieldType.BOOLEAN:
            return "true" if form.get(key) else "false"
        case _:
            text = form.get(key)
            return text if isinstance(text, str) and text.strip() else None


def _several(text: object) -> list[str]:
    return [part.strip() for part in re.split(r"[;；、,，]", str(text)) if part.strip()]


def _rows(key: str, columns: Mapping[str, Field], form: FormData) -> Iterator[dict[str, Json]]:
    """Rows that have anything in them, in their order."""
    pattern = re.compile(rf"{re.escape(key)}\.(\d{{1,4}})\.")
    numbers = sorted({int(found[1]) for name in form if (found := pattern.match(name))})
    for number in numbers:
        row = {name: form.get(f"{key}.{number}.{name}") for name in columns}
        told = {name: value for name, value in row.items() if isinstance(value, str) and value.strip()}
        if told:
            yield told


def _files(name: str, form: FormData, keeper: Keeper, sent: Sent) -> Json:
    files = [found for each in form.getlist(f"k.{name}") if (found := keeper.found(str(each))) is not None]
    for upload in form.getlist(f"f.{name}"):
        if not isinstance(upload, UploadFile) or not upload.filename:
            continue
        content = upload.file.read(keeper.limit + 1)
        try:
            kept = checked(upload.filename, content, keeper.limit)
        except UploadProblem as problem:
            sent.wrong[name] = (problem.key, problem.name)
            continue
        files.append(keeper.take(kept, content))
    return files


# -- showing


@dataclass(frozen=True)
class Shown:
    """How the controls of a form are shown: the language, the units to choose from, what was typed, what is wrong."""

    lang: Language
    units: Sequence[tuple[str, str]]
    values: Mapping[str, Json] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    keeper: Keeper | None = None


def controls(fields: Mapping[str, Field], shown: Shown) -> list[Control]:
    """The controls of a form, in the order of its definition."""
    return [_control(f"f.{name}", name, kept, shown, shown.values.get(name)) for name, kept in fields.items()]


def _control(key: str, name: str, kept: Field, shown: Shown, value: Json) -> Control:
    if value is None and kept.default is not None and not shown.values:
        value = kept.default
    columns = [_control(f"{key}.#.{each}", each, one, shown, None) for each, one in (kept.columns or {}).items()]
    files = value if kept.type is FieldType.FILES and isinstance(value, list) and shown.keeper else []
    return Control(
        name=key,
        title=kept.title(shown.lang),
        type=kept.type.value,
        required=kept.required,
        value=_typed(kept, value),
        choices=_choices(kept, shown, value),
        unit=kept.unit,
        personal=kept.personal,
        wrong=shown.wrong.get(name),
        columns=columns,
        rows=list(_shown_rows(key, kept, shown, value)) if kept.columns else (),
        kept=[(str(each["name"]), shown.keeper.reference(each)) for each in files] if shown.keeper else (),
    )


def _shown_rows(key: str, kept: Field, shown: Shown, value: Json) -> Iterator[list[Control]]:
    rows = [*(value if isinstance(value, list) else []), *({} for _ in range(BLANK_ROWS))]
    for number, row in enumerate(rows):
        yield [
            _control(f"{key}.{number}.{name}", "", one, shown, row.get(name, ""))
            for name, one in (kept.columns or {}).items()
        ]


def _typed(kept: Field, value: Json) -> Any:
    if kept.type is FieldType.BOOLEAN:
        return value in (True, "true")
    if kept.type is FieldType.UNITS:
        return list(value) if isinstance(value, list) else []
    return "" if value is None or isinstance(value, list) else str(value)


def _choices(kept: Field, shown: Shown, value: Json) -> Sequence[tuple[str, str]]:
    if kept.choices is not None:
        return [(name, title.title(shown.lang)) for name, title in kept.choices.items()]
    if kept.type not in (FieldType.UNIT, FieldType.UNITS):
        return ()
    known = {name for name, _ in shown.units}
    typed = value if isinstance(value, list) else [value] if value else []
    return [*shown.units, *((str(each), str(each)) for each in typed if each not in known)] if shown.units else ()
