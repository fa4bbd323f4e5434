"""Events and answers as an HTTP API exchanges them with a function, and what never reaches a function."""

import base64
import io
import json
from hashlib import sha256

import pytest

from infra.local.functions import FunctionTimeoutError
from infra.local.gateway import MAX_BODY_BYTES, Guard, HttpApi, Response
from infra.local.topology import Route
from personal_pipeline.domain.callers import Callers

ROUTES = [
    Route("GET", "/v1/search", "Search"),
    Route("POST", "/v1/search", "Search"),
    Route("GET", "/v1/documents/{id}", "Search"),
    Route("GET", "/v1/documents/newest", "Newest"),
    Route("ANY", "/files/{path+}", "Files"),
    Route("GET", "/v1/health", "Search", is_open=True),
]
GUARD = Guard(operator_token="operator")


class Function:
    def __init__(self, answer=None):
        self.answer = {"statusCode": 200, "body": "fine"} if answer is None else answer
        self.events = []

    def invoke(self, event, request_id=""):
        self.events.append(event)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name), None)

    @property
    def problem(self):
        assert self.header("content-type") == "application/problem+json"
        return json.loads(self.body)


class Api:
    def __init__(self, answer=None, guard=GUARD, routes=ROUTES, operator=None):
        self.functions = {name: Function(answer) for name in ("Search", "Newest", "Files")}
        self.replaced = 0
        self.api = HttpApi(routes, self.functions, guard, operator, self.replace)

    def replace(self):
        self.replaced += 1

    def ask(self, method, path, query="", body=b"", headers=None):
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1:5555",
            "HTTP_HOST": "localhost:8080",
            "wsgi.input": io.BytesIO(body),
        }
        for name, value in (headers or {}).items():
            key = name.upper().replace("-", "_")
            environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
        started = []
        parts = self.api(environ, lambda status, headers: started.append((status, headers)))
        ((status, sent),) = started
        return Answer(int(status.split()[0]), sent, b"".join(parts))

    @property
    def event(self):
        (event,) = (event for function in self.functions.values() for event in function.events)
        return event


def test_the_event_is_an_http_api_event_of_format_two():
    api = Api()
    api.ask("GET", "/v1/search", "q=disk+full&limit=3", headers={"User-Agent": "curl/8", "Cookie": "a=1; b=2"})
    event = api.event
    assert event["version"] == "2.0"
    assert event["routeKey"] == "GET /v1/search"
    assert (event["rawPath"], event["rawQueryString"]) == ("/v1/search", "q=disk+full&limit=3")
    assert event["queryStringParameters"] == {"q": "disk full", "limit": "3"}
    assert event["headers"]["user-agent"] == "curl/8"
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["requestContext"]["http"] == {
        "method": "GET", "path": "/v1/search", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "curl/8",
    }  # fmt: skip
    assert event["requestContext"]["stage"] == "$default"
    assert "body" not in event
    assert "pathParameters" not in event
    json.dumps(event)


def test_repeated_query_parameters_are_joined_with_commas():
    api = Api()
    api.ask("GET", "/v1/search", "tag=a&tag=b&empty=")
    assert api.event["queryStringParameters"] == {"tag": "a,b", "empty": ""}


def test_path_parameters_are_decoded_and_named():
    api = Api()
    api.ask("GET", "/v1/documents/ünïcode id")
    assert api.event["pathParameters"] == {"id": "ünïcode id"}
    assert api.event["routeKey"] == "GET /v1/documents/{id}"


def test_the_most_specific_route_wins():
    api = Api()
    api.ask("GET", "/v1/documents/newest")
    assert api.functions["Newest"].events


def test_a_greedy_parameter_takes_the_rest_of_the_path():
    api = Api()
    api.ask("DELETE", "/files/a/b/c.md")
    assert api.event["pathParameters"] == {"path": "a/b/c.md"}


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/json", b'{"q": "x"}', ('{"q": "x"}', False)),
        ("text/plain; charset=utf-8", "ü".encode(), ("ü", False)),
        ("application/octet-stream", b"\x00\xff", (base64.b64encode(b"\x00\xff").decode(), True)),
        ("application/json", b"\xff\xfe", (base64.b64encode(b"\xff\xfe").decode(), True)),
        ("", b"plain", (base64.b64encode(b"plain").decode(), True)),
    ],
)
def test_a_body_is_text_or_base64_by_its_content_type(content_type, body, expected):
    api = Api()
    api.ask("POST", "/v1/search", body=body, headers={"Content-Type": content_type})
    assert (api.event["body"], api.event["isBase64Encoded"]) == expected


@pytest.mark.parametrize("declared", [{}, {"Content-Length": str(MAX_BODY_BYTES + 1)}])
def test_a_body_over_six_megabytes_is_refused(declared):
    api = Api()
    answer = api.ask("POST", "/v1/search", body=b"x" * (MAX_BODY_BYTES + 1), headers=declared)
    assert answer.problem["status"] == answer.status == 413


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("PUT", "/v1/search"), ("GET", "/v1/documents/a/b")])
def test_what_no_route_matches_is_a_404_problem(method, path):
    api = Api()
    assert api.ask(method, path).problem["title"] == "Not Found"


