"""Proofs beside a text that is being written: in a process of its own, so that nobody else waits, and for so many
seconds, so that it ends.

The process is asked by a line of JSON and answers by lines, each claim as soon as it is answered; what has come
meanwhile is read together, for each turn of a server that is busy costs it more than the reading. What has answered
everything waits for the next text, warm; what runs over its time, or is asked something newer meanwhile, is let go.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, TypeAlias

from engine.edition import Edition
from engine.loading import load
from engine.problems import Language
from engine.reading import MAX_BYTES
from workflows.authoring.loaded import FILE
from workflows.authoring.proving import Proof, prove
from workflows.pictures.timeline import drawn
from workflows.sources import calendar_named, calendar_names

SECONDS = 20.0
"""How long the claims of one text may take."""

MOST = 2
"""So many texts are proved at a time by one server."""

ROOT = Path(__file__).resolve().parents[2]

Told: TypeAlias = Mapping[str, Any]
"""What is told of a proof: `body`, `claim`, `answer`, `reason`, `story`, `picture` (SVG), `scenario`."""

Child: TypeAlias = "subprocess.Popen[bytes]"

TOGETHER = 1 << 16
"""So many bytes of answers are read at once, where so many have come."""


class Busy(RuntimeError):
    """As many texts are being proved as may be at a time."""


class Overtaken(RuntimeError):
    """The same person asked about a newer text."""


class Unproved(RuntimeError):
    """The text does not load, or its calendar is not there: nothing of it can be proved."""


@dataclass(eq=False)
class Prover:
    """The processes of one server. `seconds` is the time that a text has."""

    seconds: float = SECONDS
    _idle: list[Child] = field(default_factory=list)
    _busy: dict[str, Child] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        weakref.finalize(self, _let_all_go, self._idle, self._busy)

    def ask(self, who: str, text: str, lang: Language) -> Generator[Sequence[Told], None, None]:
        """The claims of a text as soon as they are answered, those that have come together in one; claims that time did
        not suffice for are left out. What the same person asked before is given up. Raises `Busy`; `Unproved`;
        `Overtaken` once that happens.
        """
        if len(text) > MAX_BYTES:  # it loads nowhere, and is not carried about
            raise Unproved
        child = self._taken(who)
        end: Told | None = None
        try:
            for told in _asked(child, {"text": text, "lang": lang, "seconds": self.seconds}):
                end = told[-1] if "end" in told[-1] else None
                answers = told if end is None else told[:-1]
                if answers:
                    yield answers
                if end is not None:
                    break
        finally:
            overtaken = self._given_back(who, child, whole=end is not None)
        if overtaken:
            raise Overtaken
        if end is not None and end["end"] == UNPROVED:
            raise Unproved

    def ready(self) -> None:
        """Have a process begin, if none has: it needs a second before it can be asked, and somebody will ask soon."""
        with self._lock:
            if not self._idle and not self._busy:
                self._idle.append(_begun())

    def _taken(self, who: str) -> Child:
        """A process that works for somebody alone."""
        with self._lock:
            if (before := self._busy.pop(who, None)) is not None:
                before.kill()
            if len(self._busy) >= MOST:
                raise Busy
            child = self._busy[who] = self._waiting() or _begun()
            return child

    def _waiting(self) -> Child | None:
        """A process that waits, if there is one; those that fell meanwhile are let go of."""
        while self._idle:
            child = self._idle.pop()
            if child.poll() is None:
                return child
            _let_go(child)
        return None

    def _given_back(self, who: str, child: Child, *, whole: bool) -> bool:
        """Keep a process that is done with its text, let go of any other; whether it was overtaken."""
        with self._lock:
            mine = self._busy.get(who) is child
            if mine:
                del self._busy[who]
            if whole and mine:
                self._idle.append(child)
                return False
        _let_go(child)
        return not mine


def _begun() -> Child:
    command = [sys.executable, "-m", __name__]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own program, by its name


def _asked(child: Child, question: Mapping[str, Any]) -> Iterator[list[Told]]:
    """What the process says, as much at a time as has come."""
    assert child.stdin is not None, "asked by its input"
    assert isinstance(child.stdout, BufferedReader), "answers by its output"
    with suppress(BrokenPipeError):  # killed a moment ago: it answers nothing
        child.stdin.write(json.dumps(question).encode() + b"\n")
        child.stdin.flush()
    rest = b""
    while part := child.stdout.read1(TOGETHER):
        *lines, rest = (rest + part).split(b"\n")
        if lines:
            yield [json.loads(line) for line in lines]


def _let_go(child: Child) -> None:
    child.kill()
    child.wait(10)  # killed: the system takes it away at once
    for each in (child.stdin, child.stdout):
        with suppress(BrokenPipeError):
            if each is not None:
                each.close()


def _let_all_go(idle: list[Child], busy: dict[str, Child]) -> None:
    for child in (*idle, *busy.values()):
        _let_go(child)


# -- in the process


def told_of(edition: Edition, proof: Proof, lang: Language) -> Told:
    """A proof for a page."""
    return {
        "body": proof.claim.kind,
        "claim": proof.claim.title.in_(lang),
        "answer": proof.answer,
        "reason": proof.reason.in_(lang) if proof.reason else "",
        "story": proof.story(lang),
        "picture": _picture(edition, proof, lang),
        "scenario": (proof.scenario() or ("", ""))[1],
    }


def _picture(edition: Edition, proof: Proof, lang: Language) -> str:
    """The story as a rehearsal is drawn; nothing where it is no task's."""
    if proof.walk is None or proof.walk.root.kind:
        return ""
    last = proof.walk.now.date()
    first = min(each.at.date() for each in proof.walk.done)
    return drawn(edition, proof.walk.events(), first, last, lang)


def serve(questions: IO[str], answers: IO[str]) -> None:
    """Answer one text after the other, until nobody asks any more. After its time the process ends. What a text leaves
    behind in circles is next to nothing: it is looked for when nobody waits.
    """
    gc.disable()
    gc.freeze()
    for line in questions:
        asked = json.loads(line)
        late = threading.Timer(asked["seconds"], os._exit, (1,))
        late.daemon = True
        late.start()
        edition = load(asked["text"], FILE).edition
        whole = edition is not None and edition.process.calendar in calendar_names()
        if edition is not None and whole:
            for proof in prove(edition, calendar_named(edition.process.calendar)):
                _say(answers, told_of(edition, proof, asked["lang"]))
        late.cancel()
        _say(answers, {"end": ANSWERED if whole else UNPROVED})
        gc.collect()


ANSWERED, UNPROVED = "answered", "unproved"
"""How the answers to a text end, in their last line."""


def _say(answers: IO[str], told: Told) -> None:
    answers.write(f"{json.dumps(told)}\n")
    answers.flush()


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)  # pages come first
    serve(sys.stdin, sys.stdout)
