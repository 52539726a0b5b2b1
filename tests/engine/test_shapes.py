"""What breaks a model's shape is said at the line that a person wrote, with the name that was probably meant."""

import ast
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from engine.problems import Mistake, Problem, Text
from engine.reading import Document, problems_of, read

MODEL = Path(__file__).resolve().parents[2] / "engine" / "model"


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Branch(Closed):
    state: str
    when: str | None = None
    otherwise: bool = False


class RoleRule(Closed):
    role: str
    never: str | None = Field(None, alias="not")


class Fire(Closed):
    kind: Literal["fire"]
    trigger: str


class Lapse(Closed):
    kind: Literal["lapse"]
    reason: str


class Transition(Closed):
    trigger: str
    title: dict[Literal["zh", "en"], str]
    source: list[str] | Literal["any"] = Field(alias="from")
    by: str | RoleRule = "office"
    to: Literal["stay"] | list[Branch] = "stay"
    after: Annotated[Fire | Lapse, Field(discriminator="kind")] | None = None
    times: int = Field(0, ge=0)

    @field_validator("trigger")
    @classmethod
    def _no_switch(cls, value: str) -> str:
        if value == "on":
            raise Mistake(Text("`on` 易混淆", "`on` is a trap"), Text("换一个词", "use another word"), "trap")
        return value


class Process(Closed):
    roles: dict[str, RoleRule] = {}
    transitions: list[Transition] = []


def found(text: str) -> list[Problem]:
    document = read(text, "p.yaml")
    assert isinstance(document, Document), document
    with pytest.raises(ValidationError) as caught:
        Process.model_validate(document.data)
    return problems_of(caught.value, document, Process)


def said(text: str) -> list[str]:
    return [str(each) for each in found(text)]


def transition(line: str) -> str:
    return f"transitions:\n  - trigger: report\n    title: {{zh: 报}}\n    from: any\n    {line}\n"


def test_an_unknown_key_is_named_at_its_own_place_with_the_name_that_was_meant() -> None:
    """Fields are offered by the name that is written in a text, not by the name in the program."""
    text = "transitions:\n  - trigger: report\n    title: {zh: 报}\n    fron: any\n"
    assert said(text) == ["p.yaml:4:5: unknown key `fron` — did you mean `from`?"]
    assert found(text)[0].text("zh") == "p.yaml:4:5: 未知的键 `fron` — 是否想写 `from`？"


def test_names_that_stand_already_are_not_offered_again() -> None:
    """What a reader can still add is offered; where nothing is left, removing is the cure."""
    assert said("roles: {}\ntransitions: []\nrolls: {}\n") == ["p.yaml:3:1: unknown key `rolls` — remove it"]


def test_an_unknown_key_below_a_table_is_met_by_the_names_of_that_table() -> None:
    """Names are looked up along dicts, lists and unions."""
    assert said("roles: {lead: {role: lead, nott: x}}\n") == ["p.yaml:1:28: unknown key `nott` — did you mean `not`?"]


def test_only_the_meant_member_of_a_union_speaks() -> None:
    """A group written where text or a group may stand is judged as a group."""
    assert said(transition("by: {role: lead, nott: x}")) == ["p.yaml:5:22: unknown key `nott` — did you mean `not`?"]
    assert said(transition("to: [{state: a, wen: x}, {stat: b}]")) == [
        "p.yaml:5:21: unknown key `wen` — did you mean `when`?",
        "p.yaml:5:31: unknown key `stat` — did you mean `state`?",
    ]


def test_a_kind_that_fits_no_member_is_one_problem() -> None:
    """Not one complaint for each member."""
    assert said(transition("by: 5")) == ["p.yaml:5:9: expected text or a group of `key: value`, found a number `5`"]
    assert said(transition("to: {a: 1}")) == ["p.yaml:5:9: expected 'stay' or a list, found a group of `key: value`"]


def test_a_tagged_union_is_judged_by_its_tag() -> None:
    """The names offered are those of the tagged member."""
    assert said(transition("after: {kind: fire, trigger: x, triger: y, reason: z}")) == [
        "p.yaml:5:37: unknown key `triger` — remove it",
        "p.yaml:5:48: unknown key `reason` — remove it",
    ]
    assert said(transition("after: {kind: fire, triger: y}"))[0].endswith("did you mean `trigger`?")
    assert said(transition("after: {kind: fir}")) == ["p.yaml:5:12: cannot be `fir`; one of 'fire', 'lapse'"]


def test_a_missing_key_is_said_where_its_group_begins() -> None:
    """With what to add, in both languages."""
    only = found("transitions:\n  - {trigger: report, from: any}\n")[0]
    assert str(only) == "p.yaml:2:5: `title` is missing — add `title: …`"
    assert only.text("zh") == "p.yaml:2:5: 缺少 `title` — 请加上 `title: …`"


