"""What the product is measured against, and the product's own side of each comparison."""
