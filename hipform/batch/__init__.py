"""Batches of clips: each clip is analysed once, on this machine or a cluster, and all appear on one page."""

from hipform.batch.clip_options import Analysis
from hipform.batch.cluster import Cluster
from hipform.batch.executor import Batch, BatchPlan, Outcomes, ProgressListener, run_batch, watch
from hipform.batch.publishing import Ended
from hipform.batch.workers import LocalWorkers, best_count

__all__ = [
    "Analysis",
    "Batch",
    "BatchPlan",
    "Cluster",
    "Ended",
    "LocalWorkers",
    "Outcomes",
    "ProgressListener",
    "best_count",
    "run_batch",
    "watch",
]
