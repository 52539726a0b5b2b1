"""What can go wrong with a database, each with its cause and its cure in both languages.

An exception's class says what the caller may do: after `StoreBusy` the whole command is tried again; everything else is
shown to a person. No error of a driver leaves this room.
"""

from __future__ import annotations

from typing import Any

from engine.problems import Spoken, Text
from engine.reasons import quoted


class StoreProblem(Spoken):
    """The store cannot do what it was asked. `detail` says more: in words of ours, or in the database's own, which a
    Chinese sentence quotes.
    """

    cause = Text("数据库出错", "the database failed")
    cure = Text("请查看数据库日志后重试", "read the database's own log, then try again")

    def __init__(self, detail: str | Text = "") -> None:
        own = detail if isinstance(detail, Text) else quoted(detail)
        zh, en = (f"（{own.zh}）", f" ({own.en})") if own.en else ("", "")
        super().__init__(f"{self.cause.zh}{zh}；{self.cure.zh}", f"{self.cause.en}{en}; {self.cure.en}")
        self.detail = own

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.detail,)


class StoreMissing(StoreProblem):
    """There is no database where one was expected."""

    cause = Text("没有找到数据库", "there is no database here")
    cure = Text(
        "用 `duban init` 新建，或检查 --db 的地址", "create one with `duban init`, or check the address given to --db"
    )


class StoreAddress(StoreProblem):
    """The address names no kind of store."""

    cause = Text("无法识别的数据库地址", "this is no address of a database")
    cure = Text(
        "请写 sqlite:///路径 或 postgresql+psycopg://用户@主机/库名",
        "write sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME",
    )


class StoreForeign(StoreProblem):
    """Something is there, and it is not a Duban database."""

    cause = Text("这不是督办系统的数据库", "this is not a Duban database")
    cure = Text(
        "请检查 --db 的地址，或在空库中运行 `duban init`", "check the address, or run `duban init` on an empty database"
    )


class StoreNewer(StoreProblem):
    """The schema was written by a later version of the program."""

    cause = Text("数据库由更新版本的程序建立", "the database was made by a newer version of the program")
    cure = Text("请先升级程序", "upgrade the program first")


class StoreOlder(StoreProblem):
    """The schema is of an earlier version of the program."""

    cause = Text("数据库结构版本较旧", "the database has the schema of an earlier version")
    cure = Text("备份后运行 `duban upgrade`", "back it up, then run `duban upgrade`")


class StoreUnsafe(StoreProblem):
    """The library or server could lose what it has acknowledged, or damage the file."""

    cause = Text("数据库不能保证数据持久", "the database does not guarantee that acknowledged work survives")
    cure = Text("请按括号内的说明调整设置或升级", "change the setting or upgrade the library named in brackets")


class StoreBusy(StoreProblem):
    """Another transaction was in the way; nothing was written. The caller runs the whole command again."""

    cause = Text("数据库正忙或有人同时办理同一事项", "the database is busy, or somebody acts on the same task")
    cure = Text("请稍后重试", "try again in a moment")


class StoreFull(StoreProblem):
    """No space is left; nothing of the transaction was written."""

    cause = Text("磁盘已满，本次操作未保存", "the disk is full; nothing of this was saved")
    cure = Text("请清理磁盘空间后重试", "free some space, then try again")


class StoreReadOnly(StoreProblem):
    """The file, its folder or the server does not accept writes."""

    cause = Text("数据库只读", "the database is read-only")
    cure = Text("请检查文件和目录的写权限", "check the permissions of the file and of its folder")


class StoreForbidden(StoreProblem):
    """The server lets us in, and somebody took a right from our user."""

    cause = Text("数据库用户权限不足", "the database's user lacks a right")
    cure = Text(
        "请让 --db 里的用户拥有各表（GRANT 或 ALTER TABLE … OWNER TO）",
        "let the user in --db own the tables (GRANT, or ALTER TABLE … OWNER TO)",
    )


class StoreDamaged(StoreProblem):
    """The file is damaged: the library itself refuses to read it."""

    cause = Text("数据库文件已损坏", "the database file is damaged")
    cure = Text("请停用，换回完好的备份文件", "stop using it, and put a sound backup in its place")


class StoreGone(StoreProblem):
    """The connection broke. Whether the last command was kept is unknown until it is repeated with its key."""

    cause = Text("与数据库的连接中断", "the connection to the database was lost")
    cure = Text("恢复连接后，用同一个幂等键重试", "restore the connection, then repeat with the same key")


