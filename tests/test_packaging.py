"""What is shipped, what is locked, and that the rules in pyproject.toml bite."""

import ast
import email
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import hipform
from scripts import dev

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONSTRAINTS = (ROOT / "scripts" / "constraints.txt").read_text(encoding="utf-8")
PINNED = {canonicalize_name(name): version for name, version in re.findall(r"(?m)^([\w.-]+)==([^\s;]+)", CONSTRAINTS)}


def requirements():
    """Return every requirement that pyproject.toml states, whatever for."""
    project = PYPROJECT["project"]
    groups = [
        PYPROJECT["build-system"]["requires"],
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *PYPROJECT["dependency-groups"].values(),
    ]
    return [Requirement(line) for group in groups for line in group]


# ------------------------------------------------------------------------------------------------------------- archives


def build(target, out):
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.iterdir())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    with zipfile.ZipFile(build("wheel", tmp_path_factory.mktemp("wheel"))) as archive:
        yield archive


def test_wheel_holds_every_model_file_whole(wheel):
    wanted = {f"hipform/models/{path.name}": path.stat().st_size for path in (ROOT / "models").iterdir()}
    packed = {info.filename: info.file_size for info in wheel.infolist() if info.filename.startswith("hipform/models/")}
    assert packed == wanted
    for name in ("pose_landmarker_lite.task", "pose_landmarker_full.task", "pose_landmarker_heavy.task", "NOTICE"):
        assert f"hipform/models/{name}" in packed


def test_wheel_holds_the_package_and_nothing_else(wheel):
    names = wheel.namelist()
    assert {"hipform/py.typed", "hipform/__init__.py", "hipform/types.py"} <= set(names)
    assert {name.split("/")[0] for name in names} == {"hipform", f"hipform-{hipform.__version__}.dist-info"}
    assert not [name for name in names if "test" in name.split("/")[1] or name.endswith((".pyc", ".mp4"))]


def test_wheel_states_version_licence_and_command(wheel):
    info = f"hipform-{hipform.__version__}.dist-info"
    metadata = email.message_from_bytes(wheel.read(f"{info}/METADATA"))
    assert metadata["Version"] == hipform.__version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert f"{info}/licenses/LICENSE" in wheel.namelist()
    assert f"{info}/licenses/hipform/report/assets/uplot/LICENSE" in wheel.namelist()
    assert "hipform = hipform.__main__:run" in wheel.read(f"{info}/entry_points.txt").decode()


def test_wheel_holds_all_that_pages_are_made_of(wheel):
    report = ROOT / "hipform" / "report"
    made_of = [path for folder in ("templates", "assets") for path in (report / folder).rglob("*") if path.is_file()]
    assert {path.suffix for path in made_of} >= {".j2", ".css", ".js"}
    assert {path.relative_to(ROOT).as_posix() for path in made_of} <= set(wheel.namelist())


def test_sdist_holds_models_and_tests_but_no_videos(tmp_path):
    with tarfile.open(build("sdist", tmp_path)) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    assert {"models/pose_landmarker_full.task", "tests/test_packaging.py", "scripts/constraints.txt"} <= names
    assert not [name for name in names if name.startswith("sample_videos")]


# ----------------------------------------------------------------------------------------------------------------- lock


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_requirement_is_locked_within_its_bounds(requirement):
    assert requirement.specifier.contains(PINNED[canonicalize_name(requirement.name)])


def test_every_locked_package_has_hashes():
    blocks = re.split(r"(?m)^(?=[a-z])", CONSTRAINTS)[1:]
    assert len(blocks) == len(PINNED)
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_there_is_one_opencv_package():
    assert [name for name in PINNED if name.startswith("opencv")] == ["opencv-contrib-python"]


def text_files():
    """Yield every text file of the project, leaving out what the set-up and the tools make."""
    for folder, subfolders, names in os.walk(ROOT):
        made = {"__pycache__", "build", "demo_output", "dist", "site"}
        subfolders[:] = [name for name in subfolders if name == ".ci" or (name[0] != "." and name not in made)]
        for path in (Path(folder, name) for name in names):
            if path.suffix not in (".task", ".mp4", ".npz", ".png"):
                yield path


def test_no_file_names_a_package_index():
    # A pinned address would bypass the index that a company or a mirror has set up for pip.
    hosts = ["pypi[.]org", "pythonhosted[.]org", "npmjs[.](org|com)", "deb[.]debian[.]org"]
    wrong = re.compile("|".join([*hosts, r"^ *--(extra-)?index-url", r"^ *--find-links"]), re.MULTILINE)
    files = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8", errors="replace") for path in text_files()}
    assert {"pyproject.toml", "scripts/constraints.txt", ".ci/run", "hipform/types.py"} <= set(files)
    assert {name: found[0] for name, text in files.items() if (found := wrong.search(text))} == {}


# --------------------------------------------------------------------------------------------------------- import rules


MIDDLE_LAYERS = ["feedback", "analysis", "exercises", "features", "segmentation", "kinematics"]
LAYERS = ["cli", "app", "video", "pose", "render", "report", *MIDDLE_LAYERS, "config", "types", "errors"]
NOTHING_BROKEN = "0 broken"


