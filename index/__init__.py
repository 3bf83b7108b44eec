"""Articles in, an index on disk out: text analysis, readers of input formats, schema and storage."""
