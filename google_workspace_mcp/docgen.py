"""The pages and snapshots that are made from the code: `python -m google_workspace_mcp.docgen [--check]`.

Everything the tree can offer is written down: full tier, deleting for good allowed. Neither the environment nor a
store, a key or the network has a say, so every machine makes the same bytes.
"""

import argparse
import asyncio
import base64
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, override

from fastmcp.tools import Tool
from prometheus_client.metrics_core import Metric
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from google_workspace_mcp.app import Service, build, current_caller
from google_workspace_mcp.core.described import SettingRow, describe
from google_workspace_mcp.core.emf import DRAIN, FIGURES, INTERVAL_SECONDS, Figure
from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.google.error_table import ErrorRow, error_rows
from google_workspace_mcp.core.google.quota import QUEUE
from google_workspace_mcp.core.google.records import CallRecord
from google_workspace_mcp.core.keys import KEY_BYTES
from google_workspace_mcp.core.metrics import Metrics
from google_workspace_mcp.core.settings import Settings
from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.mcp import WorkspaceTool
from google_workspace_mcp.core.tools.runner import Prepared
from google_workspace_mcp.core.tools.schema import input_schema
from google_workspace_mcp.core.tools.search import CALL, PINNED, SEARCH, SearchMode, SearchView

ROOT = Path(__file__).resolve().parent.parent
COMMAND = "make pages"
_NOTICE = f"<!-- Made by `{COMMAND}`; change the code, not this page. -->"
_KINDS = {Kind.READ: "reads", Kind.WRITE: "writes, can be taken back", Kind.OUTWARD: "reaches others or is final"}
_DEFINITION_PARTS = ("name", "title", "description", "inputSchema", "outputSchema", "annotations")
# Pairs of JSON Schema keywords and the unit they count in.
_RANGES = (("minimum", "maximum", ""), ("minLength", "maxLength", " characters"), ("minItems", "maxItems", " items"))


