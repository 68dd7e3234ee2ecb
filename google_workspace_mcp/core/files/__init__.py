"""Bytes that never go through a model: links to take them out, addresses to bring them in."""
