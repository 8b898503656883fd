"""Set up hipform and run its demo, tests or checks, from any Python and with nothing installed before.

.. code-block:: text

    python3 scripts/dev.py demo              analyse the sample set into demo_output/
    python3 scripts/dev.py test [options]    run the tests; the options go to pytest
    python3 scripts/dev.py check             linters, types, import rules, then the tests
    python3 scripts/dev.py bench [options]   run the benchmark

Each command first makes ``.venv``, or brings it up to date, with exactly the packages locked in constraints.txt.
Standard library only, and the file parses on Python 3.8, so that it can say clearly what is missing. It is longer than
the other scripts because it must stay one file: it runs before anything that it could import is installed.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "scripts" / "constraints.txt"
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
VENV_PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "hipform-stamp.txt"

OLDEST, NEWEST = (3, 11), (3, 13)

# Shared libraries that the wheels of OpenCV (the first four) and mediapipe (the last two) expect from the system, each
# with its package on Debian and Ubuntu and on Fedora. macOS and Windows bring all they need.
SYSTEM_LIBRARIES = {
    "libGL.so.1": ("libgl1", "libglvnd-glx"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libxcb.so.1": ("libxcb1", "libxcb"),
    "libEGL.so.1": ("libegl1", "libglvnd-egl"),
    "libGLESv2.so.2": ("libgles2", "libglvnd-gles"),
}

# What tests need from the system beyond the program itself, by package of Debian and Ubuntu: the commands of which one
# must be there, and the tests that are skipped otherwise.
TEST_TOOLS = {
    "chromium": (("chromium", "chromium-browser"), "the tests of the pages"),
    "espeak-ng": (("espeak-ng", "espeak"), "the tests of the voice"),
    "strace": (("strace",), "the tests that watch native code for connections"),
    "xvfb": (("Xvfb",), "the tests of the window"),
}

# What pip says when it fails, in the order to look for it, and the message for the user instead.
PIP_FAILURES = (
    (("no space left",), "The disk is full. Make room (about 2 GB) and run this again."),
    (
        ("do not match the hashes", "hashes are required"),
        "A download does not match its hash in scripts/constraints.txt. Run this again, or look at 'pip config list'.",
    ),
    (
        ("certificate_verify_failed",),
        "The package index's certificate is not trusted. Behind a company proxy, set PIP_CERT to its certificate file.",
    ),
    (
        ("newconnectionerror", "nameresolutionerror", "name resolution", "max retries", "timed out", "proxyerror"),
        "The package index cannot be reached. Check the network (or pip's proxy setting) and run this again.",
    ),
    (
        ("no matching distribution", "could not find a version"),
        "No ready-made packages for this computer: it takes Linux (glibc 2.28), macOS 14 on Apple silicon, or Windows.",
    ),
    (("permission denied",), "The folder .venv cannot be written. Fix its permissions, or delete it, and run again."),
)


class SetupError(Exception):
    """The set-up cannot go on; the text says what to do."""


def say(text: str) -> None:
    """Print *text* at once, so that it comes before the output of the programs started next."""
    print(text, flush=True)


def run_quietly(command: list[str]) -> str | None:
    """Run *command* without showing its output; return the output if it failed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout.decode(errors="replace").strip() if done.returncode else None


# ------------------------------------------------------------------------------------------------------------- Python


def find_python() -> tuple[str, tuple[int, int]]:
    """Return a Python that hipform runs on, as command and version; this one if it fits."""
    tried = []
    # In a virtual environment, its base: .venv must not be built from a Python inside itself.
    own = [getattr(sys, "_base_executable", None) or sys.executable]
    for command in [own, *other_pythons()]:
        found = probe_python(command)
        if found and OLDEST <= found[1] <= NEWEST:
            return found
        if found:
            tried.append("{}.{}".format(*found[1]))
    message = "hipform needs a 64-bit Python 3.11, 3.12 or 3.13; found only {}. ".format(", ".join(tried) or "none")
    raise SetupError(message + "Install one from python.org or with your package manager and run this again.")


def other_pythons() -> list[list[str]]:
    """Return the commands by which other Pythons are usually called, newest first."""
    minors = range(NEWEST[1], OLDEST[1] - 1, -1)
    commands = [[f"python3.{minor}"] for minor in minors]
    if os.name == "nt":
        commands += [["py", f"-3.{minor}"] for minor in minors]
    return commands


def probe_python(command: list[str]) -> tuple[str, tuple[int, int]] | None:
    """Return path and version of the Python behind *command*, or None if it does not run or is a 32-bit one."""
    code = "import sys; print(*sys.version_info[:2], sys.maxsize > 2**32, sys.executable)"
    try:
        done = subprocess.run([*command, "-c", code], capture_output=True, text=True, check=True, timeout=30)
        major, minor, is_64_bit, path = done.stdout.strip().split(" ", 3)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return (path, (int(major), int(minor))) if is_64_bit == "True" else None


