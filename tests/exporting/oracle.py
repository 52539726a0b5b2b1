"""Run by a Python that has pm4py and r4pm, which are never installed with the product: what they make of the exports.

    PYTHON oracle.py FOLDER

The folder holds log.xes, log.json, log.sqlite; for each body `PROCESS.pnml`, `PROCESS.KIND.pnml` and the same as BPMN;
and logs in `planted/`, in which something is otherwise. The answer is one JSON line, the last.

What a log fits is asked twice, by two programs that share nothing: pm4py replays tokens, which ignores labels that the
net does not have, so that these are looked for beside it; r4pm aligns, which is exact.
"""

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pm4py  # type: ignore[import-not-found]  # in an environment of its own
import polars as pl  # type: ignore[import-not-found]  # likewise
import r4pm  # type: ignore[import-not-found]  # likewise
from pm4py.objects.ocel.validation import ocel20_rel_validation  # type: ignore[import-not-found]  # likewise

TASK, EDGE = "case:concept:name", "duban:edge"


def read(file: Path) -> Any:
    """The events of a log that tell a move."""
    log = pm4py.read_xes(str(file), variant="iterparse")
    return log[log[EDGE].notna()]


def of(log: Any, body: str) -> Any:
    """Those of one body: `PROCESS` or `PROCESS.KIND`."""
    process, _, kind = body.partition(".")
    return log[
        log["case:duban:edition"].str.startswith(f"{process}@") & (log["case:duban:kind"] == kind.replace(".", "/"))
    ]


def unfit(log: Any, net: Any, begins: Any, ends: Any) -> set[str]:
    """The traces that the net does not fit: token replay, and labels that the net does not have, which it ignores."""
    labels = {each.label for each in net.transitions if each.label}
    strange = set(log[~log[EDGE].isin(labels)][TASK])
    names = list(dict.fromkeys(log[TASK]))
    told = pm4py.conformance_diagnostics_token_based_replay(log, net, begins, ends, activity_key=EDGE)
    return strange | {name for name, one in zip(names, told, strict=True) if not one["trace_is_fit"]}


def unaligned(log: Any, net: Any) -> set[str]:
    """The traces that cannot be aligned for nothing, by a program in another language."""
    found = set()
    for task, events in log.groupby(TASK, sort=False):
        told = events[[TASK, EDGE, "time:timestamp"]].rename(columns={EDGE: "concept:name"})
        item = r4pm.import_item_from_df("EventLog", pl.from_pandas(told))
        (one,) = r4pm.bindings.align_variants(net, r4pm.bindings.log_to_activity_projection(item))
        if one["result"]["Ok"]["cost"] != 0:
            found.add(task)
    return found


def answers(folder: Path, log: Any, body: str) -> tuple[list[str], list[str]]:
    """What does not fit the net of a body, by both programs."""
    file, mine = str(folder / f"{body}.pnml"), of(log, body)
    if mine.empty:
        return [], []
    return sorted(unfit(mine, *pm4py.read_pnml(file))), sorted(unaligned(mine, r4pm.petri_net.import_pnml(file)))


def bodies(folder: Path, log: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Of each body: how many tasks are of it, whether its net is a workflow net, which tasks do not fit, and what moves
    of the net its BPMN lacks.
    """
    for file in sorted(folder.glob("*.pnml")):
        net = pm4py.read_pnml(str(file))[0]
        drawn = pm4py.read_bpmn(str(file.with_suffix(".bpmn")))
        moves = {each.label for each in net.transitions if each.label and not each.label.startswith("|")}
        tasks = {each.get_name() for each in drawn.get_nodes() if each.get_name().count("|") == 2}
        yield (
            file.stem,
            {
                "tasks": int(of(log, file.stem)[TASK].nunique()),
                "workflow net": pm4py.check_is_workflow_net(net),
                "missing in bpmn": sorted(moves - tasks),
                "unfit": answers(folder, log, file.stem),
            },
        )


def counted(folder: Path) -> list[int]:
    """How many events each reader finds in each form."""
    form = {name: str(folder / f"log.{name}") for name in ("xes", "json", "sqlite")}
    return [
        len(pm4py.read_xes(form["xes"], variant="iterparse")),
        len(r4pm.df.import_xes(form["xes"])[0]),
        len(pm4py.read_ocel2_json(form["json"]).events),
        len(pm4py.read_ocel2_sqlite(form["sqlite"]).events),
        len(r4pm.df.import_ocel(form["json"])["events"]),
        len(r4pm.df.import_ocel(form["sqlite"])["events"]),
    ]


def main(folder: Path) -> None:
    log = read(folder / "log.xes")
    answer = {
        "events": counted(folder),
        "xes version": json.loads(r4pm.df.import_xes(str(folder / "log.xes"))[1])["xes_version"],
        "constraints broken": ocel20_rel_validation.apply(str(folder / "log.sqlite"))[1],
        "bodies": dict(bodies(folder, log)),
        "planted": {
            file.stem: answers(folder, read(file), file.stem.split("~")[0])
            for file in sorted(folder.glob("planted/*.xes"))
        },
    }
    print(json.dumps(answer))  # noqa: T201 - its answer


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]))
