"""Official documents: numbered once each, printed in the transaction of their event, voided on record, filed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document as WordFile

from documents.press import Press
from engine.commands import Actor, Refusal
from engine.events import EventType, Json
from engine.problems import Text
from storage import StoreBusy, open_store
from storage.errors import StoreFull
from storage.papers import SqlPapers
from tests.limits import at_once
from tests.workflows.conftest import LEAD, OFFICE, TEXT, at
from tools.make_templates import build
from workflows.authoring.checking import problems
from workflows.authoring.publishing import Published, publish
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office import publications
from workflows.office.firing import Act, Outcome, fire
from workflows.office.publications import Asked, Issued, issue
from workflows.office.registering import register
from workflows.office.waiting import issue_waiting
from workflows.papers.archive import archive
from workflows.papers.issuing import digest_of
from workflows.papers.marks import Given
from workflows.papers.ports import PressProblem
from workflows.papers.templates import keep_template
from workflows.papers.values import Document, Template
from workflows.papers.voiding import void
from workflows.rows import Row
from workflows.sentences import sentence
from workflows.sources import Beside, calendar_named, load_process

OLD = next(line.strip() for line in TEXT.splitlines() if line.startswith("  flash: "))
NEW = """flash:
    zh: 整改通知书
    en: Rectification order
    template: order.docx
    number: 督〔{{ year }}〕{{ serial }}号
    organ: {zh: 市督查室, en: Supervision office}
    to: lead
    text:
      zh: "# 关于{{ task.title }}的通知\\n一、要求\\n请于{{ form.deadline }}前整改。"
      en: "# Order on {{ task.title }}\\nRectify by {{ form.deadline }}."
"""
DEFINED = TEXT.replace(OLD, NEW)
ADMIN = Actor("root", ("admin",))


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    made = Press()
    yield made
    made.close()


@pytest.fixture(scope="module")
def template() -> bytes:
    return build("rectification-order", 4)


def opened(url: str, press: Press | None, template: bytes, text: str = DEFINED) -> tuple[Desk, Callable[[], None]]:
    """An office at an address, with the definition published."""
    clock = VirtualClock(at("2022-01-20 09:00"))
    store: Any = open_store(url, create=True, clock=clock, unsafe=True)
    desk = Desk(store, clock, busy=(StoreBusy,), papers=SqlPapers(store.engine), press=press)
    kept = publish(desk, text, calendar_named, beside=Beside({"order.docx": template}.get))
    assert isinstance(kept, Published), kept
    return desk, store.close


@pytest.fixture
def desk(tmp_path: Path, press: Press, template: bytes) -> Iterator[Desk]:
    made, close = opened(f"sqlite:///{tmp_path / 'duban.db'}", press, template)
    yield made
    close()


@pytest.fixture(params=["sqlite", "postgres"])
def either(request: pytest.FixtureRequest, tmp_path: Path, press: Press, template: bytes) -> Iterator[Desk]:
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'duban.db'}" if sqlite else str(request.getfixturevalue("founded_postgres"))
    made, close = opened(url, press, template)
    yield made
    close()


def lagging(desk: Desk, count: int = 1) -> list[str]:
    """Tasks that are behind."""
    plan = {"2022-01": {"planned": "10"}}
    rows = [Row(n, {"title": f"水库{n}", "lead_unit": "水务局"}, plan) for n in range(1, count + 1)]
    tasks = register(desk, "promises", rows, OFFICE)
    assert isinstance(tasks, list), tasks
    for task in tasks:
        told = fire(desk, Act(task.id, "report", {"month": "2022-01", "percent": "1"}, LEAD))
        assert isinstance(told, Outcome), told
    return [task.id for task in tasks]


def order(desk: Desk, task: str) -> Outcome:
    told = fire(desk, Act(task, "order", {"deadline": "2022-03-31"}, OFFICE))
    assert isinstance(told, Outcome), told
    return told


def only(desk: Desk) -> Document:
    assert desk.papers is not None
    (found,) = desk.papers.documents()
    return found


def words_of(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in WordFile(BytesIO(content)).paragraphs if paragraph.text]


def test_an_act_issues_a_numbered_word_file(either: Desk) -> None:
    """Number, addressee, words and date; kept by digest; its event says all of it."""
    task = lagging(either)[0]
    (issued,) = order(either, task).issued
    document = only(either)
    assert isinstance(issued, Issued)
    assert (document.number.text, document.number.series, document.number.serial) == (
        "督〔2022〕1号",
        "市督查室 督〔2022〕#号",
        1,
    )
    content = either.store.file(document.digest)
    assert content is not None
    assert sha256(content).hexdigest() == document.digest
    told = words_of(content)
    assert told[:5] == ["市督查室", "督〔2022〕1号", "关于水库1的通知", "水务局：", "一、要求"]
    assert told[5:] == ["请于2022年3月31日前整改。", "市督查室", "2022年1月20日"]
    event = next(each.event for each in either.store.events(task) if each.event.type is EventType.PUBLICATION_ISSUED)
    papers = either.papers
    assert papers is not None
    assert event.payload["document"] == {
        "number": "督〔2022〕1号", "series": "市督查室 督〔2022〕#号", "year": 2022, "serial": 1, "language": "zh",
        "template": document.template, "docx": document.digest, "facts": digest_of(papers.facts(document.id)),
        "wording": 1,
    }  # fmt: skip
    assert document.seq == event.seq
    edition, _ = either.book(event.edition)
    assert "督〔2022〕1号" in sentence(event, edition, "", "zh")
    assert either.papers is not None
    assert list(either.papers.waiting()) == []


def test_numbers_are_in_sequence_whoever_races(either: Desk) -> None:
    """Many hands at once: 1 to n, none twice, none left out."""
    tasks = lagging(either, 8)
    told = at_once(*(partial(order, either, task) for task in tasks))
    answers = [each for one in told for each in one.issued]
    assert all(isinstance(each, Issued) for each in answers), answers
    assert either.papers is not None
    assert sorted(each.number.serial for each in either.papers.documents()) == list(range(1, 9))
    assert {each.number.year for each in either.papers.documents()} == {2022}


class Watching(Press):
    """Does something else whenever a document is printed."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self.meanwhile, self.printed = meanwhile, 0

    def render(self, template: bytes, facts: Mapping[str, Json]) -> bytes:
        self.printed += 1
        self.meanwhile()
        return super().render(template, facts)