@dataclass(frozen=True, slots=True)
class Page:
    """One generated file: its path from the root of the project, and its whole text."""

    path: str
    text: str


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Write the pages below `root`, or with `--check` only compare. 1 means that a page differs; it is named."""
    parser = argparse.ArgumentParser(prog="docgen", description="Write the generated pages and snapshots.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is not up to date")
    options = parser.parse_args(arguments)
    differing = [page for page in pages() if _differs(root / page.path, page.text)]
    if not options.check:
        for page in differing:
            _write(root, page)
        return 0
    for page in differing:
        sys.stderr.write(f"{page.path} is not what the code says: run `{COMMAND}` and look at the difference\n")
    return 1 if differing else 0


def pages() -> list[Page]:
    """All generated files, made from the code alone."""
    service = build(everything())
    return [
        Page("docs/settings.md", settings_page()),
        Page(".env.example", environment_example()),
        Page("docs/tools.md", tools_page(service)),
        Page("docs/metrics.md", metrics_page()),
        Page("docs/errors.md", errors_page()),
        Page("tests/snapshots/tools.json", tools_snapshot(service)),
        Page("tests/snapshots/tiers.json", tiers_snapshot(service)),
    ]


def everything() -> Settings:
    """Settings that offer all there is, whatever the environment says. Their keys open nothing."""
    key = f"pages:{base64.b64encode(bytes(KEY_BYTES)).decode()}"
    return _WithoutEnvironment.model_validate(
        {
            "base_url": "https://mcp.example.com",
            "google_client_id": "pages",
            "google_client_secret": "pages",
            "tier": "full",
            "allow_delete_forever": True,
            "keys": key,
            "signing_keys": key,
            "store": "file:///nonexistent/pages",
        }
    )


class _WithoutEnvironment(Settings):
    """Settings made of what is passed in and of defaults."""

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


# -- settings


def settings_page() -> str:
    """`docs/settings.md`: every setting with its names, meaning and default."""
    lines = [
        _NOTICE,
        "# Settings",
        "",
        "Settings are read once, at the start, from the environment and from a file named `.env` in the working",
        "directory; the environment wins. All mistakes are listed at once. `python main.py settings` prints what is in",
        "force and where each value came from; secrets are masked there. Lists are written with commas.",
        "",
        *_table(("Setting", "Meaning", "Default"), map(_setting_cells, _settings_rows())),
    ]
    return _text(lines)


def _setting_cells(row: SettingRow) -> tuple[str, str, str]:
    names = f"`{row.name}`" + "".join(f"<br>or `{alias}`" for alias in row.aliases)
    meaning = f"{row.description} **Secret.**" if row.secret else row.description
    return names, meaning, f"`{row.default}`" if row.default else ""


def environment_example() -> str:
    """`.env.example`: every setting as a comment, with its default."""
    lines = [
        f"# Every setting with its default; docs/settings.md says more. Made by `{COMMAND}`.",
        "# Copy this file to .env, remove the # before a line and change its value.",
    ]
    for row in _settings_rows():
        lines += ["", f"# {row.description}", f"#{row.name}={row.default}"]
    return _text(lines)


def _settings_rows() -> list[SettingRow]:
    return describe(everything(), environ={})


# -- tools


def tools_page(service: Service) -> str:
    """`docs/tools.md`: every tool with its arguments, in the order that clients see them."""
    tools = service.runner.tools
    lines = [
        _NOTICE,
        "# Tools",
        "",
        "Every tool in the order that clients see them. Which of them a client is shown depends on the operator's",
        "settings (services, tier, read-only), on what the person allowed, and on",
        "[what the client asks to see](connect.md#what-a-client-sees). `account` chooses among the caller's own",
        "connections; no argument selects another person's data.",
        "",
        f"Search mode lists only {', '.join(f'`{name}`' for name in PINNED)}",
        f"and two tools more: `{SEARCH}` finds the others by words, `{CALL}` calls them.",
        "",
        *_table(
            ("Tool", "Does", "Kind", "Capability", "From tier"), (_overview(prepared.definition) for prepared in tools)
        ),
    ]
    for prepared in tools:
        lines += ["", *_tool_lines(prepared)]
    return _text(lines)


def _overview(tool: ToolDefinition) -> tuple[str, ...]:
    capability = " or ".join(f"`{name}`" for name in tool.needs) or "any sign-in"
    return f"[`{tool.name}`](#{tool.name})", tool.title, _KINDS[tool.kind], capability, tool.tier.name.lower()


def _tool_lines(prepared: Prepared) -> list[str]:
    tool, schema = prepared.definition, input_schema(prepared.arguments)
    hints = ", ".join(f"`{name}` {str(value).lower()}" for name, value in tool.annotations().items() if name != "title")
    rows = [_argument(name, field, schema.get("required", [])) for name, field in schema.get("properties", {}).items()]
    arguments = _table(("Argument", "Type", "Default", "Meaning"), rows) if rows else ["No arguments."]
    return [f"## {tool.name}", "", f"{tool.title}. {tool.description}", "", *arguments, "", f"Annotations: {hints}."]


def _argument(name: str, field: dict[str, Any], required: Sequence[str]) -> tuple[str, ...]:
    default = "required" if name in required else f"`{json.dumps(field.get('default'), ensure_ascii=False)}`"
    meaning = [field.get("description", ""), *_limits(field)]
    return f"`{name}`", _type(field), default, "; ".join(part for part in meaning if part)


def _limits(field: dict[str, Any]) -> list[str]:
    own = [
        _range(field.get(least), field.get(most)) + unit for least, most, unit in _RANGES if {least, most} & {*field}
    ]
    own += [f"matches `{field['pattern']}`"] if "pattern" in field else []
    return own + [f"each {limit}" for limit in _limits(field["items"])] if "items" in field else own


def _range(least: float | None, most: float | None) -> str:
    if least is None:
        return f"at most {most}"
    return f"at least {least}" if most is None else f"{least} to {most}"


def _type(field: dict[str, Any]) -> str:
    if "enum" in field:
        return "one of " + ", ".join(f"`{json.dumps(value, ensure_ascii=False)}`" for value in field["enum"])
    if "anyOf" in field:
        return " or ".join(_type(choice) for choice in field["anyOf"])
    if field.get("type") == "array":
        return f"list of {_type(field.get('items', {}))}"
    return str(field.get("type", "any"))


def tools_snapshot(service: Service) -> str:
    """`tests/snapshots/tools.json`: the definitions as MCP clients receive them."""
    return _json(tool_definitions(service))


def tool_definitions(service: Service) -> list[dict[str, Any]]:
    """Every tool that the service offers, as MCP clients receive it."""
    return [_definition(WorkspaceTool.of(each, service.runner, current_caller)) for each in service.runner.tools]


def search_definitions() -> list[dict[str, Any]]:
    """The two tools that search mode adds, as MCP clients receive them."""
    return [_definition(tool) for tool in asyncio.run(_added_by_search())]


async def _added_by_search() -> Sequence[Tool]:
    return await SearchMode(lambda: SearchView(on=True)).transform_tools([])


def tiers_snapshot(service: Service) -> str:
    """`tests/snapshots/tiers.json`: what each tier lists, in order, and what search mode does."""
    names = {
        tier.name.lower(): [t.definition.name for t in service.runner.tools if t.definition.tier.value <= tier.value]
        for tier in Tier
    }
    return _json({**names, "search": [*(name for name in names["full"] if name in PINNED), *search_definitions()]})


def _definition(tool: Tool) -> dict[str, Any]:
    whole = tool.to_mcp_tool().model_dump(mode="json", by_alias=True, exclude_none=True)
    return {part: whole[part] for part in _DEFINITION_PARTS if part in whole}


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


# -- metrics


def metrics_page() -> str:
    """`docs/metrics.md`: every metric of ours with its labels."""
    metrics = Metrics()
    _use_every(metrics)
    ours = [family for family in metrics.registry.collect() if family.name.startswith("gwmcp_")]
    lines = [
        _NOTICE,
        "# Metrics",
        "",
        "Prometheus metrics, served as `/metrics` on a port of their own (`GWMCP_METRICS_PORT`) that the public",
        "address never reaches. Labels take their values from small fixed sets: routes, tool names, Google's method",
        "ids, outcomes. No label holds an id or an address of a person. On Linux the usual `process_*` metrics are",
        "there too.",
        "",
        *_table(("Metric", "Type", "Labels", "Meaning"), sorted(map(_metric_cells, ours))),
        "",
        "## In CloudWatch",
        "",
        "With `GWMCP_EMF_NAMESPACE` the log carries these figures, made of the metrics above, in the Embedded Metric",
        f"Format: every {INTERVAL_SECONDS:.0f} seconds what was added since the last line, zeros too, and once more",
        "when the process ends. They have no dimensions: CloudWatch adds up all tasks.",
        "",
        *_table(("Figure", "Meaning", "Made of"), map(_figure_cells, (*FIGURES, DRAIN))),
    ]
    return _text(lines)


def _metric_cells(family: Metric) -> tuple[str, ...]:
    name = f"{family.name}_total" if family.type == "counter" else family.name
    labels = dict.fromkeys(label for sample in family.samples for label in sample.labels if label != "le")
    return f"`{name}`", family.type, ", ".join(f"`{label}`" for label in labels), family.documentation


def _figure_cells(figure: Figure) -> tuple[str, ...]:
    return f"`{figure.name}`", f"{figure.text}.", f"`{figure.sample.removesuffix('_bucket')}`"


def _use_every(metrics: Metrics) -> None:
    """A metric tells its labels only once it has a value."""
    steps: tuple[Callable[[], None], ...] = (
        metrics.http_started,
        lambda: metrics.http_finished("/mcp", "POST", 200, 0),
        lambda: metrics.google_attempt(CallRecord("gmail.users.messages.list", 200, 0, 2, "ok", units=5)),
        lambda: metrics.google_attempt(
            CallRecord("gmail.users.messages.list", None, 0, 1, "rate_limited", QUEUE, sent=False)
        ),
        lambda: metrics.google_breaker("gmail", "closed"),
        lambda: metrics.tool_call("gmail_search", "read", "ok", 0),
        lambda: metrics.token_refresh("ok"),
        lambda: metrics.store_operation("get", "ok", 0),
        lambda: metrics.connection_dead("invalid_grant"),
        lambda: metrics.crypto_failure("connection"),
    )
    for step in steps:
        step()


# -- errors


def _kinds_below(kind: type[WorkspaceError]) -> list[type[WorkspaceError]]:
    return [each for child in kind.__subclasses__() for each in (child, *_kinds_below(child))]


def errors_page() -> str:
    """`docs/errors.md`: every code, and what is made of each of Google's answers."""
    rows = [cells for row in error_rows() for cells in _error_cells(row)]
    codes = [
        (f"`{kind.code}`", "yes" if kind.retryable else "no", str(kind.http_status), kind.fault)
        for kind in sorted(_kinds_below(WorkspaceError), key=lambda kind: kind.code)
    ]
    lines = [
        _NOTICE,
        "# Errors",
        "",
        "A failed call has a code, words of our own, whether the same call may be tried again, and one next step.",
        "Google's own text and addresses are never passed on. `retry_after` comes with a failure when it is known.",
        "What people see, why, and what to do: [troubleshooting.md](troubleshooting.md).",
        "Whose fault it is, is for the service's own figures: the caller's is what cannot be done as it was asked, or",
        "not now. `google_unavailable` is the service's where it has too many calls under way, or is being stopped.",
        "",
        *_table(("Code", "Try the same call again?", "HTTP status", "Whose fault"), codes),
        "",
        "## What is made of Google's answers",
        "",
        "Reads, and writes that may be repeated, are tried up to three times where the table says that it helps.",
        "Sends, and the making of something new, are never repeated. Where the two differ, both are shown.",
        "",
        *_table(("Google, or the way to it", "For", "Code", "Again?", "Words", "Next step"), rows),
    ]
    return _text(lines)


def _error_cells(row: ErrorRow) -> list[tuple[str, ...]]:
    same = row.read.code == row.send.code
    shown = [("every call", row.read)] if same else [("reads", row.read), ("sends, new things", row.send)]
    return [
        (row.met, who, f"`{error.code}`", "yes" if error.retryable else "no", error.message, error.next_step)
        for who, error in shown
    ]


# -- writing


def _write(root: Path, page: Page) -> None:
    path = root / page.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page.text, encoding="utf-8")


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in lines]


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _differs(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") != text
    except FileNotFoundError:
        return True


if __name__ == "__main__":
    sys.exit(main())
