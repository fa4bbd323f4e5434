"""The exact keys of an alert, and whether the address it links to meets the document it means."""

import pytest

from personal_pipeline.domain.alert_keys import MAX_KEYS_PER_LINK, link_keys, name_keys, rule_key
from personal_pipeline.domain.alert_sources import alertmanager
from personal_pipeline.domain.alerts import Alert
from personal_pipeline.domain.catalog import AlertKey
from personal_pipeline.domain.documents import DocumentMetadata
from personal_pipeline.domain.metadata import exact_keys

ARN = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:Disk"


def an_alert(**item: object) -> Alert:
    (alert,) = alertmanager.read({"alerts": [{"labels": {"alertname": "DiskFull"}, **item}]}).alerts
    return alert


def meets(url: str, path: str, own_url: str = "") -> bool:
    known = {key for key in exact_keys(f"ops/{path}", DocumentMetadata(title="T", url=own_url)) if key.kind == "url"}
    return bool(known & set(link_keys(url)))


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://github.com/shop/ops/blob/main/docs/runbooks/DiskFull.md", "docs/runbooks/DiskFull.md"),
        ("https://github.com/shop/ops/blob/main/docs/runbooks/DiskFull.md#step-2", "runbooks/DiskFull.md"),
        ("https://github.com/shop/ops/blob/main/docs/runbooks/DiskFull.md?plain=1", "DiskFull.md"),
        ("https://github.com/shop/ops/blob/feature/two/runbooks/disk-full.adoc", "runbooks/disk-full.adoc"),
        ("https://github.com/shop/ops/tree/main/runbooks/kafka", "runbooks/kafka/README.md"),
        ("https://github.com/shop/ops/tree/main/runbooks/kafka/", "runbooks/kafka/_index.md"),
        ("https://github.com/shop/ops/blob/main/runbooks/kafka/README.md", "runbooks/kafka/README.md"),
        ("https://raw.githubusercontent.com/shop/ops/main/runbooks/disk-full.md", "runbooks/disk-full.md"),
        ("https://gitlab.example.com/shop/ops/-/blob/main/runbooks/disk-full.md", "runbooks/disk-full.md"),
        ("https://bitbucket.example.com/shop/ops/src/main/runbooks/disk-full.md", "runbooks/disk-full.md"),
        ("https://runbooks.example.com/runbooks/general/TargetDown/", "content/runbooks/general/TargetDown.md"),
        ("https://runbooks.example.com/runbooks/general/targetdown", "site/content/runbooks/general/TargetDown.md"),
        ("https://runbooks.example.com/general/TargetDown", "docs/runbooks/general/TargetDown.md"),
        ("https://runbooks.example.com/general/TargetDown.html#meaning", "general/TargetDown.md"),
        ("https://wiki.example.com/ops/disk%20full", "ops/disk full.md"),
        ("https://wiki.example.com/de/ops/diskfull/index.html", "ops/diskfull.rst"),
        ("http://runbooks/kubepodcrashlooping", "KubePodCrashLooping.md"),
        ("runbooks/disk-full.md", "runbooks/disk-full.md"),
        ("/runbooks/disk-full", "runbooks/disk-full.md"),
    ],
)
def test_the_usual_forms_of_a_link_meet_the_document(url: str, path: str) -> None:
    assert meets(url, path)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://github.com/other/project/blob/main/README.md", "README.md"),
        ("https://github.com/other/project/blob/main/docs/README.md", "docs/README.md"),
        ("https://docs.example.com/redis", "cache/redis.md"),
        ("https://docs.example.com/latest/redis", "redis.md"),
        ("https://docs.example.com/kafka/troubleshooting", "troubleshooting.md"),
        ("https://docs.example.com/en/kafka/troubleshooting", "kafka/troubleshooting.md"),
        ("https://docs.example.com/a/index.html", "index.md"),
        ("https://docs.example.com/", "index.md"),
        ("https://docs.example.com/runbooks", "runbooks/disk.md"),
    ],
)
def test_what_may_as_well_mean_another_page_is_no_match(url: str, path: str) -> None:
    assert not meets(url, path)


def test_pages_of_a_wiki_with_one_path_are_told_apart() -> None:
    page = "https://wiki.example.com/pages/viewpage.action?spaceKey=OPS&pageId=12"

    assert meets(page, "export/12.html", own_url="http://wiki/pages/viewpage.action?pageId=12#x")
    assert not meets(page, "export/13.html", own_url="http://wiki/pages/viewpage.action?pageId=13")
    assert meets("https://w/index.php?title=Disk_full", "a.md", own_url="https://w/index.php?title=disk_full")


@pytest.mark.parametrize("url", ["", "   ", "https://", "https://[", "https://[::1", "http://]/a", "#anchor", "?", "/"])
def test_what_is_no_address_has_no_key_and_breaks_nothing(url: str) -> None:
    assert len(link_keys(url)) <= 1
    assert exact_keys("ops/a.md", DocumentMetadata(title="T", url=url))


def test_a_path_without_end_gives_few_keys_and_keeps_the_whole_and_the_most_telling() -> None:
    keys = link_keys("https://h/" + "/".join(f"part{number}" for number in range(40)))

    assert len(keys) == MAX_KEYS_PER_LINK
    assert keys[1].value.endswith("part38/part39")


def test_an_alert_is_asked_for_by_alarm_name_and_title() -> None:
    alert = an_alert(labels={"alertname": "Disk_Full", "alarm_arn": ARN})

    assert name_keys(alert) == (
        AlertKey("arn", ARN.casefold()),
        AlertKey("alert", "diskfull"),
        AlertKey("title", "diskfull"),
    )
    assert rule_key(alert) == AlertKey("rule", "diskfull")


@pytest.mark.parametrize(
    "item", [{"annotations": {"alarm_arn": ARN}}, {"generatorURL": ARN}, {"labels": {"alarm_arn": ARN}}]
)
def test_an_alarm_arn_is_found_where_forwarders_put_it(item: dict[str, object]) -> None:
    assert name_keys(an_alert(**item))[0] == AlertKey("arn", ARN.casefold())


def test_an_address_of_prometheus_is_no_arn() -> None:
    alert = an_alert(generatorURL="https://prometheus.example.com/graph", annotations={"alarm_arn": "Disk"})

    assert [key.kind for key in name_keys(alert)] == ["alert", "title"]
