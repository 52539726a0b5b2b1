"""Each code of loading has a slip that earns it: one edit of a sound definition, which is the valid twin of them all.

What else a slip brings on is said with it; anything more is a failure, so that one slip does not hide behind another.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.checks import guards, horizon, whole
from engine.codes import CODES
from engine.loading import load
from engine.reading import MAX_BYTES
from workflows.authoring import checking
from workflows.authoring.checking import problems

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FILE = HERE / "sound" / "every-part.yaml"
TWIN = FILE.read_text(encoding="utf-8")
ALL = {**CODES, **checking.CODES}
ELSEWHERE = {*guards.CODES, *whole.CODES, horizon.CODE}
"""Codes that other tables explain; `test_corpus.py` has their examples."""


NO_SLIPS = {"too-large", "not-utf-8", "unknown-parameter", "guards-unasked", "role-unheld"}
"""What no edit of a text brings on: bytes, what is given beside it, a bound, and who holds what in a database. Their
tests stand where these are."""


class Slip(NamedTuple):
    """`old` stands in the twin once and becomes `new`; `also` are the other codes that follow."""

    code: str
    old: str
    new: str
    also: frozenset[str] = frozenset()


def slip(code: str, old: str, new: str, *also: str) -> Slip:
    return Slip(code, old, new, frozenset(also))


_CIRCULAR = "circular: {zh: 通报, en: Circular, text: {zh: '{{ by_state }} 通报', en: '{{ by_unit }}'}}"
_DOCUMENT = (
    "circular: {{zh: 通报, en: Circular, template: notice.docx, to: office, "
    "number: '督〔{{{{ year }}}}〕{serial}号'{more}}}"
)
_ORGAN = ", organ: {zh: 督查室, en: Office}"
_ISSUED = _DOCUMENT.format(serial="{{ serial }}", more=_ORGAN)
_DEEP = "extra: " + "[" * 70 + "]" * 70 + "\ncalendar: cn"

SLIPS = (
    slip("hidden-character", "en: Trial", "en: Tri\u202eal"),
    slip("empty", TWIN, ""),
    slip("several-documents", "calendar: cn", "calendar: cn\n---\nprocess: other"),
    slip("directive", "process: every-part", "%YAML 1.1\n---\nprocess: every-part"),
    slip("syntax", "calendar: cn", "calendar:cn"),
    slip("tab", "  lead_unit: {type: unit", "\tlead_unit: {type: unit"),
    slip("alias", "calendar: cn", "calendar: &cn cn"),
    slip("tag", "calendar: cn", "calendar: !!str cn"),
    slip("merge-key", "calendar: cn", "calendar: cn\n<<: {}"),
    slip("empty-key", "calendar: cn", 'calendar: cn\n"": empty'),
    slip("key-not-text", "calendar: cn", "calendar: cn\n? [a]\n: b"),
    slip("duplicate-key", "calendar: cn", "calendar: cn\ncalendar: cn"),
    slip("number", "default: 0,", "default: 0777,"),
    slip("too-deep", "calendar: cn", _DEEP),
    slip("too-many", "calendar: cn", "calendar: cn\nextra: [" + "1," * 20_001 + "1]"),
    slip("unknown-key", "calendar: cn", "calendar: cn\ncolour: red"),
    slip("missing-key", "calendar: cn\n", ""),
    slip("wrong-key", "  term: {type: term", "  Term!: {type: term", "expression"),
    slip(
        "wrong-kind", "exhortations: {art-3: {zh: 各单位应当加强协作, en: Units should cooperate}}", "exhortations: 3"
    ),
    slip("wrong-value", "type: percent, default: 0", "type: percent, default: many"),
    slip("reserved-name", "partner: {zh: 配合单位", "system: {zh: 配合单位", "unknown-role"),
    slip("unknown-timezone", "Asia/Shanghai", "Asia/Shanghia"),
    slip("unknown-calendar", "calendar: cn", "calendar: cm"),
    slip("unknown-state", "from: checking, by: office, to: open", "from: checking, by: office, to: opne"),
    slip("unknown-trigger", "met_by: verify", "met_by: verfy"),
    slip("unknown-role", "from: asked, by: partner", "from: asked, by: partnre"),
    slip("unknown-field", "set: {percent: form.done}", "set: {precent: form.done}"),
    slip("unknown-child", "over: opinion", "over: opinon"),
    slip("unknown-notice", "then: {notice: late, to: lead}", "then: {notice: lat, to: lead}"),
    slip("unknown-publication", "publish: circular", "publish: circulr"),
    slip("unknown-deadline", "missed('work')", "missed('wrok')"),
    slip("unknown-variable", "task.percent < planned(last_month)", "date_or('task.finish_bye', today) < today"),
    slip("expression", "task.percent == 100.0", "task.percent =="),
    slip("word-not-here", "task.percent == 100.0", "form.done == 100.0"),
    slip("name-not-literal", "missed('work')", "missed(task.title)"),
    slip("decimal-equality", "measure.half >= 1.0", "measure.half == 1.0"),
    slip("bad-date", "before 2023-12-25", "before 2023-13-25"),
    slip("bad-term", "remind: 2 working days before", "remind: 2 workdays before"),
    slip("personal", "with: {subject: task.title}", "with: {subject: task.contact}"),
    slip("immutable", "set: {percent: form.done}", "set: {percent: form.done, lead_unit: task.lead_unit}"),
    slip(
        "written-by", "type: percent, default: 0", "type: percent, required: true, written_by: transitions, default: 0"
    ),
    slip("required-field", ", with: {subject: task.title}", ""),
    slip("for-each", ", as: unit", ""),
    slip("form-type", "form: {reason: {type: text", "form: {done: {type: text"),
    slip("role-unit", "en: Lead unit, unit: task.lead_unit", "en: Lead unit, unit: lead_unit"),
    slip("cited-exhortation", "en: Submit, from", "en: Submit, rule: art-3, from"),
    slip("initial-state", "en: Open, initial: true", "en: Open"),
    slip("no-final-state", "en: Closed, final: true", "en: Closed"),
    slip("duplicate-trigger", "trigger: return_it,", "trigger: report,"),
    slip(
        "otherwise-not-last",
        "  - {state: closed, when: task.percent == 100.0}\n      - {state: open, otherwise: true}",
        "  - {state: open, otherwise: true}\n      - {state: closed, when: task.percent == 100.0}",
        "no-otherwise",
    ),
    slip(
        "refusal-not-last",
        "en: Submit, from",
        "en: Submit, when: task.percent > 50.0, refusal: [{zh: 一, en: One}, {zh: 二, en: Two}], from",
    ),
    slip("no-start", "owed_by: lead, while: open, due", "owed_by: lead, due"),
    slip(
        "no-milestones",
        "milestones: {zh: 节点, en: Plan, fields: {planned: {type: percent, zh: 计划, en: Planned}}}\n",
        "",
        "expression",
    ),
    slip("not-by-system", "checking], by: system", "checking], by: office"),
    slip("no-cancelled-state", "    cancelled: dropped\n", ""),
    slip("measure-type", "type: integer, public: true, over", "type: text, public: true, over"),
    slip("circular-measure", "value: task.percent / 2.0", "value: measure.half / 2.0"),
    slip("signal-not-total", "  - {green: true}\n", ""),
    slip("template", '"{{ title }} is late"', '"{{ title is late"'),
    slip("template-name", '"{{ title }} is late"', '"{{ titel }} is late"'),
    slip("template-missing", _CIRCULAR, _ISSUED),
    slip("no-organ", _CIRCULAR, _DOCUMENT.format(serial="{{ serial }}", more=""), "template-missing"),
    slip("no-serial", _CIRCULAR, _DOCUMENT.format(serial="", more=_ORGAN), "template-missing"),
    slip(
        "mark",
        _CIRCULAR,
        _DOCUMENT.format(serial="{{ serial }}", more=_ORGAN + ", marks: {urgency: 急急}"),
        "template-missing",
    ),
)


def codes(text: str) -> set[str]:
    return {each.code for each in problems(load(text, str(FILE)), FILE)}


@pytest.mark.parametrize("slip", SLIPS, ids=[each.code for each in SLIPS])
def test_a_slip_earns_its_code_and_what_follows_from_it(slip: Slip) -> None:
    assert TWIN.count(slip.old) == 1
    assert codes(TWIN.replace(slip.old, slip.new)) == {slip.code, *slip.also}


def test_what_is_no_text_or_no_parameter_has_a_code_too() -> None:
    """A file too large, one in GBK, a parameter that is not there; and the twin passes with one that is."""
    assert codes(TWIN.ljust(MAX_BYTES + 1)) == {"too-large"}
    assert [each.code for each in load(TWIN.encode("gb18030")).problems] == ["not-utf-8"]
    assert [each.code for each in load(TWIN, given={"trem": "3 days"}).problems] == ["unknown-parameter"]
    assert load(TWIN, given={"term": "12 working days"}).problems == []


def test_each_code_is_explained_and_has_a_slip() -> None:
    """The page has it, in both languages, and one edit brings it on."""
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    unsaid = [code for code, each in ALL.items() if f"| `{code}` | {each.what.zh} — {each.cure.zh} |" not in page]
    assert unsaid == []
    assert set(ALL) == {each.code for each in SLIPS} | NO_SLIPS


_MAKERS = frozenset({"Problem", "add", "report", "warn", "unknown", "unknown_at", "_report", "_stop"})


def made_in(source: str) -> Iterator[str]:
    """The codes that a source makes problems with."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            parts = ast.walk(node.args[0]) if isinstance(node.args[0], ast.IfExp) else [node.args[0]]
            found = [each.value for each in parts if isinstance(each, ast.Constant)]
            yield from (each for each in found if name in _MAKERS and isinstance(each, str))


def test_no_code_is_made_that_stands_in_no_table() -> None:
    rooms = [*(ROOT / "engine").glob("*.py"), *(ROOT / "engine" / "checks").glob("*.py")]
    rooms += [ROOT / "workflows" / "authoring" / "checking.py", ROOT / "workflows" / "papers" / "checks.py"]
    made = {code for file in rooms for code in made_in(file.read_text(encoding="utf-8"))}
    assert made - set(ALL) - ELSEWHERE == set()
    assert len(made) > 55
    assert set(made_in('findings.add("planted", path)\nProblem("a" if x else "b", at)')) == {"planted", "a", "b"}
