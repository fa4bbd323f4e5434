"""The words of the embedded index, from its term dictionary: how rare they are, corrections
of slips, and what names begin with.

A dictionary is walked by prefix (2.5 ms for the two thousand words of 9,000 passages that begin with one letter), so
slips in the first letter are not searched for but tried: each letter before the word and in place of its first.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from string import ascii_lowercase

import tantivy
from tantivy import FieldType, Occur, Query

from personal_pipeline.domain.index_fields import ALL_TERMS, NAME_FIELDS, encodable
from personal_pipeline.domain.slips import TOLD_OPTIONS, likeliest
from personal_pipeline.domain.suggestions import MOST_PROPOSED, Typed


def frequencies(searcher: tantivy.Searcher, words: Iterable[str]) -> dict[str, int]:
    """Replaced passages count until their segment is merged."""
    return {word: searcher.doc_freq(ALL_TERMS, encodable(word)) for word in words}


def corrections(
    searcher: tantivy.Searcher, schema: tantivy.Schema, terms: Iterable[str], conditions: Sequence[Query]
) -> dict[str, tuple[str, ...]]:
    """``conditions`` are what a passage must fulfil for its words to be told."""
    found = {}
    for term in dict.fromkeys(terms):
        options = likeliest(encodable(term), _nearby(searcher, encodable(term)))
        visible = (word for word in options if _stands_in(searcher, schema, word, conditions))
        if words := tuple(islice(visible, TOLD_OPTIONS)):
            found[term] = words
    return found


def _nearby(searcher: tantivy.Searcher, term: str) -> dict[str, int]:
    """With the number of passages."""
    begin_alike = searcher.terms_with_prefix(ALL_TERMS, term[:1])
    others = {term[1:], term[1:2] + term[:1] + term[2:]}
    others |= {letter + rest for letter in ascii_lowercase for rest in (term, term[1:])}
    return dict(begin_alike) | frequencies(searcher, (word for word in others if word[:1] != term[:1]))


def _stands_in(searcher: tantivy.Searcher, schema: tantivy.Schema, word: str, conditions: Sequence[Query]) -> bool:
    must = [(Occur.Must, query) for query in (Query.term_query(schema, ALL_TERMS, word), *conditions)]
    return bool(searcher.search(Query.boolean_query(must), limit=1, count=False).hits)


def named(
    searcher: tantivy.Searcher, schema: tantivy.Schema, typed: Typed, conditions: Sequence[Query]
) -> list[tantivy.Document]:
    """The first passages of the documents, since all passages of a document have its title and its keys."""
    is_first = Query.range_query(schema, "ordinal", FieldType.Integer, 0, 0)
    is_runbook = Query.const_score_query(Query.term_query(schema, "type", "runbook"), 0.5)
    in_fields = [
        (Occur.Should, _named_in(searcher, schema, field, typed, score)) for field, score in NAME_FIELDS.items()
    ]
    must = [Query.boolean_query(in_fields), Query.const_score_query(is_first, 0.0), *conditions]
    query = Query.boolean_query([*((Occur.Must, each) for each in must), (Occur.Should, is_runbook)])
    return [searcher.doc(address) for _, address in searcher.search(query, limit=MOST_PROPOSED, count=False).hits]


def _named_in(searcher: tantivy.Searcher, schema: tantivy.Schema, field: str, typed: Typed, score: float) -> Query:
    begin_so = [term for term, _ in searcher.terms_with_prefix(field, encodable(typed.beginning))]
    last = Query.term_set_query(schema, field, [*begin_so, *map(encodable, typed.stems)])
    whole = [Query.term_query(schema, field, encodable(word)) for word in typed.words]
    return Query.const_score_query(Query.boolean_query([(Occur.Must, each) for each in (last, *whole)]), score)
