import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipform.stages import DEPTH, Background, Newest, prefetch
from scripts.app_process import LIMIT_S, wait_until
from tests.samples import ROOT

OWN_THREADS = ("hipform-prefetch", "hipform-background")


class StageError(Exception):
    """What a stage fails with in these tests."""


def own_threads():
    return [thread for thread in threading.enumerate() if thread.name in OWN_THREADS]


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    assert own_threads() == []


def counting(count, seen=None, error=None):
    """Yield 0, 1, ..., note each number in *seen* and then raise *error*, if there is one."""
    for number in range(count):
        if seen is not None:
            seen.append(number)
        yield number
    if error:
        raise error


# ------------------------------------------------------------------------------------------------------------- prefetch


@given(st.lists(st.integers(), max_size=40), st.integers(1, 6))
@settings(max_examples=25)
def test_prefetch_keeps_all_items_in_order(items, depth):
    assert list(prefetch(items, depth)) == items


def test_prefetch_runs_in_a_thread_of_its_own():
    def named():
        yield threading.current_thread().name

    assert list(prefetch(named())) == ["hipform-prefetch"]


def test_prefetch_starts_when_it_is_first_asked():
    seen = []
    items = prefetch(counting(3, seen))
    assert (seen, own_threads()) == ([], [])
    assert list(items) == [0, 1, 2]


@pytest.mark.parametrize("depth", [1, 3, DEPTH])
def test_prefetch_runs_ahead_by_its_depth_and_no_further(depth):
    seen = []
    items = prefetch(counting(100, seen), depth)
    assert next(items) == 0
    # One is handed over, *depth* wait in the queue, one waits for room.
    wait_until(lambda: len(seen) == depth + 2)
    time.sleep(0.05)
    assert len(seen) == depth + 2
    items.close()


@pytest.mark.parametrize("count", [0, 1, 7])
def test_prefetch_raises_an_error_where_it_happened(count):
    items = prefetch(counting(count, error=StageError("here")))
    assert [next(items) for _ in range(count)] == list(range(count))
    with pytest.raises(StageError, match="here"):
        next(items)


def test_prefetch_carries_over_what_is_no_ordinary_error():
    with pytest.raises(KeyboardInterrupt):
        list(prefetch(counting(2, error=KeyboardInterrupt())))


def test_closing_early_stops_the_thread():
    seen = []
    items = prefetch(counting(10**9, seen))
    assert [next(items), next(items)] == [0, 1]
    assert len(own_threads()) == 1
    items.close()
    assert own_threads() == []
    assert len(seen) < 20


def test_closing_early_lets_the_source_clean_up():
    cleaned = []

    def source():
        try:
            yield from range(10**9)
        finally:
            cleaned.append(threading.current_thread().name)

    wrapped = source()
    items = prefetch(wrapped)
    next(items)
    items.close()
    wrapped.close()
    assert len(cleaned) == 1


def test_an_error_in_the_consumer_stops_the_thread():
    def consume():
        items = prefetch(counting(10**9))
        try:
            for item in items:
                if item == 3:
                    raise StageError
        finally:
            items.close()

    with pytest.raises(StageError):
        consume()
    assert own_threads() == []


def test_prefetch_is_over_once_it_is_over():
    items = prefetch([1])
    assert list(items) == [1]
    assert list(items) == []


# ----------------------------------------------------------------------------------------------------------- background


@given(st.lists(st.integers(), max_size=40), st.integers(1, 6))
@settings(max_examples=25)
def test_background_does_all_work_in_order_before_the_block_ends(items, depth):
    done = []
    with Background(done.append, depth) as background:
        for item in items:
            background.put(item)
    assert done == items


def test_background_works_in_a_thread_of_its_own():
    names = []
    with Background(lambda _: names.append(threading.current_thread().name)) as background:
        background.put(0)
    assert names == ["hipform-background"]


def test_put_waits_while_the_queue_is_full():
    go, put = threading.Event(), []

    def produce(background):
        for item in range(10):
            background.put(item)
            put.append(item)

    with Background(lambda _: go.wait(), depth=2) as background:
        producer = threading.Thread(target=produce, args=[background])
        producer.start()
        # One is being worked on and two wait.
        wait_until(lambda: len(put) == 3)
        time.sleep(0.05)
        assert len(put) == 3
        go.set()
        producer.join()
    assert len(put) == 10


def failing_at(number, done):
    def work(item):
        if item == number:
            raise StageError(f"at {item}")
        done.append(item)

    return work


def put_all(background, count):
    for item in range(count):
        background.put(item)


def test_an_error_of_the_work_is_raised_by_a_later_put():
    done = []
    with pytest.raises(StageError, match="at 2"), Background(failing_at(2, done)) as background:
        put_all(background, 10**6)
    assert done == [0, 1]


