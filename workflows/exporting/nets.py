"""The state machine of a body in two standards: a Petri net as PNML (ISO/IEC 15909-2), and BPMN 2.0.

The net has a place for each state and a transition for each edge, named as `duban:edge` names it in a log; a task is
one token. It is a workflow net: one place to begin, one to end, and silent transitions from each state to the end, for
most tasks of a record are still under way. The BPMN has an exclusive gateway for each state and a task for each edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from engine.edition import Edition
from engine.problems import Language
from workflows.exporting.edges import Edge, edges, label

START, END = "start", "end"


def pnml(edition: Edition, kind: str, lang: Language) -> str:
    """The Petri net of one body. Raises `KeyError` for a body that the definition does not have."""
    sheet = edition.sheets[kind]
    titles = {f"p.{name}": state.title(lang) for name, state in sheet.body.states.items()}
    places = {START: "start", **titles, END: "end"}
    found = edges(sheet)
    moves = [(f"t.{n}", label(edge), _place(edge[0], START), _place(edge[2], END)) for n, edge in enumerate(found)]
    silent = [(f"s.{name}", "", f"p.{name}", END) for name in sheet.body.states]
    parts = [_named("place", id_, title, _marking(id_)) for id_, title in places.items()]
    for id_, name, source, target in [*moves, *silent]:
        parts += [_named("transition", id_, name, "" if name else _SILENT), _arc(source, id_), _arc(id_, target)]
    net = f'<net id={quoteattr(_net(edition, kind))} type="http://www.pnml.org/version-2009/grammar/ptnet">'
    page = f'{net}\n<page id="page">\n{"".join(parts)}</page>\n{_FINAL}</net>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<pnml xmlns="{_PNML}">\n{page}\n</pnml>\n'


_PNML = "http://www.pnml.org/version-2009/grammar/pnml"
_SILENT = '<toolspecific tool="ProM" version="6.4" activity="$invisible$"/>'
_FINAL = f'<finalmarkings><marking><place idref="{END}"><text>1</text></place></marking></finalmarkings>\n'


def _net(edition: Edition, kind: str) -> str:
    return f"{edition.name}/{kind}" if kind else edition.name


def _place(state: str, other: str) -> str:
    return f"p.{state}" if state else other


def _marking(place: str) -> str:
    return "<initialMarking><text>1</text></initialMarking>" if place == START else ""


def _named(tag: str, id_: str, name: str, more: str) -> str:
    return f"<{tag} id={quoteattr(id_)}><name><text>{escape(name or id_)}</text></name>{more}</{tag}>\n"


def _arc(source: str, target: str) -> str:
    return f"<arc id={quoteattr(f'{source}-{target}')} source={quoteattr(source)} target={quoteattr(target)}/>\n"


# -- BPMN


_BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def bpmn(edition: Edition, kind: str, lang: Language) -> str:
    """The body as a BPMN 2.0 process: what begins and ends, gateways for states, a task for each edge."""
    sheet = edition.sheets[kind]
    states = sheet.body.states
    found = [edge for edge in edges(sheet) if edge[0] or edge[1] == "registered"]
    nodes = [_node("startEvent", START, ""), _node("endEvent", END, "")]
    nodes += [_node("exclusiveGateway", f"state.{n}", states[n].title(lang)) for n in states]
    nodes += [_node("task", f"edge.{number}", label(edge)) for number, edge in enumerate(found)]
    ends = [name for name, state in states.items() if state.final] or list(states)
    return _definitions(edition, kind, [*nodes, *_flows(found, ends)])


def _flows(found: Sequence[Edge], ends: Iterable[str]) -> list[str]:
    flows = []
    for number, (start, _, end) in enumerate(found):
        source = f"state.{start}" if start else START
        flows += [(source, f"edge.{number}"), (f"edge.{number}", f"state.{end}")]
    flows += [(f"state.{name}", END) for name in ends]
    return [
        f'<sequenceFlow id="flow.{number}" sourceRef={quoteattr(source)} targetRef={quoteattr(target)}/>\n'
        for number, (source, target) in enumerate(flows)
    ]


def _node(tag: str, id_: str, name: str) -> str:
    return f"<{tag} id={quoteattr(id_)} name={quoteattr(name)}/>\n"


def _definitions(edition: Edition, kind: str, parts: Iterable[str]) -> str:
    head = f'<definitions xmlns="{_BPMN}" targetNamespace="urn:duban" id="definitions">'
    process = f'<process id="process" name={quoteattr(_net(edition, kind))} isExecutable="false">'
    body = "".join(parts)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{process}\n{body}</process>\n</definitions>\n'
