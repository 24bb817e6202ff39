"""`python -m services.referral.timekeeper` runs the timekeeper."""

import sys

from services.referral.timekeeper.app import main

sys.exit(main())
