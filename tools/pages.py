"""Pages of the documentation of which parts are generated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def renew_page(page: Path, renewed: Callable[[str], str]) -> bool:
    """Write a page as `renewed` gives it, where that is not as it stands; tells whether it had changed."""
    old = page.read_text(encoding="utf-8")
    new = renewed(old)
    if new != old:
        page.write_text(new, encoding="utf-8")
    return new != old
