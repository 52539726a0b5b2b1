"""Lists over many tasks: asked of the store in few statements, scoped, sorted and paged there."""
