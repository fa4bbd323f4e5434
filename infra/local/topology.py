"""The deployed system as data, read from ``template.yaml``: the one reader for one machine, moto and LocalStack.

Resource types that carry no traffic (policies, log groups, alarms) pass. An event type that nothing here
can play is an error, so that a function never waits for events that cannot come.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from infra.local.template import Template, TemplateError
from infra.local.ways_in import EventRule, Subscription, event_rules, subscriptions

REGION = "us-east-1"
ACCOUNT = "000000000000"


@dataclass(frozen=True, slots=True)
class Function:
    id: str  # the template's logical id, as in every class here
    name: str
    code: Path
    handler: str
    timeout_seconds: int
    memory_mb: int
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Route:
    """``is_open``: the template takes the authorizer off this route, because the handler verifies the sender."""

    method: str
    path: str
    function: str
    is_open: bool = False

    @property
    def key(self) -> str:
        return self.path if self.path == "$default" else f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class QueueMapping:
    function: str
    queue: str
    batch_size: int = 10
    window_seconds: int = 0
    reports_failures: bool = False
    max_concurrency: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    name: str
    function: str
    expression: str
    input: str | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    id: str
    name: str
    arn: str
    url: str
    is_fifo: bool = False
    deduplicates_by_content: bool = False
    visibility_timeout_seconds: int = 30
    retention_seconds: int = 4 * 86400
    delay_seconds: int = 0
    max_receive_count: int | None = None
    dead_letter_queue: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    hash: str
    range: str = ""


@dataclass(frozen=True, slots=True)
class TableIndex:
    name: str
    key: Key
    projection: Mapping[str, Any] = field(default_factory=lambda: {"ProjectionType": "ALL"})


@dataclass(frozen=True, slots=True)
class Table:
    id: str
    name: str
    key: Key
    attribute_types: Mapping[str, str]
    indexes: tuple[TableIndex, ...] = ()
    ttl_attribute: str = ""


@dataclass(frozen=True, slots=True)
class BucketNotification:
    events: tuple[str, ...]
    queue: str
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Bucket:
    id: str
    name: str
    is_versioned: bool = False
    notifications: tuple[BucketNotification, ...] = ()


@dataclass(frozen=True, slots=True)
class Topology:
    functions: Mapping[str, Function]
    routes: tuple[Route, ...]
    mappings: tuple[QueueMapping, ...]
    schedules: tuple[Schedule, ...]
    queues: Mapping[str, Queue]
    tables: Mapping[str, Table]
    buckets: Mapping[str, Bucket]
    rules: tuple[EventRule, ...]
    secrets: Mapping[str, str]  # names by logical id, as the next two
    buses: Mapping[str, str]
    subscriptions: tuple[Subscription, ...] = ()

    def queue_with(self, reference: str) -> Queue | None:
        """By name, ARN or URL: a function's environment says it in one of these ways."""
        found = (queue for queue in self.queues.values() if reference in {queue.name, queue.arn, queue.url})
        return next(found, None)


def read_topology(
    path: Path,
    parameters: Mapping[str, str] | None = None,
    *,
    prefix: str = "",
    region: str = REGION,
    queue_urls: Mapping[str, str] | None = None,
) -> Topology:
    """``prefix`` goes before every generated name; ``queue_urls`` (by queue name) are what ``Ref`` of a queue is.

    Without them it is the queue's name, which is how the embedded queues are addressed.
    """
    pseudo = {
        "AWS::Region": region,
        "AWS::AccountId": ACCOUNT,
        "AWS::Partition": "aws",
        "AWS::StackName": prefix.strip("-") or "personal-pipeline",
        "AWS::StackId": f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/personal-pipeline/0",
        "AWS::URLSuffix": "amazonaws.com",
    }
    template = Template.read(path, parameters or {}, pseudo)
    return _Reader(template, path.resolve().parent, prefix, region, queue_urls or {}).topology()


_ARN_FORMS = {
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{name}",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "AWS::Serverless::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::Events::EventBus": "arn:aws:events:{region}:{account}:event-bus/{name}",
    "AWS::SecretsManager::Secret": "arn:aws:secretsmanager:{region}:{account}:secret:{name}",
}
_NAME_PROPERTIES = {
    "AWS::SQS::Queue": "QueueName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Serverless::Function": "FunctionName",
    "AWS::Events::EventBus": "Name",
    "AWS::SecretsManager::Secret": "Name",
}


