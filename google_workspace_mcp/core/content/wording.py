"""How tools word numbers of things, and times in rows."""


def counted(number: int, one: str, many: str = "") -> str:
    """`1 file`, `3 files`; `many` for words that do not take an s."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def row_time(iso_minute: str, usual: str = "") -> str:
    """`2026-03-31 09:00 +02:00` from `2026-03-31T09:00+02:00`; without the day of the week, which rows do not need.

    The `usual` offset is left out: the line above the rows says it.
    """
    away = iso_minute[16:]
    return f"{iso_minute[:10]} {iso_minute[11:16]}{'' if away == usual else ' ' + away}"
