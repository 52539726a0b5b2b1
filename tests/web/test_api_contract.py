"""The contract is true: whatever is sent, answers are of the shapes that it names, and no failure is ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import FailureGroup

from tests.web.stage import Stage, raise_stage, underway
from web.api.contract import operations, schema_of
from workflows.people import holdings, rights, tokens
from workflows.people.values import ADMIN, ANY, By, Holding

load_all_checks()
CHECKS = [
    check
    for check in schemathesis.checks.CHECKS.get_all()
    if check.__name__
    in {
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    }
]
EXAMPLES = 25


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A house that the whole contract is tried on; `li` is an administrator too."""
    stage = raise_stage(tmp_path_factory.mktemp("contract"))
    underway(stage)
    people = stage.office.people
    given = Holding("li", ADMIN, ANY, None, people.now())
    assert isinstance(holdings.grant(people, given, By("admin"), rights.roles(stage.desk)), Holding)
    yield stage
    stage.close()


def _token(stage: Stage) -> str:
    user = stage.office.people.user("li")
    assert user is not None
    secret = tokens.issue(stage.office.people, user, "contract", ("read", "act", "admin"), 366)
    assert isinstance(secret, str)
    return secret


def _contract(stage: Stage) -> Any:
    """The contract as the server gives it."""
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", stage.app)


@pytest.fixture(scope="module")
def contract(whole: Stage) -> Any:
    """See `_contract`."""
    return _contract(whole)


@pytest.fixture(scope="module")
def headers(whole: Stage) -> dict[str, str]:
    """With which everything is asked: a token that may do everything."""
    return {"Authorization": f"Bearer {_token(whole)}", "Accept-Language": "en"}


SHARES = 4
"""Into how many tests the operations are dealt, so that they can run side by side."""


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_of_its_shape(
    contract: Any, whole: Stage, headers: dict[str, str], mode: GenerationMode, share: int
) -> None:
    """What fits the contract and what does not, on names that are there and names that are not."""
    wrong = []
    for number, found in enumerate(contract.get_all_operations()):
        operation = found.ok()
        if number % SHARES == share and (mode is GenerationMode.POSITIVE or _may_be_wrong(operation)):
            wrong += _tried(operation, whole, headers, mode)
    assert wrong == []


def _may_be_wrong(operation: Any) -> bool:
    """Whether an operation takes anything that could be false."""
    return bool(list(operation.iter_parameters()) or operation.body)


def _tried(operation: Any, stage: Stage, headers: dict[str, str], mode: GenerationMode) -> list[str]:
    """What was wrong with the answers of one operation."""
    known = {"task": stage.tasks["homes"], "process": "dalian-livelihood", "trigger": "report"}

    @given(operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES // 2,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def sent(case: Any) -> None:
        case.call_and_validate(checks=CHECKS, headers=headers)
        if {"task", "process"} & set(case.path_parameters or {}):
            case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
            case.call_and_validate(checks=CHECKS, headers=headers)

    try:
        sent()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, f"{operation.label}: nothing fits its own contract"
        return []  # any text will do for it: nothing that could be sent is false
    except FailureGroup as group:
        return [f"{operation.label}: {str(each)[:400]}" for each in group.exceptions]
    return []


def test_a_false_answer_is_seen(whole: Stage, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail: an answer that lacks what its shape has is a failure."""
    _contract(whole)["/api/v1/me"]["GET"].Case().call_and_validate(checks=CHECKS, headers=headers)
    altered = deepcopy(schema_of(whole.app))
    altered["components"]["schemas"]["MeShape"]["required"].append("nothing")
    monkeypatch.setattr(whole.app, "openapi_schema", altered)
    with pytest.raises(FailureGroup):
        _contract(whole)["/api/v1/me"]["GET"].Case().call_and_validate(checks=CHECKS, headers=headers)


def test_every_operation_says_what_it_is(whole: Stage) -> None:
    """Each has words in both languages, a description, a meaning for each parameter, and who may use it; no shape is
    without a description.
    """
    found = list(operations(schema_of(whole.app)))
    assert len(found) > 30
    wanting = [
        f"{one['method']} {one['path']}: {what}"
        for one in found
        for what, told in [
            ("zh", re.search(r"[\u4e00-\u9fff]", one["zh"])),
            ("en", one["en"]),
            ("description", one["about"]),
            ("need", one["x-need"]),
            *((each["name"], each.get("description")) for each in one.get("parameters", ())),
        ]
        if not told
    ]
    assert wanting == []
    shapes = schema_of(whole.app)["components"]["schemas"]
    assert [name for name, shape in shapes.items() if not shape.get("description")] == []
    assert len({one["operationId"] for one in found}) == len(found)


def test_the_contract_is_a_page_too(whole: Stage) -> None:
    """Made here, with no script of anybody else's, in both languages."""
    for lang, words in (("zh", "登记事项清单"), ("en", "Register a list of tasks")):
        page = whole.client(lang=lang).get("/api/v1/docs", headers={"accept-language": lang})
        assert page.status_code == 200
        assert words in page.text
        assert "https://" not in page.text
