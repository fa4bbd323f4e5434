"""The messages that travel on the queues, checked where they enter.

Every message carries bytes of somebody else's making: unknown fields pass, missing ones are named.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from personal_pipeline.domain.notices import Notice


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class IngestMessage(Message):
    """One document to look at. S3 notifications are translated to this at the edge.

    ``sequencer`` orders the events of one key; None (moto sends none) means "look again": a new revision
    is minted and whatever the bucket holds then is read. So do ``reindex``, and ``finish`` unless the
    document was finished meanwhile.
    """

    bucket: str
    key: str = Field(max_length=4096)
    kind: Literal["put", "delete", "reindex", "finish"]
    version_id: str | None = None
    sequencer: str | None = None


class AlertMessage(Message):
    """A webhook body as it came, with the source that its route named. ``body`` is base64 of the raw bytes.

    ``content_type`` is what the sender said: a form is no JSON.
    """

    source: str
    received_at: float
    body: str
    content_type: str = ""


class TickMessage(Message):
    """What gathered for a slot of a lane is to be told now. It travels on the alert queue, delayed until then.

    ``service`` is the name that people know, of the lane's.
    """

    lane: str
    service: str
    slot: float


class DeliveryMessage(Message):
    """A notice for one target, by the name that the routes give it. ``delivery_id`` is the receiver's key to fold
    what arrives twice: the same for every attempt at this revision.
    """

    target: str
    delivery_id: str
    notice: Notice


class RefreshMessage(Message):
    """One stale answer to compute again. ``cache_key`` is that of the query alone, whatever embeds it."""

    cache_key: str
    digest: str
    text: str
    source: str = ""
    service: str = ""
    type: str = ""
    severity: str = ""
    limit: int = 10
    offset: int = 0
    groups: list[str] = ["public"]
