#!/usr/bin/env python3
"""Verify an audit package of Duban (督办审计包), offline: this file needs Python 3.10 or later, and nothing else.

    python3 verify_package.py [PACKAGE] [--key TEXT] [--head FILE …] [--lang zh|en|both] [--json]
    python3 verify_package.py proof FILE --key TEXT [--head FILE …] [--lang zh|en|both] [--json]

The second needs no package: FILE is a proof that was handed out, that an event stands in the tree, that one signed head
goes on from another, or a receipt. The answer is 0, 1 or 2 likewise.

PACKAGE is the folder or the .zip; without it, the folder in which this file stands. The answer is 0 where everything
holds, 1 where something does not, 2 where there is nothing to verify. What is checked, part by part:

    bag        every file is the one that the manifests name (BagIt, RFC 8493)
    editions   every text and its compiled form are those that were recorded
    events     every event hashes to what the next one names, stream by stream
    history    every act was legal under the edition in force: who, from where, by which guards, to where; guards are
               evaluated again on what they saw; deadlines passed when they were due
    files      every file that is named is there, to the byte; no number of a document is missing
    boards     every board is what the events say
    tree       every event stands in the tree; every signed head is one of this tree

A part that rests on one that does not hold is not checked, and says so. Whoever distrusts the package distrusts this
file in it too: take it from elsewhere, or read it; the format is described in docs/audit-package.md.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

FORMAT, PERSONAL, GENESIS = "duban-package/1", "<personal>", "0" * 64
RESTS_ON = {
    "bag": (),
    "events": (),
    "editions": ("events",),
    "history": ("editions",),
    "files": ("events",),
    "boards": ("history",),
    "tree": ("events",),
}
MALFORMED = (
    KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError, OverflowError, zipfile.BadZipFile,
)  # fmt: skip
"""What data that is not of the right shape raises: then it is wrong, not this program."""


class Wrong(Exception):
    """Something does not hold: a sentence of `SAY`, and what it speaks of."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass
class Report:
    """What was found: per part the findings as (place, code, facts); what was not checked; what should be known."""

    found: dict[str, list[tuple[str, str, dict[str, Any]]]] = field(default_factory=lambda: {p: [] for p in RESTS_ON})
    skipped: list[str] = field(default_factory=list)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def add(self, part: str, place: str, code: str, **facts: Any) -> None:
        """Something does not hold."""
        self.found[part].append((place, code, facts))

    def wrong(self, part: str, place: str, error: BaseException) -> None:
        """The same, from what was raised."""
        if isinstance(error, Wrong):
            self.add(part, place, error.code, **error.facts)
        else:
            self.add(part, place, "malformed", why=f"{type(error).__name__}: {error}")

    @property
    def failed(self) -> list[str]:
        """The parts that do not hold."""
        return [part for part, found in self.found.items() if found]


def told(holds: object, code: str, **facts: Any) -> None:
    """Raise `Wrong` unless something holds."""
    if not holds:
        raise Wrong(code, **facts)


def canonical(value: Any) -> str:
    """The one text of a value: keys sorted, no white space."""
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


# -- bounds: nobody waits, or runs out of memory, because of what a package holds

MOST_WHOLE, MOST_LINE = 64 << 20, 16 << 20
"""Bytes of a file that is read whole, and of a line of one that is read line by line."""
MOST_TIMES = 200
"""So many times its own bytes the files of a zip may have together."""
MOST_DEEP, MOST_DIGITS = 200, 40
"""Levels of JSON, and characters of a number in it."""
MOST_TURNS, MOST_VALUE = 100_000, 1_000_000
"""Turns of the comprehensions of one guard together, and characters or members of a value that it puts together."""


def parsed(text: str) -> Any:
    """What JSON says. Raises `Wrong` where it is deeper, or has longer numbers, than any that Duban writes."""
    if text.count("{") + text.count("[") > MOST_DEEP:
        told(deepest(text) <= MOST_DEEP, "too_deep", most=MOST_DEEP)
    return _DECODER.decode(text)


def deepest(text: str) -> int:
    """How many levels JSON has, at most."""
    depth = most = 0
    for match in _BRACKETS.finditer(text):
        if match[0] in "[{":
            depth += 1
            most = max(most, depth)
        elif match[0] in "]}":
            depth -= 1
    return most


_BRACKETS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
"""A text, to the end where nobody closes it: so that every character is looked at once."""


def _whole_number(digits: str) -> int:
    told(len(digits) <= MOST_DIGITS, "too_long", most=MOST_DIGITS)
    return int(digits)


def _real_number(digits: str) -> float:
    told(len(digits) <= MOST_DIGITS, "too_long", most=MOST_DIGITS)
    return float(digits)


def _no_number(name: str) -> None:
    raise Wrong("no_number", name=name)


_DECODER = json.JSONDecoder(parse_int=_whole_number, parse_float=_real_number, parse_constant=_no_number)


# -- the bag


class Bag:
    """The files of a package by their paths in it, from a folder or from a zip with one folder at its top. `faults` are
    what makes it none that can be read: (place, code, facts).
    """

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path) if path.is_file() else None
        self._paths: dict[str, Any] = {}
        self.sizes: dict[str, int] = {}
        self.faults: list[tuple[str, str, dict[str, Any]]] = []
        for name, size, where in self._packed(path) if self._zip else self._lying(path):
            if name in self._paths:
                self.fault(name, "twice", name=name)
            self._paths[name], self.sizes[name] = where, size
        for name in sorted(self.names):
            if self.sizes[name] > MOST_WHOLE and not name.startswith(STREAMED):
                self.fault(name, "too_large", most=MOST_WHOLE)

    def fault(self, place: str, code: str, **facts: Any) -> None:
        """Something makes it a package that is not to be read."""
        self.faults.append((place, code, facts))

    def _packed(self, path: Path) -> Iterator[tuple[str, int, Any]]:
        """The files of a zip: plain ones below one folder, by names that mean the same everywhere."""
        assert self._zip is not None
        entries, top = self._zip.infolist(), None
        if sum(entry.file_size for entry in entries) > MOST_TIMES * path.stat().st_size:
            self.fault(path.name, "bomb", most=MOST_TIMES)
        for entry in entries:
            first, *rest = entry.filename.removesuffix("/").split("/")
            top = first if top is None else top
            strange = {"", ".", ".."} & {first, *rest} or re.search(r"[\\\x00]", entry.orig_filename)
            if strange or first != top or not (rest or entry.is_dir()):
                self.fault(entry.filename, "no_path")
            elif entry.external_attr >> 28 not in PLAIN or entry.flag_bits & 1 or entry.compress_type not in PACKED:
                self.fault(entry.filename, "no_plain_file")
            elif not entry.is_dir():
                yield "/".join(rest), entry.file_size, entry

    def _lying(self, path: Path) -> Iterator[tuple[str, int, Any]]:
        """The files of a folder: none of them is a link, or anything else that leads elsewhere."""
        for found in sorted(path.rglob("*")):
            name = found.relative_to(path).as_posix()
            if found.is_symlink() or not (found.is_file() or found.is_dir()):
                self.fault(name, "no_plain_file")
            elif found.is_file():
                yield name, found.stat().st_size, found

    @property
    def names(self) -> set[str]:
        """All paths; what Python leaves behind when it runs this file is no part of it."""
        return {name for name in self._paths if not name.startswith("__pycache__/")}

    def under(self, folder: str, end: str = "") -> list[str]:
        """The paths below a folder, in order."""
        return sorted(name for name in self.names if name.startswith(folder) and name.endswith(end))

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, a piece at a time. Raises `Wrong` where they cannot be read."""
        try:
            with self._zip.open(self._paths[name]) if self._zip else open(self._paths[name], "rb") as file:
                while piece := file.read(1 << 20):
                    yield piece
        except UNREADABLE as error:
            raise Wrong("unreadable", why=f"{type(error).__name__}: {error}") from error

    def read(self, name: str) -> bytes:
        """The bytes of a file. Raises KeyError where there is none."""
        return b"".join(self.pieces(name))

    def json(self, name: str) -> Any:
        """What a file of JSON says, which must be canonical, so that it says the same to everybody."""
        text = self.read(name).decode()
        value = parsed(text)
        told(canonical(value) + "\n" == text, "not_canonical", what="JSON")
        return value

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file, without their ends. Raises `Wrong` at one that is too long."""
        rest = b""
        for piece in self.pieces(name):
            *whole, rest = (rest + piece).split(b"\n")
            told(all(len(line) <= MOST_LINE for line in (*whole, rest)), "long_line", most=MOST_LINE)
            yield from whole
        if rest:
            yield rest

    def digest(self, name: str) -> str:
        """The SHA-256 of a file."""
        found = hashlib.sha256()
        for piece in self.pieces(name):
            found.update(piece)
        return found.hexdigest()


