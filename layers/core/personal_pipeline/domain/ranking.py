"""From the passages an index proposes to the runbooks a person sees: scored anew, explained, with a confidence.

Pure, and the same for every index: engines' scores differ by a factor and say nothing absolute. A document's score
is a sum of a few parts between 0 and 1, each with one weight, and each part that counted is a reason.

The weights of ``Weights`` were fitted as a conditional logit over real alerts and typed queries (``make fit``),
those of ``Calibration`` as a logistic regression over real alerts with and without a runbook; both are judged out of
fold, with folds grouped by where alerts come from (``make eval``). The other constants are set by hand, because the
data says little about them, and small, so that they decide between equals.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from personal_pipeline.domain.analysis import joined
from personal_pipeline.domain.index_fields import PLACES
from personal_pipeline.domain.questions import QueryTerm, Question
from personal_pipeline.domain.search import Candidate, Candidates
from personal_pipeline.domain.synonyms import SYNONYM_WEIGHT

ATTACH_AT = 0.8  # from this confidence on a runbook is given as the answer; below it, as one of the nearest

# How much a word counts by the most prominent place it stands in, plus a fifth for each further place.
PLACE_STRENGTHS: Mapping[str, float] = {"title_t": 3.0, "keys_t": 3.0, "heads_t": 2.0, "body_t": 1.0}
FURTHER_PLACE = 0.2
UNASKED_IDF = 5.5  # of a word of a name that nobody asked for: its frequency is not known, so the usual one
TYPE_PRIORS: Mapping[str, float] = {"runbook": 0.6, "changelog": -0.6, "postmortem": -0.6}
EXACT = 20.0  # an exact name outranks whatever the other parts sum up to
HINT = 0.5
FRESHNESS = 0.1  # from changed today to a year ago and older
MAX_FEEDBACK = 1.0
EXACT_CONFIDENCE = 0.98
MAX_LEAD = 1.5
NEAR_IN_MEANING = 0.4  # cosine: unrelated passages of a corpus lie about .1, the same matter in other words above .5
MAX_CONFIDENCE = 0.97  # of anything less than an exact name
SAME_TEXT = 0.8  # share of common words from which two documents of one title count as the same


@dataclass(frozen=True, slots=True)
class Weights:
    place: float = 4.67
    cover: float = 3.15
    phrase: float = 2.49
    name: float = 3.44
    meaning: float = 3.41


@dataclass(frozen=True, slots=True)
class Calibration:
    """``lead`` is the distance to the best other document, at most ``MAX_LEAD``: among few documents any is far ahead.
    Alone it is ahead of nobody. ``other_alert`` is 1 where the document names alerts, and not this one."""

    place: float = 3.68
    cover: float = 0.45
    lead: float = 2.61
    other_alert: float = -1.41
    intercept: float = -3.27


WEIGHTS = Weights()
CALIBRATION = Calibration()


@dataclass(frozen=True, slots=True)
class Features:
    """The parts of one document's score before weighing, from 0 to 1 where nothing else is said."""

    place: float  # how prominently the words stand in its best passage; 1 is all of them in a heading, 2.1 the most
    cover: float  # the share of the question's words that the passages have at all
    phrase: float  # the share of the question's neighbours that stand next to each other in one passage
    name: float  # likeness of the question's name and the nearest of the document's names
    meaning: float  # likeness of question and best passage by their vectors
    exact: float
    hint: float
    type_prior: float  # -.6 to .6
    freshness: float
    feedback: float  # -1 to 1
    other_alert: float

    def score(self, weights: Weights = WEIGHTS) -> float:
        fitted = (
            weights.place * self.place
            + weights.cover * self.cover
            + weights.phrase * self.phrase
            + weights.name * self.name
            + weights.meaning * self.meaning
        )
        by_hand = EXACT * self.exact + HINT * self.hint + FRESHNESS * self.freshness
        return fitted + by_hand + self.type_prior + self.feedback


@dataclass(frozen=True, slots=True)
class RankedDocument:
    """``best`` is the passage that stands for the document, ``also_at`` are documents that say the same."""

    best: Candidate
    features: Features
    score: float
    confidence: float = 0.0
    also_at: tuple[Candidate, ...] = ()

    @property
    def doc_id(self) -> str:
        return self.best.doc_id


