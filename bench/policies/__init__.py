"""What deciding who may do what costs."""
