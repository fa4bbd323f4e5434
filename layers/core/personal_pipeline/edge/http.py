"""HTTP answers of every route: problem bodies after RFC 9457, conditional requests, the caller's scope.

The framework's own errors are answered in the same shape. What the framework does not guard against (JSON
nested too deep, numbers of thousands of digits, a body that is no UTF-8) becomes a 400 here.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import ServiceError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from aws_lambda_powertools.utilities.typing import LambdaContext

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
    api.exception_handler(PipelineError)(_of_ours)
    api.exception_handler(RequestValidationError)(_of_validation)
    api.exception_handler(ServiceError)(_of_framework)
    api.not_found(_no_route)


def _of_ours(error: PipelineError) -> Response[str]:
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


def refuse_unknown_parameters(event: APIGatewayProxyEventV2, known: frozenset[str]) -> None:
    """A filter that is silently ignored would answer another question. Raises InvalidQueryError."""
    unknown = sorted(set(event.query_string_parameters) - known)
    if unknown:
        raise InvalidQueryError(f"unknown parameter {unknown[0][:100]!r}: there are {', '.join(sorted(known))}")


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


def caller(event: APIGatewayProxyEventV2) -> str:
    """Who asks, by the verified token or signature; nobody in particular where the gateway demands neither."""
    authorizer = event.raw_event.get("requestContext", {}).get("authorizer") or {}
    subject = (authorizer.get("jwt") or {}).get("claims", {}).get("sub", "")
    signer = (authorizer.get("iam") or {}).get("userArn", "")
    return f"jwt {subject}" if subject else f"iam {signer}"


def caller_scope(event: APIGatewayProxyEventV2) -> CallerScope:
    """The groups of a verified token, and ``public``; the gateway verified it, or there is none."""
    authorizer = event.raw_event.get("requestContext", {}).get("authorizer") or {}
    claim = (authorizer.get("jwt") or {}).get("claims", {}).get("groups", "")
    groups = claim.strip("[]").replace(",", " ").split() if isinstance(claim, str) else []
    return CallerScope(tuple(sorted({PUBLIC, *groups})))
