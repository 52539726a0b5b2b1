"""Golden streams: what a released version recorded, kept for ever as test data, that every later version reads.

`python -m tools.golden VERSION` lives through the demonstration and keeps a few families of it, whole, with the tasks
that they add up to. Run once for each release; what is kept is never written anew.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner

from cli import cli
from engine.chain import canonical
from storage import open_store

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden"
FAMILIES = ("dalian-livelihood-01", "shanwei-key-tasks-12", "hq-villages")
"""The families with the longest stories: escalations, interviews, opinions, corrections, publications."""


def main(version: str) -> int:
    """Keep the golden streams of a version; 1 where they are there already."""
    folder = GOLDEN / version
    if folder.exists():
        print(f"{folder.relative_to(ROOT)} is kept already, and never written anew")
        return 1
    with TemporaryDirectory() as scratch:
        ran = CliRunner().invoke(cli, ["--json", "demo", "--into", scratch])
        if ran.exit_code:
            print(ran.output)
            return 1
        keep(f"sqlite:///{scratch}/duban.db", folder)
    print(f"kept: {folder.relative_to(ROOT)}")
    return 0


def keep(url: str, folder: Path) -> None:
    """Write each family's events, with their evidence, and tasks."""
    store = open_store(url)
    try:
        for root in FAMILIES:
            family = sorted((task for task in store.tasks() if task.root == root), key=lambda task: task.id)
            streams = [recorded for task in family for recorded in store.events(task.id)]
            events = [
                {"header": r.header, "payload": r.payload, "salts": r.salts, "prev": r.prev, "hash": r.hash}
                for r in streams
            ]
            folder.mkdir(parents=True, exist_ok=True)
            lines = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
            (folder / f"{root}.ndjson").write_text(lines, encoding="utf-8")
            tasks = canonical([task.to_json() for task in family])
            (folder / f"{root}.tasks.json").write_text(tasks + "\n", encoding="utf-8")
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
