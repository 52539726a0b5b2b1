"""A list of tasks that somebody uploads: what is wrong with it, cell by cell; then all of it at once, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from hashlib import sha256

from engine.chain import canonical
from engine.commands import Actor, Refusal
from engine.edition import Edition
from engine.events import Json
from engine.model import Body, Field
from engine.model.fields import FieldType, to_fill_in
from engine.problems import Language
from engine.task import Task
from workflows.cells import Table
from workflows.desk import Desk
from workflows.headings import Heading, Headings
from workflows.listing import headings_in
from workflows.office.lists import List, read_tables, widened
from workflows.office.registering import Judged, Once, refused_rows, register
from workflows.people.rights import in_first
from workflows.rows import Listed
from workflows.sayings import say

MOST_ROWS = 10_000
"""Tasks of one list."""

LARGE, LONG = 200, 1_000
"""More tasks than this are registered by a job; more rows than this are looked through by one, too."""

UNLISTED = (FieldType.FILES, FieldType.ROWS)
"""What a cell cannot hold."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is to be registered as: see `workflows.office.lists.read`. `kind` is "" or `programme`."""

    process: str
    kind: str = ""
    opening: bool = False
    programme: str | None = None

    def to_json(self) -> dict[str, Json]:
        """As a job carries it."""
        return {
            "process": self.process,
            "kind": self.kind,
            "opening": self.opening,
            "programme": self.programme,
        }

    def once(self, digest: str, key: str) -> Once:
        """The key under which a file is registered once."""
        return Once(key, sha256(canonical({**self.to_json(), "file": digest}).encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: in which sheet (from 1) and row as a spreadsheet counts them, at which columns (from 0), and in
    words.
    """

    sheet: int
    row: int
    columns: tuple[int, ...]
    heading: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would come of registering a list: how many tasks, and what speaks against it."""

    tasks: int
    faults: Sequence[Fault]

    def to_json(self) -> dict[str, Json]:
        """As a job tells it."""
        return {"tasks": self.tasks, "faults": [list(astuple(each)) for each in self.faults]}

    @classmethod
    def from_json(cls, told: Mapping[str, Json]) -> Verdict:
        """The inverse."""
        faults = [Fault(sheet, row, tuple(at), head, said) for sheet, row, at, head, said in told["faults"]]
        return cls(told["tasks"], faults)


@dataclass(frozen=True, slots=True)
class Preview(Verdict):
    """The same with the first sheet as it stands. `hidden` are the columns that the law protects."""

    headings: Sequence[str] = ()
    cells: Sequence[tuple[int, Sequence[str]]] = ()
    hidden: frozenset[int] = frozenset()
    headed: range = range(0)
    """The rows in which the headings stand."""


def columns(body: Body, *, opening: bool) -> dict[str, Field]:
    """The columns of a list for a body, in their order."""
    fields = to_fill_in((widened(body) if opening else body).fields)
    return {name: field for name, field in fields.items() if field.type not in UNLISTED}


def may_register(edition: Edition, actors: Sequence[Actor], kind: str = "") -> bool:
    """Whether the definition lets somebody register in one of their guises."""
    if kind not in edition.sheets:
        return False
    by = edition.sheets[kind].body.registration.by
    allowed = {each.role for each in by}
    return any(allowed & set(actor.roles) for actor in actors)


def preview(
    desk: Desk, wanted: Wanted, tables: Sequence[Table], actors: Sequence[Actor], lang: Language
) -> Preview | Refusal:
    """What would come of registering these sheets now."""
    told = judge(desk, wanted, tables, actors, lang)
    return told if isinstance(told, Refusal) else laid_out(desk, wanted, tables, told, lang)


def judge(
    desk: Desk,
    wanted: Wanted,
    tables: Sequence[Table],
    actors: Sequence[Actor],
    lang: Language,
    *,
    judged: Judged = lambda _n, _row, _refusal: None,
) -> Verdict | Refusal:
    """What speaks against registering these sheets now."""
    edition = _edition(desk, wanted)
    if isinstance(edition, Refusal):
        return edition
    body = edition.sheets[wanted.kind].body
    listed = read_tables(tables, body, opening=wanted.opening, part_of=wanted.programme)
    if len(listed.rows) > MOST_ROWS:
        return Refusal("too_many_tasks", {"count": len(listed.rows), "most": MOST_ROWS})
    seen = _Seen(_head(tables, edition, wanted).columns, _read_against(edition, wanted).fields, lang)
    rows = () if listed.problems else seen.rows(desk, wanted, edition, listed, actors, judged)
    faults = [*seen.cells(listed), *rows]
    if any(isinstance(each, Refusal) for each in faults):
        return next(each for each in faults if isinstance(each, Refusal))
    return Verdict(len(listed.rows), [each for each in faults if isinstance(each, Fault)])


def laid_out(desk: Desk, wanted: Wanted, tables: Sequence[Table], told: Verdict, lang: Language) -> Preview | Refusal:
    """The first sheet as it stands, beside what was said of the list."""
    edition = _edition(desk, wanted)
    if isinstance(edition, Refusal):
        return edition
    head = _head(tables, edition, wanted)
    below = enumerate(tables[0][head.last :], head.last + 1) if tables else ()
    rows = [(number, [_text(cell) for cell in row]) for number, row in below]
    filled = [(number, row) for number, row in rows if any(row)]
    shown = [each.shown for each in head.columns]
    hidden = _Seen(head.columns, _read_against(edition, wanted).fields, lang).hidden
    return Preview(told.tasks, told.faults, shown, filled, hidden, range(head.first, head.last + 1))


def _edition(desk: Desk, wanted: Wanted) -> Edition | Refusal:
    found = desk.to_pin(wanted.process)
    if isinstance(found, Refusal):
        return found
    edition, _ = found
    return edition if wanted.kind in edition.sheets else Refusal("no_programme", {"edition": edition.name})


def _head(tables: Sequence[Table], edition: Edition, wanted: Wanted) -> Headings:
    return headings_in(tables[0], _read_against(edition, wanted)) if tables and tables[0] else Headings([], 0, 0)


def _read_against(edition: Edition, wanted: Wanted) -> Body:
    body = edition.sheets[wanted.kind].body
    return widened(body) if wanted.opening else body


class _Seen:
    """Faults by the columns in which they stand."""

    def __init__(self, headings: Sequence[Heading], fields: Mapping[str, Field], lang: Language) -> None:
        self._headings, self._lang = [each.shown for each in headings], lang
        self._names = {word.casefold(): name for name, field in fields.items() for word in (field.en, field.zh, name)}
        self.places: dict[str, int] = {}
        for place, heading in enumerate(headings):
            self.places.setdefault(self._names.get(heading.key.casefold(), heading.key), place)
            self.places.setdefault(heading.shown, place)
        self.hidden = frozenset(
            place for name, place in self.places.items() if name in fields and fields[name].personal
        )

    def cells(self, listed: List) -> Iterator[Fault]:
        """Cells that cannot be what their columns say."""
        for each in listed.problems:
            name = self._names.get(each.column.casefold(), each.column)
            places = (self.places[name],) if each.sheet == 1 and name in self.places else ()
            yield Fault(each.sheet, each.row, places, each.column, each.message.in_(self._lang))

    def rows(
        self,
        desk: Desk,
        wanted: Wanted,
        edition: Edition,
        listed: List,
        actors: Sequence[Actor],
        judged: Judged,
    ) -> Iterator[Fault | Refusal]:
        """Rows that the definition refuses."""
        answer = in_first(
            actors,
            lambda actor: refused_rows(desk, wanted.process, listed.rows, actor, kind=wanted.kind, judged=judged),
        )
        if isinstance(answer, Refusal):
            yield answer
        for each in answer.faults if isinstance(answer, Listed) else ():
            places = tuple(self.places[name] for name in each.columns if name in self.places)
            heading = "、".join(self._headings[place] for place in places)
            yield Fault(1, each.number, places, heading, say(each.refusal, edition, self._lang, wanted.kind))


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def take_in(
    desk: Desk, wanted: Wanted, tables: Sequence[Table], actors: Sequence[Actor], once: Once
) -> list[Task] | Listed | Refusal:
    """Register the sheets, all or nothing; once under the key. A list that cannot be read is refused."""
    edition = _edition(desk, wanted)
    if isinstance(edition, Refusal):
        return edition
    body = edition.sheets[wanted.kind].body
    listed = read_tables(tables, body, opening=wanted.opening, part_of=wanted.programme)
    if listed.problems:
        return Refusal("list_unfit", {"count": len(listed.problems)})
    if len(listed.rows) > MOST_ROWS:
        return Refusal("too_many_tasks", {"count": len(listed.rows), "most": MOST_ROWS})
    return in_first(
        actors, lambda actor: register(desk, wanted.process, listed.rows, actor, kind=wanted.kind, once=once)
    )
