"""The documentation is executed: nothing of the language is left out, every example loads, every command runs."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import chdir
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from cli import COMMANDS, cli
from engine import vocabulary
from engine.events import EventType
from engine.loading import Loaded, load
from engine.model.fields import FieldType
from tests.engine import stage
from tests.test_reasons import english
from tools import command_page, docs
from tools.cells import in_chinese
from workflows.authoring.scenarios import parse, run
from workflows.authoring.supposing import WhatIf, parse_what_if
from workflows.sources import calendar_named, load_process

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md")])
LANGUAGE = ROOT / "docs" / "language.md"
LANGUAGES = (LANGUAGE, ROOT / "docs" / "language.zh.md")
COOKBOOK = ROOT / "docs" / "cookbook.md"
EVENTS = ROOT / "docs" / "events.md"


# -- nothing is left out


def _wanted() -> Iterator[tuple[str, str]]:
    """What must be said, and in which page: every key, type, word, event and refusal."""
    for page in (each.name for each in LANGUAGES):
        yield from ((page, f"`{key}`") for name in docs.MODELS for key in docs.keys_of(name))
        yield from ((page, f"`{each.value}`") for each in FieldType)
        yield from ((page, f"`{name}`") for name in vocabulary.ALWAYS)
        yield from ((page, f"`{each.name}(") for each in vocabulary.FUNCTIONS)
    yield from ((EVENTS.name, f"`{each.value}`") for each in EventType)
    yield from ((EVENTS.name, f"`{code}`") for code in _codes())


@cache
def _codes() -> frozenset[str]:
    return frozenset(docs.refusal_codes("engine", "workflows"))


def unsaid(pages: Mapping[str, str]) -> list[str]:
    """What the pages, by name, do not mention."""
    return [f"{page}: {text}" for page, text in dict.fromkeys(_wanted()) if text not in pages[page]]


@cache
def _pages() -> Mapping[str, str]:
    return {page.name: page.read_text(encoding="utf-8") for page in PAGES}


def test_the_pages_mention_every_key_word_event_and_refusal() -> None:
    """What can be written, said, recorded or answered is explained."""
    assert unsaid(_pages()) == []


@pytest.mark.parametrize(
    ("planted", "where"),
    [("`remind_at`", "language.md"), ("`remind_at`", "language.zh.md"),
     ("`fired_since(", "language.md"), ("`quantity`", "language.md"),
     ("`MissExcused`", "events.md"), ("`right_lapsed`", "events.md")],
)  # fmt: skip
def test_what_is_taken_out_of_a_page_is_missed(planted: str, where: str) -> None:
    """The check can fail, for each kind of thing."""
    pages = {**_pages(), where: _pages()[where].replace(planted, "")}
    assert unsaid(pages) == [f"{where}: {planted}"]


def test_a_new_key_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is added to a model and not to the page is told."""
    grown: Any = type("Grown", (docs.MODELS["State"],), {"__annotations__": {"planted": bool}, "planted": False})
    monkeypatch.setitem(docs.MODELS, "State", grown)
    assert unsaid(_pages()) == [f"{page.name}: `planted`" for page in LANGUAGES]


@pytest.mark.parametrize("page", LANGUAGES, ids=lambda page: page.name)
def test_each_model_has_a_table_in_the_language_page(page: Path) -> None:
    """A key that two models share is explained for both."""
    tables = set(re.findall(r"<!-- table: (\w+) -->", _pages()[page.name]))
    assert {name for name in docs.MODELS if docs.keys_of(name)} - tables == set()


@pytest.mark.parametrize("page", docs.PAGES, ids=lambda page: page.name)
def test_the_tables_are_those_that_the_code_gives(page: Path) -> None:
    """Names, kinds and defaults in the tables are the code's own; `make docs` writes them anew."""
    text = page.read_text(encoding="utf-8")
    made = docs.renewed(text, docs.language_of(page))
    assert docs.MISSING not in made, "a row has no meaning yet: run `make docs` and write it"
    assert made == text, "run `make docs`"


def test_a_table_keeps_what_people_wrote_and_shows_what_is_missing() -> None:
    """Only the last column is people's; a row that they have not explained is marked."""
    old = "<!-- table: State -->\n| key | meaning |\n| --- | --- |\n| `final` | it ends |\n<!-- end -->\n"
    assert "| `final` | true or false | `false` | it ends |\n" in docs.renewed(old)
    assert f"| `initial` | true or false | `false` | {docs.MISSING} |\n" in docs.renewed(old)


