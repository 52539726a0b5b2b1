"""What signs the things that a page or a browser carries for a moment: references to files, a sign-in on its way.

It stands in the database, so that every server of an office knows what another has signed and a restart loses nothing
that somebody typed. Whoever is first makes it; it is never shown, and backups leave it behind.
"""

from __future__ import annotations

from secrets import token_hex

from workflows.people.ports import SEAL
from workflows.ports import Store


def seal_of(store: Store) -> bytes:
    """The secret of this database; made now where there is none yet."""
    kept = store.note(SEAL)
    if kept is None:
        store.swap_note(SEAL, None, token_hex(32))
        kept = store.note(SEAL)
    assert kept is not None, "one of those who made it was first"
    return bytes.fromhex(kept)
