"""Runs `python -m qclassify.cli …`."""

from qclassify.cli import main

main()
