"""The read side of the cluster engine: candidates from OpenSearch, the order from our own scorer.

What this side reads of the index (``index.opensearch`` writes it):

* ``title``, ``body``, ``author``, ``source``, ``category``: text, analyzer ``whitespace``, our folded tokens joined by
  spaces; BM25 with ``Ranking``'s k1 and b by field as similarities. Left out of ``_source``.
* ``title_vowels``, ``body_vowels``: the same of vocalised words (``علم/io``).
* ``words``: ``binary`` with doc_values: zstd of the UTF-8 lines ``TEXTS`` and then ``VOCALISED``, each a field's tokens
  joined by spaces (a doc value is read without the original, and a candidate costs a kilobyte).
* ``source_value``, ``category_value``, ``author_value``: keyword, missing where empty (as ``index.schema`` names them).
* ``day`` (integer), ``instant`` (long), ``year`` (integer): missing where the article has no date.
* ``sequence`` (long): the order in which documents are numbered by the embedded engine: ascending in a reindex, and
  larger with each add or replacement. It decides ties.
* ``title_length``, ``body_length`` (integer). ``id`` (keyword). ``article``: object, not enabled, in ``_source``.
* the state: name of the concrete index, generation, commit, and ``documents`` and ``words`` by field (their sums are
  the average lengths), counted as an embedded generation counts them.
* the families' tables as assets, with the documents of each word *by field* beside ``counts`` (the ranking needs the
  field where most are), in the tables of adds for all words of the added articles: statistics need no request then.
"""
