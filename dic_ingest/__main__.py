"""`python -m dic_ingest` is `dic-ingest`."""

from dic_ingest.cli import main

if __name__ == "__main__":
    main()
