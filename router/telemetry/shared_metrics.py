"""Counting together in several processes. Nothing here may import prometheus_client, which looks at the environment then."""

import os
import tempfile

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def share_metrics() -> tempfile.TemporaryDirectory[str]:
    """Let the processes that will be forked count into one folder; they do as long as it lives."""
    folder = tempfile.TemporaryDirectory(prefix="router-metrics-")
    os.environ[SHARED_FOLDER] = folder.name
    return folder
