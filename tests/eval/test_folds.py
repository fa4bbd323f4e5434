"""What is fitted is fitted right, and judged on what it has not seen."""

from dataclasses import fields, replace

import numpy as np
import pytest

from infra.evaluation import folds
from infra.evaluation.bench import read_bench
from infra.evaluation.evaluation import Evaluation
from infra.evaluation.explain import contributions
from infra.evaluation.figures import outcome_of
from infra.evaluation.fitting import conditional_logit, logistic
from infra.evaluation.folds import Case, cases_of, in_sample, out_of_fold
from infra.evaluation.judgements import Judgements, read_judgements
from infra.evaluation.run import Asked, Found, ask_all
from infra.evaluation.system import system_over
from personal_pipeline.domain.ranking import CALIBRATION, WEIGHTS, Calibration, Features, Weights
from tests.eval.conftest import BY_WORDS

NONE = Features(**{field.name: 0.0 for field in fields(Features)})


@pytest.fixture(scope="module")
def asked(evaluated: Evaluation) -> list[Asked]:
    with system_over(evaluated.bench.uploads, evaluated.run.parent, BY_WORDS) as system:
        return ask_all(evaluated.bench, system)


@pytest.fixture(scope="module")
def judgements(evaluated: Evaluation) -> Judgements:
    found = read_judgements(evaluated.bench)
    assert found is not None
    return found


def test_weights_that_made_the_choices_are_found_again() -> None:
    draw = np.random.default_rng(1)
    true = np.array([3.0, -2.0, 0.0])
    queries = []
    for _ in range(3000):
        features, offset = draw.normal(size=(8, 3)), draw.normal(size=8)
        chance = np.exp(features @ true + offset)
        right = np.zeros(8, dtype=bool)
        right[draw.choice(8, p=chance / chance.sum())] = True
        queries.append((features, offset, right))

    assert conditional_logit(queries, 3, penalty=1e-6) == pytest.approx(true, abs=0.2)


def test_several_right_documents_are_a_choice_of_any() -> None:
    features = np.array([[1.0], [0.0], [0.0]])
    queries = [(features, np.zeros(3), np.array([True, True, False]))]
    weights = np.linspace(-5, 5, 1001)
    value = [np.log((np.exp(w) + 1) / (np.exp(w) + 2)) - 0.01 * w * w for w in weights]

    found = conditional_logit(queries, 1, penalty=0.01)

    assert found[0] == pytest.approx(weights[int(np.argmax(value))], abs=0.02)


def test_chances_that_were_drawn_are_found_again() -> None:
    draw = np.random.default_rng(2)
    features = draw.normal(size=(20000, 2))
    right = draw.random(20000) < 1 / (1 + np.exp(-(features @ [2.0, -1.0] + 0.5)))

    assert logistic(features, right) == pytest.approx([2.0, -1.0, 0.5], abs=0.1)


def test_one_sided_data_has_a_solution_too() -> None:
    assert np.isfinite(logistic(np.ones((5, 1)), np.ones(5, dtype=bool))).all()


def test_with_the_shipped_weights_all_is_as_it_was_answered(
    evaluated: Evaluation, asked: list[Asked], judgements: Judgements
) -> None:
    """Otherwise a refit is compared with something else than what is shipped."""
    again = in_sample(cases_of(asked, evaluated.bench, judgements), WEIGHTS, CALIBRATION)
    answered = outcome_of(asked)

    for query_id, answer in again.answers.items():
        shown = list(answered.answers[query_id])
        assert list(answer)[: len(shown)] == shown, query_id
        assert again.confidence[query_id] == pytest.approx(answered.confidence[query_id]), query_id


