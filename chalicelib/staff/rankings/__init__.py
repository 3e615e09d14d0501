"""Rankings recalculated on demand."""
