"""Printing: a template and its facts become a `.docx`, in a warm process of its own that is killed when it is slow."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from documents.inspection import check
from engine.events import Json
from engine.problems import Text
from workflows.papers.ports import PressProblem

SECONDS = 10.0
"""How long one template may take."""

_CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from documents.child import main; main()"
_KNOWN_LIMIT = 256


class Press:
    """See `workflows.papers.ports.Press`. The process is started when it is needed, and lives until `close`."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = Lock()
        self._sane: dict[int, bytes] = {}

    def names(self, template: bytes) -> set[str]:
        told, _ = self._ask({"do": "names"}, template)
        return set(told["names"])

    def render(self, template: bytes, facts: Mapping[str, Json]) -> bytes:
        _, content = self._ask({"do": "render", "facts": facts}, template)
        return content

    def catalogue(self, facts: Mapping[str, Json]) -> bytes:
        from documents.listing import template

        return self.render(template(), facts)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._kill()

    def _ask(self, request: dict[str, Any], template: bytes) -> tuple[dict[str, Any], bytes]:
        self._inspect(template)
        with self._lock:
            try:
                told, content = self._exchange({**request, "size": len(template)}, template)
            except _Late as late:
                self._kill()
                said = Text(
                    f"模板运行超过 {self._seconds:g} 秒", f"the template took more than {self._seconds:g} seconds"
                )
                raise PressProblem("template_slow", said) from late
            except (OSError, ValueError, EOFError) as error:
                self._kill()
                raise _problem({"problem": "memory"}) from error
            if told.get("problem") == "memory":
                self._kill()
        if "problem" in told:
            raise _problem(told)
        return told, content

    def _inspect(self, template: bytes) -> None:
        """Each template is inspected once in the life of a press."""
        key = hash(template)
        if self._sane.get(key) != template:
            check(template)
            if len(self._sane) >= _KNOWN_LIMIT:
                self._sane.clear()
            self._sane[key] = template

    def _exchange(self, request: dict[str, Any], template: bytes) -> tuple[dict[str, Any], bytes]:
        child = self._running()
        assert child.stdin is not None, "it was opened with pipes"
        assert child.stdout is not None, "it was opened with pipes"
        until = time.monotonic() + self._seconds
        _put(child.stdin.fileno(), json.dumps(request).encode() + b"\n" + template, until)
        pipe = _Pipe(child.stdout.fileno(), until)
        told = json.loads(pipe.line())
        return told, pipe.read(told["size"])

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._kill()
            root = str(Path(__file__).resolve().parent.parent)
            self._child = subprocess.Popen(  # noqa: S603 - our own program, with no word from outside
                [sys.executable, "-I", "-c", _CHILD, root],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"LANG": "C.UTF-8"},
            )
        return self._child

    def _kill(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait(10)  # killed: the system takes it away at once
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    _close(pipe)

    def __del__(self) -> None:
        self._kill()


def _close(pipe: Any) -> None:
    with suppress(OSError):  # what was still to be written goes nowhere: its reader is dead
        pipe.close()


def _put(descriptor: int, said: bytes, until: float) -> None:
    """Write all of it until an instant of the monotonic clock: a process that hangs takes in no more than a pipe."""
    os.set_blocking(descriptor, False)
    left = memoryview(said)
    while left:
        _, ready, _ = select.select([], [descriptor], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise _Late
        left = left[os.write(descriptor, left) :]


class _Late(Exception):
    """The answer did not come in time."""


class _Pipe:
    """Reads an answer until an instant of the monotonic clock."""

    def __init__(self, descriptor: int, until: float) -> None:
        self._descriptor, self._until, self._read = descriptor, until, b""

    def line(self) -> bytes:
        while b"\n" not in self._read:
            self._more()
        line, _, self._read = self._read.partition(b"\n")
        return line

    def read(self, size: int) -> bytes:
        parts, length = [self._read], len(self._read)
        while length < size:
            self._read = b""
            self._more()
            parts.append(self._read)
            length += len(self._read)
        return b"".join(parts)

    def _more(self) -> None:
        ready, _, _ = select.select([self._descriptor], [], [], max(0.0, self._until - time.monotonic()))
        if not ready:
            raise _Late
        got = os.read(self._descriptor, 1 << 20)
        if not got:
            raise EOFError("the press ended")
        self._read += got


def _problem(told: Mapping[str, Any]) -> PressProblem:
    match told["problem"]:
        case "memory":
            return PressProblem("template_memory", Text("模板占用内存过多", "the template needs too much memory"))
        case "large":
            return PressProblem("template_large", Text("生成的文件过大", "the document becomes too large"))
        case _:
            zh, en = told["detail"]["zh"], told["detail"]["en"]
            return PressProblem(
                "template_words", Text(f"模板无法填写：{zh}", f"the template cannot be filled in: {en}")
            )
