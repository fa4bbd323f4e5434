"""Text to terms: one analyser for every index, at index and at query time alike.

Two engines with two analysers would mean two rankings, so both index what this module writes, split at
white space. An identifier is kept whole and split: ``KubePodCrashLooping`` gives ``kubepodcrashloop kube
pod crash loop``, and ``disk_full``, ``disk-full`` and ``DiskFull`` share the term ``diskful``.
Whoever changes what a text is split into raises ``INDEX_VERSION`` (a test insists).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from unicodedata import normalize

INDEX_VERSION = 2  # part of the index's name: terms of two analysers never meet in one index

MAX_TERM_CHARS = 64  # a longer run is cut here, in documents and in queries alike
MAX_QUERY_TERMS = 32
_MAX_COMPOUND_WORDS = 4  # more is a path or an address: its words say more than their sum
_CACHED_CHARS = 32  # longer tokens are hashes and paths, which seldom come twice

# Combining marks are no \w, but belong to their letter: Latin, Hebrew, Arabic, the Indic scripts, Thai.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e"
# All repetitions are bounded: a megabyte without a space is many tokens, none of them large.
_TOKEN = re.compile(rf"[\w{_MARKS}]{{1,128}}(?:[-./+'’][\w{_MARKS}]{{1,128}}){{0,7}}")
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")
# "4xx", "s3" and "PVCs" stay in one piece; "HTTPServer" parts before its last capital.
_PART = re.compile(r"[A-Za-z]{1,2}\d+[a-z]*|[A-Z]+s?(?![a-z])|[A-Z]?[a-z]+|\d+[a-z]*")
_HAS_CAMEL_HUMPS = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}(?!s\b)[a-z]")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_NO_SEPARATORS = str.maketrans("", "", "_-./+'")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")  # written without spaces


def normalise(text: str, max_chars: int = 8000) -> str:
    """The canonical form of a query: equal forms are analysed to equal terms.

    NFKC, white space folded, case folded, except in identifiers whose capitals say where their words
    begin. The length is capped after normalising, which may make a text longer.
    """
    words = _nfkc(text[: 4 * max_chars]).split()
    return " ".join(word if _HAS_CAMEL_HUMPS.search(word) else fold(word) for word in words)[:max_chars].rstrip()


def terms(text: str) -> list[str]:
    """Every term of a text in reading order, with repetitions: what an index is given."""
    return [term for token in _TOKEN.findall(_nfkc(text)) for term in _terms_of(token)]


def term_spans(text: str) -> Iterator[tuple[str, int, int]]:
    """The terms with the characters they came from, ``text[start:end]``: what a highlight is made from."""
    for token in _TOKEN.finditer(text):
        for term, start, end in _spans_of_raw(token[0]):
            yield term, token.start() + start, token.start() + end


def smallest_spans(text: str) -> list[tuple[str, int, int]]:
    """Of the same the words and parts of words that are not made of others."""
    found: list[tuple[str, int, int]] = []
    for span in term_spans(text):
        while found and span[1:] != found[-1][1:] and found[-1][1] <= span[1] and span[2] <= found[-1][2]:
            found.pop()  # what is made of others comes before them
        found.append(span)
    return found


def matching_spans(text: str, wanted: frozenset[str]) -> list[tuple[str, int, int]]:
    """The spans of wanted terms alone. Long tokens, which no cache holds, are only taken apart if one may be in."""
    beginnings = tuple({term[: max(1, min(3, len(term) - 1))] for term in wanted})  # what no stemming changes
    found = []
    for token in _TOKEN.finditer(text):
        raw = token[0]
        if len(raw) > _CACHED_CHARS and raw.isascii():
            letters = raw.lower().translate(_NO_SEPARATORS)
            if not any(beginning in letters for beginning in beginnings):
                continue
        for term, start, end in _spans_of_raw(raw):
            if term in wanted:
                found.append((term, token.start() + start, token.start() + end))
    return found


def query_terms(text: str, limit: int = MAX_QUERY_TERMS) -> tuple[str, ...]:
    """The distinct terms worth asking for, in reading order.

    Words that say nothing are left out, unless there are no others. Over the limit bare numbers go first:
    a pasted log line begins with a time stamp.
    """
    distinct = list(dict.fromkeys(terms(text)))
    chosen = [term for term in distinct if term not in _STOP_WORDS] or distinct
    if len(chosen) > limit:
        worded = [term for term in chosen if not term.isdigit()]
        chosen = worded if len(worded) >= limit else worded + [term for term in chosen if term.isdigit()]
    return tuple(chosen[:limit])


def joined(name: str) -> str:
    """A name without case, separators and punctuation: ``disk_full``, ``Disk full`` and ``DiskFull`` are equal."""
    return _BETWEEN_WORDS.sub("", name.casefold())


def stem(word: str) -> str:
    """Take plural, -ing, -ed and -ation off an English word, so that "truncated" and "truncation" meet.

    Light on purpose: a heavier stemmer makes "universal" and "university" one word. A final e goes too,
    for "cache" and "caching" to meet; a stem need not be a word.
    """
    if len(word) < 4 or not (word.isascii() and word.isalpha()):
        return word
    word = _singular(word)
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3 and _VOWEL.search(rest):
            word = rest
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeious":
        word = word[:-1]
    if len(word) > 5 and word.endswith("tion"):
        word = word[:-3]
    if len(word) > 3 and word[-1] == "e":
        word = word[:-1]
        word = word[:-1] + "y" if word[-1] == "i" else word  # as its plural: "zombies" gave "zomby"
    return word[:-2] if len(word) > 6 and word.endswith("at") else word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


_VOWEL = re.compile("[aeiouy]")


def _nfkc(text: str) -> str:
    # One character may become eighteen; no honest text grows fourfold.
    return text if text.isascii() else normalize("NFKC", text)[: 4 * len(text) + 64]


def fold(text: str) -> str:
    """Without case and variants of form, as terms are."""
    return text.lower() if text.isascii() else normalize("NFKC", text.casefold())


def _terms_of(token: str) -> tuple[str, ...]:
    return _cached_terms(token) if len(token) <= _CACHED_CHARS else tuple(term for term, _, _ in _spans_of(token))


@lru_cache(maxsize=32768)
def _cached_terms(token: str) -> tuple[str, ...]:
    return tuple(term for term, _, _ in _spans_of(token))


def _spans_of_raw(token: str) -> Sequence[tuple[str, int, int]]:
    return _cached_spans(token) if len(token) <= _CACHED_CHARS else _spans_of(token)


@lru_cache(maxsize=16384)
def _cached_spans(token: str) -> tuple[tuple[str, int, int], ...]:
    return tuple(_spans_of(token))


def _spans_of(token: str) -> list[tuple[str, int, int]]:
    """Terms of one token: all its words together, each word, each part of a word."""
    text = _nfkc(token)
    if text != token:  # characters moved, or became several words: mark the whole token
        return [(term, 0, len(token)) for piece in _TOKEN.findall(text) for term, _, _ in _spans_of(piece)]
    words = list(_WORD.finditer(text))
    found: list[tuple[str, int, int]] = []
    if 1 < len(words) <= _MAX_COMPOUND_WORDS:
        found.append((_term("".join(word[0] for word in words)), 0, len(token)))
    for word in words:
        found.append((_term(word[0]), word.start(), word.end()))
        parts = list(_parts(word))
        if len(parts) > 1:
            found += [(_term(part), start, end) for part, start, end in parts]
    return found


def _parts(word: re.Match[str]) -> Iterable[tuple[str, int, int]]:
    if word[0].isascii():
        return ((part[0], word.start() + part.start(), word.start() + part.end()) for part in _PART.finditer(word[0]))
    if _CJK.search(word[0]):
        starts = range(word.start(), word.end() - 1)
        return ((word.string[start : start + 2], start, start + 2) for start in starts)
    return ()


def _term(text: str) -> str:
    return stem(fold(text)[:MAX_TERM_CHARS])


_WORDS_THAT_SAY_NOTHING = """
a an and any are as at be been but by can could do does for from had has have he her his how i if in into is it
its me my of or our s she should so some such t than that the their them then there these they this those to us
was we were what when where which while who why will with would you your
"""
_STOP_WORDS = frozenset(map(stem, _WORDS_THAT_SAY_NOTHING.split()))
