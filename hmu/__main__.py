"""`python -m hmu`: the command line."""

import sys

from hmu.cli import main

sys.exit(main())
