"""``python -m benchmarks.cluster start|stop``: what ``make cluster`` and ``make cluster-stop`` run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.cluster.nodes import Cluster, ClusterError
from benchmarks.peers.lucene import MissingError

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("start", "stop"))
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--home", type=Path, default=REPOSITORY / "var" / "cluster")
    options = parser.parse_args()
    cluster = Cluster(options.home)
    if options.what == "stop":
        cluster.stop()
        return
    try:
        for node in cluster.start(options.nodes):
            print(f"{node.name}  {node.url}  process {node.pid}")
    except (MissingError, ClusterError) as error:
        cluster.stop()
        sys.exit(str(error))
    print(f"export FIHRIS_ENGINE=opensearch FIHRIS_OPENSEARCH_URL={','.join(cluster.urls())}")


if __name__ == "__main__":
    main()
