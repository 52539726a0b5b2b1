"""Whether a file that somebody uploads is a Word file and nothing else: no macros, no links to elsewhere, no bombs.

Nothing is unpacked before the archive's own list says that it is small, and no XML is read with its entities.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

from lxml import etree

from documents.instructions import fetches
from engine.problems import Text
from workflows.papers.ports import PressProblem

FILE_LIMIT = 4_000_000
"""Bytes of the file."""
ENTRY_LIMIT = 300
"""Parts in the archive."""
UNPACKED_LIMIT = 30_000_000
"""Bytes of all parts."""
RATIO_LIMIT = 120
"""How many times larger a part of more than `SMALL` bytes may become."""
SMALL = 200_000

_NEEDED = ("[Content_Types].xml", "word/document.xml")
_LIVE = re.compile(
    r"vbaproject|vbadata|activex|embeddings/|afchunk|\.(bin|docm|dotm|exe|js|vbs|ps1|html?|mht)$", re.IGNORECASE
)
_LIVE_TYPES = re.compile(r"macroEnabled|vbaProject|activeX|oleObject|ms-package|package\.macro", re.IGNORECASE)
_LIVE_LINKS = re.compile(
    r"/(attachedTemplate|oleObject|package|aFChunk|subDocument|frame|control|vbaProject)$", re.IGNORECASE
)


def check(content: bytes) -> None:
    """Raises `PressProblem` for anything that is no plain Word file of sane size."""
    if len(content) > FILE_LIMIT:
        raise _problem("template_large", f"文件超过 {FILE_LIMIT} 字节", f"the file has more than {FILE_LIMIT} bytes")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _check_list(archive.infolist())
            for name, part in _parts(archive):
                _check_part(name, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise _problem(
            "template_file", "文件不是 Word 文档（.docx）", "the file is no Word document (.docx)"
        ) from error


def _problem(code: str, zh: str, en: str) -> PressProblem:
    return PressProblem(code, Text(zh, en))


def _check_list(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if any(needed not in names for needed in _NEEDED):
        raise _problem("template_file", "文件不是 Word 文档（.docx）", "the file is no Word document (.docx)")
    if len(names) > ENTRY_LIMIT or len({name.casefold() for name in names}) != len(names):
        raise _problem("template_bomb", "文件的组成部分太多或重名", "the file has too many parts, or one of them twice")
    if sum(entry.file_size for entry in entries) > UNPACKED_LIMIT or any(map(_swells, entries)):
        raise _problem("template_bomb", "文件解压后过大", "the file becomes too large when it is unpacked")
    for entry in entries:
        _check_name(entry)


def _swells(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > SMALL and entry.file_size > RATIO_LIMIT * max(1, entry.compress_size)


def _check_name(entry: zipfile.ZipInfo) -> None:
    name, parts = entry.filename, entry.filename.split("/")
    if ".." in parts or name.startswith("/") or "\\" in name or ":" in name or entry.flag_bits & 1:
        raise _problem("template_file", f"文件内有不当的名称：{name}", f"the file has a part with a bad name: {name}")
    if _LIVE.search(name):
        raise _problem(
            "template_live", f"文件带有宏或嵌入对象：{name}", f"the file carries a macro or an object: {name}"
        )


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """The parts, none read beyond what the list says it is."""
    for entry in archive.infolist():
        with archive.open(entry) as part:
            content = part.read(entry.file_size + 1)
        if len(content) != entry.file_size:
            raise _problem("template_bomb", "文件解压后过大", "the file becomes too large when it is unpacked")
        yield entry.filename, content


def _check_part(name: str, part: bytes) -> None:
    if not name.endswith((".xml", ".rels")):
        return
    root = _read(name, part)
    if fetches(root) or any(_calls_out(name, element) for element in root.iter(etree.Element)):
        raise _problem(
            "template_live",
            f"文件引用了外部内容或带有宏、嵌入对象（{name}）",
            f"the file points elsewhere, or carries a macro or an object ({name})",
        )


def _read(name: str, part: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(part, parser)
    except etree.XMLSyntaxError as error:
        raise _problem("template_file", f"{name} 无法读取", f"{name} cannot be read") from error
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise _problem("template_live", f"{name} 带有文档类型声明", f"{name} declares a document type")
    return root


def _calls_out(name: str, element: etree._Element) -> bool:
    if name.endswith(".rels"):
        elsewhere = element.get("TargetMode", "").lower() == "external"
        return elsewhere or _LIVE_LINKS.search(element.get("Type", "")) is not None
    if name == "[Content_Types].xml":
        return _LIVE_TYPES.search(element.get("ContentType", "")) is not None
    return False
