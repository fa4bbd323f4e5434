"""What `template.yaml` must keep to that no linter checks, one rule a function.

A rule yields what is wrong, beginning with the logical id. Rules read the template as it is written, with
what all functions share (Globals) put into each.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Resource = Mapping[str, Any]
FOURTEEN_DAYS = 14 * 24 * 3600
HTTP_API_LIMIT_SECONDS = 29
OPEN_ROUTES = {"GET /v1/health", "POST /v1/alerts/{source}", "POST /v1/slack/interactions"}
LOGGED = {  # of a request: neither its path nor its query nor its headers
    "requestId",
    "requestTime",
    "routeKey",
    "status",
    "responseLatency",
    "identity.sourceIp",
    "integrationErrorMessage",
    "authorizer.error",
}
ACTIONS_WITHOUT_RESOURCE = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}


class Stack:
    def __init__(self, body: Mapping[str, Any]) -> None:
        self.resources: Mapping[str, Resource] = body["Resources"]
        self._shared: Mapping[str, Any] = body.get("Globals", {}).get("Function", {})

    def of(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """Properties by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    @property
    def functions(self) -> dict[str, Mapping[str, Any]]:
        return {name: {**self._shared, **own} for name, own in self.of("AWS::Serverless::Function").items()}

    @property
    def shared_variables(self) -> Mapping[str, Any]:
        variables: Mapping[str, Any] = self._shared.get("Environment", {}).get("Variables", {})
        return variables

    def events(self, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Function and properties of each event of that kind."""
        for name, function in self.functions.items():
            for event in function.get("Events", {}).values():
                if event["Type"] == kind:
                    yield name, event["Properties"]

    def statements(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Owner and statement of every policy that is given to a role, a managed policy or a function."""
        for name, resource in self.resources.items():
            properties = resource.get("Properties", {})
            documents = [policy.get("PolicyDocument", policy) for policy in _list(properties.get("Policies"))]
            if resource["Type"] == "AWS::IAM::ManagedPolicy":
                documents.append(properties["PolicyDocument"])
            for document in documents:
                for statement in document["Statement"] if isinstance(document, dict) else []:
                    yield name, statement

    def resource_policies(self, kind: str, target: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Logical id of what is protected, and the policy on it."""
        for properties in self.of(kind).values():
            for protected in _list(properties[target]):
                yield referred(protected), properties["PolicyDocument"]


def referred(node: Any) -> str:
    """The logical id behind a Ref or a GetAtt."""
    if isinstance(node, dict):
        if "Ref" in node:
            return str(node["Ref"])
        if "Fn::GetAtt" in node:
            return str(node["Fn::GetAtt"][0])
    return ""


def _list(node: Any) -> list[Any]:
    if node is None:
        return []
    return node if isinstance(node, list) else [node]


def failed_messages_are_reported_one_by_one(stack: Stack) -> Iterator[str]:
    for name, mapping in stack.events("SQS"):
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name}: without ReportBatchItemFailures a failure that it reports is deleted"


def a_message_stays_hidden_while_it_is_worked_on(stack: Stack) -> Iterator[str]:
    queues = stack.of("AWS::SQS::Queue")
    for name, mapping in stack.events("SQS"):
        queue = referred(mapping["Queue"])
        wanted = 6 * stack.functions[name].get("Timeout", 3) + mapping.get("MaximumBatchingWindowInSeconds", 0)
        if queues[queue].get("VisibilityTimeout", 30) < wanted:
            yield f"{queue}: VisibilityTimeout is below {wanted}, six times the timeout of {name} plus its window"


def every_queue_parks_what_keeps_failing(stack: Stack) -> Iterator[str]:
    queues = stack.of("AWS::SQS::Queue")
    parks = {
        referred(queue["RedrivePolicy"]["deadLetterTargetArn"]) for queue in queues.values() if "RedrivePolicy" in queue
    }
    parks |= {referred(park) for _, park in _parks_of_rules(stack)}
    parks |= {referred(event.get("DeadLetterConfig", {}).get("Arn")) for _, event in stack.events("Schedule")}
    for name, queue in queues.items():
        if name in parks:
            if queue.get("MessageRetentionPeriod", 0) < FOURTEEN_DAYS:
                yield f"{name}: keeps dead letters for less than 14 days"
        elif queue.get("RedrivePolicy", {}).get("maxReceiveCount", 0) < 5:
            yield f"{name}: needs a dead-letter queue after at least five attempts"


def a_storm_is_bounded_at_the_queue(stack: Stack) -> Iterator[str]:
    for name, mapping in stack.events("SQS"):
        most = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
        reserved = stack.functions[name].get("ReservedConcurrentExecutions")
        if most is None:
            yield f"{name}: its queue needs a MaximumConcurrency"
        elif reserved is not None and most > reserved:
            yield f"{name}: MaximumConcurrency is above the reserved concurrency, so polls fail and use up attempts"


def schedules_park_what_they_cannot_deliver(stack: Stack) -> Iterator[str]:
    allowed = {
        queue: json.dumps(policy) for queue, policy in stack.resource_policies("AWS::SQS::QueuePolicy", "Queues")
    }
    for name, schedule in stack.events("Schedule"):
        park = referred(schedule.get("DeadLetterConfig", {}).get("Arn"))
        if not park or "RetryPolicy" not in schedule:
            yield f"{name}: its schedule needs a RetryPolicy and a DeadLetterConfig, or EventBridge drops the event"
        elif f'["{name}Schedule", "Arn"]' not in allowed.get(park, ""):
            yield f"{park}: its policy does not let the schedule of {name} send to it"


def rules_park_what_they_cannot_deliver(stack: Stack) -> Iterator[str]:
    """EventBridge tries for a day, and then drops the event; one that it may not send is parked at once, or lost."""
    allowed = dict(stack.resource_policies("AWS::SQS::QueuePolicy", "Queues"))
    for name, rule in stack.of("AWS::Events::Rule").items():
        for target in rule["Targets"]:
            park = referred(target.get("DeadLetterConfig", {}).get("Arn"))
            if not park or "RetryPolicy" not in target:
                yield f"{name}: its target needs a RetryPolicy and a DeadLetterConfig"
            for queue in filter(None, (referred(target["Arn"]), park)):
                if not any(_lets_in(statement, name) for statement in allowed.get(queue, {}).get("Statement", [])):
                    yield f"{queue}: its policy does not let {name} send to it"


def _lets_in(statement: Mapping[str, Any], rule: str) -> bool:
    arns = statement.get("Condition", {}).get("ArnEquals", {}).get("aws:SourceArn", [])
    return statement["Effect"] == "Allow" and rule in map(referred, _list(arns))


def _parks_of_rules(stack: Stack) -> Iterator[tuple[str, Any]]:
    for name, rule in stack.of("AWS::Events::Rule").items():
        for target in rule["Targets"]:
            yield name, target.get("DeadLetterConfig", {}).get("Arn")


def subscriptions_hand_over_the_message_alone_and_park_what_they_cannot_deliver(stack: Stack) -> Iterator[str]:
    for name, subscription in stack.of("AWS::SNS::Subscription").items():
        if subscription["Protocol"] != "sqs":
            yield f"{name}: SNS gives up on {subscription['Protocol']} after an hour; subscribe a queue"
        if subscription.get("RawMessageDelivery") is not True:
            yield f"{name}: needs RawMessageDelivery"
        if not referred(subscription.get("RedrivePolicy", {}).get("deadLetterTargetArn")):
            yield f"{name}: needs a RedrivePolicy"


def services_send_to_queues_for_this_account_only(stack: Stack) -> Iterator[str]:
    """Or anybody's rule, topic or bucket could send: the service does it for all accounts."""
    for name, policy in stack.resource_policies("AWS::SQS::QueuePolicy", "Queues"):
        for statement in policy["Statement"]:
            if statement["Effect"] != "Allow":
                continue
            conditions = {key for test in statement.get("Condition", {}).values() for key in test}
            arns = statement.get("Condition", {}).get("ArnEquals", {})
            if set(statement["Principal"]) != {"Service"} or statement["Action"] != "sqs:SendMessage":
                yield f"{name}: {statement['Sid']} allows more than a service to send"
            elif "aws:SourceAccount" not in conditions and "aws:SourceArn" not in arns:
                yield f"{name}: {statement['Sid']} does not say whose {statement['Principal']['Service']} may send"


def access_logs_hold_no_secret(stack: Stack) -> Iterator[str]:
    """Senders that can send no header have their token in the URL."""
    for name, stage in stack.of("AWS::ApiGatewayV2::Stage").items():
        logged = set(re.findall(r"\$context\.([\w.]+)", stage.get("AccessLogSettings", {}).get("Format", "")))
        if shown := sorted(logged - LOGGED):
            yield f"{name}: logs {', '.join(shown)}, which may hold the token of a sender"


def no_policy_allows_more_than_it_names(stack: Stack) -> Iterator[str]:
    for name, statement in stack.statements():
        actions = set(_list(statement["Action"]))
        if wild := sorted(action for action in actions if "*" in action):
            yield f"{name}: allows {', '.join(wild)}; name the actions"
        if "*" in _list(statement["Resource"]) and not actions <= ACTIONS_WITHOUT_RESOURCE:
            yield f"{name}: allows {', '.join(sorted(actions))} on every resource"
    for name, function in stack.of("AWS::Serverless::Function").items():
        if "Role" not in function:
            yield f"{name}: without a Role of its own, SAM attaches policies over all queues and logs"


def every_function_has_a_role_of_its_own(stack: Stack) -> Iterator[str]:
    seen: dict[str, str] = {}
    for name, function in stack.functions.items():
        if "Role" in function and (other := seen.setdefault(referred(function["Role"]), name)) != name:
            yield f"{name}: shares its role with {other}"


def every_route_is_authorized_or_known_to_be_open(stack: Stack) -> Iterator[str]:
    """And all in the same way: one that is forgotten when there is a new way would not deploy with it."""
    ways: list[Any] = []
    for name, route in stack.of("AWS::ApiGatewayV2::Route").items():
        way = [route.get("AuthorizationType", "NONE"), route.get("AuthorizerId")]
        if way[0] != "NONE" and way not in ways:
            ways.append(way)
            if len(ways) > 1:
                yield f"{name}: {route['RouteKey']} is authorized in another way than the routes before it"
        is_open = route.get("AuthorizationType", "NONE") == "NONE"
        if is_open and route["RouteKey"] not in OPEN_ROUTES:
            yield f"{name}: {route['RouteKey']} has no authorizer and is not on the list of open routes"
    for name, _ in stack.events("HttpApi"):
        yield f"{name}: write its routes as AWS::ApiGatewayV2::Route, where the authorizer is seen"


def no_page_of_another_origin_may_read_answers(stack: Stack) -> Iterator[str]:
    for name, api in stack.of("AWS::ApiGatewayV2::Api").items():
        if "*" in api.get("CorsConfiguration", {}).get("AllowOrigins", []):
            yield f"{name}: lets every origin read its answers"


def no_variable_holds_a_secret(stack: Stack) -> Iterator[str]:
    variables = [
        (name, function.get("Environment", {}).get("Variables", {})) for name, function in stack.functions.items()
    ]
    for name, given in [("Globals", stack.shared_variables), *variables]:
        for variable, value in given.items():
            is_name = variable.endswith(("_NAME", "_NAME_PREFIX", "_ARN"))
            if re.search("SECRET|TOKEN|PASSWORD|API_?KEY", variable) and not is_name:
                yield f"{name}: {variable} looks like a secret; give the name of one"
            elif isinstance(value, str) and re.search(r"AKIA[0-9A-Z]{16}|-----BEGIN|://[^/@]+:[^/@]+@", value):
                yield f"{name}: the value of {variable} looks like a secret"


def everything_kept_is_encrypted(stack: Stack) -> Iterator[str]:
    for name, queue in stack.of("AWS::SQS::Queue").items():
        if not queue.get("SqsManagedSseEnabled") and "KmsMasterKeyId" not in queue:
            yield f"{name}: is not encrypted"
    for name, table in stack.of("AWS::DynamoDB::Table").items():
        if not table.get("SSESpecification", {}).get("SSEEnabled"):
            yield f"{name}: is not encrypted with a key of this account"
    for name, bucket in stack.of("AWS::S3::Bucket").items():
        if "BucketEncryption" not in bucket:
            yield f"{name}: is not encrypted"


def logs_end_one_day(stack: Stack) -> Iterator[str]:
    groups = stack.of("AWS::Logs::LogGroup")
    for name, group in groups.items():
        if "RetentionInDays" not in group:
            yield f"{name}: keeps logs for ever"
    for name, function in stack.functions.items():
        if referred(function.get("LoggingConfig", {}).get("LogGroup")) not in groups:
            yield f"{name}: needs a log group of this template, or Lambda makes one that never ends"


def documents_and_tables_can_be_brought_back(stack: Stack) -> Iterator[str]:
    for name, table in stack.of("AWS::DynamoDB::Table").items():
        if not table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
            yield f"{name}: has no point-in-time recovery"
    for name, bucket in stack.of("AWS::S3::Bucket").items():
        if bucket.get("VersioningConfiguration", {}).get("Status") != "Enabled":
            yield f"{name}: is not versioned"
        if stack.resources[name].get("DeletionPolicy") != "Retain":
            yield f"{name}: would go with the stack"


def no_bucket_is_public(stack: Stack) -> Iterator[str]:
    wanted = {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}
    for name, bucket in stack.of("AWS::S3::Bucket").items():
        given = {key for key, value in bucket.get("PublicAccessBlockConfiguration", {}).items() if value is True}
        if given != wanted:
            yield f"{name}: does not block public access in all four ways"


def a_notification_finds_its_queue_open(stack: Stack) -> Iterator[str]:
    """S3 tries the queue when the notification is set, so the policy must be there before the bucket."""
    policies = {
        referred(queue): name
        for name, policy in stack.of("AWS::SQS::QueuePolicy").items()
        for queue in policy["Queues"]
    }
    for name, bucket in stack.of("AWS::S3::Bucket").items():
        for configuration in bucket.get("NotificationConfiguration", {}).get("QueueConfigurations", []):
            policy = policies.get(referred(configuration["Queue"]), "")
            if policy not in _list(stack.resources[name].get("DependsOn")):
                yield f"{name}: must depend on the policy of {referred(configuration['Queue'])}"


def functions_behind_the_api_answer_before_it_gives_up(stack: Stack) -> Iterator[str]:
    for properties in stack.of("AWS::ApiGatewayV2::Integration").values():
        name = referred(properties["IntegrationUri"])
        if stack.functions[name].get("Timeout", 3) >= HTTP_API_LIMIT_SECONDS:
            yield f"{name}: Timeout must be below {HTTP_API_LIMIT_SECONDS} s behind the API"


def buckets_and_queues_speak_tls_only(stack: Stack) -> Iterator[str]:
    policies = [
        *stack.resource_policies("AWS::SQS::QueuePolicy", "Queues"),
        *stack.resource_policies("AWS::S3::BucketPolicy", "Bucket"),
    ]
    for name in [*stack.of("AWS::SQS::Queue"), *stack.of("AWS::S3::Bucket")]:
        own = [policy for protected, policy in policies if protected == name]
        if len(own) > 1:
            yield f"{name}: has {len(own)} policies, and the last one to be set wins"
        elif not own or not any(_refuses_plain_text(statement) for statement in own[0]["Statement"]):
            yield f"{name}: needs a policy that refuses requests without TLS"


def _refuses_plain_text(statement: Mapping[str, Any]) -> bool:
    condition = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    return statement["Effect"] == "Deny" and statement["Principal"] == "*" and condition == "false"


def domains_are_encrypted_and_survive_a_zone(stack: Stack) -> Iterator[str]:
    for name, domain in stack.of("AWS::OpenSearchService::Domain").items():
        cluster, endpoint = domain.get("ClusterConfig", {}), domain.get("DomainEndpointOptions", {})
        if not endpoint.get("EnforceHTTPS") or not str(endpoint.get("TLSSecurityPolicy")).startswith(
            "Policy-Min-TLS-1-2"
        ):
            yield f"{name}: must accept HTTPS with TLS 1.2 or newer only"
        for option in ("EncryptionAtRestOptions", "NodeToNodeEncryptionOptions"):
            if not domain.get(option, {}).get("Enabled"):
                yield f"{name}: needs {option}"
        if cluster.get("InstanceCount", 1) < 2 or not cluster.get("ZoneAwarenessEnabled"):
            yield f"{name}: needs nodes in two availability zones"


def what_is_kept_for_a_time_expires(stack: Stack) -> Iterator[str]:
    for name, table in stack.of("AWS::DynamoDB::Table").items():
        ttl = table.get("TimeToLiveSpecification", {})
        if ttl.get("AttributeName") != "expires_at" or ttl.get("Enabled") is not True:
            yield f"{name}: needs time to live on expires_at"


def the_api_is_throttled_and_logged(stack: Stack) -> Iterator[str]:
    for name, stage in stack.of("AWS::ApiGatewayV2::Stage").items():
        if {"ThrottlingRateLimit", "ThrottlingBurstLimit"} - set(stage.get("DefaultRouteSettings", {})):
            yield f"{name}: needs a rate and a burst limit"
        if "AccessLogSettings" not in stage:
            yield f"{name}: needs access logs"


def every_function_is_traced(stack: Stack) -> Iterator[str]:
    for name, function in stack.functions.items():
        if function.get("Tracing") != "Active":
            yield f"{name}: is not traced"


def notices_that_are_not_delivered_raise_an_alarm(stack: Stack) -> Iterator[str]:
    """Nobody else would tell: who waits for a notice does not know that there is one."""
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]: alarm
        for alarm in stack.of("AWS::CloudWatch::Alarm").values()
        for dimension in alarm.get("Dimensions", [])
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible" and dimension["Name"] == "QueueName"
    }
    for name, mapping in stack.events("SQS"):
        if name != "DeliverFunction":
            continue
        redrive = stack.of("AWS::SQS::Queue")[referred(mapping["Queue"])].get("RedrivePolicy", {})
        alarm = watched.get(referred(redrive.get("deadLetterTargetArn")), {})
        if alarm.get("Threshold") != 0 or alarm.get("ComparisonOperator") != "GreaterThanThreshold":
            yield f"{referred(mapping['Queue'])}: needs an alarm on the first message in its dead-letter queue"


