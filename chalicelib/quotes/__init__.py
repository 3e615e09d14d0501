"""What it would cost: computed by the server, exactly, never with floats."""