def rank(
    question: Question,
    found: Candidates,
    now: datetime,
    feedback: Mapping[str, float] = MappingProxyType({}),
    weights: Weights = WEIGHTS,
    calibration: Calibration = CALIBRATION,
) -> list[RankedDocument]:
    """Best first; ties by id, so that two runs agree. ``feedback`` is from -1 to 1 by document.

    A passage of an older revision than another of the same document is left out: an index may show both
    for the moment between two of its refreshes.
    """
    scorer = _Scorer(question, found, weights)
    documents: dict[str, list[Candidate]] = {}
    for passage in found.passages:
        documents.setdefault(passage.doc_id, []).append(passage)
    scored = [scorer.document(passages, now, feedback) for passages in documents.values()]
    scored = [document for document in scored if _is_about_it(document.features)]
    scored.sort(key=lambda document: (-document.score, document.doc_id))
    return _with_confidence(_folded(scored), calibration)


def _is_about_it(features: Features) -> bool:
    """Some passage is always the nearest in meaning: without one of the words it must really be near."""
    return features.cover > 0 or features.meaning >= NEAR_IN_MEANING


class _Scorer:
    """One question against documents: what depends on the question alone is computed once."""

    def __init__(self, question: Question, found: Candidates, weights: Weights) -> None:
        self._question = question
        self._weights = weights
        self._name = joined(question.name)
        self._frequencies = found.frequencies
        self._total = found.total
        self._idf = {word: self._idf_of(word) for word in question.words}
        # How rare a term is, or the rarest of its synonyms where it stands nowhere itself.
        self._rarity = {each.term: self._rarity_of(each) for each in question.terms}
        self._mass = {each.term: each.weight * self._rarity[each.term] for each in question.terms}
        self._asked = sum(self._mass.values()) or 1.0
        self._whole = self._asked * PLACE_STRENGTHS["heads_t"]
        rarity = self._rarity
        self._pairs = [
            (one, other, f" {one} {other} ", weight * (rarity[one] + rarity[other]))
            for one, other, weight in question.pairs
            if one in rarity and other in rarity
        ]
        self._paired = sum(mass for *_, mass in self._pairs) or 1.0
        self._name_terms = [each for each in question.terms if each.is_name]
        self._name_words = frozenset(word for each in self._name_terms for word in (each.term, *each.synonyms))
        self._name_norm = sum(self._rarity[each.term] ** 2 for each in self._name_terms)
        self._answers: dict[str, list[tuple[str, float]]] = {}  # word of a document → the terms it answers, how well
        for each in question.terms:
            self._answers.setdefault(each.term, []).append((each.term, 1.0))
            for other in each.synonyms:
                self._answers.setdefault(other, []).append((each.term, SYNONYM_WEIGHT))
        self._wanted = frozenset(self._answers)
        # What only the text found is at most as close as the last that the vector found.
        known = [passage.similarity for passage in found.passages if passage.similarity is not None]
        self._least_similarity = max(0.0, min(known, default=0.0))

    def _idf_of(self, word: str) -> float:
        """Robertson and Spärck Jones' inverse document frequency over passages, as Lucene smooths it."""
        n = min(self._frequencies.get(word, 0), self._total)
        return math.log(1 + (self._total - n + 0.5) / (n + 0.5))

    def _rarity_of(self, term: QueryTerm) -> float:
        known = [word for word in term.synonyms if self._frequencies.get(word, 0)]
        if self._frequencies.get(term.term, 0) or not known:
            return self._idf[term.term]
        return max(self._idf[word] for word in known)

    def document(self, passages: Sequence[Candidate], now: datetime, feedback: Mapping[str, float]) -> RankedDocument:
        newest = max(passage.rev for passage in passages)
        current = [passage for passage in passages if passage.rev == newest]
        covered: dict[str, float] = {}
        places, phrases = zip(*(self._place(passage, covered) for passage in current), strict=True)
        similarities = [self._similarity(passage) for passage in current]
        first = min(current, key=lambda passage: passage.ordinal)
        is_exact = self._name != "" and self._name in first.exact_names
        features = Features(
            place=max(places),
            cover=math.fsum([self._mass[term] * how for term, how in covered.items()]) / self._asked,
            phrase=max(phrases),
            name=max([self._likeness(name.split()) for name in first.names], default=0.0),
            meaning=max(similarities),
            exact=float(is_exact),
            hint=float(bool(hinted(self._question, first))),
            type_prior=TYPE_PRIORS.get(first.type, 0.0),
            freshness=_freshness(first.updated, now),
            feedback=MAX_FEEDBACK * max(-1.0, min(1.0, feedback.get(first.doc_id, 0.0))),
            other_alert=float(bool(first.alert_names) and not is_exact),
        )
        passage_scores = [
            self._weights.place * place + self._weights.phrase * phrase + self._weights.meaning * similarity
            for place, phrase, similarity in zip(places, phrases, similarities, strict=True)
        ]
        best = min(range(len(current)), key=lambda n: (-passage_scores[n], current[n].ordinal))
        return RankedDocument(current[best], features, features.score(self._weights))

    def _place(self, passage: Candidate, covered: dict[str, float]) -> tuple[float, float]:
        """The mass of the question's words, each by its place, and of its neighbours that are neighbours here.

        Notes in ``covered`` what was found at all.
        """
        strongest: dict[str, float] = {}
        wanted, answers = self._wanted, self._answers
        for bits, in_places in passage.placed:
            for word in wanted.intersection(in_places.split()):
                for term, how in answers[word]:
                    strength = how * _STRENGTHS[bits]
                    if strength > strongest.get(term, 0.0):
                        strongest[term] = strength
                    if how > covered.get(term, 0.0):
                        covered[term] = how
        masses = self._mass
        # Exactly rounded, because words come in the order of a set, which is another in every process.
        place = math.fsum([masses[term] * strength for term, strength in strongest.items()]) / self._whole
        sequence = passage.sequence
        together = [
            mass
            for one, other, phrase, mass in self._pairs
            if one in strongest and other in strongest and phrase in sequence
        ]
        return place, math.fsum(together) / self._paired

    def _likeness(self, name: Sequence[str]) -> float:
        """The cosine of the question's name and one of the document's, words weighed by how rare they are."""
        if self._name_words.isdisjoint(name):
            return 0.0
        shared = 0.0
        for each in self._name_terms:
            rarity = self._rarity[each.term]
            if each.term in name:
                shared += rarity * rarity
            elif each.synonyms and (others := [self._idf[word] for word in each.synonyms if word in name]):
                shared += SYNONYM_WEIGHT * rarity * max(others)
        norm = sum([self._idf.get(word, UNASKED_IDF) ** 2 for word in name])
        return min(1.0, shared / math.sqrt(norm * self._name_norm)) if norm and self._name_norm else 0.0

    def _similarity(self, passage: Candidate) -> float:
        return self._least_similarity if passage.similarity is None else max(0.0, passage.similarity)


