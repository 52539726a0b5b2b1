"""What two boards differ in: what happened between two days, and what was learned late about one."""

from __future__ import annotations

from pathlib import Path

from tests.web.stage import OFFICE, Stage, at, raise_stage, underway
from workflows.audit.differences import Difference, differences
from workflows.office.firing import Act, Outcome, fire
from workflows.office.views import board

FORM = {"reason": "规划调整", "consent": "市政函〔2022〕1号", "evidence": [{"name": "consent.pdf"}]}


def _between(
    stage: Stage, days: tuple[str, str], known: tuple[str | None, str | None] = (None, None)
) -> list[Difference]:
    one, other = (
        board(stage.desk, "en", at(day), at(then) if then else None) for day, then in zip(days, known, strict=True)
    )
    return differences(one, other)


def test_a_late_entry_is_what_was_learned_and_not_what_was_known(tmp_path: Path) -> None:
    """A start that is entered a week late changes what the days between were, and nothing that was known then."""
    stage = raise_stage(tmp_path)
    task = underway(stage, "homes")
    before = stage.desk.store.task(task)
    assert before is not None
    stage.clock.move(at("2022-02-20 09:00"))
    act = Act(task, "suspend", FORM, OFFICE, occurred_at=at("2022-02-12 09:00"), reason="the letter was late")
    done = fire(stage.desk, act)
    assert isinstance(done, Outcome), done
    day, later = "2022-02-15 09:00", "2022-02-21 09:00"
    found = _between(stage, (day, day), (day, later))
    assert [each.task for each in found] == [task]
    assert "state" in found[0].changed
    assert _between(stage, (day, day), (day, day)) == []
    assert task in [each.task for each in _between(stage, ("2022-02-10 09:00", day))]
    stage.close()


def test_a_task_that_was_not_there_has_no_face_before(tmp_path: Path) -> None:
    stage = raise_stage(tmp_path)
    found = _between(stage, ("2021-12-31 09:00", "2022-01-21 09:00"))
    assert {each.task for each in found} >= set(stage.tasks.values())
    assert all(each.before is None and each.to_json()["before"] is None for each in found)
    stage.close()