@pytest.fixture
def watching(desk: Desk) -> Iterator[Watching]:
    made = Watching(lambda: None)
    desk.press = made
    yield made
    made.close()


def test_while_a_document_is_printed_others_write(desk: Desk, watching: Watching) -> None:
    """SQLite has one lock for all that write: it is not held by a slow template, and each is printed once."""
    first, second = lagging(desk, 2)
    watching.meanwhile = lambda: desk.store.set_note("meanwhile", str(watching.printed))
    order(desk, first)
    assert desk.store.note("meanwhile") == "1"
    order(desk, second)
    assert watching.printed == 2
    assert desk.papers is not None
    assert [each.number.serial for each in desk.papers.documents()] == [1, 2]


def test_a_number_that_another_took_meanwhile_is_printed_anew(desk: Desk, watching: Watching, press: Press) -> None:
    """The proof says 1; by then 1 is gone: what is kept says 2, and no number is left out."""
    first, second = lagging(desk, 2)

    def another() -> None:
        watching.meanwhile, desk.press = (lambda: None), press
        order(desk, second)
        desk.press = watching

    watching.meanwhile = another
    order(desk, first)
    assert watching.printed == 2
    assert desk.papers is not None
    documents = desk.papers.documents()
    assert [(each.stream, each.number.serial) for each in documents] == [(second, 1), (first, 2)]
    for each in documents:
        assert each.number.text in words_of(desk.store.file(each.digest) or b"")


def test_a_template_that_fails_is_told_without_a_transaction(desk: Desk, watching: Watching) -> None:
    (task,) = lagging(desk)

    def fails() -> None:
        raise PressProblem("template_slow", Text("太慢", "too slow"))

    watching.meanwhile = fails
    (refusal,) = order(desk, task).issued
    assert isinstance(refusal, Refusal)
    assert (refusal.code, watching.printed) == ("publication_text", 1)
    assert desk.papers is not None
    assert len(desk.papers.waiting()) == 1
    watching.meanwhile = lambda: None
    (issued,) = issue_waiting(desk)
    assert isinstance(issued, Issued)
    assert only(desk).number.serial == 1


