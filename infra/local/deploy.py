"""Creates what a topology names on an AWS endpoint: moto's server, LocalStack, DynamoDB Local.

In AWS, CloudFormation does this from the same template. What is there already stays as it is.
"""

import io
import json
import secrets
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from infra.local.topology import ACCOUNT, Bucket, Key, Queue, Table, Topology
from infra.local.ways_in import EventRule, Subscription

Clients = Callable[[str], Any]
"""The boto3 client of a service, by name: the parts may stand behind different endpoints."""

SECRET_BYTES = 30


def deploy(topology: Topology, clients: Clients) -> dict[str, str]:
    """Everything but the functions, which not every endpoint runs. Returns the URLs of the queues by their names."""
    urls, arns = _create_queues(topology, clients("sqs"))
    for table in topology.tables.values():
        _create_table(table, clients("dynamodb"))
    for bucket in topology.buckets.values():
        _create_bucket(bucket, arns, clients("s3"))
    for name in topology.secrets.values():
        _create_secret(name, clients("secretsmanager"))
    for name in topology.buses.values():
        clients("events").create_event_bus(Name=name)
    for rule in topology.rules:
        _create_rule(rule, arns, clients("events"))
    for subscription in topology.subscriptions:
        _subscribe(subscription, arns, clients("sns"))
    return urls


def deploy_functions(topology: Topology, built: Path, environment: Mapping[str, str], clients: Clients) -> None:
    """From the folders of a build, each listening to its queues. ``environment`` goes over the template's."""
    functions = clients("lambda")
    for function in topology.functions.values():
        functions.create_function(
            FunctionName=function.name,
            Runtime="python3.13",
            Role=f"arn:aws:iam::{ACCOUNT}:role/{function.name}",
            Handler=function.handler,
            Code={"ZipFile": _zipped(built / function.id)},
            Timeout=function.timeout_seconds,
            MemorySize=function.memory_mb,
            Environment={"Variables": {**function.environment, **environment}},
        )
    for function in topology.functions.values():
        functions.get_waiter("function_active_v2").wait(FunctionName=function.name, WaiterConfig={"Delay": 1})
    for mapping in topology.mappings:
        queue = topology.queues[mapping.queue]
        limits = {"MaximumConcurrency": mapping.max_concurrency} if mapping.max_concurrency else {}
        functions.create_event_source_mapping(
            FunctionName=topology.functions[mapping.function].name,
            EventSourceArn=queue.arn,
            BatchSize=mapping.batch_size,
            MaximumBatchingWindowInSeconds=mapping.window_seconds,
            FunctionResponseTypes=["ReportBatchItemFailures"] if mapping.reports_failures else [],
            ScalingConfig=limits,
        )


def _zipped(folder: Path) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        for path in sorted(folder.rglob("*")):
            files.write(path, path.relative_to(folder))
    return archive.getvalue()


def _create_queues(topology: Topology, sqs: Any) -> tuple[dict[str, str], dict[str, str]]:
    urls: dict[str, str] = {}
    arns: dict[str, str] = {}
    # Dead-letter queues first: the others name them.
    for queue in sorted(topology.queues.values(), key=lambda queue: bool(queue.dead_letter_queue)):
        url = sqs.create_queue(QueueName=queue.name, Attributes=_queue_attributes(queue, arns))["QueueUrl"]
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        urls[queue.name], arns[queue.id] = url, answer["Attributes"]["QueueArn"]
    return urls, arns


def _queue_attributes(queue: Queue, arns: dict[str, str]) -> dict[str, str]:
    attributes = {
        "VisibilityTimeout": str(queue.visibility_timeout_seconds),
        "MessageRetentionPeriod": str(queue.retention_seconds),
        "DelaySeconds": str(queue.delay_seconds),
    }
    if queue.is_fifo:
        attributes["FifoQueue"] = "true"
        attributes["ContentBasedDeduplication"] = str(queue.deduplicates_by_content).lower()
    if queue.dead_letter_queue:
        target, attempts = arns[queue.dead_letter_queue], queue.max_receive_count
        attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": attempts})
    return attributes


def _create_table(table: Table, dynamodb: Any) -> None:
    types = [{"AttributeName": name, "AttributeType": kind} for name, kind in table.attribute_types.items()]
    indexes = [
        {"IndexName": index.name, "KeySchema": _key_schema(index.key), "Projection": dict(index.projection)}
        for index in table.indexes
    ]
    request: dict[str, Any] = {"GlobalSecondaryIndexes": indexes} if indexes else {}
    try:
        dynamodb.create_table(
            TableName=table.name,
            KeySchema=_key_schema(table.key),
            AttributeDefinitions=types,
            BillingMode="PAY_PER_REQUEST",
            **request,
        )
    except dynamodb.exceptions.ResourceInUseException:
        return
    dynamodb.get_waiter("table_exists").wait(TableName=table.name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    if table.ttl_attribute:
        ttl = {"Enabled": True, "AttributeName": table.ttl_attribute}
        dynamodb.update_time_to_live(TableName=table.name, TimeToLiveSpecification=ttl)


def _key_schema(key: Key) -> list[dict[str, str]]:
    schema = [{"AttributeName": key.hash, "KeyType": "HASH"}]
    return [*schema, {"AttributeName": key.range, "KeyType": "RANGE"}] if key.range else schema


def _create_bucket(bucket: Bucket, arns: dict[str, str], s3: Any) -> None:
    if bucket.name not in {known["Name"] for known in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=bucket.name)
    if bucket.is_versioned:
        s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    configurations = []
    for notification in bucket.notifications:
        parts = {"prefix": notification.prefix, "suffix": notification.suffix}
        rules = [{"Name": name, "Value": value} for name, value in parts.items() if value]
        configuration = {"QueueArn": arns[notification.queue], "Events": list(notification.events)}
        configurations.append(configuration | ({"Filter": {"Key": {"FilterRules": rules}}} if rules else {}))
    if configurations:
        wanted = {"QueueConfigurations": configurations}
        s3.put_bucket_notification_configuration(Bucket=bucket.name, NotificationConfiguration=wanted)


def _create_secret(name: str, secretsmanager: Any) -> None:
    try:
        secretsmanager.create_secret(Name=name, SecretString=secrets.token_urlsafe(SECRET_BYTES))
    except secretsmanager.exceptions.ResourceExistsException:
        return


def _create_rule(rule: EventRule, arns: dict[str, str], events: Any) -> None:
    events.put_rule(Name=rule.name, EventBusName=rule.bus, EventPattern=json.dumps(dict(rule.pattern)))
    targets = [{"Id": queue, "Arn": arns[queue]} for queue in rule.queues]
    events.put_targets(Rule=rule.name, EventBusName=rule.bus, Targets=targets)


def _subscribe(subscription: Subscription, arns: dict[str, str], sns: Any) -> None:
    attributes = {"RawMessageDelivery": str(subscription.is_raw).lower()}
    if subscription.dead_letter_queue:
        attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": arns[subscription.dead_letter_queue]})
    sns.subscribe(
        TopicArn=subscription.topic_arn, Protocol="sqs", Endpoint=arns[subscription.queue], Attributes=attributes
    )
