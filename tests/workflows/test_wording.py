"""A later program words documents otherwise, and finds nothing in those that an earlier one made."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.events import Event, EventType
from engine.problems import Language
from tests.workflows.attackers import url_of
from tests.workflows.conftest import OFFICE
from tests.workflows.verified import TRUE, at_work, codes, lived, looked
from workflows.office.firing import Act, Outcome, fire
from workflows.papers import wording
from workflows.papers.bulletin import Occasion, contents
from workflows.papers.issuing import make
from workflows.papers.wording import Wording


def _louder(on: Occasion, lang: Language) -> dict[str, Any]:
    """As a later program would say it."""
    found = contents(on, lang)
    return {**found, "task": {**found["task"], "fields": dict.fromkeys(found["task"]["fields"], "!")}}


LATER = Wording(_louder, make)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The office as it was lived by the first version."""
    path = tmp_path_factory.mktemp("worded") / "duban.db"
    lived(url_of(path))
    return path


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copyfile(sound, tmp_path / "duban.db"))


def _issued(path: Path) -> Event:
    """One more document."""
    with at_work(url_of(path), TRUE, "2022-03-21 09:00") as (_, desk):
        done = fire(desk, Act("promises-02", "order", {"deadline": "2022-04-20"}, OFFICE))
        assert isinstance(done, Outcome), done
        told = [each.event for each in desk.store.events("promises-02")]
    return [each for each in told if each.type is EventType.PUBLICATION_ISSUED][-1]


def test_documents_of_two_versions_stand_in_one_record(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new words go by their number, the old ones by theirs; and the words did change."""
    assert _issued(path).payload["document"]["wording"] == 1
    monkeypatch.setitem(wording.WORDINGS, 2, LATER)
    assert codes(looked(url_of(path)).findings) == set()


def test_a_new_document_is_made_by_the_latest_version(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(wording.WORDINGS, 2, LATER)
    assert _issued(path).payload["document"]["wording"] == 2
    assert codes(looked(url_of(path)).findings) == set()
    monkeypatch.setitem(wording.WORDINGS, 2, Wording(contents, make))
    assert codes(looked(url_of(path)).findings) == {"facts_otherwise"}
    monkeypatch.delitem(wording.WORDINGS, 2)
    assert codes(looked(url_of(path)).findings) == {"facts_unknown"}


def test_a_version_that_changes_its_meaning_is_found(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is what the numbers are for."""
    monkeypatch.setitem(wording.WORDINGS, 1, LATER)
    assert "facts_otherwise" in codes(looked(url_of(path)).findings)
