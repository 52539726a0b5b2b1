"""A draft is put to the whole history as a job: a period, a parameter at several values, stopped and kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from tests.web.stage import Stage, raise_stage
from workflows.authoring import trials
from workflows.authoring.draft_backtests import Digest, kept
from workflows.labour import backtesting
from workflows.labour.values import Job

PROCESS = "dalian-livelihood"
PAGE = f"/drafts/{PROCESS}/backtest"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Three tasks of a month, and a draft that follows what was published."""
    stage = raise_stage(Path(tmp_path_factory.mktemp("backtests")))
    stage.client("admin").post("/drafts", data={"follows": PROCESS})
    stage.clock.move(stage.clock.now.replace(month=2, day=20))
    yield stage
    stage.close()


@pytest.fixture(autouse=True)
def none_waits(stage: Stage) -> Iterator[None]:
    """Each test leaves no job to the next one."""
    yield
    stage.work()


def text_of(stage: Stage) -> str:
    record = stage.desk.store.edition(PROCESS)
    assert record is not None
    return record.text


def ask(stage: Stage, lang: str = "en", **told: str) -> str:
    """Ask beside the text; what stands there then."""
    told = {"text": text_of(stage), **told}
    answer = stage.client("admin", lang).post(PAGE, data=told, headers={"hx-request": "true"})
    assert answer.status_code == 200
    return unescape(answer.text)


def job_of(stage: Stage) -> Job:
    (job,) = (each for each in stage.house.labour.jobs(states=("waiting",)) if each.kind == "backtest")
    assert isinstance(job, Job)
    return job


def looked(stage: Stage, lang: str = "en", address: str = PAGE) -> str:
    return unescape(stage.client("admin", lang).get(address).text)


def later(text: str) -> str:
    """A draft in which the first report is due earlier."""
    told = "type: term, value: 10 working days, rule: [D-05, D-13]"
    assert told in text
    return text.replace(told, "type: term, value: 1 working day, rule: [D-05, D-13]")


def test_it_is_a_job_that_is_seen_where_it_was_asked_for_and_whose_result_stays(stage: Stage) -> None:
    waits = ask(stage, text=later(text_of(stage)))
    job = job_of(stage)
    assert "waiting" in waits
    assert f'hx-get="{PAGE}?job={job.id}"' in waits, "the page asks again how far it is"
    assert f'action="/jobs/{job.id}/cancel"' in waits
    stage.work()
    done = stage.client("admin", "en").get(f"{PAGE}?job={job.id}", headers={"hx-request": "true"})
    assert "<html" not in done.text
    assert "hx-get" not in done.text, "and no more when it is over"
    told = unescape(done.text)
    assert "3 tasks and" in told
    assert "0 come out the same" in told
    assert "what people would have done after it, nobody knows" in told
    assert "over all of the history, until 2022-02-20" in told
    assert told == unescape(done.text)
    assert "0 come out the same" in looked(stage), "it stays with the draft"
    assert "以草案重走 3 个事项" in looked(stage, "zh"), "and is told in whichever language it is read"
    assert "上次回测" in looked(stage, "zh", f"/drafts/{PROCESS}")
    assert "the draft as it is kept differs" in looked(stage), "of which text it speaks is told"
    fates = stage.house.labour.fates(job.id)
    assert [(each.subject, each.fate) for each in fates] == [("1-3", "done")]


def test_a_period_may_be_chosen(stage: Stage) -> None:
    ask(stage, text=later(text_of(stage)), tried_since="2022-01-20", tried_until="2022-01-21")
    stage.work()
    assert "3 come out the same" in looked(stage), "no term was over by then"
    found = kept(stage.desk, PROCESS)
    assert found is not None
    ((_, trial),) = found.question.trials
    told = [f"{each.astimezone(stage.desk.zone):%Y-%m-%d %H:%M}" for each in (trial.period.since, trial.period.until)]
    assert told == ["2022-01-20 00:00", "2022-01-22 00:00"]
    assert "over the history from 2022-01-20 to 2022-01-22 00:00" in looked(stage)
    assert "before it ends, and before 2022-02-20" in ask(stage, tried_since="2022-03-01")
    assert "before it ends" in ask(stage, tried_since="2022-02-01", tried_until="2022-01-21")
    assert "before it ends" in ask(stage, tried_since="soon")


def test_a_period_may_begin_and_end_with_all_days(stage: Stage) -> None:
    """The first and the last day that a form can say: they are no instants, and mean all there is."""
    ask(stage, tried_since="0001-01-01", tried_until="9999-12-31")
    stage.work()
    assert "over all of the history, until 2022-02-20" in looked(stage)
    assert "before it ends" in ask(stage, tried_since="0001-01-01", tried_until="0001-01-01")
    assert "before it ends" in ask(stage, tried_since="9999-12-31")


