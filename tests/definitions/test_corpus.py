"""A corpus of definitions: each broken one has exactly the findings that stand beside it, each sound one has none.

`broken/NAME.yaml` has its findings in `broken/NAME.findings`, a line each: `line:column severity code`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.checks import guards, horizon, whole
from workflows.authoring.checking import problems
from workflows.sources import load_process

HERE = Path(__file__).parent
CODES = {**guards.CODES, **whole.CODES, horizon.CODE: horizon.SAID}
BROKEN = sorted(HERE.glob("broken/*.yaml"))
SOUND = sorted([*HERE.glob("sound/*.yaml"), *HERE.parents[1].glob("definitions/**/process.yaml")])


def findings(file: Path) -> list[str]:
    found = problems(load_process(file), file)
    return [f"{each.where.line}:{each.where.column} {each.severity} {each.code}" for each in found]


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_broken_definition_has_its_findings_and_no_others(file: Path) -> None:
    assert findings(file) == file.with_suffix(".findings").read_text(encoding="utf-8").split("\n")[:-1]


@pytest.mark.parametrize("file", SOUND, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_sound_definition_has_none(file: Path) -> None:
    assert findings(file) == []


def test_each_code_is_explained_and_has_an_example() -> None:
    page = (HERE.parents[1] / "docs" / "language.md").read_text(encoding="utf-8")
    shown = "\n".join(file.read_text(encoding="utf-8") for file in HERE.glob("broken/*.findings"))
    for code, said in CODES.items():
        assert f"| `{code}` |" in page
        assert said.zh in page
        assert f" {code}\n" in shown
        assert list(HERE.glob(f"sound/{code}*.yaml"))


def test_the_corpus_is_large() -> None:
    assert len(BROKEN) >= 40


def test_a_sound_definition_is_checked_without_the_solver() -> None:
    """A few tries settle what is asked of it: the solver's quarter of a second is saved."""
    program = """if True:
        import sys
        from pathlib import Path
        from workflows.authoring.checking import problems
        from workflows.sources import load_process
        file = Path("definitions") / "dalian-livelihood" / "process.yaml"
        assert not problems(load_process(file), file)
        assert "z3" not in sys.modules
        """
    subprocess.run([sys.executable, "-c", program], check=True, timeout=300, cwd=HERE.parents[1])
