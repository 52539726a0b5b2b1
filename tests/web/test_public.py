"""The pages for everybody: what is marked public and nothing else; an opinion goes round and its answer comes back."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

from fastapi.testclient import TestClient

from engine.commands import Opening
from tests.web.stage import CITY, DALIAN, HOUSING, LEADS, OFFICE, PROCESS, Stage, at, underway
from workflows.authoring.publishing import Published, publish
from workflows.office.openness import digest
from workflows.office.publications import Asked, Issued, issue
from workflows.office.registering import register
from workflows.office.sweeping import sweep
from workflows.papers.templates import keep_found
from workflows.rows import Row
from workflows.sources import calendar_named, templates_beside

SECRET = "绝密七十三号"
SAY = "receive_opinion"


def _sent(browser: TestClient, task: str, **told: str) -> tuple[int, str]:
    path = f"/public/say/{task}/{SAY}"
    key = re.search(r'name="key" value="(\w+)"', browser.get(path).text)
    assert key is not None
    answer = browser.post(path, data={"key": key[1], **told})
    return answer.status_code, answer.text


def _code(text: str) -> str:
    found = re.search(r"<code>([a-z2-7-]+)</code>", text)
    assert found is not None, text
    return found[1]


def test_the_citizens_opinion_goes_round(stage: Stage) -> None:
    """Asked without an account, sorted, forwarded, handled and answered as any act; read by the code alone."""
    task, anybody = underway(stage), stage.client()
    page = anybody.get(f"/public/projects/{task}")
    assert f'href="/public/say/{task}/{SAY}"' in page.text
    status, text = _sent(anybody, task, **{"f.text": "楼道灯不亮", "f.citizen": "赵六", "f.contact": "13900000000"})
    assert status == 200
    code = _code(text)
    assert len(code.replace("-", "")) == 26
    assert "已登记" in anybody.post("/public/receipt", data={"code": f" {code.upper()} "}).text
    opinion = f"{task}.opinion.1"
    assert "楼道灯不亮" in stage.client("li").get(f"/tasks/{opinion}").text
    assert "任何人" in stage.client("li").get(f"/tasks/{task}").text
    browser = {"office": stage.client("li"), "lead": stage.client("wang")}
    steps: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("office", "sort", {"f.topic": "设施"}),
        ("office", "forward", {}),
        ("lead", "handle", {"f.handling": "内部处理经过"}),
        ("lead", "answer", {"f.answer": "已更换灯具"}),
    )
    for who, trigger, form in steps:
        path = f"/tasks/{opinion}/acts/{trigger}"
        hidden = dict(re.findall(r'name="(version|key)" value="([^"]*)"', browser[who].get(path).text))
        assert browser[who].post(path, data={**hidden, **form}).status_code == 303, trigger
        if trigger == "forward":
            told = anybody.post("/public/receipt", data={"code": code}).text
            assert "已转办" in told
            assert "还没有答复" in told
    answered = anybody.post("/public/receipt", data={"code": code})
    assert "已更换灯具" in answered.text
    assert "内部处理经过" not in answered.text
    assert "赵六" not in answered.text
    assert "楼道灯不亮" not in answered.text
    assert "Answered" in stage.client(lang="en").post("/public/receipt", data={"code": code}).text


def test_a_code_is_shown_once_and_kept_as_a_digest(stage: Stage) -> None:
    """Sending the same form again opens nothing and shows no code; the database has no code in it."""
    task, anybody = underway(stage), stage.client()
    path = f"/public/say/{task}/{SAY}"
    told = {"key": "k" * 32, "f.text": "意见"}
    code = _code(anybody.post(path, data=told).text)
    again = anybody.post(path, data=told)
    assert "此前已经收到" in again.text
    assert "<code>" not in again.text
    kept = stage.desk.store.task(task)
    assert kept is not None
    assert len(kept.children) == 1
    assert stage.house.receipts.task(digest(code)) == f"{task}.opinion.1"
    assert stage.house.receipts.task(code) is None
    assert anybody.post("/public/receipt", data={"code": "aaaaa-bbbbb"}).status_code == 404


def test_what_is_wrong_comes_back_with_what_was_typed(stage: Stage) -> None:
    """An empty opinion, one that is too long, a bait that was taken, a body that is too large."""
    task, anybody = underway(stage), stage.client()
    status, text = _sent(anybody, task, **{"f.citizen": "赵六"})
    assert status == 422
    assert "“意见建议”必填" in text
    assert 'value="赵六"' in text
    assert _sent(anybody, task, **{"f.text": "长" * 5001})[0] == 422
    assert _sent(anybody, task, **{"f.text": "x", "website": "http://spam"})[0] == 422
    assert anybody.post(f"/public/say/{task}/{SAY}", data={"f.text": "长" * 30_000}).status_code == 413
    files = {"f.text": ("a.txt", b"x")}
    assert anybody.post(f"/public/say/{task}/{SAY}", files=files).status_code in (400, 413, 422)
    kept = stage.desk.store.task(task)
    assert kept is not None
    assert not kept.children


def test_one_address_cannot_flood_the_office(stage: Stage) -> None:
    """After ten opinions in an hour the next is refused; so are guesses of codes after sixty."""
    task, anybody = underway(stage), stage.client()
    answers = [anybody.post(f"/public/say/{task}/{SAY}", data={"f.text": f"意见{n}"}).status_code for n in range(12)]
    assert answers == [200] * 10 + [429] * 2
    guesses = [anybody.post("/public/receipt", data={"code": f"guess{n}"}).status_code for n in range(62)]
    assert guesses == [404] * 60 + [429] * 2


def test_only_what_a_definition_opens_is_open(stage: Stage) -> None:
    """No other act, child or task can be reached from outside."""
    task, anybody = underway(stage), stage.client()
    _sent(anybody, task, **{"f.text": "意见"})
    for path in (
        f"/public/say/{task}/warn",
        f"/public/say/{task}.opinion.1/sort",
        f"/public/projects/{task}.opinion.1",
        "/public/projects/none",
        "/public/bulletins/99",
        "/public/bulletins/99/docx",
    ):
        assert anybody.get(path).status_code == 404, path
    assert anybody.post(f"/public/say/{task}/warn", data={"f.reason": "x"}).status_code == 404


def _programme(stage: Stage) -> str:
    told = {"title": "2022年重点民生实事", "items": 15, "projects": 2}
    edition = stage.desk.book(f"{PROCESS}@2022.1")[0]
    keep_found(stage.desk, edition, templates_beside(DALIAN), "admin")
    made = register(stage.desk, PROCESS, [Row(1, told)], OFFICE, kind="programme")
    assert isinstance(made, list), made
    return made[0].id


def _full_of_secrets(stage: Stage, programme: str) -> list[str]:
    """Two projects in which every text that is not public is the secret."""
    body = stage.desk.latest(PROCESS)[0].process  # type: ignore[index]  # it is published
    secret = {
        name: f"{SECRET}{name}"
        for name, field in body.fields.items()
        if not field.public and field.type.value in ("text", "person")
    }
    opening = Opening("planned", source=SECRET)  # taken over, it may state what acts alone write
    rows = [
        Row(n, {**secret, "title": f"公开项目{n}", "annual_target": "完成", "lead_unit": unit}, {}, opening, programme)
        for n, unit in enumerate((HOUSING, CITY), 1)
    ]
    made = register(stage.desk, PROCESS, rows, OFFICE)
    assert isinstance(made, list), made
    return [task.id for task in made]


def _walked(browser: TestClient) -> dict[str, bytes]:
    """Every public page and download that links lead to."""
    found: dict[str, bytes] = {}
    ahead = ["/public"]
    while ahead:
        path = ahead.pop()
        if path in found or path.endswith("/pdf"):
            continue
        answer = browser.get(path)
        assert answer.status_code == 200, path
        found[path] = answer.content
        if path.endswith("/docx"):
            with ZipFile(BytesIO(answer.content)) as archive:
                found[path] = b"".join(archive.read(name) for name in archive.namelist())
            continue
        ahead += [link.replace("&amp;", "&") for link in re.findall(r'href="(/public[^"#]*)"', answer.text)]
    return found


def test_nothing_that_is_not_public_is_anywhere(stage: Stage) -> None:
    """A secret in every field that is not public of every task, child and publication is on no page, in no file."""
    programme = _programme(stage)
    tasks = _full_of_secrets(stage, programme)
    sweep(stage.desk, at("2022-03-20 09:00"))
    anybody = stage.client()
    for task, lead in zip(tasks, LEADS.values(), strict=True):
        secret = {"text": SECRET, "citizen": SECRET, "contact": SECRET}
        stage.act(task, SAY, OFFICE, **secret)
        stage.act(f"{task}.opinion.1", "sort", OFFICE, topic=SECRET)
        stage.act(task, "request_coordination", lead, problem=SECRET, others=["市公安局"])
    issued = issue(stage.desk, Asked(programme, "public_bulletin", "2022-02"), OFFICE)
    assert isinstance(issued, Issued), issued
    inside = issue(stage.desk, Asked(programme, "monthly_report", "2022-02"), OFFICE)
    assert isinstance(inside, Issued), inside
    for lang in ("zh", "en"):
        pages = _walked(stage.client(lang=lang))
        assert any(path.endswith("/docx") for path in pages)
        assert any(path.startswith("/public/say/") for path in pages)
        assert f"/public/projects/{tasks[0]}" in pages
        found = [path for path, content in pages.items() if SECRET.encode() in content]
        assert found == []
        assert all("年第" not in content.decode(errors="ignore") for content in pages.values())
    status, text = _sent(anybody, tasks[0], **{"f.text": SECRET, "f.citizen": SECRET})
    assert status == 200
    assert SECRET not in anybody.post("/public/receipt", data={"code": _code(text)}).text


def test_figures_and_bulletins(stage: Stage) -> None:
    """The categories of the bulletin as they stand now, only those marked public; the bulletin as it was issued."""
    programme = _programme(stage)
    _full_of_secrets(stage, programme)
    sweep(stage.desk, at("2022-03-20 09:00"))
    issued = issue(stage.desk, Asked(programme, "public_bulletin", "2022-02"), OFFICE)
    assert isinstance(issued, Issued)
    text = stage.client().get("/public").text
    for title in (
        "项目总数",
        "完成全年目标",
        "提前或超额完成节点",
        "按计划完成节点",
        "报市政府同意后调整节点目标",
        "报市政府同意后暂缓实施",
    ):
        assert title in text
    assert "各单位扣分" not in text
    shown = dict(re.findall(r'<details class="category"><summary>(\S+) .*?</summary><ul>(.*?)</ul>', text))
    on_plan = shown.pop("按计划完成节点")
    assert shown == {}, "no other category has a project, and the total is no category"
    assert re.findall(r'<a href="/public/projects/([^"]*)">([^<]*)</a>', on_plan) == sorted(
        (task.id, str(task.fields["title"])) for task in stage.desk.store.tasks(part_of=programme)
    )
    assert SECRET not in text
    assert "2022年重点民生实事公开通报" in text
    page = stage.client().get("/public/bulletins/1").text
    assert "共2个项目" in page
    assert "编发月报" not in page


def test_where_no_plan_demands_a_bulletin_the_page_says_so(stage: Stage) -> None:
    """As in Shanwei, whose plan tells how it goes within the government alone: no empty list, no form, no title."""
    own = DALIAN.read_text(encoding="utf-8").replace("audience: public", "audience: units")
    later = own.replace('edition: "2022.1"', 'edition: "2022.9"')
    assert isinstance(publish(stage.desk, later, calendar_named), Published)
    for page in ("/public", "/public/bulletins", "/public/projects"):
        text = stage.client().get(page).text
        assert "没有要求向社会公开通报" in text
        assert "还没有公开通报" not in text
        assert "民生" not in text
