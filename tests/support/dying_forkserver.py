"""Imported by the server of forks alone, at its start: it ends with the test run, also by kill -9, and its children with it."""

import os
import signal

from stack.accounts import dying_with_us

dying_with_us(signal.SIGKILL, os.getppid())()
