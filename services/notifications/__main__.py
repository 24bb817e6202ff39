"""`python -m services.notifications` runs the notifications processor."""

import sys

from services.notifications.app import main

sys.exit(main())
