"""People, units and rights as they stand, compared with what the chained stream of the organisation says was done.

What stands in no record is not looked at: sessions, failed attempts, saved views, passwords (which are kept as hashes,
and of which only the setting is recorded).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from engine.chain import canonical
from engine.events import Json, instant
from engine.lines import PERSONAL
from workflows.audit.verifying.books import ORGANISATION
from workflows.audit.verifying.chains import micros
from workflows.audit.verifying.findings import Finding
from workflows.audit.verifying.ports import Evidence
from workflows.people.values import Changed, Entry

State = dict[Any, dict[str, Json]]


def check(evidence: Evidence, entries: Sequence[Entry]) -> Iterator[Finding]:
    """What stands otherwise than it was recorded."""
    units, users, holders, tokens = State(), State(), State(), State()
    for entry in entries:
        _unit(units, entry)
        _user(users, entry)
        _holder(holders, entry)
        _token(tokens, entry)
    yield from _differ("units", units, {row["id"]: row for row in evidence.table("units")})
    yield from _differ("users", users, {row["id"]: row for row in evidence.table("users")})
    yield from _differ("holders", holders, _numbered(evidence.table("holders")))
    yield from _tokens(tokens, {row["digest"]: row for row in evidence.table("tokens")})


def _unit(units: State, entry: Entry) -> None:
    told = entry.told
    match entry.type:
        case Changed.UNIT_FOUNDED:
            plain = {name: told[name] for name in ("title", "level", "over")}
            # `from` is optional: events written before it was told stay valid
            since = {"valid_from": micros(instant(told["from"]))} if "from" in told else {}
            units[told["unit"]] = {**plain, **since, "valid_to": None, "successor": None}
        case Changed.UNIT_RENAMED:
            units[told["unit"]] |= {"title": told["title"], "title_en": told["title_en"]}
        case Changed.UNIT_MOVED:
            units[told["unit"]] |= {"over": told["over"], "level": told["level"]}
        case Changed.UNIT_MERGED | Changed.UNIT_CLOSED:
            units[told["unit"]] |= {"valid_to": micros(instant(told["at"])), "successor": told["into"]}


_ERASED = {"name": PERSONAL}
"""How the row of an account stands whose name was erased; what it had besides is not there."""


def _user(users: State, entry: Entry) -> None:
    told = entry.told
    match entry.type:
        case Changed.USER_ADDED | Changed.USER_CHANGED:
            record = {name: told["fields"].get(name) for name in ("name", "language", "mail", "subject")}
            record |= _ERASED if record["name"] is None else {}
            users.setdefault(told["user"], {"active": True}).update(record)
        case Changed.USER_CLOSED:
            users[told["user"]]["active"] = False


def _holder(holders: State, entry: Entry) -> None:
    """Holdings have no number in the record: one is told by whose it is, of what, and since when."""
    if entry.type in (Changed.ROLE_GRANTED, Changed.DEPUTY_NAMED, Changed.ROLE_ENDED):
        told, ends = entry.told, entry.told["to"]
        begins = micros(instant(told["from"]))
        key = (told["user"], told["role"], told["process"], told["unit"], begins, told["deputy_for"])
        holders[key] = {"valid_to": micros(instant(ends)) if ends else None}


def _numbered(rows: Iterator[Mapping[str, Any]]) -> Mapping[Any, Mapping[str, Any]]:
    names = ("user", "role", "process", "unit", "valid_from", "deputy_for")
    return {tuple(row[name] for name in names): row for row in rows}


def _token(tokens: State, entry: Entry) -> None:
    told = entry.told
    if entry.type == Changed.TOKEN_ISSUED:
        ends = micros(entry.recorded_at + timedelta(days=int(told["days"])))
        plain = {"user": told["user"], "name": told["token"], "scopes": canonical(list(told["scopes"]))}
        tokens[told["digest"]] = {**plain, "ends_at": ends}
    elif entry.type == Changed.TOKEN_REVOKED:
        tokens.setdefault(told["digest"], {})["revoked"] = True


_TOLD = ("user", "name", "scopes")


def _tokens(recorded: State, kept: Mapping[Any, Mapping[str, Any]]) -> Iterator[Finding]:
    """Old tokens are forgotten; one that stands must have been issued, and be revoked if it was."""
    for digest, row in kept.items():
        told = recorded.get(digest)
        wrong = ["digest"] if told is None else [name for name in _TOLD if row[name] != told.get(name)]
        if told is not None and row["ends_at"] > told.get("ends_at", 0):  # recorded no earlier than it was made
            wrong.append("ends_at")
        if told is not None and told.get("revoked", False) != (row["revoked_at"] is not None):
            wrong.append("revoked_at")
        if wrong:
            yield _finding("tokens", digest[:12], wrong)


def _differ(table: str, recorded: State, kept: Mapping[Any, Mapping[str, Any]]) -> Iterator[Finding]:
    for key in recorded.keys() | kept.keys():
        told, row = recorded.get(key), kept.get(key)
        if told is None or row is None:
            yield _finding(table, key, ["+" if told is None else "-"])
            continue
        wrong = [name for name, value in told.items() if row[name] != value]
        if wrong:
            yield _finding(table, key, wrong)


def _finding(table: str, key: Any, columns: Sequence[str]) -> Finding:
    shown = "/".join(str(each) for each in key if each is not None) if isinstance(key, tuple) else str(key)
    return Finding("rights_differ", ORGANISATION, None, {"table": table, "key": shown, "columns": ", ".join(columns)})
