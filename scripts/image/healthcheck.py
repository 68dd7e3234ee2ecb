"""Ends with 0 when the service in this container answers `/health`. For Docker's and ECS's container checks."""

import http.client
import os
import sys

port = int(os.environ.get("GWMCP_PORT") or os.environ.get("PORT") or 8000)
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
try:
    connection.request("GET", "/health")
    alive = connection.getresponse().status == 200
except (OSError, http.client.HTTPException):
    alive = False
sys.exit(0 if alive else 1)
