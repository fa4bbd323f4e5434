"""The topology as it is read from the real template, and from small ones where a rule needs a corner."""

from pathlib import Path

import pytest

from infra.local.template import TemplateError
from infra.local.topology import BucketNotification, QueueMapping, Route, read_topology

TEMPLATE = Path(__file__).parents[3] / "template.yaml"


@pytest.fixture(scope="module")
def topology():
    return read_topology(TEMPLATE)


def of(tmp_path, text, **parameters):
    path = tmp_path / "template.yaml"
    path.write_text(text)
    return read_topology(path, parameters)


def test_every_function_of_the_template_has_its_code_and_handler(topology):
    for function in topology.functions.values():
        module, _, name = function.handler.rpartition(".")
        assert name == "lambda_handler"
        assert (function.code / f"{module}.py").is_file()


def test_routes_lead_to_the_functions_behind_their_integrations(topology):
    assert Route("GET", "/v1/search", "SearchFunction") in topology.routes
    assert Route("POST", "/v1/search", "SearchFunction") in topology.routes
    assert Route("GET", "/v1/documents/{id}", "SearchFunction") in topology.routes


def test_only_health_and_the_webhooks_are_open(topology):
    is_open = {route.key for route in topology.routes if route.is_open}
    assert is_open == {"GET /v1/health", "POST /v1/alerts/{source}", "POST /v1/slack/interactions"}


def test_the_ingest_mapping_is_as_the_template_says(topology):
    (mapping,) = (m for m in topology.mappings if m.function == "IngestFunction")
    assert mapping == QueueMapping("IngestFunction", "IngestQueue", 50, 5, True, 10)


def test_queues_know_their_attempts_and_dead_letters(topology):
    queue = topology.queues["IngestQueue"]
    assert (queue.max_receive_count, queue.dead_letter_queue) == (5, "IngestDeadLetterQueue")
    assert queue.visibility_timeout_seconds == 6 * topology.functions["IngestFunction"].timeout_seconds + 5


def test_a_fifo_queue_keeps_the_ending_of_its_name(topology):
    queue = topology.queues["RefreshQueue"]
    assert queue.is_fifo
    assert queue.name == "refresh-queue.fifo"


def test_the_bucket_tells_the_ingest_queue_of_what_comes_and_goes(topology):
    (bucket,) = topology.buckets.values()
    assert bucket.is_versioned
    assert bucket.notifications == (
        BucketNotification(("s3:ObjectCreated:*",), "IngestQueue"),
        BucketNotification(("s3:ObjectRemoved:*",), "IngestQueue"),
    )


def test_tables_have_keys_indexes_and_time_to_live(topology):
    catalog = topology.tables["CatalogTable"]
    assert (catalog.key.hash, catalog.key.range, catalog.ttl_attribute) == ("pk", "sk", "expires_at")
    assert {index.name for index in catalog.indexes} == {"gsi1", "gsi2"}


def test_references_in_the_environment_become_local_names(topology):
    environment = topology.functions["IngestFunction"].environment
    assert environment["CATALOG_TABLE"] == topology.tables["CatalogTable"].name
    assert environment["INGEST_QUEUE_URL"] == topology.queues["IngestQueue"].name
    assert environment["DOCUMENTS_BUCKET"] == next(iter(topology.buckets.values())).name


def test_schedules_are_read_with_their_functions(topology):
    assert {(s.function, s.expression) for s in topology.schedules} >= {("CacheWarmFunction", "rate(15 minutes)")}


def test_deployed_queue_urls_replace_names_in_the_environment():
    name = "x-ingest-queue"
    deployed = read_topology(TEMPLATE, prefix="x-", queue_urls={name: "http://127.0.0.1:5000/1/q"})
    assert deployed.functions["IngestFunction"].environment["INGEST_QUEUE_URL"] == "http://127.0.0.1:5000/1/q"
    assert deployed.queues["IngestQueue"].name == name


def test_parameters_decide_what_a_function_sees():
    topology = read_topology(TEMPLATE, {"LogLevel": "DEBUG"})
    assert topology.functions["SearchFunction"].environment["LOG_LEVEL"] == "DEBUG"


@pytest.mark.parametrize("parameters", [{"LogLevel": "LOUD"}, {"Nonsense": "1"}])
def test_a_wrong_parameter_is_named(parameters):
    with pytest.raises(TemplateError, match=next(iter(parameters))):
        read_topology(TEMPLATE, parameters)


def test_an_event_that_nothing_here_can_play_is_an_error(tmp_path):
    with pytest.raises(TemplateError, match="Stream of Reader is a Kinesis"):
        of(
            tmp_path,
            """
            Resources:
              Reader:
                Type: AWS::Serverless::Function
                Properties:
                  CodeUri: reader
                  Handler: app.lambda_handler
                  Events: { Stream: { Type: Kinesis, Properties: { Stream: some } } }
            """,
        )


def test_a_resource_whose_condition_is_false_does_not_exist(tmp_path):
    text = """
    Parameters: { Wanted: { Type: String, Default: "no" } }
    Conditions: { IsWanted: !Not [!Equals [!Ref Wanted, "no"]] }
    Resources:
      Jobs: { Type: AWS::SQS::Queue, Condition: IsWanted }
    """
    assert not of(tmp_path, text).queues
    assert of(tmp_path, text, Wanted="yes").queues


def test_intrinsic_functions_are_resolved_in_the_environment(tmp_path):
    topology = of(
        tmp_path,
        """
        Parameters: { Stage: { Type: String, Default: test } }
        Mappings: { Sizes: { test: { Small: 3 } } }
        Conditions: { IsTest: !And [!Equals [!Ref Stage, test], !Or [!Equals [1, 1], !Equals [1, 2]]] }
        Resources:
          Jobs: { Type: AWS::SQS::Queue, Properties: { QueueName: !Sub "${Stage}-jobs" } }
          Worker:
            Type: AWS::Serverless::Function
            Properties:
              CodeUri: worker
              Handler: app.lambda_handler
              Environment:
                Variables:
                  NAME: !GetAtt Jobs.QueueName
                  JOINED: !Join ["-", [a, !Ref Stage]]
                  CHOSEN: !If [IsTest, yes-it-is, no-it-is-not]
                  PICKED: !Select [1, !Split [",", "x,y"]]
                  MAPPED: !FindInMap [Sizes, !Ref Stage, Small]
                  ESCAPED: !Sub ["${!Literal} ${Own}", { Own: mine }]
                  ABSENT: !Ref AWS::NoValue
        """,
    )
    assert topology.functions["Worker"].environment == {
        "NAME": "test-jobs",
        "JOINED": "a-test",
        "CHOSEN": "yes-it-is",
        "PICKED": "y",
        "MAPPED": "3",
        "ESCAPED": "${Literal} mine",
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Resources: [", "not YAML"),
        ("Nothing: 1", "no Resources"),
        ("Resources: { Q: { Type: AWS::SQS::Queue, Properties: { QueueName: !Ref Gone } } }", "Gone"),
        ("Resources: { Q: { Type: AWS::SQS::Queue, Properties: { QueueName: !ImportValue x } } }", "ImportValue"),
    ],
)
def test_a_template_that_cannot_be_read_says_why(tmp_path, text, named):
    with pytest.raises(TemplateError, match=named):
        of(tmp_path, text)