def queues_of_notices_keep_their_order(stack: Stack) -> Iterator[str]:
    """What is received behind a message that fails uses up its attempts, so it is one at a time."""
    for name, mapping in stack.events("SQS"):
        queue = stack.of("AWS::SQS::Queue")[referred(mapping["Queue"])]
        if name == "DeliverFunction" and not (queue.get("FifoQueue") and mapping.get("BatchSize") == 1):
            yield f"{referred(mapping['Queue'])}: must be FIFO, and be read one message at a time"


RULES: tuple[Callable[[Stack], Iterator[str]], ...] = (
    failed_messages_are_reported_one_by_one,
    a_message_stays_hidden_while_it_is_worked_on,
    every_queue_parks_what_keeps_failing,
    a_storm_is_bounded_at_the_queue,
    schedules_park_what_they_cannot_deliver,
    rules_park_what_they_cannot_deliver,
    subscriptions_hand_over_the_message_alone_and_park_what_they_cannot_deliver,
    services_send_to_queues_for_this_account_only,
    access_logs_hold_no_secret,
    no_policy_allows_more_than_it_names,
    every_function_has_a_role_of_its_own,
    every_route_is_authorized_or_known_to_be_open,
    no_page_of_another_origin_may_read_answers,
    no_variable_holds_a_secret,
    everything_kept_is_encrypted,
    logs_end_one_day,
    documents_and_tables_can_be_brought_back,
    no_bucket_is_public,
    a_notification_finds_its_queue_open,
    functions_behind_the_api_answer_before_it_gives_up,
    buckets_and_queues_speak_tls_only,
    domains_are_encrypted_and_survive_a_zone,
    what_is_kept_for_a_time_expires,
    the_api_is_throttled_and_logged,
    every_function_is_traced,
    notices_that_are_not_delivered_raise_an_alarm,
    queues_of_notices_keep_their_order,
)


def findings(stack: Stack) -> list[str]:
    return [f"{rule.__name__}: {finding}" for rule in RULES for finding in dict.fromkeys(rule(stack))]
