"""Addresses keep what was chosen and nothing else."""

from pages.ui.links import key_result_link, language_link, overview_link, sources_link


def test_links_are_relative_so_that_they_work_behind_any_base_path() -> None:
    assert key_result_link("2026-Q4/response-time") == "key-result?kr=2026-Q4/response-time"
    assert overview_link(lang="vi") == "./?lang=vi"
    assert overview_link() == "./"
    assert sources_link(lang=None) == "sources"


def test_what_people_typed_cannot_leave_its_parameter() -> None:
    assert key_result_link('2026-Q4/a&b="x') == "key-result?kr=2026-Q4/a%26b%3D%22x"


def test_another_language_replaces_the_one_before() -> None:
    assert language_link("vi", {"kr": "2026-Q4/a", "lang": "en"}) == "?kr=2026-Q4/a&lang=vi"
