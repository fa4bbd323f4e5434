"""What the template names, created on an AWS endpoint (moto)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.local.deploy import deploy
from infra.local.topology import Topology, read_topology

TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"


def client(service: str) -> Any:
    return boto3.client(service, region_name="us-east-1")


@pytest.fixture
def topology() -> Iterator[Topology]:
    with mock_aws():
        yield read_topology(TEMPLATE)


def bodies(url: str) -> list[dict[str, Any]]:
    found = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def test_a_document_put_into_the_bucket_reaches_the_ingest_queue(topology):
    urls = deploy(topology, client)
    bodies(urls["ingest-queue"])  # S3's test message

    client("s3").put_object(Bucket=topology.buckets["DocumentsBucket"].name, Key="runbooks/disk.md", Body=b"# Disk")

    (body,) = bodies(urls["ingest-queue"])
    assert body["Records"][0]["s3"]["object"]["key"] == "runbooks%2Fdisk.md"


def test_the_bucket_tells_of_deletions_too(topology):
    """Only the configuration: moto sends no such event."""
    deploy(topology, client)
    bucket = topology.buckets["DocumentsBucket"].name

    told = client("s3").get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]

    assert sorted(event for each in told for event in each["Events"]) == ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]


def test_what_keeps_failing_ends_in_the_dead_letter_queue(topology):
    urls = deploy(topology, client)
    sqs = client("sqs")
    sqs.send_message(QueueUrl=urls["alert-queue"], MessageBody='{"is": "poison"}')

    for _ in range(6):
        for message in sqs.receive_message(QueueUrl=urls["alert-queue"]).get("Messages", []):
            handle = message["ReceiptHandle"]
            sqs.change_message_visibility(QueueUrl=urls["alert-queue"], ReceiptHandle=handle, VisibilityTimeout=0)

    assert bodies(urls["alert-dead-letter-queue"]) == [{"is": "poison"}]


def test_a_fifo_queue_keeps_the_order_of_a_group(topology):
    urls = deploy(topology, client)
    for number in range(3):
        client("sqs").send_message(
            QueueUrl=urls["refresh-queue.fifo"],
            MessageBody=str(number),
            MessageGroupId="one",
            MessageDeduplicationId=str(number),
        )

    assert bodies(urls["refresh-queue.fifo"]) == [0, 1, 2]


def test_tables_have_their_keys_their_indexes_and_a_time_to_live(topology):
    deploy(topology, client)

    for table in topology.tables.values():
        found = client("dynamodb").describe_table(TableName=table.name)["Table"]
        ttl = client("dynamodb").describe_time_to_live(TableName=table.name)["TimeToLiveDescription"]
        assert found["KeySchema"][0] == {"AttributeName": "pk", "KeyType": "HASH"}
        assert [index["IndexName"] for index in found.get("GlobalSecondaryIndexes", [])] == [
            index.name for index in table.indexes
        ]
        assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}


def test_deploying_again_keeps_what_is_there(topology):
    urls = deploy(topology, client)
    name = topology.secrets["WebhookSecret"]
    secret = client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    bucket = topology.buckets["DocumentsBucket"].name
    client("s3").put_object(Bucket=bucket, Key="runbooks/disk.md", Body=b"# Disk")

    assert deploy(topology, client) == urls
    assert client("secretsmanager").get_secret_value(SecretId=name)["SecretString"] == secret
    assert client("s3").get_object(Bucket=bucket, Key="runbooks/disk.md")["Body"].read() == b"# Disk"
