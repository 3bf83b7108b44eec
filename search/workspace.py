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
        self.marks = np.zeros(MAX_DOCUMENTS, np.uint8)
        self.touched = np.zeros(MAX_DOCUMENTS + 1, np.uint16)
        self.counts = np.zeros(MAX_DOCUMENTS, np.uint32)
        amount, room = np.zeros(MAX_DOCUMENTS, np.float32), np.zeros(MAX_DOCUMENTS + 1, np.uint16)
        self.buffers = self.score, self.marks, self.touched
        self.blending = amount, self.score, self.counts, self.touched, room
