"""A property that is worked out when it is first asked for, and kept.

As `functools.cached_property` of Python 3.12: that of 3.11 holds one lock for all instances while one is worked out, so
that a page which asks the database would keep every other page waiting. Two threads that ask one instance at the same
time may both work it out, and come to the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Generic, Self, TypeVar, overload

S = TypeVar("S")
T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - it is used as a decorator
    """`@once` above a method without arguments."""

    def __init__(self, work: Callable[[Any], T]) -> None:
        self._work, self.__doc__ = work, work.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type | None = None) -> T: ...
    def __get__(self, instance: object | None, owner: type | None = None) -> Self | T:
        """Asked of an instance that does not have it yet: what is kept there under the same name comes first."""
        if instance is None:
            return self
        found: T = self._work(instance)
        instance.__dict__[self._name] = found
        return found


def once_for(work: Callable[[S], T]) -> Callable[[S], T]:
    """`@once_for` above a function of one object that never changes: what it comes to is kept with that object."""
    name = f"{work.__module__}.{work.__qualname__}"

    @wraps(work)
    def kept(one: S) -> T:
        held = vars(one)
        if name not in held:
            held[name] = work(one)
        found: T = held[name]
        return found

    return kept
