"""What the product found worth waking somebody for."""
