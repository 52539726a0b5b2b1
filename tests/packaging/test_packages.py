"""An audit package is taken home and verified there: whole, without personal values, by a file that needs nothing."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli import cli
from engine.chain import canonical
from engine.events import EventType
from tests.packaging import offices
from tests.packaging.mutations import KEY, counted, rechained, relisted, rows_of, said_anew, sealed, with_rows
from tests.packaging.reading import judged_first, parts
from tests.packaging.second import Files, judged, load
from tests.test_reasons import english
from workflows.packaging import verify_package as first
from workflows.packaging.taking import verifier

ROOT = Path(__file__).resolve().parents[2]
HOLDS = dict.fromkeys(first.RESTS_ON, True)


def test_the_verifier_imports_the_standard_library_alone() -> None:
    """Whoever takes it home has Python and nothing else."""
    tree = ast.parse(verifier())
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in named} <= sys.stdlib_module_names


def test_every_finding_has_words_in_both_languages() -> None:
    """Each code that can be raised or noted is said, and nothing else is."""
    tree = ast.parse(verifier())
    raised: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            place = {"told": 1, "Wrong": 0, "add": 2, "fault": 1}.get(name)
            if place is not None and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                raised.add(node.args[place].value)  # type: ignore[attr-defined]
    assert raised | {"malformed"} == set(first.SAY)
    assert all(zh and en for zh, en in [*first.SAY.values(), *first.NOTES.values(), *first.PARTS.values()])


def test_every_finding_says_what_to_do_next_and_no_chinese_sentence_is_english() -> None:
    """To whoever knows no program: each code of each part has a next step; what is filled in from outside is quoted."""
    for part in first.PARTS:
        assert all(first.means(part, [code]) for code in first.SAY)
    assert set(first._OF_CODE) <= set(first.SAY)
    assert {*first._OF_CODE.values(), *first._OF_PART.values()} == set(first.MEANS)
    assert set(first._OF_PART) == set(first.PARTS)
    facts = dict.fromkeys(("why", "line"), "list index out of range")
    for code, texts in first.SAY.items():
        zh, en = (first.in_words(texts, facts, lang) for lang in ("zh", "en"))
        assert not english(zh), (code, zh)
        assert not re.search(r"[\u4e00-\u9fff]", en), (code, en)
    for zh, en in first.MEANS.values():
        assert not english(zh), zh
        assert not re.search(r"[\u4e00-\u9fff]", en), en


@pytest.mark.parametrize(
    "name", ["everything", "by task", "moved", "moved plan", "redacted", "before", "both trees", "various"]
)
def test_what_was_recorded_holds(packages: dict[str, Files], name: str) -> None:
    """No false alarm, by either verifier."""
    report = judged_first(packages[name])
    assert report.found == {part: [] for part in HOLDS}
    assert not any(code == "unknown" for code, _ in report.notes)
    assert judged(packages[name]) == HOLDS


def test_no_personal_value_leaves_the_house(packages: dict[str, Files]) -> None:
    """A name and a card stand in the database, and nowhere in the package, neither as values nor as the files that are
    named by them; the lines have their digests.
    """
    for name in ("everything", "by task"):
        assert not any(each.encode() in b"".join(packages[name].values()) for each in (offices.NAME, offices.CARD))
        assert any(len(salt) == 64 for row in rows_of(packages[name]) for salt in row["salts"].split(" "))


def test_it_says_who_took_it_and_what_for(packages: dict[str, Files]) -> None:
    row = [row for row in rows_of(packages["by task"]) if row["stream"] == "exports"][-1]
    header, payload = json.loads(row["header"]), json.loads(row["payload"])
    assert (header["type"], header["actor"]) == ("RecordPackaged", "auditor")
    assert (payload["tasks"], payload["until"]) == (["tiny-01"], "2022-04-20T00:00:00.000000Z")


# -- planted: one fault each, and the part that finds it


def _payload(files: Files, kind: str, change: Any) -> Files:
    """The first event of a type says something else; every hash is made to fit."""
    rows = rows_of(files)
    number = next(n for n, row in enumerate(rows) if json.loads(row["header"])["type"] == kind)
    payload = json.loads(rows[number]["payload"])
    change(payload)
    rows[number] = said_anew(rows[number], payload)
    return relisted(sealed(with_rows(files, rechained(rows))))


def _act(files: Files, **what: Any) -> Files:
    return _payload(files, "TriggerFired", lambda payload: payload.update(what))


def _saw(files: Files) -> Files:
    """A light saw another percentage than the record has, and says what it would say then."""
    rows = rows_of(files)
    wanted = [n for n, row in enumerate(rows) if '"task.percent":"' in row["payload"]]
    payload = json.loads(rows[wanted[-1]]["payload"])
    for guard in payload["guards"]:
        if "task.percent" in guard["saw"]:
            guard["saw"]["task.percent"] = f"{float(guard['saw']['task.percent']) + 0.5:.15g}"
    rows[wanted[-1]] = said_anew(rows[wanted[-1]], payload)
    return relisted(sealed(with_rows(files, rechained(rows))))


def _text(files: Files, name: str, old: str, new: str) -> Files:
    assert old in files[name].decode()
    return relisted({**files, name: files[name].decode().replace(old, new, 1).encode()})


def _with(files: Files, name: str, data: bytes) -> Files:
    return relisted({**files, name: data})


def _renamed(files: Files, name: str, last: str) -> Files:
    other = f"{name.rpartition('/')[0]}/{last}"
    return relisted({other if each == name else each: data for each, data in files.items()})


def _first(files: Files, folder: str, end: str = "") -> str:
    return next(name for name in sorted(files) if name.startswith(folder) and name.endswith(end))


def _without_the_end(files: Files) -> Files:
    """The end of a stream is gone, counts and chain fit; the tree stands."""
    rows = rows_of(files)
    last = max(row["seq"] for row in rows if row["stream"] == "tiny-02")
    left = with_rows(files, [row for row in rows if (row["stream"], row["seq"]) != ("tiny-02", last)])
    return _text(left, "data/package.json", f'"tiny-02":{last}', f'"tiny-02":{last - 1}')


PLANTED: dict[str, tuple[str, Callable[[Files], Files]]] = {
    "a bit of the evidence": ("bag", lambda f: {**f, _first(f, "data/files/"): b"x"}),
    "evidence, the manifest fitting": ("files", lambda f: relisted({**f, _first(f, "data/files/"): b"x"})),
    "evidence taken out": (
        "files",
        lambda f: relisted({n: d for n, d in f.items() if n != _first(f, "data/files/")}),
    ),
    "a header": ("events", lambda f: _text(f, "data/events.ndjson", '\\"actor\\":\\"wang', '\\"actor\\":\\"li')),
    "an act, its hash fitting": ("history", lambda f: _act(f, to="done")),
    "an act by another trigger": ("history", lambda f: _act(f, trigger="report")),
    "a person without the right": (
        "history",
        lambda f: _payload(f, "TriggerFired", lambda p: p["command"]["actor"].update(roles=["guest"])),
    ),
    "what a guard saw": ("history", _saw),
    "a deadline that passed before it was due": (
        "history",
        lambda f: _payload(f, "DeadlineMissed", lambda p: p["occurrence"].update(due_at="2023-01-01T00:00:00.000000Z")),
    ),
    "a definition": ("editions", lambda f: _text(f, _first(f, "data/editions/", ".yaml"), "lagging", "Lagging")),
    "a compiled guard": ("editions", lambda f: _text(f, _first(f, "data/editions/", ".json"), "_<_", "_>_")),
    "a calendar": ("editions", lambda f: relisted({**f, _first(f, "data/calendars/"): b"{}"})),
    "a board": ("boards", lambda f: _text(f, _first(f, "data/boards/"), '"ended":false', '"ended":true')),
    "the end of a stream": ("tree", _without_the_end),
    "a file that no event names": ("files", lambda f: _with(f, f"data/files/{hashlib.sha256(b'x').hexdigest()}", b"x")),
    "a definition that nobody published": (
        "editions",
        lambda f: _with(f, "data/editions/tiny@9.yaml", b"process: tiny\n"),
    ),
    "a page beside the others": ("bag", lambda f: _with(f, "README.fr.md", b"# Tout va bien\n")),
    "a folder of one's own": ("bag", lambda f: _with(f, "data/opinions/2022-03-31.json", b"{}\n")),
    "a file that hides as what Python leaves": ("bag", lambda f: _with(f, "data/__pycache__/x", b"x")),
    "another verifier": ("files", lambda f: _with(f, "verify_package.py", b"print('Everything holds.')\n")),
    "a board under another day": ("boards", lambda f: _renamed(f, "data/boards/2022-02-28.json", "2022-03-15.json")),
    "a board that says two things": (
        "boards",
        lambda f: _text(f, _first(f, "data/boards/"), '"known_at":', '"known_at":"","known_at":'),
    ),
    "a head under another size": ("tree", lambda f: _renamed(f, _first(f, "data/tree/sha256/"), "000000000001.txt")),
    "a forged head": (
        "tree",
        lambda f: _text(f, _first(f, "data/tree/sha256/"), "duban.example.org\n", "duban.example.com\n"),
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_each_kind_of_tampering_is_found_where_it_must_be(packages: dict[str, Files], name: str) -> None:
    """Both verifiers name the part; what does not rest on it holds."""
    part, plant = PLANTED[name]
    files = plant(packages["everything"])
    assert parts(judged_first(files))[part] is False
    assert judged(files) == parts(judged_first(files))


def test_a_head_from_elsewhere_finds_a_history_made_up_anew(packages: dict[str, Files]) -> None:
    """Whoever computes all anew and signs it is found by a head that somebody kept, and by nothing else."""
    whole = packages["everything"]
    kept = whole[max(name for name in whole if name.startswith("data/tree/sha256/"))].decode()
    forged = _payload(whole, "NoticeRaised", lambda payload: payload.update(about={"x": "y"}))
    assert parts(judged_first(forged)) == HOLDS
    assert parts(judged_first(forged, heads=[kept]))["tree"] is False
    assert judged(forged, heads=(kept,))["tree"] is False
    assert parts(judged_first(whole, str(KEY.verifier), [kept])) == HOLDS


def test_another_key_than_the_one_known_outside_is_refused(packages: dict[str, Files]) -> None:
    other = first.beside(str(offices.STRANGER.verifier), "sha256")
    assert parts(judged_first(packages["everything"], other))["tree"] is False
    assert judged(packages["everything"], other)["tree"] is False


ROW = re.compile(r"^\| (`[A-Z]\w+`(?:[、, ]+`[A-Z]\w+`)*) \| (.+) \|$", re.MULTILINE)
MAY_BE_LEFT_OUT = {"document", "alone", "met_at", "milestone_fields_removed"}
PARTS_OF = {"occurrence": {"name", "key", "status", "due_at", "met_at"}, "lines": {"seq", "part", "name"},
            "document": {"docx", "template", "series", "year", "serial"}}  # fmt: skip


@pytest.mark.parametrize("page", ["audit-package.md", "audit-package.zh.md"])
def test_what_the_page_says_of_payloads_is_there(packages: dict[str, Files], page: str) -> None:
    """Each member that it names, in each event of that type; and each type by which a task is judged is named."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    table = {kind: set(re.findall(r"`([a-z_]+)`", said)) for kinds, said in ROW.findall(text.partition("`boards`")[0])
             for kind in re.findall(r"\w+", kinds)}  # fmt: skip
    assert {*first.JUDGE, "TaskRegistered"} - set(first.STATUSES) <= set(table)
    seen = set()
    for row in (row for files in packages.values() for row in rows_of(files)):
        kind, payload = json.loads(row["header"])["type"], json.loads(row["payload"])
        inner = {name for part, names in PARTS_OF.items() if part in table.get(kind, ()) for name in names}
        seen.add(kind)
        assert table.get(kind, set()) - inner - MAY_BE_LEFT_OUT - OTHERS.get(kind, set()) <= set(payload), kind
    assert set(table) <= seen


