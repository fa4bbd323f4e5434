"""How good the search is, measured on alerts, questions and runbooks that nobody here wrote: ``pp eval``.

``bench`` reads them, ``system`` is what is measured, ``run`` asks it and writes what came back. Only then
``judgements`` reads what would have been right, and everything else is arithmetic on the two.
"""
