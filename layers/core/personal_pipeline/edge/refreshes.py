"""The messages that ask for a stale answer to be computed again."""

from pydantic import ValidationError

from personal_pipeline.domain.errors import InvalidMessageError
from personal_pipeline.domain.search import CallerScope, SearchFilters, SearchQuery
from personal_pipeline.messages import RefreshMessage


def refresh_queries(body: str) -> list[SearchQuery]:
    """Raises InvalidMessageError, also when the message and its cache key are not of one query."""
    try:
        message = RefreshMessage.model_validate_json(body)
    except ValidationError as error:
        raise InvalidMessageError(f"refresh message: {error.errors()[0]['msg']}") from error
    query = SearchQuery(
        message.text,
        SearchFilters(message.source, message.service, message.type, message.severity),
        message.limit,
        message.offset,
        CallerScope(tuple(message.groups)),
    )
    if query.cache_key() != message.cache_key:
        raise InvalidMessageError("refresh message: its cache key is of another query, or of an older ranker")
    return [query]
