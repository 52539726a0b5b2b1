"""Documents by the page: found, taken out, declared void; templates replaced by an administrator alone."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

from tests.web.stage import DALIAN, HOUSING, LEADS, OFFICE, PROCESS, Stage, at, underway
from workflows.office.sweeping import sweep
from workflows.papers.templates import keep_found
from workflows.sources import templates_beside


def _reminded(stage: Stage, name: str = "homes") -> str:
    """A task whose missed report brought it a slip."""
    keep_found(stage.desk, stage.desk.book(f"{PROCESS}@2022.1")[0], templates_beside(DALIAN), "admin")
    task = underway(stage, name)
    stage.act(task, "warn", OFFICE, reason="抓紧")
    sweep(stage.desk, at("2022-03-05 09:00"))
    assert stage.house.papers.documents(task=task)
    return task


def test_documents_are_found_and_taken_out(stage: Stage) -> None:
    """By number, title and kind; only those of tasks that one may see."""
    task = _reminded(stage)
    number = stage.house.papers.documents(task=task)[0]
    browser = stage.client("li")
    page = browser.get("/documents").text
    assert number.number.text in page
    assert number.number.text in browser.get("/documents", params={"q": number.number.text}).text
    assert number.number.text not in browser.get("/documents?q=没有的").text
    assert number.number.text not in browser.get("/documents?voided=yes").text
    file = browser.get(f"/documents/{number.id}/docx")
    assert file.content == stage.house.papers.file(number.digest)
    other = stage.client("qian")
    assert number.number.text not in other.get("/documents").text
    assert other.get(f"/documents/{number.id}/docx").status_code == 404
    assert other.post(f"/documents/{number.id}/void", data={"reason": "x"}).status_code == 404


def test_a_document_is_declared_void_with_a_reason(stage: Stage) -> None:
    """By who may issue; it stays in the list with its reason."""
    task = _reminded(stage)
    number = stage.house.papers.documents(task=task)[0].id
    wang, browser = stage.client("wang"), stage.client("li")
    assert wang.post(f"/documents/{number}/void", data={"reason": "不想要"}).status_code == 422
    form = f'action="/documents/{number}/void"'
    assert form not in wang.get("/documents").text, "nobody is offered what is not theirs"
    assert form in browser.get("/documents").text
    assert browser.post(f"/documents/{number}/void", data={"reason": " "}).status_code == 422
    assert browser.post(f"/documents/{number}/void", data={"reason": "文号有误"}).status_code == 303
    assert "文号有误" in browser.get("/documents?voided=yes").text


def test_an_administrator_replaces_a_template(stage: Stage) -> None:
    """A sane Word file is kept as a new version, tried out with samples; others are refused with the reason."""
    keep_found(stage.desk, stage.desk.book(f"{PROCESS}@2022.1")[0], templates_beside(DALIAN), "admin")
    browser = stage.client("admin")
    assert "reminder-slip.docx" in browser.get("/templates").text
    assert stage.client("li").get("/templates").status_code == 403
    content = (DALIAN.parent / "templates" / "reminder-slip.docx").read_bytes()
    told, path = {"name": "reminder-slip.docx"}, f"/templates/{PROCESS}"
    assert browser.post(path, data=told, files={"file": ("新.docx", content)}).status_code == 303
    assert len(stage.house.papers.templates(PROCESS, "reminder-slip.docx")) == 2
    sample = browser.get(f"{path}/print?name=reminder-slip.docx")
    with ZipFile(BytesIO(sample.content)) as archive:
        assert "督〔2022〕1号".encode() in archive.read("word/document.xml")
    assert browser.get(f"{path}/file?name=reminder-slip.docx").content == content
    assert browser.post(path, data=told, files={"file": ("a.docm", content)}).status_code == 422
    assert browser.post(path, data=told, files={"file": ("a.docx", b"PK no")}).status_code == 422
    assert browser.post(path, data={"name": "none.docx"}, files={"file": ("a.docx", content)}).status_code == 422
    assert stage.client("li").post(path, data=told, files={"file": ("a.docx", content)}).status_code == 403


def test_a_closed_task_is_filed_from_its_page(stage: Stage) -> None:
    """The archive set is offered once a task is closed, refused with the reason before, and hidden from others."""
    task = _reminded(stage)
    browser, path = stage.client("li"), f"/tasks/{task}/archive"
    assert path not in browser.get(f"/tasks/{task}").text
    early = browser.get(path)
    assert early.status_code == 409
    assert "尚未办结" in early.text
    refused = browser.get(f"/api/v1{path}")
    assert (refused.status_code, refused.json()["code"]) == (409, "still_open")
    stage.act(task, "report", LEADS[HOUSING], month="2022-02", percent="100")
    stage.act(task, "report", LEADS[HOUSING], month="2022-03", percent="100")
    stage.act(task, "submit_completion", LEADS[HOUSING], result="完成", evidence=[{"name": "验收.pdf"}])
    stage.act(task, "verify_completion", OFFICE, findings="属实")
    assert path in browser.get(f"/tasks/{task}").text
    with ZipFile(BytesIO(browser.get(path).content)) as filed:
        assert "manifest.json" in filed.namelist()
        assert any(name.endswith(".docx") and "督" in name for name in filed.namelist())
    assert stage.client("qian").get(path).status_code == 404
    by_program = browser.get(f"/api/v1{path}")
    assert (by_program.status_code, by_program.headers["content-type"]) == (200, "application/zip")
    assert by_program.content == browser.get(path).content
    assert stage.client("qian").get(f"/api/v1{path}").status_code == 404
