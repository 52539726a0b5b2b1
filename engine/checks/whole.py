"""A whole edition under question: what can be reached, what never happens, what nothing uses, who checks whom.

Like the questions to guards, these are no part of loading: an edition that was published stays one. `duban check` asks
them.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.checks.duties import of_duties
from engine.checks.reach import of_reach
from engine.checks.timing import of_timing
from engine.checks.titled import of_titles
from engine.checks.unused import of_unused
from engine.checks.ways import ground
from engine.document import Document
from engine.edition import Edition
from engine.problems import Problem, Text

CODES: Mapping[str, Text] = {
    "state-never": Text("从初始状态无法到达的状态", "no way leads to a state from the initial one"),
    "end-never": Text("无法到达的终结状态", "a final state cannot be reached"),
    "dead-end": Text("只能进入、不能离开的状态", "a state without a way out"),
    "no-way-to-end": Text("从这里无法到达任何终结状态", "no final state can be reached from a state"),
    "trigger-never": Text("没有人、也没有事能执行的操作", "nobody and nothing may fire a trigger"),
    "deadline-never": Text("永远不会起算的时限", "a deadline never starts"),
    "deadline-unmet": Text("既不能完成也不能取消的时限", "nothing meets a deadline, and nothing cancels it"),
    "deadline-unmeetable": Text("起算后不可能完成的时限", "a deadline starts and cannot be met"),
    "firing-ignored": Text(
        "到期要执行的操作在此状态下不能执行", "what a deadline fires is impossible where it may pass"
    ),
    "reminder-late": Text("到期失效之后的提醒", "a reminder after a right is over"),
    "reminder-early": Text("比整个期限还早的提醒", "a reminder before the term has begun"),
    "deadline-starved": Text(
        "被别的时限一再重新起算、永远不到期的时限", "another deadline starts a deadline anew for ever"
    ),
    "role-unused": Text("没有用到的角色", "nothing uses a role"),
    "parameter-unused": Text("没有用到的参数", "nothing reads a parameter"),
    "measure-unused": Text("没有用到的指标", "nothing reads a measure"),
    "notice-unused": Text("没有发出的通知", "nothing sends a notice"),
    "child-unopened": Text("没有开设的子事项", "nothing opens a kind of children"),
    "field-unfilled": Text("没有一处填写的字段", "nothing ever fills in a field"),
    "title-language": Text("用错语言的名称", "a title is in the wrong language"),
    "same-person": Text("同一人可以自报自批", "one person may accept their own work"),
}
"""What is found here, by code."""


def of_whole(edition: Edition, document: Document) -> list[Problem]:
    """Everything that an edition as a whole is found to be, with positions."""
    given = ground(edition, document)
    found = [*of_unused(given), *of_titles(given)]
    for ways in given.ways.values():
        found += [*of_reach(given, ways), *of_timing(given, ways), *of_duties(given, ways)]
    return found
