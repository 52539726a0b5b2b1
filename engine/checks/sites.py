"""The bodies of a process, each with its place in the text and the body around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.document import Path
from engine.model import Body, Process


@dataclass(frozen=True)
class Site:
    """One body: `kind` is its path in the edition ("" is the process itself), `path` its place in the text."""

    kind: str
    path: Path
    body: Body
    parent: Site | None

    def lineage(self) -> Iterator[Site]:
        """Itself, then its parent, and so on."""
        yield self
        if self.parent is not None:
            yield from self.parent.lineage()

    @property
    def is_programme(self) -> bool:
        """Whether this is the programme itself, which may go on for ever."""
        return self.kind == "programme" and self.parent is None

    @property
    def triggers(self) -> list[str]:
        """The triggers of its transitions."""
        return [transition.trigger for transition in self.body.transitions]

    @property
    def finals(self) -> list[str]:
        """Its final states."""
        return [name for name, state in self.body.states.items() if state.final]

    def child_kind(self, name: str) -> str:
        """The kind of a child of this body."""
        return f"{self.kind}/{name}" if self.kind else name


def sites(process: Process) -> list[Site]:
    """Every body: the process, its children, then the programme and its children, parents first."""
    found = list(_nested(Site("", (), process, None)))
    if process.programme is not None:
        found += _nested(Site("programme", ("programme",), process.programme, None))
    return found


def _nested(site: Site) -> Iterator[Site]:
    yield site
    for name, child in site.body.children.items():
        yield from _nested(Site(site.child_kind(name), (*site.path, "children", name), child, site))
