"""What stays as long as a server does is not looked through for garbage again and again.

Python looks through every object that it has whenever enough new ones have outlived a page: a fifth of a second for a
program of this size, in one of thirteen long pages. What is there when a server begins to serve (modules, routes,
editions) is never garbage, and is put aside.
"""

from __future__ import annotations

import gc

from web.house import House
from workflows.people import rights


def put_aside(house: House) -> None:
    """Read what every page will need, and put it aside with all that is there. To be called once, by whoever serves."""
    rights.roles(house.at_desk())
    gc.collect()
    gc.freeze()
