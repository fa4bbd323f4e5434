from personal_pipeline.services.breaker import Breaker


def test_it_opens_after_failures_in_a_row_and_lets_one_through_after_its_time() -> None:
    now = [0.0]
    breaker = Breaker(failures=2, open_seconds=5, clock=lambda: now[0])
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert not breaker.is_open()

    breaker.failed()
    assert breaker.is_open()
    now[0] = 5
    assert not breaker.is_open()
    breaker.failed()
    assert breaker.is_open()
    now[0] = 10
    breaker.succeeded()
    assert not breaker.is_open()
