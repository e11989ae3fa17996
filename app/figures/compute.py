"""Formulas over figures, evaluated exactly: + - * / and brackets, avg, sum, min and max, over Decimal numbers.

A formula names its operands a, b, c...; simpleeval parses it, with no attributes, no strings, no powers and no other
functions, so that nothing but arithmetic can be asked of it.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Mapping
from decimal import Decimal, DivisionByZero, InvalidOperation, localcontext

from simpleeval import InvalidExpression, SimpleEval  # type: ignore[import-untyped]

PRECISION = 28
"""Significant digits of a computation."""

LONGEST = 400
"""Characters of a formula: one over forty operands."""


class FormulaError(ValueError):
    """A formula that is none, names an operand that is not there, or divides by zero."""


def evaluate(formula: str, operands: Mapping[str, Decimal]) -> Decimal:
    """The value of ``formula`` for the numbers of its operands. Raises FormulaError."""
    if len(formula) > LONGEST:
        raise FormulaError("the formula is too long")
    evaluator = SimpleEval(operators=_OPERATORS, functions=_FUNCTIONS, names=dict(operands))
    evaluator.nodes = {node: visit for node, visit in evaluator.nodes.items() if node in _NODES}
    evaluator.nodes[ast.Constant] = _number
    try:
        with localcontext() as context:
            context.prec = PRECISION
            value = evaluator.eval(formula)
    except (InvalidExpression, SyntaxError, DivisionByZero, InvalidOperation, TypeError, ValueError) as error:
        raise FormulaError(str(error)) from error
    if not isinstance(value, Decimal) or not value.is_finite():
        raise FormulaError("the formula gives no number")
    return value


def _number(node: ast.Constant) -> Decimal:
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        raise FormulaError("only numbers can be computed with")
    return Decimal(str(node.value))


def _average(*values: Decimal) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


def _total(*values: Decimal) -> Decimal:
    return sum(values, Decimal(0))


_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS = {"avg": _average, "sum": _total, "min": min, "max": max, "abs": abs}
_NODES = (ast.Expr, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Constant)
