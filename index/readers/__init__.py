"""Readers of input formats: files, folders, globs and standard input in, articles and rejections out.

``Reading`` is the whole of it for callers; each format is a module of its own that knows no other.
"""

from index.readers.options import FIELDS, FORMATS, ReadOptions, parse_mapping
from index.readers.reading import Reading
from index.readers.sources import SourceError

__all__ = ["FIELDS", "FORMATS", "ReadOptions", "Reading", "SourceError", "parse_mapping"]
