"""What the ingest function is told of a changed object."""

import json

import pytest

from infra.local.notifications import BucketNotifications
from infra.local.topology import Bucket, BucketNotification
from personal_pipeline.edge.documents import ingest_messages


class Queue:
    def __init__(self):
        self.bodies = []

    def send(self, messages):
        self.bodies += [message.body for message in messages]


def told(kind, key, *rules):
    queues = {"Everything": Queue(), "Some": Queue()}
    rules = rules or (BucketNotification(("s3:ObjectCreated:*", "s3:ObjectRemoved:*"), "Everything"),)
    BucketNotifications(Bucket("Documents", "documents", True, rules), queues.__getitem__)(kind, key, "00A1")
    return {name: queue.bodies for name, queue in queues.items()}


@pytest.mark.parametrize("key", ["source/plain.md", "source/a b+c%20d.md", "source/ünïcode/日本.md", "s/q?x=1&y#z.md"])
@pytest.mark.parametrize("kind", ["put", "delete"])
def test_the_message_leads_the_ingest_function_to_the_same_key(kind, key):
    (body,) = told(kind, key)["Everything"]
    (message,) = ingest_messages(body)
    assert (message.key, message.kind, message.bucket, message.sequencer) == (key, kind, "documents", "00A1")


def test_only_the_events_and_names_that_a_rule_wants_are_told():
    rule = BucketNotification(("s3:ObjectCreated:Put",), "Some", prefix="a/", suffix=".md")
    assert told("put", "a/x.md", rule)["Some"]
    assert not told("put", "b/x.md", rule)["Some"]
    assert not told("put", "a/x.txt", rule)["Some"]
    assert not told("delete", "a/x.md", rule)["Some"]


def test_names_of_events_are_those_of_s3():
    (body,) = told("delete", "a/x.md")["Everything"]
    assert json.loads(body)["Records"][0]["eventName"] == "ObjectRemoved:Delete"
