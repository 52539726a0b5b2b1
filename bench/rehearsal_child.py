"""A rehearsal in a process of its own: `python -m bench.rehearsal_child TASKS` prints seconds and memory as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from bench.scenes import PLANNED, UNIT, definition
from engine.loading import load
from workflows.authoring.rehearse import rehearse
from workflows.authoring.story import Telling, parse_story
from workflows.listing import ListRow
from workflows.sources import calendar_named

LAST_DAYS = ("02-25", "03-30", "04-28", "05-30", "06-29", "07-28", "08-30", "09-29", "10-28", "11-29", "12-29")
FILED = "{measures: 逐项落实, plan: 任务书.docx, leader: 负责人, department: 处室, staff: 经办}"


def main(count: int) -> dict[str, float]:
    """A year of tasks that file a plan, have it adopted and report each month; one in four plans more than it does."""
    edition = load(definition(), "process.yaml").edition
    telling = parse_story(_story(), "story.yaml")
    assert edition is not None
    assert isinstance(telling, Telling), telling
    rows, calendar = [_row(number) for number in range(count)], calendar_named("cn")
    wall, processor = time.perf_counter(), time.process_time()
    found = rehearse(edition, calendar, rows, telling.story, keep_events=count < 100)
    took = time.process_time() - processor
    assert found.stops == [], found.stops[:2]
    events = found.totals.total()
    return {"seconds": took, "wall": time.perf_counter() - wall, "gigabytes": _peak(), "events": events}


def _peak() -> float:
    """The most memory that this process has held, in GiB. Linux's `ru_maxrss` would tell that of its parent as well."""
    status = Path("/proc/self/status")
    if status.exists():
        told = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
        return int(told.split()[1]) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**30  # elsewhere in bytes


def _story() -> str:
    steps = [
        f"{{at: 2022-01-26 15:00, tasks: all, as: lead, do: file_plan, with: {FILED}}}",
        "{at: 2022-01-28 10:00, tasks: all, as: office, do: adopt_plan}",
    ]
    for day, (month, percent) in zip(LAST_DAYS, PLANNED.items(), strict=True):
        told = f"{{month: {month}, percent: {percent}}}"
        steps.append(f"{{at: 2022-{day} 16:00, tasks: all, as: lead, do: report, with: {told}}}")
    lines = "".join(f"  - {step}\n" for step in steps)
    return (
        "story: year\nzh: 一年\nen: A year\nfrom: 2022-01-20\nuntil: 2023-01-10\n"
        f"register: {{at: 2022-01-21 09:00, as: office}}\nsteps:\n{lines}"
    )


def _row(number: int) -> ListRow:
    more = 3 if number % 4 == 0 else 0
    plan = {
        month: {"target": "节点", "planned": str(min(100, planned + more * (int(month[-2:]) % 3 == 0)))}
        for month, planned in PLANNED.items()
    }
    return ListRow(number + 2, {"title": f"项目{number}", "annual_target": "完成", "lead_unit": UNIT}, plan)


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
