"""Each function as it is built and shipped, under Lambda's own runtime client, over moto and an embedded index.

What it asks of AWS is held against its role: a missing permission would show only after deployment.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.environments import LAMBDA_PYTHON, find_python
from infra.local.deploy import deploy
from infra.local.template import Template
from infra.local.topology import Topology, read_topology
from personal_pipeline.adapters.onnx_embedder import OnnxEmbedder
from personal_pipeline.domain.ids import doc_id_of
from personal_pipeline.domain.senders import SENDERS, Received
from tests.agents import clients
from tests.agents.gateway import serving
from tests.infra.lambda_runtime import LambdaRuntime
from tests.infra.recording_aws import Permission, RecordingAws

pytestmark = pytest.mark.real

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATE = PROJECT / "template.yaml"
EVENTS = PROJECT / "events"
LAYERS = ("CoreLayer", "DepsLayer")
OWN_LAYERS = {"McpFunction": ("DepsMcpLayer",)}
UNCHECKED_HASH = b"\x01\x00\x00\x00"
KEYS = ("platform/disk-full-on-a-node.md", "platform/node-not-ready.html")
DISK = f"runbooks/{KEYS[0]}"


def sample(name: str) -> dict[str, Any]:
    return json.loads((EVENTS / name).read_text())


class System:
    """moto with everything in it that the template names, and the sample documents in the bucket."""

    def __init__(self, aws: RecordingAws, built: Path, folder: Path) -> None:
        self.aws, self._built, self._folder = aws, built, folder
        self.queue_urls = deploy(read_topology(TEMPLATE), self.client)
        self.topology = read_topology(TEMPLATE, queue_urls=self.queue_urls)
        self.bucket = self.topology.buckets["DocumentsBucket"].name
        for key in KEYS:
            body = (EVENTS / "documents" / key).read_bytes()
            self.client("s3").put_object(Bucket=self.bucket, Key=f"runbooks/{key}", Body=body)

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.aws.url,
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    @contextmanager
    def running(self, function: str, **parameters: str) -> Iterator[LambdaRuntime]:
        """The function, answering; when it ends, all that it asked for must be allowed to its role."""
        environment = {
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "INDEX_BACKEND": "tantivy",
            "DATA_DIR": str(self._folder / "data"),
            "TABLE_CONNECT_TIMEOUT_SECONDS": "5",  # moto on a busy machine is no DynamoDB
            "TABLE_TIMEOUT_SECONDS": "10",
            "POWERTOOLS_TRACE_DISABLED": "true",
        }
        layers = [self._built / layer for layer in (*LAYERS, *OWN_LAYERS.get(function, ()))]
        log = self._folder / f"{function}.log"
        topology = read_topology(TEMPLATE, parameters, queue_urls=self.queue_urls)
        spec = topology.functions[function]
        runtime = LambdaRuntime(spec, self._built / function, layers, environment, log)
        with self.aws.recording() as used, runtime:
            yield runtime
        assert refused(used, allowed(topology, function, parameters)) == set()


def allowed(topology: Topology, function: str, parameters: Mapping[str, str]) -> set[Permission]:
    """What the template's role of that function permits, in the names of the topology."""
    named = [topology.queues, topology.tables, topology.buckets]
    names = {id_: part.name for parts in named for id_, part in parts.items()} | dict(topology.secrets)
    pseudo = {"AWS::Region": "r", "AWS::AccountId": "a", "AWS::Partition": "aws"}
    pseudo["AWS::StackName"] = "personal-pipeline"
    template = Template.read(TEMPLATE, parameters, pseudo)
    template.resolve_with(lambda id_, _: names.get(id_, id_))
    role = template.value(template.resources[function.replace("Function", "Role")]["Properties"])
    return {
        (action, resource.rpartition("event-bus/")[2].rpartition(":secret:")[2])
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def refused(used: set[Permission], permitted: set[Permission]) -> set[Permission]:
    """What no permission covers; in its resource ``*`` stands for any characters."""
    return {
        (action, resource)
        for action, resource in used
        if not any(action == may and fnmatchcase(resource, pattern) for may, pattern in permitted)
    }


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.fixture(scope="module")
def system(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    aws = RecordingAws()
    aws.start()
    try:
        yield System(aws, built, tmp_path_factory.mktemp("system"))
    finally:
        aws.stop()


@pytest.fixture(scope="module")
def ingested(system: System) -> Any:
    """The answer of the ingest function to the first sample document; now there is something to find."""
    with system.running("IngestFunction") as ingest:
        return ingest.invoke(sample("ingest/s3_put.json"))


def test_ingest_takes_a_document_and_then_its_deletion(system, ingested):
    with system.running("IngestFunction") as ingest:
        answers = [
            ingest.invoke(sample(f"ingest/{name}.json")) for name in ("eventbridge_put", "s3_delete", "s3_test_event")
        ]

    assert [ingested, *answers] == [{"batchItemFailures": []}] * 4


def test_ingest_reports_a_document_that_cannot_be_read_and_only_that(system, ingested):
    system.client("s3").put_object(
        Bucket=system.bucket, Key="runbooks/platform/broken.md", Body=b"\x00\xff\x00junk" * 50
    )
    event = sample("ingest/s3_put.json")
    broken = json.loads(json.dumps(event["Records"][0]).replace("disk-full-on-a-node", "broken"))
    broken["messageId"] = "broken"

    with system.running("IngestFunction") as ingest:
        answer = ingest.invoke({"Records": [broken, *event["Records"]]})

    assert answer == {"batchItemFailures": [{"itemIdentifier": "broken"}]}


@pytest.mark.parametrize("name", ["search", "long_search"])
def test_search_finds_what_was_ingested(system, ingested, name):
    with system.running("SearchFunction") as search:
        answer = search.invoke(sample(f"search/{name}.json"))

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["hits"][0]["path"] == KEYS[0]


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("document", 200, "Disk full on a node"),
        ("procedure", 200, "Open a shell on the node"),
        ("sources", 200, '"runbooks"'),
        ("documents", 200, "Disk full on a node"),
        ("coverage", 200, '"without_review"'),
        ("batch", 200, "Disk full on a node"),
        ("alerts", 200, '"alerts"'),
        ("health", 200, '"ok"'),
        ("openapi", 200, '"/v1/search"'),
        ("refused", 400, "unknown parameter 'team'"),
    ],
)
def test_the_other_routes_answer(system, ingested, name, status, said):
    with system.running("SearchFunction") as search:
        answer = search.invoke(sample(f"search/{name}.json"))

    assert (answer["statusCode"], said in answer["body"]) == (status, True), answer


