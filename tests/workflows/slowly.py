"""A backtest that takes its time, for whoever wants to stop it: `python -m tests.workflows.slowly DATABASE FILE`."""

from __future__ import annotations

import signal
import sys
import time
from functools import partial
from pathlib import Path

from commands.backtests import opened
from tests.workflows.drafts import DRAFTED, PROCESS
from workflows.authoring import trials
from workflows.authoring.trials import families, run


def main(database: str, kept: str) -> None:
    """A family a batch, on two processes, with a pause after each."""
    # whoever is begun in the background by a shell ignores it, and so would this
    signal.signal(signal.SIGINT, signal.default_int_handler)
    trials.BATCH = 1
    with opened(database) as desk:
        every = families(desk, PROCESS)
    run(partial(opened, database), DRAFTED, every, processes=2, kept=Path(kept), progress=lambda _: time.sleep(0.3))


if __name__ == "__main__":
    main(*sys.argv[1:])
