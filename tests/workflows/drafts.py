"""A draft of the founding case that differs from what was published, for runs in other processes."""

from __future__ import annotations

from datetime import UTC, datetime

from workflows.authoring.backtesting import Period
from workflows.authoring.trials import Trial
from workflows.sources import definitions_folder

PROCESS = "dalian-livelihood"
TEXT = (definitions_folder() / PROCESS / "process.yaml").read_text(encoding="utf-8")
YEAR = Period(datetime(1970, 1, 1, tzinfo=UTC), datetime(2023, 1, 10, 16, tzinfo=UTC))
DRAFTED = Trial(TEXT, YEAR, {"lag_report_term": "3 working days"})
