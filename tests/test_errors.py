import pickle

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipform import errors
from hipform.errors import EXIT_CODES, HipformError, NotAVideoError, one_line


def subclasses(kind):
    return [kind, *(below for child in kind.__subclasses__() for below in subclasses(child))]


TREE = subclasses(HipformError)
every_error = pytest.mark.parametrize("kind", TREE)


@every_error
def test_every_error_has_a_documented_exit_code(kind):
    assert kind.exit_code in EXIT_CODES
    assert kind.exit_code not in {0, 2, errors.INTERRUPTED_EXIT_CODE}
    # What ends a process from outside is nearly always the system, out of memory.
    assert (kind.exit_code == errors.MEMORY_EXIT_CODE) == (kind is errors.WorkerLostError)


def test_exit_codes_differ_between_the_branches_and_agree_within():
    branches = HipformError.__subclasses__()
    codes = [branch.exit_code for branch in branches]
    assert len(set(codes)) == len(codes)
    assert 1 not in codes
    for branch in branches:
        assert {kind.exit_code for kind in subclasses(branch)} == {branch.exit_code}


def test_the_table_holds_the_codes_in_use_and_no_other():
    in_use = {kind.exit_code for kind in TREE} | {0, 1, 2, errors.MEMORY_EXIT_CODE, errors.INTERRUPTED_EXIT_CODE}
    assert set(EXIT_CODES) == in_use
    assert all(EXIT_CODES.values())
    assert errors.INTERRUPTED_EXIT_CODE == 130


def test_the_docstring_draws_the_whole_tree():
    for kind in TREE:
        (line,) = [line for line in errors.__doc__.splitlines() if f" {kind.__name__} " in f" {line.strip('│├└─ ')} "]
        if kind is not HipformError:
            assert f" {kind.exit_code} " in line


@every_error
def test_an_error_keeps_what_and_hint_and_reads_as_both(kind):
    error = kind("clip.mp4 is gone.", "Look again.")
    assert (error.what, error.hint) == ("clip.mp4 is gone.", "Look again.")
    assert str(error) == "clip.mp4 is gone. Look again."
    assert str(kind("clip.mp4 is gone.")) == "clip.mp4 is gone."


def test_a_value_of_thousands_of_letters_hides_neither_what_is_wrong_nor_what_to_do():
    error = HipformError(f"--load {'9' * 5000!r} is not understood.", f"Not {'x' * 5000}, but 80kg.")
    text = str(error)
    assert len(text) < 2100
    assert text.startswith("--load '9999")
    assert "9' is not understood. Not xx" in text
    assert text.endswith("xx, but 80kg.")
    assert str(pickle.loads(pickle.dumps(error))) == text  # noqa: S301 - made here
    assert str(HipformError("x" * 1000)) == "x" * 1000


def test_no_control_character_of_a_file_name_reaches_the_terminal():
    error = NotAVideoError("a\x1b[31mb\nc.mp4 is no video.", "Convert\r it.\x07")
    assert str(error) == "a?[31mb?c.mp4 is no video. Convert? it.?"


@given(st.text())
def test_one_line_prints_on_one_line_and_keeps_the_length(text):
    line = one_line(text)
    assert len(line) == len(text)
    assert line.isprintable()
    assert len(line.splitlines()) <= 1
    assert one_line(line) == line


@pytest.mark.parametrize("text", ["hip thrust (3).mp4", "Übung 1 Hüfte.mov", "臀推.mp4", "a'b\"c"])
def test_one_line_leaves_ordinary_names_alone(text):
    assert one_line(text) == text


@pytest.mark.parametrize(
    "char", ["\n", "\r", "\t", "\0", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\u200b", "\ud800"]
)
def test_one_line_replaces_what_steers_a_terminal(char):
    assert one_line(f"a{char}b") == "a?b"


def test_a_picture_that_opencv_has_no_memory_for_is_no_defect():
    with pytest.raises(cv2.error) as raised:
        cv2.resize(np.zeros((1, 1), np.uint8), (1 << 30, 1 << 30))
    assert errors.is_out_of_memory(raised.value)


@pytest.mark.parametrize("error", [ValueError("new thread"), FileNotFoundError(2, "gone"), NotAVideoError("text")])
def test_other_errors_are_not_for_want_of_memory(error):
    assert not errors.is_out_of_memory(error)
