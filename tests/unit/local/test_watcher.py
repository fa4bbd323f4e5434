"""When the watched folder is looked at, with the system's events and without them."""

import threading

import pytest

from infra.local import watcher
from infra.local.folder import FolderUnavailableError


class Folder:
    root = "/nowhere"

    def __init__(self):
        self.current = (1, 1)

    def identity(self):
        if self.current is None:
            raise FolderUnavailableError("the folder is gone")
        return self.current


class World:
    """Runs the watcher in this thread; ``stop_after`` looks it ends."""

    def __init__(self, monkeypatch, watch, stop_after):
        self.folder = Folder()
        self.stop = threading.Event()
        self.looks = 0
        self.told = []
        self.stop_after = stop_after
        monkeypatch.setattr(watcher, "watch", watch)
        for name in ("RETRY_SECONDS", "RESCAN_WITHOUT_EVENTS_SECONDS"):
            monkeypatch.setattr(watcher, name, 0.001)

    def look(self, _folder):
        self.looks += 1
        if self.looks >= self.stop_after:
            self.stop.set()

    def run(self):
        watcher.watch_folder(self.folder, self.stop, self.look, self.told.append)


def words(*spoken):
    """A stand-in for the system's events: each word is a set of changes, empty for silence."""

    def watch(*_, stop_event, **__):
        for changes in spoken:
            if stop_event.is_set():
                return
            yield changes

    return watch


def test_the_folder_is_looked_at_before_and_after_the_watch_stands_and_at_each_change(monkeypatch):
    world = World(monkeypatch, words(set(), set(), {"a change"}, set()), stop_after=3)
    world.run()
    assert world.looks == 3


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("too many watches")])
def test_without_events_the_folder_is_looked_at_regularly(monkeypatch, error):
    def watch(*_, **__):
        raise error

    world = World(monkeypatch, watch, stop_after=4)
    world.run()
    assert world.looks == 4


def test_a_folder_that_is_gone_is_told_and_waited_for(monkeypatch):
    world = World(monkeypatch, words(set()), stop_after=1)
    world.folder.current = None
    tell = world.told.append

    def told(text):
        tell(text)
        if len(world.told) == 2:
            world.folder.current = (1, 2)

    watcher.watch_folder(world.folder, world.stop, world.look, told)
    assert world.told == ["the folder is gone", "the folder is gone"]
    assert world.looks == 1


def test_a_folder_that_was_replaced_is_watched_anew(monkeypatch):
    watched = []

    def watch(*_, **__):
        watched.append(world.folder.current)
        world.folder.current = (1, len(watched) + 1)
        yield {"a change"}

    world = World(monkeypatch, watch, stop_after=3)
    world.run()
    assert watched == [(1, 1), (1, 2), (1, 3)][: len(watched)]
    assert len(watched) >= 2
