"""Who runs the jobs: threads of this process, led by DBOS, on as many machines as one likes.

runner     starts and stops; looks for work, for standing jobs whose time has come, and for dead workers
hands      one job, from its beginning to its end
library    the one file that knows DBOS

    runner = jobs.start(office.store.engine, tools)    # about a second: DBOS is imported here
    ...
    runner.stop()
"""

from __future__ import annotations

from jobs.runner import Pace, Runner, start

__all__ = ["Pace", "Runner", "start"]
