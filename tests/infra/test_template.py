"""The template keeps to our rules, and each rule notices when it is broken."""

import copy
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from cfnlint.decode import cfn_yaml

from infra.local.template import Template
from infra.local.topology import read_topology
from tests.infra.template_rules import RULES, Stack, findings

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATE = PROJECT / "template.yaml"
DOMAIN_TEMPLATE = PROJECT / "infra" / "opensearch.yaml"

Body = dict[str, Any]
Fault = tuple[str, Path, Callable[[Body], object]]


def body_of(path: Path) -> Body:
    return copy.deepcopy(_parsed(path))


@cache
def _parsed(path: Path) -> Body:
    return json.loads(json.dumps(cfn_yaml.load(str(path))))


def properties(body: Body, name: str) -> dict[str, Any]:
    return body["Resources"][name]["Properties"]


def event(body: Body, function: str, name: str) -> dict[str, Any]:
    return properties(body, function)["Events"][name]["Properties"]


def statement(body: Body, role: str) -> dict[str, Any]:
    return properties(body, role)["Policies"][0]["PolicyDocument"]["Statement"][0]


def policy_statements(body: Body, policy: str) -> list[dict[str, Any]]:
    return properties(body, policy)["PolicyDocument"]["Statement"]


def source_arns(body: Body, policy: str) -> list[Any]:
    return policy_statements(body, policy)[0]["Condition"]["ArnEquals"]["aws:SourceArn"]


def variables(body: Body, function: str) -> dict[str, Any]:
    return properties(body, function)["Environment"]["Variables"]


