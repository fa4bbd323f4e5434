"""Takes a person's word on whether a document helped with a kind of alert. The same word twice counts once."""

from collections.abc import Callable

from personal_pipeline.domain.feedback import VOTE_SECONDS, signature, voter
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.ports import Activity
from personal_pipeline.services.read_document import ReadDocument


class GiveFeedback:
    def __init__(self, activity: Activity, read_document: ReadDocument, clock: Callable[[], float]) -> None:
        self._activity = activity
        self._read_document = read_document
        self._clock = clock

    def __call__(
        self, alert: str, service: str, doc_id: str, helpful: bool | None, caller: str, scope: CallerScope
    ) -> None:
        """None takes the word back. Raises DocumentMissingError, also for what the caller may not see."""
        document = self._read_document(doc_id, scope)
        expires_at = self._clock() + VOTE_SECONDS
        self._activity.vote(signature(alert, service), document.doc_id, voter(caller), helpful, expires_at)
