"""Between SQLite and the disk: every write, truncation, sync and removal of the very library that the store uses.

`pysqlite3` exports SQLite's C interface, so a VFS of ours is put before its own as the default: files are opened by
the original, and four of their methods pass through here, to be recorded or to fail. The store's code is not touched.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pysqlite3 import _sqlite3

OK, FULL = 0, 13
IOERR_WRITE, IOERR_FSYNC, IOERR_TRUNCATE = 10 | 3 << 8, 10 | 4 << 8, 10 | 6 << 8


class _File(ctypes.Structure):
    """sqlite3_file: a table of methods and what the VFS keeps behind it."""


_CLOSE = CFUNCTYPE(c_int, POINTER(_File))
_WRITE = CFUNCTYPE(c_int, POINTER(_File), c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, POINTER(_File), c_int64)
_SYNC = CFUNCTYPE(c_int, POINTER(_File), c_int)


class _Methods(ctypes.Structure):
    """sqlite3_io_methods, version 3. What is not touched is copied as it is."""

    _fields_ = (
        ("iVersion", c_int),
        ("xClose", _CLOSE),
        ("xRead", c_void_p),
        ("xWrite", _WRITE),
        ("xTruncate", _TRUNCATE),
        ("xSync", _SYNC),
        ("rest", c_void_p * 13),
    )


_File._fields_ = (("pMethods", POINTER(_Methods)),)

# A path is handed on as the pointer that it is: the original keeps it and reads behind its end.
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(_File), c_int, POINTER(c_int))
_DELETE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)


class _Vfs(ctypes.Structure):
    """sqlite3_vfs, version 3."""

    _fields_ = (
        ("iVersion", c_int),
        ("szOsFile", c_int),
        ("mxPathname", c_int),
        ("pNext", c_void_p),
        ("zName", c_char_p),
        ("pAppData", c_void_p),
        ("xOpen", _OPEN),
        ("xDelete", _DELETE),
        ("rest", c_void_p * 14),
    )


@dataclass(frozen=True, slots=True)
class Op:
    """One operation: `write` at an offset, `truncate` to a length, `sync`, `delete`; or `told`, an acknowledgement."""

    kind: str
    file: str
    at: int = 0
    data: bytes = field(default=b"", repr=False)


Fails = Callable[[Op], int]
"""Asked before each operation: 0, or the SQLite code with which it shall fail."""


def never(_op: Op) -> int:
    """Nothing fails."""
    return OK


def _name(path: int) -> str:
    return Path(ctypes.string_at(path).decode()).name


@dataclass
class Disk:
    """What the library does to files, in order."""

    fails: Fails = never
    ops: list[Op] = field(default_factory=list, repr=False)
    _open: dict[int, tuple[str, Any]] = field(default_factory=dict, repr=False)
    _kept: list[Any] = field(default_factory=list, repr=False)

    def told(self, what: str) -> None:
        """Mark the place at which something was acknowledged."""
        self.ops.append(Op("told", what))

    def _do(self, op: Op, act: Callable[[], int]) -> int:
        code = self.fails(op)
        if code == OK:
            code = act()
        if code == OK:
            self.ops.append(op)
        return code

    def _address(self, file: Any) -> int:
        return ctypes.addressof(file.contents)

    def _write(self, file: Any, data: int, length: int, at: int) -> int:
        name, methods = self._open[self._address(file)]
        op = Op("write", name, at, ctypes.string_at(data, length))
        return self._do(op, lambda: int(methods.xWrite(file, data, length, at)))

    def _truncate(self, file: Any, length: int) -> int:
        name, methods = self._open[self._address(file)]
        return self._do(Op("truncate", name, length), lambda: int(methods.xTruncate(file, length)))

    def _sync(self, file: Any, flags: int) -> int:
        name, methods = self._open[self._address(file)]
        return self._do(Op("sync", name), lambda: int(methods.xSync(file, flags)))

    def _close(self, file: Any) -> int:
        _, methods = self._open.pop(self._address(file))
        return int(methods.xClose(file))

    def _watch(self, file: Any, path: int) -> None:
        """Give an open file a table of methods of its own."""
        methods = file.contents.pMethods.contents
        table = _Methods.from_buffer_copy(methods)
        table.xClose = _CLOSE(self._close)
        table.xWrite = _WRITE(self._write)
        table.xTruncate = _TRUNCATE(self._truncate)
        table.xSync = _SYNC(self._sync)
        self._kept.append(table)
        self._open[self._address(file)] = (_name(path), methods)
        file.contents.pMethods = ctypes.pointer(table)

    @contextmanager
    def beneath(self) -> Iterator[None]:
        """Pass every file opened from now on through here. All must be closed before the end."""
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        original = library.sqlite3_vfs_find(None)

        def opened(_vfs: int, path: int | None, file: Any, flags: int, out: Any) -> int:
            code = int(original.contents.xOpen(ctypes.addressof(original.contents), path, file, flags, out))
            if code == OK and path is not None:
                self._watch(file, path)
            return code

        def deleted(_vfs: int, path: int, sync: int) -> int:
            act = original.contents.xDelete
            return self._do(
                Op("delete", _name(path)), lambda: int(act(ctypes.addressof(original.contents), path, sync))
            )

        ours = _Vfs.from_buffer_copy(original.contents)
        ours.zName, ours.xOpen, ours.xDelete = b"torture", _OPEN(opened), _DELETE(deleted)
        assert library.sqlite3_vfs_register(ctypes.byref(ours), 1) == OK
        try:
            yield
        finally:
            library.sqlite3_vfs_register(original, 1)
            library.sqlite3_vfs_unregister(ctypes.byref(ours))
            assert not self._open, f"still open: {self._open}"
