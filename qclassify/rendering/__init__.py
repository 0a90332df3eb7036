"""Tagged clauses → the forms in which people and programs take them."""

from qclassify.rendering.rows import clause_row, unit_row

__all__ = ["clause_row", "unit_row"]
