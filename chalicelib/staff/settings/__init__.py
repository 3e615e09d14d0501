"""The settings that staff may change while the product runs; releases add them, nobody removes them."""
