"""The sample people: two colleagues in two time zones, and somebody from another company."""

from google_workspace_mcp.sandbox.service import Person

ALICE = Person("alice@example.com", "Alice Ferreira", "100000000000000000001", "Europe/Berlin")
BEN = Person("ben@example.com", "Ben Okafor", "100000000000000000002", "America/New_York")
CHIARA = Person("chiara@studio.example", "Chiara Rossi", "100000000000000000003", "Europe/Rome")

PEOPLE = (ALICE, BEN, CHIARA)
