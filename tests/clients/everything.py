"""Tools, resources and prompts that the conformance suite asks for; only a test build serves them."""

import asyncio
import base64
import json
from typing import Any

import mcp_types
from fastmcp import Context
from fastmcp.exceptions import ToolError
from fastmcp.prompts import Message, PromptResult
from fastmcp.resources import ResourceContent, ResourceResult
from fastmcp.server.providers import LocalProvider
from fastmcp.tools.base import ToolResult
from mcp.shared.exceptions import MCPError
from mcp_types import (
    AudioContent,
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    EmbeddedResource,
    ImageContent,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    SamplingMessage,
    TextContent,
    TextResourceContents,
)

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
_PAUSE = 0.05
_MISSING_CAPABILITY = -32021


def everything() -> LocalProvider:
    """All that the required scenarios of both revisions look for."""
    provider = LocalProvider(on_duplicate="error")
    for tool in (*_CONTENT_TOOLS, *_TALKING_TOOLS, *_ASKING_TOOLS):
        provider.tool(tool, output_schema=None)
    provider.resource("test://static-text", mime_type="text/plain")(static_text)
    provider.resource("test://static-binary", mime_type="image/png")(static_binary)
    provider.resource("test://watched-resource", mime_type="text/plain")(static_text)
    provider.resource("test://template/{id}/data", mime_type="application/json")(template_data)
    for prompt in _PROMPTS:
        provider.prompt(prompt)
    return provider


def completions(
    reference: mcp_types.PromptReference | mcp_types.ResourceTemplateReference,
    argument: mcp_types.CompletionArgument,
    context: mcp_types.CompletionContext | None,
) -> list[str]:
    """Candidates for a prompt's argument."""
    return [word for word in ("paris", "park", "party") if word.startswith(argument.value)]


# -- content


def test_simple_text() -> ToolResult:
    """Plain text."""
    return ToolResult(content=[TextContent(text="This is a simple text response for testing.")])


def test_image_content() -> ToolResult:
    """An image."""
    return ToolResult(content=[_image()])


def test_audio_content() -> ToolResult:
    """A sound."""
    return ToolResult(content=[AudioContent(data=WAV, mime_type="audio/wav")])


def test_embedded_resource() -> ToolResult:
    """A resource inside the result."""
    return ToolResult(content=[_embedded("test://embedded-resource", "This is an embedded resource content.")])


def test_multiple_content_types() -> ToolResult:
    """Text, an image and a resource."""
    text = TextContent(text="Multiple content types test:")
    data = json.dumps({"test": "data", "value": 123})
    return ToolResult(content=[text, _image(), _embedded("test://mixed-content-resource", data, "application/json")])


def test_error_handling() -> ToolResult:
    """Always fails."""
    raise ToolError("This tool intentionally returns an error for testing")


# -- what is said while a tool runs


async def test_tool_with_logging(ctx: Context) -> str:
    """Three log messages."""
    for words in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await ctx.info(words)
        await asyncio.sleep(_PAUSE)
    return "done"


async def test_tool_with_progress(ctx: Context) -> str:
    """Three steps."""
    for step in (0, 50, 100):
        await ctx.report_progress(step, 100)
        await asyncio.sleep(_PAUSE)
    return "done"


async def test_logging_tool(ctx: Context) -> str:
    """One log message, for who wants any."""
    await ctx.info("logged")
    return "done"


async def test_sampling(prompt: str, ctx: Context) -> str:
    """Needs a way back to the client, which a stateless service has not."""
    raise ToolError(f"Sampling is not available: {len(prompt)}")


async def test_elicitation(message: str, ctx: Context) -> str:
    """Needs a way back to the client, which a stateless service has not."""
    raise ToolError(f"Elicitation is not available: {len(message)}")


def test_missing_capability(ctx: Context) -> str:
    """Needs a client that can sample."""
    if _capabilities(ctx).get("sampling") is None:
        data = {"requiredCapabilities": {"sampling": {}}}
        raise MCPError(code=_MISSING_CAPABILITY, message="sampling is required", data=data)
    return "done"


# -- asking the person or the client (MCP 2026-07-28)


def test_input_required_result_elicitation(ctx: Context) -> str | InputRequiredResult:
    """A name, and a greeting."""
    name = _answered(ctx, "user_name", "name")
    return f"Hello, {name}!" if name else _ask(user_name=_form("What is your name?", "name"))


def test_streaming_elicitation(ctx: Context) -> str | InputRequiredResult:
    """As above."""
    return test_input_required_result_elicitation(ctx)


def test_input_required_result_sampling(ctx: Context) -> str | InputRequiredResult:
    """A model's answer."""
    answer = (ctx.input_responses or {}).get("capital_question")
    if isinstance(answer, mcp_types.CreateMessageResult):
        return str(answer.content)
    return _ask(capital_question=_sampling("What is the capital of France?", 100))


def test_input_required_result_list_roots(ctx: Context) -> str | InputRequiredResult:
    """The client's roots."""
    answer = (ctx.input_responses or {}).get("client_roots")
    if isinstance(answer, ListRootsResult):
        return ", ".join(str(root.uri) for root in answer.roots) or "no roots"
    return _ask(client_roots=ListRootsRequest())