def test_a_table_of_a_chinese_page_has_no_english_cell() -> None:
    """What a key takes is put together of words that have their own; one that has none stops `make docs`."""
    old = "<!-- table: Effect -->\n| 键 | 含义 |\n| --- | --- |\n| `notice` | 通知 |\n<!-- end -->\n"
    assert "| `notice` | 名称，可带连字符 | – | 通知 |\n" in docs.renewed(old, "zh")
    rows = re.findall(r"^\| `.*", _pages()["language.zh.md"], re.MULTILINE)
    assert [row for row in rows if english(row.replace("10 working days", ""))] == []
    with pytest.raises(KeyError):
        in_chinese("a new word")


def test_codes_are_found_however_a_refusal_is_made() -> None:
    """A literal, a family of codes, and a class built on a refusal."""
    source = (
        "raise Refused('one', x=1)\nreturn Refusal('two')\nraise Refused(f'window_{side}')\n"
        "class Odd(Refused):\n    def __init__(self):\n        super().__init__('three')\n"
    )
    assert {"one", "two", "three", "window_after"} <= set(docs.codes_in(source))


# -- every example loads


class Block(NamedTuple):
    """A fenced block: `line` is the line of its first line in the page, counted from 1."""

    page: Path
    line: int
    info: tuple[str, ...]
    text: str