STREAMED = ("data/events.ndjson", "data/tree/leaves.txt", "data/files/")
"""Files that are never read whole."""
PLAIN, PACKED = (0, 4, 8), (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What an entry of a zip may be (of no kind, a folder, a file), and how it may be packed."""
UNREADABLE = (OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error)
PLACES = re.compile(
    r"bagit\.txt|bag-info\.txt|(?:tag)?manifest-sha256\.txt|verify_package\.py|README\.(?:zh|en)\.md"
    r"|data/(?:package\.json|events\.ndjson|templates\.json|editions/[^/]+\.(?:yaml|json)|calendars/[0-9a-f]{64}\.json"
    r"|files/[0-9a-f]{64}|boards/[0-9]{4}-[0-9]{2}-[0-9]{2}\.json"
    r"|tree/(?:leaves\.txt|keys\.json|(?:sha256|sm3)/[0-9]{12,19}\.txt))"
)
"""Every place that the format has; what stands elsewhere is nobody's word."""


def check_bag(bag: Bag, report: Report) -> bool:
    """Both manifests name every file, each with its digest; nothing else is there. Whether there is anything that can
    be read.
    """
    for place, code, facts in bag.faults:
        report.add("bag", place, code, **facts)
    digests = {} if bag.faults else _digests(bag, report)
    if len(digests) < len(bag.names):
        return False
    _check_manifests(bag, report, digests)
    return True


def _digests(bag: Bag, report: Report) -> dict[str, str]:
    """The SHA-256 of every file that can be read."""
    found = {}
    for name in sorted(bag.names):
        try:
            found[name] = bag.digest(name)
        except Wrong as error:
            report.wrong("bag", name, error)
    return found


def _check_manifests(bag: Bag, report: Report, digests: Mapping[str, str]) -> None:
    if "bagit.txt" not in bag.names or not bag.read("bagit.txt").startswith(b"BagIt-Version: 1.0\n"):
        report.add("bag", "bagit.txt", "no_bag")
    for name in sorted(bag.names):
        if not PLACES.fullmatch(name):
            report.add("bag", name, "stray")
    tags = {name for name in bag.names if not name.startswith("data/")} - {"tagmanifest-sha256.txt"}
    for manifest, expected in (
        ("manifest-sha256.txt", {name for name in bag.names if name.startswith("data/")}),
        ("tagmanifest-sha256.txt", tags),
    ):
        try:
            named = dict(manifest_lines(bag, manifest))
        except (Wrong, *MALFORMED) as error:
            report.wrong("bag", manifest, error)
            continue
        for name in sorted(expected - set(named)):
            report.add("bag", name, "unlisted", manifest=manifest)
        for name, digest in sorted(named.items()):
            if name not in expected:
                report.add("bag", name, "not_there", manifest=manifest)
            elif digests[name] != digest:
                report.add("bag", name, "other_bytes")


def manifest_lines(bag: Bag, manifest: str) -> Iterator[tuple[str, str]]:
    """Paths and digests; a path stands once."""
    seen = set()
    for line in bag.lines(manifest):
        match = re.fullmatch(r"([0-9a-f]{64})  (\S.*)", line.decode())
        told(match, "manifest_line", line=line.decode()[:80])
        assert match is not None
        name = match[2].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
        told(name not in seen, "twice", name=name)
        seen.add(name)
        yield name, match[1]


# -- editions


TEXT, MAYBE, FLAG = "a text", "a text or null", "true or false"
BODY: Node = {
    "initial": TEXT,
    "states": {"*": {"final": FLAG}},
    "registrars": [TEXT],
    "transitions": {"*": {
        "from": [TEXT], "by": [{"role": TEXT, "not": MAYBE}], "when": MAYBE, "to": [{"state": TEXT, "when": MAYBE}],
        "set": [TEXT],
    }},
    "signals": [{"colour": TEXT, "when": TEXT}],
    "deadlines": {"*": {"states_day": FLAG}},
    "fields": {"*": TEXT},
    "forms": {"*": TEXT},
    "children": [TEXT],
    "cancelled": MAYBE,
    "personal": [TEXT],
    "personal_plan": FLAG,
    "title": MAYBE,
    "unit": MAYBE,
    "expressions": {"*": {"node": TEXT}},
}  # fmt: skip
SHAPE: Node = {
    "process": TEXT, "edition": TEXT, "digest": TEXT, "roles": {"*": {"unit": MAYBE}}, "parameters": {},
    "bodies": {"*": BODY},
}  # fmt: skip
"""The shape of a compiled edition: an object with these members and perhaps others; `*` stands for every member."""


def shaped(value: Any, shape: Any, place: str = "") -> None:
    """Raise `Wrong` where a value is not of a shape."""
    match shape:
        case dict():
            told(type(value) is dict, "shape", member=place, wanted="{}")
            names = value if "*" in shape else shape
            told(set(names) <= set(value), "shape", member=place, wanted=", ".join(sorted(set(names) - set(value))))
            for name in names:
                shaped(value[name], shape["*"] if "*" in shape else shape[name], f"{place}/{name}")
        case list():
            told(type(value) is list, "shape", member=place, wanted="[]")
            for number, item in enumerate(value):
                shaped(item, shape[0], f"{place}/{number}")
        case _:
            fits = type(value) is bool if shape == FLAG else type(value) is str or (shape == MAYBE and value is None)
            told(fits, "shape", member=place, wanted=shape)


def check_editions(
    bag: Bag, report: Report, recorded: Mapping[str, str], published: Mapping[str, str]
) -> dict[str, Any]:
    """Every edition: its text is the one with the digest, and the one that was published; its compiled form is the one
    that was recorded when the package was taken. Returns the compiled ones by name.
    """
    editions = {}
    for path in bag.under("data/editions/", ".json"):
        name = path.removeprefix("data/editions/").removesuffix(".json")
        try:
            book = bag.json(path)
            shaped(book, SHAPE)
            told(f"{book['process']}@{book['edition']}" == name, "misnamed", name=name)
            text = f"data/editions/{name}.yaml"
            told(text in bag.names and bag.digest(text) == book["digest"], "other_text")
            told(published.get(name, book["digest"]) == book["digest"], "not_published")
            told(recorded.get(name) == bag.digest(path), "other_compiled")
            editions[name] = book
        except (Wrong, *MALFORMED) as error:
            report.wrong("editions", path, error)
    for path in bag.under("data/editions/", ".yaml"):
        if path.removesuffix("yaml") + "json" not in bag.names:
            report.add("editions", path, "unnamed")
    for name in sorted(set(recorded) - set(editions)):
        report.add("editions", name, "no_edition", edition=name)
    for path in bag.under("data/calendars/"):
        if bag.digest(path) != path.removeprefix("data/calendars/").removesuffix(".json"):
            report.add("editions", path, "other_bytes")
    return editions


# -- events


@dataclass(frozen=True)
class Event:
    """An event, read. `hidden` are its withheld lines as (part, name); `names` says that it may name files."""

    stream: str
    seq: int
    header: dict[str, Any]
    payload: dict[str, Any]
    hash: str
    hidden: tuple[tuple[str, str | None], ...]
    names: bool = True

    @property
    def ref(self) -> str:
        """Its name."""
        return f"{self.stream}#{self.seq}"


COLUMNS = {"stream", "seq", "header", "payload", "salts", "prev", "hash"}


def streams(bag: Bag, report: Report) -> Iterator[tuple[str, list[Event]]]:
    """Every stream with its events."""
    seen: set[str] = set()
    for stream, rows in groupby(_rows(bag, report), key=lambda row: row["stream"]):
        if stream in seen:
            report.add("events", stream, "scattered")
        seen.add(stream)
        yield stream, list(_chain(rows, report))


def _rows(bag: Bag, report: Report) -> Iterator[dict[str, Any]]:
    for number, line in _numbered(bag, "data/events.ndjson", report, "events"):
        try:
            yield row_of(line)
        except (Wrong, *MALFORMED) as error:
            report.wrong("events", f"events.ndjson:{number}", error)


def _numbered(bag: Bag, name: str, report: Report, part: str) -> Iterator[tuple[int, bytes]]:
    """The lines of a file by their numbers, as far as they can be read."""
    try:
        yield from enumerate(bag.lines(name), 1)
    except Wrong as error:
        report.wrong(part, name, error)


def row_of(line: str | bytes) -> dict[str, Any]:
    """An event as a line of `events.ndjson` holds it."""
    row: dict[str, Any] = parsed(line if isinstance(line, str) else line.decode())
    texts = COLUMNS - {"seq"}
    told(set(row) == COLUMNS and all(type(row[name]) is str for name in texts), "no_event")
    told(type(row["seq"]) is int, "no_event")
    return row


def _chain(rows: Iterable[dict[str, Any]], report: Report) -> Iterator[Event]:
    prev, seq, recorded = GENESIS, 0, ""
    for row in rows:
        place = f"{row['stream']}#{row['seq']}"
        try:
            told(row["seq"] == seq + 1, "gap", expected=seq + 1)
            told(row["prev"] == prev, "unchained")
            told(row["hash"] == link(row), "altered")
            event = read(row)
            told(event.header["recorded_at"] >= recorded, "backwards", before=recorded)
            recorded = event.header["recorded_at"]
            yield event
        except (Wrong, *MALFORMED) as error:
            report.wrong("events", place, error)
        prev, seq = row["hash"], row["seq"]


def link(row: Mapping[str, str]) -> str:
    """The hash of an event: over the hash before, the header, and a digest for each line of the payload, which is
    that of the line under its salt (32 digits) or, where the line is withheld, stands in the salt's place (64).
    """
    found = hashlib.sha256((row["prev"] + row["header"]).encode())
    lines, salts = row["payload"].split("\n"), row["salts"].split(" ")
    told(len(lines) == len(salts), "salts")
    for line, salt in zip(lines, salts):
        told(re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{64}", salt), "salts")
        found.update(bytes.fromhex(salt) if len(salt) == 64 else hashlib.sha256((salt + line).encode()).digest())
    return found.hexdigest()


def read(row: Mapping[str, Any]) -> Event:
    """An event from its texts, which must be canonical, so that nothing in them can be read in two ways."""
    header, payload = parsed(row["header"]), parsed(row["payload"])
    told(canonical(header) == row["header"], "not_canonical", what="header")
    told(canonical(payload) == row["payload"].replace("\n", ""), "not_canonical", what="payload")
    told((header["task"], header["seq"], header["v"]) == (row["stream"], row["seq"], 1), "other_place")
    texts = ("type", "occurred_at", "recorded_at", "actor", "cause", "edition")
    told(all(type(header[name]) is str for name in texts) and type(payload) is dict, "no_event")
    names = '"digest"' in row["payload"]
    return Event(row["stream"], row["seq"], header, payload, row["hash"], tuple(withheld(row)), names)


def withheld(row: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    """The withheld lines, by the part of the payload and the name in it. Each is the stand-in and nothing else."""
    salts = row["salts"].split(" ")
    if all(len(salt) == 32 for salt in salts):
        return
    part, inside = "", False
    for line, salt in zip(row["payload"].split("\n"), salts):
        apart = bool(part) and not (inside and line.startswith("}"))
        if len(salt) == 64:
            match = re.fullmatch(r'(?:("(?:[^"\\]|\\.)*"):)?"<personal>",?', line)
            told(apart and match and (match[1] is not None) == inside, "stand_in")
            assert match is not None
            yield part, json.loads(match[1]) if inside else None
        if apart and inside:
            continue
        opens = None if apart else re.search(r'"(\w+)":(\{?)$', line)
        part, inside = (opens[1], opens[2] == "{") if opens else ("", False)


# -- guards: a small interpreter of syntax trees


class Fault(Exception):
    """An expression has no value: something in it is not there, or does not fit. An error is never false."""


class Unknown(Exception):
    """A function that this interpreter does not have."""


def number(value: Any) -> float:
    """A number; numbers are kept as texts."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise Fault("no number")
    return float(value)


def shown(value: Any) -> str:
    """A value as it stands in the label of a call: whole numbers without a point, texts in quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    return repr(value)


def seen(value: Any, kind: str) -> Any:
    """An operand of a kind as it was kept."""
    if value is None:
        raise Fault("not set")
    if kind == "number":
        return number(value)
    return {key: number(item) for key, item in value.items()} if kind == "numbers by key" else value


Node = Mapping[str, Any]


class Operands(dict[str, Any]):
    """What a guard saw, and how many turns its comprehensions have taken."""

    turns = 0


def evaluate(node: Node, saw: Operands, local: Mapping[str, Any]) -> Any:
    """The value of a syntax tree on the operands that were kept. `local` are the variables of comprehensions."""
    kind = node["node"]
    if kind == "const":
        value = node["value"]
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if kind == "ident":
        name = node["name"]
        if name in local:
            return value_of(local[name])
        if name not in saw:
            raise Fault(name)
        return seen(saw[name], node.get("kind", ""))
    if kind == "select":
        row = evaluate(node["operand"], saw, local)
        if node["test"]:
            return row.get(node["field"]) is not None
        if row.get(node["field"]) is None:
            raise Fault(node["field"])
        return row[node["field"]]
    if kind == "list":
        members = [evaluate(item, saw, local) for item in node["elements"]]
        told(not any(_nested(each) for each in members), "too_deep", most=2)
        return members
    if kind == "map":
        return {evaluate(e["key"], saw, local): evaluate(e["value"], saw, local) for e in node["entries"]}
    return folded(node, saw, local) if kind == "comprehension" else called(node, saw, local)


def _nested(value: Any) -> bool:
    """Whether a value is a list with a list in it: no guard has such, and it could double with every turn."""
    return isinstance(value, list) and any(isinstance(each, list) for each in value)


def value_of(held: Any) -> Any:
    """A variable of a comprehension: a value, or the fault with which its computation ended."""
    if isinstance(held, Fault):
        raise held
    return held


def folded(node: Node, saw: Operands, local: Mapping[str, Any]) -> Any:
    """A comprehension: a fold over a list, or the keys of a map. What fails on the way is kept, and may be absorbed."""
    here = {**local, node["accumulator"]: tried(node["initial"], saw, local)}
    for item in evaluate(node["range"], saw, local):
        saw.turns += 1
        told(saw.turns <= MOST_TURNS, "too_many_turns", most=MOST_TURNS)
        here[node["variable"]] = item
        if tried(node["condition"], saw, here) is False:
            break
        here[node["accumulator"]] = tried(node["step"], saw, here)
    return evaluate(node["result"], saw, here)


def tried(node: Node, saw: Operands, local: Mapping[str, Any]) -> Any:
    """The value of a tree, or the fault."""
    try:
        return evaluate(node, saw, local)
    except Fault as fault:
        return fault


def called(node: Node, saw: Operands, local: Mapping[str, Any]) -> Any:
    """A call: logic may absorb a fault, what the office's program answered was kept, the rest is computed."""
    function, arguments = node["function"], node["arguments"]
    if function in ("_&&_", "_||_"):
        return logic(function == "_||_", [tried(side, saw, local) for side in arguments])
    if function == "_?_:_":
        return evaluate(arguments[1 if evaluate(arguments[0], saw, local) is True else 2], saw, local)
    if function == "@not_strictly_false":
        return tried(arguments[0], saw, local) is not False
    if function == "has":
        return saw[f"has({arguments[0]['name']})"]
    values = [evaluate(argument, saw, local) for argument in arguments]
    if "kind" in node:
        label = f"{function}({', '.join(map(shown, values))})"
        if label not in saw:
            raise Fault(label)
        return seen(saw[label], node["kind"])
    if function not in BUILT_IN:
        raise Unknown(function)
    return BUILT_IN[function](*alike(function, values))


def logic(decides: bool, sides: list[Any]) -> bool:
    """Either side decides alone, whatever the other is."""
    if any(side is decides for side in sides):
        return decides
    for side in sides:
        value_of(side)
    return not decides


def alike(function: str, values: list[Any]) -> list[Any]:
    """Cells of rows are kept as texts: beside a number they are one."""
    if len(values) == 2 and any(isinstance(v, float) for v in values) and function not in ("@in", "_[_]"):
        return [number(v) if isinstance(v, str) and _NUMBER.fullmatch(v) else v for v in values]
    return values


_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?")


def added(a: Any, b: Any) -> Any:
    """A sum; texts and lists that are put together are bounded, for a comprehension doubles one with every turn."""
    if isinstance(a, (str, list)) and isinstance(b, (str, list)):
        told(len(a) + len(b) <= MOST_VALUE, "too_much", most=MOST_VALUE)
    return a + b


def divided(a: Any, b: Any) -> Any:
    """A division by zero has no value."""
    if b == 0:
        raise Fault("division by zero")
    return a / b


def at(held: Any, key: Any) -> Any:
    """A member of a map or of a list."""
    if isinstance(held, Mapping):
        if key not in held:
            raise Fault(str(key))
        return held[key]
    if not 0 <= key < len(held) or key != int(key):
        raise Fault(str(key))
    return held[int(key)]


BUILT_IN: Mapping[str, Callable[..., Any]] = {
    "!_": lambda a: not a,
    "-_": lambda a: -a,
    "_==_": lambda a, b: a == b,
    "_!=_": lambda a, b: a != b,
    "_<_": lambda a, b: a < b,
    "_<=_": lambda a, b: a <= b,
    "_>_": lambda a, b: a > b,
    "_>=_": lambda a, b: a >= b,
    "_+_": added,
    "_-_": lambda a, b: a - b,
    "_*_": lambda a, b: a * b,
    "_/_": divided,
    "@in": lambda a, b: a in b,
    "_[_]": at,
    "count": lambda a: float(len(a)),
    "double": number,
    "string": lambda a: a if isinstance(a, str) else shown(a),
    "contains": lambda a, b: b in a,
    "startsWith": lambda a, b: a.startswith(b),
    "endsWith": lambda a, b: a.endswith(b),
}


# -- history: one task lived again


OPEN, OWED = ("running", "paused"), ("running", "paused", "missed")
KEPT = ("state", "fields", "milestones", "deadlines", "fired")
MOVED = (*KEPT, "edition", "ended", "signal", "children", "before")


@dataclass
class Life:
    """A task as its events tell it so far."""

    id: str
    kind: str
    parent: str | None
    part_of: str | None
    edition: str
    state: str
    fields: dict[str, Any]
    milestones: dict[str, Any]
    was: str = ""
    ended: bool = False
    signal: str | None = None
    deadlines: dict[str, Any] = field(default_factory=dict)
    fired: dict[str, list[list[str]]] = field(default_factory=dict)
    children: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] | None = None
    way_back: dict[str, Any] | None = None
    steps: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    def kept(self, names: Iterable[str]) -> dict[str, Any]:
        """What can be gone back to."""
        return {name: getattr(self, name) for name in names}

    def become(self, values: Mapping[str, Any]) -> None:
        """Be so again."""
        for name, value in values.items():
            setattr(self, name, value)


@dataclass
class History:
    """The lives of all tasks, and what an event may name."""

    editions: Mapping[str, Any]
    calendars: set[str]
    lengths: dict[str, int]
    whole: bool
    lives: dict[str, Life] = field(default_factory=dict)
    opened: dict[str, str] = field(default_factory=dict)
    causes: list[tuple[str, str]] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    orders: Mapping[str, Any] = field(default_factory=dict)
    erased: dict[tuple[str, int, Any, Any], int] = field(default_factory=dict)
    hidden: set[tuple[str, int, Any, Any]] = field(default_factory=set)

    def body(self, life: Life) -> Any:
        """The rules of a task now."""
        return self.editions[life.edition]["bodies"][life.kind]


def live(history: History, events: list[Event], report: Report) -> None:
    """Live one task again; each event is judged, then obeyed. What cannot be obeyed ends it."""
    life: Life | None = None
    named_as_erased(history, events)
    for event in events:
        try:
            common(history, event)
            if life is None:
                life = registered(history, event)
            else:
                JUDGE.get(event.header["type"], noted)(history, life, event)
        except (Wrong, *MALFORMED) as error:
            report.wrong("history", event.ref, error)
        try:
            told(life is not None, "unregistered")
            assert life is not None
            obey(life, event)
        except (Wrong, *MALFORMED) as error:
            report.wrong("history", event.ref, error)
            return
        show(history, life, event)


def common(history: History, event: Event) -> None:
    """What every event of a task must be: under a known edition, by a calendar that is here, led to by another event
    or the beginning of a decision; and personal lines alone are withheld.
    """
    header, command = event.header, event.payload.get("command")
    told(header["edition"] in history.editions, "no_edition", edition=header["edition"])
    book = history.editions[header["edition"]]
    if command is not None:
        told(command["edition"] == book["digest"], "other_edition", edition=header["edition"])
        told(command["calendar"] in history.calendars, "no_calendar", calendar=command["calendar"][:12])
        told(command["actor"]["id"] == header["actor"], "other_actor")
        told(not header["cause"] or header["type"] in LATER, "uncaused")
        told(header["occurred_at"] <= command["at"], "future", at=command["at"])
    if header["cause"]:
        history.causes.append((event.ref, header["cause"]))
    kind = event.payload["kind"] if event.seq == 1 else history.lives[event.stream].kind
    body = book["bodies"][kind]
    for part, name in event.hidden:
        plan = part == "milestones" and body["personal_plan"]
        erased = history.erased.get((event.stream, event.seq, part, name), 0) > event.seq
        told(erased or plan or (part in ("fields", "form", "set") and name in body["personal"]), "withheld", name=name)


def named_as_erased(history: History, events: list[Event]) -> None:
    """Which lines of a task are withheld, and by which of its events each was erased, as far as they can be read."""
    for event in events:
        history.hidden.update((event.stream, event.seq, part, name) for part, name in event.hidden)
        for line in event.payload.get("lines") or () if event.header["type"] == "ValuesRedacted" else ():
            if isinstance(line, dict) and type(line.get("seq")) is int:
                place = (event.stream, line["seq"], str(line.get("part")), line.get("name"))
                if place[3] is None or isinstance(place[3], str):
                    history.erased[place] = event.seq


def redacted(history: History, life: Life, event: Event) -> None:
    """Values were erased: by an order that somebody else approved, before; and each line that is named is gone."""
    said, header = event.payload, event.header
    told(header["edition"] == life.edition, "other_edition", edition=header["edition"])
    told(said["command"]["do"] == "redact", "other_act", do=said["command"]["do"])
    order = history.orders.get(said["order"])
    told(order is not None and "by" in order, "no_order", order=said["order"])
    assert order is not None
    told(order["stream"] == event.stream and order["by"] == header["actor"], "no_order", order=said["order"])
    told(order["by"] != order["asked"] or order["alone"], "no_order", order=said["order"])
    told(order["at"] <= header["recorded_at"], "no_order", order=said["order"])
    told(set(said["files"]) <= set(order["files"]), "no_order", order=said["order"])
    for line in said["lines"]:
        place = (event.stream, line["seq"], line["part"], line["name"])
        before = type(line["seq"]) is int and line["seq"] < event.seq
        told(before and place in history.hidden, "not_gone", event=f"{event.stream}#{line['seq']}")


def registered(history: History, event: Event) -> Life:
    """A task enters in the initial state, or where an opening entry says; a child by its parent, a root by a person
    who may.
    """
    header, said = event.header, event.payload
    told(header["type"] == "TaskRegistered" and event.seq == 1, "unregistered")
    body = history.editions[header["edition"]]["bodies"][said["kind"]]
    life = Life(
        event.stream, said["kind"], said["parent"], said["part_of"], header["edition"], said["state"],
        said["fields"], said["milestones"],
    )  # fmt: skip
    history.lives[event.stream] = life
    if said["opening"] is None:
        told(said["state"] == body["initial"], "not_initial", state=said["state"])
    told(said["state"] in body["states"], "no_state", state=said["state"])
    told(
        set(said["fields"]) <= set(body["fields"]), "no_field", names=sorted(set(said["fields"]) - set(body["fields"]))
    )
    if said["parent"] is not None:
        told(header["cause"].rpartition("#")[0] == said["parent"], "not_by_parent", parent=said["parent"])
    else:
        command = said["command"]
        told(command["do"] == "register", "other_act", do=command["do"])
        roles = body["registrars"]
        told(not roles or "anyone" in roles or set(roles) & set(command["actor"]["roles"]), "role", roles=roles)
    return life


def fired(history: History, life: Life, event: Event) -> None:
    """An act: possible from there, by whoever did it, by guards that hold on what they saw, to where they lead."""
    said = event.payload
    told(said["from"] == life.state, "from", said=said["from"], state=life.state)
    body = history.body(life)
    told(event.header["edition"] == life.edition, "other_edition", edition=event.header["edition"])
    if said["trigger"] == "parent_ended":
        told(life.parent is not None and event.header["cause"] and said["to"] == body["cancelled"], "parent_ended")
        told(not said["guards"] and said["ended"] is True and not said["set"], "parent_ended")
        return
    rule = transition(body, life, said["trigger"])
    taken = branch_taken(history, life, event, rule)
    told(taken == said["branch"], "branch", said=said["branch"], taken=taken)
    leads = rule["to"][taken]["state"]
    to = life.state if leads == "stay" else leads
    told(said["to"] == to, "to", said=said["to"], to=to)
    told(said["ended"] is body["states"][to]["final"], "ended", state=to)
    told(set(said["set"]) <= set(rule["set"]), "set", names=sorted(set(said["set"]) - set(rule["set"])))
    by_whom(history, life, event, rule)


def corrected(history: History, life: Life, event: Event) -> None:
    """The last act is taken back: the record is again what it was before."""
    said, body = event.payload, history.body(life)
    told(said["from"] == life.state, "from", said=said["from"], state=life.state)
    told(event.header["edition"] == life.edition, "other_edition", edition=event.header["edition"])
    rule = transition(body, life, said["trigger"])
    taken = branch_taken(history, life, event, rule)
    told(rule["to"][taken]["state"] == "previous", "branch", said="previous", taken=taken)
    told(life.before is not None, "nothing_before")
    assert life.before is not None
    told(said["to"] == life.before["state"] and said["taken_back"] == life.before["trigger"], "not_before")
    told(all(alike_but_gone(said[name], life.before[name]) for name in ("fields", "milestones")), "not_before")
    by_whom(history, life, event, rule)


def alike_but_gone(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two records are the same, but for what is withheld of one of them."""
    names = set(one) | set(other)
    return all(
        PERSONAL in (one.get(n), other.get(n)) or (n in one and n in other and one[n] == other[n]) for n in names
    )


def transition(body: Node, life: Life, trigger: str) -> Any:
    """The rule of a trigger, which must start in the present state."""
    told(trigger in body["transitions"], "no_trigger", trigger=trigger)
    rule = body["transitions"][trigger]
    told(life.state in rule["from"], "not_from_here", trigger=trigger, state=life.state)
    return rule


def branch_taken(history: History, life: Life, event: Event, rule: Node) -> int:
    """The branch to which the guards lead, each tried in the order of the text, none left out, none added."""
    body, left = history.body(life), list(event.payload["guards"])
    if rule["when"] is not None:
        held = witnessed(history, life, event, body, left.pop(0) if left else None, "when", rule["when"])
        told(held, "guard_false", guard=rule["when"])
    for n, branch in enumerate(rule["to"]):
        if branch["when"] is None or witnessed(
            history, life, event, body, left.pop(0) if left else None, f"to[{n}]", branch["when"]
        ):
            told(not left, "guards_added")
            return n
    raise Wrong("no_branch")


def witnessed(history: History, life: Life, event: Event, body: Node, witness: Any, where: str, guard: str) -> bool:
    """What a guard came to, evaluated again on what it saw; what it saw must be what the record said then."""
    told(witness is not None and (witness["at"], witness["guard"]) == (where, guard), "guard_missing", guard=guard)
    told(witness["error"] is None, "guard_error", guard=guard)
    again(history, body, witness)
    operands(history, life, event, body, witness["saw"])
    return bool(witness["held"])


def again(history: History, body: Node, witness: Node) -> None:
    """Evaluate a guard again; one that failed then is failing now."""
    told((witness["held"] is None) == (witness["error"] is not None), "guard_error", guard=witness["guard"])
    try:
        value = evaluate(body["expressions"][witness["guard"]], Operands(witness["saw"]), {})
    except Fault as fault:
        told(witness["held"] is None, "guard_fails", guard=witness["guard"], why=str(fault))
        return
    except Unknown as unknown:
        history.unknown.add(str(unknown))
        return
    told(isinstance(value, bool) and value is witness["held"], "guard_other", guard=witness["guard"], value=value)


NUMBERS = ("integer", "decimal", "quantity", "money", "percent")


def operands(history: History, life: Life, event: Event, body: Node, saw: Mapping[str, Any]) -> None:
    """What a guard saw of the record, the form, parameters, and counts is what the events before say."""
    for name, value in saw.items():
        known = None if gone(life, event, name) else known_of(history, life, event, body, name)
        if known is not None:
            told(same(known[0], value), "operand", name=name, saw=value, was=known[0])


def gone(life: Life, event: Event, name: str) -> bool:
    """Whether an operand is a value that is withheld: what it was nobody here can say."""
    record, _, rest = name.partition(".")
    held = life.fields if record == "task" else event.payload.get("form", {}) if record == "form" else {}
    return bool(held.get(rest) == PERSONAL)


def known_of(history: History, life: Life, event: Event, body: Node, name: str) -> tuple[Any] | None:
    """The value of an operand as the record has it, in a tuple; None for one that is not worked out here."""
    record, _, rest = name.partition(".")
    if name == "state":
        return (life.state,)
    if record == "task" and rest in body["fields"]:
        return (field_seen(body["fields"][rest], life.fields.get(rest)),)
    if record == "form" and rest in body["forms"] and "form" in event.payload:
        return (field_seen(body["forms"][rest], event.payload["form"].get(rest)),)
    if record == "param":
        return (history.editions[life.edition]["parameters"].get(rest),)
    call = re.fullmatch(r"(\w+)\('([^'\\]*)'\)", name)
    count = COUNTS.get(call[1]) if call else None
    return None if count is None or call is None else (count(life, call[2]),)


def field_seen(kind: str, value: Any) -> Any:
    """A value of a field as guards see it."""
    if value is None:
        return None
    if kind in NUMBERS:
        return float(value["amount"] if isinstance(value, dict) else value)
    return [file["name"] for file in value] if kind == "files" else value


def same(known: Any, saw: Any) -> bool:
    """Numbers are kept with fifteen digits."""
    if isinstance(known, float):
        return isinstance(saw, str) and saw == f"{known:.15g}"
    return bool(known == saw) or isinstance(known, list)


def _statuses(life: Life, name: str, *statuses: str) -> float:
    return float(sum(one["name"] == name and one["status"] in statuses for one in life.deadlines.values()))


def _kin(life: Life, name: str, ended: bool | None) -> float:
    path = f"{life.kind}/{name}" if life.kind else name
    return float(sum(c["kind"] == path and ended in (None, c["ended"]) for c in life.children.values()))


COUNTS: Mapping[str, Callable[[Life, str], Any]] = {
    "fired": lambda life, name: float(len(life.fired.get(name, ()))),
    "missed": lambda life, name: _statuses(life, name, "missed"),
    "met": lambda life, name: _statuses(life, name, "met", "met_late"),
    "lapsed": lambda life, name: _statuses(life, name, "lapsed"),
    "running": lambda life, name: _statuses(life, name, *OPEN) > 0,
    "children": lambda life, name: _kin(life, name, None),
    "open_children": lambda life, name: _kin(life, name, ended=False),
}


def by_whom(history: History, life: Life, event: Event, rule: Node) -> None:
    """A person in a role that may, for a unit that is named, and not one who must not; or the system, by a cause."""
    header, command = event.header, event.payload.get("command")
    if header["cause"]:
        told(header["actor"] == "system", "not_system", actor=header["actor"])
        return
    told(command is not None and command["do"] == "fire", "uncaused")
    assert command is not None
    told(command["trigger"] == event.payload["trigger"], "other_act", do=command["trigger"])
    told(not rule["by"] or any(may(history, life, by, command["actor"]) for by in rule["by"]), "role",
         roles=[by["role"] for by in rule["by"]])  # fmt: skip


def may(history: History, life: Life, by: Node, actor: Node) -> bool:
    """Whether somebody acts in a role: unit and the other person as far as the record tells them."""
    if by["role"] == "anyone":
        return True
    if by["role"] not in actor["roles"]:
        return False
    bound = history.editions[life.edition]["roles"].get(by["role"], {}).get("unit") or ""
    name = bound.removeprefix("task.")
    if bound.startswith("task.") and name in history.body(life)["fields"]:
        value = life.fields.get(name)
        units = value if isinstance(value, list) else [value]
        if PERSONAL not in units and not set(units) & set(actor["units"]):
            return False
    other = re.fullmatch(r"actor_of\('([^'\\]*)'\)", by["not"] or "")
    firings = life.fired.get(other[1], []) if other else []
    return not (firings and firings[-1][1] == actor["id"])


def lit(history: History, life: Life, event: Event) -> None:
    """The light: the first rule that holds, none before it held."""
    said, body = event.payload, history.body(life)
    told(said["from"] == life.signal, "from", said=said["from"], state=life.signal)
    colour = "unknown"
    for n, witness in enumerate(said["guards"]):
        rule = body["signals"][n]
        told((witness["at"], witness["guard"]) == (f"signals[{n}]", rule["when"]), "guard_missing", guard=rule["when"])
        again(history, body, witness)
        operands(history, life, event, body, witness["saw"])
        last = n == len(said["guards"]) - 1
        told(last or witness["held"] is False, "guards_added")
        colour = rule["colour"] if witness["held"] is True else "unknown"
    decided = said["guards"] and said["guards"][-1]["held"] is not False
    told(decided or len(said["guards"]) == len(body["signals"]), "no_branch")
    told(said["to"] == colour, "to", said=said["to"], to=colour)


STATUSES = {
    "DeadlineStarted": (OPEN, None),
    "DeadlineMoved": (OWED, (*OWED, "lapsed")),
    "DeadlinePaused": (("paused",), OPEN),
    "DeadlineResumed": (("running",), OPEN),
    "DeadlineExtended": (OPEN, OWED),
    "DeadlineReminded": (OWED, OWED),
    "DeadlineMet": (("met", "met_late"), OWED),
    "DeadlineMissed": (("missed",), OPEN),
    "DeadlineLapsed": (("lapsed",), OPEN),
    "DeadlineCancelled": (("cancelled",), OWED),
    "DeadlineSuperseded": (("superseded",), OWED),
    "MissExcused": (("met",), ("missed", "lapsed")),
}
SAME_DATE = {"DeadlineReminded", "DeadlineMet", "DeadlineMissed", "DeadlineLapsed", "MissExcused"}


def due(history: History, life: Life, event: Event) -> None:
    """An occurrence of a deadline: its status follows from the last one, and it passed when it was due."""
    kind, now = event.header["type"], event.payload["occurrence"]
    rule = next((book["bodies"][life.kind]["deadlines"].get(now["name"]) for book in
                 (history.editions.get(name) for name in (life.edition, life.was)) if book
                 and now["name"] in book["bodies"].get(life.kind, {"deadlines": {}})["deadlines"]), None)  # fmt: skip
    told(rule is not None, "no_deadline", name=now["name"])
    assert rule is not None
    allowed, follows = STATUSES[kind]
    before = life.deadlines.get(f"{now['name']}/{now['key']}")
    told(now["status"] in allowed, "status", status=now["status"], type=kind)
    if follows is not None:
        told(before is not None and before["status"] in follows, "follows", status=before and before["status"])
        assert before is not None
        told(kind not in SAME_DATE or now.get("due_at") == before["due_at"], "other_date", due=now.get("due_at"))
    if kind in ("DeadlineMissed", "DeadlineLapsed"):
        told(now["due_at"] == event.header["due_at"] and now["due_at"] <= event.header["occurred_at"], "not_due",
             due=now["due_at"])  # fmt: skip
    if kind in ("DeadlineMet", "MissExcused"):
        told(now["met_at"] == event.header["occurred_at"], "met_at", met_at=now["met_at"])
        late = now.get("due_at") is not None and now["met_at"] >= now["due_at"]
        told(rule["states_day"] or late == (now["status"] == "met_late"), "late", status=now["status"])


def family(history: History, life: Life, event: Event) -> None:
    """A child opens or ends: it is of a kind that the body has."""
    said = event.payload
    told(said["kind"].rpartition("/")[2] in history.body(life)["children"], "no_kind", kind=said["kind"])
    if event.header["type"] == "ChildOpened":
        history.opened[said["child"]] = life.id


def migrated(history: History, life: Life, event: Event) -> None:
    """A task comes under another edition, in a state that it has."""
    said = event.payload
    told(said["from"] == life.state and said["was"] == life.edition, "from", said=said["from"], state=life.state)
    body = history.editions[event.header["edition"]]["bodies"][life.kind]
    told(said["to"] in body["states"], "no_state", state=said["to"])


def restored(_: History, life: Life, event: Event) -> None:
    """A migration is taken back: the task is as it was, while nothing has happened since."""
    told(life.way_back is not None, "nothing_before")
    assert life.way_back is not None
    told(event.payload["to"] == life.way_back["state"], "not_before")
    told(event.header["edition"] == life.way_back["edition"], "other_edition", edition=event.header["edition"])


def noted(history: History, life: Life, event: Event) -> None:
    """What changes nothing about a task must be of a type that is known."""
    told(event.header["type"] in NOTED, "no_type", type=event.header["type"])
    told(event.header["edition"] == life.edition, "other_edition", edition=event.header["edition"])


LATER = {"PublicationIssued", "PublicationVoided"}
"""What is decided by a command of its own, and yet follows from an event."""

NOTED = {"TriggerIgnored", "NoticeRaised", "PublicationOrdered", "PublicationIssued", "PublicationVoided"}
JUDGE: Mapping[str, Callable[[History, Life, Event], None]] = {
    "TriggerFired": fired,
    "ActCorrected": corrected,
    "SignalChanged": lit,
    "ChildOpened": family,
    "ChildEnded": family,
    "TaskMigrated": migrated,
    "TaskRestored": restored,
    "ValuesRedacted": redacted,
    **dict.fromkeys(STATUSES, due),
}


def obey(life: Life, event: Event) -> None:
    """Let a task be what the event says, legal or not."""
    kind, said = event.header["type"], event.payload
    command, back = said.get("command"), life.way_back
    present = command["at"] if command else said.get("now") or event.header["occurred_at"]
    if back is not None and back["at"] != present:
        life.way_back = None
    if kind == "TaskMigrated":
        life.way_back = {"at": present, **life.kept(MOVED)}
        _move(life, event)
    elif kind == "TaskRestored":
        told(back is not None, "nothing_before")
        assert back is not None
        life.become({name: back[name] for name in MOVED})
    else:
        OBEY.get(kind, _nothing)(life, event)


def _nothing(life: Life, event: Event) -> None:
    """What is only noted."""


def _act(life: Life, event: Event) -> None:
    said, trigger = event.payload, event.payload["trigger"]
    before = {**life.kept(KEPT), "trigger": trigger}
    firing = [event.header["occurred_at"], event.header["actor"]]
    life.fired = {**life.fired, trigger: [*life.fired.get(trigger, []), firing]}
    life.state, life.ended = said["to"], said["ended"]
    life.fields, life.milestones = {**life.fields, **said["set"]}, {**life.milestones, **said["milestones"]}
    if said["undo"] != "keep":
        life.before = before if said["undo"] == "new" else None


def _take_back(life: Life, event: Event) -> None:
    life.become({name: event.payload[name] for name in ("fields", "milestones", "deadlines", "fired")})
    life.state, life.ended, life.before = event.payload["to"], False, None


def _occur(life: Life, event: Event) -> None:
    one = event.payload["occurrence"]
    life.deadlines = {**life.deadlines, f"{one['name']}/{one['key']}": one}
    if event.header["type"] in ("DeadlineMissed", "DeadlineLapsed"):
        life.before = None


def _shine(life: Life, event: Event) -> None:
    life.signal = event.payload["to"]


def _bear(life: Life, event: Event) -> None:
    said, ended = event.payload, event.header["type"] == "ChildEnded"
    life.children = {**life.children, said["child"]: {"kind": said["kind"], "ended": ended}}


def _move(life: Life, event: Event) -> None:
    said = event.payload
    life.was, life.edition, life.state, life.before = life.edition, event.header["edition"], said["to"], None
    left = {name: value for name, value in life.fields.items() if name not in said["removed"]}
    life.fields = {**left, **said["set"]}
    gone = said.get("milestone_fields_removed", ())
    life.milestones = {key: without(row, gone) for key, row in life.milestones.items()}
    named = [{**one, "name": said["renamed"].get(one["name"], one["name"])} for one in life.deadlines.values()]
    life.deadlines = {f"{one['name']}/{one['key']}": one for one in named}


def without(row: Any, names: Iterable[str]) -> Any:
    """A row of a plan less these fields; one that is withheld is what it was."""
    return {name: value for name, value in row.items() if name not in names} if isinstance(row, dict) else row


OBEY: Mapping[str, Callable[[Life, Event], None]] = {
    "TriggerFired": _act,
    "ActCorrected": _take_back,
    "SignalChanged": _shine,
    "ChildOpened": _bear,
    "ChildEnded": _bear,
    **dict.fromkeys(STATUSES, _occur),
}


def show(history: History, life: Life, event: Event) -> None:
    """Keep how the task looks from the instant of the event on; of one instant only the last look counts."""
    body = history.editions.get(life.edition, {}).get("bodies", {}).get(life.kind, {})
    shown = [life.fields.get(body.get(name) or "") for name in ("title", "unit")]
    face = (life.state, life.signal, life.ended, *(None if v is None or v == PERSONAL else str(v) for v in shown))
    moment = event.header["occurred_at"]
    if life.steps and life.steps[-1][0] == moment:
        life.steps.pop()
    life.steps.append((moment, face))


def after_all(history: History, report: Report) -> None:
    """What needs all streams: causes are events, and every child that was opened was registered by its parent."""
    for ref, cause in history.causes:
        stream, _, seq = cause.rpartition("#")
        there = seq.isdigit() and 1 <= int(seq) <= history.lengths.get(stream, 0)
        later = stream == ref.rpartition("#")[0] and seq.isdigit() and int(seq) >= int(ref.rpartition("#")[2])
        if later or (not there and (history.whole or stream in history.lengths)):
            report.add("history", ref, "no_cause", cause=cause)
    for child, parent in history.opened.items():
        life = history.lives.get(child)
        if (life is None and history.whole) or (life is not None and life.parent != parent):
            report.add("history", child, "not_by_parent", parent=parent)


# -- files, documents, boards


def files_in(value: Any) -> Iterator[str]:
    """The digests of the files that a value names."""
    if isinstance(value, dict):
        if isinstance(value.get("name"), str) and set(value) <= {"name", "digest"}:
            if isinstance(value.get("digest"), str):
                yield value["digest"]
        else:
            for part in value.values():
                yield from files_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from files_in(part)


def check_files(
    bag: Bag, report: Report, named: Mapping[str, str], erased: set[str], serials: Mapping[Any, list[int]]
) -> None:
    """Files are under their digests, every named one is there that was not erased, and no other; numbers of documents
    have no gap.
    """
    try:
        templates = {row["digest"]: "templates.json" for row in bag.json("data/templates.json")}
    except (Wrong, *MALFORMED) as error:
        templates = {}
        report.wrong("files", "templates.json", error)
    wanted = {**templates, **named}
    for path in bag.under("data/files/"):
        digest = path.removeprefix("data/files/")
        if bag.digest(path) != digest:
            report.add("files", path, "other_bytes")
        if digest not in wanted:
            report.add("files", path, "unnamed")
    for digest, place in wanted.items():
        if f"data/files/{digest}" not in bag.names and (digest not in erased or digest in templates):
            report.add("files", place, "no_file", digest=digest)
    for (series, year), found in serials.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            report.add("files", f"{series} {year}", "numbers", found=sorted(found))


def check_boards(bag: Bag, report: Report, history: History) -> None:
    """Every board says what the events say: of each task the last look that begins at or before the instant."""
    for path in bag.under("data/boards/"):
        try:
            board = bag.json(path)
            told(on_day(board["at"], path.removeprefix("data/boards/").removesuffix(".json")), "other_day")
            rows = {row["task"]: row for row in board["rows"]}
            told(len(rows) == len(board["rows"]), "twice", name=path)
            expected = {task for task, life in history.lives.items() if as_of(life, board["at"])}
            told(set(rows) == expected, "board_tasks", names=sorted(set(rows) ^ expected)[:5])
            for task, row in rows.items():
                on_board(history.lives[task], row, board["at"])
        except (Wrong, *MALFORMED) as error:
            report.wrong("boards", path, error)


def on_day(instant: str, day: str) -> bool:
    """Whether an instant in UTC may be on a day of some place of the earth."""
    return abs(date.fromisoformat(instant[:10]) - date.fromisoformat(day)) <= timedelta(days=1)


def as_of(life: Life, instant: str) -> tuple[Any, ...] | None:
    """How a task looked at an instant, as is believed at the end. Only another look than the one before counts."""
    found = before = None
    for moment, face in life.steps:
        if face != before and moment <= instant:
            found = face
        before = face
    return found


def on_board(life: Life, row: Mapping[str, Any], instant: str) -> None:
    """One row: state, light and end as of then; title and unit are ones that were recorded; a child's may be those of
    the task above it.
    """
    face = as_of(life, instant)
    assert face is not None
    shown = (row["state"], row["signal"], row["ended"], row["kind"], row["part_of"], row["process"])
    told(shown == (*face[:3], life.kind, life.part_of, life.edition.partition("@")[0]), "board", task=life.id)
    if life.parent is None:
        told((row["title"], row["unit"]) == face[3:], "board", task=life.id)


# -- the tree and its heads


P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]
ZERO: Point = (0, 1, 1, 0)


def _x_of(y: int, odd: int) -> int:
    if y >= P:
        raise ValueError("no point of the curve")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P)
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and odd):
        raise ValueError("no point of the curve")
    return P - x if x & 1 != odd else x


def point(data: bytes) -> Point:
    """A point of the curve from its 32 bytes (RFC 8032, section 5.1.3)."""
    y = int.from_bytes(data, "little")
    odd, y = y >> 255, y & ((1 << 255) - 1)
    x = _x_of(y, odd)
    return x, y, 1, x * y % P


def plus(a: Point, b: Point) -> Point:
    """The sum of two points, in extended coordinates."""
    low, high = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = high - low, d - c, d + c, high + low
    return e * f % P, g * h % P, f * g % P, e * h % P


Table = list[list[Point]]
"""A point times each digit, for each of the 32 places of a number in base 256: a log signs all its heads by one key, so
that a multiple of that key is a sum of 32 of these.
"""


def table(of: Point) -> Table:
    """The multiples of a point, counted up."""
    rows: Table = []
    for _ in range(32):
        row = list(accumulate([of] * 255, plus, initial=ZERO))
        rows.append(row)
        of = plus(row[-1], of)
    return rows


def times(scalar: int, multiples: Table, more: Point) -> Point:
    """A multiple of a point, and one more."""
    for digit, row in zip(scalar.to_bytes(32, "little"), multiples):
        if digit:
            more = plus(more, row[digit])
    return more


def bytes_of(what: Point) -> bytes:
    """The 32 bytes of a point."""
    inverse = pow(what[2], -1, P)
    x, y = what[0] * inverse % P, what[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


@lru_cache(maxsize=1)
def base() -> Table:
    """Of the point from which all keys are made."""
    return table(point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")))


@lru_cache(maxsize=4)
def less(key: bytes) -> Table:
    """Of the opposite of a key. Raises ValueError where it is none."""
    x, y, z, t = point(key)
    return table((P - x, y, z, P - t))


def signed_by(key: bytes, signature: bytes, text: bytes) -> bool:
    """Whether an Ed25519 signature is one of this key over a text (RFC 8032, section 5.1.7)."""
    scalar = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or scalar >= Q:
        return False
    multiples = less(key)
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % Q
    return bytes_of(times(challenge, multiples, times(scalar, base(), ZERO))) == signature[:32]


def head_of(note: str, key: str) -> tuple[int, bytes]:
    """Size and root in a signed note (C2SP tlog-checkpoint), signed by the holder of a key `NAME+HASH+BASE64`."""
    name, _, rest = key.strip().partition("+")
    data = base64.b64decode(rest.partition("+")[2], validate=True)
    mark = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    told(data[:1] == b"\x01" and len(data) == 33 and mark.hex() == rest.partition("+")[0], "key")
    text, gap, lines = note.rpartition("\n\n")
    told(gap and lines.endswith("\n"), "no_note")
    begins = f"— {name} "
    mine = [base64.b64decode(line.removeprefix(begins), validate=True) for line in lines.splitlines()
            if line.startswith(begins)]  # fmt: skip
    fitting = [each for each in mine if each[:4] == mark]
    told(fitting and signed_by(data[1:], fitting[0][4:], f"{text}\n".encode()), "signature", name=name)
    origin, size, root = text.split("\n")[:3]
    told(origin == name and re.fullmatch(r"0|[1-9][0-9]{0,18}", size), "no_note")
    return int(size), base64.b64decode(root, validate=True)


PRINTED = re.compile(
    r"(?<![^\s+])([^\s+]+)\s+(0|[1-9][0-9]{0,18})\s+((?:[0-9a-f]{8}\s+){8})([0-9a-f]{4})\b"
    r"(?:\s+— \1\s+([A-Za-z0-9+/]{91,92}=?))?"
)
"""A head as it stands on paper: name, size, root and check; then the line with its signature, where it is there."""


def kept_heads(text: str) -> list[str]:
    """The heads in a text that somebody kept: a signed note, or what is printed on documents, lists and receipts, typed
    again or as the text of a page. One without its signature is a note's three lines alone. Raises `ValueError` where
    there is none, or where one has a slip in it.
    """
    if re.match(r"\S+\n[0-9]+\n[A-Za-z0-9+/]+=*\n\n", text):
        return [text]
    found = []
    for name, size, groups, check, signature in PRINTED.findall(text):
        root = "".join(groups.split())
        if hashlib.sha256(f"{name}\n{size}\n{root}".encode()).hexdigest()[:4] != check:
            raise ValueError(f"抄写有误，末四位不符 / a slip: the last four characters do not agree: {check}")
        body = f"{name}\n{size}\n{base64.b64encode(bytes.fromhex(root)).decode()}\n"
        found.append(body + (f"\n— {name} {signature}\n" if signature else ""))
    if not found:
        raise ValueError("里面没有树头 / there is no head in it")
    return found


def head_kept(note: str, key: str) -> tuple[int, bytes]:
    """Size and root of a head from outside: of the log of that key, and where it bears a signature, signed by it."""
    if "\n\n" in note:
        return head_of(note, key)
    origin, size, root = note.split("\n")[:3]
    told(origin == key.strip().partition("+")[0], "other_log", name=origin)
    return int(size), base64.b64decode(root, validate=True)


@dataclass
class Tree:
    """Roots of a growing tree at the sizes that are asked for."""

    hash: Callable[[bytes], bytes]
    sizes: set[int]
    size: int = 0
    edge: list[bytes] = field(default_factory=list)
    roots: dict[int, bytes] = field(default_factory=dict)

    def append(self, leaf: bytes) -> None:
        """One more leaf, its bytes."""
        node, carry = self.hash(b"\x00" + leaf), self.size
        while carry & 1:
            node, carry = self.hash(b"\x01" + self.edge.pop() + node), carry >> 1
        self.edge.append(node)
        self.size += 1
        if self.size in self.sizes:
            self.roots[self.size] = self.root()

    def __post_init__(self) -> None:
        if 0 in self.sizes:
            self.roots[0] = self.root()

    def root(self) -> bytes:
        """The root over all leaves so far (RFC 9162, section 2.1.1)."""
        node = self.edge[-1] if self.edge else self.hash(b"")
        for left in reversed(self.edge[:-1]):
            node = self.hash(b"\x01" + left + node)
        return node


def hash_named(name: str) -> Callable[[bytes], bytes]:
    """SHA-256, or SM3 where this Python has it. Raises ValueError where it does not."""
    hashlib.new(name)
    return lambda data: hashlib.new(name, data).digest()


Heads = Mapping[str, list[tuple[str, int, bytes]]]
"""Signed heads by tree: where each stands, its size and its root."""


def check_tree(bag: Bag, report: Report, record: Record, asked: Asked) -> None:
    """Every event is a leaf at its place or waits at the end of its stream; every head is one of this tree; by a key
    from elsewhere all is signed but the latest.
    """
    under = _grown_tree(bag, report, record, asked)
    if asked.key:
        try:
            _all_signed(report, record.times, under)
        except (Wrong, *MALFORMED) as error:
            report.wrong("tree", "data/events.ndjson", error)


def _grown_tree(bag: Bag, report: Report, record: Record, asked: Asked) -> Mapping[str, int]:
    """Leaves against events and heads against leaves; how many events of each stream are under a head that holds."""
    if "data/tree/leaves.txt" not in bag.names:
        report.notes.append(("no_tree", {}))
        for note in asked.heads:
            report.add("tree", note.partition("\n")[0], "head_without_tree")
        return {}
    heads = _heads(bag, report, asked)
    trees = _trees(report, heads)
    covered = max((size for _, size, _ in heads.get("sha256", ())), default=0)
    under = _leaves(bag, report, record.hashes, list(trees.values()), covered, whole=asked.whole)
    for name, tree in trees.items():
        for place, size, root in heads[name]:
            if size > tree.size:
                report.add("tree", place, "fewer_leaves", size=size)
            elif tree.roots[size] != root:
                report.add("tree", place, "other_tree", size=size)
    if not asked.heads:
        report.notes.append(("none_from_outside", {}))
    elif not report.found["tree"]:
        largest = max(size for found in heads.values() for place, size, _ in found if place == "--head")
        report.notes.append(("from_outside", {"count": len(asked.heads), "size": largest}))
    return under


def _heads(bag: Bag, report: Report, asked: Asked) -> Heads:
    """All heads whose signatures hold: those of the package, and those from outside."""
    notes = [(path.split("/")[2], path, bag.read(path)) for path in bag.under("data/tree/") if path.count("/") == 3]
    notes += [(_tree_of(note), "--head", note.encode()) for note in asked.heads]
    if not notes:
        report.notes.append(("no_heads", {}))
    keys, found = _keys(bag, report, asked.key), dict[str, list[tuple[str, int, bytes]]]()
    for tree, place, note in notes:
        try:
            told(tree in keys, "no_key", name=tree)
            size, root = (head_kept if place == "--head" else head_of)(note.decode(), keys[tree])
            told(place in ("--head", f"data/tree/{tree}/{size:012d}.txt"), "misplaced", size=size)
            found.setdefault(tree, []).append((place, size, root))
        except (Wrong, *MALFORMED) as error:
            report.wrong("tree", place, error)
    return found


def _tree_of(note: str) -> str:
    """The tree of which a head speaks."""
    return "sm3" if note.partition("\n")[0].endswith("/sm3") else "sha256"


def _keys(bag: Bag, report: Report, given: str | None) -> Mapping[str, str]:
    """The public keys by tree; one that was given takes the place of the package's own, for every tree."""
    keys: dict[str, str] = {}
    if given is None:
        report.notes.append(("own_key", {}))
    try:
        keys = bag.json("data/tree/keys.json")
        told(isinstance(keys, dict), "key")
    except (Wrong, *MALFORMED) as error:
        report.wrong("tree", "keys.json", error)
        keys = {}
    if given is None:
        return keys
    try:
        return {tree: beside(given, tree) for tree in ("sha256", "sm3")}
    except (Wrong, *MALFORMED) as error:
        report.wrong("tree", "--key", error)
        return {}


def beside(key: str, tree: str) -> str:
    """The key of a tree by that of the main one: the same bytes under the name `NAME/TREE`."""
    name, _, rest = key.strip().partition("+")
    if tree == "sha256":
        return f"{name}+{rest}"
    encoded = rest.partition("+")[2]
    mark = hashlib.sha256(f"{name}/{tree}\n".encode() + base64.b64decode(encoded)).hexdigest()[:8]
    return f"{name}/{tree}+{mark}+{encoded}"


def _trees(report: Report, heads: Heads) -> dict[str, Tree]:
    trees = {}
    for name, found in heads.items():
        try:
            trees[name] = Tree(hash_named(name), {size for _, size, _ in found})
        except ValueError:
            report.notes.append(("no_hash", {"name": name}))
    return trees


LATE = timedelta(minutes=10)
"""How long before the latest event that is under no signed head another such may have been recorded."""
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z")


def _all_signed(report: Report, times: Mapping[str, list[str]], under: Mapping[str, int]) -> None:
    """Whoever cannot sign would take heads away, or leave what they rewrote unsigned: that is told of what was recorded
    a while before the last that waits for a head, which is mostly the taking of the package itself.
    """
    rest = [(mine[n], f"{of}#{n + 1}") for of, mine in times.items() for n in range(under.get(of, 0), len(mine))]
    for at, _ in rest:
        told(INSTANT.fullmatch(at), "no_instant", at=at)
    moments = sorted((datetime.fromisoformat(f"{at[:-1]}+00:00"), event) for at, event in rest)
    late = [(at, event) for at, event in moments if at < moments[-1][0] - LATE]
    if late:
        report.add("tree", late[0][1], "unsigned", at=f"{late[0][0]:%Y-%m-%d %H:%M:%S}Z", count=len(late))


def _leaves(
    bag: Bag, report: Report, hashes: Mapping[str, list[str]], trees: list[Tree], covered: int, *, whole: bool
) -> dict[str, int]:
    """Look at each leaf; how many events of each stream are among the first `covered`."""
    last: dict[str, int] = {}
    under: dict[str, int] = {}
    for position, line in _numbered(bag, "data/tree/leaves.txt", report, "tree"):
        for tree in trees:
            tree.append(line + b"\n")
        try:
            match = re.fullmatch(r"(.+)#([1-9][0-9]*) ([0-9a-f]{64})", line.decode())
            told(match, "no_leaf")
            assert match is not None
            stream, seq = match[1], int(match[2])
            told(seq == last.get(stream, 0) + 1, "leaf_order", event=f"{stream}#{seq}")
            last[stream] = seq
            if position <= covered:
                under[stream] = seq
            mine = hashes.get(stream)
            if mine is not None and seq <= len(mine):
                told(mine[seq - 1] == match[3], "other_leaf", event=f"{stream}#{seq}")
            else:
                told(not whole, "not_in_package", event=f"{stream}#{seq}")
        except (Wrong, *MALFORMED) as error:
            report.wrong("tree", f"leaf {position - 1}", error)
    waiting = sum(len(mine) - last.get(stream, 0) for stream, mine in hashes.items())
    if waiting > 0:
        report.notes.append(("waiting", {"count": waiting}))
    return under


# -- proofs that were handed out

INCLUSION, GROWTH, RECEIPT = "c2sp.org/tlog-proof@v1", "duban-growth/1", "duban-receipt/1"


def proved(text: str, key: str, heads: Iterable[str] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a proof shows, by the key of its log: sentences of `PROVES`. `heads` are those that somebody kept, of which
    one has to be the head of the proof, or for a growth each of its two. Raises `Wrong`, or what data raises that is
    of no right shape.
    """
    first = text.partition("\n")[0]
    shows = {INCLUSION: _stands_in, GROWTH: _grew, RECEIPT: _received}.get(first)
    told(shows, "no_proof", first=first[:60])
    assert shows is not None
    said, met = shows(text, key)
    kept = [head_kept(note, _its_key(note, key)) for note in heads]
    told(all(head in met for head in kept), "other_head")
    yield from said
    if kept:
        yield "kept_heads", {"count": len(kept)}


Shown = tuple[list[tuple[str, dict[str, Any]]], list[tuple[int, bytes]]]
"""What is shown, and the signed heads (size and root) by which."""


def _its_key(note: str, key: str) -> str:
    """The key of a head: of the tree of SM3 the one beside that of its log."""
    origin, name = note.partition("\n")[0], key.strip().partition("+")[0]
    return beside(key, "sm3") if origin == f"{name}/sm3" else key


def _hash_of(note: str) -> Callable[[bytes], bytes]:
    return hash_named(_tree_of(note))


def _hashes(lines: Iterable[str]) -> list[bytes]:
    found = [base64.b64decode(line, validate=True) for line in lines]
    told(all(len(each) == 32 for each in found), "no_hash_line")
    return found


def _stands_in(text: str, key: str) -> Shown:
    """That a leaf stands in a signed tree (C2SP tlog-proof; RFC 9162, section 2.1.3.2)."""
    top, gap, note = text.partition("\n\n")
    _, extra, index, *lines = [*top.split("\n"), "", ""] if top.count("\n") < 2 else top.split("\n")
    told(gap and extra.startswith("extra ") and re.fullmatch(r"index (0|[1-9][0-9]{0,18})", index), "no_tlog_proof")
    leaf, hashed = base64.b64decode(extra[6:], validate=True), _hash_of(note)
    match = re.fullmatch(r"(.+)#([1-9][0-9]*) ([0-9a-f]{64})", leaf.decode())
    told(match, "no_leaf")
    at, (size, root) = int(index[6:]), head_of(note, _its_key(note, key))
    told(at < size, "proof_place", at=at, size=size)
    place, last, node = at, size - 1, hashed(b"\x00" + leaf + b"\n")
    for other in _hashes(lines):
        told(last, "proof_broken")
        if place & 1 or place == last:
            node = hashed(b"\x01" + other + node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = hashed(b"\x01" + node + other)
        place, last = place >> 1, last >> 1
    told(last == 0 and node == root, "proof_broken")
    name = note.partition("\n")[0]
    return [("stands", {"leaf": leaf.decode(), "n": at + 1, "size": size, "name": name})], [(size, root)]


def _grew(text: str, key: str) -> Shown:
    """That one signed head goes on from another (RFC 9162, section 2.1.4.2)."""
    top, *parts = text.split("\n\n")
    told(len(parts) == 4 and text.endswith("\n"), "no_growth")
    notes = f"{parts[0]}\n\n{parts[1]}\n", f"{parts[2]}\n\n{parts[3]}"
    origins = {note.partition("\n")[0] for note in notes}
    told(len(origins) == 1, "no_growth")
    (old, was), (new, root) = (head_of(note, _its_key(note, key)) for note in notes)
    told(grew((old, was), (new, root), _hashes(top.split("\n")[1:]), _hash_of(notes[0])), "proof_broken")
    return [("grew", {"name": origins.pop(), "old": old, "new": new})], [(old, was), (new, root)]


def grew(old: tuple[int, bytes], new: tuple[int, bytes], proof: list[bytes], hashed: Callable[[bytes], bytes]) -> bool:
    """Whether the hashes lead from an older size and root to a younger one."""
    if not 0 < old[0] < new[0]:
        return old == new and not proof
    path = [old[1], *proof] if old[0] & (old[0] - 1) == 0 else proof
    at, last = old[0] - 1, new[0] - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0] if path else b""
    for other in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = hashed(b"\x01" + other + before), hashed(b"\x01" + other + after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = hashed(b"\x01" + after + other)
        at, last = at >> 1, last >> 1
    return bool(path) and last == 0 and (before, after) == (old[1], new[1])


def _received(text: str, key: str) -> Shown:
    """That an event as its receipt has it hashes to the leaf that stands in a signed tree."""
    top, gap, rest = text.partition("\n\n")
    told(gap and top.count("\n") == 1, "no_receipt")
    row = row_of(top.partition("\n")[2])
    told(row["hash"] == link(row), "altered")
    event = read(row)
    told(rest.startswith(INCLUSION + "\n"), "not_sealed_yet", event=event.ref)
    said, met = _stands_in(rest, key)
    told(said[0][1]["leaf"] == f"{event.ref} {event.hash}", "other_receipt", event=event.ref)
    facts = {name: event.header[name] for name in ("type", "actor", "occurred_at", "recorded_at")}
    return [*said, ("says", {**facts, "payload": row["payload"].replace("\n", "")})], met


# -- the whole


@dataclass
class Record:
    """What was read of the events: those of tasks, hashes and times of all streams, the files and numbers that they
    name, and what two kinds of them say of editions.
    """

    tasks: list[list[Event]] = field(default_factory=list)
    hashes: dict[str, list[str]] = field(default_factory=dict)
    times: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    serials: dict[Any, list[Any]] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    compiled: Any = None
    verifier: Any = None
    published: dict[str, str] = field(default_factory=dict)

    def add(self, stream: str, events: list[Event], taken: str) -> None:
        """One more stream. `taken` is the event that says that the package was taken."""
        self.hashes[stream] = [event.hash for event in events]
        self.times[stream] = [event.header["recorded_at"] for event in events]
        if events and events[0].header["edition"]:
            self.tasks.append(events)
            for event in events:
                self._name(event)
        for event in events:
            kind, said = event.header["type"], event.payload
            if event.ref == taken and kind == "RecordPackaged":
                self.compiled, self.verifier = said.get("compiled"), said.get("verifier")
            if stream == "redactions":
                self._order(event)
            if stream == "editions" and kind == "EditionPublished":
                self.published.setdefault(str(said.get("subject")), str(said.get("digest")))

    def _order(self, event: Event) -> None:
        """What was asked for, and who approved it, when."""
        said, kind = event.payload, event.header["type"]
        order = self.orders.setdefault(str(said.get("subject")), {})
        if kind == "RedactionAsked" and "stream" not in order:
            files = said.get("files") if isinstance(said.get("files"), list) else []
            order |= {"stream": said.get("stream"), "asked": event.header["actor"], "files": files}
        elif kind == "RedactionApproved" and "stream" in order and "by" not in order:
            alone = bool(said.get("alone"))
            order |= {"by": event.header["actor"], "at": event.header["recorded_at"], "alone": alone}

    def _name(self, event: Event) -> None:
        if event.header["type"] == "ValuesRedacted":
            told_ = event.payload.get("files")
            self.erased |= {digest for digest in told_ if isinstance(digest, str)} if isinstance(told_, list) else set()
        for digest in files_in(event.payload) if event.names else ():
            self.files.setdefault(digest, event.ref)
        document = event.payload.get("document")
        if event.header["type"] == "PublicationIssued" and isinstance(document, dict):
            self.files.update({document[name]: event.ref for name in ("docx", "template") if name in document})
            series = document.get("series"), document.get("year")
            self.serials.setdefault(series, []).append(document.get("serial"))


def verify(bag: Bag, key: str | None = None, heads: Iterable[str] = ()) -> tuple[Report, dict[str, Any]]:
    """Check every part of a package; `about` is what it says of itself. `key` verifies its heads, `heads` are those
    that somebody kept elsewhere.
    """
    report = Report()
    if not check_bag(bag, report):
        report.skipped = [part for part in RESTS_ON if part != "bag"]
        return report, {}
    about = _about(bag, report)
    asked = Asked(key, list(heads), whole=not about.get("tasks", True) and about["until"] is None)
    record = _record(bag, report, about)
    lengths = {stream: len(mine) for stream, mine in record.hashes.items()}
    books = check_editions(bag, report, record.compiled, record.published) if _stands(report, "editions") else {}
    calendars = {path.removeprefix("data/calendars/").removesuffix(".json") for path in bag.under("data/calendars/")}
    history = History(books, calendars, lengths, asked.whole, orders=record.orders)
    if about.get("until") is not None and about.get("erased_since"):
        _erased_since(about["erased_since"], history, record, report)
    if _stands(report, "history"):
        for events in record.tasks:
            live(history, events, report)
        after_all(history, report)
    if history.unknown:
        report.notes.append(("unknown", {"names": sorted(history.unknown)}))
    if _stands(report, "files"):
        check_files(bag, report, record.files, record.erased, record.serials if asked.whole else {})
        mine = "verify_package.py"
        if mine not in bag.names or bag.digest(mine) != record.verifier:
            report.add("files", mine, "other_verifier")
    if _stands(report, "boards"):
        check_boards(bag, report, history)
    if _stands(report, "tree"):
        check_tree(bag, report, record, asked)
    return report, about


def _erased_since(since: list[Any], history: History, record: Record, report: Report) -> None:
    """What the office says was erased after the package ends. It is not proved here, and noted."""
    for each in since:
        record.erased |= set(each["files"])
        for line in each["lines"]:
            history.erased[each["stream"], line["seq"], line["part"], line["name"]] = NEVER
    report.notes.append(("erased_since", {"count": len(since)}))


NEVER = 1 << 62
"""The number of an event that is not in the package."""


@dataclass
class Asked:
    """What a tree is to be checked with, and whether a package is of everything."""

    key: str | None
    heads: list[str]
    whole: bool


def _about(bag: Bag, report: Report) -> dict[str, Any]:
    try:
        about: dict[str, Any] = bag.json("data/package.json")
        told(about["format"] == FORMAT, "format", format=about["format"])
        told({"tasks", "until"} <= set(about), "format", format=FORMAT)
        told(type(about["streams"]) is dict and about["taken"], "format", format=FORMAT)
        since = about.get("erased_since", [])
        told(type(since) is list and all(_is_erasure(each) for each in since), "format", format=FORMAT)
    except (Wrong, *MALFORMED) as error:
        report.wrong("events", "package.json", error)
        return {}
    return about


def _is_erasure(each: Any) -> bool:
    """Whether this names a stream, lines of it, and files."""
    lines, files = each["lines"], each["files"]
    return (
        type(each["stream"]) is str
        and type(lines) is list
        and all(type(one["seq"]) is int and type(one["part"]) is str for one in lines)
        and all(one["name"] is None or type(one["name"]) is str for one in lines)
        and type(files) is list
        and all(type(digest) is str for digest in files)
    )


def _stands(report: Report, part: str) -> bool:
    """Whether what a part rests on holds and was checked."""
    if any(report.found[other] or other in report.skipped for other in RESTS_ON[part]):
        report.skipped.append(part)
        return False
    return True


def _record(bag: Bag, report: Report, about: Mapping[str, Any]) -> Record:
    record, taken = Record(), str(about.get("taken"))
    if "data/events.ndjson" not in bag.names:
        report.add("events", "events.ndjson", "not_there", manifest="data/")
        return record
    for stream, events in streams(bag, report):
        record.add(stream, events, taken)
    if not isinstance(record.compiled, dict):
        report.add("events", taken, "not_noted")
    counts = {stream: len(mine) for stream, mine in record.hashes.items()}
    for stream, count in sorted({**dict.fromkeys(counts, 0), **about.get("streams", {})}.items()):
        if counts.get(stream, 0) != count:
            report.add("events", stream, "count", told=count, there=counts.get(stream, 0))
    return record


# -- in words

PARTS = {
    "bag": ("清单", "bag"),
    "editions": ("版次", "editions"),
    "events": ("记录链", "events"),
    "history": ("办理合法性", "history"),
    "files": ("文件与文号", "files"),
    "boards": ("看板", "boards"),
    "tree": ("默克尔树与签名", "tree"),
}
SAY = {
    "malformed": ("内容的写法不对，读不成（“{why}”）", "it is not written as it should be, and cannot be read ({why})"),
    "no_bag": ("这里没有审计包应有的清单（bagit.txt）", "the list that an audit package has (bagit.txt) is not here"),
    "manifest_line": (
        "清单里有一行写的不是摘要和文件名：“{line}”",
        "a line of the manifest is no digest with the name of a file: {line}",
    ),
    "twice": ("{name} 出现了两次，分不清以哪个为准", "{name} stands twice, and nobody can tell which of them counts"),
    "bomb": (
        "展开后超过压缩包自身的 {most} 倍，没有打开",
        "unpacked it is more than {most} times as large as it is; it was not opened",
    ),
    "no_path": (
        "压缩包里有文件要展开到包的文件夹之外",
        "a file in it would be unpacked outside of the folder of the package",
    ),
    "no_plain_file": (
        "不是普通文件：链接、加密的，或别的",
        "it is no plain file: a link, encrypted, or something else",
    ),
    "too_large": ("超过 {most} 字节，没有读", "it has more than {most} bytes, and was not read"),
    "unreadable": ("读不出来（“{why}”）", "it cannot be read ({why})"),
    "long_line": ("有一行超过 {most} 字节", "a line of it has more than {most} bytes"),
    "too_deep": ("嵌套超过 {most} 层", "it is nested more than {most} levels deep"),
    "too_many_turns": (
        "条件中的循环合计超过 {most} 轮，不再算下去",
        "its loops take more than {most} turns together, and are not followed any further",
    ),
    "too_much": ("条件拼出的文字或列表超过 {most}", "it puts together a text or a list longer than {most}"),
    "too_long": ("有的数超过 {most} 位", "a number in it has more than {most} characters"),
    "no_number": ("{name} 不是数", "{name} is no number"),
    "stray": (
        "审计包里不该有这个文件：没有摘要和签名为它担保",
        "an audit package has no such file: no digest and no signature vouches for it",
    ),
    "unnamed": ("没有一条记录提到这个文件：没有什么为它担保", "no event names this file: nothing vouches for it"),
    "other_verifier": (
        "包里的核验程序不是导出时记录在案的那一个；请从别处取得",
        "the verifier in the package is not the one that was recorded; get it elsewhere",
    ),
    "other_day": ("看板的时刻不在文件名所写的那一天", "the board is of another day than its name says"),
    "misplaced": (
        "树头写明有 {size} 条记录，与文件名不同",
        "the head says that it is of {size} events, and its file's name says otherwise",
    ),
    "unlisted": (
        "文件在包里，清单 {manifest} 却没有列出",
        "the file is there, and the manifest {manifest} does not list it",
    ),
    "not_there": (
        "清单 {manifest} 列出了这个文件，包里却没有",
        "the manifest {manifest} lists this file, and it is not there",
    ),
    "other_bytes": (
        "内容与清单所记的摘要不符：文件被改动过",
        "its content does not agree with its digest in the manifest: it was changed",
    ),
    "format": ("格式是 {format}，本程序不认识", "its format is {format}, which this program does not know"),
    "shape": ("{member} 的写法不对，应为 {wanted}", "{member} is not written as it should be: {wanted} is wanted"),
    "misnamed": ("内容是另一个版次，与文件名不同", "its content is of another edition than its name says"),
    "other_text": (
        "流程定义的原文与摘要不符：被改动过",
        "the text of the definition does not agree with its digest: it was changed",
    ),
    "other_compiled": (
        "编译后的版次与导出时记录在案的摘要不符",
        "the compiled edition is not the one that was recorded when the package was taken",
    ),
    "no_edition": ("版次 {edition} 不在包中", "the edition {edition} is not in the package"),
    "no_event": ("这一行不是一条记录的写法", "this line is not written as an event is"),
    "scattered": ("同一事项的记录没有连在一起", "the events of this task do not stand together"),
    "gap": (
        "序号不连续：此处应为第 {expected} 条，有记录被删去或插入",
        "the numbers have a gap: number {expected} was to come here; events were cut or put in",
    ),
    "unchained": (
        "与前一条记录接不上：其间有记录被删去、插入或改动",
        "it does not join the event before it: something between them was cut, put in or altered",
    ),
    "altered": (
        "内容与写下时所记的校验码（哈希）不符：这条记录被改动过",
        "its content does not agree with the digest (hash) taken when it was written: this event was altered",
    ),
    "salts": (
        "每行内容应各配一个随机值，这里不是：记录被改动过",
        "each line of it has a random value beside it, and here this is not so: it was altered",
    ),
    "backwards": ("记录时间早于前一条（{before}）", "it was recorded earlier than the event before it ({before})"),
    "not_canonical": (
        "{what} 不是督办程序写出来的样子：由别的程序写入，或被改动过",
        "its {what} is not written as Duban writes it: another program wrote it, or it was altered",
    ),
    "other_place": ("记录写明自己在别的位置：它被挪动过", "it says that it stands elsewhere: it was moved"),
    "stand_in": (
        "隐去内容的地方，写的不是规定的替代文字",
        "where something is withheld stands another text than the agreed one",
    ),
    "count": ("应有 {told} 条记录，只有 {there} 条有效", "{told} events were to be here, {there} are valid"),
    "not_noted": ("记录里没有“取走本包”这一条", "no event of the record says that this package was taken"),
    "other_edition": (
        "办理时依据的不是当时生效的版次 {edition}",
        "it was not decided by the edition in force then, {edition}",
    ),
    "no_calendar": ("所依据的日历 {calendar} 不在包中", "the calendar {calendar} is not in the package"),
    "not_published": ("不是当时发布的那一文本", "it is not the text that was published"),
    "future": ("所称的发生时间，晚于办理时间 {at}", "it is said to have occurred after it was decided, at {at}"),
    "other_actor": ("指令写的经办人，与记录写的不是同一人", "its command names somebody else than the event does"),
    "no_cause": ("起因 {cause} 不存在，或在其后", "its cause {cause} is not there, or comes later"),
    "withheld": ("隐去了不属于个人信息的内容：{name}", "what is withheld is not personal: {name}"),
    "no_order": ("没有获批的删除令 {order}", "no order {order} for it was approved"),
    "not_gone": ("说是删去了 {event} 中的一项，它却还在", "it says that something of {event} was erased; it is there"),
    "unregistered": ("第一条记录不是立项：开头被删去", "its first event is no registration: the beginning was cut"),
    "not_initial": ("立项时不能处于 {state} 状态", "a task does not begin in the state {state}"),
    "no_state": ("定义里没有 {state} 这一状态", "the definition has no state {state}"),
    "no_field": ("定义里没有这些字段：{names}", "the definition has no such fields: {names}"),
    "not_by_parent": ("不是由上级事项 {parent} 开设的", "it was not opened by {parent}"),
    "from": ("所述的原状态是 {said}，实际是 {state}", "it says that it began in {said}; it was in {state}"),
    "parent_ended": ("上级事项终结时，不会使它这样结束", "the end of its parent cannot have ended it in this way"),
    "no_trigger": ("定义里没有 {trigger} 这一操作", "the definition has no act {trigger}"),
    "not_from_here": ("{state} 状态下不能办理 {trigger}", "{trigger} is not possible in {state}"),
    "guard_false": ("条件不成立：{guard}", "the condition did not hold: {guard}"),
    "guard_missing": ("应当先判断的条件没有判断：{guard}", "a condition that had to be asked first was not: {guard}"),
    "guards_added": ("判断了这一步不该判断的条件", "conditions were asked that this step has not"),
    "guard_error": ("条件无法判断，却办理了：{guard}", "the condition could not be decided, and it went on: {guard}"),
    "guard_fails": ("条件重算时出错（“{why}”）：{guard}", "evaluated again the condition fails ({why}): {guard}"),
    "guard_other": ("条件重算的结果是 {value}：{guard}", "evaluated again the condition gives {value}: {guard}"),
    "operand": ("条件所见的 {name} 是 {saw}，记录是 {was}", "the condition saw {name} as {saw}; the record has {was}"),
    "no_branch": ("没有一个去向的条件成立，却办了下去", "the condition of no way holds, and it went on"),
    "branch": (
        "走了第 {said} 个去向，按条件应走第 {taken} 个",
        "it went the way number {said}; by the conditions it is number {taken}",
    ),
    "to": ("到了状态 {said}，按定义应到 {to}", "it came to the state {said}; by the definition it comes to {to}"),
    "ended": ("是否终结，与状态 {state} 对不上", "whether it is at its end does not agree with the state {state}"),
    "set": ("改动了这一操作不得改动的字段：{names}", "it changed fields that this act does not change: {names}"),
    "nothing_before": ("没有可以撤回的操作，却撤回了", "it took an act back where there was none to take back"),
    "not_before": ("撤回之后，没有回到原来的样子", "taken back, the task is not again as it was"),
    "not_system": (
        "由别的事引出的一步，应由系统办理，不是 {actor}",
        "a step that something else sets off is the system's, not {actor}'s",
    ),
    "uncaused": ("既没有写明起因，也没有人办理", "it names neither a cause nor anybody who asked for it"),
    "other_act": ("指令要求的是另一个操作：{do}", "its command asked for another act: {do}"),
    "role": ("经办人没有这一步的权限，须是 {roles}", "whoever did it had no right to this step; it takes {roles}"),
    "no_deadline": ("定义里没有 {name} 这一时限", "the definition has no deadline {name}"),
    "status": ("发生 {type} 之后，时限不会是 {status}", "after {type} a deadline is not {status}"),
    "follows": ("时限处于 {status} 时，不会发生这件事", "this does not happen to a deadline that is {status}"),
    "other_date": ("到期日无缘无故变成 {due}", "the day on which it is due became {due} without a reason"),
    "not_due": ("当时还没有到期（{due}）", "it was not due yet ({due})"),
    "met_at": (
        "写明的完成时间 {met_at}，与发生时间不同",
        "it is said to be met at {met_at}, and occurred at another time",
    ),
    "late": ("按它自己的日期，不应算作 {status}", "by its own dates it is not {status}"),
    "no_kind": ("定义里没有 {kind} 这种子事项", "the definition has no children {kind}"),
    "no_type": ("没有 {type} 这种记录", "there is no kind of event {type}"),
    "no_file": (
        "记录引用的文件不在包中（摘要 {digest}）",
        "a file that an event names is not in the package (digest {digest})",
    ),
    "numbers": ("文号不连续，有缺号：{found}", "numbers of documents are missing: {found}"),
    "board_tasks": (
        "看板列出的事项，与记录得出的不同：{names}",
        "the board lists other tasks than the events lead to: {names}",
    ),
    "board": ("看板上 {task} 的情况与记录不符", "the board shows {task} otherwise than its events do"),
    "key": (
        "给出的公钥写法不对（应为 NAME+HASH+BASE64），或抄错了字",
        "the key is not written NAME+HASH+BASE64, or was copied with a slip",
    ),
    "no_key": (
        "没有“{name}”这棵树的公钥，签名无从核验",
        "there is no key for the tree {name}, and its signatures cannot be verified",
    ),
    "no_note": ("树头没有签名，或不是树头的写法", "the head bears no signature, or is not written as a head is"),
    "signature": ("树头上的签名，不是 {name} 的公钥所对应的", "the signature on the head is not of the key of {name}"),
    "other_log": ("树头属于另一个日志 {name}", "the head is of another log, {name}"),
    "other_tree": (
        "树头（{size} 条）与包里的记录算出的不同：签署之后记录被改动",
        "the head (of {size} events) is not what the events here come to: they were changed after it was signed",
    ),
    "fewer_leaves": (
        "签署树头时有 {size} 条记录，包里没有这么多：有记录被拿走",
        "there were {size} events when the head was signed, and there are fewer here: some were taken away",
    ),
    "head_without_tree": (
        "给出了树头，包里却没有可与之核对的树",
        "a head was given, and the package has no tree to hold it against",
    ),
    "unsigned": (
        "{at} 记录，至今不在任何由这把公钥核验得过的树头之下（共 {count} 条）：树头被拿走，或记录是后来改写的",
        "recorded at {at}, under no head that this key verifies ({count} in all): heads are gone, or it was rewritten",
    ),
    "no_instant": ("写明的时间“{at}”不是时刻", "the time that it names, {at}, is no instant"),
    "no_leaf": ("树里有一项不是规定的写法", "an entry of the tree is not written as it should be"),
    "leaf_order": ("{event} 在树里的次序不对", "{event} stands out of its order in the tree"),
    "other_leaf": (
        "{event} 入树时是另外的内容：此后被改动",
        "{event} had another content when it entered the tree: it was altered since",
    ),
    "not_in_package": (
        "{event} 在树里，包里却没有：这条记录被拿走了",
        "{event} is in the tree and not in the package: it was taken away",
    ),
    "no_proof": ("这不是证明，也不是回执（开头是“{first}”）", "this is no proof and no receipt (it begins {first!r})"),
    "no_hash_line": ("有一行不是 32 字节的哈希", "a line is not a hash of 32 bytes"),
    "no_tlog_proof": ("记录证明缺 extra、index 或树头", "the proof lacks extra, index or its head"),
    "no_growth": ("相接证明须有同一日志的两份树头", "a proof of growth has two heads of one log"),
    "no_receipt": ("回执须有一行记录，空一行，再是证明", "a receipt has an event, a blank line, and its proof"),
    "proof_place": (
        "证明说它在第 {at} 位，而树头只有 {size} 条记录",
        "the proof puts it at place {at}, and the head has {size} events only",
    ),
    "proof_broken": (
        "由这条记录算不到签名的树头：证明不成立",
        "this event does not lead to the head that was signed: it proves nothing",
    ),
    "other_head": (
        "自己留存的树头，不是这份证明里的那一份",
        "the head that you kept is not one of those in this proof",
    ),
    "not_sealed_yet": (
        "{event} 的哈希相符，但回执取得时还没有入树：请再取一次，就有证明",
        "{event} hashes to what it says, and was in no signed head when the receipt was taken: fetch it again",
    ),
    "other_receipt": ("证明说的是另一条记录，不是 {event}", "the proof is of another event than {event}"),
}
MEANS = {
    "copied": (
        "包在取走之后少了、多了或变了内容：请从原件再拷一份核验；还是这样，就是有人动过它，请当面另取一份",
        (
            "the package lost, gained or changed something after it was taken: copy it again from the "
            "original and verify that; if it is the same, somebody changed it: take another one in person"
        ),
    ),
    "version": (
        "本核验程序不认识这种写法：请从发布方取新版核验程序再核；新版也不认识的，不是督办程序导出的",
        (
            "this verifier does not know how it is written: get the latest one from whoever publishes it; "
            "what that does not know either was not written by Duban"
        ),
    ),
    "size": (
        "为免耗尽内存和时间，本程序不读这样大的内容；督办程序也写不出这样的包：请当面另取一份",
        (
            "so much is not read, lest it stop this verifier, and Duban writes no such package: take "
            "another one in person"
        ),
    ),
    "definition": (
        "包里的流程定义不是当时发布的那一份：请经办方出示发布的记录和原文，逐字核对",
        (
            "a definition in the package is not the one that was published: ask the office for the record "
            "of its publication and its text, and compare them word for word"
        ),
    ),
    "record": (
        "记录写下之后被改动、删去或插入过：请保全本包，当面另取一份，与自己留存的树头、回执和备份核对，并问清谁在何时动过数据库",
        (
            "the record was altered, cut or added to after it was written: keep this package, take "
            "another one in person, compare both with heads, receipts and backups kept elsewhere, and ask "
            "who touched the database, and when"
        ),
    ),
    "unlawful": (
        "依当时生效的定义不能这样办：或是记录被重写，或是由别的程序写入。请调阅该事项的原始材料，要求经办方说明这一步",
        (
            "by the definition in force then this could not be done: the record was rewritten, or another "
            "program wrote it. Ask for the papers of this task, and have the office account for this step"
        ),
    ),
    "erased": (
        "隐去或删去的内容超出了允许的范围：请经办方出示批准删除的决定",
        "more was withheld or erased than may be: ask the office for the decision that allowed it",
    ),
    "papers": (
        "记录引用的文件、公文或文号对不上：请经办方出示原件；缺号的，说明去向",
        (
            "files, documents or their numbers do not agree with the record: ask the office for the "
            "originals, and what became of a number that is missing"
        ),
    ),
    "board": (
        "以记录为准：看板是另外做的，或记录后来被改过。请与当时自己留存的看板核对",
        (
            "the record counts: the board was made otherwise, or the record was changed later. Compare it "
            "with a board that you kept from that day"
        ),
    ),
    "signed": (
        "签署之后记录被改动或拿走，或树头不是这一日志签的：请保全本包，与别处留存的树头逐字核对，并向公布公钥的人当面核实",
        (
            "the record was changed or cut after it was signed, or the head is not of this log: keep the "
            "package, compare the heads that were kept elsewhere, and ask whoever published the key face "
            "to face"
        ),
    ),
    "key": (
        "请逐字核对公钥，确认它是从公开渠道得来的、这一日志的公钥，再核一次",
        ("compare the key letter by letter, make sure that it is the one this log made known, and verify again"),
    ),
    "no_tree": (
        "请经办方连同树一并导出，或凭树头用 duban seal check 在其数据库上核对",
        ("ask the office for a package with its tree, or hold the head against their database by duban seal check"),
    ),
    "proof": (
        "这份文件证明不了什么：请看文件是否完整，公钥是不是这一日志的；都对，就请经办方重新出具",
        (
            "this file proves nothing: see whether it is whole and the key is of this log; if both are "
            "so, ask the office for another one"
        ),
    ),
    "wait": (
        "请过一会儿向经办方再取一次回执",
        "ask the office for the receipt once more, a little later",
    ),
}
"""What a finding means, and what whoever verifies can do next."""

_OF_PART = {"bag": "copied", "editions": "definition", "events": "record", "history": "unlawful"}
_OF_PART |= {"files": "papers", "boards": "board", "tree": "signed"}
_OF_CODE = {
    **dict.fromkeys(
        ("stray", "unnamed", "twice", "other_verifier", "other_bytes", "unreadable", "malformed"), "copied"
    ),
    **dict.fromkeys(("format", "shape"), "version"),
    **dict.fromkeys(("bomb", "too_large", "long_line", "too_deep", "too_many_turns", "too_much", "too_long"), "size"),
    **dict.fromkeys(("withheld", "stand_in", "no_order", "not_gone"), "erased"),
    **dict.fromkeys(("no_edition", "no_calendar", "not_published", "other_text", "other_compiled"), "definition"),
    **dict.fromkeys(("key", "no_key"), "key"),
    **dict.fromkeys(("no_proof", "no_hash_line", "no_tlog_proof", "no_growth", "no_receipt"), "proof"),
    **dict.fromkeys(("proof_place", "proof_broken", "other_head", "other_receipt"), "proof"),
    "head_without_tree": "no_tree",
    "not_sealed_yet": "wait",
}


def means(part: str, codes: Iterable[str]) -> list[tuple[str, str]]:
    """What to make of the findings of a part, each once, in their order."""
    return [MEANS[name] for name in dict.fromkeys(_OF_CODE.get(code, _OF_PART[part]) for code in codes)]


PROVES = {
    "stands": ("{leaf} 是 {name} 的 {size} 条记录中的第 {n} 条", "{leaf} is number {n} of the {size} events of {name}"),
    "grew": (
        "{name} 的 {new} 条记录是从 {old} 条接下来的，其间一条未改",
        "the {new} events of {name} begin with the {old} of the older head, unaltered",
    ),
    "says": (
        "这条记录：{type}，{actor}，发生于 {occurred_at}，记于 {recorded_at}，内容 {payload}",
        "that event: {type} by {actor}, occurred {occurred_at}, recorded {recorded_at}, saying {payload}",
    ),
    "kept_heads": ("你留存的 {count} 份树头就在证明里", "heads that you kept and that are those of the proof: {count}"),
}
NOTES = {
    "no_tree": (
        "包里没有树：把全部哈希重算一遍的人，本程序发现不了。",
        "There is no tree: whoever computed all hashes anew is not found.",
    ),
    "no_heads": ("树还没有签名。", "The tree is not signed."),
    "none_from_outside": (
        "没有用 --head 给出外部留存的树头：持有签名密钥的人重写的历史，本程序发现不了。",
        "No head kept outside was given with --head: a history rewritten by who has the signing key is not found.",
    ),
    "from_outside": (
        "外部留存的树头 {count} 份，都是这棵树的；前 {size} 条记录自签名时起未被改动、删减。",
        "Heads kept outside and of this tree: {count}. The first {size} events are as they were when it was signed.",
    ),
    "own_key": (
        "签名用的是包里自带的公钥；请用 --key 给出从别处得到的公钥。",
        "Signatures were checked with the key in the package; give one that you got elsewhere with --key.",
    ),
    "no_hash": ("本机 Python 不会算 {name}，这一棵树未核。", "This Python has no {name}: that tree is not checked."),
    "waiting": ("{count} 条记录还没有进树。", "{count} events are not in the tree yet."),
    "erased_since": (
        "经办方称另有 {count} 次删除发生在本包截止之后，本包不能证明。",
        "The office says that {count} more erasures followed after the end of this package, which it cannot prove.",
    ),
    "unknown": ("这些函数本程序不会算：{names}", "These functions are not known here: {names}"),
}


def in_words(texts: tuple[str, str], facts: Mapping[str, Any], lang: str) -> str:
    """A sentence in a language, or in both; a fact that is missing is a question mark."""
    chosen = {"zh": texts[:1], "en": texts[1:]}.get(lang, texts)
    return " / ".join(text.format_map({**dict.fromkeys(re.findall(r"\w+", text), "?"), **facts}) for text in chosen)


def tame(text: str) -> str:
    """A line for a terminal, in which what a package says commands nothing, ends no line and turns no order of reading
    round: whoever made it could otherwise write a verdict of their own.
    """
    return _COMMANDS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


_COMMANDS = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def _shown(lines: Iterable[str]) -> str:
    return "\n".join(map(tame, lines))


def _shown_json(value: Any) -> str:
    return _shown(json.dumps(value, ensure_ascii=False, indent=1, default=str).split("\n"))


def sentences(report: Report, about: Mapping[str, Any], lang: str) -> Iterator[str]:
    """The report in words; `both` says everything twice."""

    def said(texts: tuple[str, str], facts: Mapping[str, Any]) -> str:
        return in_words(texts, facts, lang)

    scope = "、".join(about.get("tasks") or []) or said(("全部事项", "everything"), {})
    until = about.get("until") or about.get("last")
    events = sum(about.get("streams", {}).values())
    yield said(("范围：{scope}，至 {until}，{n} 条记录", "Scope: {scope}, until {until}, {n} events"),
               {"scope": scope, "until": until, "n": events})  # fmt: skip
    if about.get("purpose") != "live":
        yield said(("注意：这是推演库，不是真实记录。", "Mind: this is a rehearsal, not a real record."), {})
    for part, found in report.found.items():
        state = _state(report, part)
        yield f"[{said(PARTS[part], {})}] {said(state, {})}" + (f": {len(found)}" if found else "")
        for place, code, facts in found[:MOST]:
            yield f"    {place[:LONG]}: {said(SAY[code], facts)[:LONG]}"
        if len(found) > MOST:
            yield "    " + said(
                ("另有 {n} 处；用 --json 看全部", "and {n} more; --json has all"), {"n": len(found) - MOST}
            )
        for meaning in means(part, (code for _, code, _ in found)):
            yield f"    → {said(meaning, {})}"
    for code, facts in report.notes:
        yield said(NOTES[code], facts)
    verdict = (
        (
            "结论：不符。请保持本包原样，依上面 → 所示核查。",
            "The package does NOT hold. Keep it as it is, and follow what stands behind →.",
        )
        if report.failed
        else ("结论：全部相符。", "Everything holds.")
    )
    yield said(verdict, {})


def _state(report: Report, part: str) -> tuple[str, str]:
    """What is said of a part. A tree that is not there holds, and nobody should read that it does."""
    if part in report.skipped:
        return "未核对", "not checked"
    if report.found[part]:
        return "不符", "WRONG"
    return ("没有", "none here") if part == "tree" and ("no_tree", {}) in report.notes else ("相符", "holds")


MOST = 20
"""Findings of a part that are printed; `--json` has all."""
LONG = 500
"""Characters of a place and of a sentence that are printed."""


def main(arguments: list[str] | None = None) -> int:
    """Verify what the command line names; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):  # a name may hold what no terminal can write
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    words = sys.argv[1:] if arguments is None else arguments
    return main_proof(words[1:]) if words[:1] == ["proof"] else main_package(words)


def _parser(about: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument(
        "--head",
        action="append",
        type=Path,
        default=[],
        help="外部留存的树头，原文或照纸录入 / a head kept elsewhere, whole or typed from paper",
    )
    parser.add_argument("--lang", choices=("zh", "en", "both"), default="both")
    parser.add_argument("--json", action="store_true")
    return parser


def _text(path: Path) -> str:
    """A file that somebody handed in. Raises `ValueError` where it is larger than any that Duban writes."""
    with path.open("rb") as file:
        content = file.read(MOST_WHOLE + 1)
    if len(content) > MOST_WHOLE:
        raise ValueError(f"> {MOST_WHOLE} bytes")
    return content.decode("utf-8")


def _heads_in(paths: Iterable[Path]) -> list[str] | None:
    """The heads in the files that somebody kept; None where one cannot be read, which is said."""
    heads: list[str] = []
    for path in paths:
        try:
            heads += kept_heads(_text(path))
        except (OSError, ValueError) as error:
            print(_shown([f"{path}: 读不出来 / it cannot be read ({error})"]), file=sys.stderr)
            return None
    return heads


def main_package(arguments: list[str]) -> int:
    """The whole package."""
    parser = _parser("核验督办审计包 / Verify an audit package of Duban.")
    parser.add_argument("package", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--key", help="公钥 / the public key of the heads, NAME+HASH+BASE64")
    asked = parser.parse_args(arguments)
    try:
        bag = Bag(asked.package)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        print(_shown([f"{asked.package}: 读不出来 / it cannot be read ({error})"]), file=sys.stderr)
        return 2
    heads = _heads_in(asked.head)
    if heads is None:
        return 2
    if not bag.names:
        print(f"{asked.package}: 这里没有审计包 / there is no package here", file=sys.stderr)
        return 2
    report, about = verify(bag, asked.key, heads)
    if asked.json:
        told_ = {"failed": report.failed, "skipped": report.skipped, "found": report.found, "notes": report.notes}
        print(_shown_json(told_))
    else:
        print(_shown(sentences(report, about, asked.lang)))
    return 1 if report.failed else 0


def main_proof(arguments: list[str]) -> int:
    """One proof, or a receipt."""
    parser = _parser("核验一份证明或回执 / Verify a proof or a receipt of Duban.")
    parser.prog += " proof"
    parser.add_argument("file", type=Path, help="证明或回执 / the proof or receipt")
    parser.add_argument("--key", required=True, help="公钥，从别处得来 / the public key of the log, from elsewhere")
    asked = parser.parse_args(arguments)
    try:
        text = _text(asked.file)
    except (OSError, ValueError) as error:
        print(_shown([f"{asked.file}: 读不出来 / it cannot be read ({error})"]), file=sys.stderr)
        return 2
    heads = _heads_in(asked.head)
    if heads is None:
        return 2
    report = Report()
    try:
        shown = list(proved(text, asked.key, heads))
    except (Wrong, *MALFORMED) as error:
        report.wrong("tree", str(asked.file), error)
        shown = []
    failed = report.found["tree"]
    if asked.json:
        print(_shown_json({"holds": not failed, "shown": shown, "found": failed}))
        return 1 if failed else 0
    lines = [*(in_words(PROVES[code], facts, asked.lang) for code, facts in shown)]
    lines += [in_words(SAY[code], facts, asked.lang) for _, code, facts in failed]
    lines += [f"→ {in_words(each, {}, asked.lang)}" for each in means("tree", (code for _, code, _ in failed))]
    verdict = ("结论：不成立。", "It proves nothing.") if failed else ("结论：成立。", "It holds.")
    print(_shown([*lines, in_words(verdict, {}, asked.lang)]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
