"""Whether the tests would notice: plant small faults in the engine, one at a time, and see who is caught.

    python -m tools.mutate                      a sample of every module that the configuration names
    python -m tools.mutate engine.dues --all    every mutant of one module
    python -m tools.mutate --list engine.dues   what would be run

Each mutant lives in a process of its own, forked from one that has loaded the libraries and nothing of the product; it
replaces its module while that is imported, from a copy of the tree, so that no file is ever changed. The same seed
draws the same sample. Configuration and known survivors: `tests/mutation/`.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.abc
import importlib.util
import inspect
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

from tools.mutants import Mutant, count, mutants

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "tests" / "mutation" / "config.toml"
SURVIVORS = ROOT / "tests" / "mutation" / "survivors.md"
ROOMS = ("engine", "workflows", "storage", "definitions", "tests", "tools")
LIBRARIES = ("hypothesis", "pydantic", "transitions", "cel_expr_python.cel", "yaml", "ruamel.yaml", "orjson", "psycopg")
MEMORY = 4 << 30
"""Bytes of address space for one mutant: a list that grows for ever ends early."""


@dataclass(frozen=True)
class Config:
    """How much is run, and which tests know which module."""

    seed: int
    sample: int
    enough: float
    groups: Mapping[str, Sequence[str]]
    modules: Mapping[str, Sequence[str]]

    @staticmethod
    def read(file: Path) -> Config:
        """The configuration of a TOML file."""
        return Config(**tomllib.loads(file.read_text(encoding="utf-8")))

    def tests(self, module: str, tree: Path) -> tuple[str, ...]:
        """The test files for a module that are there, each once, in the order in which they are run."""
        named = self.modules.get(module, ["@default"])
        files = [file for one in named for file in (self.groups[one[1:]] if one.startswith("@") else [one])]
        return tuple(file for file in dict.fromkeys(files) if (tree / file.partition("::")[0]).exists())


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
        return compile(self.planter.code, self.path, "exec")


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
    options = ["-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=0"]
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
    code: CodeType | None = compile(mutant.tree, str(getattr(place, "__file__", "")), "exec")
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
    place.__code__ = code
    return True


class Loop:
    """A plugin of pytest: instead of running the tests once, it runs them for each mutant, in a fork after loading."""

    def __init__(self, tree: Path, tests: Sequence[str], candidates: Sequence[Mutant]) -> None:
        self.tree, self.tests, self.candidates = tree, tests, candidates
        self.tally, self.sound = Tally(), Outcome(70, "while loading", 0)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """See first that the tests pass without a fault."""
        self.sound = in_a_process_of_its_own(lambda tell: self._live(session, tell), 900)
        if self.sound.code == 0:
            for mutant in self.candidates:
                self._try(session, mutant)
        return True

    def _try(self, session: pytest.Session, mutant: Mutant) -> None:
        limit = int(2 * self.sound.seconds) + 3
        outcome = in_a_process_of_its_own(
            lambda tell: self._live(session, tell) if swapped(mutant) else 0,
            limit,
        )
        self.tally.note(mutant, outcome)

    def _live(self, session: pytest.Session, tell: int) -> int:
        session.config.pluginmanager.register(_First(tell))
        for number, item in enumerate(session.items):
            following = session.items[number + 1] if number + 1 < len(session.items) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail or session.testsfailed:
                return 1
        return 0


def _forget_the_product(tree: Path) -> None:
    """Import from the copy alone, though the product is installed to be edited where it stands."""
    for name in [name for name in sys.modules if name.partition(".")[0] in ROOMS]:
        del sys.modules[name]
    sys.path[:] = [str(tree), *(path for path in sys.path[1:] if "__editable__" not in path)]
    sys.meta_path[:] = [finder for finder in sys.meta_path if "__editable__" not in str(finder.__module__)]


# -- many of them


@dataclass
class Tally:
    """What became of mutants."""

    killed: int = 0
    survivors: list[Mutant] = field(default_factory=list)
    by: Counter[str] = field(default_factory=Counter)

    @property
    def all(self) -> int:
        """How many were tried."""
        return self.killed + len(self.survivors)

    def note(self, mutant: Mutant, outcome: Outcome) -> None:
        """Count one."""
        if outcome.code == 0:
            self.survivors.append(mutant)
        else:
            self.killed += 1
            self.by[outcome.by.partition("::")[0]] += 1


def chosen(module: str, seed: int, sample: int | None) -> list[Mutant]:
    """The mutants of a module, or a sample that the seed and the module's name decide, in the order of lines."""
    source = (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
    every = count(source)
    if sample is None or sample >= every:
        return list(mutants(module, source))
    places = random.Random(f"{seed} {module}").sample(range(every), sample)  # noqa: S311 - no secret
    return list(mutants(module, source, set(places)))


def modules_of_engine() -> Iterator[str]:
    """Every module of the engine that says more than which names it exports."""
    for file in sorted((ROOT / "engine").rglob("*.py")):
        if file.name != "__init__.py":
            yield ".".join(file.relative_to(ROOT).with_suffix("").parts)


def known() -> set[str]:
    """The survivors that are listed with a reason."""
    text = SURVIVORS.read_text(encoding="utf-8") if SURVIVORS.exists() else ""
    return {line.removeprefix("- ").strip() for line in text.splitlines() if line.startswith("- engine.")}


def try_module(tree: Path, candidates: Sequence[Mutant], tests: Sequence[str]) -> Tally:
    """Try mutants of one module: all the fast way, and what lives then once more the slow way."""
    fast = _forked(lambda: _try_fast(tree, candidates, tests))
    tally = Tally(fast["killed"], [], Counter(fast["by"]))
    for number in fast["survivors"]:
        mutant = candidates[number]
        outcome = in_a_process_of_its_own(partial(_slowly, tree, tests, mutant), 900)
        tally.note(mutant, outcome)
        if outcome.code == 0:
            print(f"  lives   {mutant.line:4} {mutant}", flush=True)
    return tally


def _try_fast(tree: Path, candidates: Sequence[Mutant], tests: Sequence[str]) -> Mapping[str, Any]:
    loop = Loop(tree, tests, candidates)
    code = _quietly(tree, lambda: int(pytest.main([*_options(tree), *tests], plugins=[loop])))
    if loop.sound.code != 0:
        return {"unsound": f"{loop.sound.by} ({code})"}
    living = [number for number, mutant in enumerate(candidates) if mutant in loop.tally.survivors]
    return {"killed": loop.tally.killed, "by": dict(loop.tally.by), "survivors": living}


def _forked(work: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """What some work in a fork answers. Exits where the tests do not even pass without a fault."""
    told, tell = os.pipe()
    if (child := os.fork()) == 0:
        with suppress(BaseException):
            os.write(tell, json.dumps(work()).encode())
        os._exit(0)
    os.close(tell)
    with os.fdopen(told, encoding="utf-8") as answer:
        found: Mapping[str, Any] = json.loads(answer.read() or '{"unsound": "while loading"}')
    os.waitpid(child, 0)
    if "unsound" in found:
        sys.exit(f"the tests fail without any fault planted: {found['unsound']}; nothing can be learned")
    return found


def _slowly(tree: Path, tests: Sequence[str], mutant: Mutant, tell: int) -> int:
    return _quietly(tree, lambda: afresh(tree, tests, mutant, tell))


def _quietly(tree: Path, work: Callable[[], int]) -> int:
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os.chdir(tree)
    _forget_the_product(tree)
    return work()


def report(tallies: Mapping[str, Tally], enough: float) -> bool:
    """Print a table; whether enough were killed."""
    listed = known()
    every, killed = sum(tally.all for tally in tallies.values()), sum(tally.killed for tally in tallies.values())
    print(f"\n{'module':28} {'tried':>6} {'killed':>7} {'rate':>7}")
    for module, tally in tallies.items():
        print(f"{module:28} {tally.all:6} {tally.killed:7} {_rate(tally.killed, tally.all):6.1f}%")
    print(f"{'together':28} {every:6} {killed:7} {_rate(killed, every):6.1f}%   (enough: {enough}%)")
    living = [mutant for tally in tallies.values() for mutant in tally.survivors]
    unlisted = [mutant for mutant in living if str(mutant) not in listed]
    print(f"{len(living)} live, {len(living) - len(unlisted)} of them listed with a reason")
    return _rate(killed, every) >= enough


def _rate(killed: int, every: int) -> float:
    return 100 * killed / every if every else 100.0


def copied(into: Path) -> Path:
    """A copy of what the tests need, as it is now."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, into / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", into)
    return into


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; 1 where too few were killed."""
    options, config = _arguments(arguments), Config.read(CONFIG)
    sample = None if options.all else options.sample or config.sample
    modules = options.modules or (list(modules_of_engine()) if options.everything else list(config.modules))
    seed = config.seed if options.seed is None else options.seed
    picked = {module: chosen(module, seed, sample) for module in modules}
    if options.list:
        print(*(mutant for each in picked.values() for mutant in each), sep="\n")
        return 0
    for name in LIBRARIES:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory(prefix="duban-mutants-") as folder:
        tree, tallies = copied(Path(folder)), dict[str, Tally]()
        for module, candidates in picked.items():
            print(module, flush=True)
            tallies[module] = try_module(tree, candidates, config.tests(module, tree))
    return 0 if report(tallies, config.enough) else 1


def _arguments(arguments: Sequence[str] | None) -> Any:
    parser = argparse.ArgumentParser(prog="python -m tools.mutate", description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="*", help="such as engine.dues; none: those of the configuration")
    parser.add_argument("--everything", action="store_true", help="every module of the engine")
    parser.add_argument("--all", action="store_true", help="every mutant instead of a sample")
    parser.add_argument("--sample", type=int, help="how many mutants of each module")
    parser.add_argument("--seed", type=int, help="another sample")
    parser.add_argument("--list", action="store_true", help="name the mutants and run nothing")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
