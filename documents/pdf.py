"""A PDF of an issued document, by LibreOffice where it is installed: one layout, whoever drew the template."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from threading import BoundedSemaphore, Lock

from documents.fonts import write_fontconfig
from engine.problems import Text
from workflows.papers.ports import PressProblem

SECONDS = 60.0
"""How long one conversion may take; the first one makes LibreOffice's profile."""

PROGRAMS = ("soffice", "libreoffice")

_ONE = Lock()
"""One conversion at a time: each takes a core and 200 MB."""

WAIT = 4
"""How many may wait or be at work; whoever comes then is told so, and does not hold up a server's threads."""

_QUEUE = BoundedSemaphore(WAIT)


def program() -> str | None:
    """Where LibreOffice is, or None."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def available() -> bool:
    """Whether a PDF can be made here."""
    return program() is not None


def convert(docx: bytes, *, seconds: float = SECONDS) -> bytes:
    """The PDF of a document. Raises `PressProblem` where LibreOffice is missing, busy with many, fails or is too
    slow.

    It works in a folder and a profile of its own, without macros, and is killed when its time is over.
    """
    office = program()
    if office is None:
        missing = Text(
            "没有安装 LibreOffice，不能转换为 PDF；请安装 libreoffice-writer-nogui，或下载 .docx",
            "LibreOffice is not installed, so there is no PDF; install libreoffice-writer-nogui, or take the .docx",
        )
        raise PressProblem("no_libreoffice", missing)
    if not _QUEUE.acquire(blocking=False):
        busy = Text("正在转换的文件太多，请稍后再试", "too many documents are being converted; try again in a moment")
        raise PressProblem("pdf_busy", busy)
    try:
        return _converted(office, docx, seconds)
    finally:
        _QUEUE.release()


def _converted(office: str, docx: bytes, seconds: float) -> bytes:
    with _ONE, tempfile.TemporaryDirectory(prefix="duban-pdf-") as name:
        folder = Path(name)
        source = folder / "document.docx"
        source.write_bytes(docx)
        _run(office, folder, source, seconds)
        made = folder / "document.pdf"
        if not made.is_file():
            failed = Text("LibreOffice 没有生成 PDF", "LibreOffice made no PDF")
            raise PressProblem("pdf_failed", failed)
        return made.read_bytes()


def _run(office: str, folder: Path, source: Path, seconds: float) -> None:
    command = [
        office, "--headless", "--norestore", "--nolockcheck", "--nodefault",
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--convert-to", "pdf:writer_pdf_Export", "--outdir", str(folder), str(source),
    ]  # fmt: skip
    env = {
        "HOME": str(folder),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "FONTCONFIG_FILE": str(write_fontconfig(folder)),
    }
    child = subprocess.Popen(  # noqa: S603 - a fixed program, with no word from outside
        command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired as late:
        said = Text(f"转换 PDF 超过 {seconds:g} 秒", f"the conversion took more than {seconds:g} seconds")
        raise PressProblem("pdf_slow", said) from late
    finally:
        _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    """End it with all that it started: the program on the path is a script around the real one."""
    import os
    import signal
    from contextlib import suppress

    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait(10)  # killed: the system takes it away at once
