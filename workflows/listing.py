"""Task lists as people keep them in spreadsheets: their rows read against a body, or every fault in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from python_calamine import CalamineError

from engine.entering import writers
from engine.events import Json
from engine.model import Body, Field
from engine.model.fields import FieldType
from engine.problems import Language, Text, ValueProblem, suggest
from engine.reasons import reason_of
from engine.values import not_by_hand, parse_value
from workflows.cells import NoList, Table, tables_in
from workflows.headings import Heading, Headings, headings_of


@dataclass(frozen=True)
class ListProblem:
    """What is wrong in a list. `row` counts from 1 as a spreadsheet shows it, `column` is its heading."""

    row: int
    column: str
    message: Text
    sheet: int = 1

    def text(self, lang: Language) -> str:
        """One line for people."""
        said, second = self.message.in_(lang), self.sheet > 1
        if lang == "zh":
            return f"{f'第 {self.sheet} 张表' if second else ''}第 {self.row} 行“{self.column}”：{said}"
        return f"{f'sheet {self.sheet}, ' if second else ''}row {self.row}, {self.column}: {said}"


@dataclass(frozen=True)
class ListRow:
    """One task of a list: its record and its plan, as events keep them."""

    row: int
    fields: Mapping[str, Json]
    milestones: Mapping[str, Mapping[str, Json]]


@dataclass(frozen=True)
class TaskList:
    """The tasks of a file in their order, without the rows that `problems` speak of."""

    rows: Sequence[ListRow]
    problems: Sequence[ListProblem]


_KEYED = re.compile(r"(\d{4}\s*[-/年]\s*\d{1,2}月?(?:[-/]?\d{1,2}日?)?)\s*(.+)")
_TASK, _KEY = ("task", "事项", "序号"), ("month", "date", "月份", "日期", "key")


def read_list(path: Path, body: Body) -> TaskList:
    """Read a list of tasks from `.csv` or `.xlsx` into the record of a body. Raises `OSError`, `ValueError` for other
    files.

    Headings are field names or their titles; a milestone's is its key with the field (`2022-03 planned`). Or a second
    sheet has the milestones: the number of the task in the list, the key, and the fields.
    """
    return listed_in(tables_in(path.name, path.read_bytes()), body)


def listed_in(tables: Sequence[Table], body: Body) -> TaskList:
    """The tasks of a list whose sheets have been read: see `read_list`."""
    reader = _ListReader(body)
    rows = reader.tasks(tables[0]) if tables else []
    if len(tables) > 1 and body.milestones is not None:
        rows = reader.with_plans(rows, tables[1])
    bad = {problem.row for problem in reader.problems if problem.sheet == 1}
    whole = [] if bad.intersection(reader.top) else [row for row in rows if row.row not in bad]
    return TaskList(whole, sorted(reader.problems, key=lambda problem: (problem.sheet, problem.row)))


def listed(path: Path, body: Body) -> TaskList:
    """The rows of a list as they stand, against a body; a list of nothing is a problem. Raises `OSError`, and
    `ValueError` for a file that is no list.
    """
    return not_empty(listed_in(tables(path.name, path.read_bytes()), body))


def tables(name: str, content: bytes) -> list[Table]:
    """`tables_in`, with a damaged spreadsheet as a `ValueError` too."""
    try:
        return tables_in(name, content)
    except CalamineError as error:
        why = reason_of(error)
        raise NoList(f"这不是完好的表格（{why.zh}）", f"it is no sound spreadsheet ({why.en})") from error


def not_empty(found: TaskList) -> TaskList:
    """The same; a list of nothing is a problem."""
    if not found.rows and not found.problems:
        return TaskList([], [ListProblem(2, "—", Text("清单里没有事项", "no rows: the list has no task in it"))])
    return found


def headings_in(table: Table, body: Body) -> Headings:
    """The headings of the first sheet of a list for a body."""
    reader = _ListReader(body)
    return headings_of(table, lambda text: reader._belongs(text) is not None)  # noqa: SLF001 - of this file


class _ListReader:
    """One list being read against a body."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.planned = body.milestones.fields if body.milestones else {}
        self.problems: list[ListProblem] = []
        self.sheet = 1
        self.top = range(1, 2)
        """The rows of the headings."""

    def tasks(self, table: Table) -> list[ListRow]:
        """The rows of the first sheet."""
        if not table:
            return []
        head = headings_of(table, lambda text: self._belongs(text) is not None)
        self.top = range(head.first, head.last + 1)
        headings = [each.shown for each in head.columns]
        places = [self._place(each) for each in head.columns]
        self._twice(head.columns, places)
        found = []
        for number, cells in enumerate(table[head.last :], head.last + 1):
            if any(_filled(cell) for cell in cells):
                found.append(self._task(number, headings, places, cells))
        return found

    def _twice(self, headings: Sequence[Heading], places: Sequence[tuple[str, str] | None]) -> None:
        """Two columns for one thing: nobody could say which of them counts."""
        for number, (heading, place) in enumerate(zip(headings, places, strict=True)):
            first = headings[places.index(place)].shown if place is not None and place in places[:number] else None
            if first is not None:
                said = Text(f"与“{first}”是同一列，请只留一列", f"the same column as {first!r}: keep one of them")
                self._report(heading.row, heading.shown, said)

    def with_plans(self, rows: Sequence[ListRow], table: Table) -> list[ListRow]:
        """The rows with the milestones of the second sheet."""
        self.sheet = 2
        plans = {row.row: {key: dict(one) for key, one in row.milestones.items()} for row in rows}
        headings = [str(cell).strip() for cell in table[0]] if table else []
        for number, cells in enumerate(table[1:], 2):
            given = {heading: cell for heading, cell in zip(headings, cells, strict=False) if _filled(cell)}
            if given:
                self._plan(number, given, [row.row for row in rows], plans)
        return [replace(row, milestones=plans[row.row]) for row in rows]

    def _plan(
        self, number: int, given: Mapping[str, Any], rows: Sequence[int], plans: dict[int, dict[str, dict[str, Json]]]
    ) -> None:
        task = next((_whole(given[name]) for name in _TASK if name in given), None)
        key = next((given[name] for name in _KEY if name in given), None)
        if not isinstance(task, int) or not 1 <= task <= len(rows) or key is None:
            self._report(number, _TASK[0], Text("没有写明第几项、哪个月份", "it does not say which task and which key"))
            return
        kept = self._key(str(key))
        if kept is None:
            self._report(number, _KEY[0], Text(f"“{key}”不是节点的时间", f"{key!r} is not the key of a milestone"))
            return
        row = plans[rows[task - 1]].setdefault(kept, {})
        for heading, cell in given.items():
            name = None if heading in (*_TASK, *_KEY) else _named(self.planned, heading)
            if name is not None:
                self._keep(number, heading, self.planned[name], cell, row, name)

    def _belongs(self, heading: str) -> tuple[str, str] | None:
        """Where a column belongs: ("", field) or (milestone key, field); None for one that belongs nowhere."""
        name = _named(self.body.fields, heading)
        if name is not None:
            return "", name
        keyed = _KEYED.fullmatch(heading)
        if keyed is not None:
            key, planned = self._key(keyed[1]), _named(self.planned, keyed[2]) or _part_of(self.planned, keyed[2])
            if key is not None and planned is not None:
                return key, planned
        return None

    def _place(self, heading: Heading) -> tuple[str, str] | None:
        """The same, telling of a heading that belongs nowhere."""
        found = self._belongs(heading.key)
        if found is None and heading.key and heading.key not in _TASK:
            near = suggest(heading.key, [*self.body.fields, *(field.zh for field in self.body.fields.values())])
            zh, en = ("", "") if near is None else (f"，是否为“{near}”", f"; did you mean {near!r}")
            self._report(heading.row, heading.shown, Text(f"没有这一列{zh}", f"there is no such column{en}"))
        return found

    def _key(self, text: str) -> str | None:
        if self.body.milestones is None:
            return None
        try:
            return str(parse_value(Field(type=self.body.milestones.key, zh="节点", en="milestone"), text))
        except ValueProblem:
            return None

    def _task(
        self, number: int, headings: Sequence[str], places: Sequence[tuple[str, str] | None], cells: Sequence[Any]
    ) -> ListRow:
        record: dict[str, Json] = {}
        plan: dict[str, dict[str, Json]] = {}
        for heading, place, cell in zip(headings, places, cells, strict=False):
            if place is None or not _filled(cell):
                continue
            key, name = place
            field = self.planned[name] if key else self.body.fields[name]
            self._keep(number, heading, field, cell, plan.setdefault(key, {}) if key else record, name)
            if not key:
                self._check_written(number, heading, name, record)
        for cell in (
            cell for place, cell in enumerate(cells) if _filled(cell) and not "".join(headings[place : place + 1])
        ):
            self._report(number, str(cell), Text("这一格上面没有列名", "there is no heading above this cell"))
        for name, field in self.body.fields.items():
            if field.required and name not in record and field.default is None:
                self._report(number, field.zh, Text(f"“{field.zh}”必填", f"{field.en} is required"))
        return ListRow(number, record, plan)

    def _check_written(self, number: int, heading: str, name: str, record: Mapping[str, Json]) -> None:
        """What transitions alone write is not for a list to fill in; that it is as it would be anyway is no harm."""
        if not_by_hand(self.body.fields[name], record[name]):
            acts = [each for each in self.body.transitions if each.trigger in writers(self.body, [name])]
            zh, en = "、".join(f"“{each.zh}”" for each in acts), ", ".join(each.en for each in acts)
            said = Text(f"登记时不填，请清空；由{zh}写入", f"not for a list: leave it empty, {en} will write it")
            self._report(number, heading, said)

    def _keep(self, number: int, heading: str, field: Field, cell: Any, into: dict[str, Json], name: str) -> None:
        try:
            _check_share(field, cell)
            into[name] = parse_value(field, _whole(cell))
        except ValueProblem as problem:
            into[name] = None
            self._report(number, heading, problem.text)

    def _report(self, row: int, column: str, message: Text) -> None:
        self.problems.append(ListProblem(row, column, message, self.sheet))


