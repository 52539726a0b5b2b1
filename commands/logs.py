"""Log lines of a process that serves: one JSON object a line on standard error, those of libraries too."""

from __future__ import annotations

import json
import logging


def set_up() -> None:
    """Send what is logged from warnings on to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Json())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class _Json(logging.Formatter):
    """A record in the shape of the lines of requests."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "event": record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)
