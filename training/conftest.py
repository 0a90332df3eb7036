"""What pytest should not collect."""

# Run by mlflow where the model is loaded; tests/test_serving.py does that.
collect_ignore = ["tracking/served_model.py"]
