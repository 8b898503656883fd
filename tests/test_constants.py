"""Every number of a module that steers verdicts says what it is, in which unit, and where it comes from."""

import ast
import re

import pytest

from tests.samples import ROOT

ROOMS = ("kinematics", "segmentation", "features", "exercises", "analysis", "feedback")
BASIS = re.compile(r"\bBasis: (literature|convention|tuned|guess|definition)\b.*\.\s*$", re.DOTALL)
"""Kinds of evidence as in `hipform.config.Basis`; a definition follows from others, and a guess was never measured."""
UNITS = re.compile(
    r"_(DEG|S|M|PER_S|PER_RADIUS|RATIO|SHARE|TRUNKS|THIGHS|RADII|DAYS|A_WEEK|GROWTH|CONFIDENCE|PROBABILITY|WEIGHT|COST"
    r"|PENALTY|REPS|SAMPLES|STEPS|LOOKS|MOVEMENTS|SESSIONS)$"
    r"|\b(number of|factors?|correlation|penalty|share|standard deviations?|frames|fewest|most|lengths|radii|limits"
    r"|stations|rows|vector|steps?|to 1)\b",
    re.IGNORECASE,
)
"""Suffix of a name, or word of the text, that says in what the number is."""


def is_number(node):
    match node:
        case ast.Constant(value=bool()):
            return False
        case ast.Constant(value=int() | float()):
            return True
        case ast.UnaryOp(operand=operand):
            return is_number(operand)
        case ast.BinOp(left=left, right=right):
            return is_number(left) and is_number(right)
        case ast.Tuple(elts=values) | ast.List(elts=values) | ast.Dict(values=values):
            return bool(values) and all(map(is_number, values))
    return False


def names_of(node):
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    return [name.id for name in ast.walk(target) if isinstance(name, ast.Name)]


def unexplained(source):
    """Return the constants of a module whose docstring lacks the unit or the basis, with what is missing."""
    body = ast.parse(source).body
    found = []
    for node, after in zip(body, [*body[1:], None], strict=True):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None or not is_number(node.value):
            continue
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        text = str(after.value.value) if is_text else ""
        for name in names_of(node):
            missing = [] if BASIS.search(text) else ["basis"]
            missing += [] if UNITS.search(name) or UNITS.search(text) else ["unit"]
            if missing:
                found.append(f"line {node.lineno}: {name} lacks {' and '.join(missing)}")
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_every_constant_states_its_unit_and_its_basis(room):
    files = sorted((ROOT / "hipform" / room).glob("*.py"))
    assert files
    found = [f"{file.name}, {lack}" for file in files for lack in unexplained(file.read_text(encoding="utf-8"))]
    assert not found, "\n".join(found)


def test_a_constant_without_a_text_is_found():
    source = (
        'A_S = 1.5\nB_DEG = -2\n"""The b. Basis: guess."""\nC = (1, 2 / 3)\n"""Cs. Basis: tuned on clips."""\nD = "x"\n'
    )
    assert unexplained(source) == ["line 1: A_S lacks basis", "line 4: C lacks unit"]


def test_a_basis_is_one_of_the_kinds():
    assert unexplained('A_S = 1\n"""An a. Basis: experience."""\n') == ["line 1: A_S lacks basis"]