def test_a_copy_that_was_lost_is_parsed_again_and_kept(system, ingested):
    kept = {"TableName": system.topology.tables["CacheTable"].name, "Key": {"pk": {"S": f"R#{doc_id_of(DISK)}"}}}
    system.client("dynamodb").delete_item(**kept)

    with system.running("SearchFunction") as search:
        answer = search.invoke(sample("search/procedure.json"))

    assert json.loads(answer["body"])["steps"]
    assert system.client("dynamodb").get_item(**kept)["Item"]["parts"] == {"N": "1"}


def test_a_key_is_known_by_its_hash(system):
    event = sample("authorize/key.json")
    key = event["headers"]["authorization"].removeprefix("Bearer ")
    callers = f"sha256:{sha256(key.encode()).hexdigest()}=sre"

    with system.running("AuthorizeFunction", AuthorizerType="API_KEY", CallerGroups=callers) as authorize:
        known = authorize.invoke(event)
        event["headers"]["authorization"] += "?"
        unknown = authorize.invoke(event)

    assert (known["isAuthorized"], known["context"]["groups"]) == (True, "sre")
    assert unknown == {"isAuthorized": False, "context": {}}


def test_cache_warm_answers_the_schedule(system, ingested):
    with system.running("CacheWarmFunction") as warm:
        report = warm.invoke(sample("cache_warm/schedule.json"))

    assert report["failed"] == 0


def test_sync_finds_nothing_unfinished(system, ingested):
    with system.running("SyncFunction") as sync:
        assert sync.invoke(sample("sync/schedule.json")) == {"queued": 0}


