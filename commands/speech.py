"""The language of a call, before anything else is known of it, and the help screens in it.

Words in both languages are written as one text, `中文 / English`; what is shown is the half that was asked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import click

Lang = Literal["zh", "en"]

LANG = "duban.lang"
"""Where a context keeps the language of its call."""


def language(asked: str | None) -> Lang:
    """The language that was asked for, else the one of the environment: DUBAN_LANG, then the locale."""
    if asked is None:
        names = ("DUBAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
        asked = next((value for name in names if (value := os.environ.get(name))), "")
    return "zh" if asked.lower().startswith("zh") else "en"


def asked_in(args: Sequence[str]) -> str | None:
    """What `--lang` says in a command line that has not been read yet."""
    for word, after in zip(args, [*args[1:], ""], strict=True):
        if word == "--lang" or word.startswith("--lang="):
            return after if word == "--lang" else word.removeprefix("--lang=")
    return None


def spoken_now() -> Lang:
    """The language of the call that is under way, else that of the environment."""
    context = click.get_current_context(silent=True)
    found: Lang | None = context.meta.get(LANG) if context is not None else None
    return found or language(None)


def half(text: str, lang: Lang) -> str:
    """One language of `中文 / English`; a text in one language stays as it is."""
    zh, parted, en = text.partition(" / ")
    return text if not parted else (zh if lang == "zh" else en).strip()


# -- help screens

_WORDS = {
    "Usage:": "用法：",
    "Options": "选项",
    "Commands": "命令",
    "Positional arguments": "参数",
    "Show this message and exit.": "显示本说明。",
    "Show the version and exit.": "显示程序版本。",
}
"""What click says by itself."""

_NOTES = {"default: ": "默认 ", "env var: ": "环境变量 ", "required": "必填"}
_PLACES = {"[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 [参数]..."}
_EXTRA = re.compile(r"\s*(\[(?:default|env var|required|x[<>=]|\d+[<>=]).*\])$")


class Formatter(click.HelpFormatter):
    """A help screen in one language."""

    def __init__(self, lang: Lang, width: int | None, max_width: int | None) -> None:
        super().__init__(width=width, max_width=max_width)
        self.lang = lang

    def _word(self, text: str) -> str:
        return _WORDS.get(text, text) if self.lang == "zh" else text

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The first line."""
        for en, zh in _PLACES.items():
            args = args.replace(en, zh) if self.lang == "zh" else args
        super().write_usage(prog, args, prefix or (self._word("Usage:") if self.lang == "zh" else "Usage: "))

    def write_heading(self, heading: str) -> None:
        """The heading of a section."""
        self.write(f"{half(self._word(heading), self.lang)}{'：' if self.lang == 'zh' else ':'}\n")

    def write_text(self, text: str) -> None:
        """What a command does."""
        super().write_text(half(text, self.lang))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Names with what they mean."""
        super().write_dl([(name, self.meaning(text)) for name, text in rows], col_max, col_spacing)

    def meaning(self, text: str) -> str:
        """What an option means, with its default and whether it has to be given."""
        found = _EXTRA.search(text)
        said, extra = (text[: found.start()], found[1]) if found else (text, "")
        for en, zh in _NOTES.items():
            extra = extra.replace(en, zh) if self.lang == "zh" else extra
        return f"{half(self._word(said), self.lang)}  {extra}".strip()


class Context(click.Context):
    """A context that explains itself in the language of the call."""

    def make_formatter(self) -> click.HelpFormatter:
        """The formatter of this call."""
        return Formatter(self.meta.get(LANG) or language(None), self.terminal_width, self.max_content_width)


def speaking(command: click.Command) -> click.Command:
    """The command, and those below it, explaining themselves in the language of the call."""
    command.context_class = Context
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        below.short_help = below.short_help or below.help
        speaking(below)
    return command


# -- wrong calls


class Wrong(click.UsageError):
    """The program was called wrongly: exit 2, with the reason and a cure in the language of the call."""

    def show(self, file: Any = None) -> None:  # noqa: ARG002 - click's signature
        if self.ctx is not None:
            click.echo(self.ctx.get_usage(), err=True)
        click.echo(self.message, err=True)


def wrong(zh: str, en: str) -> Wrong:
    """A wrong call, in these words."""
    return Wrong(zh if spoken_now() == "zh" else en)
