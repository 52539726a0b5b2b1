"""One evaluation while it runs: the facts it asks, the operands it leaves behind.

The library takes the implementation of a function when an environment is built, not when an expression is evaluated.
So what it is given here only passes the call on to the facts of the evaluation that runs in this thread.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from msgspec import Struct

from engine.cel.kinds import ACCEPT, Function, Value
from engine.cel.known import Asked

DEEPEST_EVALUATION = 16
"""How many evaluations may stand inside each other, when a function is itself answered by an expression."""


class Facts(Protocol):
    """What one evaluation may see. Both answers must be the same each time they are asked."""

    def value(self, name: str) -> Value | None:
        """The value of a declared variable, None where it is not set."""
        ...

    def call(self, name: str, arguments: tuple[Value, ...]) -> Value:
        """The result of a declared function; what it raises becomes the error of the evaluation."""
        ...


class Evaluation(NamedTuple):
    """What an expression came to. ``operands`` are JSON, sorted: variables by name, calls as ``planned('2022-03')``."""

    value: Value | None
    error: str | None
    operands: Mapping[str, Value | None]

    @property
    def holds(self) -> bool:
        """Only a true without an error holds."""
        return self.value is True and self.error is None


class Frame(Struct):
    """What the functions of a running evaluation need to know."""

    facts: Facts
    operands: dict[str, Any]
    depth: int
    asked: list[Asked] = []
    failed: bool = False

    def ask(self, before: Asked) -> Any:
        """What was asked before, asked of these facts; None where it fails, for the evaluation to meet again."""
        label, function, arguments, accept, _ = before
        try:
            answer = accept(self.facts.call(function, arguments))
        except Exception:  # noqa: BLE001  # asked again by the library, which then is told the cause
            return None
        self.operands[label] = answer
        self.asked.append(Asked(label, function, arguments, accept, answer))
        return answer


class _Running(threading.local):
    """The evaluation that runs in this thread: functions are bound once, when an environment is built."""

    frame: Frame | None = None


_running = _Running()


class CallFailedError(RuntimeError):
    """Carries the cause of a failed call through the library, which keeps the message only."""


def enter(facts: Facts, operands: dict[str, Any]) -> tuple[Frame, Frame | None]:
    """From here on calls of this thread are answered by ``facts``; the frame outside this one is for ``leave``.

    Raises RecursionError if too many evaluations nest. A context manager would cost a tenth of a whole evaluation.
    """
    outer = _running.frame
    depth = outer.depth + 1 if outer else 1
    if depth > DEEPEST_EVALUATION:
        raise RecursionError(f"evaluations refer to each other more than {DEEPEST_EVALUATION} deep")
    frame = _running.frame = Frame(facts, operands, depth)
    return frame, outer


def leave(outer: Frame | None) -> None:
    """The evaluation outside this one goes on."""
    _running.frame = outer


def answer(function: Function) -> Callable[..., Any]:
    """The implementation of a declared function: asks the facts once for each set of arguments and keeps the answer."""
    accept = ACCEPT[function.result]

    def implementation(*arguments: Any) -> Any:
        frame = _running.frame
        if frame is None:
            raise CallFailedError(f"{function.name} was called outside an evaluation")
        label = f"{function.name}({', '.join(map(shown, arguments))})"
        known = frame.operands.get(label)
        if known is not None:
            return known
        frame.operands[label] = None
        try:
            result = accept(frame.facts.call(function.name, arguments))
        except Exception as problem:  # facts may fail in any way; the cause is kept
            frame.failed = True
            raise CallFailedError(f"{label}: {cause(problem)}") from problem
        frame.operands[label] = result
        frame.asked.append(Asked(label, function.name, arguments, accept, result))
        return result

    return implementation


def shown(value: Any) -> str:
    """A value as its author would write it: whole numbers without a point, texts in single quotes."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return repr(value).removesuffix(".0")
        case list():
            return f"[{', '.join(map(shown, value))}]"
        case dict():
            return f"{{{', '.join(f'{shown(key)}: {shown(item)}' for key, item in sorted(value.items()))}}}"
        case _:
            return repr(value)


def cause(problem: Exception) -> str:
    """The message of a problem; its type where it has none."""
    return str(problem) or type(problem).__name__


def count(items: list[Any] | str) -> float:
    """The built-in ``count``: members of a list, characters of a text."""
    return float(len(items))


def divide(dividend: float, divisor: float) -> float:
    """Division as people mean it: by zero it is an error."""
    if divisor == 0:
        raise CallFailedError("division by zero")
    return dividend / divisor
