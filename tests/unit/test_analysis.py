"""What a text is split into decides what is found: by example, and for any text there is."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personal_pipeline.domain.analysis import (
    INDEX_VERSION,
    MAX_TERM_CHARS,
    matching_spans,
    normalise,
    query_terms,
    stem,
    term_spans,
    terms,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("KubePodCrashLooping", "kubepodcrashloop kub pod crash loop"),
        ("disk_full", "diskful disk ful"),
        ("HTTPServer", "httpserver http server"),
        ("Http4xxErrorRate", "http4xxerrorrate http 4xx error rat"),
        ("5xx", "5xx"),
        ("k8s ec2 PVCs", "k8s ec2 pvc"),
        ("i-0abc", "i0abc i 0abc"),
        ("node.js", "nodej nod js"),
        ("http/2", "http2 http 2"),
        ("/var/log", "varlog var log"),
        ("don't", "dont don t"),
        ("磁盘已满", "磁盘已满 磁盘 盘已 已满"),
        ("Ｄｉｓｋ ﬁle", "disk fil"),
        ("STRASSE straße", "strass strass"),
        ("cafe\u0301", "café"),
        ("a b\u200bc", "a b c"),
    ],
)
def test_identifiers_are_split_and_kept_whole(text: str, expected: str) -> None:
    assert terms(text) == expected.split()


@pytest.mark.parametrize(
    "spellings",
    [
        "disk_full disk-full DiskFull disk.full",
        "crashlooping CrashLooping crash-looping crash_loop",
        "NodeJS node.js nodejs",
    ],
)
def test_all_spellings_of_an_identifier_share_a_term(spellings: str) -> None:
    assert set.intersection(*(set(terms(spelling)) for spelling in spellings.split()))


@pytest.mark.parametrize(
    "forms",
    [
        "cache caches cached caching",
        "restart restarts restarted restarting",
        "policy policies",
        "control controls controlled controlling",
        "process processes processed processing",
        "node nodes",
        "index indexes indexed indexing",
        "fail fails failed failing",
        "crash crashes crashed crashing",
        "run runs running",
    ],
)
def test_forms_of_a_word_share_their_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    "word", ["status", "analysis", "string", "ping", "during", "redis", "dns", "bus", "loss", "sed"]
)
def test_words_that_only_look_like_another_form_are_not_cut_down_to_nothing(word: str) -> None:
    assert len(stem(word)) >= 3


@pytest.mark.parametrize(
    "text", ["", " \t\n", "?!…—*()[]{}", "\x00\x1f\u202e", "\ud800", "😀🔥", "___", "\u0301\u0301"]
)
def test_a_text_without_words_has_no_terms(text: str) -> None:
    assert terms(text) == []
    assert query_terms(normalise(text)) == ()


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.text(max_size=60))
def test_a_term_is_never_empty_long_or_split_by_white_space(text: str) -> None:
    for term in terms(text):
        assert term.split() == [term]
        assert 0 < len(term) <= MAX_TERM_CHARS


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.text(max_size=60))
def test_a_canonical_query_is_its_own_canonical_form_and_finds_the_same(text: str) -> None:
    canonical = normalise(text)

    assert normalise(canonical) == canonical
    if "\u0345" not in text and "\u037a" not in text:  # the one letter that is a mark before folding
        assert query_terms(canonical) == query_terms(text)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.text(alphabet=st.characters(max_codepoint=0x2FF), max_size=60))
def test_spans_frame_the_words_that_the_terms_came_from(text: str) -> None:
    for term, start, end in term_spans(text):
        assert 0 <= start < end <= len(text)
        assert not text[start:end].isspace()
        assert term in terms(text[start:end])


def test_a_part_of_an_identifier_is_framed_by_itself() -> None:
    text = "see KubePodCrashLooping, ½ Über-Disk"

    framed = {term: text[start:end] for term, start, end in term_spans(text)}

    assert framed["kubepodcrashloop"] == "KubePodCrashLooping"
    assert framed["crash"] == "Crash"
    assert framed["loop"] == "Looping"
    assert framed["überdisk"] == "Über-Disk"
    assert framed["disk"] == "Disk"


def test_a_query_is_folded_but_for_the_humps_of_its_identifiers() -> None:
    assert normalise("  Disk\u00a0FULL \n on Node1 ") == "disk full on node1"
    assert normalise("KubePodCrashLooping AND OOMKilled PVCs") == "KubePodCrashLooping and OOMKilled pvcs"
    assert query_terms(normalise("OOMKilled")) == ("oomkil", "oom", "kil")


def test_the_length_of_a_query_is_capped_after_normalising() -> None:
    assert len(normalise("\ufdfa" * 8000)) <= 8000
    assert normalise("word " * 5000, max_chars=12) == "word word wo"


def test_a_query_asks_each_word_once_and_leaves_out_those_that_say_nothing() -> None:
    assert query_terms("what is the disk of the disk on this node") == ("disk", "on", "nod")
    assert query_terms("to be or not to be") == ("not",)
    assert query_terms("who is it") == ("who", "is", "it")


def test_a_long_query_is_cut_to_its_first_words_and_loses_numbers_first() -> None:
    pasted = "2026-11-23 14 30 07 123 " + " ".join(f"w{letter}x" for letter in "abcdefghijklmnopqrstuvwxyzäöü")

    asked = query_terms(pasted)

    assert len(asked) == 32
    assert asked[:2] == ("wax", "wbx")
    assert asked[-3:] == ("20261123", "2026", "11")
    assert len(query_terms(" ".join(f"w{n}x" for n in range(10_000)))) == 32


@pytest.mark.parametrize("character", ["a", "A", "é", "\ufdfa", "\u0301", "磁", "-", "a-", "aA", "A1", " ", "."])
def test_a_megabyte_of_anything_makes_a_bounded_number_of_bounded_terms(character: str) -> None:
    text = character * (1_000_000 // len(character))

    found = terms(text)

    assert len(found) <= 2 * len(text)
    assert max(map(len, found), default=0) <= MAX_TERM_CHARS
    assert len(normalise(text)) <= 8000


def test_a_changed_analyser_needs_a_new_index_version() -> None:
    """An index holds terms of one analyser. When this fails, raise INDEX_VERSION and note the new digest here."""
    sample = (
        "KubePodCrashLooping disk_full i-0abc node.js http/2 /var/log 5xx restarting policies caches cached Über ﬁle "
        "½ 磁盘已满 ディスク don't 10.0.0.1:9100 prod-db-01.example.com x86_64 HTTPServer PVCs controlled running "
        "status truncation replicated configuration station zombies zombie"
    )
    digest = sha256(" ".join(terms(sample)).encode()).hexdigest()[:16]

    assert {INDEX_VERSION: digest} == {2: "20b54549de2fa9ec"}


TOKENS = st.text(st.sampled_from("abcdeisty'’.-_/+ABZ09é漢 \n"), max_size=60)


@given(TOKENS, TOKENS)
@settings(max_examples=500)
def test_the_spans_of_wanted_terms_are_those_among_all(text: str, more: str) -> None:
    every = list(term_spans(f"{text} {more}"))
    wanted = frozenset(term for term, _, _ in every[::2])

    assert matching_spans(f"{text} {more}", wanted) == [span for span in every if span[0] in wanted]
