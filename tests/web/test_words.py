"""Words: both languages have each of them, and templates have none of their own."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from web.render import TEMPLATES
from web.words import WORDS

PAGES = sorted(TEMPLATES.rglob("*.html"))
NAMES = {"API", "CSV", "Excel", "PDF", "REST", "Word", "csv", "iCalendar", "xlsx"}
"""What is called the same in every language."""

SPOKEN = ("aria-label", "title", "alt", "placeholder")


def used(text: str) -> set[str]:
    """The keys that a template names; `t("state_" ~ x)` names every key that begins so."""
    keys = set(re.findall(r"""\bt\(\s*"([a-z0-9_]+)"\s*(?!~)[,)]""", text))
    for start in re.findall(r"""\bt\(\s*"([a-z0-9_]+)"\s*~""", text):
        found = {key for key in WORDS if key.startswith(start)}
        keys |= found or {f"{start}…"}
    return keys


def own_words(text: str) -> list[str]:
    """The letters that a template has outside of tags, expressions and code."""
    text = re.sub(r"{% (block \w+_class|set \w+) %}.*?{% end(block|set) %}", " ", text, flags=re.DOTALL)
    bare = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", text, flags=re.DOTALL)
    spoken = [said for name in SPOKEN for said in re.findall(rf'\s{name}="([^"]*)"', bare)]
    outside = re.sub(r"<(code|style|script)\b.*?</\1>|<[^>]*>|&[a-z]+;", " ", bare, flags=re.DOTALL)
    return [said for said in (*re.findall(r"[^\W\d_]+", outside), *spoken) if re.search(r"[^\W\d_]", said)]


def test_every_word_is_said_in_both_languages() -> None:
    """No words are empty, and both languages name the same facts."""
    for key, text in WORDS.items():
        assert text.zh.strip(), key
        assert text.en.strip(), key
        names = [{name for _, name, *_ in Formatter().parse(said) if name} for said in text]
        assert names[0] == names[1], key


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(TEMPLATES).as_posix())
def test_a_template_has_no_words_of_its_own(page: Path) -> None:
    """Every word comes from the catalogue, and every key is in it."""
    text = page.read_text(encoding="utf-8")
    assert used(text) - WORDS.keys() == set()
    assert [said for said in own_words(text) if said not in NAMES] == []


def test_own_words_and_unknown_keys_are_seen() -> None:
    """The check can fail: words between tags, in attributes, and a key that nobody knows."""
    assert own_words('<p>{{ t("save") }} 保存</p><a title="Go">') == ["保存", "Go"]
    assert used('{{ t("nowhere") }}{{ t("no_such_" ~ x) }}') - WORDS.keys() == {"nowhere", "no_such_…"}
