"""What planning an operation costs, beside other planners."""
