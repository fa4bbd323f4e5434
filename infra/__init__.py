"""What is not part of a request: the command line, the system on one machine, deployment and tests of both."""
