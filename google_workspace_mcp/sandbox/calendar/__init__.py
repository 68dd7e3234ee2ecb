"""A simulated Google Calendar."""

from google_workspace_mcp.sandbox.calendar.service import CalendarService

__all__ = ["CalendarService"]
