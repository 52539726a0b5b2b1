"""A second verifier of audit packages, written from `docs/audit-package.md` alone: it answers which parts do not hold.

Another construction than the one that goes with a package: everything in memory, guards made into functions whose
failure is a value, roots of trees by recursion, signatures by a library, boards by intervals.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FAIL = object()
"""What a failing expression comes to."""

Files = dict[str, bytes]


class Broken(Exception):
    """A rule is broken."""


SHAPELESS = (LookupError, TypeError, ValueError, AttributeError, RecursionError, ArithmeticError, Broken)


def need(holds: object) -> None:
    if not holds:
        raise Broken


def holds(rule: Callable[[], object]) -> bool:
    try:
        rule()
    except SHAPELESS:
        return False
    return True


WHOLE, LINE = 1 << 26, 1 << 24
"""Bytes of a file of JSON, of a text, of a manifest; and of a line of events or leaves."""


def load(path: Path) -> Files:
    """The files of a package. Raises `Broken` where it is none that can be read."""
    return from_zip(path) if path.is_file() else from_folder(path)


def from_folder(path: Path) -> Files:
    found = [each for each in path.rglob("*") if each.is_symlink() or not each.is_dir()]
    need(not any(stat.S_IFMT(each.lstat().st_mode) != stat.S_IFREG for each in found))
    names = {each: each.relative_to(path).as_posix() for each in found}
    need(all(small(name, each.lstat().st_size) for each, name in names.items()))
    return {name: each.read_bytes() for each, name in names.items()}


def from_zip(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        need(sum(entry.file_size for entry in entries) <= 200 * path.stat().st_size)
        plain = [entry for entry in entries if not entry.filename.endswith("/")]
        names = [entry.filename.partition("/")[2] for entry in plain]
        need(len(set(names)) == len(names) and all(map(small, names, (entry.file_size for entry in plain))))
        need(len({entry.filename.split("/")[0] for entry in entries}) <= 1 and all(names))
        for entry in entries:
            need(not entry.flag_bits & 1 and entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
            need(stat.S_IFMT(entry.external_attr >> 16) in (0, stat.S_IFREG, stat.S_IFDIR))
            need(not set("\\\0") & set(entry.orig_filename))
            need(not {"", ".", ".."} & set(entry.filename.removesuffix("/").split("/")))
        try:
            return {name: archive.read(entry) for name, entry in zip(names, plain, strict=True)}
        except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error):
            raise Broken from None


def small(name: str, size: int) -> bool:
    long = name in ("data/events.ndjson", "data/tree/leaves.txt") or name.startswith("data/files/")
    return long or name.startswith("__pycache__/") or size <= WHOLE


def told(data: bytes | str) -> Any:
    """What JSON says: not deep, with short numbers, and none that JSON does not have."""

    def short(digits: str) -> str:
        need(len(digits) <= 40)
        return digits

    text = data if isinstance(data, str) else data.decode()
    value = json.loads(
        text, parse_int=lambda n: int(short(n)), parse_float=lambda n: float(short(n)), parse_constant=need_no
    )
    level, deep = [value], 0
    while level := [item for each in level for item in (within(each) if isinstance(each, dict | list) else ())]:
        deep += 1
        need(deep <= 200)
    return value


def within(value: Any) -> list[Any]:
    """What is one level deeper; something of an empty one too, for it is a level itself."""
    return list(value.values() if isinstance(value, dict) else value) or [None]


def need_no(_name: str) -> None:
    raise Broken


def file_of_json(data: bytes) -> Any:
    value = told(data)
    need(f"{one_text(value)}\n".encode() == data)
    return value


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def one_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


PARTS = ("bag", "events", "editions", "history", "files", "boards", "tree")


def judged_at(path: Path) -> dict[str, bool | None]:
    """The same of a folder or a zip."""
    try:
        files = load(path)
    except Broken:
        return {**dict.fromkeys(PARTS), "bag": False}
    return judged(files)


def judged(files: Files, key: str | None = None, heads: tuple[str, ...] = ()) -> dict[str, bool | None]:
    """By part: whether it holds, None where it was not checked."""
    files = {name: data for name, data in files.items() if not name.startswith("__pycache__/")}
    found: dict[str, bool | None] = {"bag": holds(lambda: bag(files))}
    package = Package(files)
    found["events"] = package.events_hold
    found["editions"] = holds(package.read_editions) if found["events"] else None
    found["history"] = holds(package.live) if found["editions"] else None
    found["files"] = holds(package.check_files) if found["events"] else None
    found["boards"] = holds(package.check_boards) if found["history"] else None
    found["tree"] = holds(lambda: tree(package, key, heads)) if found["events"] else None
    return found


# -- bag


OUTSIDE = {
    "bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt", "verify_package.py", "README.zh.md",
    "README.en.md",
}  # fmt: skip
BELOW = {
    "editions": "[^/]+[.](yaml|json)",
    "calendars": "[0-9a-f]{64}[.]json",
    "files": "[0-9a-f]{64}",
    "boards": "[0-9]{4}-[0-9]{2}-[0-9]{2}[.]json",
    "tree": "leaves[.]txt|keys[.]json|(sm3|sha256)/[0-9]{12,19}[.]txt",
}


def has_place(name: str) -> bool:
    top, _, rest = name.partition("/")
    folder, _, last = rest.partition("/")
    if top != "data" or not last:
        return name in OUTSIDE or rest in ("package.json", "events.ndjson", "templates.json")
    return folder in BELOW and re.fullmatch(BELOW[folder], last) is not None


def bag(files: Files) -> None:
    need(all(map(has_place, files)))
    need(files["bagit.txt"].split(b"\n")[0] == b"BagIt-Version: 1.0")
    data = {name for name in files if name.startswith("data/")}
    for manifest, names in (
        ("manifest-sha256.txt", data),
        ("tagmanifest-sha256.txt", set(files) - data - {"tagmanifest-sha256.txt"}),
    ):
        lines = files[manifest].decode().removesuffix("\n").split("\n")
        pairs = [re.fullmatch("([0-9a-f]{64})  (.+)", line) for line in lines if line or len(lines) > 1]
        need(all(pairs))
        told = [(unescaped(pair[2]), pair[1]) for pair in pairs if pair]
        need(len(dict(told)) == len(told))
        need(dict(told) == {name: sha(files[name]) for name in names})


def unescaped(path: str) -> str:
    for mark, letter in (("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        path = path.replace(mark, letter)
    return path


# -- the rest of a package


def event_in(row: dict[str, Any]) -> dict[str, Any]:
    """An event read from its row, by itself."""
    need(sorted(row) == ["hash", "header", "payload", "prev", "salts", "seq", "stream"])
    need(all(isinstance(row[name], str) for name in row if name != "seq") and type(row["seq"]) is int)
    lines, words = row["payload"].split("\n"), row["salts"].split(" ")
    need(len(lines) == len(words) and all(re.fullmatch("([0-9a-f]{32}){1,2}", word) for word in words))
    digests = [
        word if len(word) == 64 else sha((word + line).encode()) for word, line in zip(words, lines, strict=True)
    ]
    need(row["hash"] == sha((row["prev"] + row["header"]).encode() + b"".join(map(bytes.fromhex, digests))))
    header, payload = told(row["header"]), told(row["payload"])
    need(one_text(header) == row["header"] and one_text(payload) == "".join(lines))
    need(isinstance(payload, dict) and header["task"] == row["stream"] and header["seq"] == row["seq"])
    need(header["v"] == 1)
    need(all(isinstance(header[n], str) for n in ("type", "occurred_at", "recorded_at", "actor", "cause", "edition")))
    hidden = list(hidden_in(lines, words)) if any(len(word) == 64 for word in words) else []
    return {
        **header,
        "ref": f"{row['stream']}#{row['seq']}",
        "payload": payload,
        "hash": row["hash"],
        "hidden": hidden,
    }


def hidden_in(lines: list[str], words: list[str]) -> Iterator[tuple[str, str | None]]:
    places = dict(apart(lines))
    for number, word in enumerate(words):
        if len(word) == 64:
            part, named = places[number]
            line = lines[number].removesuffix(",")
            if not named:
                need(line == '"<personal>"')
                yield part, None
                continue
            need(line.endswith(':"<personal>"'))
            (name, value), *more = json.loads("{" + line + "}").items()
            need(value == "<personal>" and not more and not line.startswith((" ", "\t")))
            yield part, name


class Package:
    """Events by stream, editions, and what they lead to."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.streams: dict[str, list[dict[str, Any]]] = {}
        self.about: dict[str, Any] = {}
        self.editions: dict[str, Any] = {}
        self.lives: dict[str, dict[str, Any]] = {}
        self.events_hold = holds(self._read)

    @property
    def whole(self) -> bool:
        tasks, until = self.about["tasks"], self.about["until"]
        return not tasks and until is None

    def _read(self) -> None:
        self.about = file_of_json(self.files["data/package.json"])
        need(self.about["format"] == "duban-package/1" and self.about["taken"] and self.whole in (True, False))
        for each in self._told_since():
            need(
                isinstance(each["stream"], str) and isinstance(each["lines"], list) and isinstance(each["files"], list)
            )
            need(all(isinstance(digest, str) for digest in each["files"]))
            for line in each["lines"]:
                need(type(line["seq"]) is int and isinstance(line["part"], str))
                need(line["name"] is None or isinstance(line["name"], str))
        lines = self.files["data/events.ndjson"].split(b"\n")
        before = ""
        for line in lines[:-1] if not lines[-1] else lines:
            need(len(line) <= LINE)
            row = told(line)
            stream = row["stream"]
            need(stream == before or stream not in self.streams)
            before = stream
            self.streams.setdefault(stream, []).append(self._event(row))
        counts = {stream: len(events) for stream, events in self.streams.items()}
        need(counts == self.about["streams"])
        need(isinstance(self._noted()["compiled"], dict))

    def _noted(self) -> dict[str, Any]:
        stream, _, seq = self.about["taken"].rpartition("#")
        event = self.streams[stream][int(seq) - 1]
        need(event["type"] == "RecordPackaged" and f"{stream}#{event['seq']}" == self.about["taken"])
        noted: dict[str, Any] = event["payload"]
        return noted

    def _event(self, row: dict[str, Any]) -> dict[str, Any]:
        event = event_in(row)
        mine = self.streams.get(row["stream"], [])
        need(row["seq"] == len(mine) + 1 and row["prev"] == (mine[-1]["hash"] if mine else "0" * 64))
        need(not mine or mine[-1]["recorded_at"] <= event["recorded_at"])
        return event

    # -- editions

    def read_editions(self) -> None:
        compiled, found = self._noted()["compiled"], {}
        events = [each["payload"] for each in self.streams.get("editions", []) if each["type"] == "EditionPublished"]
        published = {str(each.get("subject")): str(each.get("digest")) for each in reversed(events)}
        for name, data in self.files.items():
            if name.startswith("data/calendars/"):
                need(name == f"data/calendars/{sha(data)}.json")
            if name.startswith("data/editions/") and name.endswith(".json"):
                book = file_of_json(data)
                need(is_edition(book))
                title = f"{book['process']}@{book['edition']}"
                need(name == f"data/editions/{title}.json")
                need(sha(self.files[f"data/editions/{title}.yaml"]) == book["digest"])
                need(compiled[title] == sha(data) and published.get(title, book["digest"]) == book["digest"])
                found[title] = book
        need(set(found) == set(compiled))
        texts_ = {name for name in self.files if name.startswith("data/editions/") and name.endswith(".yaml")}
        need(texts_ == {f"data/editions/{title}.yaml" for title in found})
        self.editions = found

    # -- history

    def tasks(self) -> dict[str, list[dict[str, Any]]]:
        return {stream: events for stream, events in self.streams.items() if events[0]["edition"]}

    def live(self) -> None:
        opened = []
        for stream, events in self.tasks().items():
            task: dict[str, Any] = {}
            for event in events:
                if task:
                    need(event["type"] != "TaskRegistered")
                Judge(self, task, event).judge()
                obey(task, event)
                look(self, task, event)
                if event["type"] == "ChildOpened":
                    opened.append((event["payload"]["child"], stream))
            self.lives[stream] = task
        for child, parent in opened:
            if self.whole or child in self.lives:
                need(self.lives[child]["parent"] == parent)

    # -- what was erased

    def erased_by(self, stream: str, seq: int, part: str, name: str | None) -> float:
        """The number of the last event that says that a line was erased; 0 for none, beyond all for one that is not
        in the package.
        """
        wanted = {"seq": seq, "part": part, "name": name}
        events = [each for each in self.streams[stream] if each["type"] == "ValuesRedacted"]
        found = [each["seq"] for each in events if wanted in (each["payload"].get("lines") or [])]
        late = any(
            wanted == {part: line[part] for part in wanted}
            for each in self._since()
            if each["stream"] == stream
            for line in each["lines"]
        )
        return NEVER if late else max(found, default=0)

    def _told_since(self) -> list[dict[str, Any]]:
        found = self.about.get("erased_since", [])
        need(isinstance(found, list))
        return list(found)

    def _since(self) -> list[dict[str, Any]]:
        return self._told_since() if self.about["until"] is not None else []

    def order(self, subject: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The event that asked for an order, and the one that approved it."""
        need(isinstance(subject, str))
        mine = [each for each in self.streams["redactions"] if str(each["payload"].get("subject")) == subject]
        first = [each for each in mine if each["type"] == "RedactionAsked"]
        need(first)
        asked = first[0]
        later = [each for each in mine if each["type"] == "RedactionApproved" and each["seq"] > asked["seq"]]
        return asked, later[0]

    def erased_files(self) -> set[str]:
        events = [each for mine in self.tasks().values() for each in mine if each["type"] == "ValuesRedacted"]
        lists = [each["payload"].get("files") for each in events] + [each["files"] for each in self._since()]
        return {digest for each in lists if isinstance(each, list) for digest in each if isinstance(digest, str)}

    # -- files and boards

    def check_files(self) -> None:
        kept = {name.removeprefix("data/files/") for name in self.files if name.startswith("data/files/")}
        need(all(sha(self.files[f"data/files/{digest}"]) == digest for digest in kept))
        need(self._noted().get("verifier") == sha(self.files["verify_package.py"]))
        wanted = {row["digest"] for row in file_of_json(self.files["data/templates.json"])}
        need(wanted <= kept)
        strays = kept - wanted
        kept |= self.erased_files()
        series: dict[Any, list[Any]] = {}
        for event in (each for events in self.tasks().values() for each in events):
            need(set(named(event["payload"])) <= kept)
            strays -= set(named(event["payload"]))
            document = event["payload"].get("document")
            if event["type"] == "PublicationIssued" and isinstance(document, dict):
                need({document[name] for name in ("docx", "template") if name in document} <= kept)
                strays -= {document[name] for name in ("docx", "template") if name in document}
                series.setdefault((document.get("series"), document.get("year")), []).append(document.get("serial"))
        need(not strays)
        if self.whole:
            need(all(sorted(found) == list(range(1, 1 + len(found))) for found in series.values()))

    def check_boards(self) -> None:
        for name, data in self.files.items():
            if name.startswith("data/boards/"):
                board = file_of_json(data)
                begins, day = (datetime.fromisoformat(text[:10]) for text in (board["at"], name[-15:-5]))
                need(-1 <= (begins - day).days <= 1)
                at, rows = board["at"], {row["task"]: row for row in board["rows"]}
                faces = {task: face_at(life["looks"], at) for task, life in self.lives.items()}
                need(len(rows) == len(board["rows"]))
                need(set(rows) == {task for task, face in faces.items() if face is not None})
                for task, row in rows.items():
                    self._row(row, faces[task] or (), self.lives[task])

    def _row(self, row: dict[str, Any], face: tuple[Any, ...], life: dict[str, Any]) -> None:
        need((row["state"], row["signal"], row["ended"]) == face[:3])
        need((row["kind"], row["part_of"]) == (life["kind"], life["part_of"]))
        need(row["process"] == life["edition"].split("@")[0])
        if life["parent"] is None:
            need((row["title"], row["unit"]) == face[3:])


def is_edition(book: Any) -> bool:
    """Whether a compiled edition has all that the page says, each of its type."""
    return (
        all(isinstance(book[name], str) for name in ("process", "edition", "digest"))
        and isinstance(book["parameters"], dict)
        and all(map(optional, each(book["roles"], "unit")))
        and all(map(is_body, members(book["bodies"])))
    )


def members(value: Any) -> list[Any]:
    need(isinstance(value, dict))
    return list(value.values())


def each(value: Any, name: str) -> list[Any]:
    need(all(isinstance(item, dict) for item in members(value)))
    return [item[name] for item in members(value)]


def optional(value: Any) -> bool:
    return value is None or isinstance(value, str)


def texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def records(value: Any, **kinds: Callable[[Any], bool]) -> bool:
    whole = isinstance(value, list) and all(isinstance(item, dict) for item in value)
    return whole and all(kind(item[name.strip("_")]) for item in value for name, kind in kinds.items())


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_body(body: Any) -> bool:
    need(isinstance(body, dict))
    return (
        is_text(body["initial"])
        and all(map(optional, (body["cancelled"], body["title"], body["unit"])))
        and all(map(texts, (body["registrars"], body["children"], body["personal"])))
        and all(map(is_text, members(body["fields"]) + members(body["forms"]) + each(body["expressions"], "node")))
        and {type(flag) for flag in each(body["states"], "final") + each(body["deadlines"], "states_day")} <= {bool}
        and type(body["personal_plan"]) is bool
        and records(body["signals"], colour=is_text, when=is_text)
        and all(map(is_transition, members(body["transitions"])))
    )


def is_transition(rule: Any) -> bool:
    need(isinstance(rule, dict))
    return (
        texts(rule["from"])
        and texts(rule["set"])
        and optional(rule["when"])
        and records(rule["by"], role=is_text, not_=optional)
        and records(rule["to"], state=is_text, when=optional)
    )


def apart(lines: list[str]) -> Iterator[tuple[int, tuple[str, bool]]]:
    """The lines that stand apart, by number: their part, and whether they have a name."""
    part, named = None, False
    for number, line in enumerate(lines):
        if part is not None and not (named and line[:1] == "}"):
            yield number, (part, named)
            if not named:
                part = None
            continue
        match = re.search(r'"(\w+)":({?)$', line)
        part, named = (match.group(1), bool(match.group(2))) if match else (None, False)


def named(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from named(item)
    elif isinstance(value, dict) and isinstance(value.get("name"), str) and not set(value) - {"name", "digest"}:
        if isinstance(value.get("digest"), str):
            yield value["digest"]
    elif isinstance(value, dict):
        yield from named(list(value.values()))


# -- one event of a task

ENDINGS = {
    "DeadlineStarted": ("running paused", None),
    "DeadlineMoved": ("running paused missed", "running paused missed lapsed"),
    "DeadlinePaused": ("paused", "running paused"),
    "DeadlineResumed": ("running", "running paused"),
    "DeadlineExtended": ("running paused", "running paused missed"),
    "DeadlineReminded": ("running paused missed", "running paused missed"),
    "DeadlineMet": ("met met_late", "running paused missed"),
    "DeadlineMissed": ("missed", "running paused"),
    "DeadlineLapsed": ("lapsed", "running paused"),
    "DeadlineCancelled": ("cancelled", "running paused missed"),
    "DeadlineSuperseded": ("superseded", "running paused missed"),
    "MissExcused": ("met", "missed lapsed"),
}
NEVER = float("inf")
SILENT = ("TriggerIgnored", "NoticeRaised", "PublicationOrdered", "PublicationIssued", "PublicationVoided")


class Judge:
    """What has to hold of one event, given the task before it."""

    def __init__(self, package: Package, task: dict[str, Any], event: dict[str, Any]) -> None:
        self.package, self.task, self.event, self.said = package, task, event, event["payload"]
        self.book = package.editions[event["edition"]]
        self.kind = task["kind"] if task else self.said["kind"]

    @property
    def body(self) -> dict[str, Any]:
        """The rules by which the task goes now."""
        found: dict[str, Any] = self.package.editions[self.task["edition"]]["bodies"][self.kind]
        return found

    def judge(self) -> None:
        self._command()
        self._cause()
        under = self.book["bodies"][self.kind]
        for part, name in self.event["hidden"]:
            plan = part == "milestones" and under["personal_plan"]
            named = self.package.erased_by(self.event["task"], self.event["seq"], part, name) > self.event["seq"]
            need(named or plan or (part in ("fields", "form", "set") and name in under["personal"]))
        kind = self.event["type"]
        if not self.task:
            need(kind == "TaskRegistered")
            self._registered(under)
        elif kind in ENDINGS:
            self._deadline(*ENDINGS[kind])
        elif kind in SILENT:
            need(self.event["edition"] == self.task["edition"])
        else:
            {
                "TriggerFired": self._fired,
                "ActCorrected": self._corrected,
                "SignalChanged": self._light,
                "ChildOpened": self._child,
                "ChildEnded": self._child,
                "TaskMigrated": self._migrated,
                "TaskRestored": self._restored,
                "ValuesRedacted": self._redacted,
            }[kind]()

    def _command(self) -> None:
        command = self.said.get("command")
        if command is None:
            return
        need(command["edition"] == self.book["digest"])
        need(f"data/calendars/{command['calendar']}.json" in self.package.files)
        need(command["actor"]["id"] == self.event["actor"])
        need(not self.event["cause"] or self.event["type"] in ("PublicationIssued", "PublicationVoided"))
        need(self.event["occurred_at"] <= command["at"])

    def _cause(self) -> None:
        if not self.event["cause"]:
            return
        stream, _, number = self.event["cause"].rpartition("#")
        need(number.isdigit() or (stream not in self.package.streams and not self.package.whole))
        if stream in self.package.streams:
            most = self.event["seq"] - 1 if stream == self.event["task"] else len(self.package.streams[stream])
            need(1 <= int(number) <= most)
        else:
            need(not self.package.whole)

    def _registered(self, body: dict[str, Any]) -> None:
        said = self.said
        need(self.event["seq"] == 1 and said["state"] in body["states"])
        need(said["opening"] is not None or said["state"] == body["initial"])
        need(all(name in body["fields"] for name in said["fields"]))
        if said["parent"] is not None:
            need(self.event["cause"].rpartition("#")[0] == said["parent"])
            return
        need(said["command"]["do"] == "register")
        may = body["registrars"]
        need(not may or "anyone" in may or any(role in may for role in said["command"]["actor"]["roles"]))

    def _act(self) -> tuple[dict[str, Any], int]:
        """The transition of an act, and the branch to which its guards lead."""
        need(self.said["from"] == self.task["state"] and self.event["edition"] == self.task["edition"])
        rule = self.body["transitions"][self.said["trigger"]]
        need(self.task["state"] in rule["from"])
        rest = iter(self.said["guards"])
        if rule["when"] is not None:
            need(self._guard(next(rest, None), "when", rule["when"]))
        for number, branch in enumerate(rule["to"]):
            if branch["when"] is None or self._guard(next(rest, None), f"to[{number}]", branch["when"]):
                need(next(rest, None) is None)
                self._who(rule)
                return rule, number
        raise Broken

    def _fired(self) -> None:
        said = self.said
        if said["trigger"] == "parent_ended":
            need(said["from"] == self.task["state"] and self.event["edition"] == self.task["edition"])
            need(self.task["parent"] is not None and self.event["cause"] and said["to"] == self.body["cancelled"])
            need(said["ended"] is True and not said["guards"] and not said["set"])
            return
        rule, number = self._act()
        to = rule["to"][number]["state"]
        to = self.task["state"] if to == "stay" else to
        need(said["branch"] == number and said["to"] == to and said["ended"] is self.body["states"][to]["final"])
        need(all(name in rule["set"] for name in said["set"]))

    def _corrected(self) -> None:
        rule, number = self._act()
        need(rule["to"][number]["state"] == "previous")
        back = self.task["undo"]
        need((self.said["to"], self.said["taken_back"]) == (back["state"], back["trigger"]))
        for part in ("fields", "milestones"):
            now, then = self.said[part], back[part]
            seen = [name for name in {**now, **then} if "<personal>" not in (now.get(name), then.get(name))]
            need(all(name in now and name in then and now[name] == then[name] for name in seen))

    def _redacted(self) -> None:
        said, event = self.said, self.event
        need(event["edition"] == self.task["edition"] and said["command"]["do"] == "redact")
        asked, approved = self.package.order(said["order"])
        need(asked["payload"]["stream"] == event["task"] and approved["actor"] == event["actor"])
        need(asked["actor"] != approved["actor"] or approved["payload"].get("alone"))
        need(approved["recorded_at"] <= event["recorded_at"])
        need(all(digest in asked["payload"]["files"] for digest in said["files"]))
        mine = self.package.streams[event["task"]]
        for line in said["lines"]:
            need(type(line["seq"]) is int and 1 <= line["seq"] < event["seq"])
            need((line["part"], line["name"]) in mine[line["seq"] - 1]["hidden"])

    def _guard(self, witness: Any, at: str, text: str) -> bool:
        need(witness["at"] == at and witness["guard"] == text and witness["error"] is None)
        self._again(witness)
        return bool(witness["held"])

    def _again(self, witness: dict[str, Any]) -> None:
        need((witness["error"] is None) is (witness["held"] is not None))
        value = function_of(one_text(self.body["expressions"][witness["guard"]]))(witness["saw"], {})
        if value is not UNKNOWN:
            need(witness["held"] is None if value is FAIL else isinstance(value, bool) and value is witness["held"])
        for name, operand in witness["saw"].items():
            known = self._known(name)
            if known == "<personal>" and name.partition(".")[0] in ("task", "form"):
                continue
            if known is not NOTHING and not isinstance(known, list):
                need((f"{known:.15g}" if isinstance(known, float) else known) == operand)
                need(not isinstance(known, float) or isinstance(operand, str))
            elif isinstance(known, list):
                continue

    def _known(self, name: str) -> Any:
        task, (record, _, rest) = self.task, name.partition(".")
        if name == "state":
            return task["state"]
        if record == "task" and rest in self.body["fields"]:
            return plain(self.body["fields"][rest], task["fields"].get(rest))
        if record == "form" and rest in self.body["forms"] and "form" in self.said:
            return plain(self.body["forms"][rest], self.said["form"].get(rest))
        if record == "param":
            return self.package.editions[task["edition"]]["parameters"].get(rest)
        match = re.fullmatch(r"([a-z_]+)\('([^'\\]*)'\)", name)
        return counted(task, match[1], match[2]) if match else NOTHING

    def _who(self, rule: dict[str, Any]) -> None:
        if self.event["cause"]:
            need(self.event["actor"] == "system")
            return
        command = self.said["command"]
        need(command["do"] == "fire" and command["trigger"] == self.said["trigger"])
        need(not rule["by"] or any(self._fits(by, command["actor"]) for by in rule["by"]))

    def _fits(self, by: dict[str, Any], actor: dict[str, Any]) -> bool:
        if by["role"] == "anyone":
            return True
        if by["role"] not in actor["roles"]:
            return False
        role = self.package.editions[self.task["edition"]]["roles"].get(by["role"]) or {}
        record, _, name = (role.get("unit") or "").partition(".")
        if record == "task" and name in self.body["fields"]:
            units = self.task["fields"].get(name)
            units = units if isinstance(units, list) else [units]
            if "<personal>" not in units and not any(unit in actor["units"] for unit in units):
                return False
        other = re.fullmatch(r"actor_of\('([^'\\]*)'\)", by["not"] or "")
        firings = self.task["fired"].get(other[1]) if other else None
        return not firings or firings[-1][1] != actor["id"]

    def _light(self) -> None:
        rules, tried = self.body["signals"], self.said["guards"]
        need(self.said["from"] == self.task["signal"])
        for number, witness in enumerate(tried):
            need(witness["at"] == f"signals[{number}]" and witness["guard"] == rules[number]["when"])
            self._again(witness)
        need(all(witness["held"] is False for witness in tried[:-1]))
        if tried and tried[-1]["held"] is True:
            need(self.said["to"] == rules[len(tried) - 1]["colour"])
        else:
            failed = bool(tried) and tried[-1]["held"] is not False
            need(self.said["to"] == "unknown" and (failed or len(tried) == len(rules)))

    def _deadline(self, allowed: str, follows: str | None) -> None:
        kind, one = self.event["type"], self.said["occurrence"]
        names = [self.task["edition"], self.task["was"]]
        books = [self.package.editions[name]["bodies"] for name in names if name in self.package.editions]
        rules = [bodies[self.kind]["deadlines"] for bodies in books if self.kind in bodies]
        need(any(one["name"] in found for found in rules))
        rule = next(found[one["name"]] for found in rules if one["name"] in found)
        before = self.task["deadlines"].get(f"{one['name']}/{one['key']}")
        need(one["status"] in allowed.split())
        need(follows is None or before["status"] in follows.split())
        if kind in ("DeadlineReminded", "DeadlineMet", "DeadlineMissed", "DeadlineLapsed", "MissExcused"):
            need(one.get("due_at") == before["due_at"])
        if kind in ("DeadlineMissed", "DeadlineLapsed"):
            need(one["due_at"] == self.event["due_at"] and one["due_at"] <= self.event["occurred_at"])
        if kind in ("DeadlineMet", "MissExcused"):
            need(one["met_at"] == self.event["occurred_at"])
            late = one.get("due_at") is not None and one["due_at"] <= one["met_at"]
            need(rule["states_day"] or (one["status"] == "met_late") is late)

    def _child(self) -> None:
        need(self.said["kind"].split("/")[-1] in self.body["children"])

    def _migrated(self) -> None:
        need((self.said["from"], self.said["was"]) == (self.task["state"], self.task["edition"]))
        need(self.said["to"] in self.book["bodies"][self.kind]["states"])

    def _restored(self) -> None:
        back = self.task["back"]
        need(back is not None and (self.said["to"], self.event["edition"]) == (back["state"], back["edition"]))


NOTHING = object()
"""An operand that is not compared."""


def plain(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind in ("integer", "decimal", "quantity", "money", "percent"):
        return float(value["amount"]) if isinstance(value, dict) else float(value)
    return [item["name"] for item in value] if kind == "files" else value


def counted(task: dict[str, Any], function: str, name: str) -> Any:
    statuses = [one["status"] for one in task["deadlines"].values() if one["name"] == name]
    path = f"{task['kind']}/{name}".removeprefix("/")
    kin = [ended for kind, ended in task["children"].values() if kind == path]
    match function:
        case "fired":
            return float(len(task["fired"].get(name, [])))
        case "missed" | "lapsed":
            return float(statuses.count(function))
        case "met":
            return float(statuses.count("met") + statuses.count("met_late"))
        case "running":
            return "running" in statuses or "paused" in statuses
        case "children":
            return float(len(kin))
        case "open_children":
            return float(kin.count(False))
        case _:
            return NOTHING


def obey(task: dict[str, Any], event: dict[str, Any]) -> None:  # noqa: C901 - the types of events, one after the other
    kind, said = event["type"], event["payload"]
    command = said.get("command") or {}
    present = command.get("at") or said.get("now") or event["occurred_at"]
    back = task.get("back")
    if back is not None and back["at"] != present:
        task["back"] = None
    if kind == "TaskRegistered":
        task.update({name: said[name] for name in ("kind", "parent", "part_of", "state", "fields", "milestones")})
        task.update(edition=event["edition"], was="", ended=False, signal=None, deadlines={}, fired={}, children={})
        task.update(undo=None, back=None, looks=[])
    elif kind == "TriggerFired":
        was = {name: task[name] for name in ("state", "fields", "milestones")} | {"trigger": said["trigger"]}
        firings = [*task["fired"].get(said["trigger"], []), [event["occurred_at"], event["actor"]]]
        task.update(state=said["to"], ended=said["ended"], fired=task["fired"] | {said["trigger"]: firings})
        task.update(fields=task["fields"] | said["set"], milestones=task["milestones"] | said["milestones"])
        if said["undo"] != "keep":
            task["undo"] = was if said["undo"] == "new" else None
    elif kind == "ActCorrected":
        task.update({name: said[name] for name in ("fields", "milestones", "deadlines", "fired")})
        task.update(state=said["to"], ended=False, undo=None)
    elif kind in ENDINGS:
        one = said["occurrence"]
        task["deadlines"] = task["deadlines"] | {f"{one['name']}/{one['key']}": one}
        if kind in ("DeadlineMissed", "DeadlineLapsed"):
            task["undo"] = None
    elif kind == "SignalChanged":
        task["signal"] = said["to"]
    elif kind in ("ChildOpened", "ChildEnded"):
        task["children"] = task["children"] | {said["child"]: (said["kind"], kind == "ChildEnded")}
    elif kind == "TaskMigrated":
        task["back"] = {name: value for name, value in task.items() if name not in ("back", "looks", "was")}
        task["back"]["at"] = present
        kept = {name: value for name, value in task["fields"].items() if name not in said["removed"]}
        again = [one | {"name": said["renamed"].get(one["name"], one["name"])} for one in task["deadlines"].values()]
        task.update(
            was=task["edition"], edition=event["edition"], state=said["to"], undo=None, fields=kept | said["set"]
        )
        task.update(
            milestones=plan_left(task["milestones"], said.get("milestone_fields_removed", [])),
            deadlines={f"{one['name']}/{one['key']}": one for one in again},
        )
    elif kind == "TaskRestored":
        need(back is not None)
        assert back is not None
        task.update({name: value for name, value in back.items() if name != "at"}, back=task["back"])


def plan_left(plan: dict[str, Any], without: list[str]) -> dict[str, Any]:
    rows = plan.items()
    return {key: row if row == "<personal>" else {n: row[n] for n in row if n not in without} for key, row in rows}


def look(package: Package, task: dict[str, Any], event: dict[str, Any]) -> None:
    body = package.editions[task["edition"]]["bodies"][task["kind"]]
    values = [task["fields"].get(body[name]) if body[name] else None for name in ("title", "unit")]
    words = [None if value in (None, "<personal>") else str(value) for value in values]
    face = (task["state"], task["signal"], task["ended"], *words)
    if task["looks"] and task["looks"][-1][0] == event["occurred_at"]:
        del task["looks"][-1]
    task["looks"].append((event["occurred_at"], face))


def face_at(looks: list[tuple[str, Any]], at: str) -> Any:
    """Intervals: each new look ends all that begin at or after it, and cuts the one in which it falls."""
    spans: list[tuple[str, Any]] = []
    last = None
    for begins, face in looks:
        if face != last:
            spans = [span for span in spans if span[0] < begins]
            spans.append((begins, face))
        last = face
    return next((face for begins, face in reversed(spans) if begins <= at), None)


# -- guards as functions; failing is a value

Run = Callable[[dict[str, Any], dict[str, Any]], Any]
UNKNOWN = object()


@cache
def function_of(text: str) -> Run:
    run = compiled(json.loads(text))

    def bounded(saw: dict[str, Any], local: dict[str, Any]) -> Any:
        return run(Counted(saw), local)

    return bounded


class Counted(dict[str, Any]):
    """What was seen, and how many turns comprehensions took over it. A guard that goes on and on breaks the rule."""

    turns = 0

    def turn(self) -> None:
        self.turns += 1
        need(self.turns <= 100_000)


def joined(a: Any, b: Any) -> Any:
    if not isinstance(a, float):
        need(len(a) + len(b) <= 1_000_000)
    return a + b


def flat(*items: Any) -> list[Any]:
    """A list has no lists in which there are lists: it would double with every turn."""
    need(not any(isinstance(each, list) for item in items if isinstance(item, list) for each in item))
    return list(items)


def operand(saw: dict[str, Any], name: str, kind: str) -> Any:
    value = saw.get(name)
    if value is None:
        return FAIL
    if kind == "number":
        return FAIL if isinstance(value, bool) or not isinstance(value, str | int | float) else float(value)
    return {key: float(item) for key, item in value.items()} if kind == "numbers by key" else value


def compiled(node: dict[str, Any]) -> Run:
    match node["node"]:
        case "const":
            value = node["value"]
            value = float(value) if type(value) is int else value
            return lambda _saw, _local: value
        case "ident":
            name, kind = node["name"], node.get("kind", "")
            return lambda saw, local: local[name] if name in local else operand(saw, name, kind)
        case "select":
            return _cell(node)
        case "list":
            items = [compiled(item) for item in node["elements"]]
            return lambda saw, local: _all([item(saw, local) for item in items], flat)
        case "map":
            pairs = [(compiled(pair["key"]), compiled(pair["value"])) for pair in node["entries"]]

            def table(saw: dict[str, Any], local: dict[str, Any]) -> Any:
                flat = [each(saw, local) for pair in pairs for each in pair]
                return _all(flat, lambda *found: dict(zip(found[::2], found[1::2], strict=True)))

            return table
        case "comprehension":
            return _fold(node)
    return _call(node)


def _all(values: list[Any], then: Callable[..., Any]) -> Any:
    """The result on values none of which fails or is unknown."""
    bad = next((value for value in values if value is UNKNOWN or value is FAIL), None)
    return then(*values) if bad is None else bad


def _cell(node: dict[str, Any]) -> Run:
    inner, name, test = compiled(node["operand"]), node["field"], node["test"]

    def cell(row: Any) -> Any:
        value = row.get(name)
        return value is not None if test else FAIL if value is None else value

    return lambda saw, local: _all([inner(saw, local)], cell)


def _fold(node: dict[str, Any]) -> Run:
    over, first, going, step, result = (
        compiled(node[part]) for part in ("range", "initial", "condition", "step", "result")
    )

    def fold(saw: Any, local: dict[str, Any]) -> Any:
        members = over(saw, local)
        if members is FAIL or members is UNKNOWN:
            return members
        total = first(saw, local)
        for member in members:
            saw.turn()
            inside = local | {node["variable"]: member, node["accumulator"]: total}
            if going(saw, inside) is False:
                break
            total = step(saw, inside)
        return result(saw, local | {node["accumulator"]: total})

    return fold


def _call(node: dict[str, Any]) -> Run:
    function = node["function"]
    if function == "has":
        label = f"has({node['arguments'][0]['name']})"
        return lambda saw, _local: saw[label]
    arguments = [compiled(argument) for argument in node["arguments"]]
    if function in ("_&&_", "_||_"):
        return lambda saw, local: _decided(function == "_||_", [side(saw, local) for side in arguments])
    if function == "@not_strictly_false":
        return lambda saw, local: arguments[0](saw, local) is not False
    if function == "_?_:_":
        asked, yes, no = arguments
        return lambda saw, local: _all([asked(saw, local)], lambda v: (yes if v is True else no)(saw, local))
    if "kind" in node:
        kind = node["kind"]
        return lambda saw, local: _all(
            [argument(saw, local) for argument in arguments],
            lambda *found: operand(saw, f"{function}({', '.join(map(written, found))})", kind),
        )
    does = DOES.get(function)
    return lambda saw, local: _all(
        [argument(saw, local) for argument in arguments],
        lambda *found: UNKNOWN if does is None else does(*_numbers(function, found)),
    )


def _decided(wanted: bool, sides: list[Any]) -> Any:
    if wanted in [side for side in sides if isinstance(side, bool)]:
        return wanted
    return next((side for side in sides if side is FAIL or side is UNKNOWN), not wanted)


def _numbers(function: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    if function in ("@in", "_[_]") or len(values) != 2 or not any(type(value) is float for value in values):
        return values
    is_number = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?").fullmatch
    return tuple(float(value) if isinstance(value, str) and is_number(value) else value for value in values)


def written(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return repr(value).removesuffix(".0")
        case list():
            return "[" + ", ".join(written(item) for item in value) + "]"
        case _:
            return repr(value)


def _member(held: Any, key: Any) -> Any:
    if isinstance(held, dict):
        return held.get(key, FAIL)
    return held[int(key)] if key == int(key) and 0 <= key < len(held) else FAIL


DOES: dict[str, Callable[..., Any]] = {
    "!_": lambda a: not a,
    "-_": lambda a: -a,
    "_==_": lambda a, b: a == b,
    "_!=_": lambda a, b: a != b,
    "_<_": lambda a, b: a < b,
    "_<=_": lambda a, b: a <= b,
    "_>_": lambda a, b: a > b,
    "_>=_": lambda a, b: a >= b,
    "_+_": joined,
    "_-_": lambda a, b: a - b,
    "_*_": lambda a, b: a * b,
    "_/_": lambda a, b: FAIL if b == 0 else a / b,
    "@in": lambda a, b: a in b,
    "_[_]": _member,
    "count": lambda a: float(len(a)),
    "double": float,
    "string": lambda a: a if isinstance(a, str) else written(a),
    "contains": lambda a, b: b in a,
    "startsWith": lambda a, b: a.startswith(b),
    "endsWith": lambda a, b: a.endswith(b),
}


# -- the tree


def tree(package: Package, key: str | None, heads: tuple[str, ...]) -> None:
    files = package.files
    if "data/tree/leaves.txt" not in files:
        need(not heads)
        need(key is None or not unsigned_events(package, set()))
        return
    lines = files["data/tree/leaves.txt"].splitlines(keepends=True)
    need(all(len(line) <= LINE for line in lines))
    counts: dict[str, int] = {}
    for line in lines:
        match = re.fullmatch(r"([^\n]+)#([1-9][0-9]*) ([0-9a-f]{64})\n", line.decode())
        need(match)
        assert match is not None
        stream, number = match[1], int(match[2])
        need(number == counts.get(stream, 0) + 1)
        counts[stream] = number
        mine = package.streams.get(stream, [])
        need(mine[number - 1]["hash"] == match[3] if number <= len(mine) else not package.whole)
    keys = file_of_json(files["data/tree/keys.json"])
    need(isinstance(keys, dict))
    if key is not None:
        name, _, encoded = key.split("+", 2)
        data = f"{name}/sm3\n".encode() + base64.b64decode(encoded)
        keys = {"sha256": key, "sm3": f"{name}/sm3+{hashlib.sha256(data).hexdigest()[:8]}+{encoded}"}
    paths = [name for name in files if re.fullmatch("data/tree/[^/]+/[^/]+", name)]
    notes = [(name.split("/")[2], name.split("/")[3], files[name]) for name in paths]
    brought = [("sm3" if head.split("\n")[0].endswith("/sm3") else "sha256", "", head.encode()) for head in heads]
    sizes = [0]
    for name, place, data in [*notes, *brought]:
        typed = place == "" and b"\n\n" not in data
        size, root = (unsigned if typed else signed)(data.decode(), keys[name])
        need(place in ("", f"{size:0>12}.txt"))
        if name in hashlib.algorithms_available:
            need(size <= len(lines) and root_of(tuple(lines[:size]), name) == root)
        sizes += [size] if name == "sha256" else []
    covered = {line.decode().rpartition(" ")[0] for line in lines[: max(sizes)]}
    need(key is None or not unsigned_events(package, covered))


def unsigned_events(package: Package, covered: set[str]) -> bool:
    """Whether one of those outside was recorded more than ten minutes before the last of them."""
    events = [(f"{name}#{n}", each) for name, mine in package.streams.items() for n, each in enumerate(mine, 1)]
    told = [moment(each["recorded_at"]) for name, each in events if name not in covered]
    return bool(told) and min(told) < max(told) - timedelta(minutes=10)


def moment(text: str) -> datetime:
    need(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z", text))
    return datetime.fromisoformat(text[:-1])


@lru_cache(maxsize=4096)
def root_of(lines: tuple[bytes, ...], name: str) -> bytes:
    def hashed(data: bytes) -> bytes:
        return hashlib.new(name, data).digest()

    def under(start: int, end: int) -> bytes:
        if end - start == 1:
            return hashed(b"\x00" + lines[start])
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        return hashed(b"\x01" + under(start, middle) + under(middle, end))

    return under(0, len(lines)) if lines else hashed(b"")


def unsigned(text: str, key: str) -> tuple[int, bytes]:
    origin, size, root = text.split("\n")[:3]
    need(origin == key.split("+", maxsplit=1)[0])
    return int(size), base64.b64decode(root, validate=True)


def signed(note: str, key: str) -> tuple[int, bytes]:
    name, told, encoded = key.strip().split("+", 2)
    public = base64.b64decode(encoded, validate=True)
    need(public[0] == 1 and len(public) == 33)
    mark = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    need(mark.hex() == told)
    text, signatures = note.rsplit("\n\n", 1)
    need(signatures.endswith("\n"))
    for line in signatures.splitlines():
        if line.startswith(f"— {name} "):
            data = base64.b64decode(line.split(" ", 2)[2], validate=True)
            if data[:4] == mark:
                try:
                    Ed25519PublicKey.from_public_bytes(public[1:]).verify(data[4:], f"{text}\n".encode())
                except InvalidSignature:
                    raise Broken from None
                origin, size, root = text.split("\n")[:3]
                need(origin == name and str(int(size)) == size)
                return int(size), base64.b64decode(root, validate=True)
    raise Broken
