"""Offices whose record is taken: what happened in them, by the doors that everybody uses, and the package of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zipfile import ZipFile

from engine.commands import Actor, Refusal
from storage.erasing import SqlEraser
from storage.log import SqlLog
from storage.moment import moment
from storage.opening import open_store
from storage.sql_store import SqlStore
from tests.packaging.mutations import KEY, relisted, sealed
from tests.packaging.second import Files, load
from tests.torture.stage import OFFICE, PLAN, TEXT, UNIT, likely
from tests.workflows import moving
from workflows.audit.sealing.checkpoints import Signer
from workflows.audit.sealing.growing import seal
from workflows.audit.sealing.keyring import pen_of
from workflows.audit.sealing.signing import Pen
from workflows.authoring.plan_writing import write_plan
from workflows.authoring.publishing import Published, publish
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.firing import Act, fire
from workflows.office.registering import register
from workflows.office.sweeping import Swept, sweep
from workflows.packaging.bagged import Bag, Folder, Zip
from workflows.packaging.taking import Taken, books, noted, written
from workflows.packaging.values import Scope
from workflows.redaction.carrying import finish
from workflows.redaction.ordering import approve, ask
from workflows.redaction.values import Order, Wanted
from workflows.rows import Row
from workflows.sources import calendar_named

CONTACT = "contact: {type: person, personal: true, zh: 联系人, en: Contact}"
PRIVATE = TEXT.replace(
    "  percent: {type: percent, default: 0, zh: 进度, en: Progress}\n",
    f"  percent: {{type: percent, default: 0, zh: 进度, en: Progress}}\n  {CONTACT}\n",
).replace(
    "      percent: {type: percent, required: true, zh: 进度, en: Progress}\n",
    "      percent: {type: percent, required: true, zh: 进度, en: Progress}\n"
    f"      {CONTACT}\n      proof: {{type: files, zh: 佐证, en: Proof}}\n"
    "      card: {type: files, personal: true, zh: 证件, en: Card}\n",
)
"""The small process with a person whom the law protects, with evidence, and with a card that it protects too."""

STRANGER = Signer(KEY.name, bytes(32))
"""Somebody else with a key of their own under the log's name."""

NAME, CARD = "王小明", "身份证"
"""Who and what must not be in a package."""


def desk_at(path: Path | str, start: datetime) -> Desk:
    """A new office on a clock of its own, in a file or at an address."""
    clock = VirtualClock(start)
    url = path if isinstance(path, str) else f"sqlite:///{path}"
    return Desk(open_store(url, create=True, clock=clock), clock)


def packaged(desk: Desk, out: Path, scope: Scope = Scope(), *, zipped: bool = False) -> Taken:  # noqa: B008 - frozen
    """Take a package as the command does."""
    store = desk.store
    assert isinstance(store, SqlStore)
    known = books(desk)
    ref = noted(desk, "auditor", scope, known)
    with moment(store.engine) as now, ExitStack() as stack:
        place = Zip(stack.enter_context(ZipFile(out, "x")), "package") if zipped else Folder(out)
        return written(desk, now, Bag(place), scope, known, ref, lambda _: None)


def everything(folder: Path) -> Files:
    """Three tasks for some months, reports late and in time, with children, evidence and personal lines; and a tree."""
    desk = desk_at(folder / "everything.db", datetime(2022, 2, 1, 1, tzinfo=UTC))
    _lived(desk, tasks=3, acts=60)
    packaged(desk, folder / "everything")
    desk.store.close()
    return relisted(sealed(load(folder / "everything")))


def both_trees(folder: Path) -> Files:
    """Two tasks, and the office's own trees of SHA-256 and SM3 over them, signed twice."""
    return sealed_twice(folder / "both.db", folder / "both")


def sealed_twice(place: Path | str, out: Path, *, zipped: bool = False) -> Files:
    """The same at an address, with what was erased; its files, from a folder or from a zip."""
    desk = desk_at(place, datetime(2022, 2, 1, 1, tzinfo=UTC))
    assert isinstance(desk.store, SqlStore)
    log = SqlLog(desk.store.engine)
    log.begin("sm3")
    key = out.with_name(f"{out.name}.key")
    key.touch(mode=0o600)
    key.write_text(f"{KEY.to_text()}\n", encoding="utf-8")
    pen = pen_of(key)
    assert isinstance(pen, Pen)
    found = _lived(desk, tasks=2, acts=30)
    assert not isinstance(seal(desk.store, log, pen), Refusal)
    erase(desk, found[0])
    assert not isinstance(seal(desk.store, log, pen), Refusal)
    packaged(desk, out, zipped=zipped)
    desk.store.close()
    return load(out)


def redacted(folder: Path) -> Files:
    """Two tasks, one of which lost a person, words that somebody wrote, and a piece of evidence; and a tree."""
    desk = desk_at(folder / "redacted.db", datetime(2022, 2, 1, 1, tzinfo=UTC))
    erase(desk, _lived(desk, tasks=2, acts=30)[0])
    packaged(desk, folder / "redacted")
    desk.store.close()
    return relisted(sealed(load(folder / "redacted")))


