"""What the server that workers are forked from imports first, and nobody else: it ignores Ctrl-C.

The server gives its children the handlers that it had after its imports, so that a worker ignores
Ctrl-C from its first instruction on: ending it is the parent's matter.
"""

import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