def _check_share(field: Field, cell: Any) -> None:
    """Raises `ValueProblem` for a number that may be one percent or a hundred: a spreadsheet keeps 12.5 % as 0.125."""
    if field.type is FieldType.PERCENT and isinstance(cell, float) and 0 < cell < 1:
        share = f"{cell * 100:.15g}"
        raise ValueProblem(
            f"无法判断是 {cell:g}% 还是 {share}%，请把这一格存为文本，如 {share}%",
            f"this may be {cell:g} % or {share} %: keep the cell as text, such as {share}%",
        )


def _filled(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""


def _whole(cell: Any) -> Any:
    """Spreadsheets keep every number with a fraction; `12.0` is meant as 12."""
    if isinstance(cell, str) and cell.strip().isdigit() and not cell.strip().startswith("0"):
        return int(cell)
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _named(fields: Mapping[str, Field], heading: str) -> str | None:
    """The field of that name or title."""
    wanted = heading.strip().casefold()
    return next((name for name, one in fields.items() if wanted in (name, one.zh.casefold(), one.en.casefold())), None)


def _part_of(fields: Mapping[str, Field], heading: str) -> str | None:
    """The one field whose title has the heading in it."""
    found = [name for name, field in fields.items() if heading.strip() in field.zh]
    return found[0] if len(found) == 1 else None
