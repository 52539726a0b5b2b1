"""Titles in the wrong language: a Chinese one without any Chinese character, an English one with some."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.checks.findings import valued
from engine.checks.ways import Ground
from engine.problems import Problem, Text

_HAN = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")
_NAMED = re.compile(r"\([^()]*\)|“[^”]*”|\"[^\"]*\"")
"""A proper name in brackets or quotes stays as it is: the number of a document, a term of art."""
_FILLED = re.compile(r"\{[{%].*?[}%]\}", re.DOTALL)


def of_titles(ground: Ground) -> Iterator[Problem]:
    """Every pair of titles in a text; what is only filled in (`{{ title }}`) has no language of its own."""
    document = ground.document
    for path in document.keys:
        if path[-1] not in ("zh", "en"):
            continue
        said = _FILLED.sub("", str(valued(document, path)))
        if path[-1] == "zh" and _LETTER.search(said) and not _HAN.search(said):
            message = Text(f"中文名称里没有一个汉字：{said}", f"the Chinese title has no Chinese character: {said}")
            yield ground.problem("title-language", path, message, Text("写出中文名称", "write it in Chinese"))
        if path[-1] == "en" and _HAN.search(_NAMED.sub("", said)):
            message = Text(f"英文名称里有汉字：{said}", f"the English title has Chinese characters: {said}")
            yield ground.problem("title-language", path, message, Text("写出英文名称", "write it in English"))
