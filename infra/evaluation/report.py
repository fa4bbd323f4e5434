"""An evaluation as plain data: what ``report.json`` holds and the page shows."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from infra.evaluation.agreement import Agreement
from infra.evaluation.confidence import Reliability
from infra.evaluation.evaluation import Evaluation
from infra.evaluation.figures import HEADLINES, Figures, Headline
from infra.evaluation.intervals import Estimate
from personal_pipeline.domain.ranking import ATTACH_AT, CALIBRATION, WEIGHTS

Report = dict[str, Any]


def report_of(evaluation: Evaluation) -> Report:
    bench, shipped, unseen = evaluation.bench, evaluation.shipped, evaluation.out_of_fold
    return {
        "bench": {
            "documents": len(bench.uploads),
            "refused": list(evaluation.refused),
            "alerts": len(bench.alerts) - len(bench.without_runbook),
            "queries": len(bench.queries) - len(bench.alerts) + len(bench.without_runbook),
            "no_runbook": len(bench.without_runbook),
        },
        "index": evaluation.choice.index,
        "semantic": evaluation.choice.semantic,
        "attach_at": ATTACH_AT,
        "headlines": [_headline(headline, shipped, unseen) for headline in HEADLINES] if shipped else [],
        "shipped": _figures(shipped) if shipped else None,
        "out_of_fold": _figures(unseen) if unseen else None,
        "weights": _weights(evaluation),
        "ablation": _ablation(evaluation.ablation) if evaluation.ablation else [],
        "misses": [asdict(miss) for miss in evaluation.misses],
        "attached_without_runbook": [asdict(miss) for miss in evaluation.attached],
        "agreement": _agreement(evaluation.agreement) if evaluation.agreement else None,
    }


def write_report(report: Report, path: Path) -> None:
    path.write_text(json.dumps(_rounded(report), indent=1) + "\n", encoding="utf-8")


def _headline(headline: Headline, shipped: Figures, unseen: Figures | None) -> Report:
    found = shipped.headline(headline)
    return {
        **asdict(headline),
        "shipped": _estimate(found),
        "is_met": found is not None and found.value >= headline.bar,
        "out_of_fold": _estimate(unseen.headline(headline)) if unseen else None,
    }


def _figures(figures: Figures) -> Report:
    return {
        "parts": _parts(figures.parts),
        "sources": {source: _parts(parts) for source, parts in figures.sources.items()},
        "confidence": _reliability(figures.reliability),
    }


def _parts(parts: Mapping[str, Mapping[str, Estimate]]) -> Report:
    return {part: {name: _estimate(each) for name, each in means.items()} for part, means in parts.items()}


def _reliability(found: Reliability) -> Report:
    return {
        **{name: _estimate(getattr(found, name)) for name in ("auroc", "accuracy", "coverage", "attached_without")},
        "ece": found.ece,
        "brier": found.brier,
        "bins": [asdict(each) for each in found.bins],
        "histogram": {"with_runbook": list(found.with_runbook), "without_runbook": list(found.without_runbook)},
    }


def _weights(evaluation: Evaluation) -> list[Report]:
    if not evaluation.fitted:
        return []
    weights, calibration = evaluation.fitted
    return [
        {"name": f"{type(shipped).__name__}.{name}", "shipped": value, "fitted": getattr(fitted, name)}
        for shipped, fitted in ((WEIGHTS, weights), (CALIBRATION, calibration))
        for name, value in asdict(shipped).items()
    ]


def _ablation(found: Mapping[str, Figures]) -> list[Report]:
    return [
        {
            "without": name,
            **{headline.part: estimate.value for headline in HEADLINES if (estimate := figures.headline(headline))},
            "brier": figures.reliability.brier,
        }
        for name, figures in found.items()
    ]


def _agreement(found: Agreement) -> Report:
    return asdict(found)


def _estimate(found: Estimate | None) -> Report | None:
    return asdict(found) if found else None


def _rounded(value: Any) -> Any:
    """To six figures: enough to compare, and no noise of the last bit."""
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
