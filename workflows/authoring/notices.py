"""Reading an official notice of working days: a calendar file, for a year or for all of them."""

from __future__ import annotations

from engine.calendar_data import CalendarError
from engine.calendars import Calendar
from engine.document import Document
from engine.problems import Position, Problem, Text
from engine.reading import read


def notice_in(text: bytes, file: str) -> Calendar | list[Problem]:
    """The calendar that a text describes, in the form of those under `definitions/calendars/`; or what is wrong."""
    document = read(text, file)
    if not isinstance(document, Document):
        return document
    try:
        return Calendar.from_mapping(document.data)  # type: ignore[arg-type]  # it says itself what it cannot read
    except CalendarError as error:
        message, cure = Text(**error.message), Text(**error.cure)
    except (AttributeError, KeyError, TypeError):
        message = Text("不是工作日历", "this is not a working calendar")
        cure = Text(
            "须有 calendar、edition、week、known（from、until）、closed、working",
            "write calendar, edition, week, known (from and until), closed, working",
        )
    return [Problem("bad-calendar", Position(file), message, cure)]
