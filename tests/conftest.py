"""What every test shares: no real AWS, and the real parts, each started once for a run."""

from collections.abc import Iterator

import botocore.loaders
import pytest

from tests import dynamodb_local, embedding_model, opensearch_node


@pytest.fixture(autouse=True)
def _no_real_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that open nothing, and no profile or endpoint of the person who runs the tests."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(autouse=True, scope="session")
def _service_models_are_read_once() -> Iterator[None]:
    """Half of the time of a test with a fresh client would go into parsing the same service model again."""
    loader = botocore.loaders.create_loader()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", lambda *_: loader)
        yield


@pytest.fixture(scope="session")
def dynamodb_local_url() -> Iterator[str]:
    with dynamodb_local.running() as url:
        yield url


@pytest.fixture(scope="session")
def opensearch_url() -> Iterator[str]:
    with opensearch_node.running() as url:
        yield url


@pytest.fixture(scope="session")
def models() -> embedding_model.Models:
    return embedding_model.built()