def until_before(folder: Path) -> Files:
    """The same, until a day before anything was erased."""
    desk = desk_at(folder / "before.db", datetime(2022, 2, 1, 1, tzinfo=UTC))
    found = _lived(desk, tasks=2, acts=30)
    day = desk.clock()
    assert isinstance(desk.clock, VirtualClock)
    desk.clock.move(day + timedelta(days=1))
    erase(desk, found[0])
    packaged(desk, folder / "before", Scope((), day + timedelta(hours=1)))
    desk.store.close()
    return load(folder / "before")


def erase(desk: Desk, task: str) -> None:
    """A person, a title and a piece of evidence of a task, by the order of two."""
    store = desk.store
    assert isinstance(store, SqlStore)
    eraser = SqlEraser(store.engine)
    mine = [file for each in store.events(task) for file in each.event.payload.get("form", {}).get("proof") or ()]
    alone = [str(file["digest"]) for file in mine if eraser.named_by(str(file["digest"])) == [task]]
    assert alone
    asked = ask(
        desk, eraser, Wanted(task, ("contact", "title"), (), tuple(alone[:1])), "本人申请", Actor("root", ("admin",))
    )
    assert isinstance(asked, Order), asked
    assert isinstance(approve(desk, asked.subject, Actor("boss", ("admin",))), Order)
    found = finish(desk, eraser)
    assert not found.refused, found.refused


def by_task(folder: Path) -> Files:
    """One of some tasks, without a tree, until a day."""
    desk = desk_at(folder / "some.db", datetime(2022, 2, 1, 1, tzinfo=UTC))
    found = _lived(desk, tasks=3, acts=40)
    packaged(desk, folder / "some", Scope((found[0],), datetime(2022, 4, 20, tzinfo=UTC)))
    desk.store.close()
    return load(folder / "some")


def moved(folder: Path) -> Files:
    """Tasks that came under another edition, one of them with a child."""
    desk = desk_at(folder / "moved.db", datetime(2023, 4, 3, 1, tzinfo=UTC))
    moving.office(desk)
    moving.until(desk, "2023-04-10 09:00")
    moving.applied(desk, moving.approved(desk, moving.plan_text(desk)))
    moving.until(desk, "2023-06-10 09:00")
    packaged(desk, folder / "moved")
    desk.store.close()
    return load(folder / "moved")


def moved_plan(folder: Path) -> Files:
    """A task whose plan tells of a person in the open, then under the law, and at last no more; after that something
    was done and taken back.
    """
    desk = desk_at(folder / "plan.db", datetime(2023, 4, 3, 1, tzinfo=UTC))
    for edition, lawful in (("1", ""), ("2", ", personal: true"), ("3", "")):
        assert isinstance(publish(desk, _with_contact(edition, lawful), calendar_named), Published)
        if edition == "1":
            row = Row(1, {"title": "桥", "lead_unit": UNIT}, {"2023-05": {"planned": "40", "contact": NAME}})
            assert isinstance(register(desk, "leak", [row], OFFICE), list)
            continue
        asked = write_plan(desk, "leak", edition)
        assert isinstance(asked, str), asked
        plan = asked.replace('contact: "?"', "contact: empty").replace('reason: "?"', "reason: 新办法")
        assert moving.applied(desk, moving.approved(desk, plan.encode())).good == 1
    moving.until(desk, "2023-04-04 09:00")
    for actor, trigger in ((OFFICE, "warn"), (replace(OFFICE, id="another"), "undo")):
        done = fire(desk, Act("leak-01", trigger, {}, actor))
        assert not isinstance(done, Refusal), done
    packaged(desk, folder / "plan")
    desk.store.close()
    return load(folder / "plan")


def _with_contact(edition: str, lawful: str) -> str:
    undo = "  - {trigger: undo, from: any, by: {role: office, not: last.actor}, to: previous}\ndeadlines:\n"
    rows = f"milestones: {{fields: {{planned: {{type: percent}}, contact: {{type: text{lawful}}}}}}}\nsignals:"
    return moving.text_of(edition, ("deadlines:\n", undo), ("signals:", rows))


def _lived(desk: Desk, tasks: int, acts: int) -> Sequence[str]:
    assert isinstance(publish(desk, PRIVATE, calendar_named), Published)
    rows = [Row(n, {"title": f"第{n}项", "lead_unit": UNIT, "contact": NAME}, PLAN) for n in range(1, tasks + 1)]
    found = register(desk, "tiny", rows, OFFICE)
    assert isinstance(found, list), found
    chance, ids = Random(7), [task.id for task in found]
    for _ in range(acts):
        clock = desk.clock
        assert isinstance(clock, VirtualClock)
        assert isinstance(sweep(desk, clock() + timedelta(hours=chance.randrange(6, 60))), Swept)
        task = desk.store.task(chance.choice(ids))
        assert task is not None
        _done(desk, chance, likely(chance, task, clock()))
    return ids


def _done(desk: Desk, chance: Random, act: Act) -> None:
    """Some of it is refused, which is as it should be."""
    if act.trigger == "report":
        content = f"第{chance.randrange(999)}份".encode()
        proof = [{"name": "佐证.txt", "digest": desk.store.keep_file("佐证.txt", content)}]
        card = [{"name": "证件.txt", "digest": desk.store.keep_file("证件.txt", f"{CARD}{content!r}".encode())}]
        act = replace(act, form={**act.form, "contact": NAME, "proof": proof, "card": card})
    fire(desk, act)