def test_a_fold_is_fitted_without_the_owner_that_it_judges(
    evaluated: Evaluation, asked: list[Asked], judgements: Judgements, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted: list[set[str]] = []
    real = folds.fitted_weights

    def spy(cases: list[Case]) -> Weights:
        cases = list(cases)
        fitted.append({owner for case in cases for owner in case.owners})
        return real(cases)

    monkeypatch.setattr(folds, "fitted_weights", spy)

    assert out_of_fold(cases_of(asked, evaluated.bench, judgements)) is not None
    assert [{"acme", "beta", "gamma"} - owners for owners in fitted] == [set(), {"acme"}, {"beta"}, {"gamma"}]


def test_one_owner_alone_has_no_folds(evaluated: Evaluation, asked: list[Asked], judgements: Judgements) -> None:
    cases = [case for case in cases_of(asked, evaluated.bench, judgements) if case.fold == "acme"]

    assert out_of_fold(cases) is None


def test_a_query_answered_by_name_is_not_fitted_on(
    evaluated: Evaluation, asked: list[Asked], judgements: Judgements
) -> None:
    by_id = {case.asked.query_id: case for case in cases_of(asked, evaluated.bench, judgements)}

    assert not by_id["d0004.alert"].is_fitted_on
    assert by_id["d0002.alert"].is_fitted_on


def test_what_is_set_by_hand_is_an_offset_that_is_not_fitted() -> None:
    features = replace(NONE, type_prior=0.6, freshness=1.0, place=0.5)
    case = Case(
        Asked("1.alert", (("a", 1.0),), (Found("a", features, 1.0, 0.5, ()),), 0.5), {"a": 2}, ("o",), {"a": "o"}
    )

    (shipped,) = case.features @ [getattr(WEIGHTS, name) for name in folds.WEIGHTS] + case.offset
    assert shipped == pytest.approx(features.score())
    assert case.offset[0] == pytest.approx(replace(features, place=0.0).score())


def test_a_part_that_is_left_out_counts_nowhere() -> None:
    features = replace(NONE, place=0.5, cover=0.5, other_alert=1.0)
    found = (Found("a", features, 1.0, 0.5, ()), Found("b", NONE, 0.0, 0.1, ()))
    without = {
        name: Case(Asked("1.alert", (("a", 1.0),), found, 0.5, "search"), {"a": 2}, ("o",), {"a": "o"}, without=name)
        for name in ("", "place", "lead")
    }
    ranked = {name: case.ranked(WEIGHTS) for name, case in without.items()}
    signs = {name: dict(zip(folds.SIGNS, each.signs, strict=True)) for name, each in ranked.items()}

    assert without["place"].features[0][folds.WEIGHTS.index("place")] == 0.0
    assert (signs[""]["place"], signs["place"]["place"]) == (0.5, 0.0)
    assert signs[""]["lead"] > 0.0 == signs["lead"]["lead"]


def test_every_part_of_the_ranking_is_left_out_once(evaluated: Evaluation) -> None:
    assert evaluated.ablation is not None
    names = {field.name for kind in (Features, Calibration) for field in fields(kind)}

    assert evaluated.ablation.keys() == {"nothing", "synonyms", *names} - {"intercept"}


def test_contributions_add_up_to_the_score() -> None:
    features = Features(**{field.name: 0.1 * n for n, field in enumerate(fields(Features))})

    assert sum(contributions(features).values()) == pytest.approx(features.score())


def test_a_miss_is_explained_with_both_documents(evaluated: Evaluation) -> None:
    bench = read_bench(evaluated.bench.folder)
    judged = {query_id: dict(found) for query_id, found in read_judgements(bench).relevant.items()}  # type: ignore[union-attr]
    judged["d0002.symptom"] = {"gamma/wiki:alerts/page-9.md": 2}

    with system_over(bench.uploads, evaluated.run.parent, BY_WORDS) as system:
        from infra.evaluation.explain import misses

        found = {miss.query_id: miss for miss in misses(ask_all(bench, system), bench, Judgements(judged, {}), system)}

    miss = found["d0002.symptom"]
    assert miss.preferred is not None
    assert miss.preferred.doc_id == "acme/runbooks:alerts/page-1.md"
    assert miss.preferred.reasons
    assert sum((miss.preferred.parts or {}).values()) == pytest.approx(miss.preferred.score)
    assert miss.right is not None
    assert miss.right.doc_id == "gamma/wiki:alerts/page-9.md"
