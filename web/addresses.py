"""Where these pages stand, as others are told: by the setting `DUBAN_BASE_URL`, never by the word of a request alone.

A request's Host is whatever its sender wrote. Without the setting it is believed where it is this machine or a bare
address of a network, to which a browser has gone itself; a name could be anybody's, and no address is made of it.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from web.visit import Visit

_BARE = re.compile(r"(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:]+\])(?::\d{1,5})?")


def bare(host: str) -> bool:
    """Whether a Host is this machine or an address of a network, and no name."""
    return _BARE.fullmatch(host) is not None


def absolute(visit: Visit, path: str) -> str | None:
    """A path on this server as an address for others; None where it is not known where the pages stand."""
    if visit.house.settings.home:
        return visit.house.settings.home.rstrip("/") + path
    host = visit.request.headers.get("host", "")
    return f"{visit.request.url.scheme}://{host}{path}" if bare(host) else None


def is_ours(origin: str, host: str, home: str) -> bool:
    """Whether a page of this server sent something, as an older browser tells by Origin."""
    sender = origin.partition("://")[2]
    if home and sender == urlsplit(home).netloc:
        return True
    return sender == host and (not home or bare(host))
