"""Personal Pipeline: finds the right runbook for an alert, a question or an agent.

Imports point inwards: ``functions → bootstrap → adapters, services → ports → domain``.
"""

__version__ = "0.1.0"
