"""Runs `python -m qclassify …`."""

from qclassify.cli import main

main()
