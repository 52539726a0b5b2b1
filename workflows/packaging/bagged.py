"""A BagIt bag (RFC 8493) as a folder or as one zip: each file is written once, and its digest kept on the way."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Protocol

BAGIT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a zip: the same contents, the same bytes."""


class Place(Protocol):
    """Where the files of a bag go."""

    def open(self, name: str) -> IO[bytes]:
        """A new file to write, by its path in the bag."""
        ...


class Folder:
    """A bag as a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, name: str) -> IO[bytes]:
        """See `Place`."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb")


class Zip:
    """A bag as a zip, in one folder at its top. Evidence is mostly packed already, and is not packed again."""

    def __init__(self, archive: zipfile.ZipFile, top: str) -> None:
        self._archive, self._top = archive, top

    def open(self, name: str) -> IO[bytes]:
        """See `Place`."""
        info = zipfile.ZipInfo(f"{self._top}/{name}", EPOCH)
        packed = zipfile.ZIP_STORED if name.startswith("data/files/") else zipfile.ZIP_DEFLATED
        info.compress_type, info.external_attr = packed, 0o644 << 16
        return self._archive.open(info, "w", force_zip64=True)


class Bag:
    """A bag in the making: payload under `data/`, then its tag files."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.digests: dict[str, str] = {}
        self.bytes = 0
        """How many bytes the payload has."""

    def write(self, name: str, pieces: Iterable[bytes]) -> str:
        """Write one file; returns its SHA-256 in hexadecimal."""
        digest, size = hashlib.sha256(), 0
        with self._place.open(name) as out:
            for piece in pieces:
                out.write(piece)
                digest.update(piece)
                size += len(piece)
        self.bytes += size if name.startswith("data/") else 0
        self.digests[name] = digest.hexdigest()
        return self.digests[name]

    def close(self, told: Mapping[str, str]) -> None:
        """Write what makes it a bag; `told` is about it, for `bag-info.txt`."""
        payload = {name: digest for name, digest in self.digests.items() if name.startswith("data/")}
        info = {**told, "Payload-Oxum": f"{self.bytes}.{len(payload)}"}
        self.write("bagit.txt", [BAGIT.encode()])
        self.write("bag-info.txt", ["".join(f"{name}: {value}\n" for name, value in info.items()).encode()])
        self.write("manifest-sha256.txt", [_manifest(payload)])
        tags = {name: digest for name, digest in self.digests.items() if not name.startswith("data/")}
        self.write("tagmanifest-sha256.txt", [_manifest(tags)])


def _manifest(digests: Mapping[str, str]) -> bytes:
    """Lines of digest and path; a per cent sign and line breaks in a path are escaped, as the standard says."""
    escaped = {name.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D"): digests[name] for name in digests}
    return "".join(f"{escaped[name]}  {name}\n" for name in sorted(escaped)).encode()
