"""The map holds: imports point down, each library has its floor, the engine is pure, the text speaks of the product.

Each rule is a function from a folder to its violations, so that each is also tried on a folder with a planted fault.
"""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {
    "engine": 0,
    "workflows": 1,
    "storage": 2,
    "documents": 2,
    "post": 2,
    "jobs": 3,
    "web": 3,
    "commands": 4,
    "cli": 4,
}

# The floor's doors: what these rooms import of workflows are the Protocols it declares and the values that cross them.
ADAPTERS = {"storage", "documents", "post"}
# Beside them stands the one sandbox of all templates from outside.
DOOR = re.compile(r"workflows(\.\w+)*\.(ports|values)(\.\w+)?|workflows\.texts(\.\w+)?")

# Within workflows what any room may import of any other: their Protocols, their values, what their refusals say.
ROOM_DOOR = re.compile(r"workflows(\.\w+)*\.(ports|values|sayings)(\.\w+)?")

# A library, and the files or rooms that may import it.
HOMES = {
    "transitions": ("engine/machine.py",),
    "cel_expr_python": ("engine/expressions.py",),
    "pydantic": ("engine/", "workflows/", "web/api/"),
    "yaml": ("engine/reading.py", "engine/syntax.py"),
    "orjson": ("engine/chain.py",),
    "msgspec": ("engine/",),
    "jinja2": ("workflows/texts.py", "documents/", "web/"),
    "python_calamine": ("workflows/",),
    "sqlalchemy": ("storage/",),
    "alembic": ("storage/",),
    "psycopg": ("storage/",),
    "pysqlite3": ("storage/",),
    "click": ("cli.py", "commands/"),
    "rich": ("cli.py", "commands/"),
    "fastapi": ("web/",),
    "starlette": ("web/",),
    "anyio": ("web/",),
    "uvicorn": ("commands/",),
    "pwdlib": ("workflows/people/accounts.py",),
    "authlib": ("web/provider.py",),
    "joserfc": ("web/provider.py",),
    "cryptography": ("workflows/audit/sealing/checkpoints.py", "workflows/audit/sealing/stamping/stamps.py"),
    "rfc3161_client": ("workflows/audit/sealing/stamping/stamps.py",),
    "structlog": ("web/logs.py", "commands/logs.py"),
    "dbos": ("jobs/library.py",),
    "docxtpl": ("documents/",),
    "docx": ("documents/",),
    "lxml": ("documents/",),
    "icalendar": ("web/",),
    "xlsxwriter": ("workflows/",),
    "prometheus_client": ("web/",),
    "z3": ("engine/guards/logic.py",),
}
# A page of code can be held in the head; a file has one concept. The tail is what is cut.
LONGEST_FILE, LONGEST_FUNCTION = 400, 50
ONE_FILE = {"workflows/packaging/verify_package.py": "whoever verifies elsewhere takes one file along"}

IMPURE = {
    "os",
    "random",
    "time",
    "socket",
    "secrets",
    "subprocess",
    "asyncio",
    "sqlite3",
    "urllib",
    "logging",
}
IMPURE_CALLS = {"now", "utcnow", "today", "fromtimestamp"}

FORBIDDEN = {
    "a path of somebody's machine": r"(?<![\w.])/(?:work|home|Users|root)/\w",
    "a folder outside the repository": r"\bshared/(?:design|style|domain|research)",
    "the host of a package registry": r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.org|crates\.io|mirrors?\.\w+\.\w+)",
}
TEXTS = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".json", ".ini", ".mako", ".sql", ".sh", ".cfg", ""}


def _sources(root: Path) -> Iterator[tuple[str, str, ast.Module]]:
    """Each Python file of the product: its room, its path from the root, its tree."""
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        room = name.split("/")[0].removesuffix(".py")
        if room in FLOORS:
            yield room, name, _tree(path.read_text(encoding="utf-8"))


@cache
def _tree(text: str) -> ast.Module:
    """Each rule reads every file: one is parsed once."""
    return ast.parse(text)