def can_make_venv(python: str) -> bool:
    """Return whether *python* has what ``-m venv`` needs; Debian ships it as a package of its own."""
    return subprocess.call([python, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL) == 0


# ------------------------------------------------------------------------------------------------------------- system


def missing_libraries() -> list[str]:
    """Return the system libraries that cannot be loaded."""
    if not sys.platform.startswith("linux"):
        return []
    return [name for name in SYSTEM_LIBRARIES if not can_load(name)]


def can_load(library: str) -> bool:
    """Return whether the system can load *library*: the only test that holds on every distribution."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def provide_system_packages(venv_package: str) -> None:
    """Install the missing libraries, and *venv_package* if not empty, or say how."""
    libraries = missing_libraries()
    if not libraries and not venv_package:
        return
    if not shutil.which("apt-get"):
        raise SetupError(advice_without_apt(libraries))
    apt_install(sorted({SYSTEM_LIBRARIES[name][0] for name in libraries} | ({venv_package} - {""})))
    still_missing = missing_libraries()
    if still_missing:
        raise SetupError("These libraries still do not load: {}.".format(", ".join(still_missing)))


def provide_test_tools() -> None:
    """Install what some tests need where that is easy; they are skipped where it is not."""
    missing = [package for package, (commands, _) in TEST_TOOLS.items() if not any(map(shutil.which, commands))]
    if not missing or not shutil.which("apt-get") or root_prefix() is None:
        return
    try:
        apt_install(missing)
    except SetupError as error:
        skipped = " and ".join(TEST_TOOLS[package][1] for package in missing)
        say("Going on without {}: {} will be skipped. {}".format(" and ".join(missing), skipped, error))


def advice_without_apt(libraries: list[str]) -> str:
    """Return what to install on a system other than Debian and Ubuntu."""
    if not libraries:
        return "This Python has no venv module. Install a complete Python 3.11, 3.12 or 3.13 and run this again."
    if shutil.which("dnf"):
        packages = sorted({SYSTEM_LIBRARIES[name][1] for name in libraries})
        return "System libraries are missing. Run: sudo dnf install {}".format(" ".join(packages))
    names = ", ".join(libraries)
    return f"Install these system libraries with your package manager and run this again: {names}"


def apt_install(packages: list[str]) -> None:
    """Install Debian *packages* where that needs no password, else say how."""
    by_hand = "sudo apt-get install -y --no-install-recommends {}".format(" ".join(packages))
    prefix = root_prefix()
    if prefix is None:
        raise SetupError(f"System packages are missing. Run: {by_hand}")
    say("Installing system packages: {}".format(" ".join(packages)))
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    # A failed update is no failure yet: the lists at hand may do.
    run_quietly([*apt, "update"])
    output = run_quietly([*apt, "install", "-y", "--no-install-recommends", *packages])
    if output is not None:
        say(output)
        raise SetupError(f"apt-get failed, with the message above. When that is solved, run: {by_hand}")


def root_prefix() -> list[str] | None:
    """Return what to put before a command to run it as root without a password; None if there is no way."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.call(["sudo", "-n", "true"], stderr=subprocess.DEVNULL) == 0:
        return ["sudo", "-n"]
    return None


# -------------------------------------------------------------------------------------------------------- environment


def set_up() -> None:
    """Make .venv, or bring it up to date; quick when there is nothing to do."""
    packages, project = wanted_stamp()
    old_packages, old_project = read_stamp()
    if old_packages != packages or not environment_works():
        python, version = find_python()
        say("Python {}.{} ({})".format(*version, python))
        provide_system_packages("" if can_make_venv(python) else "python{}.{}-venv".format(*version))
        make_environment(python)
        install_packages()
        write_stamp(packages, "none")
        old_project = "none"
    else:
        provide_system_packages("")
    if old_project != project:
        install_project()
        write_stamp(packages, project)


def wanted_stamp() -> tuple[str, str]:
    """Return what .venv is made from: a digest of the locked packages and the place, and one of the project file."""
    # The place counts because a virtual environment does not survive being moved or copied.
    packages = hashlib.sha256(CONSTRAINTS.read_bytes() + os.fsencode(ROOT)).hexdigest()
    return packages, hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()


def read_stamp() -> tuple[str, str]:
    """Return what the present .venv was made from; empty if it was never finished."""
    try:
        packages, project = STAMP.read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        return "", ""
    return packages, project


def write_stamp(packages: str, project: str) -> None:
    """Note what .venv is made from, after each step, so that an interrupted set-up goes on where it stopped."""
    STAMP.write_text(f"{packages}\n{project}\n", encoding="utf-8")


def environment_works() -> bool:
    """Return whether the Python of .venv still runs and finds its packages; a system upgrade can break both."""
    code = "import importlib.util as u, sys; sys.exit(u.find_spec('mediapipe') is None)"
    try:
        return subprocess.call([str(VENV_PYTHON), "-I", "-c", code], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def make_environment(python: str) -> None:
    """Make an empty .venv."""
    say("Making .venv")
    # --clear: nothing of an older or broken environment must survive.
    output = run_quietly([python, "-m", "venv", "--clear", str(VENV)])
    if output is not None:
        say(output)
        raise SetupError(f"{VENV} cannot be made. Check that the folder can be written and the disk has room.")


def install_packages() -> None:
    """Install the locked packages, every one checked against its recorded hash."""
    count = sum("==" in line for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines())
    say(f"Installing {count} packages (about 480 MB to download the first time)")
    # Ready-made packages only: building OpenCV or mediapipe on this computer would fail after a long time.
    pip("install", "--require-hashes", "--only-binary", ":all:", "-r", str(CONSTRAINTS))


def install_project() -> None:
    """Install hipform itself so that changes to its files take effect at once."""
    say("Installing hipform")
    # Built with the locked hatchling in .venv: an isolated build would download an unlocked one.
    pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))


