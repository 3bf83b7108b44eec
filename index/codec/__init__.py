"""A Whoosh codec of memory-mapped arrays: how a segment lies on disk, is written, merged and read.

``layout`` says which arrays a segment has and what they mean, ``container`` how arrays lie in a file, ``segment`` and
``reading`` are what Whoosh sees of it; ``builder`` writes segments from articles and ``merging`` from segments.
"""
