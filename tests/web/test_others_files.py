"""Nobody reads a file by writing down its digest: what goes on record is one's own, through every door."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from tests.web.stage import HOUSING, LEADS, PROCESS, Stage, at, underway
from tests.web.test_api_acting import PDF, program
from workflows.labour.bulk import ask_bulk
from workflows.labour.values import Job

SECRET = PDF + b"of another unit"


def _theirs(stage: Stage) -> tuple[str, dict[str, str]]:
    """A file that the lead of another unit has put on its task: the digest, and how one would name it."""
    gas, qian = underway(stage, "gas"), program(stage, "qian", "read", "act")
    underway(stage, "homes")
    stage.clock.move(at("2022-03-01 09:00"))
    sent = qian.post("/api/v1/files", files={"file": ("secret.pdf", SECRET)}).json()
    told = {"form": {"month": "2022-02", "percent": "9", "evidence": [sent["reference"]]}}
    assert qian.post(f"/api/v1/tasks/{gas}/acts/report", json=told).status_code == 200
    assert qian.get(f"/api/v1/tasks/{gas}/files/{sent['digest']}").content == SECRET
    return sent["digest"], {"name": "mine.pdf", "digest": sent["digest"]}


def _reads(client: TestClient, stage: Stage, digest: str) -> bool:
    """Whether somebody gets at the bytes on any task that there is."""
    return any(
        client.get(f"/api/v1/tasks/{task.id}/files/{digest}").status_code == 200 for task in stage.desk.store.tasks()
    )


def test_a_list_that_is_registered_names_no_file_of_others(stage: Stage) -> None:
    """Not by its digest, not by a reference that is another's, not in a field of another type or in the plan; one's
    own goes on record.
    """
    digest, file = _theirs(stage)
    wang, li = program(stage, "wang", "read", "act"), program(stage, "li", "read", "act")
    own = li.post("/api/v1/files", files={"file": ("own.pdf", PDF)}).json()
    theirs = wang.post("/api/v1/files", files={"file": ("secret.pdf", SECRET)}).json()["reference"]
    fields = {"title": "甲", "annual_target": "乙", "lead_unit": HOUSING}
    for odd in (
        {"fields": {**fields, "special_report": [file]}},
        {"fields": {**fields, "special_report": file}},
        {"fields": {**fields, "special_report": [theirs]}},
        {"fields": {**fields, "annual_target": file}},
        {"fields": {**fields, "cooperating_units": [[file]]}},
        {"fields": fields, "milestones": {"2022-02": {"target": [file]}}},
    ):
        answer = li.post("/api/v1/tasks", json={"process": PROCESS, "tasks": [odd]})
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["at"].startswith("/tasks/0/")
    assert not _reads(wang, stage, digest)
    row = {"fields": {**fields, "special_report": [own["reference"]]}}
    entered = li.post("/api/v1/tasks", json={"process": PROCESS, "tasks": [row]})
    assert entered.status_code == 201, entered.text
    assert wang.get(f"/api/v1/tasks/{entered.json()['tasks'][0]}/files/{own['digest']}").content == PDF


def test_an_act_names_no_file_of_others(stage: Stage) -> None:
    """By digest, by somebody else's reference, in a field of another type, or for a trigger that is not there."""
    digest, file = _theirs(stage)
    homes, wang = stage.tasks["homes"], program(stage, "wang", "read", "act")
    qian = program(stage, "qian", "act")
    theirs = qian.post("/api/v1/files", files={"file": ("secret.pdf", SECRET)}).json()["reference"]
    for odd in ([file], file, [theirs], [digest], [[file]], {"a": [file]}):
        for field in ("evidence", "progress", "no_such_field"):
            told = {"form": {"month": "2022-02", "percent": "9", field: odd}}
            for trigger in ("report", "no_such_act"):
                answer = wang.post(f"/api/v1/tasks/{homes}/acts/{trigger}", json=told)
                assert answer.status_code in (403, 404, 422), answer.text
    assert not _reads(wang, stage, digest)
    page = stage.client("wang")
    form = {"f.month": "2022-02", "f.percent": "9", "k.evidence": [theirs, digest, str(file)]}
    assert page.post(f"/tasks/{homes}/acts/report", data=form).status_code == 303
    assert not _reads(wang, stage, digest)


def test_one_act_on_many_tasks_names_no_file_of_others(stage: Stage) -> None:
    """Nor does a job that a door would let through; one's own file is still one's own when the job is done."""
    digest, file = _theirs(stage)
    wang, tasks = program(stage, "wang", "read", "act"), [stage.tasks["homes"]]
    own = wang.post("/api/v1/files", files={"file": ("own.pdf", PDF)}).json()

    def fates(job: object) -> set[str]:
        stage.work()
        return {each["fate"] for each in wang.get(f"/api/v1/jobs/{job}/fates").json()["items"]}

    form: dict[str, Any] = {"month": "2022-02", "percent": "9", "evidence": [file]}
    told = {"tasks": tasks, "trigger": "report", "form": form}
    assert wang.post("/api/v1/jobs", json=told).status_code == 422
    let = ask_bulk(stage.house.labour, tasks, "report", form, [LEADS[HOUSING]])
    assert isinstance(let, Job)
    assert fates(let.id) == {"refused"}
    assert not _reads(wang, stage, digest)
    told["form"] = {**form, "evidence": [own["reference"]]}
    assert fates(wang.post("/api/v1/jobs", json=told).json()["id"]) == {"done"}
    assert _reads(wang, stage, own["digest"])
