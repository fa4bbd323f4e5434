"""The tables in the cloud: three of them, on demand."""
