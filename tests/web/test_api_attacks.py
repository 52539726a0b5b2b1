"""What is sent to harm: odd JSON, odd files, odd names. It is refused or harmless, and never a failure of ours."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from tests.web.stage import PASSWORD, Stage, raise_stage
from tests.web.test_api_acting import PDF, in_march, program
from web import uploads
from web.house import Settings

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One house for all attacks: what is refused leaves it as it was."""
    made = raise_stage(tmp_path_factory.mktemp("attacked"))
    in_march(made)
    yield made
    made.close()


# -- JSON

ODD = {
    "deep": (b'{"form": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}", 422, "nested"),
    "deep lists": (b'{"form": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}", 422, "nested"),
    "a huge number": (b'{"form": {"percent": ' + b"9" * 5_000 + b"}}", 422, "number"),
    "beyond what is exact": (b'{"form": {"percent": 9007199254740993}}', 422, "number"),
    "a huge exponent": (b'{"form": {"percent": 1e99999}}', 422, "number"),
    "NaN": (b'{"form": {"percent": NaN}}', 422, "number"),
    "infinity": (b'{"form": {"percent": -Infinity}}', 422, "number"),
    "a name twice": (b'{"form": {"percent": 1, "percent": 2}}', 422, "twice"),
    "half of a pair": (b'{"form": {"progress": "\\ud800"}}', 422, "letters"),
    "half of a pair as a name": (b'{"form": {"\\udc00": 1}}', 422, "letters"),
    "null": (b'{"form": {"progress": "a\\u0000b"}}', 422, "letters"),
    "no JSON": (b"{'form': 1}", 400, "no_json"),
    "nothing": (b"", 400, "no_json"),
    "no UTF-8": (b'{"form": {"progress": "\xff"}}', 400, "no_json"),
    "a list": (b"[]", 422, "invalid"),
    "a text": (b'"form"', 422, "invalid"),
    "what nobody asked for": (b'{"form": {}, "actor": "li"}', 422, "invalid"),
    "a form of another kind": (b'{"form": [1]}', 422, "invalid"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_json_is_refused_and_changes_nothing(stage: Stage, name: str) -> None:
    """Each with its own code, and the task as it was."""
    body, status, code = ODD[name]
    task = stage.tasks["homes"]
    before = stage.desk.store.task(task)
    wang = program(stage, "wang", "act")
    path = f"/api/v1/tasks/{task}/acts/report"
    answer = wang.post(path, content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert stage.desk.store.task(task) == before


def test_another_media_type_and_too_much_are_refused(stage: Stage) -> None:
    """A form from another site's page is no JSON; and nobody makes the server read without end."""
    task = stage.tasks["homes"]
    wang, path = program(stage, "wang", "act"), f"/api/v1/tasks/{task}/acts/report"
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = wang.post(path, content=b"{}", headers={"content-type": kind})
        assert (answer.status_code, answer.json()["code"]) == (415, "json_only")
    large = b'{"form": {"progress": "' + b"a" * (17 * MEGABYTE) + b'"}}'
    told = wang.post(path, content=large, headers={"content-type": "application/json"})
    assert (told.status_code, told.json()["code"]) == (413, "body_limit")


def test_odd_values_in_forms_are_told_at_their_fields(stage: Stage) -> None:
    """Values of another kind than the field's are a fault of the form, whatever they are."""
    task = stage.tasks["homes"]
    wang, path = program(stage, "wang", "act"), f"/api/v1/tasks/{task}/acts/report"
    for value in ({"a": 1}, [1, 2], True, "1e999999", "٣", "-0", "9" * 400, "=1+1", "\u202e12"):
        answer = wang.post(path, json={"form": {"month": "2022-02", "percent": value}})
        assert answer.status_code in (200, 422), answer.text
        if answer.status_code == 422:
            assert answer.json()["code"] in ("form", "guard", "number")
    assert wang.post(path, json={"form": {"month": value, "percent": 1}}).status_code == 422


@pytest.mark.parametrize(
    "name", ["%00", "a%00b", "..%2f..%2fetc", "%ff%fe", "x" * 5_000, "%F0%9F%92%A9", "' OR 1=1 --"]
)
def test_odd_names_in_addresses_are_not_there(stage: Stage, name: str) -> None:
    """No id leads anywhere but to a thing of that name."""
    li = program(stage, "li", "read", "act", "admin")
    for path in ("tasks/{}", "tasks/{}/events", "processes/{}", "jobs/{}", f"tasks/{stage.tasks['gas']}/files/{{}}"):
        assert li.get(f"/api/v1/{path.format(name)}").status_code == 404, path
    for query in (
        "tasks?q={}",
        "tasks?state={}",
        "deadlines?unit={}",
        "documents?task={}",
        "worklist/waiting?after={}",
    ):
        assert li.get(f"/api/v1/{query.format(name)}").status_code in (200, 422), query


# -- files


def _archive(*names: str, content: bytes = b"x") -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return made.getvalue()


FILES = {
    "macro.docm": (_archive("word/document.xml"), 422),
    "macro.docx": (_archive("word/document.xml", "word/vbaProject.bin"), 422),
    "macro.xlsm": (_archive("xl/workbook.xml"), 422),
    "lies.pdf": (b"MZ", 422),
    "lies.xlsx": (_archive("word/document.xml"), 422),
    "lies.docx": (b"PK\x03\x04 broken", 422),
    "run.exe": (b"MZ", 415),
    "page.html": (b"<script>alert(1)</script>", 415),
    "drawing.svg": (b"<svg onload='alert(1)'/>", 415),
    "empty.pdf": (b"", 422),
    "noname": (b"x", 415),
    "many.docx": (_archive(*(f"word/{number}" for number in range(6_000))), 422),
}


@pytest.mark.parametrize("name", FILES)
def test_harmful_files_are_refused(stage: Stage, name: str) -> None:
    """Macros, programs, lies, nothing at all and archives of too many parts, each with the reason."""
    content, status = FILES[name]
    answer = program(stage, "wang", "act").post("/api/v1/files", files={"file": (name, content)})
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (status, "/file"), answer.text


def test_a_bomb_is_not_unpacked(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file that would become a large one is refused by what it says of itself."""
    bomb = _archive("word/document.xml", "word/media/1", content=bytes(4 * MEGABYTE))
    assert len(bomb) < MEGABYTE / 10
    monkeypatch.setattr(uploads, "UNPACKED", 8 * MEGABYTE - 1)
    answer = program(stage, "wang", "act").post("/api/v1/files", files={"file": ("a.docx", bomb)})
    assert answer.status_code == 422
    assert "unpacks" in answer.json()["detail"]
    monkeypatch.setattr(uploads, "UNPACKED", 8 * MEGABYTE)
    assert program(stage, "wang", "act").post("/api/v1/files", files={"file": ("a.docx", bomb)}).status_code == 201


def test_a_hundred_megabytes_are_refused(stage: Stage) -> None:
    """More than a file may have, and more than any request may have, are 413."""
    wang = program(stage, "wang", "act")
    large = b"%PDF-1.7" + bytes(26 * MEGABYTE)
    answer = wang.post("/api/v1/files", files={"file": ("a.pdf", large)})
    assert (answer.status_code, answer.json()["code"]) == (413, "upload"), answer.text


def test_a_body_over_the_limit_of_the_server_is_not_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The server stops reading: whoever sends 100 MB where 1 MB is taken gets 413."""
    small = raise_stage(tmp_path_factory.mktemp("small"), Settings(file_limit=MEGABYTE, body_limit=2 * MEGABYTE))
    try:
        answer = program(small, "wang", "act").post("/api/v1/files", files={"file": ("a.pdf", bytes(100 * MEGABYTE))})
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json"), answer.text
    finally:
        small.close()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\a.pdf", "a.pdf"),
        ("/etc/a.pdf", "a.pdf"),
        ("C:\\a.pdf", "a.pdf"),
        ("a\x00b.pdf", "a_b.pdf"),
        ("a\u202efdp.pdf", "a_fdp.pdf"),
        ("x" * 500 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_name_is_only_a_name(stage: Stage, name: str, kept: str) -> None:
    """No path, no null, nothing that turns letters around, and not without end."""
    wang = program(stage, "wang", "act")
    head = f'Content-Disposition: form-data; name="file"; filename="{name.replace(chr(92), chr(92) * 2)}"'
    body = b"\r\n".join([b"--x", head.encode(), b"", PDF, b"--x--", b""])
    sent = wang.post("/api/v1/files", content=body, headers={"content-type": "multipart/form-data; boundary=x"})
    assert (sent.status_code, sent.json()["name"]) == (201, kept), sent.text


def test_a_file_goes_out_as_a_thing_to_keep(stage: Stage) -> None:
    """Never as something that a browser would show or run in our name."""
    task, wang = stage.tasks["homes"], program(stage, "wang", "read", "act")
    sent = wang.post("/api/v1/files", files={"file": ("../'\";a=b.pdf", PDF)}).json()
    told = {"form": {"month": "2022-02", "percent": "9", "evidence": [sent["reference"]]}}
    assert wang.post(f"/api/v1/tasks/{task}/acts/report", json=told).status_code == 200
    got = wang.get(f"/api/v1/tasks/{task}/files/{sent['digest']}")
    assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["x-content-type-options"] == "nosniff"


def test_formulas_stay_text(stage: Stage) -> None:
    """A spreadsheet with formulas in its cells is kept as it is; a title that looks like one stays a text."""
    li = program(stage, "li", "read", "act")
    content = b'=cmd|"/C calc"!A0,@SUM(1)\n'
    kept = li.post("/api/v1/files", files={"file": ("a.csv", content)})
    assert kept.status_code == 201
    told = {"title": '=HYPERLINK("http://x")', "annual_target": "+1", "lead_unit": "市城市管理局"}
    entered = li.post("/api/v1/tasks", json={"process": "dalian-livelihood", "tasks": [{"fields": told}]})
    task = entered.json()["tasks"][0]
    assert li.get(f"/api/v1/tasks/{task}").json()["fields"]["title"] == told["title"]


def test_more_than_one_file_or_another_part_is_refused(stage: Stage) -> None:
    """A form is one file under one name."""
    wang = program(stage, "wang", "act")
    two = [("file", ("a.pdf", PDF)), ("file", ("b.pdf", PDF))]
    assert wang.post("/api/v1/files", files=two).status_code == 400
    assert wang.post("/api/v1/files", files={"other": ("a.pdf", PDF)}).status_code == 422
    assert wang.post("/api/v1/files", content=b"%PDF-", headers={"content-type": "application/pdf"}).status_code == 415
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert wang.post("/api/v1/files", content=b"nonsense", headers=broken).status_code in (400, 422)


# -- signing in


def test_a_locked_sign_in_says_when_to_come_back(stage: Stage) -> None:
    """After too many wrong passwords 429 with Retry-After in seconds, whether or not there is such a user."""
    for name in ("zhao", "no-such-user"):
        client = program(stage, "wang", "read")
        del client.headers["authorization"]
        answers = [client.post("/api/v1/session", json={"name": name, "password": "wrong"}) for _ in range(6)]
        assert [each.status_code for each in answers] == [401] * 5 + [429]
        assert answers[0].json()["code"] == "sign_in_failed"
        assert int(answers[-1].headers["retry-after"]) > 0


def test_a_session_begins_and_ends(stage: Stage) -> None:
    """The cookie that comes with a right password is worth what the person is; after its end it is worth nothing."""
    client = program(stage, "wang", "read")
    del client.headers["authorization"]
    begun = client.post("/api/v1/session", json={"name": "li", "password": PASSWORD})
    assert begun.status_code == 201, begun.text
    assert client.get("/api/v1/me").json()["user"] == "li"
    elsewhere = client.post("/api/v1/tasks", json={}, headers={"sec-fetch-site": "cross-site"})
    assert elsewhere.status_code == 403
    token = client.cookies["duban-session"]
    assert client.delete("/api/v1/session").status_code == 204
    client.cookies.set("duban-session", token)
    assert client.get("/api/v1/me").status_code == 401


def test_a_key_of_odd_letters_is_refused(stage: Stage) -> None:
    """Before anything is done."""
    task = stage.tasks["homes"]
    wang = program(stage, "wang", "act")
    for key in ("", " ", "a b", "x" * 101):
        answer = wang.post(f"/api/v1/tasks/{task}/acts/report", json={}, headers={"idempotency-key": key})
        assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "/Idempotency-Key"), key


def test_a_body_without_a_length_is_cut_at_the_limit(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What comes in chunks is counted as it comes, whatever it is."""
    small = raise_stage(tmp_path_factory.mktemp("chunked"), Settings(file_limit=MEGABYTE, body_limit=2 * MEGABYTE))

    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            yield bytes(MEGABYTE)

    try:
        kind = {"content-type": "multipart/form-data; boundary=x"}
        answer = program(small, "wang", "act").post("/api/v1/files", content=chunks(), headers=kind)
        assert answer.status_code in (400, 413), answer.text
        kind = {"content-type": "application/json"}
        answer = program(small, "wang", "act").post("/api/v1/tasks", content=chunks(), headers=kind)
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json"), answer.text
    finally:
        small.close()
