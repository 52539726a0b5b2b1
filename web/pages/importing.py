"""A list of tasks comes in: an empty list to fill in, what is wrong with it cell by cell, and all of it or nothing.

What is registered are the bytes that were looked at: they are kept by their digest, and the page that shows them signs
it for the person who sent them. That page has an address, so that coming back to it sends nothing again.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated
from urllib.parse import quote, urlencode
from uuid import uuid4

from fastapi import Form
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from engine.commands import Refusal
from engine.edition import Edition
from engine.model import Body
from web.access import WRITER, Routes
from web.pages.acts import Posted
from web.uploads import UploadProblem, checked
from web.visit import Here, NotHere, Visit, kinds_to_register
from workflows.cells import Table, Unreadable, tables_apart
from workflows.labour.importing import ask_import, ask_look
from workflows.lists.ports import Order
from workflows.lists.ports import Wanted as Listing
from workflows.office import blanks
from workflows.office.importing import (
    LARGE,
    LONG,
    MOST_ROWS,
    Preview,
    Verdict,
    Wanted,
    columns,
    laid_out,
    preview,
    take_in,
)
from workflows.ports import PROGRAMME
from workflows.rows import Listed
from workflows.sheets import CSV, XLSX

routes = Routes()

ENDINGS = (".xlsx", ".csv")
SHOWN_FAULTS, SHOWN_ROWS = 200, 50


@dataclass(frozen=True)
class Taken:
    """A file that was looked at: its digest and name, as what it is to be registered, and the key of doing so."""

    digest: str
    name: str
    wanted: Wanted
    key: str

    def text(self) -> str:
        """As a page carries it."""
        return json.dumps([self.digest, self.name, self.key, self.wanted.to_json()], ensure_ascii=False)


# -- which lists


def _edition(visit: Visit, process: str) -> Edition:
    found = visit.registers.get(process)
    if found is None:
        raise NotHere
    return found


@routes.get("/import", need=WRITER, reads=False)
def import_page(visit: Here, process: str = "", done: int | None = None) -> Response:
    """Where a list is chosen; `done` says how many tasks were just registered."""
    return _chosen(visit, process, done=done)


def _chosen(visit: Visit, process: str, *, done: int | None = None, refused: str = "", status: int = 200) -> Response:
    editions = visit.registers
    name = process if process in editions else next(iter(editions), "")
    kinds = kinds_to_register(visit, editions[name], name) if name else []
    plans = visit.house.lists.rows(Listing(visit.scope, PROGRAMME, process=name), Order("title")) if name else []
    body = editions[name].sheets[""].body if name else None
    return visit.page(
        "import.html",
        status,
        processes={each: edition.process.title.title(visit.lang) for each, edition in editions.items()},
        process=name,
        kinds=kinds,
        plans=[(row.task, row.title or row.task) for row in plans],
        explained=list(blanks.explained(body, columns(body, opening=False), visit.lang)) if body else [],
        megabytes=visit.house.settings.file_limit // 1024 // 1024,
        most=MOST_ROWS,
        done=done,
        refused=refused,
    )


@routes.get("/import/{process}/list.xlsx", need=WRITER, reads=False)
def blank_xlsx(visit: Here, process: str, kind: str = "", opening: str = "") -> Response:
    """An empty list as a workbook."""
    body = _body(visit, process, kind)
    return _file(visit, process, blanks.xlsx(body, visit.lang, opening=bool(opening)), XLSX, ".xlsx")


@routes.get("/import/{process}/list.csv", need=WRITER, reads=False)
def blank_csv(visit: Here, process: str, kind: str = "", opening: str = "") -> Response:
    """An empty list as comma-separated text."""
    body = _body(visit, process, kind)
    return _file(visit, process, blanks.csv(body, visit.lang, opening=bool(opening)), CSV, ".csv")


def _body(visit: Visit, process: str, kind: str) -> Body:
    edition = _edition(visit, process)
    if kind not in edition.sheets or kind not in ("", PROGRAMME):
        raise NotHere
    return edition.sheets[kind].body


def _file(visit: Visit, process: str, content: bytes, media: str, ending: str) -> Response:
    name = _edition(visit, process).process.title.title(visit.lang) + visit.words("import_blank") + ending
    return Response(
        content,
        media_type=media,
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "cache-control": "private, no-store",
        },
    )


# -- looking at it


@routes.post("/import", need=WRITER)
def look(visit: Here, posted: Posted) -> Response:
    """Look at a list before it is registered: every fault at its cell."""
    wanted = Wanted(
        process=_text(posted, "process"),
        kind=PROGRAMME if _text(posted, "kind") == PROGRAMME else "",
        opening=bool(posted.get("opening")),
        programme=_text(posted, "programme") or None,
    )
    _edition(visit, wanted.process)
    if wanted.programme is not None:
        visit.find(wanted.programme)
    upload = posted.get("list")
    if not isinstance(upload, UploadFile) or not upload.filename:
        return _chosen(visit, wanted.process, refused=visit.words("import_no_file"), status=422)
    return _looked(visit, wanted, upload.filename, upload.file.read(visit.house.settings.file_limit + 1))


def _text(posted: FormData, name: str) -> str:
    value = posted.get(name)
    return value.strip()[:200] if isinstance(value, str) else ""


def _looked(visit: Visit, wanted: Wanted, filename: str, content: bytes) -> Response:
    t = visit.words
    try:
        name = _fit(filename, content, visit.house.settings.file_limit)
        tables = tables_apart(name, content)
    except UploadProblem as problem:
        said = t("file_named", name=problem.name) + t(problem.key) + t("stop")
        return _chosen(visit, wanted.process, refused=said, status=422)
    except Unreadable:
        said = t("file_named", name=filename[:120]) + t("import_unreadable")
        return _chosen(visit, wanted.process, refused=said, status=422)
    if visit.house.labour is not None and tables and len(tables[0]) > LONG + 1:
        file, actors = {"digest": visit.desk.store.keep_file(name, content), "name": name}, visit.actors(wanted.process)
        return visit.go(f"/jobs/{ask_look(visit.house.labour, wanted, file, actors, uuid4().hex, visit.lang).id}")
    return _see(visit, Taken(visit.desk.store.keep_file(name, content), name, wanted, uuid4().hex))


def _see(visit: Visit, taken: Taken) -> Response:
    """Go to the page of a list that was kept: one may leave it and come back, and nothing is sent again."""
    told = taken.text()
    return visit.go(f"/import/preview?{urlencode({'taken': told, 'sign': _sign(visit, told)})}")


@routes.get("/import/preview", need=WRITER, reads=False)
def see(visit: Here, taken: str = "", sign: str = "") -> Response:
    """A list that was kept as it would be registered now, to whoever sent it."""
    found = _taken(visit, taken, sign)
    if found is None:
        return _chosen(visit, "", refused=visit.words("import_again"), status=409)
    seen = preview(visit.desk, found.wanted, _tables(visit, found), visit.actors(found.wanted.process), visit.lang)
    if isinstance(seen, Refusal):
        return _chosen(visit, found.wanted.process, refused=visit.say(seen), status=422)
    return _shown(visit, found.wanted, found.name, seen, None if seen.faults else found)


def _taken(visit: Visit, told: str, sign: str) -> Taken | None:
    """A list that this visitor sent, and may still register; None where the page was changed, or is another's."""
    if not hmac.compare_digest(sign.encode(), _sign(visit, told).encode()):
        return None
    digest, name, key, wanted = json.loads(told)
    _edition(visit, wanted["process"])
    found = Taken(digest, name, Wanted(**wanted), key)
    return found if visit.desk.store.file(digest) is not None else None


