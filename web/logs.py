"""Log lines as JSON on standard error, one a line. They hold no forms, no queries and no values of variables."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import MutableMapping
from typing import Any

import structlog

ERRORS: deque[dict[str, Any]] = deque(maxlen=50)
"""The last errors of this server, for whoever keeps it."""


def _remembered(_logger: Any, level: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if level == "error":
        ERRORS.append(dict(line))
    return line


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
        _remembered,
        structlog.processors.JSONRenderer(serializer=json.dumps, ensure_ascii=False),
    ],
)
