"""What is offered and at what price: service categories, materials, unit prices."""
