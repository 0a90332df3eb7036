"""What pytest should not collect."""

# Run by test_kernel_sanitizers.py in a process of its own, with an extension built for it.
collect_ignore = ["sanitized_kernel.py"]
