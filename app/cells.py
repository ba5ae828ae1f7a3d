"""Strangers' text in the cells of a CSV file that a spreadsheet may open."""

_FORMULA = ("=", "+", "-", "@")


def harmless(cell: object) -> object:
    """A cell as it is; a text that a spreadsheet might take for a formula has an apostrophe before it."""
    if not isinstance(cell, str):
        return cell
    risky = cell.startswith(("\t", "\r", "\n")) or cell.lstrip().startswith(_FORMULA)
    return f"'{cell}" if risky else cell