def _tables(visit: Visit, taken: Taken) -> list[Table]:
    content = visit.desk.store.file(taken.digest)
    assert content is not None, "what was looked at was kept"
    return tables_apart(taken.name, content)


@routes.get("/import/looked/{job}", need=WRITER, reads=False)
def looked(visit: Here, job: str) -> Response:
    """What a job has found in a list, for whoever sent it."""
    asked = visit.house.labour.job(job) if visit.house.labour is not None else None
    if asked is None or (asked.kind, asked.state, asked.asked_by) != ("look", "done", visit.known.id):
        raise NotHere
    wanted, file = Wanted(**asked.body["wanted"]), asked.body["file"]
    _edition(visit, wanted.process)
    content = visit.desk.store.file(file["digest"])
    if content is None:
        return _chosen(visit, wanted.process, refused=visit.words("import_again"), status=409)
    told = Verdict.from_json(asked.result or {})
    found = laid_out(visit.desk, wanted, tables_apart(file["name"], content), told, visit.lang)
    if isinstance(found, Refusal):
        return _chosen(visit, wanted.process, refused=visit.say(found), status=422)
    taken = None if found.faults else Taken(file["digest"], file["name"], wanted, asked.body["key"])
    return _shown(visit, wanted, file["name"], found, taken)


