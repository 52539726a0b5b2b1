"""Whether a server's schema is still as this program made it, and whether its names mean what they say.

Who administers a server can show one thing to pages and another to whoever verifies, without touching a row: by a
policy that hides rows from those who may write, by a view of the same name in another schema that is looked into first,
by an index that is gone and lets two write the same number. What stands in the catalog is asked plainly and compared
here, for operators and functions can be put before the server's own, too.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import CheckConstraint, Connection, inspect
from sqlalchemy.exc import SAWarning

from engine.problems import Text
from storage.otherwise import altered, foreign, gone, listed, thing
from storage.tables import VERSION_TABLE, metadata

PATH = "SELECT pg_catalog.current_schemas(true), pg_catalog.current_schema()"

# What each name leads to, with whatever lets others decide which of its rows are seen.
MEANT = """
SELECT n.name, c.relkind::text, ns.nspname, c.relrowsecurity, c.relhassubclass,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_policy p WHERE p.polrelid OPERATOR(pg_catalog.=) c.oid)
  FROM pg_catalog.unnest(%s::text[]) AS n (name)
  LEFT JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(n.name)
  LEFT JOIN pg_catalog.pg_namespace ns ON ns.oid OPERATOR(pg_catalog.=) c.relnamespace
"""

INVALID = """
SELECT c.relname, t.relname FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
  JOIN pg_catalog.pg_class t ON t.oid OPERATOR(pg_catalog.=) i.indrelid
 WHERE NOT (i.indisvalid AND i.indisready AND i.indislive)
"""


def otherwise(connection: Connection) -> Sequence[Text]:
    """What is not as it was made on a server, a sentence each; nothing where all is well."""
    led = [*_shadowed(connection), *_names(connection)]
    return led or [*_differing(connection), *_keys(connection), *_invalid(connection)]


def _shadowed(connection: Connection) -> Iterator[Text]:
    """Whoever's functions and operators are found before the server's own decides what any comparison says."""
    path = connection.exec_driver_sql(PATH).one()[0]
    before = [each for each in path[: path.index("pg_catalog")] if not each.startswith("pg_temp")]
    if before:
        names = listed(before)
        yield Text(
            f"search_path 先找 {names.zh}，后找 `pg_catalog`", f"search_path looks into {names.en} before pg_catalog"
        )


def _names(connection: Connection) -> Iterator[Text]:
    here = connection.exec_driver_sql(PATH).one()[1]
    found = connection.exec_driver_sql(MEANT, ([VERSION_TABLE, *metadata.tables],)).all()
    if lost := [name for name, kind, *_ in found if kind is None]:
        yield Text(f"缺少表 {listed(lost).zh}", f"these tables are not there: {listed(lost).en}")
    if others := [name for name, kind, schema, *_ in found if kind is not None and (kind, schema) != ("r", here)]:
        yield Text(
            f"以下名称指向的不是模式 `{here}` 中的表：{listed(others).zh}",
            f"these are not the tables of the schema {here}: {listed(others).en}",
        )
    for name, _, _, secured, parted, policies in found:
        table = thing("table", name)
        if secured or policies:
            yield Text(f"{table.zh}以行级安全策略隐藏了部分行", f"{table.en} hides rows by a policy")
        if parted:
            yield Text(f"{table.zh}中混有别的表的行", f"{table.en} has the rows of others in it")


def _differing(connection: Connection) -> Iterator[Text]:
    """Tables, columns, types, indexes and constraints, by Alembic."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    options = {"compare_type": True, "version_table": VERSION_TABLE, "include_object": _ours}
    context = MigrationContext.configure(connection, opts=options)
    with warnings.catch_warnings():  # what it cannot reflect is otherwise, and told
        warnings.simplefilter("ignore", SAWarning)
        found = compare_metadata(context, metadata)
    for each in found:
        yield from _said(each)


def _ours(found: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:  # noqa: FBT001 - Alembic's form
    """Tables of others are none of our business, nor what is kept for another kind of database."""
    if kind == "table":
        return not reflected or name in metadata.tables
    told: dict[Any, Any] = getattr(found, "info", {})
    return bool(told.get("dialect", "postgresql") == "postgresql")


def _said(difference: Any) -> Iterator[Text]:
    match difference:
        case [*changes] if isinstance(difference, list):
            yield from (altered(thing("column", f"{each[2]}.{each[3]}")) for each in changes)
        case (str(what), None | str(), str(table), column):
            yield _verdict(what, f"{table}.{column.name}")
        case (str(what), found, *_):
            yield _verdict(what, found.name)


def _verdict(what: str, name: object) -> Text:
    done, _, kind = what.partition("_")
    return gone(thing(kind, name)) if done == "add" else foreign(thing(kind, name))


def _keys(connection: Connection) -> Iterator[Text]:
    """What Alembic does not compare: primary keys and checks."""
    asked = inspect(connection)
    for name, table in metadata.tables.items():
        if asked.get_pk_constraint(name)["constrained_columns"] != [each.name for each in table.primary_key]:
            yield altered(Text(f"表 `{name}` 的主键", f"primary key of {name}"))
        checks = {str(each.name) for each in table.constraints if isinstance(each, CheckConstraint)}
        if {each["name"] for each in asked.get_check_constraints(name)} != checks:
            yield Text(f"表 `{name}` 的检查约束与建库时不同", f"checks of {name} are not as they were made")


def _invalid(connection: Connection) -> Iterator[Text]:
    for index, table in connection.exec_driver_sql(INVALID):
        if table in metadata.tables:
            unused = thing("index", index)
            yield Text(f"{unused.zh}未启用", f"{unused.en} is not in use")
