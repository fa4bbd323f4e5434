from tests.functions.conftest import agent, world

__all__ = ["agent", "world"]
