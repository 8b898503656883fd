import math
import sys

import pytest

from hipform import cgroup_limits, worker_pool
from hipform.cgroup_limits import allowed_cores, free_memory_bytes

MB = 1 << 20


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """Control groups as files: membership, and the contents of files by their path."""

    def make(membership, **files):
        (tmp_path / "membership").write_text(membership)
        for name, text in files.items():
            path = tmp_path / "tree" / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        monkeypatch.setattr(cgroup_limits, "_MEMBERSHIP", tmp_path / "membership")
        monkeypatch.setattr(cgroup_limits, "_ROOT", tmp_path / "tree")

    return make


def test_without_control_groups_nothing_is_limited(tmp_path, monkeypatch):
    monkeypatch.setattr(cgroup_limits, "_MEMBERSHIP", tmp_path / "missing")
    assert allowed_cores() == math.inf
    assert free_memory_bytes() == sys.maxsize


def test_groups_without_a_limit(groups):
    groups("0::/\n", cpu_dot_max="max 100000\n", memory_dot_max="max\n", memory_dot_current="5\n")
    assert allowed_cores() == math.inf
    assert free_memory_bytes() == sys.maxsize


def test_the_tightest_of_nested_groups_counts(groups):
    groups(
        "0::/outer/inner\n",
        outer__cpu_dot_max="150000 100000\n",
        outer__inner__cpu_dot_max="400000 100000\n",
        outer__memory_dot_max=f"{1000 * MB}\n",
        outer__memory_dot_current=f"{700 * MB}\n",
        outer__memory_dot_stat=f"anon 1\ninactive_file {100 * MB}\n",
        outer__inner__memory_dot_max=f"{2000 * MB}\n",
        outer__inner__memory_dot_current=f"{700 * MB}\n",
    )
    assert allowed_cores() == 1.5
    assert free_memory_bytes() == 400 * MB


def test_the_first_version_has_a_tree_for_each_controller(groups):
    groups(
        "4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n1:name=systemd:/\n",
        **{
            "cpu,cpuacct__docker__abc__cpu_dot_cfs_quota_us": "200000\n",
            "cpu,cpuacct__docker__abc__cpu_dot_cfs_period_us": "100000\n",
            "memory__docker__abc__memory_dot_limit_in_bytes": f"{600 * MB}\n",
            "memory__docker__abc__memory_dot_usage_in_bytes": f"{100 * MB}\n",
        },
    )
    assert allowed_cores() == 2
    assert free_memory_bytes() == 500 * MB


def test_a_first_version_group_seen_from_inside_its_container(groups):
    # The container sees its own group at the root of the tree, and the path outside in its membership.
    groups("3:cpu:/docker/abc\n", cpu__cpu_dot_cfs_quota_us="50000\n", cpu__cpu_dot_cfs_period_us="100000\n")
    assert allowed_cores() == 0.5


def test_no_quota_in_the_first_version(groups):
    groups("3:cpu:/\n", cpu__cpu_dot_cfs_quota_us="-1\n", cpu__cpu_dot_cfs_period_us="100000\n")
    assert allowed_cores() == math.inf


def test_workers_are_as_many_as_the_groups_allow(monkeypatch):
    monkeypatch.setattr(worker_pool, "allowed_cores", lambda: 2.5)
    monkeypatch.setattr(worker_pool.os, "sched_getaffinity", lambda _: range(8), raising=False)
    monkeypatch.setattr(worker_pool, "free_memory_bytes", lambda: sys.maxsize)
    assert worker_pool.usable_cores() == 2
    monkeypatch.setattr(worker_pool, "allowed_cores", lambda: 0.5)
    assert worker_pool.usable_cores() == 1
    monkeypatch.setattr(worker_pool, "allowed_cores", lambda: math.inf)
    monkeypatch.setattr(worker_pool, "free_memory_bytes", lambda: 1300 * MB)
    assert worker_pool.best_worker_count(500) == 2
    monkeypatch.setattr(worker_pool, "free_memory_bytes", lambda: 100 * MB)
    assert worker_pool.best_worker_count(500) == 1