MARKED = DEFINED.replace(
    "    to: lead\n",
    "    to: lead\n    marks: {urgency: \"{{ '特急' if form.deadline < '2022-02-01' else '' }}\"}\n",
    1,
)


def test_marks_are_what_the_definition_says_or_whoever_issues_gives(
    tmp_path: Path, press: Press, template: bytes
) -> None:
    """Absent where nobody gives them; a secret document has a copy number; nothing else than the standard's words."""
    desk, close = opened(f"sqlite:///{tmp_path / 'duban.db'}", press, template, MARKED)
    (task,) = lagging(desk)

    def issued(deadline: str, given: Given) -> Any:
        answer = issue(desk, Asked(task, "flash", again=True, form={"deadline": deadline}, marks=given), OFFICE)
        if isinstance(answer, Refusal) or desk.papers is None:
            return answer
        facts: Any = desk.papers.facts(desk.papers.documents()[-1].id)
        return facts["zh"]["marks"]

    none = {"copy_number": "", "secrecy": "", "urgency": ""}
    assert issued("2022-03-31", Given()) == none
    assert issued("2022-01-31", Given()) == {**none, "urgency": "特急"}
    assert issued("2022-03-31", Given(urgency="加急")) == {**none, "urgency": "加急"}
    secret = {"copy_number": "000001", "secrecy": "秘密★1年", "urgency": ""}
    assert issued("2022-03-31", Given(secrecy="秘密★1年")) == secret
    assert issued("2022-03-31", Given("机密", copy_number="12"))["copy_number"] == "000012"
    for wrong in (Given("内部"), Given("秘密★三年"), Given(urgency="很急"), Given(copy_number="1234567")):
        assert issued("2022-03-31", wrong).code == "publication_text"
    close()


def test_a_wrong_mark_is_found_while_authoring(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "order.docx").write_bytes(b"")

    def found(text: str) -> list[tuple[str, str]]:
        file = tmp_path / "process.yaml"
        file.write_text(text, encoding="utf-8")
        return [(each.code, each.message.zh) for each in problems(load_process(file), file)]

    assert found(MARKED) == []
    assert found(MARKED.replace("if form.deadline", "if nothing")) == [
        ("template-name", "标志用了没有的名称 `nothing`")
    ]
    urgent = DEFINED.replace("    to: lead\n", "    to: lead\n    marks: {urgency: 急}\n", 1)
    assert found(urgent) == [("mark", "紧急程度应为特急、加急")]
    secret = DEFINED.replace("    to: lead\n", "    to: lead\n    audience: public\n    marks: {secrecy: 秘密}\n")
    assert found(secret) == [("mark", "面向公众的文件不得标注密级")]


def test_a_year_counts_from_one(desk: Desk) -> None:
    first, second = lagging(desk, 2)
    order(desk, first)
    assert isinstance(desk.clock, VirtualClock)
    desk.clock.move(at("2023-01-05 09:00"))
    assert isinstance(issue(desk, Asked(second, "flash", form={"deadline": "2023-02-01"}), OFFICE), Issued)
    assert desk.papers is not None
    assert [each.number.text for each in desk.papers.documents()] == ["督〔2022〕1号", "督〔2023〕1号"]


