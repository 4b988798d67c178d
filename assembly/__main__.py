"""`python -m assembly` is `assembly`."""

from __future__ import annotations

from assembly.cli import main

if __name__ == "__main__":
    main(prog_name="assembly")
