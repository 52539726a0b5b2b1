"""Log lines as JSON on standard error, one a line. They hold no forms, no queries and no values of variables."""

from __future__ import annotations

import json
import sys
from typing import Any

import structlog


class _Stderr:
    """Writes where standard error is now."""

    def msg(self, line: str) -> None:
        """Write a line."""
        sys.stderr.write(line + "\n")

    info = warning = error = msg


log: Any = structlog.wrap_logger(
    _Stderr(),
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(serializer=json.dumps, ensure_ascii=False),
    ],
)
