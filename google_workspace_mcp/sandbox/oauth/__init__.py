"""Google's sign-in: pages, codes, tokens."""
