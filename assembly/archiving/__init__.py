"""An assembly as a static site: everything public about it, that opens from a disk without any server, and verifies."""