def pip(*arguments: str) -> None:
    """Run pip in .venv, showing only its larger downloads."""
    command = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "2", *arguments]
    lines = []
    with subprocess.Popen(
        [*command, "--progress-bar", "off"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=str(ROOT)
    ) as process:
        for raw in process.stdout or ():
            line = raw.decode(errors="replace").rstrip()
            lines.append(line)
            # The small ones come too fast to matter.
            if line.lstrip().startswith("Downloading ") and line.endswith("MB)"):
                say("  " + line.strip())
    if process.returncode:
        raise SetupError(explain_pip(lines))


def explain_pip(lines: list[str]) -> str:
    """Return one line for a failure of pip, from its output."""
    output = "\n".join(lines).lower()
    for signs, advice in PIP_FAILURES:
        if any(sign in output for sign in signs):
            return advice
    say("\n".join(lines[-15:]))
    return "pip failed, with the message above."


# ----------------------------------------------------------------------------------------------------------- commands


def run(*command: str | Path) -> int:
    """Run *command* in the project's folder and return its exit code."""
    return subprocess.call([str(part) for part in command], cwd=str(ROOT))


def begin(*command: str | Path) -> subprocess.Popen[bytes]:
    """Start *command* in the project's folder; its output is kept until it is asked for."""
    return subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=str(ROOT)
    )


def demo() -> int:
    """Analyse the sample set and say where the results are."""
    out = ROOT / "demo_output"
    video = Path("sample_videos", "hip_thrust_demo.mp4")
    say(f"Analysing {video}")
    # Relative paths, because this is also the line to type by hand.
    code = run(BIN / "hipform", "analyze", video, "--exercise", "hip-thrust", "--out", out.name)
    if code == 0:
        say(f"\nThe results are in {out}:")
        for path in sorted(path for path in out.rglob("*") if path.is_file()):
            say(f"  {path.relative_to(ROOT)}")
    return code


def test(arguments: list[str]) -> int:
    """Run the tests, a file on each core at a time: what the tests of a file share is made once.

    tests/conftest.py orders the files.
    """
    spread = ("-n", "auto", "--dist", "loadscope", "--no-loadscope-reorder")
    return run(VENV_PYTHON, "-m", "pytest", *spread, *arguments)


def check() -> int:
    """Run every check, also after one failed; the tests come last, so that their summary closes the output."""
    steps = {
        "ruff check": (VENV_PYTHON, "-m", "ruff", "check"),
        "ruff format": (VENV_PYTHON, "-m", "ruff", "format", "--check"),
        "mypy": (VENV_PYTHON, "-m", "mypy"),
        "import rules": (BIN / "lint-imports",),
    }
    # Beside one another, and while the test tools are installed: mypy alone takes longer than all the others.
    begun = {name: begin(*command) for name, command in steps.items()}
    provide_test_tools()
    failed = []
    for name, process in begun.items():
        output = process.communicate()[0].decode(errors="replace").strip()
        say(f"== {name}\n{output}")
        if process.returncode:
            failed.append(name)
    say("== FAILED: {}".format(", ".join(failed)) if failed else "== all clean")
    say("== tests")
    return test([]) or int(bool(failed))


def bench(arguments: list[str]) -> int:
    """Run the benchmark."""
    return run(VENV_PYTHON, "-m", "scripts.benchmark", *arguments)


def main() -> int:
    """Parse the command line, set up, run the command; return the exit code."""
    parser = argparse.ArgumentParser(description="Set up hipform and run its demo, tests or checks.")
    parser.add_argument("command", choices=["demo", "test", "check", "bench"])
    options, rest = parser.parse_known_args()
    if rest and options.command in ("demo", "check"):
        parser.error("'{}' takes no options: {}".format(options.command, " ".join(rest)))
    try:
        set_up()
        if options.command == "bench":
            return bench(rest)
        if options.command == "test":
            provide_test_tools()
            return test(rest)
        return demo() if options.command == "demo" else check()
    except SetupError as error:
        print(f"dev.py: {error}", file=sys.stderr)
    except OSError as error:
        print(f"dev.py: {error.strerror or error}: {error.filename or ''}. Fix that and run again.", file=sys.stderr)
    except KeyboardInterrupt:
        print("dev.py: stopped.", file=sys.stderr)
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main())