# The rule that must speak up, the template that is broken for it, and how.
FAULTS: list[Fault] = [
    (
        "failed_messages_are_reported_one_by_one",
        TEMPLATE,
        lambda body: event(body, "IngestFunction", "Queue").pop("FunctionResponseTypes"),
    ),
    (
        "a_message_stays_hidden_while_it_is_worked_on",
        TEMPLATE,
        lambda body: properties(body, "IngestQueue").update(VisibilityTimeout=720),  # the window is forgotten
    ),
    (
        "every_queue_parks_what_keeps_failing",
        TEMPLATE,
        lambda body: properties(body, "AlertQueue")["RedrivePolicy"].update(maxReceiveCount=1),
    ),
    (
        "every_queue_parks_what_keeps_failing",
        TEMPLATE,
        lambda body: properties(body, "IngestDeadLetterQueue").pop("MessageRetentionPeriod"),
    ),
    (
        "a_storm_is_bounded_at_the_queue",
        TEMPLATE,
        lambda body: event(body, "AlertFunction", "Queue").pop("ScalingConfig"),
    ),
    (
        "a_storm_is_bounded_at_the_queue",
        TEMPLATE,
        lambda body: properties(body, "AlertFunction").update(ReservedConcurrentExecutions=5),
    ),
    (
        "schedules_park_what_they_cannot_deliver",
        TEMPLATE,
        lambda body: event(body, "SyncFunction", "Schedule").pop("RetryPolicy"),
    ),
    (
        "schedules_park_what_they_cannot_deliver",
        TEMPLATE,
        lambda body: policy_statements(body, "ScheduleDeadLetterQueuePolicy")[0]["Condition"]["ArnEquals"].update(
            {"aws:SourceArn": {"Fn::GetAtt": ["SyncFunctionSchedule", "Arn"]}}
        ),
    ),
    (
        "rules_park_what_they_cannot_deliver",
        TEMPLATE,
        lambda body: properties(body, "GuardDutyRule")["Targets"][0].pop("RetryPolicy"),
    ),
    (
        "rules_park_what_they_cannot_deliver",
        TEMPLATE,
        lambda body: properties(body, "BackupJobRule")["Targets"][0].pop("DeadLetterConfig"),
    ),
    (
        "rules_park_what_they_cannot_deliver",
        TEMPLATE,
        lambda body: source_arns(body, "AlertDeadLetterQueuePolicy").pop(),
    ),
    ("rules_park_what_they_cannot_deliver", TEMPLATE, lambda body: source_arns(body, "AlertQueuePolicy").pop(0)),
    (
        "subscriptions_hand_over_the_message_alone_and_park_what_they_cannot_deliver",
        TEMPLATE,
        lambda body: properties(body, "AlertTopicSubscription").pop("RawMessageDelivery"),
    ),
    (
        "subscriptions_hand_over_the_message_alone_and_park_what_they_cannot_deliver",
        TEMPLATE,
        lambda body: properties(body, "AlertTopicSubscription").pop("RedrivePolicy"),
    ),
    (
        "services_send_to_queues_for_this_account_only",
        TEMPLATE,
        lambda body: policy_statements(body, "AlertQueuePolicy")[1]["Condition"].pop("StringEquals"),
    ),
    (
        "services_send_to_queues_for_this_account_only",
        TEMPLATE,
        lambda body: policy_statements(body, "AlertDeadLetterQueuePolicy")[1].update(Principal="*"),
    ),
    (
        "access_logs_hold_no_secret",
        TEMPLATE,
        lambda body: properties(body, "HttpApiStage")["AccessLogSettings"].update(Format="$context.path"),
    ),
    (
        "no_policy_allows_more_than_it_names",
        TEMPLATE,
        lambda body: statement(body, "SearchRole").update(Action="dynamodb:*"),
    ),
    (
        "no_policy_allows_more_than_it_names",
        TEMPLATE,
        lambda body: statement(body, "IngestRole").update(Resource="*"),
    ),
    (
        "no_policy_allows_more_than_it_names",
        TEMPLATE,
        lambda body: properties(body, "SyncFunction").pop("Role"),
    ),
    (
        "every_function_has_a_role_of_its_own",
        TEMPLATE,
        lambda body: properties(body, "SyncFunction").update(Role={"Fn::GetAtt": ["IngestRole", "Arn"]}),
    ),
    (
        "every_route_is_authorized_or_known_to_be_open",
        TEMPLATE,
        lambda body: properties(body, "DocumentRoute").update(AuthorizationType="NONE"),
    ),
    (
        "every_route_is_authorized_or_known_to_be_open",
        TEMPLATE,
        lambda body: properties(body, "DocumentRoute").update(AuthorizationType={"Ref": "AuthorizerType"}),
    ),
    (
        "no_page_of_another_origin_may_read_answers",
        TEMPLATE,
        lambda body: properties(body, "HttpApi").update(CorsConfiguration={"AllowOrigins": ["*"]}),
    ),
    (
        "no_variable_holds_a_secret",
        TEMPLATE,
        lambda body: variables(body, "AlertIntakeFunction").update(WEBHOOK_TOKEN="not-so-secret"),
    ),
    (
        "no_variable_holds_a_secret",
        TEMPLATE,
        lambda body: variables(body, "IngestFunction").update(OPENSEARCH_URL="https://admin:admin@search.example"),
    ),
    (
        "everything_kept_is_encrypted",
        TEMPLATE,
        lambda body: properties(body, "RefreshQueue").pop("SqsManagedSseEnabled"),
    ),
    (
        "everything_kept_is_encrypted",
        TEMPLATE,
        lambda body: properties(body, "CatalogTable").pop("SSESpecification"),
    ),
    ("logs_end_one_day", TEMPLATE, lambda body: properties(body, "SearchLogs").pop("RetentionInDays")),
    ("logs_end_one_day", TEMPLATE, lambda body: properties(body, "SearchFunction").pop("LoggingConfig")),
    (
        "documents_and_tables_can_be_brought_back",
        TEMPLATE,
        lambda body: properties(body, "ActivityTable").pop("PointInTimeRecoverySpecification"),
    ),
    (
        "documents_and_tables_can_be_brought_back",
        TEMPLATE,
        lambda body: properties(body, "DocumentsBucket").pop("VersioningConfiguration"),
    ),
    (
        "no_bucket_is_public",
        TEMPLATE,
        lambda body: properties(body, "DocumentsBucket")["PublicAccessBlockConfiguration"].update(
            BlockPublicAcls=False
        ),
    ),
    (
        "a_notification_finds_its_queue_open",
        TEMPLATE,
        lambda body: body["Resources"]["DocumentsBucket"].pop("DependsOn"),
    ),
    (
        "functions_behind_the_api_answer_before_it_gives_up",
        TEMPLATE,
        lambda body: properties(body, "SearchFunction").update(Timeout=30),
    ),
    (
        "buckets_and_queues_speak_tls_only",
        TEMPLATE,
        lambda body: policy_statements(body, "DocumentsBucketPolicy").clear(),
    ),
    (
        "buckets_and_queues_speak_tls_only",
        TEMPLATE,
        lambda body: properties(body, "ScheduleDeadLetterQueuePolicy")["Queues"].append({"Ref": "RefreshQueue"}),
    ),
    (
        "domains_are_encrypted_and_survive_a_zone",
        DOMAIN_TEMPLATE,
        lambda body: properties(body, "Domain")["ClusterConfig"].update(InstanceCount=1),
    ),
    (
        "domains_are_encrypted_and_survive_a_zone",
        DOMAIN_TEMPLATE,
        lambda body: properties(body, "Domain").pop("NodeToNodeEncryptionOptions"),
    ),
    (
        "what_is_kept_for_a_time_expires",
        TEMPLATE,
        lambda body: properties(body, "CacheTable").pop("TimeToLiveSpecification"),
    ),
    (
        "the_api_is_throttled_and_logged",
        TEMPLATE,
        lambda body: properties(body, "HttpApiStage").pop("DefaultRouteSettings"),
    ),
    (
        "every_function_is_traced",
        TEMPLATE,
        lambda body: properties(body, "AlertFunction").update(Tracing="PassThrough"),
    ),
    (
        "notices_that_are_not_delivered_raise_an_alarm",
        TEMPLATE,
        lambda body: body["Resources"].pop("SlackDeliveryAlarm"),
    ),
    (
        "notices_that_are_not_delivered_raise_an_alarm",
        TEMPLATE,
        lambda body: properties(body, "WebhookDeliveryAlarm").update(Threshold=10),
    ),
    (
        "queues_of_notices_keep_their_order",
        TEMPLATE,
        lambda body: event(body, "DeliverFunction", "Teams").update(BatchSize=10),
    ),
]


