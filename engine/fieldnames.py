"""The names that a model knows at a place: what a misspelt key could have been."""

from collections.abc import Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel


def known_names(model: Any, steps: Sequence[str | int]) -> set[str]:
    """The names of all fields, as they are written in a text, of the model that stands `steps` below `model`.

    Steps are a location of Pydantic: keys, indices, and the names or tags of union members.
    """
    types = list(_members(model))
    for step in steps:
        below = [member for each in types for member in _below(each, step)]
        types = below or [each for each in types if _is_called(each, step)] or types
    return {name for each in types if _is_model(each) for name in _names(each)}


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _members(kind: Any) -> Iterator[Any]:
    """The types that a value may have, with unions, annotations and aliases of types opened."""
    if hasattr(kind, "__value__"):
        yield from _members(kind.__value__)
    elif get_origin(kind) is Annotated:
        yield from _members(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for member in get_args(kind):
            yield from _members(member)
    else:
        yield kind


def _below(kind: Any, step: str | int) -> Iterator[Any]:
    """What may stand at the key or index `step` of a value of this type; nothing when it has no such place."""
    if _is_model(kind):
        for name, field in kind.model_fields.items():
            if step in (name, field.alias, field.validation_alias):
                yield from _members(field.annotation)
        return
    arguments = [each for each in get_args(kind) if each is not Ellipsis]
    if not arguments or get_origin(kind) is Literal:
        return
    if isinstance(step, int) or len(arguments) == 2:
        yield from _members(arguments[-1])


def _is_called(kind: Any, step: str | int) -> bool:
    """Whether a union's member is meant by this name: its class, or the tag that one of its fields must have."""
    if not _is_model(kind):
        return False
    tags = (field.annotation for field in kind.model_fields.values() if get_origin(field.annotation) is Literal)
    return kind.__name__ == step or any(step in get_args(tag) for tag in tags)


def _names(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        alias = field.validation_alias or field.alias
        yield alias if isinstance(alias, str) else name
