"""A real OpenSearch cluster on this machine, for the tests and figures of the cluster engine."""
