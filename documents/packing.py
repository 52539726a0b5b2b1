"""A Word file packed so that the same parts are the same bytes."""

from __future__ import annotations

import zipfile
from io import BytesIO

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The only time in a document's archive: the same facts give the same bytes."""


def packed(archive: bytes) -> bytes:
    """The same parts in the order of their names, at the same time, whoever packs them and when."""
    made = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(archive)) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as sink,
    ):
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o600 << 16
            sink.writestr(entry, source.read(name))
    return made.getvalue()
