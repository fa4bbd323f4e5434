"""moto's server, remembering each request as the permission that it needs in AWS."""

import io
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

Permission = tuple[str, str]
"""An IAM action and the name of what it is used on; an index is ``table/index/name``."""

_SQS = {"SendMessageBatch": "SendMessage", "DeleteMessageBatch": "DeleteMessage"}
_WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


class RecordingAws:
    def __init__(self) -> None:
        self._used: set[Permission] | None = None
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._record, threaded=True, request_handler=MotoRequestHandler)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @contextmanager
    def recording(self) -> Iterator[set[Permission]]:
        """Fills with what is asked for meanwhile."""
        self._used = used = set()
        try:
            yield used
        finally:
            self._used = None

    def _record(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if self._used is not None:
            self._used.update(permissions(environ, body))
        return self._moto(environ, start_response)


def permissions(environ: dict[str, Any], body: bytes) -> Iterable[Permission]:
    service, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")
    request = json.loads(body) if operation else {}
    match service:
        case "DynamoDB_20120810":
            yield from _of_dynamodb(operation, request)
        case "AmazonSQS":
            yield f"sqs:{_SQS.get(operation, operation)}", request.get("QueueUrl", "").rpartition("/")[2]
        case "secretsmanager":
            yield f"secretsmanager:{operation}", request["SecretId"]
        case "AWSEvents":
            for entry in request["Entries"]:
                yield f"events:{operation}", entry.get("EventBusName", "default")
        case "":
            yield _of_s3(environ)
        case _:
            raise AssertionError(f"a service that is not known here: {service}.{operation}")


def _of_dynamodb(operation: str, request: dict[str, Any]) -> Iterable[Permission]:
    if operation == "TransactWriteItems":
        for write in request["TransactItems"]:
            ((kind, item),) = write.items()
            yield f"dynamodb:{_WRITES[kind]}", item["TableName"]
    elif "RequestItems" in request:
        for table in request["RequestItems"]:
            yield f"dynamodb:{operation}", table
    else:
        index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
        yield f"dynamodb:{operation}", request["TableName"] + index


def _of_s3(environ: dict[str, Any]) -> Permission:
    bucket, _, key = environ["PATH_INFO"].lstrip("/").partition("/")
    if not key:
        return "s3:ListBucket", bucket
    is_versioned = "versionId" in parse_qs(environ["QUERY_STRING"])
    actions = {"GET": "Get", "HEAD": "Get", "PUT": "Put", "DELETE": "Delete"}
    return f"s3:{actions[environ['REQUEST_METHOD']]}Object{'Version' if is_versioned else ''}", f"{bucket}/*"
