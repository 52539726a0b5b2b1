"""What came of a draft over history may be kept short: the sums are of all, whatever is told one by one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workflows.authoring.backtesting import Told
from workflows.authoring.contrast import Change, Occasion, OccasionSort, Shift
from workflows.authoring.trial_results import Result, result_from_json, result_to_json

AT = datetime(2022, 3, 1, tzinfo=UTC)


def _found(families: int) -> Result:
    """So many families, each of which would have been late a day later."""
    result = Result()
    for number in range(families):
        passed = Occasion(f"t-{number}", "", OccasionSort.PASSED, "report", "1")
        result.add(
            Told(root=f"t-{number}", events=3, changes=[Change(passed, Shift.LATER, AT, AT.replace(day=2))], lost=[])
        )
    return result


@pytest.mark.parametrize("most", [0, 2, 5, 9])
def test_kept_short_it_counts_as_much_and_is_read_as_it_was_kept(most: int) -> None:
    whole = _found(5)
    short = whole.short(most)
    assert (len(short.differing), short.differ, short.families) == (min(5, most), 5, 5)
    assert short.sums == whole.sums
    assert short.short(1).differ == 5, "once more makes no difference to the count"
    assert result_from_json(result_to_json(short, most)) == short
