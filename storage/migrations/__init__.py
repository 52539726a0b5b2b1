"""How the schema came about, one revision after another; each is frozen once released."""
