"""HTTP answers of every route: problem bodies after RFC 9457, conditional requests, the caller's scope.

The framework's own errors are answered in the same shape. What the framework does not guard against (JSON
nested too deep, numbers of thousands of digits, a body that is no UTF-8) becomes a 400 here.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import ServiceError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from aws_lambda_powertools.utilities.typing import LambdaContext

from personal_pipeline.domain.answers import encode, etag
from personal_pipeline.domain.callers import Callers
from personal_pipeline.domain.documents import PUBLIC
from personal_pipeline.domain.errors import (
    InvalidAlertError,
    InvalidQueryError,
    MissingError,
    PipelineError,
    RejectedError,
    ReplayedError,
    UnauthorisedError,
    UnavailableError,
)
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.settings import CallerSettings

PROBLEM = "application/problem+json"
RETRY_AFTER_SECONDS = 2
STATUS: Mapping[type[PipelineError], HTTPStatus] = {  # the first that fits, so leaves before families
    InvalidQueryError: HTTPStatus.BAD_REQUEST,
    InvalidAlertError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    MissingError: HTTPStatus.NOT_FOUND,
    RejectedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnauthorisedError: HTTPStatus.UNAUTHORIZED,
    ReplayedError: HTTPStatus.CONFLICT,
    UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}
logger = Logger()


def problem(status: HTTPStatus, detail: str, **members: object) -> Response[str]:
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail, **members}
    headers: dict[str, str | list[str]] = {"Cache-Control": "no-store"}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(status.value, PROBLEM, json.dumps(body), headers)


def translate_errors(api: APIGatewayHttpResolver) -> None:
    """Register the one table from our errors, and the framework's, to problem bodies."""
    callers()  # a wrong setting stops the cold start
    api.exception_handler(PipelineError)(problem_of)
    api.exception_handler(RequestValidationError)(_of_validation)
    api.exception_handler(ServiceError)(_of_framework)
    api.not_found(_no_route)


def problem_of(error: PipelineError) -> Response[str]:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), HTTPStatus.BAD_GATEWAY)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.warning("request not answered", error=str(error), cause=str(error.__cause__ or ""))
    if isinstance(error, UnauthorisedError | ReplayedError):
        logger.info("sender refused", reason=str(error))
        return problem(status, "")
    return problem(status, str(error))


def _of_validation(error: RequestValidationError) -> Response[str]:
    wrong = [{"field": ".".join(map(str, e["loc"][1:])), "problem": e["msg"]} for e in error.errors()]
    detail = "; ".join(f"{e['field']}: {e['problem']}" for e in wrong)
    return problem(HTTPStatus.BAD_REQUEST, detail, errors=wrong)


def _of_framework(error: ServiceError) -> Response[str]:
    return problem(HTTPStatus(error.status_code), str(error.msg))


def _no_route(_: Exception) -> Response[str]:
    return problem(HTTPStatus.NOT_FOUND, "there is no such route: GET /v1/openapi.json lists them")


def resolve(api: APIGatewayHttpResolver, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    try:
        return api.resolve(event, context)
    except (RecursionError, UnicodeError, ValueError, OverflowError) as error:
        logger.warning("unreadable request", error=type(error).__name__)
        unreadable = problem(HTTPStatus.BAD_REQUEST, "the request body cannot be read: send UTF-8 JSON, sanely nested")
        headers = {"Content-Type": PROBLEM, "Cache-Control": "no-store"}
        return {"statusCode": unreadable.status_code, "headers": headers, "body": unreadable.body}


def refuse_unknown_parameters(api: APIGatewayHttpResolver, answer: NextMiddleware) -> Response[Any]:
    """For every route: a filter that is silently ignored would answer another question. Raises InvalidQueryError."""
    known = {field.alias for field in api.context["_route"].dependant.query_params}
    unknown = sorted(set(api.current_event.query_string_parameters) - known)
    if unknown:
        advice = f"there are {', '.join(sorted(known))}" if known else "there are none here"
        raise InvalidQueryError(f"unknown parameter {unknown[0][:100]!r}: {advice}")
    return answer(api)


def conditional(
    event: APIGatewayProxyEventV2,
    body: str,
    etag: str,
    headers: Mapping[str, str] | None = None,
    content_type: str = "application/json",
) -> Response[str]:
    """An answer that may be kept, if it is asked for again each time; 304 when the caller has it."""
    all_headers: dict[str, str | list[str]] = {"ETag": etag, "Cache-Control": "private, no-cache", **(headers or {})}
    given = event.headers.get("if-none-match", "")
    if any(tag.strip().removeprefix("W/") in {etag, "*"} for tag in given.split(",")):
        return Response(HTTPStatus.NOT_MODIFIED.value, content_type, "", all_headers)
    return Response(HTTPStatus.OK.value, content_type, body, all_headers)


def conditional_fields(event: APIGatewayProxyEventV2, fields: Mapping[str, Any]) -> Response[str]:
    body = encode(fields)
    return conditional(event, body.decode(), etag(body))


def chosen(fields: str, known: Sequence[str]) -> frozenset[str]:
    """The fields that a caller wants of each object, all where none is named. Raises InvalidQueryError."""
    wanted = frozenset(name for part in fields.split(",") if (name := part.strip()))
    if unknown := sorted(wanted - set(known)):
        raise InvalidQueryError(f"fields: there is no {unknown[0][:100]!r}: choose among {', '.join(known)}")
    return wanted | {"id"} if wanted else frozenset(known)


def only(item: Mapping[str, Any], wanted: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name in wanted}


@cache
def callers() -> Callers:
    """Read once. Raises InvalidSettingsError."""
    return CallerSettings.from_env().callers


def caller(event: APIGatewayProxyEventV2) -> str:
    """Who asks, by the verified token, key or signature; nobody in particular where the gateway demands none."""
    authorizer = _authorizer(event)
    subject = (authorizer.get("jwt") or {}).get("claims", {}).get("sub", "")
    signer = (authorizer.get("iam") or {}).get("userArn", "")
    named = (authorizer.get("lambda") or {}).get("caller", "")
    return f"jwt {subject}" if subject else named or f"iam {signer}"


def caller_scope(event: APIGatewayProxyEventV2) -> CallerScope:
    """The groups of who asks, and ``public``: the gateway verified who that is, or demands nothing.

    A token names its groups, a key brings them along from the authorizer, a signer has those of the settings.
    """
    authorizer = _authorizer(event)
    claim = (authorizer.get("jwt") or {}).get("claims", {}).get("groups", "")
    groups = claim.strip("[]").replace(",", " ").split() if isinstance(claim, str) else []
    groups += (authorizer.get("lambda") or {}).get("groups", "").split(",")
    groups += callers().groups_of((authorizer.get("iam") or {}).get("userArn") or "")
    return CallerScope(tuple(sorted({PUBLIC, *groups} - {""})))


def _authorizer(event: APIGatewayProxyEventV2) -> Mapping[str, Any]:
    return event.raw_event.get("requestContext", {}).get("authorizer") or {}
