"""Plain tables: a heading per column, the first cell of a row names it, numbers to the right."""

from collections.abc import Sequence

from pages.ui.markup import Html, element


def plain_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, numeric: frozenset[int] = frozenset({1, 2})
) -> Html:
    """Draw a table; the columns in `numeric` are set to the right."""

    def kind(index: int) -> str | None:
        return "ql-number" if index in numeric else None

    cells = [element("th", name, scope="col", class_=kind(index)) for index, name in enumerate(head)]
    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(element("td", text, class_=kind(index)) for index, text in enumerate(row[1:], start=1)),
        )
        for row in rows
    ]
    return element("table", element("thead", element("tr", *cells)), element("tbody", *body), class_="ql-plain")
