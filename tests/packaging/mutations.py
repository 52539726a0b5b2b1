"""Packages altered at random: by an outsider, who changes files, and by whoever computes everything anew.

A mutation works on the files of a package in memory. The clever attacker changes what is said and then makes lines,
salts, hashes, numbers, counts, leaves, heads (where they have the key) and manifests fit again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from engine.chain import canonical, recorded_text, salt_bytes, salted, seal
from engine.tree import HASHES, Head, leaf_hash, leaf_text, root
from tests.packaging.second import Files
from workflows.audit.sealing.checkpoints import Signer, checkpoint
from workflows.audit.sealing.signing import signer_for

KEY = Signer("duban.example.org", bytes(range(32)))
EVENTS, ABOUT = "data/events.ndjson", "data/package.json"
GENESIS = "0" * 64


# -- making it fit again


def rows_of(files: Files) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[EVENTS].splitlines()]


def with_rows(files: Files, rows: list[dict[str, Any]]) -> Files:
    return {**files, EVENTS: b"".join(canonical(row).encode() + b"\n" for row in rows)}


def rechained(rows: list[dict[str, Any]], *, renumber: bool = True) -> list[dict[str, Any]]:
    """Numbers, places and hashes of every stream anew."""
    found, last = [], dict[str, tuple[int, str]]()
    for old in rows:
        row = dict(old)
        seq, prev = last.get(row["stream"], (0, GENESIS))
        header = json.loads(row["header"])
        if renumber:
            header |= {"seq": seq + 1, "task": row["stream"]}
            row |= {"seq": seq + 1, "header": canonical(header)}
        row |= {"prev": prev, "hash": _hash(prev, row)}
        last[row["stream"]] = row["seq"], row["hash"]
        found.append(row)
    return found


def _hash(prev: str, row: dict[str, Any]) -> str:
    if all(len(salt) == 32 for salt in row["salts"].split(" ")):
        return seal(prev, row["header"], row["payload"], row["salts"])
    digests = b""
    for salt, line in zip(row["salts"].split(" "), row["payload"].split("\n"), strict=True):
        digests += bytes.fromhex(salt) if len(salt) == 64 else hashlib.sha256((salt + line).encode()).digest()
    return hashlib.sha256((prev + row["header"]).encode() + digests).hexdigest()


def said_anew(row: dict[str, Any], payload: Any) -> dict[str, Any]:
    """The row with another payload, its lines and salts fitting."""
    text = recorded_text(payload)
    return {**row, "payload": text, "salts": salted(os.urandom(salt_bytes(text)))}


def counted(files: Files) -> Files:
    """`package.json` with the counts that there are."""
    about, streams = json.loads(files[ABOUT]), dict[str, int]()
    for row in rows_of(files):
        streams[row["stream"]] = streams.get(row["stream"], 0) + 1
    return {**files, ABOUT: canonical({**about, "streams": streams}).encode() + b"\n"}


def renoted(files: Files) -> Files:
    """The event that notes the package with the digests of the compiled editions that there are."""
    compiled = {
        name.removeprefix("data/editions/").removesuffix(".json"): hashlib.sha256(data).hexdigest()
        for name, data in files.items()
        if name.startswith("data/editions/") and name.endswith(".json")
    }
    rows = rows_of(files)
    for at, row in enumerate(rows):
        if json.loads(row["header"])["type"] == "RecordPackaged":
            rows[at] = said_anew(row, {**json.loads(row["payload"]), "compiled": compiled})
    return with_rows(files, rechained(rows))


def sealed(files: Files, signer: Signer = KEY) -> Files:
    """A tree over all events, two heads of it, the last event still waiting; beside it one of SM3, if one was there."""
    trees = sorted({"sha256", *(name.split("/")[2] for name in files if name.startswith("data/tree/sm3/"))})
    files = {name: data for name, data in files.items() if not name.startswith("data/tree/")}
    leaves = [leaf_text(row["stream"], row["seq"], row["hash"]) for row in rows_of(files)][:-1]
    for tree in trees:
        files |= {_place(tree, size): headed(leaves[:size], tree, signer) for size in {len(leaves) // 2, len(leaves)}}
    files["data/tree/leaves.txt"] = b"".join(leaves)
    keys = {tree: str(signer_for(signer, tree).verifier) for tree in trees}
    return {**files, "data/tree/keys.json": canonical(keys).encode() + b"\n"}


def headed(leaves: list[bytes], tree: str, signer: Signer = KEY) -> bytes:
    """A signed head of a tree over these leaves."""
    hashed = HASHES[tree]
    head = Head(len(leaves), root([leaf_hash(leaf, hashed) for leaf in leaves], hashed))
    return checkpoint(head, signer_for(signer, tree)).encode()


def _place(tree: str, size: int) -> str:
    return f"data/tree/{tree}/{size:012d}.txt"


def relisted(files: Files) -> Files:
    """Both manifests anew."""
    files = {name: data for name, data in files.items() if "manifest" not in name}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    files["manifest-sha256.txt"] = _manifest({n: d for n, d in digests.items() if n.startswith("data/")})
    digests["manifest-sha256.txt"] = hashlib.sha256(files["manifest-sha256.txt"]).hexdigest()
    files["tagmanifest-sha256.txt"] = _manifest({n: d for n, d in digests.items() if not n.startswith("data/")})
    return files


def _manifest(digests: dict[str, str]) -> bytes:
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode()


# -- values


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in JSON."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield from places(item, (*path, name))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        value = value[name]
    return value


def other(chance: Random, value: Any, words: list[str]) -> Any:
    """Another value, most often of the same kind."""
    if chance.random() < 0.1:
        return chance.choice([None, True, "", "x", 0, [], {}, "<personal>"])
    match value:
        case bool():
            return not value
        case int() | float():
            return value + chance.choice([-1, 1, 7])
        case str() if value.replace(".", "").isdigit():
            return str(float(value) + chance.choice([-1, 1, 50])).removesuffix(".0")
        case str():
            return chance.choice([*words, value + "x", value[:-1]])
        case list():
            return chance.choice([[*value, *value[:1]], value[1:], value[::-1]])
        case dict():
            left = list(value.items())
            return dict(left[1:]) if left else {"x": 1}
    return chance.choice(words)


def altered(chance: Random, whole: Any, words: list[str]) -> Any:
    """JSON with one value exchanged, taken out, or put under another name."""
    whole = json.loads(json.dumps(whole))
    found = list(places(whole))
    if not found:
        return {"x": 1}
    path = chance.choice(found)
    held, name = at(whole, path[:-1]), path[-1]
    what = chance.random()
    if what < 0.8:
        held[name] = other(chance, held[name], words)
    elif what < 0.9:
        del held[name]
    elif isinstance(held, dict):
        held[chance.choice(words) or "x"] = held.pop(name)
    return whole


def words_of(files: Files) -> list[str]:
    """Short texts that a package holds: what an attacker would put in the place of another."""
    texts: set[str] = set()
    for row in rows_of(files):
        for part in (json.loads(row["header"]), json.loads(row["payload"])):
            texts |= {value for path in places(part) if isinstance(value := at(part, path), str) and len(value) < 40}
    return sorted(texts)


# -- mutations

Mutation = Callable[[Random, Files], Files]


def flip(chance: Random, files: Files) -> Files:
    name = chance.choice(sorted(files))
    data = bytearray(files[name])
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return {**files, name: bytes(data)}


def remove(chance: Random, files: Files) -> Files:
    name = chance.choice(sorted(files))
    return {other_: data for other_, data in files.items() if other_ != name}


def add(chance: Random, files: Files) -> Files:
    return {
        **files,
        chance.choice(["data/x", "x", "data/boards/x.json", "data/files/x", "data/tree/sha256/9.txt"]): b"x",
    }


def cut(chance: Random, files: Files) -> Files:
    name = chance.choice(sorted(files))
    return {**files, name: files[name][: chance.randrange(1 + len(files[name]))]}


def lines(chance: Random, files: Files) -> Files:
    """Lines of a file exchanged, doubled, or left out."""
    name = chance.choice([EVENTS, EVENTS, "manifest-sha256.txt", "tagmanifest-sha256.txt", "data/tree/leaves.txt"])
    found = files.get(name, b"").splitlines(keepends=True)
    if len(found) < 2:
        return files
    a, b = chance.sample(range(len(found)), 2)
    match chance.randrange(3):
        case 0:
            found[a], found[b] = found[b], found[a]
        case 1:
            found.insert(b, found[a])
        case _:
            del found[a]
    return {**files, name: b"".join(found)}


def column(chance: Random, files: Files) -> Files:
    """One column of one row."""
    rows = rows_of(files)
    row = chance.choice(rows)
    name = chance.choice(sorted(row))
    row[name] = other(chance, row[name], words_of(files))
    return with_rows(files, rows)


def event(chance: Random, files: Files) -> Files:
    """What an event says, its own hash fitting or not."""
    rows, words = rows_of(files), words_of(files)
    number = chance.randrange(len(rows))
    row = rows[number]
    if chance.random() < 0.25:
        rows[number] = {**row, "header": canonical(altered(chance, json.loads(row["header"]), words))}
    elif all(len(salt) == 32 for salt in row["salts"].split(" ")):
        rows[number] = said_anew(row, altered(chance, json.loads(row["payload"]), words))
    return with_rows(files, rows)


def erasure(chance: Random, files: Files) -> Files:
    """What an event says of what was erased, or of an order for it; or the event is taken away."""
    rows, words = rows_of(files), words_of(files)
    kinds = ("ValuesRedacted", "RedactionAsked", "RedactionApproved")
    numbers = [n for n, row in enumerate(rows) if json.loads(row["header"])["type"] in kinds]
    if not numbers:
        return files
    number = chance.choice(numbers)
    if chance.random() < 0.2:
        return with_rows(files, [*rows[:number], *rows[number + 1 :]])
    lines_, salts = rows[number]["payload"].split("\n"), rows[number]["salts"].split(" ")
    at_ = chance.choice([n for n, salt in enumerate(salts) if len(salt) == 32])
    if len(salts) > 1:
        lines_[at_] = lines_[at_].replace(
            *chance.choice([("redact", "fire"), ("R-1", "R-2"), ('"seq":1,', '"seq":2,'), ("boss", "root")])
        )
        rows[number] = {**rows[number], "payload": "\n".join(lines_)}
    else:
        rows[number] = said_anew(rows[number], altered(chance, json.loads(rows[number]["payload"]), words))
    return with_rows(files, rows)


def guard(chance: Random, files: Files) -> Files:
    """What a guard of an act or a light saw or came to."""
    rows = rows_of(files)
    numbers = [n for n, row in enumerate(rows) if json.loads(row["payload"]).get("guards")]
    numbers = [n for n in numbers if all(len(salt) == 32 for salt in rows[n]["salts"].split(" "))]
    if not numbers:
        return files
    number = chance.choice(numbers)
    payload = json.loads(rows[number]["payload"])
    payload["guards"] = altered(chance, payload["guards"], words_of(files))
    rows[number] = said_anew(rows[number], payload)
    return with_rows(files, rows)


def drop(chance: Random, files: Files) -> Files:
    """An event less, or the end of a stream, or a whole stream."""
    rows = rows_of(files)
    row = chance.choice(rows)
    match chance.randrange(3):
        case 0:
            rows.remove(row)
        case 1:
            rows = [each for each in rows if each["stream"] != row["stream"] or each["seq"] < row["seq"]]
        case _:
            rows = [each for each in rows if each["stream"] != row["stream"]]
    return with_rows(files, rows)


def repeat(chance: Random, files: Files) -> Files:
    rows = rows_of(files)
    number = chance.randrange(len(rows))
    return with_rows(files, [*rows[: number + 1], rows[number], *rows[number + 1 :]])


def exchange(chance: Random, files: Files) -> Files:
    """Two events in each other's place, in one stream or in two."""
    rows = rows_of(files)
    a, b = chance.sample(range(len(rows)), 2)
    place = {name: (rows[a][name], rows[b][name]) for name in ("stream", "seq")}
    rows[a], rows[b] = (
        {**rows[b], **{name: both[0] for name, both in place.items()}},
        {**rows[a], **{name: both[1] for name, both in place.items()}},
    )
    return with_rows(files, rows)


