"""A browser by the name that people know it by, from what it says of itself.

All say that they are Mozilla, and most that they are Safari and Chrome too, so that the rarer name is looked for first.
"""

from __future__ import annotations

from collections.abc import Mapping

BROWSERS: Mapping[str, str] = {
    "MicroMessenger/": "WeChat", "wxwork/": "WeCom", "DingTalk/": "DingTalk", "Lark/": "Feishu",
    "QQBrowser/": "QQ Browser",
    "QIHU 360": "360", "UCBrowser/": "UC Browser", "HuaweiBrowser/": "Huawei Browser", "MiuiBrowser/": "Mi Browser",
    "EdgA/": "Edge", "EdgiOS/": "Edge", "Edg/": "Edge", "OPR/": "Opera", "SamsungBrowser/": "Samsung Internet",
    "FxiOS/": "Firefox", "Firefox/": "Firefox", "CriOS/": "Chrome", "HeadlessChrome/": "Chrome", "Chrome/": "Chrome",
    "Trident/": "Internet Explorer", "Safari/": "Safari", "curl/": "curl",
    "python-httpx/": "Python", "python-requests/": "Python",
}  # fmt: skip
"""What a browser says of itself, and what it is called."""

SYSTEMS: Mapping[str, str] = {
    "HarmonyOS": "HarmonyOS", "OpenHarmony": "HarmonyOS", "iPhone": "iPhone", "iPad": "iPad", "Android": "Android",
    "Windows": "Windows", "Macintosh": "macOS", "CrOS": "ChromeOS", "Linux": "Linux",
}  # fmt: skip


def parts_of(agent: str) -> tuple[str, str]:
    """The browser and the system that `User-Agent` names; empty where it is none that we know."""
    return _first(agent, BROWSERS), _first(agent, SYSTEMS)


def _first(agent: str, known: Mapping[str, str]) -> str:
    return next((title for mark, title in known.items() if mark in agent), "")
