"""One web server process: `python -m lumens_admin.serve.web SUPERVISOR_PID LISTENING_FD`.

waitress, because it takes in a whole request, slowly sent ones included, before it gives it to a thread, and
takes the whole answer off the thread again. Measured with 60 clients that send a byte per second: an ordinary
request takes 0.7 ms here, and no answer at all from gunicorn's threads (two processes of eight in both).
"""

import os
import signal
import socket
import sys
from collections.abc import Iterable
from importlib import import_module
from threading import Thread
from types import FrameType
from typing import Any

from lumens_admin.serve.connections import CONNECTION, Channel, at_the_pace_of_its_reader, cutting_off_the_silent
from lumens_admin.serve.parent import end_with
from lumens_admin.starting import kept_to_the_end

THREADS = 8
CONNECTIONS = 1000
SILENT_CLIENT_SECONDS = 30
LARGEST_REQUEST_BYTES = 32 * 2**20
IN_MEMORY_BYTES = 64 * 2**10
ANSWER_AHEAD_BYTES = 256 * 2**10
IN_THE_SYSTEM_BYTES = 64 * 2**10  # of an answer, on their way; Linux takes twice that


def main(supervisor_pid: int, descriptor: int) -> None:
    signal.signal(signal.SIGTERM, _stop)
    end_with(supervisor_pid)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumens_admin.settings")
    with kept_to_the_end():
        from django.conf import settings
        from django.urls import get_resolver
        from waitress import create_server

        from lumens_admin.wsgi import application

        len(get_resolver().url_patterns)  # imports every view now, so that nobody's first request waits for it
    server = create_server(
        answering(application),
        sockets=[socket.socket(fileno=descriptor)],
        threads=THREADS,
        connection_limit=CONNECTIONS,
        channel_timeout=SILENT_CLIENT_SECONDS,
        cleanup_interval=SILENT_CLIENT_SECONDS // 3,
        max_request_body_size=LARGEST_REQUEST_BYTES,
        inbuf_overflow=IN_MEMORY_BYTES,
        # A page fits and frees its thread at once; an export waits for its reader (`connections.py`).
        outbuf_high_watermark=ANSWER_AHEAD_BYTES,
        asyncore_use_poll=True,
        ident=None,
        # Behind a proxy the application itself decides whom to believe; without one, nobody's word counts.
        clear_untrusted_proxy_headers=not settings.BEHIND_PROXY,
    )
    server.channel_class = Channel
    server.maintenance = cutting_off_the_silent(server.maintenance, server)
    # Linux would take in megabytes of an export, which then arrive after access has ended.
    server.adj.socket_options = [*server.adj.socket_options, (socket.SOL_SOCKET, socket.SO_SNDBUF, IN_THE_SYSTEM_BYTES)]
    # Nobody's first request waits for it; nor does the start.
    Thread(target=import_module, args=["privacy.access.views.scim_door"], daemon=True).start()
    server.run()


def answering(application: Any) -> Any:
    """The same application, whose long answers wait for their readers, and which answers HEAD without a body (RFC 9110, 9.3.2):
    waitress leaves that to the application.

    What follows the header of such an answer would be taken for the beginning of the next one, which may be somebody else's
    where a proxy shares the connection.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body: Any = application(environ, start_response)
        if environ["REQUEST_METHOD"] == "HEAD":
            if hasattr(body, "close"):
                body.close()
            return []
        if getattr(body, "streaming", False):
            return at_the_pace_of_its_reader(body, environ[CONNECTION])
        whole: Iterable[bytes] = body
        return whole

    return answer


def _stop(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
