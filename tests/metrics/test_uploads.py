"""Names that an uploaded file suggests."""

import pytest

from metrics.ledger.decisions_rules import SOURCE
from metrics.uploads import suggested_name


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("Khách thăm (1).xlsx", "khach_tham_1"),
        ("Đơn hàng.csv.gz", "don_hang"),
        ("2026-01.csv", "file_2026_01"),
        ("....csv", "file"),
        ("a" * 90 + ".csv", "a" * 40),
    ],
)
def test_a_name_is_suggested_that_a_source_may_have(file: str, name: str) -> None:
    assert suggested_name(file) == name
    assert SOURCE.fullmatch(name)