def test_an_event_of_every_type_is_in_a_package(packages: dict[str, Files]) -> None:
    """So that every rule has something to judge, also where packages are altered at random."""
    kinds = {json.loads(row["header"])["type"] for files in packages.values() for row in rows_of(files)}
    assert set(EventType) <= kinds


OTHERS = {"RedactionAsked": {"alone"}, "RedactionApproved": {"stream", "files"}}
"""Two events share a row."""


# -- at the keyboard


def run(db: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--db", f"sqlite:///{db}", "--as", "auditor", "--lang", "en", *words])


def home(package: Path, cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Verify a package as somebody does who has Python alone: isolated, elsewhere."""
    program = cwd / "verify_package.py"
    program.write_bytes(verifier())
    call = [sys.executable, "-I", "-S", str(program), str(package), *words]
    return subprocess.run(call, cwd=cwd, capture_output=True, encoding="utf-8", check=False, timeout=300)


@pytest.fixture(scope="module")
def lived(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration until May: documents, children, two processes."""
    return copytree(demonstration, tmp_path_factory.mktemp("lived") / "demo") / "duban.db"


def test_a_year_of_the_demonstration_holds_at_home(lived: Path, tmp_path: Path) -> None:
    """Folder and zip: the same answer, exit 0; and exit 1 with a sentence where a byte is another."""
    for out, words in ((tmp_path / "bag", ()), (tmp_path / "bag.zip", ("--zip",))):
        assert run(lived, "package", str(out), *words).exit_code == 0
        told = home(out, tmp_path, "--lang", "en")
        assert (told.returncode, told.stderr) == (0, ""), told.stdout
        assert "Everything holds." in told.stdout
        assert set(judged(load(out)).values()) == {True}
    (tmp_path / "bag" / "data" / "boards" / "2022-03-31.json").write_text("{}", encoding="utf-8")
    told = home(tmp_path / "bag", tmp_path, "--lang", "zh")
    assert told.returncode == 1
    assert "data/boards/2022-03-31.json: 内容与清单所记的摘要不符" in told.stdout
    assert "→ 包在取走之后少了、多了或变了内容" in told.stdout
    assert home(tmp_path / "nowhere", tmp_path).returncode == 2


def test_one_task_and_a_day_are_a_smaller_package(lived: Path, tmp_path: Path) -> None:
    out = tmp_path / "one"
    done = run(lived, "--json", "package", str(out), "--task", "dalian-livelihood-05", "--until", "2022-03-31")
    assert done.exit_code == 0, done.output
    about = json.loads((out / "data" / "package.json").read_text(encoding="utf-8"))
    assert "dalian-livelihood-05" in about["streams"]
    assert "dalian-livelihood-04" not in about["streams"]
    assert json.loads(done.stdout)["events"] == sum(about["streams"].values())
    assert home(out, tmp_path).returncode == 0


def test_what_cannot_be_taken_is_refused_with_a_cure(lived: Path, tmp_path: Path) -> None:
    """And nothing is left behind, nor recorded."""
    (tmp_path / "there").mkdir()
    assert "give another name" in run(lived, "package", str(tmp_path / "there")).stderr
    assert run(lived, "package", str(tmp_path / "x"), "--task", "nobody").exit_code == 1
    assert "choose another place" in run(lived, "package", str(tmp_path / "no" / "x")).stderr
    assert run(lived, "package", str(tmp_path / "x"), "--until", "soon").exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_damaged_database_is_packaged_as_it_stands(lived: Path, tmp_path: Path) -> None:
    """It is the verifier that says so, at the event."""
    import sqlite3

    db = tmp_path / "duban.db"
    db.write_bytes(lived.read_bytes())
    with sqlite3.connect(db) as connection:
        connection.execute("UPDATE events SET payload = 'x' WHERE stream = 'plan' AND seq = 7")
        connection.execute("DELETE FROM events WHERE stream = 'plan' AND seq = 9")
    connection.close()
    out = tmp_path / "bag.zip"
    assert run(db, "package", str(out), "--zip").exit_code == 0
    told = home(out, tmp_path, "--lang", "en")
    assert told.returncode == 1
    assert "plan#7" in told.stdout
    assert "plan#10: the numbers have a gap" in told.stdout


def test_a_zip_of_the_same_contents_has_the_same_bytes(tmp_path: Path) -> None:
    """Nothing of the day or the machine stands in it."""
    from workflows.packaging.bagged import Bag, Zip

    def made(path: Path) -> bytes:
        with zipfile.ZipFile(path, "w") as archive:
            bag = Bag(Zip(archive, "bag"))
            bag.write("data/editions/a%b@1.yaml", [b"x"])
            bag.close({})
        return path.read_bytes()

    assert made(tmp_path / "a.zip") == made(tmp_path / "b.zip")
    files = load(tmp_path / "a.zip")
    assert files["manifest-sha256.txt"].decode().endswith("  data/editions/a%25b@1.yaml\n")
    assert parts(judged_first(files))["bag"] is judged(files)["bag"] is True


# -- what was erased


def _unnamed(row: dict[str, Any]) -> bool:
    return bool(json.loads(row["header"])["type"] == "ValuesRedacted")


def _fitted(files: Files, rows: list[dict[str, Any]]) -> Files:
    """As whoever computes everything anew leaves it."""
    return relisted(sealed(counted(with_rows(files, rechained(rows)))))


def _both(files: Files) -> dict[str, bool | None]:
    found = parts(judged_first(files))
    assert found == judged(files)
    return found


def test_a_text_that_no_event_says_was_erased_is_found_missing(packages: dict[str, Files]) -> None:
    """A title is no personal field: without the event, or the line in it, somebody hides it."""
    files = packages["redacted"]
    rows = rows_of(files)
    assert _both(_fitted(files, [row for row in rows if not _unnamed(row)]))["history"] is False
    said = next(row for row in rows if _unnamed(row))
    told = json.loads(said["payload"])
    lines = [line for line in told["lines"] if line["name"] != "title"]
    assert len(lines) < len(told["lines"])
    other = [said_anew(row, {**told, "lines": lines}) if row is said else row for row in rows]
    assert _both(_fitted(files, other))["history"] is False


def test_what_an_event_says_was_erased_is_gone(packages: dict[str, Files]) -> None:
    files = packages["redacted"]
    rows = rows_of(files)
    said = next(row for row in rows if _unnamed(row))
    told = json.loads(said["payload"])
    more = {**told, "lines": [*told["lines"], {"seq": 1, "part": "fields", "name": "lead_unit"}]}
    assert _both(_fitted(files, [said_anew(row, more) if row is said else row for row in rows]))["history"] is False


def test_nothing_is_erased_without_an_order_of_two(packages: dict[str, Files]) -> None:
    files = packages["redacted"]
    rows = rows_of(files)
    alone = [_by(row, "root") if row["stream"] == "redactions" else row for row in rows]
    assert _both(_fitted(files, alone))["history"] is False
    assert _both(_fitted(files, [row for row in rows if row["stream"] != "redactions"]))["history"] is False


def _by(row: dict[str, Any], actor: str) -> dict[str, Any]:
    return {**row, "header": canonical({**json.loads(row["header"]), "actor": actor})}


def test_a_file_that_was_erased_need_not_be_there_and_any_other_must(packages: dict[str, Files]) -> None:
    files = packages["redacted"]
    told = next(json.loads(row["payload"]) for row in rows_of(files) if _unnamed(row))
    assert f"data/files/{told['files'][0]}" not in files
    other = next(name for name in files if name.startswith("data/files/"))
    assert _both(relisted({name: data for name, data in files.items() if name != other}))["files"] is False


def test_what_was_erased_after_the_end_of_a_package_is_told_and_noted(packages: dict[str, Files]) -> None:
    files = packages["before"]
    assert ("erased_since", {"count": 1}) in judged_first(files).notes
    about = json.loads(files["data/package.json"])
    other = canonical({**about, "erased_since": []}).encode() + b"\n"
    assert _both(relisted({**files, "data/package.json": other}))["history"] is False
