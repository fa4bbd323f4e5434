"""One DynamoDB table as the adapters speak to it: typed values, whole batches, our errors."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from personal_pipeline.adapters.aws_clients import aws_errors
from personal_pipeline.domain.errors import TableUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]  # attribute values in DynamoDB's own form: {"rev": {"N": "3"}}
MAX_ITEM_BYTES = 400 * 1024
BATCH_ROUNDS = 3
_BATCH = 100
_WRITE_BATCH = 25


class ConditionFailedError(Exception):
    """A conditional write found something else; ``item`` is what it found, empty when there was nothing."""

    def __init__(self, item: Item) -> None:
        super().__init__("the condition of a write does not hold")
        self.item = item


class Table:
    def __init__(self, client: "Callable[[], DynamoDBClient]", name: str) -> None:
        self.name = name
        self.client = client

    def errors(self) -> AbstractContextManager[None]:
        return aws_errors(f"table {self.name}", TableUnavailableError)

    def get(self, key: Item) -> Item | None:
        """As of now: a document is never read stale."""
        with self.errors():
            return self.client().get_item(TableName=self.name, Key=key, ConsistentRead=True).get("Item")

    def batch_get(self, keys: Sequence[Item], *, is_consistent: bool) -> list[Item]:
        """In any order. A table that leaves keys unprocessed round after round is throttled: unavailable."""
        found: list[Item] = []
        for start in range(0, len(keys), _BATCH):
            waiting: Any = {self.name: {"Keys": keys[start : start + _BATCH], "ConsistentRead": is_consistent}}
            for _ in range(BATCH_ROUNDS):
                with self.errors():
                    answer = self.client().batch_get_item(RequestItems=waiting)
                found += answer["Responses"].get(self.name, [])
                waiting = answer.get("UnprocessedKeys")
                if not waiting:
                    break
            else:
                raise TableUnavailableError(f"table {self.name} leaves keys unread: it is throttled, try again")
        return found

    def batch_put(self, items: Sequence[Item]) -> None:
        """Without conditions; no two items with one key. When it raises, some may be written."""
        for start in range(0, len(items), _WRITE_BATCH):
            waiting: Any = {self.name: [{"PutRequest": {"Item": item}} for item in items[start : start + _WRITE_BATCH]]}
            for _ in range(BATCH_ROUNDS):
                with self.errors():
                    waiting = self.client().batch_write_item(RequestItems=waiting).get("UnprocessedItems")
                if not waiting:
                    break
            else:
                raise TableUnavailableError(f"table {self.name} leaves items unwritten: it is throttled, try again")

    def query(self, **request: Any) -> Iterator[Item]:
        for page in self.pages(**request):
            yield from page["Items"]

    def pages(self, **request: Any) -> Iterator[Any]:
        while True:
            with self.errors():
                page = self.client().query(TableName=self.name, **request)
            yield page
            if not page.get("LastEvaluatedKey"):
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def update(self, key: Item, expression: str, names: dict[str, str], values: Item, condition: str = "") -> Item:
        """The item as it was before; raises ConditionFailedError."""
        conditional: Any = {"ConditionExpression": condition} if condition else {}
        with self.errors():
            try:
                answer = self.client().update_item(
                    TableName=self.name,
                    Key=key,
                    UpdateExpression=expression,
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=values,
                    ReturnValues="ALL_OLD",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **conditional,
                )
            except ClientError as error:
                raise_if_condition_failed(error)
                raise
        return answer.get("Attributes", {})

    def put(
        self, item: Item, condition: str = "", names: dict[str, str] | None = None, values: Item | None = None
    ) -> Item:
        """The item as it was before; raises ConditionFailedError."""
        conditional: Any = {"ConditionExpression": condition} if condition else {}
        if condition:
            conditional |= {"ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
        with self.errors():
            try:
                answer = self.client().put_item(
                    TableName=self.name,
                    Item=item,
                    ReturnValues="ALL_OLD",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **conditional,
                )
            except ClientError as error:
                raise_if_condition_failed(error)
                raise
        return answer.get("Attributes", {})

    def delete(self, key: Item) -> None:
        with self.errors():
            self.client().delete_item(TableName=self.name, Key=key)


def raise_if_condition_failed(error: ClientError) -> None:
    if error.response["Error"].get("Code") == "ConditionalCheckFailedException":
        found: Any = error.response
        raise ConditionFailedError(found.get("Item", {})) from error


def text(value: str) -> Item:
    return {"S": value}


def number(value: float) -> Item:
    return {"N": repr(value)}