def back_date(chance: Random, files: Files) -> Files:
    rows = rows_of(files)
    row = chance.choice(rows)
    header, name = json.loads(row["header"]), chance.choice(["occurred_at", "recorded_at", "due_at"])
    header[name] = json.loads(chance.choice(rows)["header"])["occurred_at"]
    row["header"] = canonical(header)
    return with_rows(files, rows)


def withhold(chance: Random, files: Files) -> Files:
    """One more line withheld, personal or not."""
    rows = rows_of(files)
    row = chance.choice(rows)
    lines_, salts = row["payload"].split("\n"), row["salts"].split(" ")
    number = chance.randrange(len(lines_))
    if len(salts[number]) == 32:
        salts[number] = hashlib.sha256((salts[number] + lines_[number]).encode()).hexdigest()
        comma, (name, colon, _) = "," * lines_[number].endswith(","), lines_[number].partition(":")
        lines_[number] = (
            f'{name}{colon}"<personal>"{comma}' if colon and chance.random() < 0.8 else '"<personal>"' + comma
        )
    row["payload"], row["salts"] = "\n".join(lines_), " ".join(salts)
    return with_rows(files, rows)


def of_json(folder: str) -> Mutation:
    """A value in a file of JSON."""

    def change(chance: Random, files: Files) -> Files:
        names = sorted(name for name in files if name.startswith(folder) and name.endswith(".json"))
        if not names:
            return files
        name = chance.choice(names)
        return {**files, name: canonical(altered(chance, json.loads(files[name]), words_of(files))).encode() + b"\n"}

    return change


