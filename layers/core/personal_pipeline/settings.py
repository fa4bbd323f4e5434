"""The environment, read once and checked. Small groups: a function demands only what it uses.

A wrong or missing value stops the cold start and names the variable. ``docs/configuration.md`` has a line
for each; a test keeps it so.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt, ValidationError

from personal_pipeline.domain.callers import Callers, InvalidCallersError
from personal_pipeline.domain.errors import RejectedError


class InvalidSettingsError(RejectedError):
    pass


class Settings(BaseModel):
    """Each field is read from the variable of the same name in upper case."""

    model_config = ConfigDict(frozen=True)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Self:
        env = os.environ if env is None else env
        given = {field: env[field.upper()] for field in cls.model_fields if env.get(field.upper())}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            lines = [f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
            raise InvalidSettingsError("environment: " + "; ".join(lines)) from error


class StorageSettings(Settings):
    storage: Literal["aws", "local"] = Field("aws", description="AWS services, or embedded parts under DATA_DIR")
    data_dir: Path = Field(Path(".pp"), description="Where the embedded parts keep their files")
    aws_endpoint_url: str = Field("", description="Another AWS endpoint: moto's server, LocalStack")


class TableSettings(StorageSettings):
    catalog_table: str = Field(description="DynamoDB table of documents and alert keys")
    cache_table: str = Field(description="DynamoDB table of cached answers, documents and generations")
    activity_table: str = Field(description="DynamoDB table of query popularity, feedback and records of alerts")
    table_connect_timeout_seconds: PositiveFloat = Field(0.2, description="DynamoDB: to connect")
    table_timeout_seconds: PositiveFloat = Field(0.25, description="DynamoDB: to answer; longer off the search path")
    table_attempts: PositiveInt = Field(1, description="DynamoDB: attempts at a request; 2 off the search path")


class BucketSettings(StorageSettings):
    documents_bucket: str = Field(description="S3 bucket of the raw documents")


class QueueSettings(StorageSettings):
    ingest_queue_url: str = Field("", description="SQS queue of document events")
    alert_queue_url: str = Field("", description="SQS queue of raw alerts")
    refresh_queue_url: str = Field("", description="SQS FIFO queue of stale answers to compute again")
    retry_delays_seconds: str = Field(
        "5,30,120", description="When a failed message becomes visible again, by attempt", pattern=r"^\d+(,\d+)*$"
    )

    @property
    def retry_delays(self) -> tuple[int, ...]:
        return tuple(int(seconds) for seconds in self.retry_delays_seconds.split(","))


class IndexSettings(StorageSettings):
    index_backend: Literal["opensearch", "tantivy"] = Field("opensearch", description="Which search engine")
    opensearch_url: str = Field("", description="Endpoint of the OpenSearch domain or node")
    opensearch_auth: Literal["sigv4", "none"] = Field("sigv4", description="How requests to OpenSearch are signed")
    index_alias: str = Field("passages", description="Alias that searches go to; the index behind it carries a version")
    index_timeout_seconds: PositiveFloat = Field(0.4, description="One search attempt, after the connection stands")
    index_connect_timeout_seconds: PositiveFloat = Field(1.0, description="To connect to the index")
    index_write_timeout_seconds: PositiveFloat = Field(5.0, description="One bulk write")


class EmbedderSettings(StorageSettings):
    embedder: Literal["none", "onnx", "bedrock"] = Field(
        "none", description="What makes vectors of texts: nothing, the model in EMBEDDING_MODEL_DIR, or Amazon Bedrock"
    )
    embedding_model_dir: Path = Field(Path("build/model"), description="The files that `make model` builds")
    embedding_threads: PositiveInt = Field(1, description="Threads that one text is computed on")
    bedrock_model_id: str = Field(
        "amazon.titan-embed-text-v2:0", description="Embedding model on Bedrock: Titan 2, Cohere 3 or Cohere 4"
    )
    bedrock_connect_timeout_seconds: PositiveFloat = Field(0.5, description="Bedrock: to connect")
    bedrock_timeout_seconds: PositiveFloat = Field(1.0, description="Bedrock: to answer; longer off the search path")
    bedrock_attempts: PositiveInt = Field(1, description="Bedrock: attempts at a request; more off the search path")


class CacheSettings(Settings):
    l1_max_bytes: PositiveInt = Field(32 * 1024 * 1024, description="In-process cache: total size of its answers")
    l1_ttl_seconds: PositiveFloat = Field(60.0, description="In-process cache: how long an answer is kept")
    generation_max_age_seconds: NonNegativeFloat = Field(
        2.0, description="How long an in-process answer is used without reading the generations again"
    )
    fresh_seconds: PositiveFloat = Field(3600.0, description="How long an answer is fresh while nothing changes")
    empty_fresh_seconds: PositiveFloat = Field(60.0, description="The same, for an answer without hits")
    stale_seconds: PositiveFloat = Field(86400.0, description="How long an answer may serve when the index does not")
    stale_list_seconds: NonNegativeFloat = Field(
        300.0, description="How old a list may be that is served once more after a content change; 0 = never"
    )


class BreakerSettings(Settings):
    breaker_failures: PositiveInt = Field(3, description="Failures in a row after which the index is left alone")
    breaker_open_seconds: PositiveFloat = Field(2.0, description="For how long")


class ParserSettings(Settings):
    parse_timeout_seconds: PositiveFloat = Field(10.0, description="Longest time one document may take to parse")
    parse_memory_bytes: PositiveInt = Field(400 * 1024 * 1024, description="Most memory the parsing process may use")


class WarmSettings(Settings):
    warm_limit: PositiveInt = Field(200, description="How many of the most asked queries are warmed")
    warm_days: PositiveInt = Field(7, description="How many days of popularity count")


class WebhookSettings(StorageSettings):
    webhook_secret_name: str = Field(description="Name of the secret of webhook senders that have none of their own")
    webhook_secret_name_prefix: str = Field(
        "", description="Before the name of a source it is the name of that source's own secret; empty: there are none"
    )
    senders_file: str = Field("", description="Your own choice of how senders are verified; empty: as shipped")


class CallerSettings(Settings):
    caller_groups: str = Field(
        "",
        description="Groups by IAM role or user, or by `sha256:` of an API key: `WHO=group,group`, with `;` between",
    )

    @property
    def callers(self) -> Callers:
        try:
            return Callers.parse(self.caller_groups)
        except InvalidCallersError as error:
            raise InvalidSettingsError(f"environment: CALLER_GROUPS: {error}") from error


class CatalogueSettings(Settings):
    review_every_days: PositiveInt = Field(
        365, description="When the review of a document is due that says when the last was, but not how often"
    )


class SlackSettings(StorageSettings):
    slack_signing_secret_name: str = Field(
        "", description="Name of the secret that Slack signs clicks with; empty takes none"
    )


class McpSettings(Settings):
    mcp_allowed_origins: str = Field(
        "", description="Origins of web pages that may ask over MCP, with commas between; empty: none may"
    )

    @property
    def allowed_origins(self) -> frozenset[str]:
        return frozenset(origin.strip() for origin in self.mcp_allowed_origins.split(",") if origin.strip())


class AlertMappingSettings(Settings):
    alert_mappings_file: str = Field("", description="Your own mappings of alert payloads; empty: only those shipped")


class EpisodeSettings(Settings):
    alert_quiet_seconds: PositiveFloat = Field(
        300.0, description="An alert that fires again so soon after its end is the same trouble, and only counted"
    )
    alert_remind_seconds: PositiveFloat = Field(
        3600.0, description="For so long; one that goes on coming and going after that is told anew"
    )


class RoutingSettings(Settings):
    routes_file: str = Field("", description="Who is told of which alert; empty = the file of the package")
    delivery_queues: str = Field(
        "",
        description="SQS FIFO queues of notices by kind of target: `slack=https://...,sns=https://...`",
        pattern=r"^([a-z]+=[^,=]+(,[a-z]+=[^,=]+)*)?$",
    )

    @property
    def queue_urls(self) -> dict[str, str]:
        pairs = (pair.partition("=") for pair in self.delivery_queues.split(",") if pair)
        return {kind: url for kind, _, url in pairs}


class DeliverSettings(StorageSettings):
    event_bus_name: str = Field("default", description="EventBridge bus that RunbookMatched events go to")
    targets_prefix: str = Field("", description="What the names of targets' secrets begin with in Secrets Manager")
    delivery_delays_seconds: str = Field(
        "5,30,120,300,600,900",
        description="When a notice that a target did not take becomes visible again, by attempt",
        pattern=r"^\d+(,\d+)*$",
    )
    target_breaker_failures: PositiveInt = Field(5, description="Failures in a row after which a target is left alone")
    target_breaker_open_seconds: PositiveFloat = Field(30.0, description="For how long")

    @property
    def delivery_delays(self) -> tuple[int, ...]:
        return tuple(int(seconds) for seconds in self.delivery_delays_seconds.split(","))
