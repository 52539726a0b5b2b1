"""Mutants on trial: each in a process of its own, before the tests that call what it changes.

A mutant lives in a fork of a process that collected the tests, with the code of its function replaced, and meets the
tests that call this function, the quickest first. What no test can have noticed that way, because it was called while
the product was loaded, is tried again in a process that imports the product anew with the mutant in it.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.util
import inspect
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib.machinery import ModuleSpec, SourceFileLoader
from itertools import zip_longest
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

import pytest

from tools.mutants import Mutant

ROOMS = (
    *("engine", "workflows", "storage", "definitions", "tests", "tools"),
    *("commands", "documents", "jobs", "post", "web"),
)
"""What a copy has, beside the door: the tests' own preparations lead through it."""
DOOR = "cli"
MEMORY = 4 << 30
"""Bytes of address space for one mutant: a list that grows for ever ends early."""
NOT_SWAPPED = 71
"""The code of a mutant whose function could not be replaced where it is loaded already."""


def tried(
    tree: Path, candidates: Sequence[Mutant], tests: Sequence[str], seconds: int = 900, libraries: Sequence[str] = ()
) -> Iterator[tuple[Mutant, Outcome]]:
    """What became of each mutant, one after the other. Exits where the tests do not even pass without a fault.

    All forks are made by a fresh process with one thread: whoever calls may have others, and what they lock would stay
    locked in a fork for ever. The tests as a whole have so many seconds of the processor, and a trial twenty times as
    many on the wall (`TimeoutError`). `libraries` are imported once for all.
    """
    fresh = get_context("spawn")
    mine, its = fresh.Pipe(duplex=False)
    court = fresh.Process(target=_sit, args=(tree, candidates, tests, seconds, libraries, its))
    court.start()
    its.close()
    try:
        for mutant in candidates:
            if not mine.poll(20 * seconds):
                raise TimeoutError(f"nothing became of {mutant} in {20 * seconds} s")
            outcome: Outcome | str = mine.recv()
            if isinstance(outcome, str):
                sys.exit(f"the tests fail without any fault planted: {outcome}; nothing can be learned")
            yield mutant, outcome
    finally:
        with suppress(ProcessLookupError):
            os.killpg(court.pid or 0, signal.SIGKILL)
        court.kill()
        court.join(60)


def _sit(
    tree: Path,
    candidates: Sequence[Mutant],
    tests: Sequence[str],
    seconds: int,
    libraries: Sequence[str],
    answer: Connection,
) -> None:
    """Tell what became of each, or the first test that fails without a fault, from a group of processes of its own."""
    os.setpgid(0, 0)
    for name in libraries:
        importlib.import_module(name)
    told, tell = os.pipe()
    if (child := os.fork()) == 0:
        with suppress(BaseException):
            os.close(told)
            _quietly(tree, lambda: _try_fast(tree, candidates, tests, seconds, tell))
        os._exit(0)
    os.close(tell)
    with os.fdopen(told, encoding="utf-8") as lines:
        for mutant, line in zip_longest(candidates, lines):
            found = json.loads(line or '{"unsound": "while loading"}')
            if "unsound" in found:
                answer.send(found["unsound"])
                return
            outcome = Outcome(*found["outcome"])
            if outcome.code == 0 and found["anew"]:
                outcome = in_a_process_of_its_own(partial(_slowly, tree, tests, mutant), seconds)
            answer.send(outcome)
    os.waitpid(child, 0)


def _try_fast(tree: Path, candidates: Sequence[Mutant], tests: Sequence[str], seconds: int, tell: int) -> int:
    return int(pytest.main([*_options(tree), *tests], plugins=[Loop(tree, candidates, seconds, tell)]))


def _slowly(tree: Path, tests: Sequence[str], mutant: Mutant, tell: int) -> int:
    return _quietly(tree, lambda: afresh(tree, tests, mutant, tell))


def _quietly(tree: Path, work: Callable[[], int]) -> int:
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os.chdir(tree)
    _forget_the_product(tree)
    return work()


