"""A scenario for JMeter 5.5 or newer, as its test plan: the same requests, by its open model thread group."""

from collections.abc import Sequence
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from tests.performance.scenario import Phase, Run, Scenario
from tests.performance.tools.steps import GETS, POSTS, gets, posts
from tests.performance.workload.model import Request, rate_at

STEPS = 10  # straight lines that a curve is made of
SETTLE_SECONDS = 5  # for answers that are still to come
Properties = dict[str, str | int | bool]


def jmeter(scenario: Scenario, run: Run, requests: Sequence[Request], target: str) -> str:
    address = urlsplit(target)
    root = ET.Element("jmeterTestPlan", {"version": "1.2", "properties": "5.0", "jmeter": "5.6.3"})
    tree = ET.SubElement(root, "hashTree")
    _element(tree, "TestPlan", "TestPlanGui", scenario.name, {"TestPlan.comments": scenario.says})
    plan = ET.SubElement(tree, "hashTree")
    kinds = (("get", GETS, "getPath", len(gets(requests))), ("post", POSTS, "postPath,postBody", len(posts(requests))))
    for method, file, names, count in kinds:
        if count:
            share = count / (len(gets(requests)) + len(posts(requests)))
            _group(plan, run, method, share)
            under = ET.SubElement(plan, "hashTree")
            _rows(under, file, names)
            _sampler(under, method, address.scheme, address.hostname or "", address.port or 80)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def schedule(run: Run, share: float) -> str:
    """In JMeter's words: rates, and for how long arrivals are spread at random between them."""
    said = []
    for phase in run.phases:
        steps = STEPS if phase.curve == "exponential" else 1
        for number in range(steps):
            begins, ends = (rate_at(phase, phase.seconds * n / steps) * share for n in (number, number + 1))
            seconds = phase.seconds / steps
            said.append(f"rate({begins:.2f}/min) random_arrivals({seconds:g} s) rate({ends:.2f}/min)")
    return " ".join(said)


def _group(plan: ET.Element, run: Run, method: str, share: float) -> None:
    clients = [phase for phase in run.phases if phase.clients]
    if clients:
        _closed_group(plan, max(clients, key=lambda phase: phase.clients or 0), run, method, share)
        return
    properties: Properties = {
        "OpenModelThreadGroup.schedule": f"{schedule(run, share)} pause({SETTLE_SECONDS} s)",
        "ThreadGroup.on_sample_error": "continue",
    }
    group = _element(plan, "OpenModelThreadGroup", "OpenModelThreadGroupGui", method, properties)
    ET.SubElement(
        group, "elementProp", {"name": "ThreadGroup.main_controller", "elementType": "OpenModelThreadGroupController"}
    )


def _closed_group(plan: ET.Element, phase: Phase, run: Run, method: str, share: float) -> None:
    """As many clients as the fullest phase has, for the whole time."""
    properties: Properties = {
        "ThreadGroup.num_threads": max(1, round((phase.clients or 1) * share)),
        "ThreadGroup.ramp_time": 1,
        "ThreadGroup.scheduler": True,
        "ThreadGroup.duration": round(run.seconds),
        "ThreadGroup.on_sample_error": "continue",
    }
    group = _element(plan, "ThreadGroup", "ThreadGroupGui", method, properties)
    loop = ET.SubElement(group, "elementProp", {"name": "ThreadGroup.main_controller", "elementType": "LoopController"})
    _property(loop, "LoopController.loops", -1)
    _property(loop, "LoopController.continue_forever", False)


def _rows(under: ET.Element, file: str, names: str) -> None:
    properties: Properties = {
        "filename": file, "variableNames": names, "delimiter": ",", "fileEncoding": "UTF-8", "quotedData": True,
        "recycle": True, "stopThread": False, "ignoreFirstLine": False, "shareMode": "shareMode.all",
    }  # fmt: skip
    _element(under, "CSVDataSet", "TestBeanGUI", file, properties)
    ET.SubElement(under, "hashTree")


def _sampler(under: ET.Element, method: str, scheme: str, host: str, port: int) -> None:
    properties: Properties = {
        "HTTPSampler.protocol": scheme, "HTTPSampler.domain": host, "HTTPSampler.port": str(port),
        "HTTPSampler.path": f"${{{method}Path}}", "HTTPSampler.method": method.upper(),
        "HTTPSampler.use_keepalive": True, "HTTPSampler.follow_redirects": False,
        "HTTPSampler.connect_timeout": "10000", "HTTPSampler.response_timeout": "10000",
        "HTTPSampler.postBodyRaw": method == "post",
    }  # fmt: skip
    sampler = _element(under, "HTTPSamplerProxy", "HttpTestSampleGui", method, properties)
    arguments = ET.SubElement(sampler, "elementProp", {"name": "HTTPsampler.Arguments", "elementType": "Arguments"})
    given = ET.SubElement(arguments, "collectionProp", {"name": "Arguments.arguments"})
    below = ET.SubElement(under, "hashTree")
    if method == "post":
        argument = ET.SubElement(given, "elementProp", {"name": "", "elementType": "HTTPArgument"})
        _property(argument, "Argument.value", "${postBody}")
        _property(argument, "Argument.metadata", "=")
        _property(argument, "HTTPArgument.always_encode", False)
        _headers(below)


def _headers(below: ET.Element) -> None:
    manager = _element(below, "HeaderManager", "HeaderPanel", "headers", {})
    given = ET.SubElement(manager, "collectionProp", {"name": "HeaderManager.headers"})
    header = ET.SubElement(given, "elementProp", {"name": "", "elementType": "Header"})
    _property(header, "Header.name", "content-type")
    _property(header, "Header.value", "application/json")
    ET.SubElement(below, "hashTree")


def _element(parent: ET.Element, kind: str, gui: str, name: str, properties: Properties) -> ET.Element:
    made = ET.SubElement(parent, kind, {"guiclass": gui, "testclass": kind, "testname": name, "enabled": "true"})
    for key, value in properties.items():
        _property(made, key, value)
    return made


def _property(parent: ET.Element, name: str, value: str | int | bool) -> None:
    kind = {bool: "boolProp", int: "intProp", str: "stringProp"}[type(value)]
    made = ET.SubElement(parent, kind, {"name": name})
    made.text = str(value).lower() if isinstance(value, bool) else str(value)
