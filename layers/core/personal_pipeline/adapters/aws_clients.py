"""The one place where AWS clients are made: explicit timeouts, few attempts, an endpoint from the settings.

A default client tries a throttled table ten times in 25 seconds; here an attempt is short, and what is tried
again is decided by who waits: nothing on the search path, once elsewhere, and the queues do the rest.
Clients are made on first use and kept. botocore is used without boto3, which saves 25 ms of 220 at start.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from personal_pipeline.domain.errors import RejectedError, UnavailableError

if TYPE_CHECKING:
    from botocore.session import Session

_REJECTED = {"ValidationException", "ValidationError", "SerializationException"}
_ADVICE = {
    "AccessDenied": "allow it in the role's policy",
    "AccessDeniedException": "allow it in the role's policy",
    "ResourceNotFoundException": "check the name and the region, and that the stack is deployed",
    "AWS.SimpleQueueService.NonExistentQueue": "check the queue's URL and that the stack is deployed",
    "QueueDoesNotExist": "check the queue's URL and that the stack is deployed",
    "NoSuchBucket": "check DOCUMENTS_BUCKET and that the stack is deployed",
    "ExpiredTokenException": "renew the credentials",
    "UnrecognizedClientException": "check the credentials",
    "InvalidClientTokenId": "check the credentials",
}


class AwsClients:
    def __init__(self, endpoint_url: str = "") -> None:
        self._endpoint_url = endpoint_url or None
        self._session: Session | None = None
        self._clients: dict[tuple[str, float, float, int], Any] = {}
        self._lock = threading.Lock()

    def factory(
        self,
        service: str,
        *,
        connect_timeout_seconds: float = 1.0,
        timeout_seconds: float = 5.0,
        attempts: int = 2,
    ) -> Callable[[], Any]:
        """A function that makes the client when it is first called; equal arguments share one client."""

        def client() -> Any:
            wanted = (service, connect_timeout_seconds, timeout_seconds, attempts)
            if wanted not in self._clients:
                with self._lock:  # botocore's sessions are not safe for threads, its clients are
                    if wanted not in self._clients:
                        self._clients[wanted] = self._make(*wanted)
            return self._clients[wanted]

        return client

    def _make(self, service: str, connect_timeout_seconds: float, timeout_seconds: float, attempts: int) -> Any:
        self._session = self._session or botocore.session.get_session()
        config = Config(
            connect_timeout=connect_timeout_seconds,
            read_timeout=timeout_seconds,
            retries={"mode": "standard", "total_max_attempts": attempts},
            tcp_keepalive=True,
        )
        return self._session.create_client(service, endpoint_url=self._endpoint_url, config=config)


@contextmanager
def aws_errors(what: str, unavailable: type[UnavailableError] = UnavailableError) -> Iterator[None]:
    """Translate what AWS refuses for good to RejectedError, everything else to ``unavailable``; ``what`` is named."""
    try:
        yield
    except ClientError as error:
        code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
        if code in _REJECTED:
            raise RejectedError(f"{what} refuses the request: {message}") from error
        raise unavailable(f"{what}: {code}: {message}; {_ADVICE.get(code, 'try again')}") from error
    except NoCredentialsError as error:
        raise unavailable(f"{what}: no AWS credentials: log in, or set AWS_PROFILE") from error
    except NoRegionError as error:
        raise unavailable(f"{what}: no AWS region: set AWS_DEFAULT_REGION") from error
    except BotoCoreError as error:
        raise unavailable(f"{what} does not answer: {error}") from error
