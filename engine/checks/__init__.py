"""What needs more than one line of a definition to be found: names of nothing, and expressions that mean nothing.

    findings    problems with their places in the text
    sites       the bodies of a process
    drafts      one body's language and what was compiled in it
    records     fields, parameters, names          roles      who may act
    flow        states and transitions             effects    what follows them
    deadlines   who owes what by when              claims     measures, lights, properties, children
    guards      what guards come to together; asked of a whole edition, by `duban check`

Every check walks the models and adds what it finds; none stops at the first.
"""

from __future__ import annotations

from engine import vocabulary
from engine.checks.claims import check_claims, clock_of
from engine.checks.deadlines import check_deadlines
from engine.checks.drafts import Draft
from engine.checks.findings import Findings
from engine.checks.flow import check_flow
from engine.checks.records import BUILT_IN_FUNCTIONS, UNSPEAKABLE, check_process, check_record
from engine.checks.roles import check_roles
from engine.checks.sites import Site, sites
from engine.expressions import Language
from engine.model import Process
from engine.problems import Text

__all__ = ["Draft", "Findings", "check", "clock_of"]

MOST_BODIES = 100


def check(process: Process, findings: Findings) -> dict[str, Draft]:
    """Check everything, and compile on the way: a draft for each body, by kind. Problems are left in `findings`."""
    found = sites(process)
    if len(found) > MOST_BODIES:
        message = Text(f"子事项超过 {MOST_BODIES} 种", f"more than {MOST_BODIES} kinds of children")
        findings.add("too-many", (), message, Text("请拆成几个流程", "make several processes of it"))
        return {}
    check_process(process, findings)
    check_roles(process, findings)
    drafts = {site.kind: _draft(process, site, findings) for site in found}
    for draft in drafts.values():
        check_record(draft)
        check_flow(draft)
        check_deadlines(draft)
    for draft in drafts.values():
        check_claims(draft, drafts)
    return drafts


def _draft(process: Process, site: Site, findings: Findings) -> Draft:
    """The names that no language can have are left out: `check_record` reports them."""
    parent = site.parent.body if site.parent else None
    known = vocabulary.variables(process, site.body, parent).items()
    variables = {name: kind for name, kind in known if name.rpartition(".")[2] not in UNSPEAKABLE}
    added = [each for each in vocabulary.functions(site.body) if each.name not in BUILT_IN_FUNCTIONS]
    return Draft(process, site, Language(variables, [*vocabulary.FUNCTIONS, *added]), findings)
