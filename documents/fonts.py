"""The four type faces of official documents, and what stands in for them where they are not installed.

Office computers have them; they are not free, so a server often has others. Word files name the faces themselves; the
stand-ins are for the conversion to PDF, and another order of them can be set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

TITLE, BODY, HEI, KAI, SONG, LATIN = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体", "Times New Roman"

FALLBACKS: Mapping[str, Sequence[str]] = {
    TITLE: ("FZXiaoBiaoSong-B05S", "Source Han Serif SC", "Noto Serif CJK SC", "AR PL SungtiL GB"),
    BODY: (
        "FangSong_GB2312",
        "FangSong",
        "仿宋",
        "FandolFang R",
        "STFangsong",
        "AR PL SungtiL GB",
        "Noto Serif CJK SC",
    ),
    HEI: ("SimHei", "Source Han Sans SC", "Noto Sans CJK SC", "WenQuanYi Zen Hei"),
    KAI: ("KaiTi_GB2312", "KaiTi", "楷体", "FandolKai", "STKaiti", "AR PL KaitiM GB", "Noto Serif CJK SC"),
    SONG: ("SimSun", "AR PL SungtiL GB", "Noto Serif CJK SC"),
    LATIN: ("Liberation Serif", "DejaVu Serif"),
}


def write_fontconfig(folder: Path, fallbacks: Mapping[str, Sequence[str]] = FALLBACKS) -> Path:
    """A fontconfig file that names the stand-ins, beside the system's own; returns where it is."""
    aliases = "".join(_alias(name, others) for name, others in fallbacks.items())
    text = (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f'<include ignore_missing="yes">/etc/fonts/fonts.conf</include>{aliases}</fontconfig>'
    )
    file = folder / "fonts.conf"
    file.write_text(text, encoding="utf-8")
    return file


def _alias(name: str, others: Sequence[str]) -> str:
    families = "".join(f"<family>{escape(other)}</family>" for other in others)
    return f'<alias binding="same"><family>{escape(name)}</family><accept>{families}</accept></alias>'
