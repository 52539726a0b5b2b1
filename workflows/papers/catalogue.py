"""The catalogue of an archive set as a plain page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.problems import Language

LABELS: Mapping[Language, str] = {"zh": "卷内目录", "en": "Catalogue"}

Row = tuple[str, str, str, str]
"""Path, title in Chinese and in English, SHA-256."""


def page(title: str, task: str, day: str, rows: Iterable[Row]) -> str:
    """What lies in the set, one thing a paragraph, in both languages."""
    lines = [f"卷内目录 / Catalogue: {title}", f"事项 / Task: {task}　办结 / Closed: {day}", ""]
    for number, (path, zh, en, digest) in enumerate(rows, 1):
        lines += [f"{number}. {zh} / {en}", f"   {path}", f"   SHA-256 {digest}"]
    return "\n".join(lines) + "\n"
