"""Errors are values: what is wrong in a text, where, and what would be right, in Chinese and in English.

A check collects all its problems and returns them; nobody raises the first one. Of the exceptions here,
`ValueProblem` says that one value does not fit, and `Mistake` exists for code that a library calls and that can only
raise (a validator of a model): of its error problems are made. Whatever else is raised for a person to read is a
`Spoken`; what others raise is made a reason by `engine.reasons`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple

Language = Literal["zh", "en"]
Severity = Literal["error", "warning", "note"]


class Text(NamedTuple):
    """One saying in both languages."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def filled(self, **facts: Any) -> "Text":
        """The same with facts in place of `{names}`; a `Text` among them goes into each language with its own."""
        zh, en = ({name: each[at] if isinstance(each, Text) else each for name, each in facts.items()} for at in (0, 1))
        return Text(self.zh.format(**zh), self.en.format(**en))

    @property
    def both(self) -> dict[str, Any]:
        """As a fact of a refusal or a finding, which is JSON: `{"zh": …, "en": …}`."""
        return {"zh": self.zh, "en": self.en}


def fact_in(fact: Any, language: Language) -> Any:
    """A fact that has both languages (`Text.both`), in one; any other as it is."""
    return fact[language] if isinstance(fact, Mapping) and set(fact) == {"zh", "en"} else fact


class Position(NamedTuple):
    """A place in a file. Lines and columns count from 1, columns in characters; (1, 1) is also the whole file."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `code` is stable and for machines (`unknown-key`); `cure` says what would be right."""

    code: str
    where: Position
    message: Text
    cure: Text | None = None
    severity: Severity = "error"

    def text(self, language: Language) -> str:
        """`file:line:column: message — cure`, in one line."""
        cure = f" — {self.cure.in_(language)}" if self.cure else ""
        return f"{self.where}: {self.message.in_(language)}{cure}"

    def __str__(self) -> str:
        return self.text("en")


class Mistake(ValueError):
    """Raised inside a validator that a library calls; carries message and cure to the problem made of it."""

    def __init__(self, message: Text, cure: Text | None = None, code: str = "wrong-value") -> None:
        super().__init__(message.en)
        self.message, self.cure, self.code = message, cure, code


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sorted as a reader meets them: by file, line and column; each said once."""
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.where, problem.code, problem.message))


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Those that stop the work; a warning does not."""
    return [problem for problem in problems if problem.severity == "error"]


def suggest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, or None when nothing is near."""
    near = get_close_matches(name, sorted(set(known)), n=1, cutoff=0.6)
    return near[0] if near else None


def meant(name: str, known: Iterable[str]) -> Text | None:
    """The cure for an unknown name: the near one, else the few that exist; None when none exist."""
    names = sorted(set(known))
    if near := suggest(name, names):
        return Text(f"是否想写 `{near}`？", f"did you mean `{near}`?")
    if not names:
        return None
    listed = ", ".join(f"`{each}`" for each in names[:12]) + (", …" if len(names) > 12 else "")
    return Text(f"可用的有：{listed}", f"known here: {listed}")


class Spoken(Exception):
    """Raised with words for people: `text` has both languages, the message is the English one."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)

    def __reduce__(self) -> tuple[Any, ...]:
        """As it was made: a process apart raises it in ours."""
        return type(self), tuple(self.text)


class BadSetting(Spoken, ValueError):
    """A setting of the program's environment cannot be read; says which, and why."""


class ValueProblem(Spoken):
    """A value does not fit its field; `text` says why and what would."""
