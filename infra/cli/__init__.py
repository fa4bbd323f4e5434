"""The ``pp`` command. It speaks HTTP to a running system; only ``serve`` and ``restore`` touch the data folder."""
