"""HTML whose text is always escaped: a plain `str` is text, only `Html` is markup."""

from html import escape


class Html(str):
    """Markup that may be drawn as it stands."""

    __slots__ = ()


EMPTY = Html("")
_VOID = frozenset({"img", "br", "hr"})


def element(name: str, /, *children: str | None, **attributes: str | float | bool | None) -> Html:
    """Build one element; children that are not `Html` are escaped, and None is left out.

    Attribute names are written with underscores (`class_`, `aria_label`); one that is None or False is left out.
    """
    opening = f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    if name in _VOID:
        return Html(opening)
    return Html(f"{opening}{join(*children)}</{name}>")


def join(*children: str | None) -> Html:
    """Put pieces side by side, escaping those that are text."""
    return Html("".join(_safe(child) for child in children if child is not None))


def _safe(child: str) -> str:
    return child if isinstance(child, Html) else escape(child)


def _attribute(name: str, value: str | float | bool | None) -> str:  # noqa: FBT001 - HTML has boolean attributes
    if value is None or value is False:
        return ""
    written = name.rstrip("_").replace("_", "-")
    return f" {written}" if value is True else f' {written}="{escape(str(value))}"'
