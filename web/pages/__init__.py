"""The pages: a module for each, which holds its routes and asks the workflows; templates lay them out."""
