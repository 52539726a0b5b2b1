"""Wrong calls in words: what click found wrong, told in the language of the call and with a cure."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

import click

from commands.speech import LANG, Context, Lang, Wrong, half, language


def in_words(error: click.UsageError) -> click.UsageError:
    """The same wrong call, told in the language of the call and with a cure."""
    if isinstance(error, Wrong | click.exceptions.NoArgsIsHelpError):
        return error
    context = error.ctx or _context_now()
    zh, en = _told(error, context)
    lang = (context.meta.get(LANG) if context is not None else None) or language(None)
    return Wrong(zh if lang == "zh" else en, context)


def _context_now() -> click.Context | None:
    """The context of the command that was being read: click does not say it with every error."""
    context = click.get_current_context(silent=True)
    name = context.invoked_subcommand if context is not None else None
    if context is None or name is None or not isinstance(context.command, click.Group):
        return context
    command = context.command.get_command(context, name)
    return Context(command, parent=context, info_name=name) if command is not None else context


def _told(error: click.UsageError, context: click.Context | None) -> tuple[str, str]:
    match error:
        case click.NoSuchOption():
            return _no_option(error, context)
        case click.exceptions.NoSuchCommand():
            group = context.command if context else None
            known = group.list_commands(context) if context and isinstance(group, click.Group) else []
            near = next(iter(get_close_matches(error.command_name, known)), "")
            path = context.command_path if context else "duban"
            zh = f"是否想用 {near}？" if near else f"{path} --help 列出全部命令。"
            en = f"did you mean {near}?" if near else f"{path} --help lists all commands."
            return f"没有命令 {error.command_name}；{zh}", f"There is no command {error.command_name}; {en}"
        case click.MissingParameter():
            return _missing(error)
        case click.BadOptionUsage():
            return _bad_option(error, context)
        case click.BadParameter():
            return _bad_value(error)
    return _plain(error, context)


def _help_of(context: click.Context | None) -> str:
    return f"{context.command_path if context else 'duban'} --help"


def _no_option(error: click.NoSuchOption, context: click.Context | None) -> tuple[str, str]:
    name = error.option_name
    zh, en = f"{_help_of(context)} 列出全部选项。", f"{_help_of(context)} lists all options."
    root = context.find_root() if context else None
    if root and context is not root and any(name in param.opts for param in root.command.params):
        path = context.command_path.removeprefix(f"{root.info_name} ") if context else ""
        example = f"{root.info_name} {name} … {path}"
        zh, en = f"它要写在命令前面：{example}", f"it stands before the command: {example}"
    elif near := get_close_matches(name, _options(context)):
        zh, en = f"是否想用 {near[0]}？", f"did you mean {near[0]}?"
    return f"没有选项 {name}；{zh}", f"There is no option {name}; {en}"


def _options(context: click.Context | None) -> list[str]:
    return [name for param in (context.command.params if context else ()) for name in param.opts]


def label(param: click.Parameter, lang: Lang) -> str:
    """A parameter as people type it, with what it means."""
    name = param.human_readable_name if isinstance(param, click.Argument) else max(param.opts, key=len)
    meaning = half(getattr(param, "help", None) or "", lang).rstrip("。.")
    brackets = "（{}）" if lang == "zh" else " ({})"
    return name + (brackets.format(meaning) if meaning else "")


def _missing(error: click.MissingParameter) -> tuple[str, str]:
    path = _help_of(error.ctx)
    if error.param is None:
        return f"缺少参数；见 {path}。", f"Something is missing; see {path}."
    return (
        f"缺少 {label(error.param, 'zh')}；请补上，用法见 {path}。",
        f"{label(error.param, 'en')} is missing; add it, as {path} shows.",
    )


def _bad_option(error: click.BadOptionUsage, context: click.Context | None) -> tuple[str, str]:
    params = context.command.params if context else []
    found = next((param for param in params if error.option_name in param.opts), None)
    if isinstance(found, click.Option) and found.is_flag:
        zh, en = "不带值；请去掉等号及其后的内容。", "takes no value; leave out what follows it."
    else:
        zh, en = f"后面要写值；见 {_help_of(context)}。", f"needs a value after it; see {_help_of(context)}."
    return f"{error.option_name} {zh}", f"{error.option_name} {en}"


_QUOTED = re.compile(r"'(.*?)'|\"(.*?)\"")


def _bad_value(error: click.BadParameter) -> tuple[str, str]:
    param, kind = error.param, error.param.type if error.param else None
    name = label(param, "en").partition(" (")[0] if param else ""
    given = next((found[1] or found[2] for found in _QUOTED.finditer(error.message)), "")
    match kind:
        case click.Choice():
            known = [str(each) for each in kind.choices]
            return (
                f"{name}：“{given}”不在可选之列；请用 {'、'.join(known)} 之一。",
                f"{name}: {given!r} is none of the choices; give one of {', '.join(known)}.",
            )
        case click.IntRange() | click.types.IntParamType():
            zh, en = "请写一个整数，如 3。", "give a whole number, such as 3."
            return f"{name}：{_said(given, '不是可用的整数')}；{zh}", f"{name}: {given!r} does not fit; {en}"
        case click.Path():
            return _bad_path(name, given)
    return f"{name}：{error.message}", f"{name}: {error.message}"


def _said(given: str, zh: str) -> str:
    return f"“{given}”{zh}" if given else zh


def _bad_path(name: str, given: str) -> tuple[str, str]:
    if not Path(given).exists():
        return (
            f"{name}：没有文件 {given}；请检查路径，当前文件夹是 {Path.cwd()}。",
            f"{name}: there is no file {given}; check the path, the current folder is {Path.cwd()}.",
        )
    if Path(given).is_dir():
        return f"{name}：{given} 是文件夹；请写文件的路径。", f"{name}: {given} is a folder; give the path of a file."
    return f"{name}：无法读取 {given}；请检查权限。", f"{name}: {given} cannot be read; check its permissions."


def _plain(error: click.UsageError, context: click.Context | None) -> tuple[str, str]:
    path = _help_of(context)
    if context is not None and isinstance(context.command, click.Group) and "(" not in error.message:
        return f"没有写命令；{path} 列出全部命令。", f"No command was given; {path} lists them."
    extra = error.message.partition("(")[2].rstrip(")")
    if extra:
        return f"多了参数 {extra}；{path} 说明用法。", f"{extra} is one argument too many; {path} shows the usage."
    return f"{error.message}；见 {path}。", f"{error.message}; see {path}."
