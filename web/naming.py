"""What a task is called on a page: its title, and for a child what kind of thing it is, so that two links never read
the same and lead to different places.
"""

from __future__ import annotations

from engine.task import Task
from web.visit import Visit
from workflows.changes import title_field


def kind_title(visit: Visit, edition: str, kind: str) -> str:
    """What kind of child it is, in words; nothing for a task of the process itself."""
    body = visit.desk.book(edition)[0].sheets[kind].body
    return body.title(visit.lang) if kind and hasattr(body, "title") else ""


def named(visit: Visit, edition: str, kind: str, title: str) -> str:
    """The words of a link to a task: a child with what kind it is before its title."""
    child = visit.desk.book(edition)[0].sheets[kind].parent is not None
    what = kind_title(visit, edition, kind) if child else ""
    return f"{what}{visit.words('colon')}{title}" if what and what != title else title


def own_title(visit: Visit, task: Task) -> str:
    """What a task itself says that it is about, if anything."""
    sheet = visit.desk.book(task.edition)[0].sheets[task.kind]
    return str(task.fields.get(title_field(sheet) or "") or "")


def title_of(visit: Visit, task: Task) -> str:
    """What a task is about; a child without a title of its own is about what is above it."""
    own = own_title(visit, task)
    above = visit.desk.store.task(task.parent) if not own and task.parent else None
    return own or (title_of(visit, above) if above is not None else "") or kind_of(visit, task) or task.id


def kind_of(visit: Visit, task: Task) -> str:
    """What kind of task it is, in words."""
    return kind_title(visit, task.edition, task.kind)
