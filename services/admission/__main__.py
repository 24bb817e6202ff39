"""`python -m services.admission` runs the intake."""

import sys

from services.admission.app import main

sys.exit(main())
