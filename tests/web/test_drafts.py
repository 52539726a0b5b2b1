"""The author's bench: a draft is kept, looked at and drawn, by administrators alone, and never over somebody's text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.web.stage import ROOT, Stage, raise_stage
from web.pages import asking, drafts
from workflows.authoring.drafts import draft
from workflows.people import accounts, holdings, rights
from workflows.people.values import ADMIN, ANY, By, Holding
from workflows.pictures import placing


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = raise_stage(Path(tmp_path_factory.mktemp("drafts")))
    yield stage
    stage.close()


def test_a_draft_begins_empty_or_from_what_is_published(stage: Stage) -> None:
    admin = stage.client("admin", "en")
    assert "There are no drafts yet" in admin.get("/drafts").text
    begun = admin.post("/drafts", data={"name": "leak"})
    assert begun.headers["location"] == "/drafts/leak"
    page = admin.get("/drafts/leak").text
    assert "process: leak" in page
    assert "`states` is missing" in unescape(page)
    (process,) = {each.process for each in stage.desk.store.editions()}
    admin.post("/drafts", data={"follows": process})
    published = stage.desk.store.edition(process)
    assert published is not None
    assert published.text.splitlines()[0] in unescape(admin.get(f"/drafts/{process}").text)
    refused = admin.post("/drafts", data={"name": "No Name"})
    assert refused.status_code == 422
    assert "cannot be the name" in refused.text


def test_a_text_is_looked_at_and_drawn_without_being_kept(stage: Stage) -> None:
    admin = stage.client("admin", "en")
    admin.post("/drafts", data={"name": "looked"})
    (process,) = {each.process for each in stage.desk.store.editions()}
    record = stage.desk.store.edition(process)
    assert record is not None
    seen = admin.post("/drafts/looked/look", data={"text": record.text}).json()
    assert [each for each in seen["findings"] if each["severity"] == "error"] == []
    assert seen["picture"].startswith("data:image/svg+xml;base64,")
    assert "office" in seen["names"]["roles"]
    broken = admin.post("/drafts/looked/look", data={"text": record.text.replace("states:", "stats:", 1)}).json()
    assert broken["picture"] is None
    (found,) = [each for each in broken["findings"] if "stats" in each["message"]]
    assert found["cure"] == "did you mean `states`?"
    assert found["line"] == 1 + record.text.splitlines().index("states:")
    assert "process: looked" in admin.get("/drafts/looked").text, "what was looked at is not kept"


def test_two_administrators_do_not_overwrite_each_other(stage: Stage) -> None:
    admin = stage.client("admin", "en")
    admin.post("/drafts", data={"name": "shared"})
    told = admin.post("/drafts/shared", data={"text": "theirs", "version": 1}, headers={"accept": "application/json"})
    assert told.json()["version"] == 2
    late = admin.post("/drafts/shared", data={"text": "mine & mine", "version": 1})
    assert late.status_code == 409
    page = unescape(late.text)
    assert "mine & mine" in page, "nothing that was typed is lost"
    assert "theirs" in page
    assert "has saved another text" in page
    scripted = admin.post("/drafts/shared", data={"text": "x", "version": 1}, headers={"accept": "application/json"})
    assert (scripted.status_code, scripted.json()["version"]) == (409, 2)
    assert admin.post("/drafts/shared/drop", data={"version": 1}).status_code == 409
    assert admin.post("/drafts/shared/drop", data={"version": 2}).headers["location"] == "/drafts"
    assert admin.get("/drafts/shared").status_code == 404


@pytest.mark.parametrize("user", ["li", "wu", None])
def test_nobody_else_is_let_in(stage: Stage, user: str | None) -> None:
    other = stage.client(user, "en")
    for address in ("/drafts", "/drafts/leak", "/drafts/schema.json"):
        assert other.get(address, follow_redirects=False).status_code in (303, 403, 404)
    assert other.post("/drafts/leak/look", data={"text": ""}, follow_redirects=False).status_code in (303, 403, 404)


# -- what is asked of a draft


@pytest.fixture
def published(stage: Stage) -> str:
    (process,) = {each.process for each in stage.desk.store.editions()}
    record = stage.desk.store.edition(process)
    assert record is not None
    stage.client("admin").post("/drafts", data={"follows": process})
    return record.text


def ask(stage: Stage, what: str, text: str, **more: object) -> str:
    (process,) = {each.process for each in stage.desk.store.editions()}
    admin = stage.client("admin", "en")
    answer = admin.post(
        f"/drafts/{process}/{what}", data={"text": text, **more}, headers={"hx-request": "true"}
    )  # the answer alone, as beside the text
    assert answer.status_code == 200
    return unescape(answer.text)


def test_a_draft_is_compared_with_what_is_published(stage: Stage, published: str) -> None:
    assert "No difference in meaning." in ask(stage, "diff", published)
    shorter = published.replace(
        "type: term, value: 20 working days, rule: D-07", "type: term, value: 15 working days, rule: D-07"
    )
    assert shorter != published
    assert "shortened from 20 to 15 working days" in ask(stage, "diff", shorter)
    assert "unknown key `stats`" in ask(stage, "diff", published.replace("states:", "stats:", 1))


def test_a_draft_is_rehearsed_over_open_tasks_or_a_list(stage: Stage, published: str) -> None:
    told = ask(stage, "rehearse", published, since="2022-01-20", until="2022-03-31")
    assert 'src="data:image/svg+xml' in told
    assert "Rehearsal of dalian-livelihood@2022.1: 2022-01-20 to 2022-03-31, 3 tasks" in told
    assert "Give two days" in ask(stage, "rehearse", published, since="2022-03-31", until="2022-01-20")
    assert "Give two days" in ask(stage, "rehearse", published, since="soon")
    admin = stage.client("admin", "en")
    rows = "项目名称,年度目标,牵头单位\n水库,建成,市水务局\n"
    listed = admin.post(
        "/drafts/dalian-livelihood/rehearse",
        data={"text": published, "since": "2022-01-20", "until": "2022-02-28"},
        files={"tasks": ("list.csv", rows.encode())},
        headers={"hx-request": "true"},
    )
    assert "1 tasks" in listed.text
    bad = admin.post(
        "/drafts/dalian-livelihood/rehearse",
        data={"text": published},
        files={"tasks": ("list.exe", b"MZ")},
        headers={"hx-request": "true"},
    )
    assert bad.status_code == 200
    assert 'role="alert"' in bad.text


DOCS = (ROOT / "docs" / "proofs.md").read_text(encoding="utf-8")
WEAKENED = DOCS.partition("```yaml whole weak.yaml\n")[2].partition("```")[0]
"""The definition with which the page on proofs begins."""


@pytest.mark.usefixtures("published")
def test_a_draft_is_proved_claim_by_claim(stage: Stage) -> None:
    admin = stage.client("admin", "en")
    answer = admin.post(
        "/drafts/dalian-livelihood/prove", data={"text": WEAKENED}, headers={"accept": "application/x-ndjson"}
    )
    *told, last = [json.loads(line) for line in answer.text.splitlines()]
    (refuted,) = [each["item"] for each in told if each["answer"] == "refuted"]
    assert "a lag is answered" in refuted
    assert "30 days" in refuted, "the story says when it is broken"
    assert 'src="data:image/svg+xml;base64,' in refuted, "it is drawn as a rehearsal is"
    assert "scenario: refuted-a-lag-is-answered" in refuted
    assert f"{len(told) - 1} proved, 1 refuted, 0 unknown." == last["said"]
    broken = admin.post(
        "/drafts/dalian-livelihood/prove", data={"text": "states: 1"}, headers={"accept": "application/x-ndjson"}
    )
    (only,) = [json.loads(line) for line in broken.text.splitlines()]
    assert "`calendar` is missing" in only["said"]


def test_what_time_does_not_suffice_for_is_said(stage: Stage, published: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage.house.prover, "seconds", 0.01)
    told = ask(stage, "prove", published)
    assert re.search(r"0 proved, 0 refuted, 0 unknown. \d+ more were not answered within 0 seconds", told)


@pytest.mark.usefixtures("published")
def test_proofs_come_with_the_page_without_scripts(stage: Stage) -> None:
    page = stage.client("admin", "en").post("/drafts/dalian-livelihood/prove", data={"text": WEAKENED}).text
    assert "1 refuted" in page
    assert "a lag is answered" in page
    assert "deadlines fire punctually" in page, "what is taken for granted stands beside it"


def test_without_scripts_the_answer_comes_with_the_page(stage: Stage, published: str) -> None:
    page = (
        stage.client("admin", "en").post("/drafts/dalian-livelihood/diff", data={"text": published + "\n# mine"}).text
    )
    assert "No difference in meaning." in page
    assert "# mine" in page, "the text stays in the editor"


# -- before a second administrator


@pytest.fixture
def second(stage: Stage) -> str:
    """Another administrator."""
    people, by = stage.office.people, By("admin")
    if people.user("deng") is None:
        accounts.add_user(people, accounts.new_user("deng", people.now()), by, None)
        granted = holdings.grant(people, Holding("deng", ADMIN, ANY, None, people.now()), by, rights.roles(stage.desk))
        assert isinstance(granted, Holding), granted
    return "deng"


def test_a_draft_is_submitted_read_and_approved_by_another(stage: Stage, published: str, second: str) -> None:
    admin, other = stage.client("admin", "en"), stage.client(second, "en")
    text = published.replace('edition: "2022.1"', 'edition: "2022.2"')
    text = text.replace(
        "type: term, value: 20 working days, rule: D-07", "type: term, value: 15 working days, rule: D-07"
    )
    kept = draft(stage.desk, "dalian-livelihood")
    assert kept is not None
    admin.post("/drafts/dalian-livelihood", data={"text": text, "version": kept.version})
    other.post("/drafts/dalian-livelihood", data={"text": f"{text}# theirs\n", "version": kept.version + 1})
    unread = admin.post("/drafts/dalian-livelihood/submit", data={"since": "2022-06-01", "version": kept.version + 1})
    assert unread.status_code == 409, "nobody answers for what another saved meanwhile, least of all to that other"
    assert "has saved another text" in unescape(unread.text)
    admin.post("/drafts/dalian-livelihood", data={"text": text, "version": kept.version + 2})
    read = {"since": "2022-06-01", "version": kept.version + 3}
    submitted = admin.post("/drafts/dalian-livelihood/submit", data=read)
    assert submitted.headers["location"] == "/proposals/dalian-livelihood@2022.2"
    address = submitted.headers["location"]
    assert "another administrator does" in admin.get(address).text
    page = unescape(other.get(address).text)
    assert "shortened from 20 to 15 working days" in page
    digest = re.search(r'name="digest" value="(\w{64})"', page)
    assert digest is not None
    own = admin.post(f"{address}/approve", data={"digest": digest[1]})
    assert own.status_code == 409
    assert stage.desk.store.edition("dalian-livelihood", "2022.2") is None
    assert other.post(f"{address}/return", data={"reason": "太急"}).headers["location"] == address
    assert "太急" in other.get(address).text
    admin.post("/drafts/dalian-livelihood/submit", data=read)
    stale = other.post(f"{address}/approve", data={"digest": "0" * 64})
    assert stale.status_code == 409, "another text than the one that was read"
    assert other.post(f"{address}/approve", data={"digest": digest[1]}).headers["location"] == address
    record = stage.desk.store.edition("dalian-livelihood", "2022.2")
    assert record is not None
    assert "Published" in other.get("/drafts").text
    assert admin.get("/proposals/nothing@1").status_code == 404


def test_an_edition_that_one_person_published_has_its_page_too(stage: Stage) -> None:
    page = unescape(stage.client("admin", "en").get("/proposals/dalian-livelihood@2022.1").text)
    assert "2022-01-20" in page
    assert "process: dalian-livelihood" in page


def test_what_cannot_be_submitted_is_said(stage: Stage) -> None:
    admin = stage.client("admin", "en")
    admin.post("/drafts", data={"name": "unfinished"})
    broken = admin.post("/drafts/unfinished/submit", data={"version": 1})
    assert broken.status_code == 422
    assert "`states` is missing" in unescape(broken.text)
    assert admin.post("/drafts/unfinished/submit", data={"since": "soon", "version": 1}).status_code == 422
    assert admin.post("/drafts/nothing/submit", data={}).status_code == 404


# -- a text so large that it would keep others waiting


def huge(states: int = 200, acts: int = 600) -> str:
    """A process of that size: a chain of states with ways across, every third act with a form and a guard."""

    def act(number: int) -> dict[str, object]:
        here = number % (states - 1)
        there = here + 1 if number < states - 1 else (number * 7919) % states
        said = {"trigger": f"t{number}", "zh": f"操作{number}", "en": f"Act {number}", "from": f"s{here}"}
        if number % 3:
            return {**said, "by": "office", "to": f"s{there}"}
        guard = f"form.percent >= {number * 37 % 100}.0"
        to = [{"state": f"s{there}", "when": guard}, {"state": "stay", "otherwise": True}]
        form = {"percent": {"zh": "进度", "en": "Progress", "type": "percent", "required": True}}
        return {**said, "by": "office", "form": form, "set": {"percent": "form.percent"}, "to": to}

    every: dict[str, dict[str, object]] = {f"s{n}": {"zh": f"状态{n}", "en": f"State {n}"} for n in range(states)}
    every["s0"]["initial"] = every[f"s{states - 1}"]["final"] = True
    fields = {
        "title": {"zh": "事项", "en": "Task", "type": "text", "required": True},
        "percent": {"zh": "进度", "en": "Progress", "type": "percent", "default": 0},
    }
    head = {"process": "huge", "edition": "1", "title": {"zh": "巨型", "en": "Huge"}, "timezone": "Asia/Shanghai"}
    rest = {"calendar": "cn", "roles": {"office": {"zh": "督查室", "en": "Office"}}, "fields": fields}
    acting = {"registration": {"by": "office"}, "states": every, "transitions": [act(n) for n in range(acts)]}
    return json.dumps({**head, **rest, **acting}, ensure_ascii=False, indent=1)


def looked_at(stage: Stage, text: str, lang: str = "en") -> dict[str, Any]:
    stage.client("admin").post("/drafts", data={"name": "huge"})
    answer = stage.client("admin", lang).post("/drafts/huge/look", data={"text": text})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def test_a_picture_too_large_for_a_page_is_not_begun(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    def begin(text: str, _seconds: float) -> bytes:
        begun.append(text)
        raise placing.NoPicture("it is not to be begun")

    monkeypatch.setattr(placing, "_asked", begin)
    seen = looked_at(stage, huge())
    assert (seen["picture"], seen["too_large"], begun) == (None, True, [])
    assert {each["code"] for each in seen["findings"]} == {"same-person"}, "the rest is looked at as ever"
    page = unescape(stage.client("admin", "zh").post("/drafts/huge", data={"text": huge(), "version": 1}).text)
    assert '<p id="large">状态图太大，网页上不画；请用 duban diagram。</p>' in page
    monkeypatch.undo()
    assert looked_at(stage, huge(12, 20))["too_large"] is False


def test_what_was_not_asked_of_guards_is_said_and_nothing_is_guessed(
    stage: Stage, published: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a count of steps: with none left the page says so, and finds nothing right or wrong in guards."""
    wrong = published.replace("state == 'done' && form.percent < 100", "state == 'done' && form.percent < 0")
    assert wrong != published
    codes = [each["code"] for each in looked_at(stage, wrong)["findings"]]
    assert "guard-never" in codes or "branch-never" in codes
    assert "guards-unasked" not in codes
    monkeypatch.setattr(drafts, "PATIENCE", 1)
    for lang, said in (("en", "nothing is known"), ("zh", "不作判断")):
        findings = [each for each in looked_at(stage, wrong, lang)["findings"] if each["severity"] != "note"]
        (left,) = [each for each in findings if each["code"] == "guards-unasked"]
        assert said in left["message"]
        assert "duban prove" in left["cure"]
        assert not {"guard-never", "branch-never", "guard-always"} & {each["code"] for each in findings}


