"""The write side of the cluster engine, and what both sides must know of it.

The cluster never analyses Arabic. It is sent our own folded words with spaces between (``documents``), which its
whitespace analyzer takes apart again (``mapping``), and what a question needs besides comes from *assets*: files that
whoever writes makes, that lie in the cluster in pieces, and that every reader keeps a copy of (``assets``).

What there is in a cluster, where FIHRIS_OPENSEARCH_INDEX is ``fihris`` (``names``):

==============================  ======================================================================================
``fihris-STAMP``                a generation: its articles
``fihris-STAMP-assets``         its assets, and the document ``state``, which is written last (``state``)
``fihris-STAMP-journal``        what is added and deleted while it is being built (``journal``)
alias ``fihris``                the live generation's articles
alias ``fihris-assets``         the live generation's assets
alias ``fihris-previous``       the articles that a rollback would publish
alias ``fihris-journal``        the journal of the build that is running
``fihris-locks``                who writes (``locks``)
==============================  ======================================================================================

The aliases are moved in one step. A reader asks ``fihris-assets`` for ``state``: the answer names the index that it is
in, and so the generation, and tells its commit. It then searches that generation's own index, never the alias, so that
no answer mixes two generations.
"""
