"""Three families of errors, because callers can do three different things.

A leaf carries the id that matters in its message and says what to do next. Translation to HTTP
or to a failed batch item happens at the edge.
"""


class PipelineError(Exception):
    """Base of every error this library raises on purpose."""


class MissingError(PipelineError):
    """Not there. HTTP 404."""


class DocumentMissingError(MissingError):
    pass


class PlaceMissingError(MissingError):
    """A document that is there has no such step or section."""


class RejectedError(PipelineError):
    """Wrong, and it will stay wrong: do not try again unchanged. HTTP 422."""


class InvalidDocumentError(RejectedError):
    pass


class InvalidQueryError(RejectedError):
    pass


class InvalidMessageError(RejectedError):
    pass


class InvalidAlertError(RejectedError):
    pass


class ReusedKeyError(RejectedError):
    """An idempotency key stands for another request already."""


class UnauthorisedError(PipelineError):
    """The sender is not who it must be. HTTP 401, without a detail."""


class ReplayedError(PipelineError):
    """A signed request came a second time. HTTP 409, without a detail."""


class StaleRevisionError(PipelineError):
    """A newer revision of this document was accepted meanwhile: stop, nothing is lost."""


class UnavailableError(PipelineError):
    """Try again. HTTP 503, or back to the queue."""


class IndexUnavailableError(UnavailableError):
    pass


class TableUnavailableError(UnavailableError):
    pass


class QueueUnavailableError(UnavailableError):
    pass


class StoreUnavailableError(UnavailableError):
    pass


class EmbedderUnavailableError(UnavailableError):
    pass


class SecretMissingError(UnavailableError):
    """There is no such secret, or no value in it: another one may be meant."""


class TargetUnavailableError(UnavailableError):
    """A delivery target did not take a notice. ``retry_after``: seconds that it asked for, 0 when it did not."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
