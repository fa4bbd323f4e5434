"""What can go wrong with a command and was expected: one line that says what to do, and an exit code."""


class CommandError(Exception):
    pass


class NotReachableError(CommandError):
    """Nothing answers at the address."""


class RefusedError(CommandError):
    """It answered, and said no."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
