"""The raw documents in S3: a versioned bucket, read by version where the event named one.

A delete marker and a missing key are the same thing here. Metadata travels as user metadata, which may be ASCII
only and 2 KB in all: values are percent-encoded.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from botocore.exceptions import ClientError

from personal_pipeline.adapters.aws_clients import aws_errors
from personal_pipeline.domain.documents import ObjectRef, StoredObject
from personal_pipeline.domain.errors import DocumentMissingError, InvalidDocumentError, StoreUnavailableError
from personal_pipeline.domain.ids import source_and_path

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_BYTES = 5 * 1024 * 1024
_MISSING = {"NoSuchKey", "NoSuchVersion", "404", "405", "MethodNotAllowed"}  # 405: the version is a delete marker
_PLAIN = " !#$&'()*+,-./:;<=>?@[]^_`{|}~"  # all of ASCII's punctuation that S3 keeps as it is


class S3DocumentStore:
    def __init__(self, client: "Callable[[], S3Client]", bucket: str, max_bytes: int = MAX_BYTES) -> None:
        self._client = client
        self._bucket = bucket
        self._max_bytes = max_bytes

    def read(self, ref: ObjectRef) -> StoredObject:
        version: Any = {"VersionId": ref.version_id} if ref.version_id else {}
        with self._errors():
            try:
                answer = self._client().get_object(Bucket=self._bucket, Key=ref.key, **version)
            except ClientError as error:
                if error.response["Error"].get("Code") in _MISSING:
                    raise DocumentMissingError(f"document {ref.key} is not in bucket {self._bucket}") from error
                raise
            with closing(answer["Body"]) as stream:  # as a context manager it would give the unchecked stream
                if answer["ContentLength"] > self._max_bytes:
                    raise InvalidDocumentError(
                        f"document {ref.key} has {answer['ContentLength']} bytes, more than {self._max_bytes}: split it"
                    )
                body = stream.read()
        metadata = {name: unquote(value) for name, value in answer["Metadata"].items()}
        return StoredObject(ObjectRef(ref.key, answer.get("VersionId")), body, answer["LastModified"], metadata)

    def put(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> ObjectRef:
        source_and_path(key)
        encoded = {name.lower(): quote(value, safe=_PLAIN) for name, value in (metadata or {}).items()}
        with self._errors():
            try:
                answer = self._client().put_object(Bucket=self._bucket, Key=key, Body=body, Metadata=encoded)
            except ClientError as error:
                if error.response["Error"].get("Code") == "MetadataTooLarge":
                    raise InvalidDocumentError(f"document {key}: its metadata exceeds the 2 KB of S3") from error
                raise
        return ObjectRef(key, answer.get("VersionId"))

    def delete(self, key: str) -> None:
        with self._errors():
            self._client().delete_object(Bucket=self._bucket, Key=key)

    def keys(self, prefix: str = "") -> Iterator[str]:
        request: dict[str, Any] = {"Bucket": self._bucket, "Prefix": prefix}
        while True:
            with self._errors():
                page = self._client().list_objects_v2(**request)
            yield from (found["Key"] for found in page.get("Contents", []))
            if not page.get("NextContinuationToken"):
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    def _errors(self) -> Any:
        return aws_errors(f"bucket {self._bucket}", StoreUnavailableError)
