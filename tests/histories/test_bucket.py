"""The bucket of the histories behaves as S3 does, where it matters to ingest."""

import pytest

from personal_pipeline.domain.documents import ObjectRef
from personal_pipeline.domain.errors import DocumentMissingError
from tests.histories.bucket import MemoryBucket

KEY = "ops/disk.md"


def test_a_version_is_read_even_when_a_newer_one_is_there():
    bucket = MemoryBucket()
    first = bucket.put(KEY, b"first")
    bucket.put(KEY, b"second")

    assert bucket.read(first).body == b"first"
    assert bucket.read(ObjectRef(KEY)).body == b"second"


def test_a_delete_leaves_a_marker_and_its_removal_restores_the_version_before():
    bucket = MemoryBucket()
    bucket.put(KEY, b"first")
    marker = bucket.mark_deleted(KEY)

    for version in (None, marker):
        with pytest.raises(DocumentMissingError):
            bucket.read(ObjectRef(KEY, version))
    assert list(bucket.keys()) == []

    bucket.remove_newest_version(KEY)

    assert bucket.read(ObjectRef(KEY)).body == b"first"


def test_without_versions_an_object_is_replaced():
    bucket = MemoryBucket(is_versioned=False)
    first = bucket.put(KEY, b"first")
    bucket.put(KEY, b"second")

    assert first.version_id is None
    assert bucket.read(first).body == b"second"
    assert list(bucket.keys("ops/")) == [KEY]
