"""A webhook as API Gateway hands it over (payload format 2.0), with the bytes that its sender signed."""

from base64 import b64decode

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from personal_pipeline.domain.senders import Received
from personal_pipeline.services.receive_alert import MAX_BODY_BYTES, too_large


def received(event: APIGatewayProxyEventV2) -> Received:
    """Raises InvalidAlertError for a body too large before it is decoded, ValueError for one that is no base64."""
    raw = event.raw_event
    text = raw.get("body") or ""
    if len(text) > 4 * MAX_BODY_BYTES / 3 + 4:
        raise too_large(len(text))
    context = raw.get("requestContext") or {}
    headers = {name.lower(): value for name, value in (raw.get("headers") or {}).items()}
    certificate = ((context.get("authentication") or {}).get("clientCert") or {}).get("subjectDN")
    return Received(
        body=b64decode(text, validate=True) if raw.get("isBase64Encoded") else text.encode(),
        headers=headers,
        parameters=raw.get("queryStringParameters") or {},
        url=_url(headers, context.get("domainName", ""), raw),
        certificate=certificate or "",
    )


def _url(headers: dict[str, str], domain: str, raw: dict[str, object]) -> str:
    query = raw.get("rawQueryString")
    scheme = headers.get("x-forwarded-proto", "https")
    return f"{scheme}://{headers.get('host') or domain}{raw.get('rawPath', '')}" + (f"?{query}" if query else "")
