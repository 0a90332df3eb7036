"""Segmentation: a document's text becomes units with kinds, numbers and heading paths.

Own rules, no model and no dependency; the time taken grows linearly with the text. The passes:

1. `lines` and `paragraph_kinds`: paragraphs, and those that are no text.
2. `outline`: paragraphs cut into chunks where item numbers (`markers`, `numbering`) open items.
3. `header` and `prologue`: what stands before the first number.
4. `headings` and `assemble`: headings, paths and units.

`characters`, `brackets`, `sentences`, `responsibility` and `linekinds` are the knowledge the passes share.
"""

from qclassify.segmentation.assemble import segment

__all__ = ["segment"]
