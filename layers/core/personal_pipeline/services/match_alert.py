"""Finds the runbook of one alert: by exact key in one table read, else by search, if that is sure enough.

The keys answer while the index is down; the search answers while the table is down. Only where no document knows
the alert, but a rule file links it, a second read follows the link: to what is there now, so that it cannot dangle.
"""

from collections.abc import Sequence

from personal_pipeline.domain.alert_keys import cards_behind, link_keys, name_keys, rule_key
from personal_pipeline.domain.alerts import Alert, RunbookMatch
from personal_pipeline.domain.catalog import Card, KeyKind
from personal_pipeline.domain.errors import IndexUnavailableError, TableUnavailableError
from personal_pipeline.domain.questions import Question, alert_question
from personal_pipeline.domain.ranking import ATTACH_AT, EXACT_CONFIDENCE
from personal_pipeline.domain.reasons import reasons
from personal_pipeline.domain.search import CallerScope, Candidate, SearchFilters
from personal_pipeline.domain.snippets import matches, snippet
from personal_pipeline.ports import Catalog
from personal_pipeline.services.find_documents import FindDocuments, FoundDocuments
from personal_pipeline.services.recall_feedback import RecallFeedback

MAX_ALSO = 3
MAX_LINKS_FOLLOWED = 5  # of one alert: their keys fit one read
EVERYBODY = CallerScope()
_NO_WORD = "no document has a word of this alert"
_REASONS = {
    "url": "the alert links to it",
    "arn": "it names this alarm",
    "alert": "it names this alert",
    "title": "its title is the alert",
    "rule": "a rule links this alert to it",
}


class MatchAlert:
    def __init__(
        self,
        catalog: Catalog,
        find: FindDocuments,
        most_also: int = MAX_ALSO,
        recall_feedback: RecallFeedback | None = None,
    ) -> None:
        self._catalog = catalog
        self._find = find
        self._most_also = most_also
        self._recall_feedback = recall_feedback

    def __call__(self, alert: Alert, *, scope: CallerScope = EVERYBODY, follow_rules: bool = True) -> RunbookMatch:
        """Raises UnavailableError when neither way could be tried to its end.

        ``scope`` is who will see the answer; a notice goes to a channel, so it is for everybody. Without
        ``follow_rules`` it is found as if no rule linked it.
        """
        try:
            exact = self._by_key(alert, scope, follow_rules)
        except TableUnavailableError:
            return self._by_search(alert, scope, ("catalog",))
        return self._exact(alert, scope, *exact) if exact else self._by_search(alert, scope)

    def leads_to(self, url: str) -> list[Card]:
        """The documents that everybody may see behind an address; none when it leads elsewhere, or nowhere."""
        keys = link_keys(url)
        return cards_behind(keys, self._catalog.cards(keys), EVERYBODY)

    def _by_key(self, alert: Alert, scope: CallerScope, follow_rules: bool) -> tuple[KeyKind, list[Card]] | None:
        """The alert's own link first, then what it is called, then what a rule says."""
        link, names, rule = link_keys(alert.runbook_url), name_keys(alert), rule_key(alert)
        found = self._catalog.cards([*link, *names, *([rule] if rule and follow_rules else [])])
        if cards := cards_behind(link, found, scope):
            return "url", cards
        for key in names:
            if cards := [card for card in found.get(key, []) if scope.may_see(card.groups)]:
                return key.kind, cards
        links = dict.fromkeys(link for card in found.get(rule, []) for link in card.links) if rule else {}
        cards = self._by_rule(list(links)[:MAX_LINKS_FOLLOWED], scope) if links else []
        return ("rule", cards) if cards else None

    def _by_rule(self, links: Sequence[str], scope: CallerScope) -> list[Card]:
        keys = [link_keys(link) for link in links]
        found = self._catalog.cards([key for of_one in keys for key in of_one])
        return list({card.doc_id: card for of_one in keys for card in cards_behind(of_one, found, scope)}.values())

    def _exact(self, alert: Alert, scope: CallerScope, kind: KeyKind, cards: Sequence[Card]) -> RunbookMatch:
        """One document needs no search. Where several share the key, the search says which of them fits best."""
        degraded: tuple[str, ...] = ()
        if len(cards) > 1:
            try:
                found = self._search(alert, alert_question(alert), scope)
                place = {document.doc_id: n for n, document in enumerate(found.ranked)}
                cards = sorted(cards, key=lambda card: place.get(card.doc_id, len(place)))
                degraded = found.degraded
            except IndexUnavailableError:
                degraded = ("index",)
        also = tuple(cards[1 : 1 + self._most_also])
        return RunbookMatch(alert, kind, cards[0], (_REASONS[kind],), also, EXACT_CONFIDENCE, degraded)

    def _search(self, alert: Alert, question: Question, scope: CallerScope) -> FoundDocuments:
        feedback = self._recall_feedback(alert) if self._recall_feedback else {}
        return self._find(question, SearchFilters(), scope, feedback)

    def _by_search(self, alert: Alert, scope: CallerScope, degraded: tuple[str, ...] = ()) -> RunbookMatch:
        """Below the threshold there is no runbook, and that is said, with what comes nearest."""
        question = alert_question(alert)
        found = self._search(alert, question, scope)
        degraded += found.degraded
        if not found.ranked:
            return RunbookMatch(alert, "none", None, (_NO_WORD,), degraded=degraded)
        best = found.ranked[0]
        shown = found.ranked[: 1 + self._most_also]
        first, *others = [_card(document.best, question) for document in shown]
        why, *because = [reasons(question, one, matches(one.best.text, question.words)) for one in shown]
        if best.confidence >= ATTACH_AT:
            return RunbookMatch(alert, "search", first, why, tuple(others), best.confidence, degraded, tuple(because))
        return RunbookMatch(alert, "none", None, why, (first, *others), best.confidence, degraded, (why, *because))


def _card(candidate: Candidate, question: Question) -> Card:
    return Card(
        doc_id=candidate.doc_id,
        title=candidate.title,
        url=candidate.url,
        source=candidate.source,
        path=candidate.path,
        first_step=snippet(candidate.text, matches(candidate.text, question.words)).text,
        contact="",
        groups=candidate.groups,
        rev=candidate.rev,
    )
