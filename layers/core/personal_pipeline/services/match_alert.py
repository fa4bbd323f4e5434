"""Finds the runbook of one alert: by exact key in one table read, else by search.

The keys answer while the index is down; the search answers while the table is down. Only where no document knows
the alert, but a rule file links it, a second read follows the link: to what is there now, so that it cannot dangle.
"""

from collections.abc import Mapping, Sequence

from personal_pipeline.domain.alert_keys import link_keys, name_keys, rule_key
from personal_pipeline.domain.alerts import Alert, RunbookMatch
from personal_pipeline.domain.analysis import normalise, query_terms
from personal_pipeline.domain.catalog import AlertKey, Card, KeyKind
from personal_pipeline.domain.errors import TableUnavailableError
from personal_pipeline.domain.ranking import rank, reasons
from personal_pipeline.domain.search import CallerScope, Candidate, SearchFilters, SearchRequest
from personal_pipeline.domain.snippets import matches, snippet
from personal_pipeline.ports import Catalog, SearchIndex

MAX_ALSO = 3
MAX_LINKS_FOLLOWED = 5  # of one alert: their keys fit one read
EVERYBODY = CallerScope()
_REASONS = {
    "url": "the alert links to it",
    "arn": "it names this alarm",
    "alert": "it names this alert",
    "title": "its title is the alert",
    "rule": "a rule links this alert to it",
}


class MatchAlert:
    def __init__(self, catalog: Catalog, index: SearchIndex) -> None:
        self._catalog = catalog
        self._index = index

    def __call__(self, alert: Alert, *, follow_rules: bool = True) -> RunbookMatch:
        """Raises UnavailableError when neither way could be tried to its end.

        Without ``follow_rules`` it is found as if no rule linked it.
        """
        try:
            exact = self._by_key(alert, follow_rules)
        except TableUnavailableError:
            exact = None
        return exact or self._by_search(alert)

    def leads_to(self, url: str) -> list[Card]:
        """The documents that everybody may see behind an address; none when it leads elsewhere, or nowhere."""
        keys = link_keys(url)
        return _behind(keys, self._catalog.cards(keys))

    def _by_key(self, alert: Alert, follow_rules: bool) -> RunbookMatch | None:
        """The alert's own link first, then what it is called, then what a rule says."""
        link, names, rule = link_keys(alert.runbook_url), name_keys(alert), rule_key(alert)
        found = self._catalog.cards([*link, *names, *([rule] if rule and follow_rules else [])])
        if cards := _behind(link, found):
            return _match(alert, "url", cards)
        for key in names:
            if cards := _visible(found.get(key, [])):
                return _match(alert, key.kind, cards)
        links = dict.fromkeys(link for card in found.get(rule, []) for link in card.links) if rule else {}
        return self._by_rule(alert, list(links)[:MAX_LINKS_FOLLOWED]) if links else None

    def _by_rule(self, alert: Alert, links: Sequence[str]) -> RunbookMatch | None:
        keys = [link_keys(link) for link in links]
        found = self._catalog.cards([key for of_one in keys for key in of_one])
        cards = {card.doc_id: card for of_one in keys for card in _behind(of_one, found)}
        return _match(alert, "rule", list(cards.values())) if cards else None

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


def _match(alert: Alert, kind: KeyKind, cards: Sequence[Card]) -> RunbookMatch:
    return RunbookMatch(alert, kind, cards[0], (_REASONS[kind],), tuple(cards[1 : 1 + MAX_ALSO]))


def _behind(link: Sequence[AlertKey], found: Mapping[AlertKey, list[Card]]) -> list[Card]:
    """By the whole address, or by the longest end of it that means exactly one document."""
    for place, key in enumerate(link):
        cards = _visible(found.get(key, []))
        if cards and (place == 0 or len(cards) == 1):
            return cards
    return []


def _visible(cards: Sequence[Card]) -> list[Card]:
    return [card for card in cards if EVERYBODY.may_see(card.groups)]


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
