"""The use cases as a server of the Model Context Protocol. ``server`` and ``lambda_http`` alone know its library."""
