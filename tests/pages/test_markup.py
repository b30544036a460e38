"""What people type stays text."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.ui.markup import Html, element, join

PAYLOADS = Path(__file__).parents[3] / "shared/trust/badfiles/payload_xss.json"
TYPICAL = ["<script>x</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='x", "a & b"]


class Seen(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def payloads() -> list[str]:
    return TYPICAL + (json.loads(PAYLOADS.read_text(encoding="utf-8")) if PAYLOADS.exists() else [])


@pytest.mark.parametrize("payload", payloads())
def test_a_payload_is_shown_and_never_run(payload: str) -> None:
    seen = Seen(element("td", payload, title=payload))
    assert seen.tags == [("td", {"title": payload})]
    assert seen.text == payload


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_any_text_comes_through_whole(text: str) -> None:
    seen = Seen(element("p", text, aria_label=text))
    assert [tag for tag, _ in seen.tags] == ["p"]
    assert seen.text == text
    assert seen.tags[0][1] == {"aria-label": text}


def test_markup_that_was_built_is_not_escaped_again() -> None:
    assert element("p", element("b", "x")) == "<p><b>x</b></p>"
    assert isinstance(join("a", Html("<br>")), Html)


def test_left_out_attributes_and_children_leave_no_trace() -> None:
    assert element("p", None, title=None, hidden=False) == "<p></p>"
    assert element("details", open=True) == "<details open></details>"
    assert element("img", src="x") == '<img src="x">'
