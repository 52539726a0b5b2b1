"""A package is taken: it is noted who takes what, and then one moment of the record is written, whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from itertools import chain

from engine.chain import canonical
from engine.commands import Refusal
from engine.edition import Edition
from engine.events import Json, iso
from engine.problems import Language
from engine.tree import leaf_text
from workflows.desk import PURPOSE, Desk
from workflows.exporting.taken import note_taken
from workflows.packaging.bagged import Bag
from workflows.packaging.boards import board, month_ends
from workflows.packaging.compiled import compiled
from workflows.packaging.contents import Gathered, Told, events
from workflows.packaging.described import description
from workflows.packaging.ports import Moment
from workflows.packaging.values import FORMAT, Scope, Sealed
from workflows.ports import EditionRecord

VERIFIER = "verify_package.py"
PAGES: Mapping[Language, str] = {"zh": "README.zh.md", "en": "README.en.md"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken: the event that says so, and how much it is."""

    ref: str
    events: int
    streams: int
    files: int
    leaves: int
    bytes: int


@dataclass(frozen=True)
class Books:
    """The editions of a database, compiled, and what each is as a file."""

    records: Mapping[str, EditionRecord]
    editions: Mapping[str, Edition]
    texts: Mapping[str, bytes]

    @property
    def digests(self) -> dict[str, str]:
        """Of the compiled editions, as the event that notes the package carries them."""
        return {name: sha256(text).hexdigest() for name, text in self.texts.items()}


def books(desk: Desk) -> Books:
    """Every edition that was published. Raises LookupError where this program cannot read one any more."""
    records = {record.name: record for record in desk.store.editions()}
    editions = {name: desk.book(name)[0] for name in records}
    return Books(records, editions, {name: _compiled(records[name], editions[name]) for name in records})


def _compiled(record: EditionRecord, edition: Edition) -> bytes:
    since = {"published_at": iso(record.published_at), "in_force_at": iso(record.since)}
    return canonical({**compiled(edition), **since, "calendar": record.calendar}).encode() + b"\n"


def strange(desk: Desk, scope: Scope) -> Refusal | None:
    """The refusal where a task is asked for that is not there."""
    for task in scope.tasks:
        if desk.store.task(task) is None:
            return Refusal("unknown_task", {"task": task})
    return None


def verifier() -> bytes:
    """The verifier that goes with a package, to the byte."""
    return files("workflows.packaging").joinpath(VERIFIER).read_bytes()


def noted(desk: Desk, actor: str, scope: Scope, told: Books) -> str:
    """Put on record who takes what, with the digests of what a verifier will rely on; returns the event's name."""
    what = {
        "tasks": list(scope.tasks),
        "until": scope.until and iso(scope.until),
        "compiled": told.digests,
        "verifier": sha256(verifier()).hexdigest(),
    }
    return note_taken(desk, actor, "RecordPackaged", **what)


def written(desk: Desk, moment: Moment, bag: Bag, scope: Scope, known: Books, ref: str, told: Told) -> Taken:
    """Write everything into a bag."""
    gathered = Gathered()
    bag.write("data/events.ndjson", events(moment, scope, known.editions, gathered, told))
    for name, record in known.records.items():
        bag.write(f"data/editions/{name}.yaml", [record.text.encode()])
        bag.write(f"data/editions/{name}.json", [known.texts[name]])
    for digest, text in moment.calendars().items():
        bag.write(f"data/calendars/{digest}.json", [text.encode()])
    _boards(desk, moment, bag, scope, gathered)
    missing = _files(moment, bag, gathered)
    sealed = moment.sealed()
    leaves = _tree(bag, sealed)
    head = _head(desk, scope, gathered, ref, missing, leaves)
    bag.write("data/package.json", [canonical(head).encode() + b"\n"])
    for lang, page in PAGES.items():
        bag.write(page, [description(lang, head, sorted(known.records)).encode()])
    bag.write(VERIFIER, [verifier()])
    bag.close(_told(head))
    return Taken(ref, gathered.events, len(gathered.streams), len(gathered.files), leaves, bag.bytes)


def _boards(desk: Desk, moment: Moment, bag: Bag, scope: Scope, gathered: Gathered) -> None:
    last = gathered.last if scope.until is None else scope.until
    if gathered.first is None or last is None or not gathered.tasks:
        return
    tasks = gathered.tasks if scope.tasks else None
    for at in month_ends(gathered.first, last, desk.zone):
        day = at.astimezone(desk.zone).date().isoformat()
        bag.write(f"data/boards/{day}.json", [canonical(board(moment, at, last, tasks)).encode() + b"\n"])


def _files(moment: Moment, bag: Bag, gathered: Gathered) -> list[str]:
    """Write what is named, and every version of every template; returns the digests that the database lacks, less those
    that were erased.
    """
    templates = moment.templates()
    rows = [
        {"process": t.process, "name": t.name, "digest": t.digest, "kept_by": t.kept_by, "kept_at": iso(t.kept_at)}
        for t in templates
    ]
    bag.write("data/templates.json", [canonical(rows).encode() + b"\n"])
    missing = []
    for digest in sorted({*gathered.files, *(t.digest for t in templates)}):
        content = moment.file(digest)
        if content is None and digest not in gathered.erased:
            missing.append(digest)
        elif content is not None:
            bag.write(f"data/files/{digest}", [content])
    return missing


def _tree(bag: Bag, sealed: Sealed) -> int:
    """Write leaves and heads, where there are any; returns how many leaves."""
    leaves = iter(sealed.leaves)
    first = next(leaves, None)
    if first is None:
        return 0
    count = 0

    def lines() -> Iterator[bytes]:
        nonlocal count
        for stream, seq, link in chain([first], leaves):
            count += 1
            yield leaf_text(stream, seq, link)

    bag.write("data/tree/leaves.txt", lines())
    for note in sealed.notes:
        bag.write(f"data/tree/{note.tree}/{note.size:012d}.txt", [note.text.encode()])
    bag.write("data/tree/keys.json", [canonical(dict(sealed.keys)).encode() + b"\n"])
    return count


def _head(desk: Desk, scope: Scope, gathered: Gathered, ref: str, missing: list[str], leaves: int) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "taken": ref,
        "purpose": desk.store.note(PURPOSE) or "live",
        "tasks": list(scope.tasks),
        "until": scope.until and iso(scope.until),
        "zone": str(desk.zone),
        "first": gathered.first and iso(gathered.first),
        "last": gathered.last and iso(gathered.last),
        "streams": dict(gathered.streams),
        "missing_files": missing,
        "erased_since": list(gathered.since),
        "leaves": leaves,
    }


def _told(head: Mapping[str, Json]) -> dict[str, str]:
    return {
        "Source-Organization": "Duban",
        "External-Description": "Audit package; see README.zh.md and README.en.md",
        "External-Identifier": str(head["taken"]),
        "Bagging-Date": str(head["last"] or "")[:10] or "1970-01-01",
    }
