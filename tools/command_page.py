"""The generated parts of `docs/commands.md` and `docs/commands.zh.md`: each command's usage, arguments and options from
click, each page in its language.

A part stands between `<!-- command: NAME -->` and `<!-- end -->`. What follows is written by people: in the English
page words, and an example that runs in a test; in the Chinese page the words alone. Its examples are those of the
English one (`<!-- examples: NAME -->`): the files, and the commands without what they answer in English; they run
too. A command that has no place yet gets one at the end of the English page; the Chinese one has the order of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

import click

from cli import cli
from commands.speech import half
from engine.problems import Language
from tools.pages import DOCS, parts_of, renew, renewed_parts, told_after

PAGE, PAGE_ZH = DOCS / "commands.md", DOCS / "commands.zh.md"

FILES = "files"
"""The examples before the first command: the files that all of them use."""

_NAME = r"[\w -]+"
_PART, _EXAMPLES = parts_of("command", _NAME), parts_of("examples", _NAME)
_BLOCK = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```\n", re.DOTALL | re.MULTILINE)


def commands(group: click.Group = cli, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command that can be called, by its name; those of a group by both names, the group itself left out."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None, "a command that is listed is there"
        if isinstance(found, click.Group):
            yield from commands(found, f"{path}{name} ")
        else:
            yield f"{path}{name}", found


def renewed(text: str) -> str:
    """The English page with each command's part written anew, and a place for each that had none."""
    return "".join(renewed_parts(text, _PART, _made("en")))


def renewed_zh(text: str, english: str) -> str:
    """The Chinese page with the same, in the order of the English one and with its examples."""
    made, told = _made("zh"), told_after(text, _PART)
    notes = {name: _EXAMPLES.sub("", each).strip() for name, each in told.items()}
    files = partial(_examples, FILES, english[: _first(english)])
    head, _ = renewed_parts(text[: _first(text)], _EXAMPLES, {FILES: files})
    parts = [
        "\n".join([made[name](), *([f"{notes[name]}\n"] if notes.get(name) else []), _examples(name, shown)])
        for name, shown in examples(english).items()
    ]
    return head + "\n".join(parts)


def _first(text: str) -> int:
    """Where the first command begins."""
    found = _PART.search(text)
    return found.start() if found else len(text)


def _made(lang: Language) -> dict[str, partial[str]]:
    known = {"duban": cli, **dict(commands())}
    return {name: partial(_part, name, command, lang) for name, command in known.items()}


def examples(text: str) -> dict[str, str]:
    """What people wrote for each command in the English page."""
    return told_after(text, _PART)


def _examples(name: str, told: str) -> str:
    blocks = "\n".join(_block(found["info"], found["text"]) for found in _BLOCK.finditer(told))
    return f"<!-- examples: {name} -->\n{blocks}<!-- end -->\n"


def _block(info: str, text: str) -> str:
    """A file, or commands without what they answer."""
    lines = text.splitlines(keepends=True)
    shown = [line for line in lines if info != "console" or line.startswith("$ ")]
    return f"```{info}\n{''.join(shown)}```\n"


def _part(name: str, command: click.Command, lang: Language) -> str:
    full = name if name == "duban" else f"duban {name}"
    context = click.Context(command, info_name=full)
    lines = [
        f"<!-- command: {name} -->",
        f"## {full}",
        "",
        half(command.help or "", lang).rstrip("。.") + ("。" if lang == "zh" else "."),
        "",
        f"`{full} {' '.join(command.collect_usage_pieces(context))}`",
        "",
        *_table(command, context, lang),
        "<!-- end -->",
    ]
    return "\n".join(lines) + "\n"


def _table(command: click.Command, context: click.Context, lang: Language) -> Iterator[str]:
    rows = [_row(param, context, lang) for param in command.params if param.get_help_record(context)]
    if rows:
        head = "| 参数和选项 | 说明 |" if lang == "zh" else "| argument or option | meaning |"
        yield from (head, "| --- | --- |", *rows)


def _row(param: click.Parameter, context: click.Context, lang: Language) -> str:
    record = param.get_help_record(context)
    assert record is not None, "it is shown in the help"
    words = half(getattr(param, "help", None) or "", lang)
    if lang == "zh" and words == "Show the version and exit.":
        words = "显示程序版本"
    if isinstance(param, click.Option):
        words = _with_default(param, words, lang)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in (f'`{record[0]}`', words))} |"


def _with_default(option: click.Option, words: str, lang: Language) -> str:
    """That it is required, or what holds without it."""
    if option.required:
        words = f"{words}（必填）" if lang == "zh" else f"{words.rstrip('.')} (required)."
    if option.show_default:
        value = " ".join(option.default) if isinstance(option.default, list | tuple) else option.default
        words = f"{words}（默认 `{value}`）" if lang == "zh" else f"{words.rstrip('.')} (by default `{value}`)."
    return words


def write() -> None:
    """Write both pages where they have changed, the English one first."""
    renew(PAGE, renewed)
    english = PAGE.read_text(encoding="utf-8")
    renew(PAGE_ZH, lambda text: renewed_zh(text, english))