class StoreUnreachable(StoreProblem):
    """The server does not answer, or does not let us in."""

    cause = Text("无法连接数据库服务器", "the database server cannot be reached, or refuses the connection")
    cure = Text(
        "请检查 --db 的地址、库名、用户和服务器状态", "check the address, name and user given to --db, and the server"
    )


class StoreOccupied(StoreProblem):
    """Something is there already: a backup is restored into an empty database only."""

    cause = Text("这里已有督办系统的数据", "there is a Duban database here already")
    cure = Text(
        "恢复只写入空库：用 --db 换一个新地址，核对无误后再换用",
        "a backup is restored into an empty database only: give a new address with --db, and change over later",
    )


class BackupBroken(StoreProblem):
    """The file is no backup, or not the one that was written."""

    cause = Text("备份文件不完整或已损坏", "the file is no backup, or is damaged")
    cure = Text("请换用另一份备份；没有写入任何数据", "use another backup; nothing was written")


class BackupNewer(StoreProblem):
    """The backup was written by a later version of the program."""

    cause = Text("备份由更新版本的程序写成", "the backup was written by a newer version of the program")
    cure = Text("请先升级程序；没有写入任何数据", "upgrade the program first; nothing was written")


# By SQLite's primary result codes: https://www.sqlite.org/rescode.html
_SQLITE: dict[int, type[StoreProblem]] = {
    5: StoreBusy,
    6: StoreBusy,
    8: StoreReadOnly,
    10: StoreProblem,
    11: StoreDamaged,
    13: StoreFull,
    14: StoreMissing,
    26: StoreForeign,
}
# Another was faster. A violated CHECK or NOT NULL has the same code (19) and is a fault of the program.
_SQLITE_TAKEN = "UNIQUE constraint failed"

# By SQLSTATE, or its class of two characters: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES: dict[str, type[StoreProblem]] = {
    "08": StoreGone,
    "23505": StoreBusy,
    "25006": StoreReadOnly,
    "3D000": StoreMissing,
    "40001": StoreBusy,
    "42501": StoreForbidden,
    "40P01": StoreBusy,
    "53100": StoreFull,
    "53300": StoreBusy,
    "55P03": StoreBusy,
    "57P": StoreGone,
    "XX001": StoreDamaged,
}


_SQLITE_ERROR = 1
_POSTGRES_LACKS = frozenset({"42703", "42P01"})
_POSTGRES_SENSELESS = _POSTGRES_LACKS | {"42601", "42804", "42883"}


def names_what_is_not_there(error: Exception) -> bool:
    """Whether a driver says that a table or column is not there. Either it was taken out of the schema or the statement
    is wrong, a fault of the program: who holds the database looks (`schema.lacking`).
    """
    original = getattr(error, "orig", None) or error
    if getattr(original, "sqlite_errorcode", None) == _SQLITE_ERROR:
        said = str(original)
        return said.startswith(("no such table", "no such column")) or " has no column named " in said
    return getattr(original, "sqlstate", None) in _POSTGRES_LACKS


def of_a_driver(error: Exception) -> bool:
    """Whether a database said it."""
    original = getattr(error, "orig", None) or error
    return type(original).__module__.partition(".")[0] in {"psycopg", "pysqlite3", "sqlite3"}


def wrong_statement(error: Exception) -> bool:
    """Whether a driver cannot make sense of a statement: by the schema that this program makes, it is a wrong one."""
    original = getattr(error, "orig", None) or error
    state = getattr(original, "sqlstate", None) or ""
    return getattr(original, "sqlite_errorcode", None) == _SQLITE_ERROR or state in _POSTGRES_SENSELESS


def translated(error: Exception) -> StoreProblem | None:
    """The problem that a driver's error means, or None where the error is no driver's or is a fault of the program."""
    original = getattr(error, "orig", None) or error
    code = getattr(original, "sqlite_errorcode", None)
    if code is not None:
        taken = str(original).startswith(_SQLITE_TAKEN)
        return _known(StoreBusy if taken else _SQLITE.get(code & 0xFF), original)
    if not type(original).__module__.startswith("psycopg"):
        return None
    state = getattr(original, "sqlstate", None)
    if state is None:
        return _disconnected(original) if type(original).__name__ == "OperationalError" else None
    return _known(next((_POSTGRES[key] for key in (state, state[:3], state[:2]) if key in _POSTGRES), None), original)


def _known(kind: type[StoreProblem] | None, original: BaseException) -> StoreProblem | None:
    return kind(_first_line(original)) if kind else None


def _disconnected(original: BaseException) -> StoreProblem:
    """The server gave no code: it was never reached, or it went away."""
    line = _first_line(original)
    return StoreUnreachable(line) if line.startswith("connection failed") else StoreGone(line)


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
