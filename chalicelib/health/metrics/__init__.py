"""The figures of the whole fleet, as Prometheus reads them."""
