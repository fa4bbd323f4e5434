"""The messages on the alert queue: webhook bodies that the intake verified."""

from pydantic import ValidationError

from personal_pipeline.domain.errors import InvalidMessageError
from personal_pipeline.messages import AlertMessage


def alert_messages(body: str) -> list[AlertMessage]:
    """Raises InvalidMessageError."""
    try:
        return [AlertMessage.model_validate_json(body)]
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidMessageError(f"alert message: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
