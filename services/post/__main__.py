"""Run the post: `python -m services.post`. It looks into the outbox every few seconds until it is told to stop."""

from __future__ import annotations

import os
import signal
import smtplib
import threading

from enclave.core.logging import configure, get_logger
from enclave.core.settings import get_settings
from services.post.sending import send_all

PAUSE, AFTER_TROUBLE = 5.0, 60.0


def main() -> None:
    """Send until SIGTERM; trouble with the server is logged and tried again."""
    configure("post")
    if os.geteuid() == 0:
        raise SystemExit("The post does not run as root. Start it as the compose file does.")
    settings, stop = get_settings(), threading.Event()
    if not settings.mail_server:
        raise SystemExit("No mail server is set: messages stay in the outbox. Set C2C_MAIL_SERVER to send them.")
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    get_logger().info("post_started", server=settings.mail_server)
    pause = PAUSE
    while not stop.wait(pause):
        try:
            send_all(settings)
            pause = PAUSE
        except (OSError, smtplib.SMTPException) as problem:
            get_logger().error("mail_server_trouble", kind=type(problem).__name__)
            pause = AFTER_TROUBLE


if __name__ == "__main__":
    main()
