"""What a database does so that a value is gone: rows rewritten in the transaction that says so, bytes wiped after."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from workflows.audit.verifying.values import Life, Raw
from workflows.ports import Chained, Work

Within: TypeAlias = Work | Chained
"""A transaction that has begun: on a task's family, or on a stream."""


class Kept(NamedTuple):
    """A file: its digest, name and bytes, and the number of the document that it is, if it is one."""

    digest: str
    name: str
    content: bytes
    document: str | None


class Eraser(Protocol):
    """Rewrites what is kept. What changes rows happens in a transaction that somebody else has begun."""

    def family(self, within: Work, task: str) -> Mapping[str, Sequence[Raw]]:
        """All rows of the streams of the family to which a task belongs, ended tasks included."""
        ...

    def rows(self, within: Within, stream: str) -> Sequence[Raw]:
        """The rows of one stream."""
        ...

    def rewrite(self, within: Within, rows: Sequence[Raw]) -> None:
        """Let these events have these payloads and salts."""
        ...

    def put_back(self, within: Work, life: Life) -> None:
        """Let the tables that follow from events be what a family lived through."""
        ...

    def forget(
        self, within: Work, tasks: Collection[str], words: Collection[str], keys: Collection[tuple[str, str]]
    ) -> None:
        """Take words out of messages about these tasks, and forget the answers under these keys (actor and key)."""
        ...

    def forget_files(self, within: Work, digests: Collection[str]) -> None:
        """Let the bytes of files go."""
        ...

    def forget_user(self, within: Chained, user: str) -> None:
        """Take a closed account's name and addresses out of what is kept beside the record."""
        ...

    def named_by(self, digest: str) -> Sequence[str]:
        """The streams whose events name a file, those of families by their roots."""
        ...

    def files(self) -> Iterator[Kept]:
        """Every file that is kept."""
        ...

    def documents(self) -> Iterator[tuple[str, str]]:
        """The number of each issued document, and the facts that it was printed from, as text."""
        ...

    def snapshots(self) -> Iterator[tuple[str, str]]:
        """Each task as text, under the root of its family."""
        ...

    def wipe(self) -> bool:
        """Let nothing of what was rewritten stay in the database's own files. False where others are in the way: it is
        asked again.
        """
        ...
