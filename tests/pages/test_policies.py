"""The Policies page: a status per key result and policy, and one policy's reasons in both languages."""

from pathlib import Path

import pytest

from metrics.model.scorecard import Reason
from metrics.progress.policies import POLICIES
from metrics.scorecard.colouring import Coloured, PolicyVerdict
from pages.policies import policy_rows
from pages.ui.i18n import words_in
from tests.pages.conftest import Run
from tests.pages.factory import card, objective_card
from tests.pages.test_app import blocks, healthy, text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("How would each convention colour them?", "In force: probability.", "Why, by probability")),
        ("vi", ("Mỗi quy ước tô màu ra sao?", "Đang dùng: probability.", "Vì sao, theo probability")),
    ],
)
def test_the_matrix_in_each_language(
    run_app: Run, loaded_workspace: Path, language: str, said: tuple[str, ...]
) -> None:
    app = healthy(run_app(loaded_workspace, "policies", lang=language))
    for each in said:
        assert each in text(app)
    matrix = next(block for block in blocks(app) if "ql-matrix" in block)
    assert matrix.count('<span aria-hidden="true">') >= 13 * len(POLICIES)


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize("policy", POLICIES)
def test_each_policy_states_its_rule_and_a_sentence_per_key_result(
    run_app: Run, loaded_workspace: Path, language: str, policy: str
) -> None:
    words = words_in(language)
    app = healthy(run_app(loaded_workspace, "policies", lang=language, policy=policy))
    assert words(f"policy_rule.{policy}") in text(app)
    reasons = blocks(app)[-1].partition("<section>")[2]
    assert reasons.count("<tr>") == 13
    assert "<td></td>" not in reasons


def test_the_file_tells_a_percentage_as_one() -> None:
    verdict = PolicyVerdict(
        POLICIES["pace"], "on_track", Reason("within_limit", (("value", 0.04), ("target", "< 5 %")))
    )
    row = Coloured(objective_card().objective, card(unit="percent"), (verdict,))
    assert policy_rows((row,), "2026-11-23")[0][-1] == "4.00% is within < 5 %"


def test_a_threshold_is_named_where_progress_decides(run_app: Run, loaded_workspace: Path) -> None:
    assert "below 40 % is off track" in text(healthy(run_app(loaded_workspace, "policies", lang="en", policy="google")))
