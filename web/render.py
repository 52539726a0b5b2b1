"""Templates and assets: read once, escaped, with the digest of each asset in its address so that it may be kept."""

from __future__ import annotations

import mimetypes
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

ROOT = Path(__file__).parent
TEMPLATES, STATIC = ROOT / "templates", ROOT / "static"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of `static` as it is served."""

    name: str
    content: bytes
    media_type: str
    digest: str


@cache
def assets() -> Mapping[str, Asset]:
    """Every asset by its path below `static`; nothing else can be asked for."""
    found = {}
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            name, content = path.relative_to(STATIC).as_posix(), path.read_bytes()
            kind = mimetypes.guess_type(name)[0] or "text/plain"
            found[name] = Asset(name, content, kind, sha256(content).hexdigest())
    return found


def address_of(name: str) -> str:
    """Where an asset is found; its address changes with its content. Raises KeyError where there is none."""
    return f"/static/{name}?v={assets()[name].digest[:12]}"


@cache
def environment() -> Environment:
    """The templates: escaped, and a name that is not there is an error and never an empty place."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["asset"] = address_of
    made.globals["stacked"] = stacked
    return made


BAR = '<svg class="bar stacked" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">'


def stacked(lights: Sequence[tuple[str, int]], most: int) -> str:
    """A bar with the lights stacked in it, as long as its share of the longest, which counts `most`: markup, in which
    names are escaped. Drawn here, for a board has a hundred of them.
    """
    parts, x = [f'{BAR}<rect class="track" width="1000" height="10"/>'], 0.0
    for name, count in lights:
        wide = 1000 * count / most
        parts.append(f'<rect class="part part-{escape(name or "none")}" x="{x:.1f}" width="{wide:.1f}" height="10"/>')
        x += wide
    return "".join(parts) + "</svg>\n"


def image(svg: str) -> str:
    """A picture as the address of an image: within a page it could bring scripts and styles of its own."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def rendered(template: str, context: Mapping[str, Any]) -> str:
    """A template filled in."""
    return environment().get_template(template).render(context)