def blocks(page: Path, text: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found = re.finditer(r"^```(\S+)([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(page, text.count("\n", 0, each.start(3)) + 1, (each[1], *each[2].split()), each[3]) for each in found]


ALL = [block for page in PAGES for block in blocks(page, page.read_text(encoding="utf-8"))]


def _named(block: Block) -> str:
    return f"{block.page.name}:{block.line}"


def _at_its_lines(found: list[Block]) -> str:
    """The text of blocks of one page, each at its own line, so that problems name the lines of the page."""
    lines: list[str] = []
    for block in found:
        lines += [""] * (block.line - 1 - len(lines)) + block.text.splitlines()
    return "\n".join(lines) + "\n"


def _loaded(found: list[Block]) -> Loaded:
    return load(_at_its_lines(found), str(found[0].page.relative_to(ROOT)))


def _said(loaded: Loaded) -> list[str]:
    return [problem.text("en") for problem in loaded.problems]


def test_every_fenced_block_is_of_a_kind_that_is_tested() -> None:
    """A block that no test reads may rot: each has one of these kinds."""
    kinds = {("yaml",), *(("yaml", word) for word in ("whole", "scenarios", "what-if", "story", "recipe", "shows"))}
    kinds |= {("console",), ("csv",), ("text",), ("sh",)}
    assert [_named(block) for block in ALL if tuple(word for word in block.info if "." not in word) not in kinds] == []


@pytest.mark.parametrize("block", [block for block in ALL if block.info[:2] == ("yaml", "whole")], ids=_named)
def test_a_whole_definition_loads(block: Block) -> None:
    """Without any problem, warnings included."""
    assert _said(_loaded([block])) == []


def _pieces(page: Path) -> list[Block]:
    return [block for block in ALL if block.page == page and block.info == ("yaml",)]


@pytest.mark.parametrize("page", LANGUAGES, ids=lambda page: page.name)
def test_the_pieces_of_the_language_page_are_one_definition(page: Path) -> None:
    """Its examples are pieces of one text, which loads without problems."""
    assert len(_pieces(page)) >= 15
    assert _said(_loaded(_pieces(page))) == []
    assert {block.page for block in ALL if block.info == ("yaml",)} == set(LANGUAGES)


@pytest.mark.parametrize("block", [block for block in ALL if block.info[:2] == ("yaml", "what-if")], ids=_named)
def test_a_supposition_can_be_read(block: Block) -> None:
    """For a definition of the page, or else for the founding case."""
    whole = [each for each in _of(block.page) if each.info[:2] == ("yaml", "whole")]
    found = _loaded(whole[-1:]) if whole else load_process(ROOT / "definitions" / "dalian-livelihood")
    editions = [found.edition, load_process(ROOT / "definitions" / "dalian-livelihood").edition]
    read = [parse_what_if(block.text, "docs", edition.process) for edition in editions if edition is not None]
    assert any(isinstance(each, WhatIf) for each in read), read


@pytest.mark.parametrize("page", LANGUAGES, ids=lambda page: page.name)
def test_a_slip_in_a_piece_is_told_at_its_line(page: Path) -> None:
    """The check can fail, and names the line of the page."""
    pieces = [block._replace(text=block.text.replace("by: leader", "by: leadre")) for block in _pieces(page)]
    assert any(said.startswith(f"docs/{page.name}:") and "leadre" in said for said in _said(_loaded(pieces)))


@pytest.mark.parametrize("page", LANGUAGES, ids=lambda page: page.name)
def test_the_scenarios_of_the_language_page_hold(page: Path) -> None:
    """The story that the page tells is what the engine does."""
    edition = _loaded(_pieces(page)).edition
    assert edition is not None
    story = [block for block in ALL if block.page == page and block.info == ("yaml", "scenarios")]
    script = parse(_at_its_lines(story), f"docs/{page.name}")
    assert [problem.text("en") for problem in script.problems] == []
    assert len(script.scenarios) > 0
    failures = run(edition, calendar_named(edition.process.calendar), script)
    assert [failure.text("en") for failure in failures] == []


# -- every recipe can be added


def _beside(base: Any, more: Any) -> Any:
    """What stands under the same key goes beside what is there."""
    if isinstance(base, dict) and isinstance(more, dict):
        return {**base, **{key: _beside(base[key], each) if key in base else each for key, each in more.items()}}
    return [*base, *more] if isinstance(base, list) and isinstance(more, list) else more


def _recipes() -> Iterator[tuple[Block, list[Block]]]:
    """Each recipe with what it shows."""
    of_page = [block for block in ALL if block.page == COOKBOOK and block.info[1] in ("recipe", "shows")]
    for number, block in enumerate(of_page):
        if block.info[1] == "recipe":
            after = of_page[number + 1 : number + 2]
            yield block, [each for each in after if each.info[1] == "shows"]


@pytest.mark.parametrize(("recipe", "shown"), list(_recipes()), ids=[f"{block.line}" for block, _ in _recipes()])
def test_a_recipe_can_be_added_and_does_what_it_shows(recipe: Block, shown: list[Block]) -> None:
    """To the definition at the head of the page, without any problem, warnings included."""
    (base,) = [block for block in ALL if block.page == COOKBOOK and block.info[1] == "whole"]
    loaded = load(json.dumps(_beside(stage.yaml(base.text), stage.yaml(recipe.text)), ensure_ascii=False, default=str))
    assert _said(loaded) == []
    assert loaded.edition is not None
    for block in shown:
        script = stage.script(stage.yaml(block.text))
        failures = run(loaded.edition, calendar_named(loaded.edition.process.calendar), script)
        assert [failure.text("en") for failure in failures] == []


def test_the_cookbook_has_twenty_three_recipes_in_order() -> None:
    headings = re.findall(r"^### (\d+)\. ", COOKBOOK.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(number) for number in headings] == list(range(1, 24))
    assert len(list(_recipes())) == 23


# -- every command runs

EXEMPT = {
    "make demo": "it lives through two years; the tests of the demonstration run it",
    "duban worker": "it runs until it is stopped; the tests of the workers start it",
    "make test": "it is what is running now",
    "duban --as wang user passwd zhao": "it asks for the password at the keyboard; the tests of accounts set one",
    "duban demo": "it lives through two years; the tests of the demonstration run it",
}
"""Commands that are shown and not run here, each with the reason."""

NOT_YET: set[str] = set()
"""Commands that a page names as not there yet."""


class Shown(NamedTuple):
    """A command of a page, the exit that it announces (`# exit 1`), and the lines of output shown below it."""

    command: str
    exit: int
    output: list[str]


def commands(text: str) -> list[Shown]:
    """The commands of a console block, in order."""
    found: list[Shown] = []
    for line in filter(str.strip, text.splitlines()):
        if line.startswith("$ "):
            command, _, expected = line[2:].partition("# exit ")
            found.append(Shown(command.strip(), int(expected or 0), []))
        else:
            found[-1].output.append(line)
    return found


def faults(page: Path, found: list[Block], folder: Path) -> list[str]:
    """What does not happen as the page says, its files put into `folder` and its commands run there in order.

    They run in this process, which is much faster than one for each; a crash is raised, and is no exit 1.
    """
    for block in found:
        if "." in block.info[-1]:
            (folder / block.info[-1]).write_text(block.text, encoding="utf-8")
    shown = [each for block in found if block.info == ("console",) for each in commands(block.text)]
    told = []
    for each in shown:
        if each.command not in EXEMPT:
            told += _differences(each, page, folder)
    return told


def _differences(shown: Shown, page: Path, folder: Path) -> list[str]:
    program, *arguments = shlex.split(shown.command)
    if program != "duban":
        return [f"{shown.command}: neither duban nor exempt"]
    lang = "zh_CN.UTF-8" if ".zh." in page.name else "C.UTF-8"
    with chdir(folder):
        done = CliRunner(env={"LC_ALL": lang, "COLUMNS": "200"}).invoke(cli, arguments, "", catch_exceptions=False)
    said = done.output
    exits = [f"{shown.command}: exit {done.exit_code}\n{said}"] if done.exit_code != shown.exit else []
    return exits + [f"{shown.command}: no line {line!r}\n{said}" for line in shown.output if line not in said]


def _name(page: Path) -> str:
    return page.name


def _of(page: Path) -> list[Block]:
    return [block for block in ALL if block.page == page]


@pytest.mark.parametrize("page", dict.fromkeys(block.page for block in ALL if block.info == ("console",)), ids=_name)
def test_every_command_of_a_page_does_what_the_page_says(page: Path, tmp_path: Path) -> None:
    """Its files stand in a fresh folder, and its commands run there in order."""
    assert faults(page, _of(page), tmp_path) == []


def test_a_command_that_fails_or_says_something_else_is_told(tmp_path: Path) -> None:
    """The check can fail: by exit, by output, by a program that is not ours."""
    text = "$ duban check none.yaml\n$ duban --help\nno such line\n$ rm x\n"
    told = faults(tmp_path / "page.md", [Block(tmp_path / "page.md", 1, ("console",), text)], tmp_path)
    assert [fault.split(":")[0] for fault in told] == ["duban check none.yaml", "duban --help", "rm x"]


COMMAND_PAGE, COMMAND_PAGE_ZH = command_page.PAGE, command_page.PAGE_ZH
NAMES = ["duban", *(name for name, _ in command_page.commands())]


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    """Each command with its usage, arguments and options; `make docs` writes them anew."""
    text = _pages()[COMMAND_PAGE.name]
    assert command_page.renewed(text) == text, "run `make docs`"
    assert command_page.renewed(text.replace("The id of a task", "An id", 1)) == text
    assert command_page.renewed(text.replace("<!-- command: sweep -->", "", 1)) != text


def test_the_chinese_page_says_the_same_with_the_same_examples() -> None:
    """In the order of the English one; an example that differs, or a command that is missing, is written anew."""
    english, text = _pages()[COMMAND_PAGE.name], _pages()[COMMAND_PAGE_ZH.name]
    assert command_page.renewed_zh(text, english) == text, "run `make docs`"
    assert command_page.renewed_zh(text.replace("事项编号", "编号", 1), english) == text
    assert command_page.renewed_zh(text.replace("$ duban sweep", "$ duban sweeep", 1), english) == text
    assert command_page.renewed_zh(text, english.replace("$ duban sweep", "$ duban sweep --at now", 1)) != text
    cut = command_page.renewed_zh(text[: text.index("<!-- command: sweep -->")], english)
    assert [*command_page.examples(cut)] == [*command_page.examples(text)] == [*command_page.examples(english)]


def test_each_page_of_commands_has_its_own_language() -> None:
    """Outside the examples and names: no Chinese sentence in the one, no line in English alone in the other."""
    english, text = (_WITHOUT.sub("", _pages()[page.name]).splitlines() for page in (COMMAND_PAGE, COMMAND_PAGE_ZH))
    assert [line for line in english if re.search(r"[\u4e00-\u9fff]{4}", line)] == []
    assert [line for line in text if re.search(r"[a-z]{2}", line) and not re.search(r"[\u4e00-\u9fff]", line)] == [
        "[English](commands.md)"
    ]


_WITHOUT = re.compile(r"^```.*?^```$|`[^`\n]*`|^## duban.*?$|^<!--.*?-->$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_each_command_has_an_example(name: str) -> None:
    """Among what the page shows after it, a command line calls it."""
    shown = command_page.examples(_pages()[COMMAND_PAGE.name])[name]
    lines = [line for block in blocks(COMMAND_PAGE, shown) for line in block.text.splitlines()]
    called = name.removeprefix("duban")
    assert [line for line in lines if re.match(rf"\$ duban\b.* ?\b{called}\b", line)], f"no example of {name}"


def test_both_readmes_lead_to_the_page_of_commands() -> None:
    """Whoever looks for a command finds it."""
    assert "(docs/commands.md)" in _pages()["README.md"]
    assert "(docs/commands.zh.md)" in _pages()["README.zh.md"]


def test_commands_that_pages_mention_are_there() -> None:
    """What a page calls `duban NAME` is a command; what it says is not there yet is not."""
    mentioned = {name for text in _pages().values() for name in re.findall(r"`duban ([a-z]+)", text)}
    assert mentioned - set(COMMANDS) == NOT_YET


_INSIDE = re.compile(r"`((?:cli|engine|workflows|storage|tests|tools|definitions|docs)/[\w/.-]*)`")
_LINK = re.compile(r"\]\(([\w./-]+\.md)?(?:#([^)]+))?\)")


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_what_a_page_names_and_links_is_there(page: Path) -> None:
    """A path in backticks, another page, a heading."""
    text = page.read_text(encoding="utf-8")
    assert [path for path in _INSIDE.findall(text) if not (ROOT / path).exists()] == []
    assert [link for link in _LINK.findall(text) if not _leads(page, *link)] == []


def _leads(page: Path, link: str, anchor: str) -> bool:
    target = page.parent / link if link else page
    return target.exists() and (not anchor or anchor in _anchors(target.read_text(encoding="utf-8")))


def _anchors(text: str) -> set[str]:
    """The anchors that headings get."""
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
