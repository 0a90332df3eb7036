"""What pytest should not collect, and fixtures that several modules share."""

from tracked_trainings import trained_once, workplace

__all__ = ["trained_once", "workplace"]

# Run by test_kernel_sanitizers.py in a process of its own, with an extension built for it.
collect_ignore = ["sanitized_kernel.py"]