def lint_imports(folder, module, line):
    """Return what the import rules say of a package in which *module* does *line*."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name in ["", *LAYERS]:
        (folder / "hipform" / name).mkdir(parents=True)
        (folder / "hipform" / name / "__init__.py").touch()
    (folder / "hipform" / module).write_text(line, encoding="utf-8")
    tool = Path(sysconfig.get_path("scripts"), "lint-imports")
    done = subprocess.run([tool, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == ("BROKEN" in done.stdout), done.stdout + done.stderr
    return " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("module", "line", "verdict"),
    [
        ("cli/__init__.py", "import rich, typer, hipform.app, hipform.pose", NOTHING_BROKEN),
        ("pose/mediapipe_pose.py", "import mediapipe, cv2, hipform.types", NOTHING_BROKEN),
        ("analysis/judge.py", "import numpy, scipy, hipform.exercises", NOTHING_BROKEN),
        ("errors/__init__.py", "import hipform.types", "types > errors BROKEN"),
        ("render/html.py", "import hipform.report", "types > errors BROKEN"),
        ("pose/video.py", "import mediapipe", "mediapipe_pose only BROKEN"),
        ("app/__init__.py", "import av", "video and render only BROKEN"),
        ("report/html.py", "import cv2", "video and render only BROKEN"),
        ("kinematics/angles.py", "import pydantic", "standard library BROKEN"),
        *((f"{layer}/odd.py", "import rich.console", "standard library BROKEN") for layer in MIDDLE_LAYERS),
    ],
)
def test_import_rules_bite(tmp_path, module, line, verdict):
    assert verdict in lint_imports(tmp_path, module, line)


def test_a_module_without_a_layer_breaks_the_rules(tmp_path):
    assert "BROKEN" in lint_imports(tmp_path, "helpers.py", "")


# --------------------------------------------------------------------------------------------------------------- set-up


def test_set_up_script_parses_on_old_pythons():
    ast.parse((ROOT / "scripts" / "dev.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_set_up_script_and_project_agree_on_the_python_versions():
    lowest, highest = dev.OLDEST, (3, dev.NEWEST[1] + 1)
    assert PYPROJECT["project"]["requires-python"] == ">={}.{},<{}.{}".format(*lowest, *highest)


def test_wrong_python_is_refused_with_the_version_found(monkeypatch):
    monkeypatch.setattr(dev, "probe_python", lambda command: (command[0], (3, 9)))
    with pytest.raises(dev.SetupError, match=r"3\.11, 3\.12 or 3\.13; found only 3\.9"):
        dev.find_python()


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "does not match its hash"),
        ("Failed to establish: NameResolutionError\nERROR: No matching distribution found for av", "cannot be reached"),
        ("ERROR: No matching distribution found for mediapipe==1.2.2", "No ready-made packages"),
        ("ERROR: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: something new", "with the message above"),
    ],
)
def test_pip_failures_are_explained(output, advice):
    assert advice in dev.explain_pip(output.splitlines())


def test_what_tests_need_is_installed_where_that_needs_no_password(monkeypatch):
    installed = []
    monkeypatch.setattr(dev, "apt_install", installed.append)
    monkeypatch.setattr(dev, "root_prefix", list)
    monkeypatch.setattr(dev.shutil, "which", lambda name: name == "apt-get")
    dev.provide_test_tools()
    assert installed == [["chromium", "espeak-ng", "strace", "xvfb"]]
    monkeypatch.setattr(dev.shutil, "which", lambda name: name in ("apt-get", "chromium-browser", "espeak"))
    dev.provide_test_tools()
    assert installed[1:] == [["strace", "xvfb"]]
    monkeypatch.setattr(dev.shutil, "which", lambda _name: "/usr/bin/it")
    dev.provide_test_tools()
    monkeypatch.setattr(dev.shutil, "which", lambda name: name == "apt-get")
    monkeypatch.setattr(dev, "root_prefix", lambda: None)
    dev.provide_test_tools()
    assert len(installed) == 2


def test_a_tool_that_is_missing_is_no_reason_to_stop(monkeypatch, capsys):
    def fail(packages):
        raise dev.SetupError("apt-get failed")

    monkeypatch.setattr(dev, "apt_install", fail)
    monkeypatch.setattr(dev, "root_prefix", list)
    monkeypatch.setattr(dev.shutil, "which", lambda name: name == "apt-get")
    dev.provide_test_tools()
    said = capsys.readouterr().out
    assert "the tests of the pages and the tests of the voice and" in said
    assert "will be skipped. apt-get failed" in said


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
def test_ci_script_can_be_run():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_no_class_is_a_validator():
    # From Python 3.12 on pydantic refuses the signature of a class of enumerated values.
    calls = [
        (path.name, node.args[0].id)
        for path in Path(hipform.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id.endswith("Validator")
        and node.args
        and isinstance(node.args[0], ast.Name)
    ]
    assert calls
    assert [name for _, name in calls if name[0].isupper()] == []
