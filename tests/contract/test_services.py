"""What every catalog promises about services."""

from typing import Any

import pytest

from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.service_map import Service

CHECKOUT = Service(
    "Checkout – Shop \ud800",
    ("cart", "shop"),
    owner='team "checkout"',
    depends_on=("payments", "database"),
    groups=("finance",),
    contacts=("#checkout", "+49 30 1234"),
    schedule="checkout-primary",
)
PAYMENTS, DATABASE = Service("payments"), Service("database", owner="storage")


def test_services_come_back_whole_by_source_in_the_order_of_their_files(catalog: Any) -> None:
    catalog.replace_services("shop", [PAYMENTS, CHECKOUT])
    catalog.replace_services("ops", [DATABASE])

    assert catalog.services() == [DATABASE, PAYMENTS, CHECKOUT]


def test_what_the_file_says_now_stands_in_place_of_what_it_said(catalog: Any) -> None:
    catalog.replace_services("ops", [DATABASE])
    catalog.replace_services("shop", [CHECKOUT, PAYMENTS])
    catalog.replace_services("shop", [PAYMENTS])

    assert catalog.services() == [DATABASE, PAYMENTS]


def test_a_source_without_a_services_file_has_none(catalog: Any) -> None:
    catalog.replace_services("ops", [DATABASE])
    catalog.replace_services("shop", [CHECKOUT])
    catalog.replace_services("shop", [])
    catalog.replace_services("unheard-of", [])

    assert catalog.services() == [DATABASE]


def test_many_sources_with_many_services_are_all_told(catalog: Any) -> None:
    """More than one page of a query holds."""
    for number in range(8):
        services = [Service(f"s{number}-{n}", owner="o" * 180) for n in range(900)]
        catalog.replace_services(f"source-{number}", services)

    assert len(catalog.services()) == 8 * 900


def test_more_services_than_are_kept_are_refused_and_the_source_named(catalog: Any) -> None:
    catalog.replace_services("shop", [CHECKOUT])
    too_many = [Service(f"service-{number}", owner="o" * 300) for number in range(1000)]

    with pytest.raises(InvalidDocumentError, match=r"'shop'.*1000 services"):
        catalog.replace_services("shop", too_many)

    assert catalog.services() == [CHECKOUT]


def test_documents_and_services_of_a_source_are_kept_apart(catalog: Any) -> None:
    catalog.replace_services("shop", [CHECKOUT])
    catalog.claim("shop/disk.md", None, None, 100.0)

    assert catalog.services() == [CHECKOUT]
    assert [entry.key for entry in catalog.entries("shop")] == ["shop/disk.md"]
