"""A page in two languages is one page: who reads the Chinese one writes, runs and sees what the English one shows."""

import re
from pathlib import Path

import pytest

from tests.test_docs import ALL, PAGES, Block, blocks, commands


def _code(found: list[Block]) -> list[tuple[object, ...]]:
    """Blocks without their places; of commands what is typed and how it ends, since what they answer has a language."""
    return [
        (
            block.info,
            [(each.command, each.exit) for each in commands(block.text)] if block.info == ("console",) else block.text,
        )
        for block in found
    ]


def _depths(page: Path) -> list[str]:
    """The depth of each heading, in order."""
    words = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^(#+) ", words, re.MULTILINE)


def _of(page: Path) -> list[Block]:
    return [block for block in ALL if block.page == page]


CHINESE = [page for page in PAGES if page.name.endswith(".zh.md")]


@pytest.mark.parametrize("page", CHINESE, ids=lambda page: page.name)
def test_a_page_says_the_same_in_both_languages(page: Path) -> None:
    """The same blocks and commands under the same headings, and each leads to the other."""
    other = page.with_name(page.name.replace(".zh.md", ".md"))
    assert _code(_of(page)) == _code(_of(other))
    assert _depths(page) == _depths(other)
    assert f"[English]({other.name})" in page.read_text(encoding="utf-8")
    assert f"[中文]({page.name})" in other.read_text(encoding="utf-8")


def test_a_block_that_is_changed_in_one_language_is_told() -> None:
    """The check can fail: a date, a command and an exit; what a command answers may differ."""
    page = Path("tutorial.zh.md")
    blocks_of = {text: _code(blocks(page, text)) for text in ("```csv\na\n```", "```csv\nb\n```")}
    assert len({str(each) for each in blocks_of.values()}) == 2
    first, same, other, fails = (
        _code(blocks(page, f"```console\n$ duban {typed}\n```"))
        for typed in ("board\n看板", "board\nBoard", "show a", "board  # exit 1")
    )
    assert first == same != other
    assert fails not in (first, other)
