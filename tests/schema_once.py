"""The schema, made by its migrations once in a process: from then on the same statements make it in any empty database.

Migrations are read, compiled and asked about each time that they run, which takes a tenth of a second; a suite makes
thousands of databases. What is not empty, and what is brought to another revision than the last, goes the usual way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event, inspect

Upgrade = Callable[..., None]
Statement = tuple[str, Any]


@dataclass(frozen=True)
class Once:
    """Stands for `storage.schema.upgrade`."""

    upgrade: Upgrade
    _said: dict[str, list[Statement]] = field(default_factory=dict)
    """What changed anything, by the kind of database."""

    def __call__(self, engine: Engine, to: str = "head") -> None:
        kind = engine.dialect.name
        if to != "head" or inspect(engine).get_table_names():
            self.upgrade(engine, to)
        elif kind not in self._said:
            self._said[kind] = self._listened(engine)
        else:
            with engine.execution_options(writes=True).begin() as connection:
                for statement, values in self._said[kind]:
                    connection.exec_driver_sql(statement, values or None)

    def _listened(self, engine: Engine) -> list[Statement]:
        heard: list[Statement] = []

        def hear(_on: Connection, _cursor: Any, statement: str, values: Any, *_: object) -> None:
            if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA")):
                heard.append((statement, values))

        event.listen(engine, "before_cursor_execute", hear)
        try:
            self.upgrade(engine)
        finally:
            event.remove(engine, "before_cursor_execute", hear)
        return heard
