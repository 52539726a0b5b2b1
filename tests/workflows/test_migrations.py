"""A plan is written from two editions, tried, answered for by two people, applied, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from engine.commands import Refusal
from tests.limits import at_once
from tests.workflows.conftest import at
from tests.workflows.moving import (
    LI,
    MOVED,
    OFFICE,
    SHORTER,
    WANG,
    applied,
    approved,
    done,
    office,
    plan_of,
    plan_text,
    text_of,
    until,
    whole,
)
from workflows.audit.history import history
from workflows.authoring.fates import Verdicts
from workflows.authoring.migrating import Move, apply, dry_run, move, ready
from workflows.authoring.migration_plans import Plan, read_plan
from workflows.authoring.plan_approval import approve, approve_alone, of_text, submit
from workflows.authoring.plan_writing import write_plan
from workflows.authoring.proposals import Proposal, all_of, send_back
from workflows.authoring.publishing import Published, publish
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.registering import register
from workflows.office.views import TaskView, view
from workflows.rows import Row
from workflows.sources import calendar_named


@pytest.fixture
def desk(new_desk: Callable[[str], Desk]) -> Desk:
    """A desk whose clock stands on 3 April 2023."""
    made = new_desk("duban")
    assert isinstance(made.clock, VirtualClock)
    made.clock.move(at("2023-04-03 09:00"))
    return made


def _code(answer: object) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


def _tried(desk: Desk, text: bytes) -> Verdicts:
    found = dry_run(desk, plan_of(desk, text), WANG)
    assert isinstance(found, Verdicts), found
    return found


def test_the_plan_that_is_written_asks_what_vanished_and_keeps_the_rest(desk: Desk) -> None:
    office(desk)
    text = write_plan(desk, "leak", "2")
    assert isinstance(text, str)
    plan = plan_of(desk, text.encode())
    assert plan.unanswered == ["bodies.task.states.lagging", "reason"]
    assert plan.rules[""]["states"]["open"] == "open"
    assert "# rectification / rectification: 20 working days after start" in text
    assert "# 新规定 / now: 10 working days after start" in text
    assert set(plan.said.bodies) == {"task", "interview"}


def test_a_dry_run_has_a_verdict_for_each_and_writes_nothing(desk: Desk) -> None:
    first, second, third = office(desk)
    until(desk, "2023-04-11 09:00")
    before = {name: desk.store.events(name) for name in (first, second, third)}
    text = plan_text(desk, ("lagging: open", 'lagging: "?"'), ("{policy: keep}", "{policy: re_anchor}"))
    found = _tried(desk, text)
    assert [(each.task, each.fate) for each in found.found] == [(first, "moves"), (second, "cannot"), (third, "moves")]
    (one,) = found.found[0].deadlines
    assert (one.before, one.after, one.policy) == ("2023-05-04", "2023-04-18", "re_anchor")
    assert {"rule": "term", "from": "2023-04-03", "to": "2023-04-18"}.items() <= one.why[1].items()
    refusal = found.found[1].refusal
    assert refusal is not None
    assert (refusal.code, refusal.facts["state"]) == ("migrate_state", "lagging")
    assert {name: desk.store.events(name) for name in (first, second, third)} == before
    assert _code(submit(desk, text, WANG)) == "unanswered"


def test_a_plan_with_names_that_are_not_there_is_told_where(desk: Desk) -> None:
    office(desk)
    wrong = plan_text(desk, ("open: open", "open: opne"), ("rectification: {", "rectify: {"))
    found = read_plan(desk, wrong, "plan.yaml")
    assert isinstance(found, list)
    assert [(each.code, each.where.file) for each in found] == [("unknown-name", "plan.yaml")] * 2
    assert "did you mean `open`" in found[0].text("en")
    closed = read_plan(desk, plan_text(desk, ("{policy: keep}", "{policy: kep}")))
    assert isinstance(closed, list)
    assert _code(read_plan(desk, plan_text(desk, ('to: "2"', 'to: "7"')))) == "unknown_edition"
    assert _code(write_plan(desk, "leak", "2", "2")) == "same_edition"
    assert _code(write_plan(desk, "promises", "1")) == "which_edition"


LAWFUL = "grade: {type: choice, choices: {a: {}, b: {}}, default: a}"


@pytest.mark.parametrize("source", ["phone", "contact"])
def test_a_personal_value_is_opened_by_a_word_that_two_people_have_read_or_not_at_all(
    new_desk: Callable[[str], Desk], source: str
) -> None:
    """The plan that is written asks; it is not submitted before; a plan that says nothing is not approved either."""
    desk = new_desk("duban")
    for edition, more in (("1", f"{source}: {{type: text, personal: true}}"), ("2", "phone: {type: text}")):
        told = text_of(edition, (LAWFUL, f"{LAWFUL}, {more}"))
        assert isinstance(publish(desk, told, calendar_named), Published)
    asks = source == "phone"
    text = write_plan(desk, "leak", "2", "1")
    assert isinstance(text, str)
    assert ('phone: "?"' in text) is asks
    if not asks:  # people take it from the field that was personal
        text = text.replace("    deadlines:", "    fields:\n      phone: {from: contact}\n    deadlines:", 1)
    plan = plan_of(desk, text.encode())
    assert "bodies.task.opened.phone" in plan.unanswered
    silent = (
        text.replace('reason: "?"', "reason: 新办法").replace('      phone: "?"', "").replace("    opened:", "    #")
    )
    assert plan_of(desk, silent.encode()).unanswered == ["bodies.task.opened.phone"]
    refused = submit(desk, silent.encode(), WANG)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.facts["questions"]) == ("unanswered", ["bodies.task.opened.phone"])
    said = text.replace('reason: "?"', "reason: 新办法")
    opened = "    opened: {phone: yes}\n    deadlines:"
    said = said.replace('phone: "?"', "phone: yes") if asks else said.replace("    deadlines:", opened, 1)
    assert isinstance(submit(desk, said.encode(), WANG), Proposal)
    strange = read_plan(desk, said.replace("phone: yes", "fax: yes").encode())
    assert isinstance(strange, list)
    assert [each.code for each in strange] == ["unknown-name"]


def test_a_plan_asks_for_a_personal_column_too(new_desk: Callable[[str], Desk]) -> None:
    desk = new_desk("duban")
    for edition, lawful in (("1", ", personal: true"), ("2", "")):
        more = f"callers: {{type: rows, columns: {{phone: {{type: text{lawful}}}}}}}"
        assert isinstance(publish(desk, text_of(edition, (LAWFUL, f"{LAWFUL}, {more}")), calendar_named), Published)
    text = write_plan(desk, "leak", "2", "1")
    assert isinstance(text, str)
    assert 'callers: "?"' in text
    assert "bodies.task.opened.callers" in plan_of(desk, text.encode()).unanswered


def test_a_plan_asks_for_personal_fields_of_milestones_too(new_desk: Callable[[str], Desk]) -> None:
    """As of fields: it is asked, read by whoever approves, and nothing is submitted without an answer."""
    desk = new_desk("duban")
    for edition, lawful in (("1", ", personal: true"), ("2", "")):
        rows = f"milestones: {{fields: {{target: {{type: text}}, contact: {{type: text{lawful}}}}}}}\nsignals:"
        assert isinstance(publish(desk, text_of(edition, ("signals:", rows)), calendar_named), Published)
    text = write_plan(desk, "leak", "2", "1")
    assert isinstance(text, str)
    assert "    opened_milestones:  # 个人信息" in text
    assert plan_of(desk, text.encode()).unanswered == ["bodies.task.opened_milestones.contact", "reason"]
    said = text.replace('reason: "?"', "reason: 新办法")
    silent = said.replace('      contact: "?"', "").replace("    opened_milestones:", "    #")
    assert plan_of(desk, silent.encode()).unanswered == ["bodies.task.opened_milestones.contact"]
    assert _code(submit(desk, silent.encode(), WANG)) == "unanswered"
    answered = said.replace('contact: "?"', "contact: empty")
    assert plan_of(desk, answered.encode()).rules[""]["opened_milestones"] == {"contact": "empty"}
    assert isinstance(submit(desk, answered.encode(), WANG), Proposal)
    wrong = read_plan(desk, answered.replace("contact: empty", "contract: empty").encode())
    assert isinstance(wrong, list)
    assert [each.code for each in wrong] == ["unknown-name"]


def test_what_was_moved_is_told_as_it_stands_and_not_as_time_would_have_it(desk: Desk) -> None:
    """Applied once more, or tried: nobody lets its time run for that."""
    first, *_ = office(desk)
    text = plan_text(desk, ("{policy: keep}", "{policy: re_anchor}"))
    migration = approved(desk, text)
    assert applied(desk, migration).good == 3
    assert isinstance(desk.clock, VirtualClock)
    desk.clock.move(at("2023-06-01 09:00"))  # its deadline passed on 18 April, and no sweep has said so yet
    for found in (applied(desk, migration), _tried(desk, text)):
        one = next(each for each in found.found if each.task == first)
        assert (one.fate, one.was, one.state, one.deadlines) == ("already", "rectifying", "rectifying", ())


def test_what_another_migration_has_moved_meanwhile_is_moved_already(desk: Desk) -> None:
    """Two plans between the same editions, both approved: whoever comes second finds the family where it belongs."""
    first, *_ = office(desk)
    one = approved(desk, plan_text(desk))
    other = approved(desk, plan_text(desk, ("reason: 新办法", "reason: 同一办法")))
    how = ready(desk, other, WANG)
    assert isinstance(how, Move), how
    assert applied(desk, one).good == 3
    verdict = move(desk, how, first)
    assert (verdict.fate, verdict.refusal, verdict.state) == ("already", None, "rectifying")
    whole(desk)


def test_a_plan_without_a_reason_is_not_answered(desk: Desk) -> None:
    office(desk)
    for blank in ('""', '" "', "'　'"):
        text = plan_text(desk, ("reason: 新办法", f"reason: {blank}"))
        assert plan_of(desk, text).unanswered == ["reason"]
        assert _code(submit(desk, text, WANG)) == "unanswered"


def test_two_people_answer_for_it(desk: Desk) -> None:
    office(desk)
    text = plan_text(desk)
    assert _code(submit(desk, text, OFFICE)) == "not_admin"
    made = submit(desk, text, WANG)
    assert isinstance(made, Proposal)
    assert (made.subject, made.state) == ("leak-m1", "submitted")
    assert _code(apply(desk, "leak-m1", WANG)) == "not_approved"
    assert _code(submit(desk, text, LI)) == "plan_known"
    assert _code(approve(desk, "leak-m1", WANG)) == "own_proposal"
    assert _code(approve(desk, "leak-m1", LI, "00")) == "other_text"
    assert isinstance(approve(desk, "leak-m1", LI, made.digest), Proposal)
    assert _code(apply(desk, "leak-m1", OFFICE)) == "not_admin"
    applied(desk, "leak-m1")
    known = all_of(desk.store)["leak-m1"]
    assert [(each.type, each.actor) for each in known.entries] == [
        ("MigrationSubmitted", "wang"), ("MigrationApproved", "li"), ("MigrationApplied", "wang"),
    ]  # fmt: skip
    assert (known.entries[-1].told["moved"], known.entries[-1].told["not_moved"]) == (3, {})


def test_a_returned_plan_is_not_applied_and_comes_again(desk: Desk) -> None:
    office(desk)
    text = plan_text(desk)
    submit(desk, text, WANG)
    assert isinstance(send_back(desk, "leak-m1", LI, "再议"), Proposal)
    assert _code(apply(desk, "leak-m1", WANG)) == "not_approved"
    assert approved(desk, text) == "leak-m1"


def test_what_is_applied_twice_is_told_to_be_moved_already(desk: Desk) -> None:
    _, second, third = office(desk)
    text = plan_text(desk)
    migration = approved(desk, text)
    stopped = apply(desk, migration, WANG, lambda done: len(done.found) < 2)
    assert isinstance(stopped, Verdicts)
    assert [each.fate for each in stopped.found] == ["moved", "moved"]
    done(desk, second, "order")
    assert [each.fate for each in applied(desk, migration).found] == ["already", "already", "moved"]
    assert [each.fate for each in _tried(desk, text).found] == ["already"] * 3
    assert desk.store.task(third) is not None
    whole(desk)


def test_only_those_that_the_plan_chooses_move(desk: Desk) -> None:
    _, second, third = office(desk)
    for chosen, moved in (
        ("states: [lagging]", [second]),
        ("units: [单位0]", [second]),
        (f"only: [{third}]", [third]),
    ):
        name = chosen.partition(":")[0]
        text = plan_text(desk, (f"{name}: []", chosen))
        assert [each.task for each in _tried(desk, text).found] == moved


def test_time_runs_first_under_the_old_edition(desk: Desk) -> None:
    """What was due before the move is decided by the edition before it, in the same transaction."""
    first, *_ = office(desk)
    migration = approved(desk, plan_text(desk))
    assert isinstance(desk.clock, VirtualClock)
    desk.clock.move(at("2023-05-05 09:00"))
    applied(desk, migration)
    told = [(each.event.type.value, each.event.edition) for each in desk.store.events(first)]
    assert ("DeadlineMissed", "leak@1") in told
    assert told[-1][1] == "leak@2"
    assert [parcel.name for parcel in desk.store.parcels()] == ["reminder", "failed"]
    whole(desk)


def test_the_page_and_the_history_say_under_which_edition_since_when(desk: Desk) -> None:
    first, *_ = office(desk)
    until(desk, "2023-04-11 09:00")
    applied(desk, approved(desk, plan_text(desk, ("{policy: keep}", "{policy: re_anchor}"))))
    page = view(desk, first, OFFICE, "zh")
    assert isinstance(page, TaskView)
    edition, since, was = page.under
    assert (edition, was) == ("leak@2", "leak@1")
    assert since is not None
    assert since.startswith("2023-04-11T01:00")
    told = history(desk, first, "zh")
    assert isinstance(told, list)
    said = [each.text for each in told]
    assert "改用版次 leak@2（原 leak@1）（leak-m1：新办法）" in said
    assert any("按新规定自原起算点计算" in each for each in said)
    assert not any(each.late for each in told)


def test_two_who_apply_at_once_move_each_task_once(desk: Desk) -> None:
    """Each looks again under the lock of the family, and one of the two finds it moved."""
    tasks = office(desk, 8)
    migration = approved(desk, plan_text(desk))
    both = at_once(*(partial(applied, each, migration) for each in (desk, replace(desk))))
    fates = [sorted(one.fate for one in pair) for pair in zip(*(each.found for each in both), strict=True)]
    assert fates == [["already", "moved"]] * 8
    moved = [each.event for task in tasks for each in desk.store.events(task) if each.event.type == MOVED]
    assert [event.task for event in moved] == tasks
    whole(desk)


def test_a_task_that_went_elsewhere_meanwhile_is_told_and_left_alone(desk: Desk) -> None:
    """Between asking and moving another plan may have brought it under a third edition."""
    office(desk)
    migration = approved(desk, plan_text(desk))
    how = ready(desk, migration, WANG)
    assert isinstance(how, Move)
    third = text_of("3", ("due: 20 working days", "due: 15 working days"))
    assert isinstance(publish(desk, third, calendar_named), Published)
    text = write_plan(desk, "leak", "3", "1")
    assert isinstance(text, str)
    other = submit(desk, text.replace('reason: "?"', "reason: 另一办法").encode(), WANG)
    assert isinstance(other, Proposal), other
    assert isinstance(approve(desk, other.subject, LI), Proposal)
    applied(desk, other.subject)
    before = desk.store.task("leak-01")
    verdict = move(desk, how, "leak-01")
    assert verdict.fate == "cannot"
    assert _code(verdict.refusal) == "migrate_elsewhere"
    assert desk.store.task("leak-01") == before


def test_nothing_moves_under_a_clock_that_went_back(desk: Desk) -> None:
    """What a task records has happened: no later event of it may stand before."""
    office(desk)
    how = ready(desk, approved(desk, plan_text(desk)), WANG)
    assert isinstance(how, Move)
    assert isinstance(desk.clock, VirtualClock)
    desk.clock.now -= timedelta(hours=1)
    verdict = move(desk, how, "leak-01")
    assert verdict.fate == "cannot"
    assert _code(verdict.refusal) == "clock_behind"


def test_one_person_in_a_rehearsal_and_the_record_says_so(desk: Desk) -> None:
    office(desk)
    text = plan_text(desk)
    assert _code(of_text(desk, text)) == "not_approved"
    asks = write_plan(desk, "leak", "2")
    assert isinstance(asks, str)
    assert _code(approve_alone(desk, asks.encode(), WANG, None)) == "unanswered"
    made = approve_alone(desk, text, WANG, None)
    assert isinstance(made, Proposal)
    assert (made.state, made.entries[-1].told["alone"]) == ("approved", {"why": "rehearsal", "reason": None})
    assert of_text(desk, text) == "leak-m1"


def test_back_again_by_another_plan(desk: Desk) -> None:
    """What has lived on goes back by a plan of its own, to the old edition."""
    first, *_ = office(desk)
    applied(desk, approved(desk, plan_text(desk)))
    until(desk, "2023-04-20 09:00")
    text = write_plan(desk, "leak", "1")
    assert isinstance(text, str)
    migration = approved(desk, text.replace('reason: "?"', "reason: 恢复").encode())
    assert migration == "leak-m2"
    assert {each.fate for each in applied(desk, migration).found} == {"moved"}
    (one,) = (each for each in desk.store.worklist() if each.task == first)
    assert one.last_day == "2023-05-04"
    whole(desk)


def test_a_task_registered_under_the_new_edition_is_not_moved(desk: Desk) -> None:
    office(desk)
    found = register(desk, "leak", [Row(9, {"title": "新", "lead_unit": "单位0"})], OFFICE)
    assert isinstance(found, list)
    assert (found[0].edition, len(_tried(desk, plan_text(desk)).found)) == ("leak@2", 3)


def test_a_choice_that_vanished_is_named_before_anything_moves(desk: Desk) -> None:
    """Every value is asked whether it fits: the plan is tried on the tasks that are there."""
    office(desk)
    third = text_of("3", ("choices: {a: {}, b: {}}, default: a", "choices: {b: {}}, default: b"))
    assert isinstance(publish(desk, third, calendar_named), Published)
    text = write_plan(desk, "leak", "3")
    assert isinstance(text, str)
    assert {each.refusal.code for each in _tried(desk, text.encode()).found if each.refusal} == {"migrate_value"}
    assert third != SHORTER
    assert isinstance(read_plan(desk, text), Plan)
