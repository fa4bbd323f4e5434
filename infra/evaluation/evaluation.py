"""One evaluation from a folder to its figures. The order is the point: nothing that says what would be right is read
before the run is on disk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from infra.evaluation.ablation import ablation
from infra.evaluation.agreement import Agreement, agreement, read_run
from infra.evaluation.bench import Bench
from infra.evaluation.explain import Miss, attached_without_runbook, misses
from infra.evaluation.figures import Figures, figures_of, outcome_of
from infra.evaluation.folds import cases_of, fitted_on_all, out_of_fold
from infra.evaluation.judgements import Judgements, read_judgements
from infra.evaluation.run import Asked, ask_all, write_run
from infra.evaluation.system import Choice, System, system_over
from personal_pipeline.domain.ranking import Calibration, Weights

RUN = "run.tsv"
ASKED_WITHOUT = ("synonyms", "vectors")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``shipped`` and what follows are None or empty where the folder does not say what would be right;
    ``fitted`` are the weights that all of it would give."""

    bench: Bench
    choice: Choice
    refused: tuple[str, ...]
    run: Path
    shipped: Figures | None = None
    out_of_fold: Figures | None = None
    fitted: tuple[Weights, Calibration] | None = None
    ablation: Mapping[str, Figures] | None = None
    misses: tuple[Miss, ...] = ()
    attached: tuple[Miss, ...] = ()
    agreement: Agreement | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Told how many documents and questions there are, then of each few that are done."""

    documents: Callable[[int], None] = lambda _: None
    queries: Callable[[int], None] = lambda _: None


def evaluate(
    bench: Bench,
    out: Path,
    choice: Choice,
    *,
    ablate: bool = False,
    other: Path | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Raises BenchError, UnavailableError. ``other`` is a run to compare with."""
    progress = progress or Progress()
    out.mkdir(parents=True, exist_ok=True)
    with system_over(bench.uploads, out, choice, progress.documents) as system:
        asked = ask_all(bench, system, progress.queries)
        write_run(asked, out / RUN)
        refused = (*(f"{each.name} {each.reason}" for each in bench.refused), *system.refused)
        evaluation = Evaluation(bench, choice, refused, out / RUN)
        judgements = read_judgements(bench)
        if judgements:
            evaluation = _judged(evaluation, asked, judgements, system)
    if judgements and ablate:
        runs = {part: _asked_without(part, bench, out, choice) for part in _left_out(choice)}
        evaluation = replace(evaluation, ablation=ablation(asked, runs, bench, judgements))
    if other:
        answers = {each.query_id: each.doc_ids for each in asked if each.answer}
        evaluation = replace(evaluation, agreement=agreement(answers, read_run(other), judgements))
    return evaluation


def _judged(evaluation: Evaluation, asked: list[Asked], judgements: Judgements, system: System) -> Evaluation:
    bench = evaluation.bench
    cases = cases_of(asked, bench, judgements)
    unseen = out_of_fold(cases)
    return replace(
        evaluation,
        shipped=figures_of(outcome_of(asked), bench, judgements),
        out_of_fold=figures_of(unseen, bench, judgements) if unseen else None,
        fitted=fitted_on_all(cases),
        misses=tuple(misses(asked, bench, judgements, system)),
        attached=tuple(attached_without_runbook(asked, bench, system)),
    )


def _left_out(choice: Choice) -> tuple[str, ...]:
    return tuple(part for part in ASKED_WITHOUT if part != "vectors" or choice.semantic)


def _asked_without(part: str, bench: Bench, out: Path, choice: Choice) -> list[Asked]:
    with system_over(bench.uploads, out, replace(choice, without=frozenset({part}))) as system:
        return ask_all(bench, system)
