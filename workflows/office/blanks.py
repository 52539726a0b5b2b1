"""Empty lists to fill in: the columns of a definition, with a sheet that says what each takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO

from engine.model import Body, Field
from engine.model.fields import FieldType
from engine.problems import Language, Text
from workflows.office.importing import columns
from workflows.sheets import table

ROWS = 2_000
"""How many rows offer their choices."""

_SAID = {
    "list": Text("清单", "List"),
    "plan": Text("节点", "Milestones"),
    "help": Text("填写说明", "How to fill in"),
    "task": Text("事项", "task"),
    "key": Text("月份", "month"),
    "day": Text("日期", "date"),
    "task_why": Text("第几项（清单中的第一项为 1）", "which task of the list: the first is 1"),
    "column": Text("列", "Column"),
    "type": Text("类型", "Type"),
    "required": Text("必填", "Required"),
    "choices": Text("可选值、写法", "Choices, and how to write it"),
    "yes": Text("是", "yes"),
    "no": Text("否", "no"),
    "default": Text("不填则为 {value}", "{value} where nothing is said"),
    "personal": Text("个人信息：受保护，不在页面和文书中显示", "personal: protected, and shown nowhere"),
    "in_plan": Text("（节点表）", " (milestones)"),
    "formula": Text(
        "公式按表格保存时算出的值读取；不运行公式，不接收含宏的文件。",
        "A formula is read as the value that was saved with it; none is run, and files with macros are not taken.",
    ),
    "csv_plan": Text(
        "节点另可写成“2022-03 计划进度”这样的列。", "Milestones may also be columns, such as “2022-03 Planned”."
    ),
}

TYPES: Mapping[FieldType, tuple[Text, Text]] = {
    FieldType.TEXT: (Text("文字", "text"), Text("", "")),
    FieldType.CHOICE: (Text("选项", "choice"), Text("", "")),
    FieldType.BOOLEAN: (Text("是否", "yes or no"), Text("是、否", "yes, no")),
    FieldType.INTEGER: (Text("整数", "whole number"), Text("", "")),
    FieldType.DECIMAL: (Text("小数", "number"), Text("", "")),
    FieldType.QUANTITY: (Text("数量", "quantity"), Text("如 7 公里", "such as 7 km")),
    FieldType.MONEY: (Text("金额", "amount of money"), Text("", "")),
    FieldType.PERCENT: (Text("百分比", "percentage"), Text("0 至 100，如 70.8", "0 to 100, such as 70.8")),
    FieldType.DATE: (Text("日期", "date"), Text("如 2022-03-31", "such as 2022-03-31")),
    FieldType.INSTANT: (Text("时刻", "moment"), Text("如 2022-03-31 09:00", "such as 2022-03-31 09:00")),
    FieldType.MONTH: (Text("月份", "month"), Text("如 2022-03", "such as 2022-03")),
    FieldType.TERM: (Text("期限", "term"), Text("如 10 个工作日", "such as 10 working days")),
    FieldType.UNIT: (Text("单位", "unit"), Text("单位名称", "the name of a unit")),
    FieldType.UNITS: (Text("多个单位", "units"), Text("用“；”分开", "separated by “;”")),
    FieldType.PERSON: (Text("人员", "person"), Text("", "")),
}
"""What each type is called in a list, and how it is written."""


def csv(body: Body, lang: Language, *, opening: bool = False) -> bytes:
    """An empty list as comma-separated text: its headings."""
    return table([field.title(lang) for field in columns(body, opening=opening).values()], [])


def xlsx(body: Body, lang: Language, *, opening: bool = False) -> bytes:
    """An empty list as a workbook: the list, the milestones if there are any, and what each column takes."""
    from xlsxwriter import Workbook

    out = BytesIO()
    book = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.add_format({"text_wrap": True})
    fields = columns(body, opening=opening)
    _sheet(book, _SAID["list"].in_(lang), {field.title(lang): field for field in fields.values()}, lang)
    if body.milestones is not None:
        key = _SAID["key" if body.milestones.key is FieldType.MONTH else "day"].in_(lang)
        planned = {field.title(lang): field for field in body.milestones.fields.values()}
        _sheet(book, _SAID["plan"].in_(lang), {_SAID["task"].in_(lang): None, key: None, **planned}, lang)
    _explained(book, body, fields, lang)
    book.close()
    return out.getvalue()


def _sheet(book: object, name: str, heads: Mapping[str, Field | None], lang: Language) -> None:
    bold = book.add_format({"bold": True, "bottom": 1})  # type: ignore[attr-defined]  # xlsxwriter has no types
    must = book.add_format({"bold": True, "bottom": 1, "font_color": "#a61b1b"})  # type: ignore[attr-defined]  # as above
    sheet = book.add_worksheet(name)  # type: ignore[attr-defined]  # as above
    for place, (title, field) in enumerate(heads.items()):
        sheet.write_string(0, place, title, must if field is not None and field.required else bold)
        sheet.set_column(place, place, max(12, 2 * len(title) + 2))
        choices = [each.title(lang) for each in (field.choices or {}).values()] if field is not None else []
        if choices and len(",".join(choices)) < 250:
            sheet.data_validation(1, place, ROWS, place, {"validate": "list", "source": choices})
    sheet.freeze_panes(1, 0)


def _explained(book: object, body: Body, fields: Mapping[str, Field], lang: Language) -> None:
    wrap = book.add_format({"text_wrap": True, "valign": "top"})  # type: ignore[attr-defined]  # xlsxwriter has no types
    bold = book.add_format({"bold": True, "bottom": 1})  # type: ignore[attr-defined]  # as above
    sheet = book.add_worksheet(_SAID["help"].in_(lang))  # type: ignore[attr-defined]  # as above
    heads = [_SAID[name].in_(lang) for name in ("column", "type", "required", "choices")]
    for place, (head, width) in enumerate(zip(heads, (26, 14, 8, 70), strict=True)):
        sheet.write_string(0, place, head, bold)
        sheet.set_column(place, place, width)
    number = 0
    for number, line in enumerate(explained(body, fields, lang), 1):
        for place, cell in enumerate(line):
            sheet.write_string(number, place, cell, wrap)
    sheet.write_string(number + 2, 0, _SAID["formula"].in_(lang))
    if body.milestones is not None:
        sheet.write_string(number + 3, 0, _SAID["csv_plan"].in_(lang))
    sheet.freeze_panes(1, 0)


def explained(body: Body, fields: Mapping[str, Field], lang: Language) -> Iterator[tuple[str, str, str, str]]:
    """Each column with its type, whether it must be filled in, and what it takes."""
    for field in fields.values():
        yield _line(field, "", lang)
    if body.milestones is not None:
        within = _SAID["in_plan"].in_(lang)
        yield (
            _SAID["task"].in_(lang) + within,
            TYPES[FieldType.INTEGER][0].in_(lang),
            _SAID["yes"].in_(lang),
            _SAID["task_why"].in_(lang),
        )
        for field in body.milestones.fields.values():
            yield _line(field, within, lang)


def _line(field: Field, within: str, lang: Language) -> tuple[str, str, str, str]:
    called, how = TYPES[field.type]
    told = [how.in_(lang)]
    if field.choices:
        told = ["、".join(each.title(lang) for each in field.choices.values())]
    if field.default is not None:
        value = field.default
        said = _SAID["yes" if value else "no"].in_(lang) if isinstance(value, bool) else str(value)
        told.append(_SAID["default"].in_(lang).format(value=said))
    if field.personal:
        told.append(_SAID["personal"].in_(lang))
    required = _SAID["yes" if field.required and field.default is None else "no"].in_(lang)
    joined = ("；" if lang == "zh" else "; ").join(part for part in told if part)
    return field.title(lang) + within, called.in_(lang), required, joined