def _forget_the_product(tree: Path) -> None:
    """Import from the copy alone, though the product is installed to be edited where it stands."""
    for name in [name for name in sys.modules if name.partition(".")[0] in (*ROOMS, DOOR)]:
        del sys.modules[name]
    sys.path[:] = [str(tree), *(path for path in sys.path[1:] if "__editable__" not in path)]
    sys.meta_path[:] = [finder for finder in sys.meta_path if "__editable__" not in str(finder.__module__)]


# -- one process for each mutant


class _Planter(importlib.abc.MetaPathFinder):
    """Finds one module, and loads it as the tree says instead of as its file does."""

    def __init__(self, tree: Path, module: str, code: ast.Module) -> None:
        self.file, self.module, self.code = tree / f"{module.replace('.', '/')}.py", module, code

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the import system's signature
        target: ModuleType | None = None,  # noqa: ARG002 - the same
    ) -> ModuleSpec | None:
        if fullname != self.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self.file, loader=_Mutated(self))


class _Mutated(SourceFileLoader):
    def __init__(self, planter: _Planter) -> None:
        super().__init__(planter.module, str(planter.file))
        self.planter = planter

    def get_code(self, fullname: str) -> CodeType | None:  # noqa: ARG002 - the import system's signature
        return compile(self.planter.code, self.path, "exec", dont_inherit=True)


class _First:
    """A plugin of pytest that tells through a pipe which test failed first."""

    def __init__(self, pipe: int) -> None:
        self.pipe = pipe

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os.write(self.pipe, f"{report.nodeid}\n".encode())


@dataclass(frozen=True)
class Outcome:
    """How the tests ended: 0 is "all passed". `by` is the first test that failed, or the signal that ended them."""

    code: int
    by: str
    seconds: float


def in_a_process_of_its_own(work: Callable[[int], int], seconds: int) -> Outcome:
    """Do some work in a fork, for so many seconds of its own at most; it may tell a test's name through a pipe."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        code = 70
        with suppress(BaseException):  # whatever a mutant raises, its process has to end here
            signal.alarm(10 * seconds)
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            code = work(tell)
        os._exit(code)
    os.close(tell)
    with os.fdopen(told, encoding="utf-8") as lines:
        first = lines.readline().strip()
    _, status, used = os.wait4(child, 0)
    took = used.ru_utime + used.ru_stime
    if os.WIFSIGNALED(status):
        return Outcome(-os.WTERMSIG(status), signal.Signals(os.WTERMSIG(status)).name, took)
    return Outcome(os.WEXITSTATUS(status), first or "while loading", took)


def _options(tree: Path) -> list[str]:
    options = ["-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist", "--timeout=0"]
    options += ["--hypothesis-seed=0"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # the libraries are loaded already
    return [*options, f"--basetemp={tree}/.tmp"]


def afresh(tree: Path, tests: Sequence[str], mutant: Mutant, tell: int) -> int:
    """The slow way: load the product anew with the mutant in it, and run the tests file by file."""
    sys.meta_path.insert(0, _Planter(tree, mutant.module, mutant.tree))
    runs = (int(pytest.main([*_options(tree), file], plugins=[_First(tell)])) for file in tests)
    return next((code for code in runs if code), 0)


def swapped(mutant: Mutant) -> bool:
    """The fast way: put the mutant's code into the function that is loaded already. False where there is none."""
    place: Any = sys.modules.get(mutant.module)
    code: CodeType | None = compile(mutant.tree, str(getattr(place, "__file__", "")), "exec", dont_inherit=True)
    for name in mutant.scope.split("."):
        place = vars(place).get(name) if place is not None and hasattr(place, "__dict__") else None
        code = (
            next((c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name), None) if code else None
        )
        place = getattr(place, "fget", None) or place
        place = inspect.unwrap(place) if callable(place) else getattr(place, "__func__", place)
        if inspect.isfunction(place):
            break
    if not inspect.isfunction(place) or code is None or code.co_freevars != place.__code__.co_freevars:
        return False
    if code == place.__code__:  # the fault is in the default of an argument
        return False
    place.__code__ = code
    return True


# -- the tests that call it, and no others


