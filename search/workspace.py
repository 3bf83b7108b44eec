"""Buffers that the kernels work in."""

from __future__ import annotations

import threading

import numpy as np

from index.codec.layout import MAX_DOCUMENTS


class Workspace(threading.local):
    """Buffers that the kernels work in, a set for each thread; zero between questions."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Make new buffers, after an error in the middle of a question."""
        self.score = np.zeros(MAX_DOCUMENTS, np.float32)
        self.amount = np.zeros(MAX_DOCUMENTS, np.float32)
        self.marks = np.zeros(MAX_DOCUMENTS, np.uint8)
        # One that is excluded first and then found is touched twice.
        self.touched = np.zeros(2 * MAX_DOCUMENTS + 1, np.uint16)
        self.fresh = np.zeros(MAX_DOCUMENTS + 1, np.uint16)
        self.counts = np.zeros(MAX_DOCUMENTS, np.uint32)
        self.places = np.zeros(MAX_DOCUMENTS, np.uint8)
        self.buffers = self.score, self.amount, self.marks, self.touched, self.fresh
