"""The planter of faults: what it changes, what it leaves alone, and that a fault nobody notices is seen to live."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.limits import LONG
from tools import mutate, trial
from tools.mutants import count, mutants
from tools.trial import calls

SECONDS = 15
"""Of the processor, for the tests of a product of one module."""

SOURCE = '''"""Says nothing."""

from os import path as path

LIMIT: int = 3


def ripe(amounts: list[int], limit: int = LIMIT) -> bool:
    """Whether all are below."""
    assert limit > 0, "an invariant"
    return all(each < limit for each in amounts if each != 0)
'''


def test_each_mutant_changes_one_place_and_compiles() -> None:
    found = list(mutants("sample", SOURCE))
    assert len(found) == count(SOURCE) == len({(one.scope, one.before, one.after) for one in found})
    for one in found:
        compile(one.tree, "sample.py", "exec")
    assert any("< limit" in one.before and "<= limit" in one.after for one in found)
    assert any("all(" in one.before and "any(" in one.after for one in found)
    assert any("!= 0" in one.before and "== 0" in one.after for one in found)
    assert any("= 3" in one.before and "= 4" in one.after for one in found)


def test_words_types_imports_and_invariants_are_left_alone() -> None:
    quiet = '"""A."""\nfrom os import path\nA: int\n\n\ndef f(a: int) -> str:\n    """B."""\n    assert a > 0\n'
    assert count(quiet) == 0


def test_the_same_seed_draws_the_same_sample_and_another_seed_another() -> None:
    drawn = [str(one) for one in mutate.chosen("engine.dues", 1, 5)]
    assert drawn == [str(one) for one in mutate.chosen("engine.dues", 1, 5)]
    assert drawn != [str(one) for one in mutate.chosen("engine.dues", 2, 5)]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A product of one module, with a test that looks at half of what it does."""
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "engine" / "sample.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\n', encoding="utf-8")
    told = (
        "from engine.sample import ripe\n\n\ndef test_ripe():\n    assert ripe([1, 2])\n    assert not ripe([1, 7])\n"
    )
    (tmp_path / "test_ripe.py").write_text(told, encoding="utf-8")
    return tmp_path


def test_a_fault_that_the_tests_notice_dies_and_one_that_they_do_not_lives(tree: Path) -> None:
    """The limit itself is never tried: `<` and `<=` look alike to these tests, `<` and `>=` do not."""
    tally = mutate.try_all(tree, list(mutants("engine.sample", SOURCE)), ["test_ripe.py"], SECONDS)["engine.sample"]
    living = {one.after for one in tally.survivors}
    assert any("<= limit" in after for after in living)
    assert not any(">= limit" in after for after in living)
    assert tally.killed > len(tally.survivors) > 0


def test_a_fault_in_what_is_called_while_tests_are_collected_is_noticed_too(tree: Path) -> None:
    """Then the code that is put in place of the function comes too late, and the product is imported anew."""
    told = "from engine.sample import ripe\n\nFOUND = ripe([1, 2]), ripe([1, 7])\n\n\n"
    told += "def test_ripe():\n    assert FOUND == (True, False)\n"
    (tree / "test_ripe.py").write_text(told, encoding="utf-8")
    tally = mutate.try_all(tree, list(mutants("engine.sample", SOURCE)), ["test_ripe.py"], SECONDS)["engine.sample"]
    assert tally.killed > len(tally.survivors) > 0


def test_a_fault_in_the_default_of_an_argument_is_no_fault_in_the_code_of_the_function(tree: Path) -> None:
    source = "def under(amount: int, limit: int = 3) -> bool:\n    return amount < limit\n"
    (tree / "engine" / "sample.py").write_text(source, encoding="utf-8")
    told = "from engine.sample import under\n\n\ndef test_it():\n    assert under(2)\n    assert not under(3)\n"
    (tree / "test_ripe.py").write_text(told, encoding="utf-8")
    tally = mutate.try_all(tree, list(mutants("engine.sample", source)), ["test_ripe.py"], SECONDS)["engine.sample"]
    assert tally.survivors == []


def test_only_tests_that_call_the_function_are_asked() -> None:
    (one, *_) = (each for each in mutants("engine.sample", SOURCE) if each.scope)
    assert calls({"engine.sample.ripe"}, one)
    assert not calls({"engine.sample.ripen", "engine.other.ripe"}, one)


def test_modules_that_the_same_tests_know_are_tried_together() -> None:
    tests = {"a": ("x", "y"), "b": ("x",), "c": ("x", "y")}
    assert mutate.grouped(tests, tests.__getitem__) == {("x", "y"): ["a", "c"], ("x",): ["b"]}


def test_tests_that_fail_without_a_fault_teach_nothing(tree: Path) -> None:
    (tree / "test_ripe.py").write_text("def test_it():\n    assert False\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="without any fault"):
        mutate.try_all(tree, list(mutants("engine.sample", SOURCE)), ["test_ripe.py"], SECONDS)


def test_too_few_killed_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    survivors = list(mutants("sample", SOURCE))[:1]
    assert not mutate.report({"sample": mutate.Tally(killed=8, survivors=survivors)}, 90)
    assert mutate.report({"sample": mutate.Tally(killed=9, survivors=survivors)}, 90)
    assert "90.0%" in capsys.readouterr().out


def test_every_test_that_the_configuration_names_is_there() -> None:
    config = mutate.Config.read(mutate.CONFIG)
    for module in config.modules:
        named = [one for one in config.modules[module] if not one.startswith("@")]
        files = [*named, *(one for group in config.groups.values() for one in group)]
        assert [one for one in files if not (mutate.ROOT / one.partition("::")[0]).exists()] == []
        assert (mutate.ROOT / f"{module.replace('.', '/')}.py").exists()


def test_the_tests_of_the_product_can_be_collected_in_a_copy_of_it(tmp_path: Path) -> None:
    """With what a trial says to pytest: else nothing would be tried, and nobody would learn it before the long run."""
    tree = mutate.copied(tmp_path)
    call = [sys.executable, "-m", "pytest", "--collect-only", *trial._options(tree), "tests/engine/test_once.py"]
    done = subprocess.run(call, cwd=tree, env=_bare(), capture_output=True, text=True, check=False, timeout=LONG)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_once.py::" in done.stdout


def _bare() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
