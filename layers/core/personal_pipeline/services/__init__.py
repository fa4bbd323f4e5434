"""Use cases, one class each: ports in the constructor, the work in ``__call__``."""
