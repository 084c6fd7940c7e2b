# SPDX-License-Identifier: Apache-2.0
"""An application as the benchmarks of backups deploy it: GET /note asks the database for a row, as JSON."""

import http.server
import json
import os
import random
import threading

import psycopg2

ROWS = 1_500_000
own = threading.local()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        # The gates ask before there are any rows.
        body = json.dumps({"note": note()}).encode() if self.path == "/note" else b"ok"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def note():
    if not hasattr(own, "connection"):
        own.connection = psycopg2.connect(os.environ["DATABASE_URL"])
        own.connection.autocommit = True
    with own.connection.cursor() as cursor:
        cursor.execute("SELECT note FROM events WHERE id = %s", (random.randint(1, ROWS),))
        return cursor.fetchone()[0]


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64


Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
