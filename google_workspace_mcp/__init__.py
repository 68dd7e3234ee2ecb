"""Gmail, Drive and Calendar tools for AI agents, for many users at once."""

__version__ = "0.1.0"
