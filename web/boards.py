"""What the address of a board asks for, read within the visitor's scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, tzinfo
from typing import Any
from urllib.parse import urlencode

from engine.once import once
from web.slider import Back
from web.visit import Visit
from workflows.lists.board import Glance, Reader
from workflows.lists.ports import GROUPS, ORDERS, Order, Wanted


@dataclass(frozen=True)
class Asked:
    """What the address of a board asks for: every part is text, and one that means nothing is left aside."""

    process: str = ""
    programme: str = ""
    heading: str = ""
    state: str = ""
    signal: str = ""
    unit: str = ""
    q: str = ""
    open: str = ""
    """`yes`, `no`, or nothing for both."""
    overdue: str = ""
    sort: str = ""
    down: str = ""
    group: str = ""
    show: str = ""
    """`cards`, or nothing for a list."""
    at: str = ""
    known: str = ""
    known_on: str = ""
    since: str = ""
    learned: str = ""
    page: str = ""

    @classmethod
    def of(cls, params: Mapping[str, str]) -> Asked:
        """What a query says."""
        told = {each.name: params.get(each.name, "").strip()[:200] for each in fields(cls)}
        return cls(**{**told, **(Back.of(params, UTC).said if params.get("day") else {})})

    def query(self, **changes: Any) -> str:
        """The query of the same with changes, in its shortest form. Any change but one of page begins at the first."""
        if changes and "page" not in changes:
            changes["page"] = ""
        return urlencode({name: str(value) for name, value in {**self.said, **changes}.items() if value})

    @once
    def said(self) -> Mapping[str, str]:
        """Its parts."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @property
    def number(self) -> int:
        """The page."""
        return max(1, int(self.page)) if self.page.isdecimal() and len(self.page) < 8 else 1

    def back(self, zone: tzinfo) -> Back:
        """What is asked of the past."""
        return Back.of(self.said, zone)

    @property
    def order(self) -> Order:
        """How rows are ordered."""
        sort = self.sort if self.sort in ORDERS else "due"
        return Order(sort, descending=self.down == "1", group=self.group if self.group in GROUPS else None)


@dataclass(frozen=True)
class Looked:
    """A board that has been read: what was asked and wanted, who read it, and the counts."""

    asked: Asked
    wanted: Wanted
    reader: Reader
    glance: Glance
    back: Back


def look(visit: Visit) -> Looked:
    """Read the board that the address asks for, within the scope of the visitor."""
    asked = Asked.of(visit.request.query_params)
    reader = Reader(visit.desk, visit.house.lists, visit.lang)
    if not asked.process and len(reader.processes) == 1:
        asked = replace(asked, process=reader.processes[0])
    edition = reader.edition(asked.process or next(iter(reader.processes), ""))
    back = asked.back(edition.zone if edition else UTC)
    if back.moment is not None:
        reader.at, reader.known_at = back.moment.at, back.moment.known_at
    headed = reader.heading_of(asked.process)
    wanted = Wanted(
        visit.scope,
        process=asked.process or None,
        programme=asked.programme or None,
        state=asked.state or None,
        signal=asked.signal or None,
        unit=asked.unit or None,
        ended={"yes": False, "no": True}.get(asked.open),
        heading=asked.heading if headed and asked.heading else None,
        text=asked.q,
        overdue=asked.overdue == "1" and reader.at is None,
    )
    return Looked(asked, wanted, reader, reader.glance(wanted), back)