@pytest.mark.parametrize(
    ("returned", "status", "content_type", "body"),
    [
        ({"statusCode": 201, "headers": {"Content-Type": "text/x"}, "body": "made"}, 201, "text/x", b"made"),
        ({"statusCode": "204"}, 204, None, b""),
        ({"statusCode": 200, "body": base64.b64encode(b"\x00").decode(), "isBase64Encoded": True, "headers": {}},
         200, "text/plain; charset=utf-8", b"\x00"),
        ({"answer": 42}, 200, "application/json", b'{"answer": 42}'),
        (["a"], 200, "application/json", b'["a"]'),
        ("bare", 200, "application/json", b"bare"),
    ],
)  # fmt: skip
def test_return_values_become_answers(returned, status, content_type, body):
    answer = Api(returned).ask("GET", "/v1/search")
    assert (answer.status, answer.header("content-type"), answer.body) == (status, content_type, body)


def test_each_cookie_has_its_own_header():
    answer = Api({"statusCode": 200, "cookies": ["a=1", "b=2"], "body": ""}).ask("GET", "/v1/search")
    assert [value for name, value in answer.headers if name == "set-cookie"] == ["a=1", "b=2"]


@pytest.mark.parametrize(
    "broken",
    [
        RuntimeError("the password is hunter2"),
        {"statusCode": "many"},
        {"statusCode": 999},
        {"statusCode": 200, "headers": {"x": "a\r\nset-cookie: b=1"}, "body": ""},
        {"statusCode": 200, "body": "%", "isBase64Encoded": True},
        {"statusCode": 200, "body": "x" * (MAX_BODY_BYTES + 1)},
        object(),
    ],
)
def test_what_goes_wrong_inside_is_a_500_that_tells_nothing(broken):
    answer = Api(broken).ask("GET", "/v1/search")
    assert answer.problem["status"] == 500
    assert b"hunter2" not in answer.body
    assert b"Traceback" not in answer.body


def test_a_timeout_is_a_504_and_replaces_the_process():
    api = Api(FunctionTimeoutError("function search took longer than its 10 s"))
    assert api.ask("GET", "/v1/search").problem["status"] == 504
    assert api.replaced == 1


def test_answers_forbid_browsers_to_guess_types_and_carry_the_request_id():
    api = Api()
    answer = api.ask("GET", "/v1/search")
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("apigw-requestid") == api.event["requestContext"]["requestId"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", ""])
def test_a_foreign_host_name_is_refused_because_it_may_be_rebound(host):
    api = Api()
    assert api.ask("GET", "/v1/health", headers={"Host": host}).status == 421
    assert not api.functions["Search"].events


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:9", "[::1]:8080", "LOCALHOST:1"])
def test_this_machine_may_be_called_by_all_its_names(host):
    assert Api().ask("GET", "/v1/health", headers={"Host": host}).status == 200


def test_with_an_api_token_every_route_but_the_open_ones_needs_it():
    api = Api(guard=Guard(api_token="let-me-in"))
    refused = api.ask("GET", "/v1/search")
    assert (refused.status, refused.header("www-authenticate")) == (401, "Bearer")
    for wrong in ("Bearer nope", "Basic let-me-in", "Bearer", "Bearer  ", "Bearer let-me-in2", "Bearer ünïcode"):
        assert api.ask("GET", "/v1/search", headers={"Authorization": wrong}).status == 401
    assert api.ask("GET", "/v1/search", headers={"Authorization": "bearer let-me-in"}).status == 200
    assert api.ask("GET", "/v1/health").status == 200


KEY = "0123456789abcdef0123456789abcdef"
KEYS = Callers.parse(f"sha256:{sha256(KEY.encode()).hexdigest()}=sre,ops")


def told(api):
    return api.event["requestContext"].get("authorizer")


def test_who_sends_a_key_is_told_to_the_function_with_the_groups_of_the_key():
    for guard in (Guard(callers=KEYS), Guard(api_token="let-me-in", callers=KEYS)):
        api = Api(guard=guard)
        assert api.ask("GET", "/v1/search", headers={"Authorization": f"Bearer {KEY}"}).status == 200
        assert told(api)["lambda"]["groups"] == "sre,ops"
        assert api.ask("GET", "/v1/search", headers={"Authorization": f"Bearer {KEY}x"}).status == 401


def test_whoever_sends_no_key_has_the_groups_of_this_machine():
    api = Api(guard=Guard(callers=KEYS, groups=("platform", "sre")))
    assert api.ask("GET", "/v1/search").status == 200
    assert told(api) == {"lambda": {"caller": "", "groups": "platform,sre"}}


def test_without_groups_and_keys_the_function_is_told_of_no_caller():
    api = Api(guard=Guard(api_token="let-me-in"))
    assert api.ask("GET", "/v1/search", headers={"Authorization": "Bearer let-me-in"}).status == 200
    assert told(api) is None


def test_an_open_route_is_told_of_no_caller():
    api = Api(guard=Guard(callers=KEYS, groups=("sre",)))
    assert api.ask("GET", "/v1/health", headers={"Authorization": f"Bearer {KEY}"}).status == 200
    assert told(api) is None


def test_operator_routes_always_need_the_operator_token():
    api = Api(guard=Guard(api_token="caller", operator_token="operator"), operator=lambda _: Response.json({"ok": 1}))
    assert api.ask("GET", "/local/queues", headers={"Authorization": "Bearer caller"}).status == 401
    assert api.ask("GET", "/local/queues", headers={"Authorization": "Bearer operator"}).status == 200


def test_an_empty_operator_token_opens_nothing():
    api = Api(guard=Guard(operator_token=""), operator=lambda _: Response.json({}))
    assert api.ask("GET", "/local/queues", headers={"Authorization": "Bearer "}).status == 401