def _imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every module named by an import, inside functions too; `from a import b` names `a` and `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield base, node.lineno
            yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)


def imports_that_point_up(root: Path) -> list[str]:
    found = []
    for room, name, tree in _sources(root):
        for module, line in _imports(tree):
            target = module.split(".")[0]
            if module.startswith("."):
                found.append(f"{name}:{line} imports relatively: {module}")
            elif target in FLOORS and FLOORS[target] > FLOORS[room]:
                found.append(f"{name}:{line} imports {module}, which stands above")
    return found


def imports_past_a_door(root: Path) -> list[str]:
    found = []
    for room, name, tree in _sources(root):
        if room in ADAPTERS:
            past = [(module, line) for module, line in _imports(tree) if module.split(".")[0] == "workflows"]
            found += [f"{name}:{line} imports {module}, which is no port" for module, line in past if not _door(module)]
    return found


def _door(module: str) -> bool:
    """`from workflows import ports` names `workflows` too, which holds nothing by itself."""
    return module == "workflows" or DOOR.fullmatch(module) is not None


def rooms_in_order() -> dict[str, int]:
    """The rooms of workflows as the tour draws them, by name: a room may import those with a smaller number."""
    drawn = re.findall(r"^\| (\d) \| `([\w.]+)` \|", _rooms_drawn(), re.MULTILINE)
    return {room: int(number) for number, room in drawn}


def _rooms_drawn() -> str:
    tour = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
    return tour.split("### The rooms of `workflows`")[1].split("\nUnder all of them")[0]


def rooms_that_look_up(root: Path) -> list[str]:
    """A room imports rooms below it; a door imports doors; what lies under the rooms imports none of them."""
    order, found = rooms_in_order(), []
    for floor, name, tree in _sources(root):
        if floor != "workflows":
            continue
        module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        room = _room(module, order)
        if room == "" and name.count("/") > 1:
            found.append(f"{name} is in a room without a place in docs/tour.md")
        for target, line in _named(tree):
            if target.startswith("workflows.") and not _may_look(module, room, target, order):
                found.append(f"{name}:{line} imports {target}, which is no door and not below")
    return found


def _may_look(module: str, room: str, target: str, order: dict[str, int]) -> bool:
    if ROOM_DOOR.fullmatch(target):
        return True
    if ROOM_DOOR.fullmatch(module):
        return False
    other = _room(target, order)
    return other in ("", room) or (room != "" and order[other] < order[room])


def _room(module: str, order: dict[str, int]) -> str:
    """The room in which a module, or a name of one, stands; "" for what lies under all of them."""
    inside = [room for room in order if f"{module}.".startswith(f"workflows.{room}.")]
    return max(inside, key=len, default="")


def _named(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """As `_imports`, with what a package is asked for and not the package."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def libraries_away_from_home(root: Path) -> list[str]:
    found = []
    for _, name, tree in _sources(root):
        for module, line in _imports(tree):
            homes = HOMES.get(module.split(".")[0])
            if homes and not any(name == home or (home.endswith("/") and name.startswith(home)) for home in homes):
                found.append(f"{name}:{line} imports {module}, which belongs in {', '.join(homes)}")
    return found


def libraries_not_declared(root: Path) -> list[str]:
    """What comes only because another library brings it may be gone with that one's next version."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    declared = {_plain(re.split(r"[<>=\[;!~ ]", each)[0]) for each in told}
    known, found = importlib.metadata.packages_distributions(), []
    for _, name, tree in _sources(root):
        for module, line in _imports(tree):
            top = module.split(".")[0]
            if top and top not in sys.stdlib_module_names and top not in {*FLOORS, "definitions"}:
                brought = {_plain(each) for each in known.get(top, ())}
                if brought.isdisjoint(declared):
                    found.append(f"{name}:{line} imports {module}, which pyproject.toml does not declare")
    return found


def _plain(distribution: str) -> str:
    return distribution.lower().replace("_", "-")


def impurities_of_the_engine(root: Path) -> list[str]:
    found = []
    for room, name, tree in _sources(root):
        if room != "engine":
            continue
        found += [f"{name}:{line} imports {each}" for each, line in _imports(tree) if each.split(".")[0] in IMPURE]
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in IMPURE_CALLS:
                found.append(f"{name}:{node.lineno} asks for .{node.func.attr}()")
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"open", "print", "input"}
            ):
                found.append(f"{name}:{node.lineno} calls {node.func.id}()")
    return found


def modules_without_a_reason(root: Path) -> list[str]:
    return [name for _, name, tree in _sources(root) if not ast.get_docstring(tree)]


def what_is_too_long(root: Path) -> list[str]:
    found = []
    for _, name, tree in _sources(root):
        last = max((node.end_lineno or 0 for node in tree.body), default=0)
        if last > LONGEST_FILE and name not in ONE_FILE and "/versions/" not in name:
            found.append(f"{name} has {last} lines")
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        found += [f"{name}:{each.lineno} {each.name}" for each in functions if _lines(each) > LONGEST_FUNCTION]
    return found


def _lines(function: ast.FunctionDef) -> int:
    """How many lines a function has besides its docstring."""
    docstring = function.body[0] if ast.get_docstring(function) is not None else None
    less = 0 if docstring is None else (docstring.end_lineno or 0) - docstring.lineno + 1
    return (function.end_lineno or 0) - function.lineno + 1 - less


def forbidden_words(root: Path) -> list[str]:
    found = []
    for path in _kept_files(root):
        if path.suffix not in TEXTS or path.resolve() == Path(__file__).resolve():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            found += [f"{path}:{number} has {what}" for what, pattern in FORBIDDEN.items() if re.search(pattern, line)]
    return found


def _kept_files(root: Path) -> list[Path]:
    """What git keeps or would keep; every file where there is no git."""
    if not (root / ".git").exists():
        return [path for path in root.rglob("*") if path.is_file()]
    command = ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, capture_output=True, check=True, timeout=300, text=True).stdout.split("\0")
    return [root / name for name in names if name and (root / name).is_file()]


def taken_names(names: set[str]) -> list[str]:
    """Our top-level names that another distribution, or Python itself, also has."""
    others = {
        name: owners
        for name, distributions in importlib.metadata.packages_distributions().items()
        if (owners := set(distributions) - {"duban"})
    }
    return [
        f"{name}: {others.get(name, 'Python')}" for name in names if name in others or name in sys.stdlib_module_names
    ]


Rule = Callable[[Path], list[str]]


@pytest.mark.parametrize(
    "rule",
    [
        imports_that_point_up,
        imports_past_a_door,
        rooms_that_look_up,
        libraries_away_from_home,
        libraries_not_declared,
        impurities_of_the_engine,
        modules_without_a_reason,
        what_is_too_long,
        forbidden_words,
    ],
)
def test_the_repository_keeps_the_rule(rule: Rule) -> None:
    """The product as it stands has no violation."""
    assert rule(ROOT) == []


@pytest.mark.parametrize(
    ("rule", "file", "fault"),
    [
        (imports_that_point_up, "engine/decide.py", "import workflows"),
        (imports_that_point_up, "engine/decide.py", "def f():\n    from storage import tables"),
        (imports_that_point_up, "workflows/office.py", "from storage.store import Store"),
        (imports_that_point_up, "storage/store.py", "import cli"),
        (imports_that_point_up, "engine/decide.py", "from .machine import Machine"),
        (imports_past_a_door, "storage/store.py", "from workflows.office import fire"),
        (imports_past_a_door, "storage/store.py", "from workflows import office"),
        (rooms_that_look_up, "workflows/people/rights.py", "from workflows.office.registering import register"),
        (rooms_that_look_up, "workflows/people/rights.py", "def f():\n    from workflows.office import registering"),
        (rooms_that_look_up, "workflows/people/rights.py", "import workflows.office.registering"),
        (rooms_that_look_up, "workflows/people/rights.py", "from workflows.pictures import svg"),
        (rooms_that_look_up, "workflows/people/values.py", "from workflows.people.rights import rights"),
        (rooms_that_look_up, "workflows/office/sayings.py", "from workflows.desk import Desk"),
        (rooms_that_look_up, "workflows/desk.py", "from workflows.people.rights import rights"),
        (rooms_that_look_up, "workflows/audit/sealing/signing.py", "from workflows.audit.history import history"),
        (libraries_away_from_home, "engine/decide.py", "import transitions"),
        (libraries_away_from_home, "engine/machine.py", "from cel_expr_python import cel"),
        (libraries_away_from_home, "workflows/office.py", "from sqlalchemy import select"),
        (libraries_away_from_home, "storage/store.py", "import click"),
        (libraries_away_from_home, "engine/decide.py", "import orjson"),
        (libraries_away_from_home, "workflows/office.py", "from jinja2 import Environment"),
        (libraries_not_declared, "web/app.py", "import markupsafe"),
        (libraries_not_declared, "web/app.py", "def f():\n    from nobody_has_it import x"),
        (impurities_of_the_engine, "engine/decide.py", "import random"),
        (impurities_of_the_engine, "engine/decide.py", "from os.path import join"),
        (impurities_of_the_engine, "engine/decide.py", "x = datetime.now()"),
        (impurities_of_the_engine, "engine/decide.py", "x = open('a')"),
        (modules_without_a_reason, "engine/decide.py", "x = 1"),
        (what_is_too_long, "engine/decide.py", "x = 1\n" * (LONGEST_FILE + 1)),
        (what_is_too_long, "engine/decide.py", "def f():\n" + "    x = 1\n" * LONGEST_FUNCTION),
        (forbidden_words, "docs/page.md", "see " + "/" + "work/x"),
        (forbidden_words, "docs/page.md", "see shared/" + "design.md"),
        (forbidden_words, "constraints.txt", "--index-url https://" + "pypi.org/simple"),
    ],
)
def test_each_rule_sees_its_planted_fault(rule: Rule, file: str, fault: str, tmp_path: Path) -> None:
    """A rule that cannot fail guards nothing: one fault, one violation at least, and none without it."""
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('"""Why."""\n', encoding="utf-8")
    assert rule(tmp_path) == []
    path.write_text(fault, encoding="utf-8")
    assert rule(tmp_path) != []


def test_what_stands_below_may_be_imported(tmp_path: Path) -> None:
    """The rules forbid no more than they say."""
    (tmp_path / "storage").mkdir()
    text = (
        '"""Why."""\nfrom workflows.ports import Store\nfrom workflows import ports\nimport engine.events, sqlalchemy\n'
    )
    (tmp_path / "storage" / "store.py").write_text(text, encoding="utf-8")
    assert imports_that_point_up(tmp_path) + imports_past_a_door(tmp_path) + libraries_away_from_home(tmp_path) == []


def test_every_room_has_its_place(tmp_path: Path) -> None:
    """The tour draws just the rooms that are there; one that it does not draw is seen, whatever it imports."""
    drawn = {f"workflows/{room.replace('.', '/')}" for room in rooms_in_order()}
    folders = {path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("workflows/*/__init__.py")}
    assert folders < drawn
    assert all((ROOT / folder).is_dir() for folder in drawn)
    (tmp_path / "workflows" / "nowhere").mkdir(parents=True)
    (tmp_path / "workflows" / "nowhere" / "what.py").write_text('"""Why."""\n', encoding="utf-8")
    assert rooms_that_look_up(tmp_path) != []


def test_no_top_level_name_is_taken_by_a_dependency() -> None:
    """The rooms are top-level packages: a dependency with such a name would hide one or the other."""
    assert taken_names({*FLOORS, "definitions"}) == []


def test_a_taken_name_is_seen() -> None:
    """Names of a dependency and of Python are reported."""
    assert len(taken_names({"engine", "click", "json"})) == 2
