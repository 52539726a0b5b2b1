"""What the YAML parser complains of, said so that an office worker can mend it."""

from typing import Any

import yaml

from engine.problems import Position, Problem, Text

# The parser's words (a part of them), and ours: what is wrong, and what would be right.
_SAYINGS: tuple[tuple[str, Text, Text], ...] = (
    (
        "mapping values are not allowed",
        Text("这里不能出现冒号", "a colon is not allowed here"),
        Text(
            "含“: ”的文字要加引号；并检查缩进", "quote a text that contains a colon and a space; check the indentation"
        ),
    ),
    (
        "',' or '}'",
        Text("大括号里缺逗号或右括号", "a comma or `}` is missing inside braces"),
        Text("每项之间写逗号，最后写 }", "write a comma between entries and } at the end"),
    ),
    (
        "',' or ']'",
        Text("方括号里缺逗号或右括号", "a comma or `]` is missing inside brackets"),
        Text("每项之间写逗号，最后写 ]", "write a comma between entries and ] at the end"),
    ),
    (
        "expected ':'",
        Text("键后面缺冒号", "a colon is missing after a key"),
        Text("写成“键: 值”", "write `key: value`"),
    ),
    (
        "end of stream",
        Text("引号或括号没有结束", "a quote or bracket is never closed"),
        Text("请在末尾补上", "close it"),
    ),
    (
        "expected <document start>",
        Text("内容已经结束，这里多出文字", "the content ended before this"),
        Text("请检查这一行的缩进", "check the indentation of this line"),
    ),
    (
        "block end",
        Text(
            "缩进与上文不齐，或引号提前结束",
            "the indentation does not fit what stands above, or a quote ends too early",
        ),
        Text("同一层的各行从同一列开始", "begin all lines of one level in the same column"),
    ),
    (
        "did not find expected",
        Text(
            "缩进与上文不齐，或引号提前结束",
            "the indentation does not fit what stands above, or a quote ends too early",
        ),
        Text("同一层的各行从同一列开始", "begin all lines of one level in the same column"),
    ),
    (
        "unknown escape",
        Text("引号里的反斜杠写法无效", "this backslash sequence means nothing"),
        Text("写 \\\\，或改用单引号", "write \\\\, or use single quotes"),
    ),
    (
        "cannot start any token",
        Text("文字不能以这个字符开头", "a text cannot begin with this character"),
        Text("请加引号", "quote the text"),
    ),
)
_TAB = (
    Text("这一行用了制表符", "there is a tab character here"),
    Text("缩进请用空格", "indent with spaces"),
)
_COMPLAINT_AT_ITS_START = ("end of stream", "document separator", "',' or")


def syntax_problem(error: yaml.YAMLError, file: str, text: str) -> Problem:
    """The problem that stopped the parser; an unclosed quote or bracket is placed where it was opened."""
    said = str(getattr(error, "problem", None) or error)
    mark: Any = getattr(error, "problem_mark", None)
    if any(part in said for part in _COMPLAINT_AT_ITS_START):
        mark = getattr(error, "context_mark", None) or mark
    where = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file)
    if _has_tab(text, where):
        return Problem("tab", where, *_TAB)
    for part, message, cure in _SAYINGS:
        if part in said:
            return Problem("syntax", where, message, cure)
    return Problem("syntax", where, Text(f"YAML 语法错误：{said}", f"not valid YAML: {said}"))


def _has_tab(text: str, where: Position) -> bool:
    """Whether the blank space around the place holds a tab."""
    lines = text.splitlines()
    line = lines[where.line - 1] if where.line <= len(lines) else ""
    return "\t" in line[: len(line) - len(line.lstrip())] or line[where.column - 1 : where.column] == "\t"
