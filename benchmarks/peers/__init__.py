"""The engines that are measured, each in a process of its own behind one line protocol (``protocol``, ``worker``)."""
