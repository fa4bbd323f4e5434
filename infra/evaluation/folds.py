"""The ranking fitted anew and judged on what it was not fitted on.

A fold is the owner of the relevant document's source, the text before its first ``/``: two repositories of one owner
share authors, templates and often pages, so that leaving out one of them would leave the answers in. Only the weights
of ``Weights`` and ``Calibration`` are fitted; what is set by hand stays, as an offset. A query that some document
answers by name says nothing about weights, and is not fitted on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from infra.evaluation.bench import Bench
from infra.evaluation.fitting import Bools, Floats, conditional_logit, logistic
from infra.evaluation.judgements import Judgements
from infra.evaluation.run import Asked, Found
from personal_pipeline.domain.ranking import (
    EXACT_CONFIDENCE,
    MAX_CONFIDENCE,
    Calibration,
    Features,
    Weights,
    lead_of,
)

WEIGHTS = tuple(field.name for field in fields(Weights))
SIGNS = tuple(field.name for field in fields(Calibration) if field.name != "intercept")
PARTS = tuple(dict.fromkeys((*(field.name for field in fields(Features)), *SIGNS)))
_BY_HAND = Weights(**dict.fromkeys(WEIGHTS, 0.0))
_KEYS_LEFT_TO_SEARCH = {"", "search", "none"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a ranking answers: documents and confidence, by query."""

    answers: Mapping[str, Sequence[str]]
    confidence: Mapping[str, float]