def _fit(filename: str, content: bytes, limit: int) -> str:
    """The name of a file that may be a list. Raises `UploadProblem`."""
    name = checked(filename, content, limit)
    if not name.lower().endswith(ENDINGS):
        raise UploadProblem("import_ending", name)
    return name


def _shown(visit: Visit, wanted: Wanted, name: str, found: Preview, taken: Taken | None) -> Response:
    """The list as it stands, rows at fault first of all."""
    marked: dict[int, set[int]] = {}
    for fault in found.faults:
        if fault.sheet == 1:
            marked.setdefault(fault.row, set()).update(fault.columns)
    rows = [row for row in found.cells if not found.faults or row[0] in marked]
    edition = _edition(visit, wanted.process)
    return visit.page(
        "import_preview.html",
        422 if found.faults else 200,
        title=edition.process.title.title(visit.lang),
        wanted=wanted,
        name=name,
        found=found,
        headed={place for row in found.headed for place in marked.get(row, ())},
        faults=found.faults[:SHOWN_FAULTS],
        wrong_rows=len({(fault.sheet, fault.row) for fault in found.faults}),
        rows=rows[:SHOWN_ROWS],
        more_rows=max(0, len(rows) - SHOWN_ROWS),
        marked=marked,
        taken=taken.text() if taken else "",
        sign=_sign(visit, taken.text()) if taken else "",
        large=taken is not None and found.tasks > LARGE and visit.house.labour is not None,
    )


def _sign(visit: Visit, told: str) -> str:
    return hmac.new(visit.house.secret, f"import\x00{visit.known.id}\x00{told}".encode(), sha256).hexdigest()


# -- doing it


@routes.post("/import/register", need=WRITER)
def register(visit: Here, taken: Annotated[str, Form()] = "", sign: Annotated[str, Form()] = "") -> Response:
    """Register what was looked at, all or nothing; sent twice, it is done once."""
    found = _taken(visit, taken, sign)
    if found is None:
        return _chosen(visit, "", refused=visit.words("import_again"), status=409)
    wanted, tables, actors = found.wanted, _tables(visit, found), visit.actors(found.wanted.process)
    if visit.house.labour is not None and len(tables[0]) > LARGE + 1:
        file = {"digest": found.digest, "name": found.name}
        return visit.go(f"/jobs/{ask_import(visit.house.labour, wanted, file, actors, found.key, visit.lang).id}")
    answer = take_in(visit.desk, wanted, tables, actors, wanted.once(found.digest, found.key))
    if isinstance(answer, Refusal):
        return _chosen(visit, wanted.process, refused=visit.say(answer), status=422)
    if isinstance(answer, Listed):
        return _see(visit, found)
    return visit.go(f"/import?{urlencode({'process': wanted.process, 'done': len(answer)})}")
