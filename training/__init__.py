"""How the model learns: labels → checks → recipe → evaluation → exported model folder.

May import `qclassify`; never the reverse.
"""
