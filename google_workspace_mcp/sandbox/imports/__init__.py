"""Loads a person's own exports into the simulated account."""
