"""Handlers run as Lambda runs them: one at a time, with a context, and not for ever."""

import threading

import pytest

from infra.local.functions import FunctionNotLoadedError, FunctionTimeoutError, LocalFunction
from infra.local.topology import Function


@pytest.fixture
def function(tmp_path):
    def make(text, timeout=5, handler="app.lambda_handler", environment=None):
        code = tmp_path / "sample"
        code.mkdir(exist_ok=True)
        (code / "app.py").write_text(text)
        spec = Function("Sample", "sample", code, handler, timeout, 256, {"FROM_TEMPLATE": "a", "BOTH": "a"})
        return LocalFunction(spec, environment or {})

    return make


def test_a_handler_gets_the_event_and_a_context(function):
    sample = function(
        "def lambda_handler(event, context):\n"
        "    left = context.get_remaining_time_in_millis()\n"
        "    size = context.memory_limit_in_mb\n"
        "    return [event, context.aws_request_id, context.function_name, size, 0 < left <= 5000]\n"
    )
    assert sample.invoke({"a": 1}, "request-1") == [{"a": 1}, "request-1", "sample", "256", True]
    assert sample.invoke({})[1] != sample.invoke({})[1]


def test_the_environment_is_there_while_the_module_loads_and_the_server_has_the_last_word(function, monkeypatch):
    for name in ("FROM_TEMPLATE", "BOTH", "FROM_SERVER"):
        monkeypatch.setenv(name, "before")  # put back after the test
    sample = function(
        "import os\nSEEN = [os.environ[name] for name in ('FROM_TEMPLATE', 'BOTH', 'FROM_SERVER')]\n"
        "def lambda_handler(event, context):\n    return SEEN\n",
        environment={"BOTH": "b", "FROM_SERVER": "b"},
    )
    assert sample.invoke({}) == ["a", "b", "b"]


def test_a_module_is_loaded_once_and_keeps_what_it_built(function):
    sample = function(
        "CALLS = []\ndef lambda_handler(event, context):\n    CALLS.append(event)\n    return len(CALLS)\n"
    )
    assert [sample.invoke({}), sample.invoke({})] == [1, 2]


def test_invocations_never_overlap(function):
    sample = function(
        "import time\nRUNNING = []\n"
        "def lambda_handler(event, context):\n"
        "    RUNNING.append(1)\n    seen = len(RUNNING)\n    time.sleep(0.01)\n    RUNNING.pop()\n    return seen\n"
    )
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(sample.invoke({}))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [1] * 5


def test_what_a_handler_raises_comes_out_even_a_timeout_of_its_own(function):
    sample = function("def lambda_handler(event, context):\n    raise TimeoutError('the index')\n")
    with pytest.raises(TimeoutError, match="the index"):
        sample.invoke({})


def test_a_handler_that_takes_too_long_is_given_up(function):
    sample = function(
        "import threading\nGO_ON = threading.Event()\ndef lambda_handler(event, context):\n    return GO_ON.wait(30)\n",
        timeout=0,
    )
    with pytest.raises(FunctionTimeoutError, match="sample took longer"):
        sample.invoke({})
    sample._handler.result().__globals__["GO_ON"].set()  # lets its thread end


@pytest.mark.parametrize(
    ("text", "handler", "named"),
    [
        ("def other(event, context): ...\n", "app.lambda_handler", "lambda_handler"),
        ("import a_package_that_is_not_there\n", "app.lambda_handler", "a_package_that_is_not_there"),
        ("", "missing.lambda_handler", "missing.py"),
    ],
)
def test_a_function_that_cannot_be_loaded_says_which_and_why(function, text, handler, named):
    with pytest.raises(FunctionNotLoadedError, match=named):
        function(text, handler=handler).invoke({})