def rule(chance: Random, files: Files) -> Files:
    """A rule of a compiled edition: a transition, a tree, a deadline."""
    names = sorted(name for name in files if name.startswith("data/editions/") and name.endswith(".json"))
    name = chance.choice(names)
    book = json.loads(files[name])
    kind = chance.choice(sorted(book["bodies"]))
    part = chance.choice(
        ["transitions", "transitions", "expressions", "expressions", "signals", "deadlines", "states", "fields"]
    )
    book["bodies"][kind][part] = altered(chance, book["bodies"][kind][part], words_of(files))
    return {**files, name: canonical(book).encode() + b"\n"}


def text(chance: Random, files: Files) -> Files:
    name = chance.choice(sorted(name for name in files if name.endswith((".yaml", ".py", ".md"))))
    return {**files, name: files[name] + b"# x\n"}


def head(chance: Random, files: Files) -> Files:
    """A head, the keys or a leaf."""
    names = sorted(name for name in files if name.startswith("data/tree/"))
    if not names:
        return files
    name = chance.choice(names)
    data = files[name].decode().splitlines(keepends=True)
    number = chance.randrange(len(data))
    data[number] = chance.choice(
        [data[number][::-1], data[number].upper(), data[number][:-2] + "\n", chance.choice(data)]
    )
    return {**files, name: "".join(data).encode()}


