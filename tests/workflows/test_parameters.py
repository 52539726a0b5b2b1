"""Parameters in words: the process page and an explanation say the same, in titles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.commands import Actor
from engine.edition import Edition
from engine.events import EventType, Json
from engine.loading import load
from engine.problems import Language
from storage import open_store
from tests.engine.stage import edition as staged
from tests.workflows.conftest import at
from web.fixed import parameters
from workflows.audit.explaining.chain import Explanation, explain
from workflows.audit.explaining.telling import told
from workflows.authoring.publishing import Published, publish
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.firing import Act, Outcome, fire
from workflows.office.registering import register
from workflows.parameters import in_words
from workflows.rows import Row
from workflows.sources import calendar_named

LANGUAGES: tuple[Language, Language] = ("zh", "en")
OFFICE = Actor("li", ("office",))
TINY = Path(__file__).parents[1] / "engine" / "data" / "tiny.yaml"
TABLES = {
    "states": ("{in_progress: 3, lagging: 2}", ["推进中：3", "滞后：2"], ["In progress: 3", "Lagging: 2"]),
    "acts": (
        "{report: 3, order_rectification: 2}",
        ["填报：3", "责令整改：2"],
        ["Report: 3", "Order rectification: 2"],
    ),
    "roles": ("{office: 3, lead: 2}", ["督查室：3", "牵头单位：2"], ["Office: 3", "Lead unit: 2"]),
    "fields": ("{percent: 3, title: 2}", ["进度：3", "名称：2"], ["Progress: 3", "Title: 2"]),
    "one and another": ("{lagging: 3, percent: 2}", ["滞后：3", "进度：2"], ["Lagging: 3", "Progress: 2"]),
    "none": ("{lagging: 3, otherwise: 2}", ["滞后：3", "代码 otherwise：2"], ["Lagging: 3", "code otherwise: 2"]),
}


@pytest.mark.parametrize("case", TABLES)
def test_a_table_by_no_choice_is_said_by_the_titles_of_what_its_keys_name(case: str) -> None:
    """States, acts, roles, fields, or some of each; what nothing in the definition is called is said to be a code."""
    table, *wanted = TABLES[case]
    by_key = f"parameters:\n  table: {{type: decimal, values: {table}, zh: 表, en: Table}}\n"
    edition = load(TINY.read_text(encoding="utf-8").replace("parameters:\n", by_key), "process.yaml").edition
    assert edition is not None
    assert [_told(edition, "table", lang) for lang in LANGUAGES] == wanted


def _told(edition: Edition, name: str, lang: Language) -> list[str]:
    parameter = edition.process.parameters[name]
    return list(in_words(edition, name, parameter.values or parameter.value, lang))


DEFINED: Json = {
    "process": "weights",
    "parameters": {
        "by_state": {"type": "decimal", "values": {"open": 0.5, "closed": 2}, "zh": "权重", "en": "Weight"},
        "by_act": {"type": "text", "values": {"close": "grave", "check": "plain"}, "zh": "等级", "en": "Grade"},
        "by_role": {"type": "percent", "values": {"office": 12.5, "lead": 7}, "zh": "份额", "en": "Share"},
        "lag": {"type": "percent", "value": 12.5, "zh": "容差", "en": "Tolerated"},
        "why": {"type": "text", "value": "see art. 5", "zh": "依据", "en": "Basis"},
    },
    "roles": {"office": {"zh": "督查室", "en": "Office"}, "lead": {"zh": "牵头单位", "en": "Lead unit"}},
    "fields": {
        "grade": {
            "type": "choice",
            "choices": {"plain": {"zh": "一般", "en": "Ordinary"}, "grave": {"zh": "严重", "en": "Serious"}},
            "default": "plain",
        },
    },
    "states": {
        "open": {"initial": True, "zh": "在办", "en": "Open"},
        "closed": {"final": True, "zh": "办结", "en": "Closed"},
    },
    "transitions": [
        {"trigger": "check", "zh": "检查", "en": "Check", "from": "open", "by": "office", "to": "stay"},
        {
            "trigger": "close",
            "zh": "销号",
            "en": "Close",
            "from": "open",
            "by": "office",
            "when": "param.by_state[state] < 1 && param.by_act['check'] == task.grade && param.lag > 10"
            " && param.by_role['office'] > param.by_role['lead'] && param.why != ''",
            "refusal": {"zh": "不可", "en": "No"},
            "to": "closed",
        },
    ],
}
SAID: dict[Language, dict[str, str]] = {
    "zh": {
        "param.by_state": "在办：0.5、办结：2",
        "param.by_act": "销号：严重、检查：一般",
        "param.by_role": "督查室：12.5%、牵头单位：7%",
        "param.lag": "12.5%",
        "param.why": "see art. 5",
    },
    "en": {
        "param.by_state": "Open: 0.5, Closed: 2",
        "param.by_act": "Close: Serious, Check: Ordinary",
        "param.by_role": "Office: 12.5%, Lead unit: 7%",
        "param.lag": "12.5%",
        "param.why": "see art. 5",
    },
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """One task, closed under a condition that reads every parameter."""
    clock = VirtualClock(at("2022-02-28 09:00"))
    store = open_store(f"sqlite:///{tmp_path}/duban.db", create=True, clock=clock)
    made = Desk(store, clock)
    assert isinstance(publish(made, staged(DEFINED).text, calendar_named), Published)
    assert isinstance(register(made, "weights", [Row(1, {}, {})], OFFICE, ids=["one"]), list)
    answer = fire(made, Act("one", "close", {}, OFFICE))
    assert isinstance(answer, Outcome), answer
    yield made
    store.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_explanation_says_parameters_as_the_page_of_the_process_does(desk: Desk, lang: Language) -> None:
    """States, acts and roles by their titles, a percentage with its sign, and nothing in the marks of code."""
    (closed,) = (one.event for one in desk.store.events("one") if one.event.type is EventType.TRIGGER_FIRED)
    found = explain(desk, "one", closed.seq, lang)
    assert isinstance(found, Explanation)
    facts = [fact for way in told(found, lang)[0].ways for fact in way.facts]
    assert {fact.name: fact.value for fact in facts if fact.name.startswith("param.")} == SAID[lang]
    page = [("、" if lang == "zh" else ", ").join(each.values) for each in parameters(lang, staged(DEFINED))]
    assert page == list(SAID[lang].values())
