"""Where it was measured: processor, memory, libraries, and how long the disk takes to keep its word."""

from __future__ import annotations

import os
import platform
import statistics
import time
from importlib.metadata import version
from pathlib import Path

from pysqlite3 import dbapi2


def described(directory: Path) -> list[tuple[str, str]]:
    """Name and value of everything that a reader has to know to compare."""
    return [
        ("processor", f"{_processor()}, {os.cpu_count()} cores"),
        ("memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"),
        ("system", f"{platform.system()} {platform.release()}"),
        ("load before", f"{os.getloadavg()[0]:.1f} (other work on the machine, in processes that wanted to run)"),
        ("Python", platform.python_version()),
        ("SQLite", f"{dbapi2.sqlite_version}, WAL, synchronous = FULL"),
        ("SQLAlchemy, psycopg, DBOS", ", ".join(version(name) for name in ("sqlalchemy", "psycopg", "dbos"))),
        ("fdatasync of 4 KiB", f"{fsync_seconds(directory) * 1e6:,.0f} µs (median of 100)"),
    ]


def fsync_seconds(directory: Path) -> float:
    """How long the disk takes to write a page for good."""
    path, took = directory / "fsync", []
    handle = os.open(path, os.O_CREAT | os.O_WRONLY)
    for _ in range(100):
        os.write(handle, bytes(4096))
        start = time.perf_counter()
        os.fdatasync(handle)
        took.append(time.perf_counter() - start)
    os.close(handle)
    path.unlink()
    return statistics.median(took)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
