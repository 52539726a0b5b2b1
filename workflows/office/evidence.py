"""Which files somebody may put on record: those that they have shown to be theirs.

A file is read by whoever sees a task that names it. So a name alone must not do: who could write down the digest of
somebody else's file would read it. A door through which people come lets a desk take only what it has `vouched` for
(an upload, or a reference that was signed for this person), and it is asked here, wherever a record is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from engine.commands import Refusal
from engine.events import Json


def files_in(value: Json) -> Iterator[Mapping[str, Json]]:
    """The files that a kept value names, at any depth: `name` and, where the bytes are kept, `digest`."""
    if isinstance(value, Mapping):
        if isinstance(value.get("name"), str) and set(value) <= {"name", "digest"}:
            yield value
        else:
            for part in value.values():
                yield from files_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from files_in(part)


def strange(vouched: Collection[str] | None, record: Mapping[str, Json]) -> Refusal | None:
    """The refusal where values name files that nobody vouched for, told at their fields. Without anybody who must
    (`None`: an operator at the command line) all is taken.
    """
    if vouched is None:
        return None
    names = [name for name, value in record.items() if any(_unknown(vouched, file) for file in files_in(value))]
    problems = [
        {"field": name, "zh": "其中有不是您上传的文件", "en": "it names a file that you did not upload", "near": None}
        for name in names
    ]
    return Refusal("form", {"problems": problems}) if problems else None


def _unknown(vouched: Collection[str], file: Mapping[str, Json]) -> bool:
    return file.get("digest") is not None and file["digest"] not in vouched
