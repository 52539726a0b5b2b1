"""Scenarios run: every one of every definition holds, and the runner sees what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.problems import errors
from workflows.authoring.scenarios import Failure, Script, main, parse, run, run_file
from workflows.sources import calendar_named, load_process

DEFINITIONS = Path(__file__).resolve().parent.parent.parent / "definitions"
PROMISES = Path(__file__).with_name("data") / "promises"
FILES = [*sorted(DEFINITIONS.rglob("process.yaml")), PROMISES / "process.yaml"]
SCENARIOS = (PROMISES / "scenarios.yaml").read_text(encoding="utf-8")


def _named(file: Path) -> list[tuple[Path, str]]:
    """Every scenario in the files beside a definition; one nameless entry where there is none."""
    scripts = [parse(beside.read_bytes(), str(beside)) for beside in sorted(file.parent.glob("scenarios*.yaml"))]
    return [(file, one.scenario) for script in scripts for one in script.scenarios] or [(file, "")]


CASES = [case for file in FILES for case in _named(file)]


@pytest.fixture(scope="module")
def results() -> dict[Path, list[Failure]]:
    """What did not hold, by definition, each run once."""
    return {}


@pytest.mark.parametrize(("file", "name"), CASES, ids=[f"{file.parent.name}:{name or 'none'}" for file, name in CASES])
def test_a_scenario_holds(file: Path, name: str, results: dict[Path, list[Failure]]) -> None:
    """Every scenario of every definition is told to the engine, and comes out as it says."""
    assert name, f"{file} has no scenario"
    if file not in results:
        result = run_file(file)
        assert errors(result.problems) == []
        assert result.scenarios == len([case for case in CASES if case[0] == file]), "every scenario is named by it"
        results[file] = list(result.failures)
    assert [failure.text("en") for failure in results[file] if failure.scenario == name] == []


# -- the runner sees what does not hold


def _script(*changes: tuple[str, str]) -> Script:
    text = SCENARIOS
    for old, new in changes:
        assert old in text, f"the sample has no {old!r}"
        text = text.replace(old, new, 1)
    return parse(text, "scenarios.yaml")


def _failures(*changes: tuple[str, str]) -> list[Failure]:
    script = _script(*changes)
    assert script.problems == []
    edition = load_process(PROMISES).edition
    assert edition is not None
    return run(edition, calendar_named("cn"), script)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("state: lagging\n", "state: done\n", "expected state: done; found state: lagging"),
        ("signal: yellow", "signal: red", "expected signal: red; found signal: yellow"),
        ("fields: {percent: 9.5}", "fields: {percent: 9}", "expected percent: 9; found percent: 9.5"),
        ("fields: {percent: 9.5}", "fields: {percents: 9}", "found there is no field percents"),
        ("behind: 0.5", "behind: 0.6", "expected behind: 0.6; found behind: 0.5"),
        (
            "due: 2022-03-31",
            "due: 2022-03-30",
            "expected monthly_report.due: 2022-03-30; found monthly_report.due: 2022",
        ),
        ("provisional: false", "provisional: true", "rectification.provisional: True"),
        ("monthly_report/2022-02: {status: met}", "monthly_report/2022-01: {status: met}", "found not there"),
        (
            "notices: [early-warning]\n",
            "notices: [late-warning]\n",
            "expected notices: late-warning; found early-warning",
        ),
        ("notices: [early-warning]}}", "notices: [reminder]}}", "expected no reminder; found reminder"),
        ("reminded: [monthly_report]", "reminded: [rectification]", "expected reminded: rectification"),
        ("opened: [interview]", "opened: [talk]", "expected opened: talk; found interview"),
        ("publications: [bulletin]", "publications: [gazette]", "expected publications: gazette; found bulletin"),
        ("[TriggerFired, DeadlineMet]", "[DeadlineMet, TriggerFired]", "expected DeadlineMet, TriggerFired; found"),
        (
            "absent: {deadlines: [rect",
            "absent: {deadlines: [monthly_report], notices: [rect",
            "expected no monthly_report",
        ),
        ("{state: held, ended: true}", "{state: open}", "expected state: open; found state: held"),
        ("{state: held, ended: true}", "{signal: green}", "expected signal: green; found signal: —"),
        ("on: {programme: {state: closed}}", "on: {plan: {state: closed}}", "expected a plan; found nothing"),
        ("on: interview", "on: dispute", "expected a dispute; found nothing"),
        ("refused: wrong_role", "refused: guard", "expected a refusal: guard; found refused (wrong_role): Only"),
        ("      refused: wrong_role\n", "", "expected it to be done; found refused (wrong_role)"),
        ("as: {role: lead, person: zhang}", "as: office\n      refused: wrong_role", "found it was done"),
        ("- at: 2022-03-02 09:10", "- at: 2022-03-01 09:10", "expected a time not before the last step"),
        ("as: office\n", "as: lead\n", "step 0: expected it to be done; found refused (wrong_role)"),
    ],
)
def test_what_does_not_hold_is_reported(old: str, new: str, said: str) -> None:
    """Each kind of expectation can fail, and says what it found."""
    lines = [failure.text("en") for failure in _failures((old, new))]
    assert len([line for line in lines if said in line]) == 1, lines


def test_a_failure_names_the_line_of_its_expectation_and_speaks_both_languages() -> None:
    (failure,) = _failures(("signal: yellow", "signal: red"))
    line = next(number for number, text in enumerate(SCENARIOS.splitlines(), 1) if "signal: yellow" in text)
    assert failure.where.line == line
    assert failure.text("zh").endswith("lag-is-answered 第 3 步：应为 signal: red，实为 signal: yellow")


def test_a_kind_that_the_definition_does_not_have_is_reported() -> None:
    (failure,) = _failures(("    as: office\n    fields: {title: 路灯", "    kind: plan\n    fields: {title: 路灯"))
    assert failure.text("en").endswith("expected something to register; found the definition has none: plan")


def test_an_unexpected_refusal_ends_the_scenario() -> None:
    """What follows a step that was not taken says nothing."""
    failures = _failures(("      refused: wrong_role\n", ""))
    assert [failure.step for failure in failures] == [3]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("do: hold", "does: hold", "unknown-key"),
        ("at: 2022-03-03 10:00", "at: 2022-3-3", "wrong-time"),
        ("at: 2022-03-03 10:00", "at: 2022-02-30 10:00", "wrong-time"),
        ("events: [DeadlineMissed", "events: [DeadlineMist", "wrong-value"),
        ("      as: {role: lead, person: zhang}\n", "", "wrong-value"),
        ("      do: wind_up\n", "", "wrong-value"),
    ],
)
def test_a_scenario_that_is_not_written_right_is_a_problem_with_its_place(old: str, new: str, code: str) -> None:
    script = _script((old, new))
    assert code in [problem.code for problem in script.problems]
    assert all(problem.where.line > 1 for problem in script.problems)


def test_two_scenarios_of_one_name_are_a_problem() -> None:
    script = parse(SCENARIOS + SCENARIOS, "scenarios.yaml")
    assert [problem.code for problem in script.problems] == ["duplicate-scenario"]


def test_the_command_prints_and_exits_with_one_where_something_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(PROMISES)]) == 0
    (tmp_path / "process.yaml").write_text((PROMISES / "process.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "scenarios.yaml").write_text(SCENARIOS.replace("signal: yellow", "signal: red"), encoding="utf-8")
    assert main([str(tmp_path)]) == 1
    (tmp_path / "scenarios.yaml").unlink()
    assert main([str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert "1 scenarios, 1 failures" in printed
    assert "there is no such file of scenarios" in printed


@pytest.mark.parametrize("name", ["../secret.yaml", "{outside}", "linked.yaml"])
def test_a_definition_from_elsewhere_cannot_show_other_files(tmp_path: Path, name: str) -> None:
    """A path out of its folder, upwards, from the root or by a link, is a problem that says nothing of the file."""
    outside, folder = tmp_path / "secret.yaml", tmp_path / "given"
    outside.write_text("password", encoding="utf-8")
    folder.mkdir()
    (folder / "linked.yaml").symlink_to(outside)
    text = (PROMISES / "process.yaml").read_text(encoding="utf-8")
    named = text.replace("scenarios: [scenarios.yaml]", f"scenarios: ['{name.format(outside=outside)}']")
    assert named != text
    (folder / "process.yaml").write_text(named, encoding="utf-8")
    [problem] = run_file(folder).problems
    assert problem.message.en == "a file of scenarios stands in the folder of its definition"
    assert "password" not in problem.text("en")
