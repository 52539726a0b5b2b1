"""Many at once: who looks at a page waits for nobody who writes, and all who write are answered in the end."""

from __future__ import annotations

import gc
import time
from functools import partial

from starlette.testclient import TestClient

from tests.limits import later
from tests.web.stage import PROCESS, Stage, underway
from web.garbage import put_aside
from web.threads import AT_ONCE, WRITERS
from workflows.people import tokens

MANY = 60


def _secret(stage: Stage) -> str:
    people = stage.office.people
    li = people.user("li")
    assert li is not None
    secret = tokens.issue(people, li, "crowd", ["read", "act"], 30)
    assert isinstance(secret, str)
    return secret


def test_pages_are_answered_while_more_wait_to_write_than_there_are_threads(stage: Stage) -> None:
    """One holds the lock that there is; sixty want it. The board comes all the same, and then all sixty are done."""
    task, headers = underway(stage), {"authorization": f"Bearer {_secret(stage)}"}
    cookies = dict(stage.client("li").cookies)
    told = {"form": {"reason": "抓紧推进"}}
    with TestClient(stage.app, cookies=cookies) as client:
        assert client.get("/board").status_code == 200
        with stage.office.store.work([stage.tasks["gas"]]):
            acts = [
                later(lambda: client.post(f"/api/v1/tasks/{task}/acts/warn", json=told, headers=headers))
                for _ in range(MANY)
            ]
            line = stage.office.store.engine.get_execution_options()["line"]
            end = time.monotonic() + 20
            while len(line._waiting) < WRITERS:
                assert time.monotonic() < end, "nobody came to write"
                time.sleep(0.01)
            began = time.monotonic()
            pages = [later(partial(client.get, path)) for path in ("/board", "/worklist", f"/tasks/{task}")]
            assert [each.result(20).status_code for each in pages] == [200] * 3
            assert time.monotonic() - began < 8, "a page waited for who writes"
        assert [each.result(60).status_code for each in acts] == [200] * MANY
    assert 0 < WRITERS <= AT_ONCE


def test_what_is_there_when_serving_begins_is_never_looked_through_for_garbage(stage: Stage) -> None:
    """It is put aside, editions and all; what pages make later is collected as ever."""
    stage.client("li").get("/board")
    many = len(gc.get_objects())
    try:
        put_aside(stage.house)
        assert f"{PROCESS}@2022.1" in stage.house.desk._editions
        assert gc.get_freeze_count() > many / 2
        assert len(gc.get_objects()) < many / 10
    finally:
        gc.unfreeze()
