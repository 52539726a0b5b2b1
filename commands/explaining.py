"""Why something happened: an explanation as people read it at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from commands.render import answer
from commands.session import Session

if TYPE_CHECKING:
    from workflows.audit.explaining.telling import Told, ToldFact


@click.command(
    help="说明缘由：从一条记录到定义的那一行和当时的数字"
    " / Why an event happened, back to the line of the definition and the numbers that decided."
)
@click.argument("task", help="事项编号 / The id of a task.")
@click.argument(
    "seq",
    type=int,
    required=False,
    help="记录序号，见 duban history；默认：为何是现状"
    " / The number of an event, as duban history shows it; by default: why it is in its state.",
)
@click.pass_obj
def explain(on: Session, task: str, seq: int | None) -> None:
    from engine.commands import Refusal
    from workflows.audit.explaining.chain import explain as look
    from workflows.audit.explaining.telling import to_json, told

    with on.desk() as desk:
        found = look(desk, task, seq, on.lang)
        if isinstance(found, Refusal):
            raise on.refused(found)
        steps = told(found, on.lang)
        document = to_json(found, steps)
    answer(on, document, _lines(on, steps))


def _lines(on: Session, steps: Sequence[Told]) -> Iterator[str]:
    for number, step in enumerate(steps):
        arrow = "" if number == 0 else on.of("← 因为 ", "← because ")
        yield f"{arrow}{step.at}  {step.ref}  {step.who}  {step.text}"
        yield f"    {step.because}"
        yield from (f"    {line.place}  {line.part}:  {line.text}" for line in step.lines)
        for way in step.ways:
            leads = f"  → {way.leads}" if way.leads else ""
            yield f"    · {way.line.place}  {way.guard}{leads}  —  {way.text}"
            yield from _facts(way.facts, 8)
        if step.date:
            yield on.of("    为什么是这一天：", "    Why this date:")
            yield from (f"      {rule}" for rule in step.date)
            yield from _facts(step.dated, 8)
        yield on.of(
            f"    依据版次 {step.edition}，日历 {step.calendar[:12]}",
            f"    Under edition {step.edition}, calendar {step.calendar[:12]}",
        )


def _facts(facts: Sequence[ToldFact], indent: int) -> Iterator[str]:
    for fact in facts:
        title = f" {fact.title}" if fact.title != fact.name else ""
        told = [] if fact.sources else [fact.origin]
        where = "  ".join([*told, *([fact.line.place] if fact.line else [])])
        yield f"{' ' * indent}{fact.name}{title} = {fact.value}{f'  ({where})' if where else ''}"
        yield from (f"{' ' * indent}  ← {each.ref}  {each.text}" for each in fact.sources)
        yield from _facts(fact.parts, indent + 4)
