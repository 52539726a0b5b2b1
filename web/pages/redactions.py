"""Personal data is erased: asked for on the page of a task or of a closed account, approved by another person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import Response

from engine.commands import Actor, Refusal
from engine.titles import Titles
from web.access import ADMINISTRATOR, WRITER, Routes
from web.pages.task import actors_of, evidence
from web.visit import Here, NotHere, Visit
from workflows.people.rights import in_first
from workflows.people.values import ADMIN
from workflows.redaction import ordering
from workflows.redaction.carrying import carried_out, finish
from workflows.redaction.ordering import OPEN
from workflows.redaction.ports import Eraser
from workflows.redaction.preview import Preview, names_in, preview
from workflows.redaction.values import ORGANISATION, Order, Wanted

routes = Routes()

NOTHING: Mapping[str, Any] = {"names": (), "files": (), "reason": ""}
"""What a form says that nobody has filled in."""

Names = Annotated[list[str] | None, Form()]


@dataclass(frozen=True)
class Choice:
    """One thing that may be erased: its name, its title, and where it stands."""

    name: str
    title: str
    places: Sequence[str] = ()


def eraser_of(visit: Visit) -> Eraser:
    """What erases here. Raises `NotHere` where nothing does."""
    if visit.house.eraser is None:
        raise NotHere
    found: Eraser = visit.house.eraser
    return found


def may_ask(visit: Visit, wanted: Wanted) -> bool:
    """Whether this visitor may ask for it."""
    if visit.house.eraser is None:
        return False
    return any(ordering.may_ask(visit.desk, wanted, each) is None for each in guises(visit, wanted))


def guises(visit: Visit, wanted: Wanted) -> Sequence[Actor]:
    """In which guises a visitor asks."""
    return [Actor(visit.known.id)] if wanted.stream == ORGANISATION else actors_of(visit, visit.about)


# -- of a task


@routes.get("/tasks/{task}/redaction", need=WRITER, task=True)
def ask_page(visit: Here) -> Response:
    """What may be erased of this task, and where else the same words stand."""
    _allowed(visit)
    return _form(visit)


def _allowed(visit: Visit) -> None:
    if not may_ask(visit, Wanted(visit.about.id)):
        raise NotHere


def _form(visit: Visit, refused: str = "", status: int = 200, sent: Mapping[str, Any] | None = None) -> Response:
    task = visit.about
    edition, _ = visit.desk.book(task.edition)
    titles = Titles(edition, visit.lang, task.kind)
    found = preview(visit.desk, eraser_of(visit), Wanted(task.id, names_in(visit.desk, task)))
    shown = found if isinstance(found, Preview) else None
    return visit.page(
        "redaction.html",
        status,
        task=task,
        choices=_choices(shown, titles) if shown else [],
        files=[each for each in evidence(visit, task) if each.digest],
        beside=list(shown.beside) if shown else [],
        traces=shown.traces if shown else None,
        others=_seen(visit, shown) if shown else [],
        refused=refused,
        sent=sent or NOTHING,
    )


def _choices(found: Preview, titles: Titles) -> list[Choice]:
    """One for each name, with its places."""
    places: dict[str, list[str]] = {}
    for line in found.lines:
        name = line.part if line.part in ("reason", "milestones") else line.name or line.part
        places.setdefault(name, []).append(f"#{line.seq}")
    words = {"reason": ("理由", "Reason"), "milestones": ("节点", "Milestones"), "source": ("在办依据", "Source")}
    return [
        Choice(
            name, words[name][titles.lang == "en"] if name in words else titles.field(name), list(dict.fromkeys(where))
        )
        for name, where in places.items()
    ]


def _seen(visit: Visit, found: Preview) -> list[str]:
    """Those of the other tasks that the visitor may see."""
    others = [task for name in found.traces.tasks if (task := visit.desk.store.task(name)) is not None]
    return sorted(visit.seen(others))


@routes.post("/tasks/{task}/redaction", need=WRITER, task=True)
def ask(
    visit: Here, names: Names = None, files: Names = None, reason: Annotated[str, Form()] = "", sure: str = Form("")
) -> Response:
    """Ask for it; an administrator who is another person approves."""
    _allowed(visit)
    sent = {"names": names or [], "files": files or [], "reason": reason}
    if not (names or files):
        return _form(visit, visit.words("redact_pick"), 422, sent)
    if not sure:
        return _form(visit, visit.words("redact_sure_wrong"), 422, sent)
    wanted = Wanted(visit.about.id, tuple(names or ()), (), tuple(files or ()))
    found = _asked(visit, wanted, reason)
    if isinstance(found, Refusal):
        return _form(visit, visit.say(found, visit.about), 422, sent)
    return visit.go(f"/tasks/{visit.about.id}?told=redaction-{found.subject}")


def _asked(visit: Visit, wanted: Wanted, reason: str) -> Order | Refusal:
    eraser = eraser_of(visit)
    return in_first(guises(visit, wanted), lambda each: ordering.ask(visit.desk, eraser, wanted, reason, each))


# -- of an account


@routes.post("/people/users/{user}/redaction", need=ADMINISTRATOR, reads=True)
def ask_account(visit: Here, user: str, reason: Annotated[str, Form()] = "") -> Response:
    """Ask for the name and addresses of a closed account to be erased."""
    found = ordering.ask(visit.desk, eraser_of(visit), Wanted(ORGANISATION, (user,)), reason, _admin(visit))
    return _list(visit, visit.say(found), 422) if isinstance(found, Refusal) else visit.go("/redactions")


def _admin(visit: Visit) -> Actor:
    return Actor(visit.known.id, (ADMIN,))


# -- orders


@routes.get("/redactions", need=ADMINISTRATOR, reads=True)
def orders(visit: Here) -> Response:
    """All orders, those that wait first."""
    return _list(visit)


def _list(visit: Visit, refused: str = "", status: int = 200) -> Response:
    eraser_of(visit)
    known = [(each, carried_out(visit.desk, each)) for each in ordering.all_of(visit.desk.store).values()]
    waiting = [each for each, _ in known if each.state == "asked"]
    over = [(each, done) for each, done in reversed(known) if each.state != "asked"]
    wiping = bool(visit.desk.store.note(OPEN))
    return visit.page("redactions.html", status, waiting=waiting, over=over, refused=refused, wiping=wiping)


@routes.post("/redactions/{order}/approve", need=ADMINISTRATOR, reads=True)
def approve(visit: Here, order: str) -> Response:
    """Approve it, and carry it out at once; the bytes are wiped by the job."""
    found = ordering.approve(visit.desk, order, _admin(visit))
    if isinstance(found, Refusal):
        return _list(visit, visit.say(found), 409)
    done = finish(visit.desk, eraser_of(visit), wipe=False)
    if order in done.refused:
        return _list(visit, visit.say(done.refused[order]), 409)
    return visit.go("/redactions")


@routes.post("/redactions/{order}/return", need=ADMINISTRATOR, reads=True)
def give_back(visit: Here, order: str, reason: Annotated[str, Form()] = "") -> Response:
    """Return it, with a reason."""
    found = ordering.send_back(visit.desk, order, _admin(visit), reason)
    return _list(visit, visit.say(found), 409) if isinstance(found, Refusal) else visit.go("/redactions")
