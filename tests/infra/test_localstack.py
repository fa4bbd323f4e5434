"""The whole path on LocalStack: bucket, notification, queue, built functions, tables, a real search index; and from an
alarm of CloudWatch over a topic or the event bus to the runbook that is announced.

LocalStack plays S3, SQS, Secrets Manager and Lambda's event source mappings, and runs the built functions with
Lambda's runtime client; DynamoDB Local keeps the tables, OpenSearch the passages. It plays no HTTP API: searches
invoke the function with the event that the API would send.
"""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.local.deploy import deploy, deploy_functions
from infra.local.topology import ACCOUNT, read_topology
from tests import localstack_process

pytestmark = pytest.mark.real

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATE = PROJECT / "template.yaml"
DOCUMENTS = PROJECT / "events" / "documents"
GOOD = ("platform/disk-full-on-a-node.md", "orders-db/replication-lag.md")
PATIENCE_SECONDS = 40


class Deployment:
    def __init__(self, url: str, opensearch_url: str, built: Path) -> None:
        self._url = url
        self.topic = self.client("sns").create_topic(Name="pages")["TopicArn"]
        parameters = {"AlertTopicArn": self.topic}
        urls = deploy(read_topology(TEMPLATE, parameters, prefix="localstack-"), self.client)
        self.topology = read_topology(TEMPLATE, parameters, prefix="localstack-", queue_urls=urls)
        self.announced = self._announced()
        self.bucket = self.topology.buckets["DocumentsBucket"].name
        layers = [built / layer / "python" for layer in ("CoreLayer", "DepsLayer")]
        environment = {
            "PYTHONPATH": ":".join(map(str, layers)),
            "OPENSEARCH_URL": opensearch_url,
            "OPENSEARCH_AUTH": "none",
            "INDEX_ALIAS": "passages-localstack",
            "INDEX_TIMEOUT_SECONDS": "10",  # these parts on a busy machine are no AWS
            "TABLE_CONNECT_TIMEOUT_SECONDS": "5",
            "TABLE_TIMEOUT_SECONDS": "10",
            "RETRY_DELAYS_SECONDS": "1",
            "POWERTOOLS_TRACE_DISABLED": "true",
        }
        deploy_functions(self.topology, built, environment, self.client)

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self._url,
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def put(self, key: str, body: bytes) -> None:
        self.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body)

    def paths_found(self, words: str) -> list[str]:
        event = json.loads((PROJECT / "events" / "search" / "search.json").read_text())
        event["queryStringParameters"] = {"q": words}
        name = self.topology.functions["SearchFunction"].name
        answer = json.load(self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))["Payload"])
        if answer.get("statusCode") == 503:  # before the first document there is no index
            return []
        assert answer.get("statusCode") == 200, answer
        return [hit["path"] for hit in json.loads(answer["body"])["hits"]]

    def _announced(self) -> str:
        """The URL of a queue that gets what the functions announce."""
        url = self.client("sqs").create_queue(QueueName="announced")["QueueUrl"]
        events = self.client("events")
        events.put_rule(Name="announced", EventPattern=json.dumps({"source": ["personal-pipeline"]}))
        arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:announced"
        events.put_targets(Rule="announced", Targets=[{"Id": "announced", "Arn": arn}])
        return url

    def is_announced(self, alert: str, runbook: str) -> bool:
        messages = self.client("sqs").receive_message(
            QueueUrl=self.announced, VisibilityTimeout=0, MaxNumberOfMessages=10
        )
        found = [json.loads(message["Body"])["detail"] for message in messages.get("Messages", [])]
        sections = [section for detail in found for section in detail["sections"]]
        names = [[example["name"] for example in section["alerts"]] for section in sections]
        titles = [(section["runbook"] or {}).get("title") for section in sections]
        return ([alert], runbook) in zip(names, titles, strict=True)

    def dead_letters(self) -> list[str]:
        url = self.topology.queues["IngestDeadLetterQueue"].url
        messages = self.client("sqs").receive_message(QueueUrl=url, VisibilityTimeout=0, MaxNumberOfMessages=10)
        return [
            json.loads(message["Body"])["Records"][0]["s3"]["object"]["key"] for message in messages.get("Messages", [])
        ]


