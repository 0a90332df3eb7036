"""Labels in and out: tasks for annotation tools, their answers back, disagreement, doubt and what to label next."""
