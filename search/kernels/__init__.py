"""Compiled loops over a segment's arrays: what a query does to its postings.

All of them work on one segment and on buffers with a place for each of its documents (``search.workspace.Workspace``):

``score``    f32  the score so far
``amount``   f32  the frequency of the word in hand, weighted and normalised over its fields and forms; 0 between words
``marks``    u8   whether a document was touched, whether it matched, and whether it is excluded
``touched``  u16  the documents whose marks are not 0, in the order in which they were first met
``fresh``    u16  the documents whose amount is not 0

Posting lists are given as rows of a table (``search.kernels.units``). The rows of one unit, a word in all its forms and
fields, stand together, segment after segment.
"""
