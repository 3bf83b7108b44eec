"""Compiled loops over a segment's arrays: what a query does to its postings.

All of them work on one segment and on buffers with a place for each of its documents (``search.workspace.Workspace``):

``score``    f32  the score so far, 0 for documents that were not met
``marks``    u8   where documents are chosen before or after they are scored: touched, met by the next word, excluded
``touched``  u16  the documents that have a score or a mark, in the order in which they were first met

Posting lists are given as rows of a table (``search.kernels.units``). The rows of one unit, a word in all its forms and
fields, stand together, segment after segment; ``blending`` makes of them the one list by which the unit is ranked.
"""
