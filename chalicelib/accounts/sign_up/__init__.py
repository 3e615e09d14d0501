"""How an account begins: sign-up, and the confirmation of its address."""
