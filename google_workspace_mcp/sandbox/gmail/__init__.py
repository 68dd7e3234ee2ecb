"""A simulated Gmail on real messages."""

from google_workspace_mcp.sandbox.gmail.service import GmailService

__all__ = ["GmailService"]
