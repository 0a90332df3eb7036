"""Makers of test files, each from text: nothing here was made by somebody else's program or committed."""