def test_an_empty_value_is_said_to_be_nothing() -> None:
    """A key without a value is a common slip."""
    assert said(transition("to:")) == ["p.yaml:5:8: expected 'stay' or a list, found nothing"]
    assert said(transition("by:")) == ["p.yaml:5:8: expected text or a group of `key: value`, found nothing"]


def test_a_wrong_word_is_met_by_the_right_one() -> None:
    """A literal that is nearly right, as a value and as a key."""
    text = "transitions:\n  - trigger: report\n    title: {zhh: 报}\n    from: anny\n"
    assert said(text) == [
        "p.yaml:3:13: the key cannot be `zhh` — did you mean `zh`?",
        "p.yaml:4:11: cannot be `anny` — did you mean `any`?",
    ]


def test_a_number_where_text_is_meant_is_quoted() -> None:
    """The commonest slip: an edition such as 2022.10 without quotes."""
    assert said("transitions:\n  - {trigger: 2022.10, title: {zh: 报}, from: any}\n") == [
        'p.yaml:2:15: expected text, found a number `2022.10` — quote it if it is text: "2022.10"'
    ]


def test_a_limit_is_said_with_the_value() -> None:
    """Bounds keep their numbers in both languages."""
    only = found(transition("times: -1"))[0]
    assert str(only) == "p.yaml:5:12: `-1` must be at least 0"
    assert only.text("zh") == "p.yaml:5:12: `-1` 不得小于 0"


def test_a_validator_speaks_both_languages() -> None:
    """A Mistake keeps its code, message and cure."""
    only = found("transitions:\n  - {trigger: on, title: {zh: 报}, from: any}\n")[0]
    assert (only.code, only.text("zh")) == ("trap", "p.yaml:2:15: `on` 易混淆 — 换一个词")


def test_a_part_of_a_document_is_judged_at_its_own_place() -> None:
    """A list validated alone, by an adapter, is found under its path."""
    document = read("head: 1\nlist:\n  - {state: a, wen: b}\n", "p.yaml")
    assert isinstance(document, Document)
    assert isinstance(document.data, dict)
    kind = list[Branch]
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(document.data["list"])
    only = problems_of(caught.value, document, kind, under=("list",))
    assert [str(each) for each in only] == ["p.yaml:3:16: unknown key `wen` — did you mean `when`?"]


def test_a_root_that_is_no_group_is_said_at_the_beginning() -> None:
    """A text that is a list from its first line."""
    assert said("- a\n") == ["p.yaml:1:1: expected a group of `key: value`, found a list"]


class Limits(Closed):
    more: int = Field(1, gt=0)
    least: int = Field(1, ge=1)
    less: int = Field(1, lt=5)
    most: int = Field(1, le=5)
    short: str = Field("ab", min_length=2)
    long: str = Field("ab", max_length=3)
    few: list[str] = Field(["a"], min_length=1)
    many: list[str] = Field(["a"], max_length=1)
    shape: str = Field("a", pattern="^[a-z]+$")
    choice: Annotated[Fire | Lapse, Field(discriminator="kind")] = Fire(kind="fire", trigger="x")


@pytest.mark.parametrize(
    ("text", "sentence", "chinese"),
    [
        ("more: 0", "`0` must be more than 0", "`0` 必须大于 0"),
        ("least: 0", "`0` must be at least 1", "`0` 不得小于 1"),
        ("less: 5", "`5` must be less than 5", "`5` 必须小于 5"),
        ("most: 6", "`6` must be at most 5", "`6` 不得大于 5"),
        ("short: a", "`a` must have at least 2 characters", "`a` 至少要有 2 个字"),
        ("long: abcd", "`abcd` must have at most 3 characters", "`abcd` 不得超过 3 个字"),
        ("few: []", "must have at least 1 entries", "至少要有 1 项"),
        ("many: [a, b]", "must have at most 1 entries", "不得超过 1 项"),
        ("shape: A", "`A` is not written as it should be: ^[a-z]+$", "`A` 写法不对，应符合 ^[a-z]+$"),
        ("choice: {trigger: x}", "says not which kind it is: 'kind' is missing", "看不出是哪一种，缺少 'kind'"),
    ],
)
def test_each_limit_has_its_sentence(text: str, sentence: str, chinese: str) -> None:
    """The numbers of the model stand in the sentence, in both languages."""
    document = read(text, "p.yaml")
    assert isinstance(document, Document)
    with pytest.raises(ValidationError) as caught:
        Limits.model_validate(document.data)
    assert [each.message for each in problems_of(caught.value, document, Limits)] == [Text(chinese, sentence)]


def test_what_a_model_refuses_is_said_in_both_languages() -> None:
    """A plain ValueError would speak English within a Chinese problem; one that is raised is seen."""
    raised = [node for path in MODEL.glob("*.py") for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    names = [
        ast.unparse(node.exc.func) for node in raised if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
    ]
    assert set(names) == {"Mistake"}
    assert len(names) > 25
