"""A notice leads to the page of its task, where the office has said where its pages stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.worker import home_of
from tests.post.conftest import stage_at
from workflows.post.planning import plan_all


@pytest.mark.parametrize("home", ["", "https://duban.example.org/"])
def test_a_notice_links_to_its_task_where_it_can(tmp_path: Path, home: str) -> None:
    """In each language; without the setting it names the task alone."""
    stage = stage_at(f"sqlite:///{tmp_path / 'duban.db'}")
    stage.user("li", "office")
    stage.user("ann", "office", language="en")
    task = stage.lag()
    assert plan_all(stage.desk, stage.office.people, stage.post, home)
    texts = [each.text for each in stage.post.deliveries()]
    assert len(texts) == 2
    for text in texts:
        assert text.endswith(f"\n{home}tasks/{task}" if home else f"\n\n{task}")
    stage.office.close()


@pytest.mark.parametrize("told", ["duban.example.org", "ftp://a", "https://", "https://a/?x=1", "javascript:alert(1)"])
def test_a_setting_that_is_no_address_is_refused(told: str) -> None:
    """Before anything is sent with it."""
    with pytest.raises(ValueError, match="DUBAN_BASE_URL"):
        home_of({"DUBAN_BASE_URL": told})
    assert home_of({}) == ""
