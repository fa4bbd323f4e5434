"""What each part of the ranking is worth: the ranking without it, fitted anew, out of fold like the whole.

Fitted anew, because otherwise the other weights would still count on the part, and every part would look dear. Parts
whose weight is set by hand are left out in the same way, and the others are fitted around them. What depends on the
question or on the index (synonyms, vectors) has to be asked again, so those two are runs of their own.
"""

from collections.abc import Iterable, Mapping

from infra.evaluation.bench import Bench
from infra.evaluation.figures import Figures, figures_of
from infra.evaluation.folds import PARTS, cases_of, out_of_fold
from infra.evaluation.judgements import Judgements
from infra.evaluation.run import Asked

WHOLE = "nothing"


def ablation(
    asked: Iterable[Asked], other_runs: Mapping[str, Iterable[Asked]], bench: Bench, judgements: Judgements
) -> dict[str, Figures]:
    """By what is left out. ``other_runs`` are by what they were asked without."""
    listed = list(asked)
    runs = {WHOLE: (listed, ""), **{part: (listed, part) for part in PARTS}}
    runs |= {name: (list(other), "") for name, other in other_runs.items()}
    found = {}
    for name, (run, without) in runs.items():
        outcome = out_of_fold(cases_of(run, bench, judgements, without))
        if outcome:
            found[name] = figures_of(outcome, bench, judgements)
    return found
