"""The archive set (归档) of a closed task: what it rests on, what happened, what went out, what was proved.

One ZIP: a catalogue as a page and as a Word file, the sources, the history in sentences of both languages, each
document as issued, each file of evidence, and a manifest with the SHA-256 of all of them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Any

from engine.chain import canonical
from engine.commands import Refusal
from engine.events import instant
from engine.problems import Language
from engine.task import Task
from workflows.changes import title_field
from workflows.desk import Desk
from workflows.papers.catalogue import LABELS, page
from workflows.personal import record, withheld
from workflows.sentences import said, sentence

EPOCH = (1980, 1, 1, 0, 0, 0)
LANGUAGES: tuple[Language, Language] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in the set: where it lies, what it is called in both languages, and its bytes."""

    path: str
    title: Mapping[Language, str]
    content: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of its bytes."""
        return sha256(self.content).hexdigest()


def archive(desk: Desk, task: str) -> bytes | Refusal:
    """The archive set of a task that is closed, with its children. The same task gives the same bytes."""
    found = desk.store.task(task)
    if found is None:
        return Refusal("unknown_task", {"task": task})
    edition, _ = desk.book(found.edition)
    if not found.ended:
        state = edition.sheets[found.kind].body.states[found.state]
        return Refusal("still_open", {"task": task, "state": f"{state.zh} / {state.en}"})
    items = list(_items(desk, _family(desk, found)))
    items = [*_catalogues(desk, found, items), *items]
    manifest = {item.path: item.digest for item in items}
    told = canonical({"task": task, "edition": found.edition, "ended_at": found.touched_at, "sha256": manifest})
    items.append(Item("manifest.json", {"zh": "清单", "en": "manifest"}, told.encode()))
    return _packed(items)


def _family(desk: Desk, task: Task) -> list[Task]:
    """The task, its children and theirs, in the order in which they were opened."""
    found = [task]
    for name in task.children:
        child = desk.store.task(name)
        if child is not None:
            found += _family(desk, child)
    return found


def _items(desk: Desk, family: Sequence[Task]) -> Iterator[Item]:
    sources = canonical({task.id: sources_of(desk, task) for task in family})
    yield Item("sources.json", {"zh": "立项依据", "en": "Sources"}, sources.encode())
    for lang in LANGUAGES:
        title: dict[Language, str] = {"zh": f"办理过程（{lang}）", "en": f"History ({lang})"}
        yield Item(f"history.{lang}.txt", title, _history(desk, family, lang).encode())
    yield from _documents(desk, family)
    yield from _evidence(desk, family)


def sources_of(desk: Desk, task: Task) -> list[dict[str, Any]]:
    """What a task rests on, in words: the source of its process, and what its fields cite: an instruction, a meeting,
    a plan.
    """
    edition, _ = desk.book(task.edition)
    sheet = edition.sheets[task.kind]
    cited = [
        {"field": "process", "zh": "流程依据", "en": "Source of the process", "value": edition.process.source or ""}
    ]
    for name, field in sheet.body.fields.items():
        if field.cites and name not in sheet.personal and task.fields.get(name) not in (None, "", []):
            value = said(record(task.fields, sheet)[name], "zh")
            cited.append({"field": name, "zh": field.zh, "en": field.en, "value": value})
    return cited


def _history(desk: Desk, family: Sequence[Task], lang: Language) -> str:
    events = [(recorded.event, task.kind) for task in family for recorded in desk.store.events(task.id)]
    events.sort(key=lambda told: (told[0].occurred_at, told[0].task, told[0].seq))
    lines = []
    for event, kind in events:
        edition, _ = desk.book(event.edition)
        local = event.occurred_at.astimezone(edition.zone)
        lines.append(f"{local:%Y-%m-%d %H:%M}  {event.ref}  {event.actor}  {sentence(event, edition, kind, lang)}")
    return "\n".join(lines) + "\n"


def _documents(desk: Desk, family: Sequence[Task]) -> Iterator[Item]:
    papers = desk.papers
    for document in papers.documents(task=family[0].id) if papers else ():
        content = papers.file(document.digest) if papers else None
        if content is not None:
            void = "（作废）" if document.void else ""
            title: dict[Language, str] = {
                "zh": f"{document.number.text} {document.title}{void}",
                "en": f"{document.number.text} {document.title}{' (void)' if document.void else ''}",
            }
            yield Item(f"documents/{document.id:05d}-{_plain(document.number.text)}.docx", title, content)


def _evidence(desk: Desk, family: Sequence[Task]) -> Iterator[Item]:
    """The files of all acts, each under every name that it was handed in by, but for those in a personal field, which
    nothing of may leave.
    """
    seen: set[tuple[str, str]] = set()
    for task in family:
        for recorded in desk.store.events(task.id):
            event = recorded.event
            told = withheld(event.payload, desk.book(event.edition)[0].sheets[task.kind])
            for file in _files(told.get("form")):
                name = _plain(str(file.get("name", "")))
                mark = (file["digest"], name)
                content = desk.store.file(file["digest"]) if mark not in seen else None
                seen.add(mark)
                if content is not None:
                    title: dict[Language, str] = {"zh": f"佐证材料 {name}", "en": f"Evidence: {name}"}
                    yield Item(f"evidence/{file['digest'][:12]}-{name}", title, content)


def _files(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every file in a form: a mapping with its digest."""
    if isinstance(value, Mapping):
        if isinstance(value.get("digest"), str):
            yield value
        for part in value.values():
            yield from _files(part)
    elif isinstance(value, list):
        for part in value:
            yield from _files(part)


def _plain(name: str) -> str:
    """A name that no system reads as a path."""
    kept = "".join("_" if character in '\\/:*?"<>|' or ord(character) < 32 else character for character in name)
    return kept.strip(". ")[:80] or "file"


def _catalogues(desk: Desk, task: Task, items: Sequence[Item]) -> Iterator[Item]:
    edition, _ = desk.book(task.edition)
    sheet = edition.sheets[task.kind]
    name = str(task.fields.get(title_field(sheet) or "") or task.id)
    ended = instant(task.touched_at).astimezone(edition.zone)
    rows = [(item.path, item.title["zh"], item.title["en"], item.digest) for item in items]
    text = page(name, task.id, f"{ended:%Y-%m-%d}", rows)
    yield Item("catalogue.txt", LABELS, text.encode())
    if desk.press is not None:
        facts = {"title": name, "task": task.id, "day": f"{ended:%Y-%m-%d}", "rows": [list(row) for row in rows]}
        yield Item("catalogue.docx", LABELS, desk.press.catalogue(facts))


def _packed(items: Sequence[Item]) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as sink:
        for item in items:
            entry = zipfile.ZipInfo(item.path, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            sink.writestr(entry, item.content)
    return made.getvalue()
