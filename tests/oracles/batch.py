"""azure-batch: whole requests, as its client would send them."""
import base64
from datetime import datetime, timezone
from unittest import mock

from azure.batch import BatchClient
from azure.core.credentials import AzureNamedKeyCredential
from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest

import draw

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Sent(Exception):
    """A request that the client has signed."""


class Recorder(HttpTransport):
    """Sends nothing."""

    def send(self, request, **_):
        raise Sent(request)

    def open(self):
        pass

    def close(self):
        pass

    def __exit__(self, *_):
        pass


def case(source):
    account, key, now = draw.word(source, 3, 24).lower(), draw.key(source), draw.instant(source)
    method = source.choice(METHODS)
    body = draw.body(source).encode() if method not in ("GET", "HEAD") else b""
    signed = sign(account, key, now, method, draw.url(source, f"{account}.westus2.batch.azure.com"), given(source), body)
    headers = dict(signed.headers)
    authorization, date = headers.pop("Authorization"), headers["ocp-date"]
    # Ours sets the same; where the caller did, it is there in either case.
    if source.random() < 0.5:
        headers.pop("ocp-date")
    line = {
        "method": method,
        "url": signed.url,
        "headers": list(headers.items()),
        "body_base64": base64.b64encode(body).decode(),
        "time": now,
        "auth": {"Method": "azure-batch", "AccountName": account, "SecretAccessKey": key},
    }

    def compare(answer, set_headers):
        wanted = [("authorization", authorization), ("ocp-date", date)]
        for name, value in wanted:
            got = set_headers.get(name, headers.get(name))
            if got != value:
                return f"{name}: the SDK has {value!r}, we have {got!r}; we sign {answer['string_to_sign']!r}"

    return line, compare


def given(source):
    """Headers that are signed, each or not."""
    possible = {
        "Content-Type": "application/json; odata=minimalmetadata",
        "Content-Encoding": "gzip",
        "Content-Language": "de-AT, en",
        "Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg==",
        "If-Match": '"0x8D"',
        "If-None-Match": "*",
        "If-Modified-Since": "Thu, 29 Feb 2024 12:34:56 GMT",
        "If-Unmodified-Since": "Fri, 01 Mar 2024 00:00:00 GMT",
        "Range": "bytes=0-1023",
        "ocp-range": "bytes=0-1",
        "ocp-batch-file-url": draw.segment(source),
        "client-request-id": draw.word(source),
    }
    return {name: value for name, value in possible.items() if source.random() < 0.3}


def sign(account, key, now, method, url, headers, body):
    client = BatchClient(url, AzureNamedKeyCredential(account, key), transport=Recorder())
    with mock.patch("azure.batch._patch.datetime") as clock:
        clock.utcnow.return_value = datetime.fromtimestamp(now, timezone.utc).replace(tzinfo=None)
        try:
            client.send_request(HttpRequest(method, url, headers=headers, content=body or None))
        except Sent as sent:
            return sent.args[0]
    raise AssertionError("the client sent nothing")
