"""Who owns a service, and what it stands on."""

from itertools import pairwise
from time import process_time

import pytest

from personal_pipeline.domain.service_map import MOST_NEIGHBOURS, Service, ServiceMap

SHOP = ServiceMap(
    [
        Service("Checkout", ("cart",), "team-checkout", ("payments", "Postgres_Main"), contacts=("#checkout",)),
        Service("payments", depends_on=("bank gateway", "postgres main")),
        Service("postgres-main", ("db", "the database"), owner="storage", depends_on=("disks",)),
        Service("web", depends_on=("checkout", "checkout")),
    ]
)


def a_map(**depends_on: str) -> ServiceMap:
    return ServiceMap(Service(name, depends_on=tuple(below.split())) for name, below in depends_on.items())


def upstream(services: ServiceMap, name: str) -> list[tuple[str, int]]:
    return [(found.name, found.depth) for found in services.upstream(name)]


@pytest.mark.parametrize("name", ["Checkout", "checkout", " CHECKOUT ", "cart", "Cart!"])
def test_a_service_is_found_by_name_and_alias_however_they_are_written(name: str) -> None:
    found = SHOP.find(name)

    assert found is not None
    assert found.name == "Checkout"


@pytest.mark.parametrize("name", ["", "  ", "--", "check", "unheard-of"])
def test_what_no_file_names_is_not_found(name: str) -> None:
    assert SHOP.find(name) is None
    assert upstream(SHOP, name) == []
    assert (SHOP.owner(name), SHOP.contacts(name)) == ("", ())


def test_a_name_comes_before_an_alias_and_the_first_before_the_second() -> None:
    services = ServiceMap([Service("a", ("db",)), Service("db", owner="one"), Service("DB", owner="two")])

    assert services.owner("db") == "one"


def test_what_a_service_stands_on_is_told_nearest_first() -> None:
    assert upstream(SHOP, "web") == [
        ("Checkout", 1), ("payments", 2), ("postgres-main", 2), ("bank gateway", 3), ("disks", 3),
    ]  # fmt: skip
    assert upstream(SHOP, "the-database") == [("disks", 1)]


def test_a_service_that_is_met_twice_counts_where_it_is_nearest() -> None:
    services = a_map(a="b c", b="d", c="b d", d="c")

    assert upstream(services, "a") == [("b", 1), ("c", 1), ("d", 2)]


def test_circles_end_and_nobody_stands_on_themselves() -> None:
    services = a_map(a="a b", b="c", c="a C")

    assert upstream(services, "a") == [("b", 1), ("c", 2)]
    assert upstream(services, "c") == [("a", 1), ("b", 2)]
    assert services.is_upstream("a", of="c")
    assert services.is_upstream("c", of="a")
    assert not services.is_upstream("a", of="a")


def test_services_that_no_file_describes_are_upstream_under_the_name_they_are_called_by() -> None:
    services = a_map(a="Kafka_Main", b="kafka-main")

    assert upstream(services, "a") == [("Kafka_Main", 1)]
    assert services.is_upstream("kafka main", of="b")
    assert upstream(services, "kafka main") == []


def test_upstream_is_asked_in_one_direction_by_any_name() -> None:
    assert SHOP.is_upstream("DB", of="cart")
    assert SHOP.is_upstream("disks", of="web")
    assert not SHOP.is_upstream("cart", of="DB")
    assert not SHOP.is_upstream("unheard-of", of="web")
    assert not SHOP.is_upstream("", of="web")


def test_owner_and_contacts_are_told_by_any_name() -> None:
    assert SHOP.owner("the database") == "storage"
    assert SHOP.contacts("cart") == ("#checkout",)
    assert (SHOP.owner("web"), SHOP.contacts("web")) == ("", ())


def test_at_most_fifty_are_told_and_a_tangle_takes_no_time() -> None:
    names = [f"s{number}" for number in range(2000)]
    tangle = ServiceMap(Service(name, depends_on=tuple(names[:50])) for name in names)
    chain = ServiceMap(Service(name, depends_on=(after,)) for name, after in pairwise(names))
    wide = ServiceMap([Service("a", depends_on=tuple(names[:200]))])
    started = process_time()

    assert len(tangle.upstream("s1999")) == MOST_NEIGHBOURS
    assert [found.depth for found in chain.upstream("s0")] == list(range(1, MOST_NEIGHBOURS + 1))
    assert [found.name for found in wide.upstream("a")] == names[:MOST_NEIGHBOURS]
    assert process_time() - started < 2
