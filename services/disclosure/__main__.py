"""`python -m services.disclosure` runs the disclosure processor."""

import sys

from services.disclosure.app import main

sys.exit(main())
