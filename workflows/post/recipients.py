"""Who is told: the people to whom a notice's roles resolve now, and the addresses they have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.events import Json
from workflows.people.ports import People
from workflows.people.rights import holders_of
from workflows.people.values import User
from workflows.post.values import MAIL, channel_of


def recipients(people: People, process: str, to: Sequence[Mapping[str, Json]], at: datetime) -> list[User]:
    """Everybody who holds one of the roles at an instant, for one of the units that were named when the notice was
    raised or for one that took over from it; each once, by name.
    """
    found = {user.id: user for each in to for user in holders_of(people, process, each["role"], each["units"], at)}
    return [found[name] for name in sorted(found)]


def addresses(user: User) -> list[tuple[str, str]]:
    """The channels and addresses of a user, each once; what is no address of a channel that we know is passed over."""
    told = [(MAIL, user.mail)] if user.mail else []
    others = [(channel, address.strip()) for address in user.channels if (channel := channel_of(address))]
    return list(dict.fromkeys([*told, *others]))
