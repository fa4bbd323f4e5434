"""Notices changes of the watched folder: by the system's own events, with a look at everything now and then.

Events can be missing (network file systems, a full queue of them), so the look is the truth and events only
make it early.
"""

import threading
import time
from collections.abc import Callable

from watchfiles import watch

from infra.local.folder import FolderSource, FolderUnavailableError
from personal_pipeline.domain.errors import UnavailableError

RESCAN_SECONDS = 15.0
RESCAN_WITHOUT_EVENTS_SECONDS = 2.0
RETRY_SECONDS = 1.0


def watch_folder(
    folder: FolderSource,
    stop: threading.Event,
    synchronise: Callable[[FolderSource], None],
    tell: Callable[[str], None],
) -> None:
    """Until stopped. A folder that is gone is waited for; one that came back is watched anew."""
    while not stop.is_set():
        try:
            identity = folder.identity()
            synchronise(folder)
            _until_replaced(folder, identity, stop, synchronise)
        except (FolderUnavailableError, UnavailableError) as error:
            tell(str(error))
            stop.wait(RETRY_SECONDS)


def _until_replaced(
    folder: FolderSource,
    identity: tuple[int, int],
    stop: threading.Event,
    synchronise: Callable[[FolderSource], None],
) -> None:
    looked = float("-inf")  # what changed before the watch stood is found at its first word
    try:
        for changes in watch(
            folder.root, debounce=400, step=50, rust_timeout=1000, yield_on_timeout=True, stop_event=stop,
            raise_interrupt=False, watch_filter=None,
        ):  # fmt: skip
            if folder.identity() != identity:
                return
            if changes or time.monotonic() - looked >= RESCAN_SECONDS:
                synchronise(folder)
                looked = time.monotonic()
    except (OSError, RuntimeError):  # no events to be had here, for instance too many watches on this machine
        while not stop.wait(RESCAN_WITHOUT_EVENTS_SECONDS):
            if folder.identity() != identity:
                return
            synchronise(folder)
