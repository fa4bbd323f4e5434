"""What every document store promises."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from personal_pipeline.domain.documents import ObjectRef
from personal_pipeline.domain.errors import DocumentMissingError, InvalidDocumentError

KEY = "runbooks/disk.md"


def test_a_document_is_read_as_it_was_put(store: Any) -> None:
    body = bytes(range(256))

    ref = store.put(KEY, body)

    found = store.read(ref)
    assert (found.ref.key, found.body, dict(found.metadata)) == (KEY, body, {})
    assert abs(found.modified - datetime.now(UTC)) < timedelta(minutes=5)


def test_the_newest_is_read_where_no_version_is_named(store: Any) -> None:
    store.put(KEY, b"old", {"a": "1"})
    store.put(KEY, b"new")

    found = store.read(ObjectRef(KEY))
    assert (found.body, dict(found.metadata)) == (b"new", {})


def test_an_empty_document_is_a_document(store: Any) -> None:
    store.put(KEY, b"", {"external-id": "7"})

    assert store.read(ObjectRef(KEY)).metadata["external-id"] == "7"


def test_what_is_not_there_is_missing_by_name(store: Any) -> None:
    with pytest.raises(DocumentMissingError, match=KEY):
        store.read(ObjectRef(KEY))


def test_a_deleted_document_is_missing_and_may_be_deleted_again(store: Any) -> None:
    store.put(KEY, b"text")
    store.put("runbooks/other.md", b"text")

    store.delete(KEY)
    store.delete(KEY)

    with pytest.raises(DocumentMissingError):
        store.read(ObjectRef(KEY))
    assert list(store.keys()) == ["runbooks/other.md"]


def test_a_document_over_the_limit_is_refused_by_name(store: Any) -> None:
    store.put("runbooks/most.md", b"x" * 1000, {"a": "b"})
    assert len(store.read(ObjectRef("runbooks/most.md")).body) == 1000

    store.put(KEY, b"x" * 1001)
    with pytest.raises(InvalidDocumentError, match=rf"{KEY}.*1001.*1000"):
        store.read(ObjectRef(KEY))


@pytest.mark.parametrize(
    "value", ["plain", "ö ☃ 日本", "50% off %41", "line\nbreak\ttab", ' lead and "quote" ', "a" * 600, ""]
)
def test_metadata_of_any_text_survives(store: Any, value: str) -> None:
    store.put(KEY, b"text", {"Title": value, "external-id": "x"})

    assert dict(store.read(ObjectRef(KEY)).metadata) == {"title": value, "external-id": "x"}


ODD = [
    "runbooks/a b+c%20d&e=f?.md",
    "runbooks/ö/日本/☃.md",
    "runbooks/e\u0301.md",
    "runbooks/é.md",
    "runbooks/Disk.md",
    "runbooks/guide",
    "runbooks/guide/install.md",
    "runbooks/.hidden",
    "runbooks/" + "long" * 80 + ".md",
    "runbooks/" + "/".join(["deep"] * 100),
    "runbooks/'\"<>|*:;$`.md",
    "objects/x.md",
    "git--platform/x.md",
]


def test_keys_with_odd_characters_and_long_names_are_all_different_documents(store: Any) -> None:
    for key in ODD:
        store.put(key, key.encode()[-900:])

    assert list(store.keys()) == sorted(ODD)
    for key in ODD:
        assert store.read(ObjectRef(key)).body == key.encode()[-900:]


@pytest.mark.parametrize("key", ["../x.md", "runbooks/../../x.md", "runbooks//x.md", "x.md", "runbooks/a\\b", "r/a\nb"])
def test_a_key_that_leads_elsewhere_is_refused(store: Any, key: str) -> None:
    with pytest.raises(InvalidDocumentError):
        store.put(key, b"text")


def test_keys_are_listed_by_prefix_in_order(store: Any) -> None:
    for key in ("runbooks/b.md", "runbooks/a.md", "wiki/a.md", "runbooks-old/a.md"):
        store.put(key, b"text")

    assert list(store.keys("runbooks/")) == ["runbooks/a.md", "runbooks/b.md"]
    assert list(store.keys("nothing/")) == []