def test_a_parameter_at_several_values_is_a_curve_with_its_table(stage: Stage) -> None:
    ask(stage, parameter="plan_term", values="1 working day，25 working days")
    stage.work()
    page = looked(stage)
    assert re.search(r'<img src="data:image/svg\+xml;base64,[^"]+" alt="By plan_term: how many more', page)
    (row,) = re.findall(r'<tr><th scope="row">deadline passed [^<]*</th>(.*?)</tr>', page)[:1]
    assert re.findall(r'<td class="num">([^<]*)</td>', row)[1] == "0", "by the second nothing is late yet"
    assert re.findall(r'<td class="num">([^<]*)</td>', row)[0].startswith("+")
    assert page.count("<h3>") == 2
    assert "取不同值时，比历史多（+）少（-）几次" in looked(stage, "zh")
    assert "not a term" in ask(stage, parameter="plan_term", values=f"{'9' * 5000} working days")
    assert "there is no parameter `nothing`" in ask(stage, parameter="nothing", values="1")
    assert "name it and give its values" in ask(stage, parameter="plan_term")
    assert "name it and give its values" in ask(stage, values="1 working day")
    assert "12 at most" in ask(stage, parameter="plan_term", values=",".join(f"{n} working days" for n in range(1, 15)))


def test_only_one_is_under_way_for_a_draft(stage: Stage) -> None:
    ask(stage)
    assert "is under way (asked for by admin)" in ask(stage)
    assert "waiting" in looked(stage), "whoever looks meanwhile sees how far it is"


def test_one_that_is_stopped_keeps_the_values_before(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (trials, backtesting):
        monkeypatch.setattr(room, "BATCH", 1)
    ask(stage, parameter="plan_term", values="1 working day,10 working days")
    job, labour = job_of(stage), stage.house.labour
    told = labour.progress

    def progress(*args: object, **more: object) -> bool:
        """Somebody stops it when the first value has been tried."""
        found = kept(stage.desk, PROCESS)
        if found is not None and found.job == job.id and found.results:
            stage.client("admin").post(f"/jobs/{job.id}/cancel")
        return bool(told(*args, **more))

    monkeypatch.setattr(labour, "progress", progress)
    monkeypatch.setattr("workflows.labour.context.EVERY", 1)
    stage.work()
    after = labour.job(job.id)
    assert after is not None
    assert after.state == "cancelled"
    page = looked(stage, address=f"{PAGE}?job={job.id}")
    assert "cancelled" in page
    assert "1 more were not tried to the end" in page
    assert "1 working day</th>" in page
    assert "10 working days</th>" not in page


def test_without_scripts_it_has_a_page_of_its_own(stage: Stage) -> None:
    admin = stage.client("admin", "en")
    asked = admin.post(PAGE, data={"text": text_of(stage)})
    job = job_of(stage)
    assert asked.headers["location"] == f"{PAGE}?job={job.id}"
    assert admin.get(f"/jobs/{job.id}").headers["location"] == f"{PAGE}?job={job.id}", "its page is this one"
    assert '<noscript><meta http-equiv="refresh"' in admin.get(asked.headers["location"]).text
    unfit = unescape(admin.post(PAGE, data={"text": text_of(stage) + "\nmore: 1\n"}).text)
    assert "unknown key `more`" in unfit
    assert "more: 1" in unfit, "the text stays in the editor"


def test_what_was_tried_of_a_draft_goes_with_it(stage: Stage) -> None:
    admin = stage.client("admin", "en")
    admin.post("/drafts", data={"name": "passing"})
    admin.post("/drafts/passing/backtest", data={"text": text_of(stage)})
    job = job_of(stage)
    stage.work()
    assert kept(stage.desk, "passing") is not None
    assert admin.get(f"{PAGE}?job={job.id}").status_code == 404, "it is another draft's"
    admin.post("/drafts/passing/backtest", data={"text": text_of(stage)})
    running = job_of(stage)
    admin.post("/drafts/passing/drop", data={"version": 1})
    assert kept(stage.desk, "passing") is None
    after = stage.house.labour.job(running.id)
    assert after is not None
    assert after.state == "cancelled"
    assert admin.get("/drafts/passing/backtest").status_code == 404


def test_a_draft_that_goes_while_it_is_tried_leaves_nothing_behind(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another draft of its name would show what is not its own."""
    for room in (trials, backtesting):
        monkeypatch.setattr(room, "BATCH", 1)
    admin, of_first = stage.client("admin"), Digest.of_first
    admin.post("/drafts", data={"name": "leaving"})
    admin.post("/drafts/leaving/backtest", data={"text": text_of(stage)})
    job = job_of(stage)
    dropped: list[int] = []

    def going(digest: Digest, number: int) -> str:
        if not dropped:
            dropped.append(admin.post("/drafts/leaving/drop", data={"version": 1}).status_code)
        return of_first(digest, number)

    monkeypatch.setattr(Digest, "of_first", going)
    stage.work()
    assert dropped == [303]
    after = stage.house.labour.job(job.id)
    assert after is not None
    assert after.state == "cancelled"
    assert kept(stage.desk, "leaving") is None


def test_nobody_else_asks_or_looks(stage: Stage) -> None:
    for user in ("li", "wu", None):
        other = stage.client(user)
        assert other.get(PAGE).status_code in (303, 403, 404)
        assert other.post(PAGE, data={"text": ""}).status_code in (303, 403, 404)
