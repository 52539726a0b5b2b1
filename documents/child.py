"""The process in which templates are filled in: it has little memory, no environment, and is killed when it is slow.

A request is one line of JSON (`do`, `size`, `facts`) and the template's bytes; the answer one line of JSON (`ok`,
`size`, or `problem`) and the document's bytes. The parent (`press`) has inspected the template before.
"""

from __future__ import annotations

import json
import resource
import sys
from functools import cache, lru_cache
from io import BytesIO
from typing import Any, BinaryIO, cast
from zipfile import ZIP_STORED

from docx.opc import phys_pkg
from docxtpl import DocxTemplate
from jinja2 import Environment, TemplateError

from documents.packing import packed
from documents.paper_head import stamp
from engine.reasons import reason_of
from workflows.texts import TextProblem, sandbox

MEMORY = 768 * 1024 * 1024
"""Bytes of address space."""

OUTPUT_LIMIT = 20_000_000
"""Bytes of a document."""


def main() -> None:
    """Answer until the parent closes the pipe."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    phys_pkg.ZIP_DEFLATED = ZIP_STORED  # type: ignore[attr-defined]  # what is saved is packed anew at once
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    while line := source.readline():
        request = json.loads(line)
        answer(sink, request, source.read(request["size"]))


def answer(sink: BinaryIO, request: dict[str, Any], template: bytes) -> None:
    """Answer one request; memory that does not suffice ends the process, for nothing in it is sound any more."""
    try:
        told, content = _done(request, template)
    except MemoryError:
        told, content = {"problem": "memory"}, b""
    except (TemplateError, TextProblem, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        told, content = {"problem": "words", "detail": reason_of(error).both}, b""
    except Exception as error:  # noqa: BLE001 - a template may break the library anywhere: the answer says so
        told, content = {"problem": "words", "detail": reason_of(error).both}, b""
    sink.write(json.dumps({**told, "size": len(content)}).encode() + b"\n" + content)
    sink.flush()
    if told.get("problem") == "memory":
        sys.exit(1)


@cache
def _environment() -> Environment:
    """One for the life of the process: the parts of a template are compiled once, not for each document."""
    made = sandbox(autoescape=True)
    made.from_string = lru_cache(256)(made.from_string)  # type: ignore[method-assign, assignment]  # the library has no cache for it
    return made


class _Template(DocxTemplate):  # type: ignore[misc]  # the library has no types
    """Its parts are made ready for Jinja once in the life of the process, not for each document."""

    def patch_xml(self, src_xml: str) -> str:
        return _ready(src_xml)


@lru_cache(64)
def _ready(xml: str) -> str:
    """Nothing of it is about one template: the library's method asks for nothing of its own."""
    return cast(str, DocxTemplate.patch_xml(cast(DocxTemplate, None), xml))


def _done(request: dict[str, Any], template: bytes) -> tuple[dict[str, Any], bytes]:
    document = _Template(BytesIO(template))
    environment = _environment()
    if request["do"] == "names":
        return {"names": sorted(document.get_undeclared_template_variables(environment))}, b""
    facts = request["facts"]
    document.render(facts, environment, autoescape=True)
    if facts.get("head"):
        stamp(document.docx, facts["head"])
    made = BytesIO()
    document.save(made)
    content = packed(made.getvalue())
    return ({"problem": "large"}, b"") if len(content) > OUTPUT_LIMIT else ({}, content)
