"""Sizes as people say them."""


def human_size(size: int) -> str:
    """`812 B`, `14 kB`, `3.2 MB`, in powers of 1,000; nothing for 0."""
    if size < 1000:
        return f"{size} B" if size else ""
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    return f"{size / 1_000_000:.1f} MB" if size < 1_000_000_000 else f"{size / 1_000_000_000:.1f} GB"
