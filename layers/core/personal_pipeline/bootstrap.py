"""Which adapter stands behind which port: one builder per use case, built once per process.

An adapter is imported inside the branch that chooses it, so that a function pays only for what it uses.
"""
