"""`python -m pyledger` is the same as `pyledger`."""

from pyledger.cli import main

if __name__ == "__main__":
    main()