def test_a_webhook_with_the_secret_reaches_the_alert_queue(system):
    secret = system.client("secretsmanager").get_secret_value(SecretId=system.topology.secrets["WebhookSecret"])
    event = sample("alert_intake/alertmanager.json")
    event["headers"]["authorization"] = f"Bearer {secret['SecretString']}"

    with system.running("AlertIntakeFunction") as intake:
        accepted, refused = intake.invoke(event), intake.invoke(sample("alert_intake/alertmanager.json"))

    assert (accepted["statusCode"], refused["statusCode"]) == (202, 401)
    queued = system.client("sqs").receive_message(QueueUrl=system.queue_urls["alert-queue"], MaxNumberOfMessages=10)
    assert [json.loads(message["Body"])["source"] for message in queued["Messages"]] == ["alertmanager"]


def test_a_signed_webhook_is_taken_once(system):
    secret = system.client("secretsmanager").get_secret_value(SecretId=system.topology.secrets["WebhookSecret"])
    event = sample("alert_intake/alertmanager.json")
    event |= {"rawPath": "/v1/alerts/sentry", "body": '{"id": 1}', "isBase64Encoded": False}
    (way,) = SENDERS["sentry"]
    event["headers"] = dict(way.signed(Received(b'{"id": 1}', event["headers"]), secret["SecretString"], 0).headers)

    with system.running("AlertIntakeFunction") as intake:
        first = intake.invoke(event)
    with system.running("AlertIntakeFunction") as another:
        second = another.invoke(event)

    assert (first["statusCode"], second["statusCode"]) == (202, 409)


def test_an_alert_is_told_with_its_runbook_once(system, ingested):
    with system.running("AlertFunction") as alert:
        answers = [alert.invoke(sample("alert/sqs.json")) for _ in range(2)]
    with system.running("AlertFunction") as another:
        answers.append(another.invoke(sample("alert/sqs.json")))

    assert answers == [{"batchItemFailures": []}] * 3
    sqs, name = system.client("sqs"), system.topology.queues["EventBridgeDeliveryQueue"].name
    queue = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert KEYS[0].removeprefix("documents/") in message["Body"]


def test_a_notice_is_delivered_and_its_receipt_keeps_it_from_a_second_time(system):
    delivered = system.client("sqs").create_queue(QueueName="delivered")["QueueUrl"]
    events = system.client("events")
    events.put_rule(Name="delivered", EventPattern=json.dumps({"detail": {"notice_id": ["no-20261129-1"]}}))
    arn = "arn:aws:sqs:us-east-1:123456789012:delivered"
    events.put_targets(Rule="delivered", Targets=[{"Id": "queue", "Arn": arn}])

    with system.running("DeliverFunction") as deliver:
        answers = [deliver.invoke(sample(f"deliver/{name}.json")) for name in ("sqs", "sqs", "update", "resolved")]

    assert answers == [{"batchItemFailures": []}] * 4
    received = system.client("sqs").receive_message(QueueUrl=delivered, MaxNumberOfMessages=10)["Messages"]
    assert sorted(json.loads(message["Body"])["detail"]["revision"] for message in received) == [1, 2, 3]


@pytest.fixture(scope="module")
def mcp_url(system: System, ingested: Any) -> Iterator[str]:
    """The built function behind the local gateway. What it asks of AWS is held against its role at the end."""
    (route,) = [route for route in system.topology.routes if route.function == "McpFunction"]
    with system.running("McpFunction") as mcp, serving(route, mcp.invoke) as url:
        yield url


@pytest.mark.parametrize("name", ["initialize", "list_tools", "call_tool"])
def test_the_function_of_mcp_answers_its_samples(system, ingested, name):
    with system.running("McpFunction") as mcp:
        answer = mcp.invoke(sample(f"mcp/{name}.json"))
        refused_method = mcp.invoke(sample(f"mcp/{name}.json") | {"requestContext": {"http": {"method": "GET"}}})

    assert (answer["statusCode"], refused_method["statusCode"]) == (200, 405)
    assert "result" in json.loads(answer["body"])