@dataclass(frozen=True)
class Case:
    """One query with its candidates. ``owners`` are those of its relevant documents, the most relevant one's first;
    of an alert without a runbook, that of the first candidate."""

    asked: Asked
    relevant: Mapping[str, int]
    owners: tuple[str, ...]
    owner_of: Mapping[str, str]
    is_alert: bool = True
    without: str = ""

    @property
    def fold(self) -> str:
        return self.owners[0] if self.owners else ""

    @property
    def is_fitted_on(self) -> bool:
        return bool(self.right.any()) and not any(found.features.exact for found in self.asked.ranked)

    @cached_property
    def features(self) -> Floats:
        listed = [[getattr(each, name) for name in WEIGHTS] for each in self._parts]
        return np.array(listed).reshape(len(listed), len(WEIGHTS))

    @cached_property
    def offset(self) -> Floats:
        return np.array([each.score(_BY_HAND) for each in self._parts])

    @cached_property
    def right(self) -> Bools:
        """A document counts as right also where one that says the same is the relevant one."""
        return np.array([any(id_ in self.relevant for id_ in each.doc_ids) for each in self.asked.ranked], dtype=bool)

    @cached_property
    def _parts(self) -> list[Features]:
        dropped = {self.without: 0.0} if self.without in Features.__dataclass_fields__ else {}
        return [replace(found.features, **dropped) for found in self.asked.ranked]

    def ranked(self, weights: Weights) -> "Ranked":
        score = self.features @ np.array([getattr(weights, name) for name in WEIGHTS]) + self.offset
        order = sorted(range(len(score)), key=lambda n: -score[n])  # equal ones stay as the ranking had them
        if not order:
            return Ranked(self, [], None, 0.0)
        lead = lead_of(float(score[order[0]]), [float(score[n]) for n in order[1:2]])
        signs = {"lead": lead} | {name: getattr(self._parts[order[0]], name) for name in SIGNS if name != "lead"}
        if self.without in signs:
            signs[self.without] = 0.0
        found = [self.asked.ranked[n] for n in order]
        return Ranked(self, found, np.array([signs[name] for name in SIGNS]), self._parts[order[0]].exact)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A case under certain weights; ``signs`` are what the confidence in its first document depends on."""

    case: Case
    found: Sequence[Found]
    signs: Floats | None
    exact: float

    @property
    def answer(self) -> list[str]:
        """An exact key that no feature knows of (an address, a rule) answers whatever the weights."""
        if not self._is_left_to_search and not self.exact:
            return self.case.asked.doc_ids
        return list(dict.fromkeys(doc_id for each in self.found for doc_id in each.doc_ids))

    @property
    def owner(self) -> str:
        return self.case.owner_of[self.answer[0]] if self.answer else ""

    @property
    def is_right(self) -> bool:
        return bool(self.answer) and self.answer[0] in self.case.relevant

    @property
    def is_calibrated_on(self) -> bool:
        return self.case.is_alert and self.signs is not None and not self.exact and self._is_left_to_search

    @property
    def _is_left_to_search(self) -> bool:
        return self.case.asked.matched_by in _KEYS_LEFT_TO_SEARCH

    def confidence(self, calibration: Calibration) -> float:
        if self.exact or not self._is_left_to_search:
            return EXACT_CONFIDENCE
        if self.signs is None:
            return 0.0
        logit = float(self.signs @ np.array([getattr(calibration, name) for name in SIGNS])) + calibration.intercept
        return min(MAX_CONFIDENCE, 1 / (1 + float(np.exp(-max(-30.0, min(30.0, logit))))))


def cases_of(asked: Iterable[Asked], bench: Bench, judgements: Judgements, without: str = "") -> list[Case]:
    """Those that have something right, and the alerts that have no runbook."""
    owner_of = {doc_id: source.partition("/")[0] for doc_id, source in bench.sources.items()}
    alerts, without_runbook = ({each.query_id for each in part} for part in (bench.alerts, bench.without_runbook))
    cases = []
    for each in asked:
        relevant = judgements.relevant.get(each.query_id, {})
        best_first = sorted(relevant, key=lambda doc_id: (-relevant[doc_id], doc_id))
        owners = tuple(dict.fromkeys(owner_of[doc_id] for doc_id in best_first))
        if each.query_id in without_runbook:
            owners = tuple(owner_of[doc_id] for doc_id in each.doc_ids[:1])
        if relevant or each.query_id in without_runbook:
            cases.append(Case(each, relevant, owners, owner_of, each.query_id in alerts, without))
    return cases


def fitted_weights(cases: Iterable[Case]) -> Weights:
    queries = [(case.features, case.offset, case.right) for case in cases if case.is_fitted_on]
    return Weights(*(float(weight) for weight in conditional_logit(queries, len(WEIGHTS))))


def fitted_calibration(ranked: Iterable[Ranked]) -> Calibration:
    rows = [(each.signs, each.is_right) for each in ranked if each.is_calibrated_on and each.signs is not None]
    if not rows:
        return Calibration(**dict.fromkeys((*SIGNS, "intercept"), 0.0))
    found = logistic(np.array([signs for signs, _ in rows]), np.array([is_right for _, is_right in rows]))
    return Calibration(**dict(zip((*SIGNS, "intercept"), map(float, found), strict=True)))


def in_sample(cases: Sequence[Case], weights: Weights, calibration: Calibration) -> Outcome:
    return _outcome([(case.ranked(weights), calibration) for case in cases])


def fitted_on_all(cases: Sequence[Case]) -> tuple[Weights, Calibration]:
    weights = fitted_weights(cases)
    return weights, fitted_calibration(case.ranked(weights) for case in cases)


def out_of_fold(cases: Sequence[Case]) -> Outcome | None:
    """None where all has one owner. Confidence is judged by folds of what is shown first: of its owner, nothing was
    seen."""
    folds = sorted({case.fold for case in cases})  # an alert that nothing was found for has none
    if len([fold for fold in folds if fold]) < 2:
        return None
    weights = {fold: fitted_weights(case for case in cases if fold not in case.owners) for fold in folds}
    ranked = [case.ranked(weights[case.fold]) for case in cases]
    calibrations = {
        owner: fitted_calibration(each for each in ranked if owner not in {each.owner, *each.case.owners})
        for owner in sorted({each.owner for each in ranked})
    }
    return _outcome([(each, calibrations[each.owner]) for each in ranked])


def _outcome(ranked: Sequence[tuple[Ranked, Calibration]]) -> Outcome:
    return Outcome(
        {each.case.asked.query_id: each.answer for each, _ in ranked},
        {each.case.asked.query_id: each.confidence(calibration) for each, calibration in ranked},
    )