class Calls:
    """Which functions of some modules are called; of one within another the outer one counts."""

    def __init__(self, tree: Path, modules: Collection[str]) -> None:
        self._modules = {str(tree / f"{module.replace('.', '/')}.py"): module for module in modules}
        self.seen: set[str] = set()

    def note(self, frame: FrameType, event: str, _argument: object) -> None:
        """For `sys.setprofile`. The body of a class is no function."""
        code = frame.f_code
        module = self._modules.get(code.co_filename) if event == "call" else None
        if module is not None and code.co_flags & inspect.CO_OPTIMIZED:
            self.seen.add(f"{module}.{code.co_qualname.partition('.<locals>')[0]}")

    @contextmanager
    def watched(self) -> Iterator[set[str]]:
        """Those that are called meanwhile."""
        self.seen = set()
        sys.setprofile(self.note)
        try:
            yield self.seen
        finally:
            sys.setprofile(None)


def calls(functions: Collection[str], mutant: Mutant) -> bool:
    """Whether the function that the mutant is in, or the one around it, is among these."""
    inside = f"{mutant.module}.{mutant.scope}."
    return any(inside.startswith(f"{name}.") for name in functions)


@dataclass(frozen=True)
class Reached:
    """A test by its number, the functions that it calls, and how many seconds it takes."""

    number: int
    functions: Collection[str]
    seconds: float


class Loop:
    """A plugin of pytest: instead of running the tests once, it runs for each mutant those that call its function, the
    quickest first, in a fork after loading; what became of it goes out as a line.
    """

    def __init__(self, tree: Path, candidates: Sequence[Mutant], most: int, tell: int) -> None:
        self.tree, self.candidates, self.most, self.tell = tree, candidates, most, tell
        self.calls = Calls(tree, {mutant.module for mutant in candidates})
        self.seconds = 0.0
        sys.setprofile(self.calls.note)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """See first that the tests pass without a fault, and what each of them calls."""
        sys.setprofile(None)
        loaded, told = frozenset(self.calls.seen), self.tree / ".reached.json"
        sound = in_a_process_of_its_own(lambda tell: self._look(session, tell, told), self.most)
        if sound.code != 0:
            self._say(unsound=sound.by)
            return True
        self.seconds = sound.seconds
        reached = [Reached(*each) for each in json.loads(told.read_text(encoding="utf-8"))]
        for mutant in self.candidates:
            outcome = self._try(session, mutant, reached)
            anew = outcome.code == NOT_SWAPPED or calls(loaded, mutant)
            code = 0 if outcome.code == NOT_SWAPPED else outcome.code
            self._say(outcome=(code, outcome.by, outcome.seconds), anew=anew)
        return True

    def _say(self, **told: Any) -> None:
        os.write(self.tell, f"{json.dumps(told)}\n".encode())

    def _look(self, session: pytest.Session, tell: int, told: Path) -> int:
        session.config.pluginmanager.register(_First(tell))
        found = []
        for number, (item, following) in enumerate(_with_next(session.items)):
            began = time.process_time()
            with self.calls.watched() as seen:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            found.append((number, sorted(seen), time.process_time() - began))
        told.write_text(json.dumps(found), encoding="utf-8")
        return 1 if session.testsfailed else 0

    def _try(self, session: pytest.Session, mutant: Mutant, reached: Sequence[Reached]) -> Outcome:
        mine = sorted((each for each in reached if calls(each.functions, mutant)), key=lambda each: each.seconds)
        return in_a_process_of_its_own(
            lambda tell: self._live(session, mine, tell) if swapped(mutant) else NOT_SWAPPED,
            int(2 * self.seconds) + 3,
        )

    def _live(self, session: pytest.Session, mine: Sequence[Reached], tell: int) -> int:
        session.config.pluginmanager.register(_First(tell))
        items = [session.items[each.number] for each in mine]
        for each, (item, following) in zip(mine, _with_next(items), strict=True):
            _allow(2 * each.seconds + 3)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail or session.testsfailed:
                return 1
        return 0


def _with_next(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    """Each with the one that follows, for whose sake pytest leaves standing what both need."""
    return zip_longest(items, items[1:])


def _allow(seconds: float) -> None:
    """End this process where it takes more than so many seconds of the processor from now on."""
    used, (_, most) = sum(resource.getrusage(resource.RUSAGE_SELF)[:2]), resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (min(int(used + seconds) + 1, most), most))
