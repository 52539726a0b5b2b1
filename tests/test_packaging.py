"""What is installed is pinned, explained and complete: a fresh machine gets what was tested."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REQUIRED: list[str] = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]


def _plain(name: str) -> str:
    """The form in which names of distributions are equal: `Ruamel.YAML` is `ruamel-yaml`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _name(requirement: str) -> str:
    return _plain(re.split(r"[\[<>=~! ;]", requirement, maxsplit=1)[0])


@pytest.mark.parametrize("requirement", REQUIRED)
def test_each_dependency_is_pinned_exactly(requirement: str) -> None:
    """constraints.txt names one version of it."""
    pins = [line.split("==")[0] for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()]
    assert [_plain(pin) for pin in pins].count(_name(requirement)) == 1


def test_constraints_hold_pins_and_nothing_else() -> None:
    """No addresses, paths or options that would tie an installation to one machine."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line)] == []


def test_nothing_is_pinned_that_nothing_needs() -> None:
    """Each pin is of a dependency, or of what one needs on some machine and with the extras that are asked of it."""
    pins = [line.split("==")[0] for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()]
    needed: set[tuple[str, str]] = set()
    waiting = [Requirement(each) for each in REQUIRED]
    while waiting:
        requirement = waiting.pop()
        for extra in ("", *requirement.extras):
            if (_plain(requirement.name), extra) not in needed:
                needed.add((_plain(requirement.name), extra))
                waiting += _needs(requirement.name, extra)
    assert {_plain(pin) for pin in pins} - {name for name, _ in needed} == set()


def _needs(name: str, extra: str) -> list[Requirement]:
    """What a distribution asks for in this environment; nothing of one that is for another kind of machine."""
    try:
        told = [Requirement(each) for each in metadata.requires(name) or ()]
    except metadata.PackageNotFoundError:
        return []
    return [each for each in told if each.marker is None or each.marker.evaluate({"extra": extra})]


@pytest.mark.parametrize("requirement", REQUIRED)
def test_each_dependency_is_explained(requirement: str) -> None:
    """docs/why.md has a row that names it, with its licence and what it does here."""
    why = (ROOT / "docs" / "why.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| [^|]+ \|", why, re.MULTILINE)
    explained = {_plain(name.strip()) for row in rows for name in row.split(",")}
    assert _name(requirement) in explained
