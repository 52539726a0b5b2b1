"""Files that people send as evidence: of known types, without macros, and what they say they are.

A name is only a name: it never becomes a path. Archives of office files are looked into without being unpacked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import PurePosixPath, PureWindowsPath
from zipfile import BadZipFile, ZipFile

LONGEST = 120
"""How many characters a file's name keeps."""

ENTRIES, UNPACKED = 5_000, 500 * 1024 * 1024
"""How many parts an office file may have, and how many bytes they may claim to be."""

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MACROS = "_VBA_PROJECT".encode("utf-16-le")


class UploadProblem(Exception):
    """A file is not taken; `key` names the words that say why."""

    def __init__(self, key: str, name: str) -> None:
        super().__init__(f"{key}: {name}")
        self.key, self.name = key, name


def checked(name: str, content: bytes, limit: int) -> str:
    """The name under which a file is kept. Raises `UploadProblem`."""
    kept = tidy(name)
    if not content:
        raise UploadProblem("upload_empty", kept)
    if len(content) > limit:
        raise UploadProblem("upload_large", kept)
    ending = PurePosixPath(kept).suffix.lower().lstrip(".")
    if ending not in KINDS:
        raise UploadProblem("upload_macro" if ending in WITH_MACROS else "upload_type", kept)
    fault = KINDS[ending](content)
    if fault is not None:
        raise UploadProblem(fault, kept)
    return kept


def tidy(name: str) -> str:
    """A file's name without any path, in one form, with its ending, not too long."""
    last = PureWindowsPath(PurePosixPath(unicodedata.normalize("NFC", name)).name).name
    plain = re.sub(r'[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"|?*;；]', "_", last).strip(" .") or "_"
    ending = PurePosixPath(plain).suffix[:12]
    return plain[: LONGEST - len(ending)].removesuffix(ending) + ending if len(plain) > LONGEST else plain


def _begins(*starts: bytes) -> Callable[[bytes], str | None]:
    return lambda content: None if content.startswith(starts) else "upload_lies"


def _pdf(content: bytes) -> str | None:
    return None if b"%PDF-" in content[:1024] else "upload_lies"


def _webp(content: bytes) -> str | None:
    return None if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else "upload_lies"


def _text(content: bytes) -> str | None:
    for coding in ("utf-8-sig", "gb18030"):
        try:
            return "upload_lies" if "\x00" in content.decode(coding) else None
        except UnicodeDecodeError:
            continue
    return "upload_lies"


def _old_office(content: bytes) -> str | None:
    if not content.startswith(OLE):
        return "upload_lies"
    return "upload_macro" if MACROS in content else None


def _office(part: str) -> Callable[[bytes], str | None]:
    """An archive that has this part, and no macros."""

    def check(content: bytes) -> str | None:
        try:
            with ZipFile(BytesIO(content)) as archive:
                parts = archive.infolist()
        except (BadZipFile, ValueError, NotImplementedError, OSError):
            return "upload_lies"
        if len(parts) > ENTRIES or sum(each.file_size for each in parts) > UNPACKED:
            return "upload_bomb"
        names = {each.filename.lower() for each in parts}
        if any("vbaproject" in name or name.endswith((".exe", ".dll", ".js", ".vbs")) for name in names):
            return "upload_macro"
        return None if any(name.startswith(part) for name in names) else "upload_lies"

    return check


KINDS: Mapping[str, Callable[[bytes], str | None]] = {
    "pdf": _pdf,
    "ofd": _office("ofd.xml"),
    "docx": _office("word/"),
    "xlsx": _office("xl/"),
    "pptx": _office("ppt/"),
    "doc": _old_office,
    "xls": _old_office,
    "ppt": _old_office,
    "wps": _old_office,
    "et": _old_office,
    "png": _begins(b"\x89PNG\r\n\x1a\n"),
    "jpg": _begins(b"\xff\xd8\xff"),
    "jpeg": _begins(b"\xff\xd8\xff"),
    "gif": _begins(b"GIF87a", b"GIF89a"),
    "webp": _webp,
    "tif": _begins(b"II*\x00", b"MM\x00*"),
    "tiff": _begins(b"II*\x00", b"MM\x00*"),
    "txt": _text,
    "csv": _text,
}
"""The types that are taken, by their endings, and what tells whether a file is one."""

WITH_MACROS = frozenset({"docm", "dotm", "xlsm", "xltm", "xlsb", "xlam", "pptm", "potm", "ppsm"})

ACCEPT = ",".join(f".{ending}" for ending in KINDS)
"""The types, as a page asks the browser for them."""
