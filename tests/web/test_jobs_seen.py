"""Who may see a job and who may stop it is one rule, whichever door somebody comes through."""

from __future__ import annotations

import pytest

from storage.labour import SqlLabour
from tests.web.stage import Stage
from workflows.labour.values import Job, Standing

DOORS = {"page": "/jobs/{}", "progress": "/jobs/{}/progress", "sheet": "/jobs/{}/fates.xlsx"}
DOORS |= {"api": "/api/v1/jobs/{}", "fates": "/api/v1/jobs/{}/fates"}
LISTS = {"page": "/jobs", "api": "/api/v1/jobs"}
STOPS = {"page": "/jobs/{}/cancel", "api": "/api/v1/jobs/{}/cancel"}

SEE = {"li": True, "wang": False, "wu": True, "admin": True}
"""Whether they see what li asked for: li, a unit, the auditor, the administrator."""

OPEN, CLOSED = (200, 303), (403, 404)


def _asked(stage: Stage) -> Job:
    jobs: SqlLabour = stage.office.jobs
    return jobs.ask("try_migration", {"roots": []}, "li")


@pytest.mark.parametrize("name", SEE)
@pytest.mark.parametrize("door", DOORS)
def test_a_job_is_seen_by_whoever_asked_and_by_whoever_watches(stage: Stage, door: str, name: str) -> None:
    job = _asked(stage)
    assert stage.client(name).get(DOORS[door].format(job.id)).status_code == (200 if SEE[name] else 404)


@pytest.mark.parametrize("name", SEE)
@pytest.mark.parametrize("door", LISTS)
def test_a_list_has_the_jobs_that_may_be_seen_and_no_others(stage: Stage, door: str, name: str) -> None:
    job, own = _asked(stage), stage.office.jobs.ask("try_migration", {"roots": []}, name)
    text = stage.client(name).get(LISTS[door]).text
    assert own.id in text
    assert (job.id in text) == SEE[name]


@pytest.mark.parametrize("name", SEE)
@pytest.mark.parametrize("door", STOPS)
def test_a_job_is_stopped_by_whoever_asked_and_by_an_administrator(stage: Stage, door: str, name: str) -> None:
    """The auditor looks and touches nothing; the page shows no button that would do nothing."""
    job, may = _asked(stage), name in ("li", "admin")
    browser = stage.client(name)
    assert browser.post(STOPS[door].format(job.id)).status_code in (OPEN if may else CLOSED)
    found = stage.office.jobs.job(job.id)
    assert found is not None
    assert (found.state == "cancelled") == may


def test_a_page_shows_the_button_to_those_alone_who_may_stop(stage: Stage) -> None:
    job = _asked(stage)
    shown = {name: f'action="/jobs/{job.id}/cancel"' in stage.client(name).get(f"/jobs/{job.id}").text for name in SEE}
    assert shown == {"li": True, "wang": False, "wu": False, "admin": True}
    assert "发起人" in stage.client("wu").get(f"/jobs/{job.id}").text
    assert "发起人" not in stage.client("li").get(f"/jobs/{job.id}").text


@pytest.mark.parametrize("door", DOORS)
def test_what_stands_is_seen_by_those_who_watch(stage: Stage, door: str) -> None:
    stage.office.jobs.stand(Standing("sweep", 60))
    seen = {name: stage.client(name).get(DOORS[door].format("sweep")).status_code == 200 for name in SEE}
    assert seen == {"li": False, "wang": False, "wu": True, "admin": True}
    assert "时限运行" in stage.client("wu").get("/jobs").text
    assert "/cancel" not in stage.client("admin").get("/jobs/sweep").text
