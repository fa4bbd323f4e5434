"""Finds the runbook of one alert: by exact key in one table read, else by search.

The keys answer while the index is down; the search answers while the table is down.
"""

from collections.abc import Sequence

from personal_pipeline.domain.alerts import Alert, RunbookMatch
from personal_pipeline.domain.analysis import normalise, query_terms
from personal_pipeline.domain.catalog import AlertKey, Card
from personal_pipeline.domain.errors import TableUnavailableError
from personal_pipeline.domain.ranking import rank, reasons
from personal_pipeline.domain.search import CallerScope, Candidate, SearchFilters, SearchRequest
from personal_pipeline.domain.snippets import matches, snippet
from personal_pipeline.ports import Catalog, SearchIndex

MAX_ALSO = 3
EVERYBODY = CallerScope()


class MatchAlert:
    def __init__(self, catalog: Catalog, index: SearchIndex) -> None:
        self._catalog = catalog
        self._index = index

    def __call__(self, alert: Alert) -> RunbookMatch:
        """Raises UnavailableError when neither way could be tried to its end."""
        try:
            exact = self._by_key(alert)
        except TableUnavailableError:
            exact = None
        return exact or self._by_search(alert)

    def _by_key(self, alert: Alert) -> RunbookMatch | None:
        """The alert's own link first, then its name as an alert, then as a title."""
        wanted = [
            key
            for kind, text in (("url", alert.runbook_url), ("alert", alert.name), ("title", alert.name))
            if (key := AlertKey.of(kind, text))  # type: ignore[arg-type]
        ]
        found = self._catalog.cards(wanted)
        for key in wanted:
            cards = [card for card in found.get(key, []) if EVERYBODY.may_see(card.groups)]
            if cards:
                said = {
                    "url": "the alert links to it",
                    "alert": "it names this alert",
                    "title": "its title is the alert",
                }
                return RunbookMatch(alert, key.kind, cards[0], (said[key.kind],), tuple(cards[1 : 1 + MAX_ALSO]))
        return None

    def _by_search(self, alert: Alert) -> RunbookMatch:
        """Nothing fits a word of the alert: said plainly. Otherwise the nearest, with the reason."""
        words = query_terms(normalise(" ".join((alert.name, alert.summary, alert.description, alert.service))))
        found = self._index.search(SearchRequest(tuple(words), SearchFilters(), EVERYBODY)) if words else []
        ranked = rank(found)
        if not ranked:
            return RunbookMatch(alert, "none", None, ("no document has a word of this alert",))
        cards = [_card(candidate, words) for candidate in ranked[: 1 + MAX_ALSO]]
        why = reasons(words, ranked[0], matches(ranked[0].text, words))
        return RunbookMatch(alert, "search", cards[0], why, tuple(cards[1:]))


def _card(candidate: Candidate, words: Sequence[str]) -> Card:
    return Card(
        doc_id=candidate.doc_id,
        title=candidate.title,
        url=candidate.url,
        source=candidate.source,
        path=candidate.path,
        first_step=snippet(candidate.text, matches(candidate.text, words)).text,
        contact="",
        groups=candidate.groups,
        rev=candidate.rev,
    )
