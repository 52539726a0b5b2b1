"""What every part of a definition shares: strictness, titles in two languages, and names that can be said in a
guard.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, StringConstraints, Tag


def _key(name: str) -> str:
    """The key of an attribute: what Python reserves has an underscore after it there, and none in a definition."""
    return name.rstrip("_")


class Model(BaseModel):
    """Frozen, and closed: an unknown key is an error. `from_` in Python is `from` in a definition."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=_key, populate_by_name=True, str_strip_whitespace=True
    )


class Titled(Model):
    """Whatever people see by name has a Chinese and an English title."""

    zh: Annotated[str, StringConstraints(min_length=1)]
    en: Annotated[str, StringConstraints(min_length=1)]

    def title(self, lang: str) -> str:
        """The title in `zh` or `en`."""
        return self.zh if lang == "zh" else self.en


def _is_titled(note: Any) -> str:
    return "plain" if isinstance(note, str) else "both"


Note = Annotated[
    Annotated[str, Tag("plain")] | Annotated[Titled, Tag("both")],
    Discriminator(_is_titled),
]
"""A remark for readers: one text for all, or one in each language."""


def as_expression(value: Any) -> Any:
    """A number or a truth value may stand where an expression may: `true`, `0`, `70.8`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | Decimal) else value


def as_list(value: Any) -> Any:
    """One thing may stand without the brackets of a list."""
    return value if isinstance(value, list) or value is None else [value]


NAME = r"^[a-z][a-z0-9_]*$"
Name = Annotated[str, StringConstraints(pattern=NAME, max_length=60)]
"""A name that guards can say: lower case ASCII letters, digits and underscores."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
"""A name that is never said in a guard: dashes are allowed too."""

Rules = Annotated[tuple[Annotated[str, StringConstraints(min_length=1)], ...], BeforeValidator(as_list)]
"""The requirements that a line serves, one or several: `rule: D-07`."""

Names = Annotated[tuple[Name, ...], BeforeValidator(as_list)]
Guard = Annotated[str, StringConstraints(min_length=1, max_length=4000), BeforeValidator(as_expression)]
"""An expression (CEL): a guard, or a value to compute."""
