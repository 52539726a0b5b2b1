"""The exports, read by readers written here from the standards; and by pm4py and r4pm where a Python has them."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import copytree
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from cli import cli
from engine.task import Task
from workflows.exporting.values import Trace
from workflows.exporting.xes import xes

PROCESS = "dalian-livelihood"
XES, PNML = "{http://www.xes-standard.org/}", "{http://www.pnml.org/version-2009/grammar/pnml}"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def duban(*words: str) -> str:
    """What the program prints."""
    done = CliRunner().invoke(cli, ["--lang", "en", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def folder(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration year until May, exported in every form."""
    into = tmp_path_factory.mktemp("exports")
    copytree(demonstration, into / "demo")
    db = ("--db", f"sqlite:///{into / 'demo' / 'duban.db'}")
    names = {
        "xes": "log.xes",
        "ocel": "log.json",
        "ocel-sqlite": "log.sqlite",
        "ndjson": "log.ndjson",
        "csv": "log.csv",
    }
    for form, name in names.items():
        duban(*db, "--as", "auditor", "export", "--format", form, "--out", str(into / name))
    for form in ("pnml", "bpmn"):
        out = str(into / f"{PROCESS}.{form}")
        duban("diagram", f"definitions/{PROCESS}", "--format", form, "--out", out)
    return into


def traces(text: str) -> dict[str, list[str]]:
    """The edges of each task of the process in an XES log, by a reader of its own."""
    found = {}
    for trace in ET.fromstring(text).iter(f"{XES}trace"):  # noqa: S314 - our own file
        told = {each.get("key"): each.get("value") for each in trace.findall(f"{XES}string")}
        edges = [e.get("value", "") for e in trace.iter(f"{XES}string") if e.get("key") == "duban:edge"]
        if str(told["duban:edition"]).startswith(PROCESS) and told["duban:kind"] == "":
            found[str(told["concept:name"])] = edges
    return found


class Net:
    """A Petri net read from PNML, and the token game of a state machine on it."""

    def __init__(self, text: str) -> None:
        root = ET.fromstring(text)  # noqa: S314 - our own file
        arcs = [(each.get("source", ""), each.get("target", "")) for each in root.iter(f"{PNML}arc")]
        before, after = {end: start for start, end in arcs}, dict(arcs)
        self.moves: dict[str, tuple[str, str]] = {}
        self.places = [str(each.get("id")) for each in root.iter(f"{PNML}place") if each.get("id")]
        self.arcs = Counter(arcs)
        for each in root.iter(f"{PNML}transition"):
            name, silent = each.findtext(f"{PNML}name/{PNML}text", ""), each.find(f"{PNML}toolspecific")
            if silent is None:
                identity = str(each.get("id"))
                self.moves[name] = (before[identity], after[identity])

    def fits(self, edges: list[str]) -> bool:
        """Whether the token takes every edge; an edge that the net does not have is no move at all."""
        at = "start"
        for edge in edges:
            if edge not in self.moves or self.moves[edge][0] != at:
                return False
            at = self.moves[edge][1]
        return at != "start"


def unfit(folder: Path, text: str) -> list[str]:
    net = Net((folder / f"{PROCESS}.pnml").read_text(encoding="utf-8"))
    return sorted(task for task, edges in traces(text).items() if not net.fits(edges))


