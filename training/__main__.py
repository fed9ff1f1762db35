"""`python -m training COMMAND …`."""

from training.cli import main

if __name__ == "__main__":
    main()
