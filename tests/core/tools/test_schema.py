"""Schemas are closed and flat, and say only what a caller needs."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.schema import arguments_model, input_schema, output_schema


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    note: str = ""


class Rows(Result):
    rows: tuple[Row, ...] = ()
    complete: bool

    def text(self) -> str:
        return ""


async def run(
    work: object,
    *,
    words: Annotated[str, Field(description="What to look for", max_length=10)] = "",
    from_: Annotated[str, Field(alias="from")] = "",
    kind: Literal["a", "b"] = "a",
    ids: Annotated[list[str], Field(min_length=1)],
) -> Rows:
    raise AssertionError


def test_the_input_schema_is_closed_and_has_no_titles() -> None:
    schema = input_schema(arguments_model(run, "tool", with_account=True))
    assert schema["additionalProperties"] is False
    assert "title" not in schema
    assert schema["properties"]["words"] == {
        "default": "",
        "description": "What to look for",
        "maxLength": 10,
        "type": "string",
    }
    assert list(schema["properties"]) == ["words", "from", "kind", "ids", "account"]
    assert schema["required"] == ["ids"]


def test_an_argument_goes_by_its_alias_outside_and_its_name_inside() -> None:
    model = arguments_model(run, "tool", with_account=False)
    checked = model.model_validate({"from": "a@example.com", "ids": ["1"]})
    assert getattr(checked, "from_") == "a@example.com"  # noqa: B009 - the model is made at run time


def test_the_output_schema_is_inlined_and_keeps_a_field_called_title() -> None:
    schema = output_schema(Rows)
    assert "$defs" not in schema
    row = schema["properties"]["rows"]["items"]
    assert row["properties"]["title"] == {"type": "string"}
    assert row["required"] == ["title"]
    assert sorted(schema["required"]) == ["account", "complete"]


def test_annotations_say_what_a_kind_can_do() -> None:
    def hints(kind: Kind) -> tuple[bool, bool, bool]:
        tool = ToolDefinition("t", "T", "", kind, "gmail", "gmail.read", Tier.CORE, run, Rows)
        notes = tool.annotations()
        return notes["readOnlyHint"], notes["destructiveHint"], notes["openWorldHint"]

    assert hints(Kind.READ) == (True, False, False)
    assert hints(Kind.WRITE) == (False, False, False)
    assert hints(Kind.OUTWARD) == (False, True, True)
