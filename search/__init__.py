"""A question in, a page of results out: query language, ranking, engines and highlighting."""
