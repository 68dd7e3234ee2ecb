"""What a page shows of its fields, lists and folds before anybody touches them."""

from selectolax.lexbor import LexborNode

Attributes = dict[str, str | None]

_WITHOUT_TEXT = frozenset(("hidden", "password", "checkbox", "radio", "file", "image", "color", "range"))
_BUTTONS = frozenset(("submit", "button", "reset"))
_MAX_OPTIONS = 500


def input_text(attributes: Attributes) -> str:
    """What is written in an `<input>`: its value, or what stands there until there is one."""
    kind = (attributes.get("type") or "text").strip().lower()
    if kind in _WITHOUT_TEXT:
        return ""
    value = attributes.get("value") or ""
    return value or ("" if kind in _BUTTONS else attributes.get("placeholder") or "")


def folded_by(node: LexborNode, tag: str, attributes: Attributes) -> set[int]:
    """Which nodes inside of this one are a click away: the `mem_id` of each."""
    match tag:
        case "details" if "open" not in attributes:
            return _all_but_the_summary(node)
        case "select":
            return _other_options(node, attributes)
        case _:
            return set()


def _all_but_the_summary(details: LexborNode) -> set[int]:
    folded: set[int] = set()
    summary = False
    child = details.child
    while child is not None:
        if child.tag == "summary" and not summary:
            summary = True
        else:
            folded.add(child.mem_id)
        child = child.next
    return folded


def _other_options(menu: LexborNode, attributes: Attributes) -> set[int]:
    """All but the chosen option of a list that opens on a click; those whose label is shown instead of their text."""
    options = menu.css("option")
    labelled = {option.mem_id for option in options if option.attributes.get("label")}
    size = (attributes.get("size") or "1").strip()
    if not options or "multiple" in attributes or size not in {"", "0", "1"}:
        return labelled
    selected = [option for option in options if "selected" in option.attributes]
    chosen = selected[-1] if selected else options[0]
    return labelled | {option.mem_id for option in options if option.mem_id != chosen.mem_id}
