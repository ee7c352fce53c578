"""`python -m studio`."""

import os
import sys

from studio.cli.main import main
from studio.settings import WAITING

for name, value in WAITING.items():
    os.environ.setdefault(name, value)  # read once, when torch is imported, which no command is yet

sys.exit(main())
