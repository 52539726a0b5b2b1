"""Files to keep: what was sent in and what was issued leave the house in one way, under their names."""

from __future__ import annotations

from urllib.parse import quote

from fastapi.responses import Response

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"


def attachment(name: str, content: bytes, media_type: str = "application/octet-stream") -> Response:
    """A file to keep, under its own name."""
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "private, no-store",
    }
    return Response(content, media_type=media_type, headers=headers)
