"""The durable step of DBOS on SQLite, timed: `python -m bench.dbos_steps DIRECTORY COUNT` prints seconds as JSON.

Its system database and the data stand in one file, in the write-ahead log that ours uses too; everything else is as it
comes: connections of its own through Python's sqlite3, `synchronous=FULL`, SERIALIZABLE.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from dbos import DBOS, SQLAlchemyDatasource


def main(directory: Path, count: int) -> dict[str, float]:
    """Seconds for a workflow with one transaction step (`workflow`), and for a further step (`step`)."""
    url = f"sqlite:///{directory / 'dbos.db'}"
    with closing(sqlite3.connect(directory / "dbos.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE effects (number INTEGER)")
    DBOS(config={"name": "bench", "system_database_url": url, "log_level": "ERROR", "application_version": "bench"})
    source = SQLAlchemyDatasource.create(url)
    source.run_migrations()

    @source.transaction()
    def effect(number: int) -> int:
        source.sql_session().execute(sa.text("INSERT INTO effects (number) VALUES (:number)"), {"number": number})
        return number

    @DBOS.workflow()
    def one(number: int) -> int:
        return effect(number)

    @DBOS.workflow()
    def many(numbers: int) -> int:
        return sum(effect(number) for number in range(numbers))

    DBOS.launch()
    one(0)
    start = time.perf_counter()
    for number in range(count):
        one(number)
    middle = time.perf_counter()
    many(count)
    end = time.perf_counter()
    DBOS.destroy()
    return {"workflow": (middle - start) / count, "step": (end - middle) / count}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
