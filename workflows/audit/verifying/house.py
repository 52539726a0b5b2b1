"""What is kept for the whole house, compared with what its families say: editions, calendars, files, documents and
their numbers, orders, answers and notes.

Families are verified in moments of their own, a little later than this one; what they say beyond this moment is left
out (`House.heads`).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.chain import canonical, parsed
from engine.events import instant
from engine.reasons import reason_of
from workflows.audit.verifying import reprinted
from workflows.audit.verifying.books import Books
from workflows.audit.verifying.chains import micros
from workflows.audit.verifying.findings import Finding, unreadable
from workflows.audit.verifying.ports import Evidence, Unreadable
from workflows.audit.verifying.values import moment_in
from workflows.desk import CLOCK, LAST_SWEEP
from workflows.ports import CALENDARS, EDITIONS

_NEAR = 2_000_000
"""Microseconds within which two clocks of one transaction lie."""


@dataclass
class House:
    """What families say, by sort (see `tallies.Tally`), as far as this moment reaches: `heads` are the numbers of the
    last events of all streams in it.
    """

    heads: Mapping[str, int]
    said: dict[str, list[Sequence[Any]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, tally: Mapping[str, Sequence[Sequence[Any]]]) -> None:
        """Take in what one family says."""
        for sort, entries in tally.items():
            self.said[sort] += [each for each in entries if each[1] <= self.heads.get(each[0], 0)]


def check(evidence: Evidence, books: Books, house: House) -> Iterator[Finding]:
    """All of it, each part by itself: one that cannot be read is told and stops no other."""
    parts: Sequence[tuple[str, Callable[[], Iterator[Finding]]]] = (
        ("editions", lambda: _editions(books)),
        ("calendars", lambda: _calendars(evidence, books)),
        ("files", lambda: _files(evidence)),
        ("documents", lambda: _documents(evidence, house)),
        ("facts", lambda: reprinted.check(evidence, books)),
        ("numbers", lambda: _numbers(evidence, house)),
        ("outbox", lambda: _outbox(evidence, house)),
        ("keys", lambda: _keys(evidence, house)),
        ("notes", lambda: _moments(evidence)),
    )
    for name, part in parts:
        try:
            yield from part()
        except (Unreadable, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            yield unreadable(name, reason_of(error))


# -- editions and calendars


def _editions(books: Books) -> Iterator[Finding]:
    for name, row in books.records.items():
        wrong = list(_edition(books, name, row))
        if wrong:
            yield Finding("edition_altered", EDITIONS, None, {"edition": name, "columns": ", ".join(wrong)})
        if books.publication(name) is None:
            yield Finding("edition_unpublished", EDITIONS, None, {"edition": name})
    for entry in books.published:
        subject = entry.told.get("subject")
        if books.publication(str(subject)) is entry and subject not in books.records:
            yield Finding("edition_missing", EDITIONS, entry.seq, {"edition": subject})


def _edition(books: Books, name: str, row: Mapping[str, Any]) -> Iterator[str]:
    """The columns that are not as they were published."""
    edition, entry = books.edition(name), books.publication(name)
    if edition is None:
        yield "text"
    else:
        compiled = canonical(edition.process.model_dump(mode="json", by_alias=True, exclude_defaults=True))
        yield from (
            column for column, value in (("digest", edition.digest), ("compiled", compiled)) if row[column] != value
        )
    if entry is None:
        return
    told = {"process": entry.told["process"], "digest": entry.told["digest"], "calendar": entry.told["calendar"]}
    yield from (f"{column} (chained)" for column, value in told.items() if row[column] != value)
    if not _near(row["published_at"], micros(entry.recorded_at)):
        yield "published_at"
    since = row["published_at"] if row["in_force_at"] is None else row["in_force_at"]
    if since != micros(instant(entry.told["in_force_at"])):
        yield "in_force_at"


def _near(one: Any, other: int) -> bool:
    return isinstance(one, int) and abs(one - other) <= _NEAR


def _calendars(evidence: Evidence, books: Books) -> Iterator[Finding]:
    for row in evidence.table("calendars"):
        kept = books.texts.get(row["digest"])
        name = parsed(kept).get("calendar", CALENDARS) if kept is not None and kept == row["text"] else None
        if name != row["name"]:
            yield Finding("calendar_altered", CALENDARS, None, {"calendar": f"{row['name']} {row['digest'][:12]}"})
    notes = {row["name"]: row["value"] for row in evidence.table("notes")}
    last = books.changed[-1].told.get("version") if books.changed else None
    if notes.get(CALENDARS) != last:
        facts = {"name": CALENDARS, "value": str(notes.get(CALENDARS)), "expected": str(last)}
        yield Finding("note_differs", "notes", None, facts)


# -- files and documents


def _files(evidence: Evidence) -> Iterator[Finding]:
    for file in evidence.files():
        if file.digest != file.actual:
            yield Finding("file_altered", "files", None, {"name": f"{file.name} ({file.digest[:12]})"})


def _documents(evidence: Evidence, house: House) -> Iterator[Finding]:
    issued = {(each[0], each[1]): each[5] for each in house.said["issued"] if each[5] is not None}
    voided = {each[2]: each[3:6] for each in house.said["voided"]}
    for row in evidence.table("documents"):
        at = (row["stream"], row["seq"])
        told = issued.pop(at, None)
        if told is None:
            yield Finding("document_stray", str(at[0]), None, {"number": row["number"]})
            continue
        wrong = [column for column, value in told.items() if row[column] != value]
        wrong += _void(row, voided.get(f"{at[0]}#{at[1]}"))
        if _titled(row) != row["title"]:
            wrong.append("title")
        if wrong:
            yield Finding("document_differs", at[0], at[1], {"number": told["number"], "columns": ", ".join(wrong)})
    for (stream, seq), told in issued.items():
        yield Finding("document_missing", stream, seq, {"number": told["number"]})


def _void(row: Mapping[str, Any], told: Sequence[Any] | None) -> list[str]:
    """What of the declaration that it is void differs."""
    if told is None:
        return [name for name in ("voided_at", "voided_by", "void_reason") if row[name] is not None]
    by, reason, at = told
    wrong = [name for name, value in (("voided_by", by), ("void_reason", reason)) if row[name] != value]
    return wrong if _near(row["voided_at"], at) else [*wrong, "voided_at"]


def _titled(row: Mapping[str, Any]) -> Any:
    """The title in the facts that the document was printed from."""
    return parsed(row["facts"]).get(row["language"], {}).get("title")


# -- numbers


def _numbers(evidence: Evidence, house: House) -> Iterator[Finding]:
    """Every series runs from 1 to its counter. A document that was declared void keeps its number."""
    taken: dict[str, list[int]] = defaultdict(list)
    for each in house.said["issued"]:
        taken[each[2]].append(each[3])
        if each[5] is not None:
            taken[f"document:{each[5]['series']}"].append(each[5]["serial"])
    counted = Counter(each[2] for each in house.said["registered"])
    last = {row["series"]: row["last"] for row in evidence.table("numbers")}
    for series, numbers in sorted(taken.items()):
        yield from _series(series, Counter(numbers))
    for series in sorted({*last, *taken, *counted}):
        found = max(taken[series]) if series in taken else counted[series]
        if found != last.get(series, 0):
            yield Finding(
                "counter_differs", "numbers", None, {"series": series, "last": last.get(series, 0), "found": found}
            )


def _series(series: str, found: Counter[int]) -> Iterator[Finding]:
    for number, count in sorted(found.items()):
        if count > 1:
            yield Finding("number_twice", "numbers", None, {"series": series, "number": number})
    for missing in sorted(set(range(1, max(found) + 1)) - found.keys()):
        yield Finding("number_gap", "numbers", None, {"series": series, "missing": missing})


# -- orders, answers


def _outbox(evidence: Evidence, house: House) -> Iterator[Finding]:
    done = {each[4] for each in house.said["issued"]}
    for row in evidence.table("outbox"):
        if row["kind"] == "publication" and row["done_at"] is not None and f"{row['task']}#{row['seq']}" not in done:
            yield Finding("parcel_silenced", str(row["task"]), None, {"seq": row["seq"]})


def _moments(evidence: Evidence) -> Iterator[Finding]:
    """The notes that tell an instant: by the clock of a rehearsal and by the last sweep much else is judged."""
    for row in evidence.table("notes"):
        if row["name"] in (CLOCK, LAST_SWEEP) and moment_in(row["value"]) is None:
            yield Finding("unreadable", "notes", None, {"error": f"{row['name']}: {row['value']!r:.60}"})


def _keys(evidence: Evidence, house: House) -> Iterator[Finding]:
    """An answer is given again as it was given first: it must be what was done under that key."""
    known: dict[tuple[str, str], list[Sequence[Any]]] = defaultdict(list)
    for each in house.said["answered"]:
        known[each[2], each[3]].append(each)
    for row in evidence.table("keys"):
        answer = json.loads(row["answer"])
        if not _founded(answer, known.get((row["actor"], row["key"]), [])):
            lost = ", ".join(map(str, answer.get("tasks") or answer.get("events") or ()))
            yield Finding("answer_unfounded", "keys", None, {"actor": row["actor"], "key": row["key"], "lost": lost})


def _founded(answer: Mapping[str, Any], done: Sequence[Sequence[Any]]) -> bool:
    if "tasks" in answer:
        return sorted(answer["tasks"]) == sorted(each[0] for each in done if each[4] is None)
    said = {name: value for name, value in answer.items() if name != "events"}
    events = set(answer.get("events", ()))
    return any(each[4] == said and set(each[5]) <= events <= {*each[5], *each[6]} for each in done)