def test_an_error_of_the_last_work_is_raised_at_the_end():
    done = []
    with pytest.raises(StageError, match="at 2"), Background(failing_at(2, done), depth=10) as background:
        put_all(background, 3)
    assert done == [0, 1]


def test_nothing_is_worked_on_after_an_error():
    done, put = [], threading.Event()

    def work(item):
        put.wait()
        failing_at(1, done)(item)

    def block():
        with Background(work, depth=10) as background:
            put_all(background, 6)
            put.set()

    with pytest.raises(StageError):
        block()
    assert done == [0]


def test_an_error_in_the_block_is_the_one_raised_and_drops_what_waits():
    done, dropped = [], None

    def work(item):
        dropped.wait()
        done.append(item)

    def block():
        nonlocal dropped
        with Background(work, depth=10) as background:
            dropped = background._dropped
            put_all(background, 6)
            raise StageError("in the block")

    with pytest.raises(StageError, match="in the block"):
        block()
    assert done in ([], [0])


def test_an_error_in_the_block_is_not_hidden_by_one_of_the_work():
    def block():
        with Background(failing_at(0, []), depth=10) as background:
            background.put(0)
            raise KeyError("first")

    with pytest.raises(KeyError, match="first"):
        block()


def test_stages_chain_from_source_to_sink():
    done = []
    with Background(done.append) as background:
        for item in prefetch(prefetch(range(50))):
            background.put(item)
    assert done == list(range(50))


def test_a_failing_sink_stops_the_source():
    seen, done = [], []

    def run():
        items = prefetch(counting(10**9, seen))
        try:
            with Background(failing_at(3, done)) as background:
                for item in items:
                    background.put(item)
        finally:
            items.close()

    with pytest.raises(StageError):
        run()
    assert done == [0, 1, 2]
    assert len(seen) < 10_000


# --------------------------------------------------------------------------------------------------------------- newest


@given(st.lists(st.integers(), min_size=1, max_size=20))
@settings(max_examples=25)
def test_the_newest_is_taken_and_the_others_are_counted(items):
    place = Newest()
    for item in items:
        place.put(item)
    assert place.take() == items[-1]
    assert place.dropped == len(items) - 1


def test_nothing_is_dropped_that_was_taken():
    place = Newest()
    for item in (1, 2, 3):
        place.put(item)
        assert place.take() == item
    assert (place.dropped, place.take(0.0)) == (0, None)


def test_what_waits_may_be_taken_after_closing_and_nothing_comes_in_any_more():
    place = Newest()
    place.put(1)
    place.close()
    place.put(2)
    assert not place.over
    assert list(place) == [1]
    assert place.over


def test_an_error_comes_after_the_last_item_and_the_first_one_counts():
    place = Newest()
    place.put(1)
    place.close(StageError("first"))
    place.close(StageError("second"))
    assert place.take() == 1
    with pytest.raises(StageError, match="first"):
        place.take()


def test_a_source_that_can_be_held_up_loses_nothing():
    place, seen = Newest(), []

    def fill():
        for item in range(50):
            place.put(item)
            place.wait_until_taken()
        place.close()

    source = threading.Thread(target=fill)
    source.start()
    seen.extend(place)
    source.join()
    assert (seen, place.dropped) == (list(range(50)), 0)


@pytest.mark.parametrize("waits_for_room", [True, False])
def test_closing_wakes_whoever_waits(waits_for_room):
    place = Newest()
    if waits_for_room:
        place.put(0)
    waiting = threading.Thread(target=place.wait_until_taken if waits_for_room else place.take)
    waiting.start()
    place.close()
    waiting.join(LIMIT_S)
    assert not waiting.is_alive()


SIGNALS_RAISE = """
import itertools, queue, random, signal
from hipform.stages import BoundedQueue

class Raised(BaseException):
    pass

def leave(*_):
    raise Raised

def interrupted(waiting):
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(2e-5, 4e-4))
        while True:
            waiting.put(1)
            waiting.get()
    except Raised:
        return waiting

def works_on(waiting):
    try:
        waiting.get(0)
    except queue.Empty:
        pass
    return waiting.put(1, 0) and waiting.get(0) == 1

signal.signal(signal.SIGALRM, leave)
print(next(tried for tried in itertools.count(1) if interrupted(queue.Queue(2)).mutex.locked()))
print(sum(not works_on(interrupted(BoundedQueue(2))) for _ in range(300)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="timers of POSIX")
def test_a_handler_that_raises_leaves_the_lock_of_pythons_own_queue_taken_and_harms_no_bounded_queue():
    """The first is the cause of the hangs that there were: the thread at the other end waited for that lock."""
    command = [sys.executable, "-c", SIGNALS_RAISE]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=LIMIT_S, check=True)
    # The first number says only how soon it happened.
    assert [int(line) for line in done.stdout.splitlines()][1:] == [0]