@pytest.fixture(scope="module")
def deployment(
    built: Path, opensearch_url: str, dynamodb_local_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    with localstack_process.running(dynamodb_local_url, tmp_path_factory.mktemp("localstack")) as url:
        yield Deployment(url, opensearch_url, built)


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.5)
    return holds()


def test_a_poison_document_is_parked_while_its_neighbours_become_searchable(deployment):
    first, second = GOOD
    deployment.put(f"runbooks/{first}", (DOCUMENTS / first).read_bytes())
    deployment.put("runbooks/platform/poison.md", b"\x00\xff\x00\xfe" * 100)
    deployment.put(f"runbooks/{second}", (DOCUMENTS / second).read_bytes())

    assert eventually(lambda: deployment.paths_found("disk full")[:1] == [first])
    assert eventually(lambda: deployment.paths_found("replication lag")[:1] == [second])
    assert eventually(lambda: deployment.dead_letters() == ["runbooks/platform/poison.md"])


def test_a_deleted_document_is_found_no_more(deployment):
    deployment.put("runbooks/platform/quokka.md", b"# Quokka on the runway\n\nShoo the quokka away.\n")
    assert eventually(lambda: deployment.paths_found("quokka runway") == ["platform/quokka.md"])

    deployment.client("s3").delete_object(Bucket=deployment.bucket, Key="runbooks/platform/quokka.md")

    assert eventually(lambda: deployment.paths_found("quokka runway") == [])


ALARMS = {  # an alarm, and how it comes
    "checkout-errors": "topic",
    "checkout-latency": "bus",
}


@pytest.fixture(scope="module")
def runbooks(deployment):
    """One for each alarm, by its name."""
    for alarm in ALARMS:
        text = f"---\nalerts: [{alarm}]\n---\n# What to do about {alarm}\n\nLook at the last deployment.\n"
        deployment.put(f"runbooks/checkout/{alarm}.md", text.encode())
    assert eventually(lambda: len(deployment.paths_found("last deployment")) == len(ALARMS))


def test_an_alarm_of_cloudwatch_gets_its_runbook_over_the_topic_that_it_notifies(deployment, runbooks):
    cloudwatch = deployment.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="checkout-errors",
        AlarmActions=[deployment.topic],
        Namespace="Checkout",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=10,
        ComparisonOperator="GreaterThanThreshold",
    )

    cloudwatch.set_alarm_state(AlarmName="checkout-errors", StateValue="ALARM", StateReason="for the test")

    assert eventually(lambda: deployment.is_announced("checkout-errors", "What to do about checkout-errors"))


def test_an_alarm_gets_its_runbook_over_the_event_bus(deployment, runbooks):
    event = json.loads((PROJECT / "events" / "alerts" / "cloudwatch" / "firing.json").read_text())
    event["detail"] |= {"alarmName": "checkout-latency"}
    event["detail"]["configuration"]["description"] = ""
    entry = {"Source": event["source"], "DetailType": event["detail-type"], "Resources": event["resources"]}

    deployment.client("events").put_events(Entries=[entry | {"Detail": json.dumps(event["detail"])}])

    assert eventually(lambda: deployment.is_announced("checkout-latency", "What to do about checkout-latency"))


def test_an_alarm_by_which_aws_scales_is_left_alone(deployment, runbooks):
    event = json.loads((PROJECT / "events" / "alerts" / "cloudwatch" / "firing.json").read_text())
    event["detail"] |= {"alarmName": "TargetTracking-service/checkout-AlarmHigh"}
    pattern = next(rule.pattern for rule in deployment.topology.rules if rule.pattern["source"] == ["aws.cloudwatch"])

    matches = deployment.client("events").test_event_pattern(
        EventPattern=json.dumps(dict(pattern)),
        Event=json.dumps(event),
    )

    assert matches["Result"] is False
