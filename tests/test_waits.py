"""Nobody waits for ever: each wait for a process, a thread, an answer or a program names a limit.

What another has locked, a process that fell or a server that is away would else hold up a suite, or an office,
without a word. The rule goes by names: `join()` with nothing in its brackets is a thread's and never a text's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "bench", "cli.py", "commands", "documents", "engine", "jobs", "post", "storage", "tests", "tools", "web",
    "workflows",
)  # fmt: skip

BARE = {"join", "wait", "communicate", "result", "accept"}
"""Methods that wait for ever where they are told nothing."""
LIMITED = {"run", "call", "check_call", "check_output", "urlopen", "create_connection"}
"""Functions of `subprocess`, `urllib` and `socket` that need a `timeout`, or it as a second argument."""
HOLDING = {"ThreadPoolExecutor", "ProcessPoolExecutor"}
"""Who leaves such a pool waits for all that it does; in tests nobody may (`limits.at_once`)."""

FOR_EVER = {
    "commands/worker.py stopped.wait": "a worker works until somebody stops it",
    "commands/crew.py first.join": "a thread of its own sees when the first process is gone, and there is no other end",
}


def waits(root: Path) -> Iterator[str]:
    """Each place that may wait for ever."""
    for path in _files(root):
        name = path.relative_to(root).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from (f"{name}:{line} {what}" for line, what in _received(node))
            if isinstance(node, ast.Call) and (what := _for_ever(node, name)) and f"{name} {what}" not in FOR_EVER:
                yield f"{name}:{node.lineno} {what}"


def _files(root: Path) -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((root / room).rglob("*.py")) if (root / room).is_dir() else [root / room]


def _for_ever(call: ast.Call, file: str) -> str:
    """What is called without a limit; nothing where there is one."""
    what = ast.unparse(call.func)
    owner, _, last = what.rpartition(".")
    told = {each.arg for each in call.keywords}
    if last in BARE and owner and not call.args and not told:
        return what
    if (last == "urlopen" or owner in ("subprocess", "socket")) and last in LIMITED:
        return "" if "timeout" in told or (not owner.startswith("sub") and len(call.args) > 1) else what
    return what if last in HOLDING and file.startswith("tests/") else ""


def _received(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[int, str]]:
    """An answer is received where the same function has asked, with a limit, whether there is one."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    polled = any(isinstance(each.func, ast.Attribute) and each.func.attr == "poll" and each.args for each in calls)
    for each in calls:
        if isinstance(each.func, ast.Attribute) and each.func.attr == "recv" and not each.args and not polled:
            yield each.lineno, ast.unparse(each.func)


def test_nobody_waits_for_ever() -> None:
    assert list(waits(ROOT)) == []


@pytest.mark.parametrize(
    "fault",
    [
        "thread.join()",
        "child.wait()",
        "child.communicate()",
        "future.result()",
        "subprocess.run(['true'], check=True)",
        "urlopen('http://localhost')",
        "def f(): return pipe.recv()",
        "with ThreadPoolExecutor(2) as pool: pass",
    ],
)
def test_each_wait_without_a_limit_is_seen(fault: str, tmp_path: Path) -> None:
    """And none where there is one, or where a text is joined."""
    for room in ROOMS:
        (tmp_path / room).touch() if room.endswith(".py") else (tmp_path / room).mkdir()
    sound = "thread.join(5)\nchild.wait(timeout=5)\n' '.join(['a'])\nurlopen('http://localhost', timeout=3)\n"
    sound += "def f(): return pipe.poll(5) and pipe.recv()\n"
    (tmp_path / "tests" / "test_it.py").write_text(sound, encoding="utf-8")
    assert list(waits(tmp_path)) == []
    (tmp_path / "tests" / "test_it.py").write_text(fault, encoding="utf-8")
    assert len(list(waits(tmp_path))) == 1


def test_what_waits_for_ever_for_a_reason_is_there() -> None:
    """A place that is gone needs no exception."""
    for each in FOR_EVER:
        file, _, what = each.partition(" ")
        assert f"{what}()" in (ROOT / file).read_text(encoding="utf-8")
