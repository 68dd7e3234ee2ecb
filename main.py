"""Starts the command line; `python main.py --help` tells what there is."""

import sys

from google_workspace_mcp.cli import main

if __name__ == "__main__":
    sys.exit(main())
