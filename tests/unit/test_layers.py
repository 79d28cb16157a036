"""Who may import whom (docs/architecture.md), and that importing does nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HANDLERS = sorted(ROOT.glob("runtime/*/handlers.py"))

# What each room of the runtime may know of the others: the table in docs/architecture.md, a line for a line.
ROOMS: dict[str, tuple[str, ...]] = {
    "__init__": (),
    "errors": (),
    "schema": (),
    "archive": ("errors",),
    "buckets": ("errors",),
    "http": ("errors", "__version__"),
    "keys": ("errors",),
    "settings": ("errors",),
    "queues": ("errors", "buckets"),
    "job_input": ("errors", "keys"),
    "failures": ("errors", "keys", "buckets"),
    "manifest": ("errors", "keys", "buckets"),
    "ledger": ("errors", "keys", "buckets", "manifest"),
    "transfer": (
        "errors", "keys", "buckets", "queues", "http", "settings", "archive", "job_input", "failures", "ledger"
    ),
    "extract": (
        "errors", "keys", "buckets", "queues", "settings", "archive", "job_input", "failures", "ledger", "manifest",
        "schema",
    ),
    "merge": ("errors", "keys", "buckets", "manifest", "schema"),
    "sandbox": ("errors", "buckets", "settings"),
    "rates": ("errors", "keys", "buckets", "http", "settings", "schema"),
    # It compares what the others did.
    "pipeline": (
        "errors", "keys", "buckets", "queues", "settings", "failures", "ledger", "manifest", "schema", "transfer",
        "merge",
    ),
}  # fmt: skip
# Whose errors are translated where they are met: `transfer.source` reads the bodies that S3 and HTTP give.
OUTSIDE = ("boto3", "botocore", "urllib3")
AT_THE_EDGE = {"runtime.buckets", "runtime.queues", "runtime.http", "runtime.transfer.source"}


def modules(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts)


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path, *, module_level: bool = False) -> set[str]:
    """Names of the modules that a file imports, `from a import b` as a.b; without those for type checking only."""
    tree = ast.parse(path.read_text())
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in tree.body if module_level else ast.walk(tree):
        if id(node) in guarded:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def offending(path: Path, *forbidden: str, allowed: tuple[str, ...] = (), module_level: bool = False) -> list[str]:
    def below(name: str, prefixes: tuple[str, ...]) -> bool:
        return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)

    names = imports(path, module_level=module_level)
    return sorted(name for name in names if below(name, forbidden) and not below(name, allowed))


@pytest.mark.parametrize("path", [*modules("stacks"), ROOT / "app.py"], ids=dotted)
def test_stacks_know_of_runtime_only_the_schema_and_the_keys(path: Path) -> None:
    allowed = ("runtime.schema", "runtime.keys")
    assert offending(path, "runtime", "console", "boto3", "pyarrow", "lxml", allowed=allowed) == []


@pytest.mark.parametrize("path", modules("runtime"), ids=dotted)
def test_runtime_knows_neither_stacks_nor_console(path: Path) -> None:
    assert offending(path, "stacks", "console", "aws_cdk", "glue_scripts") == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_of_the_runtime_knows_of_the_others_what_its_line_says(room: str) -> None:
    paths = modules(f"runtime/{room}") or [ROOT / f"runtime/{room}.py"]
    allowed = tuple(f"runtime.{name}" for name in (room, *ROOMS[room]))
    assert {dotted(path): found for path in paths if (found := offending(path, "runtime", allowed=allowed))} == {}


def test_every_room_of_the_runtime_has_its_line() -> None:
    assert {path.relative_to(ROOT / "runtime").parts[0].removesuffix(".py") for path in modules("runtime")} == {*ROOMS}


def test_only_handlers_and_the_access_modules_know_the_libraries_of_aws_and_http() -> None:
    edge = AT_THE_EDGE | {dotted(path) for path in HANDLERS}
    found = {dotted(path) for path in modules("runtime") if offending(path, *OUTSIDE)}
    assert found - edge == set()


@pytest.mark.parametrize(
    "path", [path for path in modules("runtime/extract") if path.parent.name != "extract"], ids=dotted
)
def test_readers_of_a_format_know_neither_aws_nor_arrow(path: Path) -> None:
    assert offending(path, "boto3", "botocore", "pyarrow", "runtime.buckets", "runtime.settings") == []


@pytest.mark.parametrize("path", HANDLERS, ids=dotted)
def test_handlers_load_no_parser_and_no_arrow_with_themselves(path: Path) -> None:
    assert offending(path, "lxml", "pyarrow", module_level=True) == []


@pytest.mark.parametrize("path", HANDLERS, ids=dotted)
def test_handlers_do_not_call_each_other(path: Path) -> None:
    others = tuple(dotted(other) for other in HANDLERS if other != path)
    assert offending(path, *others) == []


@pytest.mark.parametrize("path", HANDLERS, ids=dotted)
def test_handlers_have_twenty_statements_at_most(path: Path) -> None:
    long = {
        function.name: count
        for function in ast.parse(path.read_text()).body
        if isinstance(function, ast.FunctionDef)
        and (count := sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1) > 20
    }
    assert long == {}


def test_importing_creates_no_client_and_opens_no_connection() -> None:
    names = [dotted(path) for path in modules("runtime") if path.name != "__main__.py"]
    program = f"""
import socket, boto3
def refuse(*args, **kwargs): raise AssertionError("an import made a client or a connection")
boto3.client = boto3.resource = socket.socket.connect = refuse
import importlib
for name in {names!r}: importlib.import_module(name)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "POWERTOOLS_TRACE_DISABLED": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
