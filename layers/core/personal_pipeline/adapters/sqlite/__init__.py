"""The embedded tables and queues: one database file, real and durable, for one machine."""
