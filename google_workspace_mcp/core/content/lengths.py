"""Lengths of CSS in pixels, `calc()` and its like included."""

import re

FONT = 16.0
_LENGTH = re.compile(
    r"^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,2})?)(px|pt|pc|em|rem|ex|ch|in|cm|mm|q|%|[sld]?v(?:w|h|min|max)|)$"
)
_PIXELS = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "q": 0.945, "rem": FONT}
_VIEW = {"w": 12.8, "h": 8.0, "min": 8.0, "max": 12.8}
_OF_FONT = {"em": 1.0, "ex": 0.5, "ch": 0.5}
_TOKEN = re.compile(r"\s*(?:(calc|min|max|clamp)\(|([+-]?(?:\d+\.?\d*|\.\d+)[a-z%]*)|([-+*/(),]))")
_MAX_TOKENS = 60


def pixels(value: str, font: float, whole: float | None = None) -> float | None:
    """A length in CSS pixels; `em` is of `font`, `%` of `whole`. None for what is no length that can be told.

    A number without a unit is a length only when it is 0, as in every page that has a doctype.
    """
    value = value.strip()
    match = _LENGTH.match(value)
    if match:
        return _measured(float(match[1]), match[2], font, whole)
    if value.startswith(("calc(", "min(", "max(", "clamp(")):
        return _Sum(value, font, whole).result()
    return None


def _measured(number: float, unit: str, font: float, whole: float | None) -> float | None:
    if not unit:
        return 0.0 if number == 0 else None
    if unit == "%":
        return 0.0 if number == 0 and whole is not None else None if whole is None else number * whole / 100
    if unit in _OF_FONT:
        return number * font * _OF_FONT[unit]
    view = unit.lstrip("sld").removeprefix("v")
    return number * (_PIXELS[unit] if unit in _PIXELS else _VIEW[view])


class _UnreadableError(Exception):
    pass


class _Sum:
    """One `calc()`, read by recursive descent over at most 60 tokens."""

    def __init__(self, text: str, font: float, whole: float | None) -> None:
        self._font, self._whole = font, whole
        self._tokens: list[tuple[str, str, str]] = []
        position = 0
        while (match := _TOKEN.match(text, position)) and len(self._tokens) <= _MAX_TOKENS:
            self._tokens.append((match[1] or "", match[2] or "", match[3] or ""))
            position = match.end()
        self._readable = not text[position:].strip() and len(self._tokens) <= _MAX_TOKENS

    def result(self) -> float | None:
        if not self._readable:
            return None
        self._at = 0
        try:
            value = self._value()
        except (_UnreadableError, IndexError, ZeroDivisionError):
            return None
        return value if self._at == len(self._tokens) else None

    def _value(self) -> float:
        function, number, mark = self._tokens[self._at]
        self._at += 1
        if number:
            return self._number(number)
        if not function and mark != "(":
            raise _UnreadableError
        values = [self._terms()]
        while self._mark() == ",":
            self._at += 1
            values.append(self._terms())
        if self._mark() != ")":
            raise _UnreadableError
        self._at += 1
        match function:
            case "min":
                return min(values)
            case "max":
                return max(values)
            case "clamp" if len(values) == 3:
                return max(values[0], min(values[1], values[2]))
            case _:
                return values[0]

    def _terms(self) -> float:
        total = self._factors()
        while (mark := self._mark()) in {"+", "-"} or (self._signed() and self._at):
            if mark:
                self._at += 1
            total += self._factors() * (-1 if mark == "-" else 1)
        return total

    def _factors(self) -> float:
        product = self._value()
        while (mark := self._mark()) in {"*", "/"}:
            self._at += 1
            other = self._value()
            product = product * other if mark == "*" else product / other
        return product

    def _number(self, text: str) -> float:
        match = _LENGTH.match(text)
        if not match:
            raise _UnreadableError
        if not match[2]:
            return float(match[1])
        measured = _measured(float(match[1]), match[2], self._font, self._whole)
        if measured is None:
            raise _UnreadableError
        return measured

    def _mark(self) -> str:
        return self._tokens[self._at][2] if self._at < len(self._tokens) else ""

    def _signed(self) -> bool:
        """Whether a number with a sign follows, as the tokens of `1px -2px` do."""
        return self._at < len(self._tokens) and self._tokens[self._at][1][:1] in {"+", "-"}