@pytest.mark.parametrize(
    ("asked", "mode"),
    [
        *((clients.python_over_http, mode) for mode in ("legacy", "auto", "2026-07-28")),
        *((clients.typescript_over_http("client"), mode) for mode in ("legacy", "auto", "2026-07-28")),
        (clients.typescript_over_http("sdk"), "legacy"),
    ],
    ids=[f"{client}-{n}" for client, most in (("python", 3), ("typescript", 3), ("sdk", 1)) for n in range(most)],
)
def test_official_clients_call_every_tool_of_the_built_function(mcp_url, asked, mode):
    doc_id = doc_id_of(f"runbooks/{KEYS[0]}")
    alert = json.loads((EVENTS / "alerts" / "alertmanager" / "firing.json").read_text())
    calls = {
        "search_runbooks": {"query": "disk full"},
        "search_knowledge_base": {"query": "disk full"},
        "match_alert": {"source": "alertmanager", "payload": alert},
        "record_resolution_feedback": {"alert": "A", "id": doc_id, "helpful": True},
        "list_sources": {},
    }
    of_one = ("get_runbook", "get_procedure", "get_decision_tree", "get_escalation_path")
    calls |= {name: {"id": doc_id} for name in of_one}
    steps = [["list_tools"], *(["call_tool", name, arguments] for name, arguments in calls.items())]
    steps += [["list_resources"], ["read_resource", f"runbook://{doc_id}"]]
    template = {"type": "ref/resource", "uri": "runbook://{id}/steps/{step}"}
    steps += [["list_prompts"], ["complete", template, "id", "disk"]]

    said = asked(mcp_url, mode, steps)

    tools, *answers, resources, read, prompts, ids = said.answers
    assert said.complaints == ()
    assert {tool["name"] for tool in tools} == set(calls)
    assert [answer["failed"] for answer in answers] == [False] * len(calls)
    assert f"runbook://{doc_id}" in {resource["uri"] for resource in resources}
    assert "Disk full on a node" in read[0]["text"]
    assert {prompt["name"] for prompt in prompts} == {"work_this_alert", "hand_over"}
    assert ids == [doc_id]


def test_a_layer_has_the_rules_of_time_zones_and_the_packaged_routes(built):
    assert (built / "DepsLayer" / "python" / "tzdata" / "zoneinfo" / "Europe" / "Berlin").is_file()
    assert (built / "CoreLayer" / "python" / "personal_pipeline" / "routes.yaml").is_file()


def test_the_layer_of_the_embedder_computes_what_is_computed_here(built, models):
    """With nothing but the layers on the path: what was left out of them is not missed."""
    folders = [str(built / layer / "python") for layer in (*LAYERS, "DepsEmbedLayer")]
    script = (
        f"import sys; sys.path[:0] = {folders}; from pathlib import Path; "
        "from personal_pipeline.adapters.onnx_embedder import OnnxEmbedder; "
        f"embedder = OnnxEmbedder(Path({str(built / 'DepsEmbedLayer' / 'model')!r})); "
        "print(*embedder.embed(['disk full'])[0])"
    )
    command = [find_python(LAMBDA_PYTHON), "-I", "-S", "-c", script]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    (here,) = OnnxEmbedder(models.int8).embed(["disk full"])
    assert [float(number) for number in done.stdout.split()] == pytest.approx(list(here), abs=1e-4)


def test_compiled_files_are_of_lambdas_python_and_never_compared_with_their_source(built):
    """Lambda's folders are read-only: a compiled file that it does not accept is made anew at every cold start."""
    magic = subprocess.run(
        [
            find_python(LAMBDA_PYTHON),
            "-c",
            "import importlib.util, sys; sys.stdout.buffer.write(importlib.util.MAGIC_NUMBER)",
        ],
        check=True,
        capture_output=True,
    ).stdout

    for layer in (*LAYERS, "DepsMcpLayer"):
        sources = list((built / layer).rglob("*.py"))
        compiled = {path: path.parent / "__pycache__" / f"{path.stem}.cpython-313.pyc" for path in sources}
        headers = {path: file.read_bytes()[:8] for path, file in compiled.items() if file.is_file()}
        assert sources
        assert set(sources) - set(headers) == set()
        assert set(headers.values()) == {magic + UNCHECKED_HASH}