@pytest.mark.parametrize("path", [TEMPLATE, DOMAIN_TEMPLATE], ids=lambda path: path.name)
def test_the_template_breaks_no_rule(path):
    assert findings(Stack(body_of(path))) == []


@pytest.mark.parametrize(
    ("rule", "path", "break_it"), FAULTS, ids=[f"{n}-{fault[0]}" for n, fault in enumerate(FAULTS)]
)
def test_a_fault_is_found_by_its_rule_and_by_no_other(rule, path, break_it):
    body = body_of(path)

    break_it(body)

    found = findings(Stack(body))
    assert len(found) == 1, found
    assert found[0].startswith(f"{rule}: ")


def test_every_rule_has_been_seen_to_find_a_fault():
    assert {fault[0] for fault in FAULTS} == {rule.__name__ for rule in RULES}


def test_every_route_leads_to_a_function_and_every_open_one_is_meant_to_be():
    topology = read_topology(TEMPLATE)

    functions = {"SearchFunction", "AlertIntakeFunction", "SlackFunction", "McpFunction"}
    assert {route.function for route in topology.routes} == functions
    open_ones = {route.key for route in topology.routes if route.is_open}
    assert open_ones == {"GET /v1/health", "POST /v1/alerts/{source}", "POST /v1/slack/interactions"}


