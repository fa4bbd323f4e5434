"""The same system on an AWS endpoint: moto plays the stores, this machine the HTTP API, functions and mappings."""

import json

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.integration.one_machine import Server, eventually

BUCKET = "personal-pipeline-documents-bucket"


@pytest.fixture(scope="module")
def endpoint():
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture(scope="module")
def server(endpoint, tmp_path_factory):
    data = tmp_path_factory.mktemp("home") / "data"
    credentials = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    with Server(data, aws=endpoint, environment=credentials) as server:
        yield server.ready()


@pytest.fixture
def client(endpoint):
    def client(service):
        return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1")

    return client


def test_it_says_which_part_plays_what(server, endpoint):
    assert f"{endpoint} plays buckets" in server.output
    assert "this machine plays the HTTP API" in server.output


def test_an_object_in_the_bucket_becomes_searchable(server, client):
    client("s3").put_object(Bucket=BUCKET, Key="team/quasar.md", Body=b"# Quasar\n\nIt blinks no more.\n")
    server.eventually(lambda: server.found("quasar") == ["quasar.md"], "the object is found")


def test_a_delete_is_followed_although_moto_tells_nobody_of_delete_markers(server):
    server.operate("PUT", "documents/team/nova.md", b"# Nova\n\nIt shone.\n")
    server.eventually(lambda: server.found("nova") == ["nova.md"], "it is found")
    server.operate("DELETE", "documents/team/nova.md")
    server.eventually(lambda: not server.found("nova"), "it is gone")


def test_a_document_that_the_operator_puts_goes_through_the_bucket(server, client):
    status, _ = server.operate("PUT", "documents/team/pulsar.md", b"# Pulsar\n\nWait.\n", x_external_id="P-1")
    assert status == 202
    assert client("s3").head_object(Bucket=BUCKET, Key="team/pulsar.md")["Metadata"] == {"external-id": "P-1"}
    server.eventually(lambda: server.found("pulsar") == ["pulsar.md"], "it is found")


def test_a_poison_object_ends_in_the_dead_letter_queue_while_its_neighbours_succeed(server, client):
    s3, sqs = client("s3"), client("sqs")
    s3.put_object(Bucket=BUCKET, Key="team/poison.md", Body=b"\x00\x01\xff" * 500)
    s3.put_object(Bucket=BUCKET, Key="team/neighbour.md", Body=b"# Neighbour\n\nMarmalade.\n")
    server.eventually(lambda: server.found("marmalade") == ["neighbour.md"], "the neighbour is found")
    url = sqs.get_queue_url(QueueName="personal-pipeline-ingest-dead-letter-queue")["QueueUrl"]

    def parked():
        messages = sqs.receive_message(QueueUrl=url).get("Messages", [])
        return [message for message in messages if "poison.md" in message["Body"]]

    eventually(parked, "the poison is among the dead letters")


def test_an_alert_is_announced_on_the_event_bus(server, client):
    server.operate(
        "PUT", "documents/team/disk.md", b"---\nalerts: [DiskAlmostFull]\n---\n# Disk almost full\n\nClean up.\n"
    )
    server.eventually(lambda: "disk.md" in server.found("disk almost full"), "the runbook is found")
    sqs, events = client("sqs"), client("events")
    url = sqs.create_queue(QueueName="announcements")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="announcements", EventPattern=json.dumps({"detail-type": ["RunbookMatched"]}))
    events.put_targets(Rule="announcements", Targets=[{"Id": "queue", "Arn": arn}])
    alert = {"status": "firing", "labels": {"alertname": "DiskAlmostFull"}, "annotations": {}, "fingerprint": "f1"}
    payload = {"version": "4", "status": "firing", "alerts": [alert | {"startsAt": "2026-11-23T03:00:00Z"}]}
    body = json.dumps(payload)
    secret = (server.data_dir / "webhook-secret").read_text().strip()

    status, _ = server.ask("POST", "/v1/alerts/alertmanager", body, secret, content_type="application/json")

    assert status == 202
    messages = eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages"), "the match is announced")
    event = json.loads(messages[0]["Body"])
    assert event["detail-type"] == "RunbookMatched"
    assert "Disk almost full" in json.dumps(event["detail"])


def test_what_aws_does_itself_is_not_pretended_here(server):
    assert server.operate("GET", "failures")[0] == 501


def test_an_endpoint_that_does_not_answer_is_refused_with_its_address(tmp_path):
    with Server(tmp_path / "data", aws="http://127.0.0.1:9") as server:
        assert server.process.wait(60) == 1
        assert "http://127.0.0.1:9" in server.output
        assert "Traceback" not in server.output
