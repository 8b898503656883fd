"""A virtual screen, and a hand that closes windows on it; nothing but libxcb, which OpenCV needs anyway."""

import ctypes
import os
import shutil
import subprocess
from contextlib import contextmanager

import pytest

needs_screen = pytest.mark.skipif(
    shutil.which("Xvfb") is None, reason="no virtual screen: Xvfb is not installed (apt-get install xvfb)"
)
_STRING, _SEND_TO_WINDOW = 31, 0


@contextmanager
def virtual_screen(size="800x600"):
    """Yield the environment of a program whose windows nobody sees."""
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
        pass_fds=[write_end],
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    try:
        with os.fdopen(read_end) as reported:
            number = reported.readline().strip()
        assert number, "Xvfb did not start"
        yield {**os.environ, "DISPLAY": f":{number}"}
    finally:
        server.terminate()
        server.wait()


class _ClientMessage(ctypes.Structure):
    _fields_ = [
        ("response_type", ctypes.c_uint8),
        ("format", ctypes.c_uint8),
        ("sequence", ctypes.c_uint16),
        ("window", ctypes.c_uint32),
        ("type", ctypes.c_uint32),
        ("data", ctypes.c_uint32 * 5),
    ]


class _Reply(ctypes.Structure):
    """The begin of the replies that are read here: an atom stands in the same place as the first number."""

    _fields_ = [("head", ctypes.c_uint8 * 8), ("atom", ctypes.c_uint32)]


class _Cookie(ctypes.Structure):
    _fields_ = [("sequence", ctypes.c_uint)]


def close_window(title, display):
    """Do what the close button of the window called *title* does; return whether there is one."""
    xcb = ctypes.CDLL("libxcb.so.1")
    for name in ("xcb_connect", "xcb_get_setup", "xcb_intern_atom_reply", "xcb_query_tree_reply",
                 "xcb_query_tree_children", "xcb_get_property_reply", "xcb_get_property_value"):  # fmt: skip
        getattr(xcb, name).restype = ctypes.c_void_p
    for name in ("xcb_intern_atom", "xcb_query_tree", "xcb_get_property"):
        getattr(xcb, name).restype = _Cookie
    connection = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))

    def atom(text):
        cookie = xcb.xcb_intern_atom(connection, 0, len(text), text)
        return _Reply.from_address(xcb.xcb_intern_atom_reply(connection, cookie, None)).atom

    def root():
        iterate = xcb.xcb_setup_roots_iterator
        iterate.restype = type("It", (ctypes.Structure,), {"_fields_": [("data", ctypes.c_void_p), ("r", ctypes.c_int),
                                                                        ("i", ctypes.c_int)]})  # fmt: skip
        setup = ctypes.c_void_p(xcb.xcb_get_setup(connection))
        return ctypes.c_uint32.from_address(iterate(setup).data).value

    def children(window):
        reply = ctypes.c_void_p(xcb.xcb_query_tree_reply(connection, xcb.xcb_query_tree(connection, window), None))
        count = xcb.xcb_query_tree_children_length(reply)
        return list((ctypes.c_uint32 * count).from_address(xcb.xcb_query_tree_children(reply))) if count else []

    def name_of(window):
        cookie = xcb.xcb_get_property(connection, 0, window, 39, _STRING, 0, 100)
        reply = ctypes.c_void_p(xcb.xcb_get_property_reply(connection, cookie, None))
        length = xcb.xcb_get_property_value_length(reply) if reply else 0
        return ctypes.string_at(xcb.xcb_get_property_value(reply), length).decode() if length else ""

    try:
        fitting = [window for window in children(root()) if name_of(window) == title]
        for window in fitting:
            data = (ctypes.c_uint32 * 5)(atom(b"WM_DELETE_WINDOW"))
            event = _ClientMessage(33, 32, 0, window, atom(b"WM_PROTOCOLS"), data)
            xcb.xcb_send_event(connection, 0, window, _SEND_TO_WINDOW, ctypes.byref(event))
        # A question that is answered shows that what came before it has arrived.
        atom(b"WM_PROTOCOLS")
        return bool(fitting)
    finally:
        xcb.xcb_disconnect(connection)