def test_every_form_tells_every_event(folder: Path) -> None:
    """The four readers agree on how many events there are, and each hash is in every file."""
    lines = (folder / "log.ndjson").read_text(encoding="utf-8").splitlines()
    hashes = {json.loads(line)["hash"] for line in lines}
    log = json.loads((folder / "log.json").read_text(encoding="utf-8"))
    root = ET.fromstring((folder / "log.xes").read_text(encoding="utf-8"))  # noqa: S314 - our own file
    in_xes = {each.get("value") for each in root.iter(f"{XES}string") if each.get("key") == "duban:hash"}
    in_ocel = {a["value"] for each in log["events"] for a in each["attributes"] if a["name"] == "hash"}
    rows = (folder / "log.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert len(lines) == len(hashes) > 300
    assert hashes == in_xes == in_ocel == {row.rsplit(",", 1)[1] for row in rows}
    with closing(sqlite3.connect(folder / "log.sqlite")) as file:
        assert file.execute("SELECT count(*) FROM event").fetchone() == (len(lines),)
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []


def test_every_object_is_touched_and_every_link_leads_somewhere(folder: Path) -> None:
    """Readers of OCEL drop objects that no event touches, and values that are no text are refused by its schema."""
    log = json.loads((folder / "log.json").read_text(encoding="utf-8"))
    known = {each["id"] for each in log["objects"]}
    touched = {link["objectId"] for each in log["events"] for link in each["relationships"]}
    linked = {link["objectId"] for each in log["objects"] for link in each["relationships"]}
    assert touched == known
    assert linked <= known
    types = {name: {a["name"] for a in each["attributes"]} for each in log["eventTypes"] for name in [each["name"]]}
    for each in log["events"]:
        assert {a["name"] for a in each["attributes"]} == types[each["type"]]
        assert all(isinstance(a["value"], str) for a in each["attributes"])


def test_the_recorded_year_fits_its_net(folder: Path) -> None:
    """Clean history is 100 %."""
    log = (folder / "log.xes").read_text(encoding="utf-8")
    version = re.search(r'xes\.version="([^"]*)"', log)
    assert version is not None
    assert re.fullmatch(r"[0-9]+\.[0-9]+", version[1]), "the schema of the standard says: a decimal"
    assert len(traces(log)) > 5
    assert unfit(folder, log) == []


def _planted(text: str, task: str, change: Callable[[str], str]) -> str:
    begin = text.index(f'value="{task}"')
    end = text.index("</trace>", begin)
    return text[:begin] + change(text[begin:end]) + text[end:]


PLANTED: dict[str, Callable[[str], str]] = {
    "another target": lambda t: re.sub(r"\|adopt_plan\|\w+", "|adopt_plan|done", t, count=1),
    "a label that nobody knows": lambda t: t.replace("|adopt_plan|", "|adept_plan|", 1),
    "the first event is gone": lambda t: re.sub(r"<event>.*?</event>\n", "", t, count=1, flags=re.DOTALL),
    "another start": lambda t: re.sub(r'value="\w+\|adopt_plan', 'value="done|adopt_plan', t, count=1),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_is_found_and_nothing_else(folder: Path, planted: str) -> None:
    """One deviation in one task: that task and no other."""
    log = (folder / "log.xes").read_text(encoding="utf-8")
    task = next(task for task, edges in traces(log).items() if any("|adopt_plan|" in edge for edge in edges))
    changed = _planted(log, task, PLANTED[planted])
    assert changed != log
    assert unfit(folder, changed) == [task]


def test_the_net_is_a_workflow_net(folder: Path) -> None:
    """One place to begin with, one to end with, one arc into and out of each transition."""
    net = Net((folder / f"{PROCESS}.pnml").read_text(encoding="utf-8"))
    into, out = {end for _, end in net.arcs}, {start for start, _ in net.arcs}
    assert [place for place in net.places if place not in into] == ["start"]
    assert [place for place in net.places if place not in out] == ["end"]
    assert max(net.arcs.values()) == 1


def test_the_flows_of_the_bpmn_lead_from_node_to_node(folder: Path) -> None:
    """Everything can be reached from the start, and the end from everything that has a way on."""
    process = ET.fromstring((folder / f"{PROCESS}.bpmn").read_text(encoding="utf-8"))[0]  # noqa: S314 - our own file
    flows = [(f.get("sourceRef"), f.get("targetRef")) for f in process.findall(f"{BPMN}sequenceFlow")]
    nodes = {each.get("id") for each in process if each.get("sourceRef") is None}
    assert {end for flow in flows for end in flow} == nodes
    assert process.find(f"{BPMN}startEvent") is not None


def test_nothing_personal_leaves_the_house(folder: Path) -> None:
    """The contents of personal fields stand in the record, and in no export."""
    with closing(sqlite3.connect(folder / "demo" / "duban.db")) as file:
        payloads = [row[0] for row in file.execute("SELECT payload FROM events")]
    secret = {value for text in payloads for value in re.findall(r'"(?:leader|staff)":"([^"]+)"', text)}
    exported = [path.read_bytes().decode(errors="replace") for path in folder.glob("log.*")]
    assert secret
    assert all(value not in text for value in secret for text in exported)


def test_each_export_is_on_record(folder: Path) -> None:
    """Who took what, in a chain of its own."""
    with closing(sqlite3.connect(folder / "demo" / "duban.db")) as file:
        rows = file.execute("SELECT actor, payload FROM events WHERE stream = 'exports' ORDER BY seq").fetchall()
    assert {actor for actor, _ in rows} == {"auditor"}
    assert [json.loads(payload)["format"] for _, payload in rows] == ["xes", "ocel", "ocel-sqlite", "ndjson", "csv"]


def test_what_xml_cannot_hold_is_not_in_a_log() -> None:
    """A title with any character still makes a log that can be read."""
    title = "a\x00b\x0b<&\"'>\n\ufffe约谈"
    task = Task("t", "t", None, None, "", "p@1", 1, "s", "", "")
    root = ET.fromstring("".join(xes([Trace(task, title, (), ())])))  # noqa: S314 - our own text
    told = {each.get("key"): each.get("value") for each in root.iter(f"{XES}string")}
    assert told["duban:title"] == "a\ufffdb\ufffd<&\"'>\n\ufffd约谈"
