"""The Space's entry: `python app.py --help` says what it understands."""

from app.main import main

if __name__ == "__main__":
    main()