def hinted(question: Question, candidate: Candidate) -> str:
    """The label value that is a service or a folder of the document, or nothing."""
    if not question.hints:
        return ""
    places = {service.casefold() for service in candidate.services}
    places.update(candidate.path.casefold().split("/"))
    return min(question.hints & places, default="")


def _freshness(updated: datetime, now: datetime) -> float:
    """In whole months, so that documents taken in together are equally fresh."""
    months = max(0, (now - updated).days // 30)
    return max(0.0, 1 - months / 12)


def _folded(scored: Sequence[RankedDocument]) -> list[RankedDocument]:
    """A document that says what a better one of the same title says goes to that one's ``also_at``."""
    kept: list[RankedDocument] = []
    by_title: dict[str, list[int]] = {}
    for document in scored:
        same_title = by_title.setdefault(joined(document.best.title), [])
        twin = next((n for n in same_title if _says_the_same(kept[n].best, document.best)), None)
        if twin is None:
            same_title.append(len(kept))
            kept.append(document)
        else:
            kept[twin] = replace(kept[twin], also_at=(*kept[twin].also_at, document.best))
    return kept


def _says_the_same(one: Candidate, other: Candidate) -> bool:
    first, second = (_body(candidate) for candidate in (one, other))
    return len(first & second) >= SAME_TEXT * len(first | second)


def _body(candidate: Candidate) -> set[str]:
    return {term for bits, found in candidate.placed if bits & PLACES["body_t"] for term in found.split()}


def _with_confidence(ranked: Sequence[RankedDocument], calibration: Calibration) -> list[RankedDocument]:
    best_two = [document.score for document in ranked[:2]]
    judged = []
    for n, document in enumerate(ranked):
        others = best_two[1:] if n == 0 else best_two[:1]
        lead = lead_of(document.score, others)
        confidence = _confidence(document.features, lead, calibration)
        judged.append(RankedDocument(document.best, document.features, document.score, confidence, document.also_at))
    return judged


def lead_of(score: float, others: Sequence[float]) -> float:
    """How far a document is ahead of the best of others; negative where it is behind."""
    return min(MAX_LEAD, score - max(others, default=score))


def _confidence(features: Features, lead: float, calibration: Calibration) -> float:
    if features.exact:
        return EXACT_CONFIDENCE
    logit = (
        calibration.intercept
        + calibration.place * features.place
        + calibration.cover * features.cover
        + calibration.lead * lead
        + calibration.other_alert * features.other_alert
    )
    return min(MAX_CONFIDENCE, 1 / (1 + math.exp(-max(-30.0, min(30.0, logit)))))


def _strength(bits: int) -> float:
    found = sorted((PLACE_STRENGTHS[place] for place, bit in PLACES.items() if bits & bit), reverse=True)
    return found[0] + FURTHER_PLACE * sum(found[1:]) if found else 0.0


_STRENGTHS = [_strength(bits) for bits in range(2 * max(PLACES.values()))]
