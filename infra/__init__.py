"""How Plumbline comes to AWS: the deployment zip (`package`), and later the templates that deploy it."""
