"""The generated parts of `docs/commands.md`: each command's usage, arguments and options from click, in both languages.

They stand between `<!-- command: NAME -->` and `<!-- end -->`. What follows, up to the next one, is written by people:
an example that runs in a test. A command that has no place yet gets one at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from cli import cli
from commands.speech import half
from tools.pages import renew_page

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"

_PART = re.compile(r"<!-- command: (?P<name>[\w -]+) -->\n.*?<!-- end -->\n", re.DOTALL)


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
    """The text of the page with each command's part written anew, and a place for each that had none."""
    known = {"duban": cli, **dict(commands())}
    kept = _PART.sub(lambda found: _part(found["name"], known[found["name"]]) if found["name"] in known else "", text)
    there = {found["name"] for found in _PART.finditer(kept)}
    return kept + "".join(f"\n{_part(name, command)}" for name, command in known.items() if name not in there)


def examples(text: str) -> dict[str, str]:
    """What people wrote for each command: all that follows its part, up to the next one."""
    found = list(_PART.finditer(text))
    ends = [*(each.start() for each in found[1:]), len(text)]
    return {each["name"]: text[each.end() : end] for each, end in zip(found, ends, strict=True)}


def _part(name: str, command: click.Command) -> str:
    full = name if name == "duban" else f"duban {name}"
    context = click.Context(command, info_name=full)
    words = command.help or ""
    lines = [
        f"<!-- command: {name} -->",
        f"## {full}",
        "",
        f"{half(words, 'zh').rstrip('。.')}。 {half(words, 'en')}",
        "",
        f"`{full} {' '.join(command.collect_usage_pieces(context))}`",
        "",
        *_table(command, context),
        "<!-- end -->",
    ]
    return "\n".join(lines) + "\n"


def _table(command: click.Command, context: click.Context) -> Iterator[str]:
    rows = [_row(param, context) for param in command.params if param.get_help_record(context)]
    if rows:
        yield from ("| | 中文 | English |", "| --- | --- | --- |", *rows)


def _row(param: click.Parameter, context: click.Context) -> str:
    record = param.get_help_record(context)
    assert record is not None, "it is shown in the help"
    words = getattr(param, "help", None) or ""
    zh, en = half(words, "zh"), half(words, "en")
    if words == "Show the version and exit.":
        zh = "显示程序版本"
    if isinstance(param, click.Option) and param.required:
        zh, en = f"{zh}（必填）", f"{en.rstrip('.')} (required)."
    if isinstance(param, click.Option) and param.show_default:
        value = " ".join(param.default) if isinstance(param.default, list | tuple) else param.default
        zh, en = f"{zh}（默认 `{value}`）", f"{en.rstrip('.')} (by default `{value}`)."
    cells = (f"`{record[0]}`", zh, en)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def renew() -> bool:
    """Write the page where it has changed; tells whether it had."""
    return renew_page(PAGE, renewed)