MUTATIONS: dict[str, Mutation] = {
    each.__name__: each
    for each in (
        flip, remove, add, cut, lines, column, event, erasure, guard, drop, repeat, exchange, back_date, withhold, rule,
        text, head,
    )
} | {
    "board": of_json("data/boards/"),
    "about": of_json(ABOUT),
    "edition": of_json("data/editions/"),
    "calendar": of_json("data/calendars/"),
    "templates": of_json("data/templates"),
}  # fmt: skip


def mutated(seed: int, files: Files) -> tuple[str, Files]:
    """A package altered by a seed: how, and its files. What cannot be made to fit again is left as it became."""
    chance = Random(seed)
    name = chance.choice(sorted(MUTATIONS))
    try:
        found = MUTATIONS[name](chance, files)
    except (ValueError, LookupError, TypeError, AttributeError):
        return name, files
    depth = chance.randrange(6)
    said = f"{name} {('', 'manifest', 'chain', 'chain and note', 'tree', 'tree with another key')[depth]}"
    try:
        return said, _fitted(found, depth)
    except (ValueError, LookupError, TypeError, AttributeError):
        return said, found


def _fitted(files: Files, depth: int) -> Files:
    """How far the attacker goes: nothing, the manifests, chains too, what was noted too, the tree too."""
    if depth >= 2:
        files = counted(with_rows(files, rechained(rows_of(files))))
    if depth >= 3:
        files = renoted(files)
    if depth >= 4 and "data/tree/leaves.txt" in files:
        files = sealed(files, KEY if depth == 4 else Signer(KEY.name, bytes(32)))
    return relisted(files) if depth >= 1 else files
