"""Segmentation: a document's text becomes units with kinds, numbers and heading paths.

Own rules, no model and no dependency. The passes, in order: `lines` (paragraphs), `outline` (item numbers),
`header`, `headings`, `assemble` (units); `characters`, `brackets`, `markers`, `sentences`, `responsibility` and
`linekinds` hold what the passes look things up in.
"""

from qclassify.segmentation.assemble import segment

__all__ = ["segment"]
