"""Run by a Python that has pm4py and r4pm, which are never installed with the product: what they make of the exports.

    PYTHON oracle.py FOLDER PROCESS

The folder holds log.xes, log.json, log.sqlite and PROCESS.pnml; the answer is one JSON line, the last.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pm4py  # type: ignore[import-not-found]  # in an environment of its own
import r4pm  # type: ignore[import-not-found]  # likewise
from pm4py.objects.ocel.validation import ocel20_rel_validation  # type: ignore[import-not-found]  # likewise


def unfit(log: Any, net: Any, begins: Any, ends: Any) -> list[str]:
    """The traces that the net does not fit: token replay, and labels that the net does not have, which it ignores."""
    labels = {each.label for each in net.transitions if each.label}
    strange = set(log[~log["duban:edge"].isin(labels)]["case:concept:name"])
    names = list(dict.fromkeys(log["case:concept:name"]))
    told = pm4py.conformance_diagnostics_token_based_replay(log, net, begins, ends, activity_key="duban:edge")
    return sorted(strange | {name for name, one in zip(names, told, strict=True) if not one["trace_is_fit"]})


def main(folder: Path, process: str) -> None:
    log = pm4py.read_xes(str(folder / "log.xes"), variant="iterparse")
    net, begins, ends = pm4py.read_pnml(str(folder / f"{process}.pnml"))
    mine = log[log["case:duban:edition"].str.startswith(process) & (log["case:duban:kind"] == "")]
    known = [len(log), len(pm4py.read_ocel2_json(str(folder / "log.json")).events)]
    known += [len(pm4py.read_ocel2_sqlite(str(folder / "log.sqlite")).events)]
    known += [len(r4pm.df.import_ocel(str(folder / "log.sqlite"))["events"])]
    broken = ocel20_rel_validation.apply(str(folder / "log.sqlite"))[1]
    answer = {"events": known, "constraints broken": broken, "workflow net": pm4py.check_is_workflow_net(net)}
    print(json.dumps({**answer, "unfit": unfit(mine[mine["duban:edge"].notna()], net, begins, ends)}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