def test_a_comparison_that_is_too_large_for_a_page_is_said(
    stage: Stage, published: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = published.replace("state == 'done' && form.percent < 100", "state == 'done' && form.percent < 90")
    assert changed != published
    assert "duban diff takes the time" not in ask(stage, "diff", changed)
    monkeypatch.setattr(asking, "PATIENCE", 1)
    assert "Too much has changed to compare all of it here" in ask(stage, "diff", changed)


def test_a_list_that_is_too_long_for_a_page_is_refused(stage: Stage, published: str) -> None:
    rows = "项目名称,年度目标,牵头单位\n" + "".join(f"水库{n},建成,市水务局\n" for n in range(201))
    answer = stage.client("admin", "en").post(
        "/drafts/dalian-livelihood/rehearse",
        data={"text": published},
        files={"tasks": ("list.csv", rows.encode())},
        headers={"hx-request": "true"},
    )
    assert "200 rows at most are rehearsed here: use duban rehearse" in answer.text


@pytest.mark.usefixtures("published")
def test_a_note_is_told_with_its_word_and_breaks_no_page(stage: Stage, published: str) -> None:
    """What is found may be no more than a note; the form tells it as well as the script does."""
    unread = published.replace(
        "parameters:\n", "parameters:\n  idle: {zh: 闲置, en: Idle, type: integer, value: 1}\n", 1
    )
    kept = draft(stage.desk, "dalian-livelihood")
    assert kept is not None
    for lang, word in (("en", "note"), ("zh", "说明")):
        page = stage.client("admin", lang).post("/drafts/dalian-livelihood/diff", data={"text": unread})
        assert page.status_code == 200
        assert re.search(rf'<li class="note">.*<strong>{word}</strong> [^<]*idle', unescape(page.text))
        assert f'data-note="{word}"' in page.text
