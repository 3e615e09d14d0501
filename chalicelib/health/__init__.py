"""Is it well? What an uptime monitor and a deployer ask, and the description of the API."""
