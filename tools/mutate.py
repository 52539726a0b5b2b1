"""Whether the tests would notice: plant small faults in the engine, one at a time, and see who is caught.

    python -m tools.mutate                      a sample of every module that the configuration names
    python -m tools.mutate engine.dues --all    every mutant of one module
    python -m tools.mutate --list engine.dues   what would be run

Each mutant lives in a process of its own and in a copy of the tree, so that no file is ever changed (`tools/trial.py`).
The same seed draws the same sample. Configuration and known survivors: `tests/mutation/`.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.mutants import Mutant, count, mutants
from tools.trial import DOOR, ROOMS, Outcome, tried

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "tests" / "mutation" / "config.toml"
SURVIVORS = ROOT / "tests" / "mutation" / "survivors.md"
LIBRARIES = ("hypothesis", "pydantic", "transitions", "cel_expr_python.cel", "yaml", "ruamel.yaml", "orjson", "psycopg")


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


def try_all(
    tree: Path, candidates: Sequence[Mutant], tests: Sequence[str], seconds: int = 900, libraries: Sequence[str] = ()
) -> dict[str, Tally]:
    """Try mutants that the same tests know; what became of them by module. See `tried` for the rest."""
    tallies = {mutant.module: Tally() for mutant in candidates}
    for mutant, outcome in tried(tree, candidates, tests, seconds, libraries):
        tallies[mutant.module].note(mutant, outcome)
        if outcome.code == 0:
            print(f"  lives   {mutant.line:4} {mutant}", flush=True)
    return tallies


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


def grouped(modules: Iterable[str], tests: Callable[[str], tuple[str, ...]]) -> dict[tuple[str, ...], list[str]]:
    """The modules that the same tests know, together: their tests are collected once."""
    found: dict[tuple[str, ...], list[str]] = {}
    for module in modules:
        found.setdefault(tests(module), []).append(module)
    return found


def _rate(killed: int, every: int) -> float:
    return 100 * killed / every if every else 100.0


def copied(into: Path) -> Path:
    """A copy of what the tests need, as it is now."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, into / room, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", f"{DOOR}.py"):
        shutil.copy(ROOT / file, into)
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
    with tempfile.TemporaryDirectory(prefix="duban-mutants-") as folder:
        tree, tallies = copied(Path(folder)), {module: Tally() for module in picked}
        for tests, known_by in grouped(picked, lambda module: config.tests(module, tree)).items():
            print(*known_by, flush=True)
            mine = [mutant for module in known_by for mutant in picked[module]]
            tallies |= try_all(tree, mine, tests, libraries=LIBRARIES)
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
