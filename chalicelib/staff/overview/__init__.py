"""How the business and the product do, on one page."""
