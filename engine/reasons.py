"""Why something failed, in both languages, whoever raised it.

What we raise for people brings its words (`Spoken`). The system's errors have a word for each number; what reads text
says where it stopped. The rest comes from libraries that know English alone: it is quoted, as what it is, behind words
of ours, so that no English sentence stands inside a Chinese one as if it were part of it.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterable, Mapping
from json import JSONDecodeError

from engine.problems import Spoken, Text

_SYSTEM: Mapping[int, Text] = {
    errno.ENOENT: Text("没有这个文件或文件夹", "there is no such file or folder"),
    errno.EEXIST: Text("已经有这个文件", "the file exists already"),
    errno.EACCES: Text("没有权限", "permission is denied"),
    errno.EPERM: Text("系统不允许", "the system does not permit it"),
    errno.EROFS: Text("该位置只读", "it is a place to read from only"),
    errno.EISDIR: Text("这是文件夹，不是文件", "it is a folder and no file"),
    errno.ENOTDIR: Text("路径中有一段不是文件夹", "a part of the path is no folder"),
    errno.ENOSPC: Text("磁盘已满", "the disk is full"),
    errno.EDQUOT: Text("磁盘配额已用完", "the quota of the disk is used up"),
    errno.EFBIG: Text("文件超过允许的大小", "the file is larger than is allowed"),
    errno.EIO: Text("磁盘读写出错", "the disk fails"),
    errno.ENAMETOOLONG: Text("文件名太长", "the name is too long"),
    errno.ELOOP: Text("符号链接成环", "links lead round in a circle"),
    errno.EADDRINUSE: Text("端口已被占用", "the port is in use"),
    errno.EADDRNOTAVAIL: Text("本机没有这个地址", "this machine has no such address"),
    errno.ECONNREFUSED: Text("对方拒绝连接", "the connection is refused"),
    errno.ECONNRESET: Text("连接被对方中断", "the other side broke the connection"),
    errno.EHOSTUNREACH: Text("无法连接该主机", "the host cannot be reached"),
    errno.ENETUNREACH: Text("网络不可达", "the network cannot be reached"),
    errno.ETIMEDOUT: Text("连接超时", "the connection timed out"),
    errno.EPIPE: Text("连接已断", "the connection is broken"),
}
"""What the system complains of, by its number."""

Glossary = Mapping[str, str]
"""Patterns that match a whole English saying, each with its Chinese, in which {0}, {1}… or {name} are the groups."""


def glossary(sayings: Iterable[Text]) -> Glossary:
    """Sayings of ours with `{names}`: the English that a record keeps of one, filled in, is read by what made it."""
    return {_pattern(each.en): each.zh for each in sayings}


def _pattern(saying: str) -> str:
    parts = enumerate(re.split(r"\{(\w+)\}", saying))
    return "".join(f"(?P<{part}>.+)" if at % 2 else re.escape(part) for at, part in parts)


def of_system(number: int) -> Text:
    """What the system complains of, by its number (`errno`). Raises KeyError for one without words."""
    return _SYSTEM[number]


def reason_of(error: BaseException) -> Text:
    """Why, for a sentence: no capital, no full stop."""
    match error:
        case Spoken():
            return error.text
        case JSONDecodeError():
            at = f"{error.lineno}:{error.colno}"
            return Text(f"第 {error.lineno} 行第 {error.colno} 列起不是 JSON", f"it is no JSON from {at} on")
        case UnicodeDecodeError():
            place, kind = error.start + 1, error.encoding.upper()
            return Text(f"从第 {place} 个字节起不是 {kind} 文字", f"it is no text in {kind} from byte {place} on")
        case TimeoutError():
            return _SYSTEM[errno.ETIMEDOUT]
        case OSError(errno=int(number)) if number in _SYSTEM:
            return _SYSTEM[number]
        case _:
            return quoted(named(error))


def named(error: BaseException) -> str:
    """What a library raised, with the name of its kind: `KeyError: 'edge'`."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def quoted(said: str) -> Text:
    """What somebody else said: in Chinese as a quotation, unless it is Chinese, or no words at all."""
    return Text(said if not _ENGLISH.search(said) or _CHINESE.search(said) else f"原文“{said}”", said)


_ENGLISH, _CHINESE = re.compile(r"[A-Za-z]{2,}"), re.compile(r"[\u4e00-\u9fff]")


def glossed(said: str, known: Glossary) -> Text:
    """A saying of which only the English is kept, in both languages; quoted where it is not known."""
    return Text(in_chinese(said, known) or quoted(said).zh, said)


def in_chinese(said: str, known: Glossary, part: Callable[[str], str] = str) -> str | None:
    """The Chinese of a saying, if it is known; `part` is done to what the groups matched."""
    for pattern, saying in known.items():
        if found := re.fullmatch(pattern, said, re.DOTALL):
            named_parts = {name: part(each) for name, each in found.groupdict().items()}
            return saying.format(*map(part, found.groups()), **named_parts)
    return None
