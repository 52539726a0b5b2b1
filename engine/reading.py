"""The door for every text that people write: YAML becomes plain data with positions, or problems; never a crash.

YAML 1.2 (core schema) in a closed subset: no aliases, tags, merge keys or second documents, and limits on size, depth
and count, so that a hostile text is refused while it is read, before anything is built from it. Data and positions are
built in one pass over the parser's events: composing nodes first, or a parser in Python, costs more than all the checks
after it.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from engine.document import Data, Document, Path
from engine.problems import Position, Problem, Text, in_order
from engine.scalars import is_usable, resolve
from engine.shapes import problems_of
from engine.syntax import syntax_problem

__all__ = ["Document", "problems_of", "read"]

MAX_BYTES = 1_000_000
MAX_DEPTH = 64
MAX_NODES = 20_000

_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029"  # control characters, and the line separators of YAML 1.1
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"  # unseen, or turning what is seen
)
_TOO_MUCH = Text("请把名单、附件放在别处", "keep lists and attachments elsewhere")
_HIDDEN_CURE = Text("请删去；可重新键入这一行", "remove it; typing the line anew helps")
# libyaml where the wheel brings it; the same parser in Python, fifteen times slower, elsewhere
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(text: str | bytes, file: str) -> Document | list[Problem]:
    """Read one text; `file` only names it in positions. Bytes must be UTF-8. Returns all that is wrong, in order."""
    decoded = _decode(text, file)
    if isinstance(decoded, Problem):
        return [decoded]
    reader = _Reader(decoded, file)
    try:
        document = reader.document()
    except _Stop as stop:
        return in_order([*reader.problems, stop.problem])
    except yaml.YAMLError as error:
        return in_order([*reader.problems, syntax_problem(error, file, decoded)])
    return in_order(reader.problems) or document


class _Stop(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class _Reader:
    """One pass over the events of one text."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.problems: list[Problem] = []
        self.positions: dict[Path, Position] = {}
        self.keys: dict[Path, Position] = {}
        self.styles: dict[Path, str] = {}
        self.events: Iterator[Any] = iter(())
        self.nodes = 0

    def document(self) -> Document:
        self.events = yaml.parse(self.text, Loader=_LOADER)
        next(self.events)  # the stream's start
        start = next(self.events)
        if isinstance(start, yaml.StreamEndEvent):
            self._stop("empty", start, Text("文件是空的", "the file is empty"), Text("请写入内容", "write something"))
        self._refuse_directives(start)
        data = self._value(next(self.events), ())
        next(self.events)  # the document's end
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            cure = Text("每个文件只写一份内容", "keep one document in a file")
            self._stop(
                "several-documents", after, Text("一个文件里有多个 YAML 文档", "more than one YAML document"), cure
            )
        return Document(self.file, data, self.positions, self.keys, self.styles, self.text.splitlines())

    def _value(self, event: Any, path: Path) -> Data:
        self._guard(event, path)
        self.positions[path] = self._position(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return None  # an alias: already refused

    def _mapping(self, path: Path) -> dict[str, Data]:
        result: dict[str, Data] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key, at = self._key(event, path)
            inner = (*path, key)
            if key in result:
                self._refuse_duplicate(key, at, self.keys[inner])
            self.keys[inner] = at
            result[key] = self._value(next(self.events), inner)
        return result

    def _sequence(self, path: Path) -> list[Data]:
        result: list[Data] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            result.append(self._value(event, (*path, len(result))))
        return result

    def _key(self, event: Any, path: Path) -> tuple[str, Position]:
        """A key's text as written: `2022` and `no` are strings here, as in JSON."""
        self._guard(event, path)
        if not isinstance(event, yaml.ScalarEvent):
            cure = Text("写成“键: 值”，不要用 ? 或括号作键", "write `key: value`, without `?` or brackets as the key")
            self._stop("key-not-text", event, Text("键必须是文字", "a key must be text"), cure)
        key, at = event.value, self._position(event)
        if not event.style and key == "<<":
            cure = Text("请把共用的内容写全", "write the shared part out")
            self._report("merge-key", at, Text("不允许合并键 `<<`", "the merge key `<<` is not allowed"), cure)
        elif not key:
            self._report(
                "empty-key", at, Text("键是空的", "a key is empty"), Text("请写出键名", "write the key's name")
            )
        return key, at

    def _scalar(self, event: Any, path: Path) -> Data:
        if event.style:
            self.styles[path] = event.style
            return str(event.value)
        if not is_usable(event.value):
            message = Text(f"数字 `{event.value[:20]}` 不可用", f"`{event.value[:20]}` is not a usable number")
            cure = Text("请写普通数字；若是文字请加引号", "write an ordinary number, or quote it if it is text")
            self._report("number", self._position(event), message, cure)
            return None
        return resolve(event.value)

    def _guard(self, event: Any, path: Path) -> None:
        """What no node may have, whatever it says."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            message = Text(f"内容超过 {MAX_NODES} 项", f"more than {MAX_NODES} keys and values")
            self._stop("too-many", event, message, _TOO_MUCH)
        if len(path) > MAX_DEPTH:
            message = Text(f"嵌套超过 {MAX_DEPTH} 层", f"nested more than {MAX_DEPTH} levels deep")
            self._stop("too-deep", event, message, Text("请减少嵌套", "nest less"))
        if event.anchor is not None:
            cure = Text(
                "请把内容写全；以 & 或 * 开头的文字要加引号",
                "write the content out, or quote a text that begins with & or *",
            )
            self._stop("alias", event, Text("不允许锚点和别名", "anchors (&) and aliases (*) are not allowed"), cure)
        if getattr(event, "style", None) == '"' and (hidden := _HIDDEN.search(event.value)):
            self._report("hidden-character", self._position(event), _hidden_message(hidden[0]), _HIDDEN_CURE)
        if getattr(event, "tag", None) is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")[:60]
            message = Text(f"不允许标签 `{tag}`", f"the tag `{tag}` is not allowed")
            cure = Text("请删去标签；以 ! 开头的文字要加引号", "remove it, or quote a text that begins with !")
            self._report("tag", self._position(event), message, cure)

    def _refuse_directives(self, start: Any) -> None:
        if start.tags or start.version not in (None, (1, 2)):
            message = Text("不允许 YAML 指令（%）", "YAML directives (%) are not allowed")
            self._report("directive", self._position(start), message, Text("请删去该行", "remove the line"))

    def _refuse_duplicate(self, key: str, at: Position, first: Position) -> None:
        message = Text(
            f"键 `{key}` 重复，第 {first.line} 行已有", f"the key `{key}` stands twice, first in line {first.line}"
        )
        self._report("duplicate-key", at, message, Text("只保留一个", "keep one of them"))

    def _position(self, event: Any) -> Position:
        return Position(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _report(self, code: str, at: Position, message: Text, cure: Text | None = None) -> None:
        self.problems.append(Problem(code, at, message, cure))

    def _stop(self, code: str, event: Any, message: Text, cure: Text | None = None) -> None:
        raise _Stop(Problem(code, self._position(event), message, cure))


def _decode(text: str | bytes, file: str) -> str | Problem:
    """The text without its byte order mark; a problem when it is too large, not UTF-8, or hides characters."""
    if len(text) > MAX_BYTES or (isinstance(text, str) and len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES):
        return Problem("too-large", Position(file), Text("文件超过 1 MB", "the file is larger than 1 MB"), _TOO_MUCH)
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            return _not_utf8(error, file)
    text = text.removeprefix("\ufeff")
    if found := _HIDDEN.search(text):
        where = _place(text[: found.start()], file)
        return Problem("hidden-character", where, _hidden_message(found[0]), _HIDDEN_CURE)
    return text


def _not_utf8(error: UnicodeDecodeError, file: str) -> Problem:
    where = _place(error.object[: error.start].decode("utf-8"), file)
    message = Text("文件不是 UTF-8 编码", "the file is not UTF-8")
    return Problem("not-utf-8", where, message, Text("请另存为 UTF-8（不是 GBK）", "save it as UTF-8 (not as GBK)"))


def _hidden_message(character: str) -> Text:
    name = f"U+{ord(character):04X}"
    return Text(f"文中有看不见的字符 {name}", f"there is an invisible character here, {name}")


def _place(before: str, file: str) -> Position:
    """The position just after `before`."""
    lines = before.splitlines(keepends=True) or [""]
    if lines[-1].endswith(("\n", "\r")):
        lines.append("")
    return Position(file, len(lines), len(lines[-1]) + 1)