class _Reader:
    def __init__(self, template: Template, root: Path, prefix: str, region: str, queue_urls: Mapping[str, str]) -> None:
        self._template = template
        self._root = root
        self._prefix = prefix
        self._region = region
        self._queue_urls = queue_urls
        template.resolve_with(self._reference)

    def topology(self) -> Topology:
        functions = {id_: self._function(id_, properties) for id_, properties in self._all("AWS::Serverless::Function")}
        routes = list(self._api_routes())
        mappings: list[QueueMapping] = []
        schedules: list[Schedule] = []
        for id_, name, kind, properties in self._events():
            match kind:
                case "HttpApi":
                    routes.append(_event_route(id_, properties))
                case "SQS":
                    if properties.get("Enabled", True) not in {False, "false"}:
                        mappings.append(self._mapping(id_, properties))
                case "Schedule":
                    if properties.get("State", "ENABLED") == "ENABLED" and properties.get("Enabled", True) is not False:
                        schedules.append(_schedule(id_, name, properties))
                case _:
                    raise TemplateError(
                        f"{self._template.where}: event {name} of {id_} is a {kind}, which is not played outside AWS; "
                        "HttpApi, SQS and Schedule are"
                    )
        queues = {self._arn(id_): id_ for id_, _ in self._all("AWS::SQS::Queue")}
        return Topology(
            functions=functions,
            routes=tuple(routes),
            mappings=tuple(mappings),
            schedules=tuple(schedules),
            queues={id_: self._queue(id_, properties) for id_, properties in self._all("AWS::SQS::Queue")},
            tables={id_: self._table(id_, properties) for id_, properties in self._all("AWS::DynamoDB::Table")},
            buckets={id_: self._bucket(id_, properties) for id_, properties in self._all("AWS::S3::Bucket")},
            rules=tuple(event_rules(self._named("AWS::Events::Rule"), queues)),
            subscriptions=tuple(subscriptions(self._all("AWS::SNS::Subscription"), queues)),
            secrets={id_: self._name(id_) for id_, _ in self._all("AWS::SecretsManager::Secret")},
            buses={id_: self._name(id_) for id_, _ in self._all("AWS::Events::EventBus")},
        )

    def _all(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for id_, resource in self._template.resources.items():
            if resource.get("Type") == kind:
                yield id_, self._template.value(resource.get("Properties", {}))

    def _named(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        return ((self._name(id_), properties) for id_, properties in self._all(kind))

    def _events(self) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
        for id_, properties in self._all("AWS::Serverless::Function"):
            for name, event in properties.get("Events", {}).items():
                yield id_, name, event["Type"], event.get("Properties", {})

    def _name(self, id_: str) -> str:
        resource = self._template.resources.get(id_, {})
        properties = resource.get("Properties", {})
        given = properties.get(_NAME_PROPERTIES.get(resource.get("Type", ""), ""))
        if given is not None:
            return str(self._template.value(given))
        name = self._prefix + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", id_).lower()
        is_fifo = resource.get("Type") == "AWS::SQS::Queue" and self._template.value(properties.get("FifoQueue"))
        return f"{name}.fifo" if is_fifo and not name.endswith(".fifo") else name

    def _arn(self, id_: str) -> str:
        kind = self._template.resources.get(id_, {}).get("Type", "")
        form = _ARN_FORMS.get(kind, f"arn:aws:{kind.lower().replace('::', ':')}:{{region}}:{{account}}:{{name}}")
        return form.format(region=self._region, account=ACCOUNT, name=self._name(id_))

    def _reference(self, id_: str, attribute: str) -> str:
        name = self._name(id_)
        if attribute in {"Arn", "TableArn"}:
            return self._arn(id_)
        is_queue = self._template.resources.get(id_, {}).get("Type") == "AWS::SQS::Queue"
        if is_queue and attribute in {"", "QueueUrl"}:
            return self._queue_urls.get(name, name)
        return name

    def _function(self, id_: str, properties: dict[str, Any]) -> Function:
        shared = self._template.value(self._template.function_globals)
        merged = {**shared, **properties}
        variables = {
            **shared.get("Environment", {}).get("Variables", {}),
            **properties.get("Environment", {}).get("Variables", {}),
        }
        if "CodeUri" not in merged or "Handler" not in merged:
            raise TemplateError(f"{self._template.where}: {id_} needs CodeUri and Handler")
        return Function(
            id=id_,
            name=self._name(id_),
            code=self._root / merged["CodeUri"],
            handler=merged["Handler"],
            timeout_seconds=int(merged.get("Timeout", 3)),
            memory_mb=int(merged.get("MemorySize", 128)),
            environment={name: _text(value) for name, value in variables.items()},
        )

    def _api_routes(self) -> Iterator[Route]:
        functions = {self._arn(id_): id_ for id_, _ in self._all("AWS::Serverless::Function")}
        behind: dict[str, str] = {}
        for id_, integration in self._all("AWS::ApiGatewayV2::Integration"):
            uri, version = integration.get("IntegrationUri"), integration.get("PayloadFormatVersion")
            if uri not in functions or version != "2.0":
                raise TemplateError(
                    f"{self._template.where}: {id_} is not played outside AWS; only functions with format 2.0 are"
                )
            behind[f"integrations/{self._name(id_)}"] = functions[uri]
        for id_, route in self._all("AWS::ApiGatewayV2::Route"):
            if route.get("Target") not in behind:
                raise TemplateError(f"{self._template.where}: route {id_} has no integration behind it")
            method, _, path = route["RouteKey"].rpartition(" ")
            is_open = route.get("AuthorizationType", "NONE") == "NONE"
            yield Route(method or "ANY", path, behind[route["Target"]], is_open)

    def _mapping(self, function: str, properties: dict[str, Any]) -> QueueMapping:
        concurrency = properties.get("ScalingConfig", {}).get("MaximumConcurrency")
        return QueueMapping(
            function=function,
            queue=self._queue_id(properties["Queue"], f"an event of {function}"),
            batch_size=int(properties.get("BatchSize", 10)),
            window_seconds=int(properties.get("MaximumBatchingWindowInSeconds", 0)),
            reports_failures="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
            max_concurrency=None if concurrency is None else int(concurrency),
        )

    def _queue_id(self, arn: str, user: str) -> str:
        for id_, resource in self._template.resources.items():
            if resource.get("Type") == "AWS::SQS::Queue" and self._arn(id_) == arn:
                return id_
        raise TemplateError(f"{self._template.where}: {user} names the queue {arn}, which the template does not have")

    def _queue(self, id_: str, properties: dict[str, Any]) -> Queue:
        redrive = properties.get("RedrivePolicy") or {}
        queue = Queue(
            id=id_,
            name=self._name(id_),
            arn=self._arn(id_),
            url=self._reference(id_, ""),
            is_fifo=bool(properties.get("FifoQueue", False)),
            deduplicates_by_content=bool(properties.get("ContentBasedDeduplication", False)),
            visibility_timeout_seconds=int(properties.get("VisibilityTimeout", 30)),
            retention_seconds=int(properties.get("MessageRetentionPeriod", 4 * 86400)),
            delay_seconds=int(properties.get("DelaySeconds", 0)),
        )
        if not redrive:
            return queue
        return replace(
            queue,
            max_receive_count=int(redrive["maxReceiveCount"]),
            dead_letter_queue=self._queue_id(redrive["deadLetterTargetArn"], f"the redrive policy of {id_}"),
        )

    def _table(self, id_: str, properties: dict[str, Any]) -> Table:
        ttl = properties.get("TimeToLiveSpecification", {})
        return Table(
            id=id_,
            name=self._name(id_),
            key=_key(properties["KeySchema"]),
            attribute_types={
                attribute["AttributeName"]: attribute["AttributeType"]
                for attribute in properties["AttributeDefinitions"]
            },
            indexes=tuple(
                TableIndex(index["IndexName"], _key(index["KeySchema"]), index["Projection"])
                for index in properties.get("GlobalSecondaryIndexes", [])
            ),
            ttl_attribute=ttl["AttributeName"] if ttl.get("Enabled") in {True, "true"} else "",
        )

    def _bucket(self, id_: str, properties: dict[str, Any]) -> Bucket:
        configurations = properties.get("NotificationConfiguration", {}).get("QueueConfigurations", [])
        notifications = []
        for configuration in configurations:
            rules = configuration.get("Filter", {}).get("S3Key", {}).get("Rules", [])
            parts = {rule["Name"].lower(): rule["Value"] for rule in rules}
            notifications.append(
                BucketNotification(
                    events=(configuration["Event"],),
                    queue=self._queue_id(configuration["Queue"], f"the notification of {id_}"),
                    prefix=parts.get("prefix", ""),
                    suffix=parts.get("suffix", ""),
                )
            )
        versioning = properties.get("VersioningConfiguration", {}).get("Status")
        return Bucket(id_, self._name(id_), versioning == "Enabled", tuple(notifications))


def _event_route(function: str, properties: dict[str, Any]) -> Route:
    is_open = properties.get("Auth", {}).get("Authorizer") == "NONE"
    return Route(properties.get("Method", "ANY").upper(), properties.get("Path", "$default"), function, is_open)


def _schedule(function: str, name: str, properties: dict[str, Any]) -> Schedule:
    given = properties.get("Input")
    text = given if given is None or isinstance(given, str) else json.dumps(given)
    return Schedule(properties.get("Name", f"{function}{name}"), function, properties["Schedule"], text)


def _key(schema: list[dict[str, str]]) -> Key:
    by_type = {part["KeyType"]: part["AttributeName"] for part in schema}
    return Key(by_type["HASH"], by_type.get("RANGE", ""))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