def test_what_was_ordered_before_the_process_died_is_issued_later(
    either: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The act is committed, its document is not; whoever looks next issues it, once, as of the order."""
    task = lagging(either)[0]
    with monkeypatch.context() as patched:
        patched.setattr("workflows.office.firing.issue_ordered", lambda _desk, _events: [])
        order(either, task)
    assert either.papers is not None
    assert list(either.papers.documents()) == []
    assert isinstance(either.clock, VirtualClock)
    either.clock.move(at("2022-02-10 09:00"))
    (issued,) = issue_waiting(either)
    assert isinstance(issued, Issued)
    assert only(either).number.text == "督〔2022〕1号"
    assert words_of(either.store.file(only(either).digest) or b"")[-1] == "2022年1月20日"
    assert issue_waiting(either) == []
    assert at_once(*[lambda: issue_waiting(either)] * 4) == [[]] * 4
    assert only(either).number.serial == 1


def test_a_crash_while_it_is_printed_leaves_no_number_behind(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Number, file, row, event and order are one transaction."""
    first, second = lagging(desk, 2)

    def dies(*_args: object, **_told: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(publications, "changes", dies)
        with pytest.raises(KeyboardInterrupt):
            order(desk, first)
    assert desk.papers is not None
    assert (list(desk.papers.documents()), len(desk.papers.waiting())) == ([], 1)
    order(desk, second)
    assert only(desk).number.serial == 1
    (late,) = issue_waiting(desk)
    assert isinstance(late, Issued)
    assert [each.number.serial for each in desk.papers.documents()] == [1, 2]


def test_without_a_press_an_order_waits(desk: Desk) -> None:
    """Nothing is lost and no number is spent; it goes out as soon as something prints."""
    task, press = lagging(desk)[0], desk.press
    desk.press = None
    (refusal,) = order(desk, task).issued
    assert isinstance(refusal, Refusal)
    assert refusal.code == "no_press"
    desk.press = press
    (issued,) = issue_waiting(desk)
    assert isinstance(issued, Issued)
    assert only(desk).number.serial == 1


def test_a_void_document_keeps_its_number(either: Desk) -> None:
    """Who, when and why stay on record; the next one has the next number."""
    first, second = lagging(either, 2)
    order(either, first)
    document = only(either)
    assert isinstance(void(either, document.id, "发错单位", LEAD), Refusal)
    assert isinstance(void(either, document.id, " ", OFFICE), Refusal)
    gone = void(either, document.id, "发错单位", OFFICE)
    assert isinstance(gone, Document)
    assert gone.void is not None
    assert (gone.void.by, gone.void.reason, gone.void.at) == ("li", "发错单位", at("2022-01-20 09:00"))
    again = void(either, document.id, "再来", OFFICE)
    assert isinstance(again, Refusal)
    assert again.code == "void_already"
    assert either.store.events(first)[-1].event.type is EventType.PUBLICATION_VOIDED
    order(either, second)
    assert either.papers is not None
    assert [each.number.serial for each in either.papers.documents()] == [1, 2]


def test_an_admin_replaces_a_template_and_the_next_document_uses_it(desk: Desk, template: bytes) -> None:
    """Checked, versioned, by whom; an edition that did not change it does not bring the old one back."""
    first, second = lagging(desk, 2)
    order(desk, first)
    own = word("通知：{{ title }}")
    assert _code(keep_template(desk, "promises", "order.docx", own, OFFICE)) == "template_not_admin"
    assert _code(keep_template(desk, "promises", "other.docx", own, ADMIN)) == "unknown_template"
    assert _code(keep_template(desk, "promises", "order.docx", word("{{ titel }}"), ADMIN)) == "template_names"
    assert _code(keep_template(desk, "promises", "order.docx", word("{{ task.nothing }}"), ADMIN)) == "template_unfit"
    assert _code(keep_template(desk, "promises", "order.docx", b"no", ADMIN)) == "template_unfit"
    assert isinstance(keep_template(desk, "promises", "order.docx", own, ADMIN), Template)
    order(desk, second)
    assert desk.papers is not None
    documents = desk.papers.documents()
    assert words_of(desk.store.file(documents[1].digest) or b"") == ["通知：关于水库2的通知"]
    later = DEFINED.replace('edition: "1"', 'edition: "2"')
    assert isinstance(publish(desk, later, calendar_named, beside=Beside({"order.docx": template}.get)), Published)
    versions = desk.papers.templates("promises", "order.docx")
    assert [each.kept_by for each in versions] == ["system", "root"]
    assert versions[-1].digest == documents[1].template


def word(*paragraphs: str) -> bytes:
    document = WordFile()
    for text in paragraphs:
        document.add_paragraph(text)
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def _code(answer: object) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


def test_a_closed_task_is_filed_with_all_that_belongs_to_it(desk: Desk) -> None:
    """An open one is refused with a cure; the manifest has the digest of each part; twice the same."""
    task = lagging(desk)[0]
    order(desk, task)
    assert _code(archive(desk, task)) == "still_open"
    steps = [("pass", {}, OFFICE), ("report", {"month": "2022-01", "percent": "100"}, LEAD), ("close", {}, OFFICE)]
    for trigger, form, actor in steps:
        told = fire(desk, Act(task, trigger, form, actor))
        assert isinstance(told, Outcome), told
    made = archive(desk, task)
    assert isinstance(made, bytes)
    assert archive(desk, task) == made
    with zipfile.ZipFile(BytesIO(made)) as found:
        parts = {name: found.read(name) for name in found.namelist()}
    manifest = json.loads(parts.pop("manifest.json"))
    assert manifest["sha256"] == {name: sha256(content).hexdigest() for name, content in parts.items()}
    assert {"catalogue.txt", "catalogue.docx", "sources.json", "history.zh.txt", "history.en.txt"} <= parts.keys()
    assert [name for name in parts if name.startswith("documents/")] == ["documents/00001-督〔2022〕1号.docx"]
    assert "督〔2022〕1号" in parts["history.zh.txt"].decode()


def test_no_file_of_a_personal_field_is_filed(tmp_path: Path, press: Press, template: bytes) -> None:
    """What the law protects stands in no archive set, neither its bytes nor its name; other evidence does."""
    seen = "      evidence: {type: files,"
    text = DEFINED.replace(seen, f"      papers: {{type: files, personal: true, zh: 证件, en: Papers}}\n{seen}")
    desk, close = opened(f"sqlite:///{tmp_path / 'duban.db'}", press, template, text)
    task = lagging(desk)[0]
    files = {name: [{"name": f"{name}.txt", "digest": desk.store.keep_file(f"{name}.txt", name.encode())}]
             for name in ("papers", "evidence")}  # fmt: skip
    form = {"month": "2022-01", "percent": "100", **files}
    for trigger, told, actor in (("report", form, LEAD), ("close", {}, OFFICE)):
        done = fire(desk, Act(task, trigger, told, actor))
        assert isinstance(done, Outcome), done
    made = archive(desk, task)
    assert isinstance(made, bytes)
    with zipfile.ZipFile(BytesIO(made)) as found:
        kept = [name for name in found.namelist() if name.startswith("evidence/")]
        assert [name.endswith("evidence.txt") for name in kept] == [True]
        assert "papers.txt" not in found.read("catalogue.txt").decode()
    close()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("to: lead\n", "to: leed\n", "unknown-role"),
        ("{{ serial }}号", "{{ serial }}{{ yaer }}号", "template-name"),
        ("督〔{{ year }}〕{{ serial }}号", "督〔{{ year }}〕号", "no-serial"),
        ("    organ: {zh: 市督查室, en: Supervision office}\n", "", "no-organ"),
        ("template: order.docx", "template: odrer.docx", "template-missing"),
        ("请于{{ form.", "请于{{ from.", "template-name"),
    ],
)
def test_a_slip_in_a_document_is_told_as_the_definition_loads(
    old: str, new: str, code: str, tmp_path: Path, press: Press, template: bytes
) -> None:
    """With its place; the whole one has no problem."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "order.docx").write_bytes(template)
    file = tmp_path / "process.yaml"
    for text, codes in ((DEFINED, set()), (DEFINED.replace(old, new), {code})):
        file.write_text(text, encoding="utf-8")
        found = problems(load_process(file), file, press)
        assert {each.code for each in found} == codes


def test_a_name_that_a_word_file_may_not_use_is_told_with_the_near_one(tmp_path: Path, press: Press) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "order.docx").write_bytes(word("{{ titel }}"))
    file = tmp_path / "process.yaml"
    file.write_text(DEFINED, encoding="utf-8")
    (found,) = problems(load_process(file), file, press)
    assert (found.code, found.cure is not None and "title" in found.cure.en) == ("template-name", True)


def test_an_edition_is_never_published_without_its_templates(either: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine stops between the two: neither is there, and the same is published later."""
    draft, own = DEFINED.replace('edition: "1"', 'edition: "2"'), word("通知：{{ title }}")
    assert draft != DEFINED
    beside, keep = Beside({"order.docx": own}.get), SqlPapers.keep_template

    def stops(*told: Any) -> None:
        keep(*told)
        raise StoreFull

    with monkeypatch.context() as patched:
        patched.setattr(SqlPapers, "keep_template", stops)
        with pytest.raises(StoreFull):
            publish(either, draft, calendar_named, beside=beside)
    assert either.papers is not None
    assert either.store.edition("promises", "2") is None
    assert len(either.papers.templates("promises", "order.docx")) == 1
    assert isinstance(publish(either, draft, calendar_named, beside=beside), Published)
    assert len(either.papers.templates("promises", "order.docx")) == 2
