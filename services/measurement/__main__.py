"""`python -m services.measurement` runs the measurement processor."""

import sys

from services.measurement.app import main

sys.exit(main())
