"""What to do in each client to add this server."""

import json

_LINES = """\
Addresses
  MCP               {mcp}
  account page      {base}/account
  simulated Google  {google}

Add it to your client
  Claude Code       claude mcp add --transport http google-workspace {mcp}
  Claude Desktop    npx mcp-remote {mcp}   (as the command of a local server: loopback addresses cannot be connectors)
  Cursor            ~/.cursor/mcp.json   {cursor}
  VS Code           code --add-mcp '{vscode}'
  MCP Inspector     npx @modelcontextprotocol/inspector   then Streamable HTTP, {mcp}

Each of them opens the sign-in pages in your browser: choose any of the sample people, there is no password.
Ctrl-C stops it all; nothing is kept."""


def connection_lines(mcp_url: str, base_url: str, google_url: str) -> str:
    """The addresses, and for each client the line that adds the server."""
    cursor = json.dumps({"mcpServers": {"google-workspace": {"url": mcp_url}}})
    vscode = json.dumps({"name": "google-workspace", "type": "http", "url": mcp_url})
    return _LINES.format(mcp=mcp_url, base=base_url, google=google_url, cursor=cursor, vscode=vscode)
