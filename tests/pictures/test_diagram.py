"""A picture of a definition: every way is there, nothing is said by colour alone, and no word runs out of its box."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from engine.cel.settled import settled
from engine.edition import Edition
from engine.machine import sources
from engine.model.transitions import PREVIOUS, STAY
from workflows.pictures import placing
from workflows.pictures.drawing import drawn
from workflows.pictures.placing import Box, Line, NoPicture, place
from workflows.pictures.states import picture
from workflows.pictures.words import broken, width
from workflows.sources import definitions_folder, load_process

SVG = "{http://www.w3.org/2000/svg}"
FOUNDING = sorted(path.parent for path in definitions_folder().rglob("process.yaml"))


def edition(folder: Path | str) -> Edition:
    found = load_process(definitions_folder() / folder).edition
    assert found is not None
    return found


def words(svg: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 - our own


@pytest.mark.parametrize("folder", FOUNDING, ids=lambda path: path.name)
def test_every_state_and_every_way_out_of_it_is_drawn(folder: Path) -> None:
    found = edition(folder)
    for kind, sheet in found.sheets.items():
        seen = picture(found, kind, "en")
        assert {state.id for state in seen.states} >= set(sheet.body.states)
        meets = {meeting.id: meeting.label.title for meeting in seen.meetings}
        drawn_from = {way.start for way in seen.ways}
        said = {label.title for way in seen.ways for label in way.labels} | set(meets.values())
        for transition in sheet.body.transitions:
            ends = {branch.state for branch in transition.to} - {STAY, PREVIOUS}
            if any(ends - {start} for start in sources(sheet.body, transition)):
                assert transition.en in said, transition.trigger
        assert drawn_from <= {state.id for state in seen.states} | set(meets)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_who_acts_is_a_number_as_well_as_a_colour(lang: str) -> None:
    found = edition("dalian-livelihood")
    said = words(drawn(picture(found, "", lang), lang))  # type: ignore[arg-type]  # the two languages
    office = found.process.roles["office"].title(lang)
    order = next(each for each in found.process.transitions if each.trigger == "order_rectification").title(lang)
    assert f"① {office}" in said
    assert f"① {order}" in said


def test_open_tasks_are_counted_in_their_states() -> None:
    said = words(drawn(picture(edition("dalian-livelihood"), "", "zh", tasks={"lagging": 3}), "zh"))
    assert said.count("未办结 3 项") == 1
    assert said.count("未办结 0 项") == 6, "every other state that is not final"


def test_one_role_alone_sees_its_own_ways() -> None:
    seen = picture(edition("dalian-livelihood"), "", "en", role="lead")
    titles = {label.title for way in seen.ways for label in way.labels}
    assert "Submit the completion" in titles
    assert "Verify and close" not in titles


def test_a_branch_that_its_guard_forbids_in_a_state_is_not_drawn_from_it() -> None:
    """`state == 'in_progress' && …` leads nowhere from `rectifying`."""
    ways = {(way.start, way.end) for way in picture(edition("dalian-livelihood"), "", "en").ways}
    assert ("in_progress", "lagging") in ways
    titles = {label.title for way in picture(edition("dalian-livelihood"), "", "en").ways
              if (way.start, way.end) == ("rectifying", "lagging") for label in way.labels}  # fmt: skip
    assert titles == {"Accept the rectification"}


@pytest.mark.parametrize(
    ("text", "state", "value"),
    [
        ("state == 'planned'", "planned", True),
        ("state != 'planned'", "planned", False),
        ("'planned' == state || task.promised", "planned", True),
        ("state in ['planned', 'lagging'] && task.promised", "lagging", None),
        ("!(state in ['planned', 'lagging'])", "lagging", False),
        ("task.promised", "lagging", None),
        ("true", "lagging", True),
    ],
)
def test_what_a_condition_comes_to_by_the_state_alone(text: str, state: str, value: object) -> None:
    from engine.expressions import Kind, Language

    language = Language({"state": Kind.TEXT, "task.promised": Kind.BOOLEAN}, [])
    assert settled(language.compile(text, expect=Kind.BOOLEAN).tree(), state) is value


def test_no_word_runs_out_of_its_box() -> None:
    """Boxes are as wide as their longest line by our own measure; Chinese letters are as wide as they are high."""
    assert width("约谈", 14) == 28
    lines = broken("Review: the reply is untrue", 100, 11.5)
    assert len(lines) == 2
    assert all(width(line, 11.5) <= 100 for line in lines)
    assert (
        "".join(broken("对未按期完成整改的责任单位主要负责人进行约谈", 80, 14))
        == "对未按期完成整改的责任单位主要负责人进行约谈"
    )
    root = ET.fromstring(drawn(picture(edition("examples/hotline"), "", "en"), "en"))  # noqa: S314
    assert min(float(box.get("width", 0)) for box in root.iter(f"{SVG}rect")) > 60


def test_ways_back_are_led_upwards_and_keep_their_arrow() -> None:
    boxes = [Box("a", 60, 30), Box("b", 60, 30)]
    there, back = place(boxes, [Line("a", "b", 40, 12), Line("b", "a", 40, 12, back=True)]).lines
    assert there.tip is not None
    assert back.tip is not None
    assert there.tip[1] > there.curve[0][1], "the way on leads down the page"
    assert back.tip[1] < back.curve[0][1], "the way back leads up"


def test_a_missing_graphviz_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "PROGRAM", "no-such-graphviz")
    with pytest.raises(NoPicture, match="not installed"):
        place([Box("only", 61, 31)], [])