def test_input_required_result_request_state(ctx: Context) -> str | InputRequiredResult:
    """State that comes back."""
    if ctx.request_state == "confirming" and "confirm" in (ctx.input_responses or {}):
        return "state-ok"
    return _ask(state="confirming", confirm=_form("Please confirm", "ok", "boolean"))


def test_input_required_result_tampered_state(ctx: Context) -> str | InputRequiredResult:
    """State that must not be changed."""
    return test_input_required_result_request_state(ctx)


def test_input_required_result_multiple_inputs(ctx: Context) -> str | InputRequiredResult:
    """Three questions at once."""
    wanted = {"user_name", "greeting", "client_roots"}
    if ctx.request_state == "three" and wanted <= set(ctx.input_responses or {}):
        return "All inputs received"
    return _ask(
        state="three",
        user_name=_form("What is your name?", "name"),
        greeting=_sampling("Generate a greeting", 50),
        client_roots=ListRootsRequest(),
    )


def test_input_required_result_multi_round(ctx: Context) -> str | InputRequiredResult:
    """Two questions, one after the other."""
    if ctx.request_state == "second" and _answered(ctx, "step2", "color"):
        return "Both rounds are done"
    if ctx.request_state == "first" and _answered(ctx, "step1", "name"):
        return _ask(state="second", step2=_form("Step 2: What is your favorite color?", "color"))
    return _ask(state="first", step1=_form("Step 1: What is your name?", "name"))


def test_input_required_result_capabilities(ctx: Context) -> str | InputRequiredResult:
    """Asks only what the client says it can answer."""
    known, requests = _capabilities(ctx), dict[str, Any]()
    if known.get("elicitation") is not None:
        requests["user_name"] = _form("What is your name?", "name")
    if known.get("sampling") is not None:
        requests["greeting"] = _sampling("Generate a greeting", 50)
    return _ask(**requests) if requests and not ctx.input_responses else "done"


# -- resources and prompts


def static_text() -> str:
    """A text."""
    return "This is the content of the static text resource."


def static_binary() -> ResourceResult:
    """A picture."""
    return ResourceResult([ResourceContent(base64.b64decode(PNG), mime_type="image/png")])


def template_data(id: str) -> str:
    """Data for an id."""
    return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


def test_simple_prompt() -> str:
    """A prompt without arguments."""
    return "This is a simple prompt for testing."


def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
    """A prompt with two arguments."""
    return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"


def test_prompt_with_embedded_resource(resourceUri: str) -> PromptResult:  # noqa: N803
    """A prompt with a resource inside."""
    resource = _embedded(resourceUri, "Embedded resource content for testing.")
    return PromptResult([Message(resource), Message("Please process the embedded resource above.")])


def test_prompt_with_image() -> PromptResult:
    """A prompt with an image."""
    return PromptResult([Message(_image()), Message("Please analyze the image above.")])


def test_input_required_result_prompt(ctx: Context) -> str | InputRequiredResult:
    """A prompt that asks first."""
    context = _answered(ctx, "user_context", "context")
    return (
        f"Use this: {context}"
        if context
        else _ask(user_context=_form("What context should the prompt use?", "context"))
    )


_CONTENT_TOOLS = (
    test_simple_text,
    test_image_content,
    test_audio_content,
    test_embedded_resource,
    test_multiple_content_types,
    test_error_handling,
)
_TALKING_TOOLS = (
    test_tool_with_logging,
    test_tool_with_progress,
    test_logging_tool,
    test_sampling,
    test_elicitation,
    test_missing_capability,
)
_ASKING_TOOLS = (
    test_input_required_result_elicitation,
    test_streaming_elicitation,
    test_input_required_result_sampling,
    test_input_required_result_list_roots,
    test_input_required_result_request_state,
    test_input_required_result_tampered_state,
    test_input_required_result_multiple_inputs,
    test_input_required_result_multi_round,
    test_input_required_result_capabilities,
)
_PROMPTS = (
    test_simple_prompt,
    test_prompt_with_arguments,
    test_prompt_with_embedded_resource,
    test_prompt_with_image,
    test_input_required_result_prompt,
)


def _image() -> ImageContent:
    return ImageContent(data=PNG, mime_type="image/png")


def _embedded(uri: str, text: str, kind: str = "text/plain") -> EmbeddedResource:
    return EmbeddedResource(resource=TextResourceContents(uri=uri, mime_type=kind, text=text))


def _ask(state: str | None = None, **requests: Any) -> InputRequiredResult:
    return InputRequiredResult(input_requests=requests, request_state=state)


def _form(message: str, field: str, kind: str = "string") -> ElicitRequest:
    schema = {"type": "object", "properties": {field: {"type": kind}}, "required": [field]}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def _sampling(words: str, tokens: int) -> CreateMessageRequest:
    message = SamplingMessage(role="user", content=TextContent(text=words))
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=[message], max_tokens=tokens))


def _answered(ctx: Context, key: str, field: str) -> str:
    """What the person filled in, "" when they have not been asked or did not accept."""
    answer = (ctx.input_responses or {}).get(key)
    if not isinstance(answer, ElicitResult) or answer.action != "accept" or not answer.content:
        return ""
    return str(answer.content.get(field) or "")


def _capabilities(ctx: Context) -> dict[str, Any]:
    declared = ctx.session.client_capabilities
    return declared.model_dump(exclude_none=True) if declared else {}
