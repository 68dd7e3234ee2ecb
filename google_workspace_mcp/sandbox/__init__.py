"""A simulated Google: sign-in, Gmail, Drive and Calendar over real HTTP, for the demo and the tests.

It knows nothing of the service it is used with. Every request is checked against Google's own discovery documents,
every answer is validated against them, and errors have Google's own shapes.
"""