def test_what_aws_itself_brings_to_the_alert_queue():
    topology = read_topology(TEMPLATE, {"AlertTopicArn": "arn:aws:sns:us-east-1:000000000000:pages"})

    assert {rule.pattern["source"][0] for rule in topology.rules} == {
        "aws.cloudwatch",
        "aws.health",
        "aws.guardduty",
        "aws.backup",
    }
    assert {queue for rule in topology.rules for queue in rule.queues} == {"AlertQueue"}
    (subscription,) = topology.subscriptions
    assert (subscription.queue, subscription.dead_letter_queue, subscription.is_raw) == (
        "AlertQueue",
        "AlertDeadLetterQueue",
        True,
    )


def test_events_and_topics_are_left_alone_where_they_are_not_wanted():
    topology = read_topology(TEMPLATE, {"AwsEventRules": "DISABLED"})

    assert (topology.rules, topology.subscriptions) == ((), ())


def test_the_deployed_routes_are_those_of_the_published_description():
    paths = json.loads((PROJECT / "functions" / "search" / "openapi.json").read_text())["paths"]
    described = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}

    deployed = {route.key for route in read_topology(TEMPLATE).routes}

    assert deployed - {"GET /v1/openapi.json", "ANY /mcp"} == described


def test_function_variables_are_settings_that_exist():
    """A misspelt variable would be ignored in silence."""
    from personal_pipeline import settings

    fields = {
        field.upper()
        for group in vars(settings).values()
        if isinstance(group, type) and issubclass(group, settings.Settings)
        for field in group.model_fields
    }
    of_libraries = {"OPENBLAS_NUM_THREADS", "LOG_LEVEL", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}
    topology = read_topology(TEMPLATE)

    given = {name for function in topology.functions.values() for name in function.environment}

    assert given - of_libraries <= fields


def test_every_kind_of_target_has_a_queue_that_the_schedule_of_retries_fits() -> None:
    from personal_pipeline.domain.routing import Kind
    from personal_pipeline.settings import DeliverSettings, RoutingSettings

    topology = read_topology(TEMPLATE)
    attempts = {
        topology.queues[m.queue].max_receive_count for m in topology.mappings if m.function == "DeliverFunction"
    }
    (most,) = attempts
    assert most
    delays = DeliverSettings().delivery_delays
    for function in ("AlertFunction", "DeliverFunction"):
        given = topology.functions[function].environment["DELIVERY_QUEUES"]
        urls = RoutingSettings(delivery_queues=given).queue_urls
        assert set(urls) == set(get_args(Kind))
        assert set(urls.values()) == {
            topology.queues[m.queue].name for m in topology.mappings if m.function == "DeliverFunction"
        }
    hours = sum(delays[min(n, len(delays) - 1)] for n in range(most - 1)) / 3600
    assert 1.5 < hours < 2


EMBEDDING = {"IngestFunction", "SearchFunction", "CacheWarmFunction", "AlertFunction", "McpFunction"}
OWN_LAYERS = {"McpFunction": ["DepsMcpLayer"]}


@pytest.mark.parametrize(
    ("embedder", "layers", "policies"),
    [
        ("none", [], ["TracingPolicy"]),
        ("onnx", ["DepsEmbedLayer"], ["TracingPolicy", "VectorPolicy"]),
        ("bedrock", [], ["TracingPolicy", "VectorPolicy", "BedrockPolicy"]),
    ],
)
def test_the_embedder_brings_what_it_needs_and_no_more(embedder, layers, policies):
    template = Template.read(TEMPLATE, {"Embedder": embedder}, {"AWS::Region": "r", "AWS::Partition": "aws"})

    for name, resource in template.resources.items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        role = template.resources[name.replace("Function", "Role")]["Properties"]
        is_embedding = name in EMBEDDING
        expected = OWN_LAYERS.get(name, []) + (layers if is_embedding else [])
        assert template.value(resource["Properties"].get("Layers", [])) == expected
        assert template.value(role["ManagedPolicyArns"]) == (policies if is_embedding else ["TracingPolicy"])
    shared = {"DepsEmbedLayer", "TracingPolicy", "VectorPolicy", "BedrockPolicy"} & set(template.resources)
    assert shared == {"TracingPolicy", *layers, *policies}
