"""The messages on the delivery queues: a notice for one target each."""

from pydantic import ValidationError

from personal_pipeline.domain.errors import InvalidMessageError
from personal_pipeline.messages import DeliveryMessage


def delivery_messages(body: str) -> list[DeliveryMessage]:
    """Raises InvalidMessageError."""
    try:
        return [DeliveryMessage.model_validate_json(body)]
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidMessageError(f"delivery message: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
