"""CyberSource's SDK: the headers that its client adds to a request."""
import base64
from datetime import datetime
from unittest import mock
from urllib.parse import urlsplit

from CyberSource.api_client import ApiClient

import draw

HOSTS = ["apitest.cybersource.com", "api.cybersource.com", "api.in.cybersource.com"]


def case(source):
    merchant, key_id, key, now = draw.word(source), draw.word(source, 8, 36), draw.key(source), draw.instant(source)
    portfolio = draw.word(source) if source.random() < 0.3 else None
    method, host = source.choice(["GET", "POST", "PUT", "PATCH", "DELETE"]), source.choice(HOSTS)
    url = draw.url(source, host)
    body = draw.body(source) if method in ("POST", "PUT", "PATCH") else ""
    client = ApiClient()
    client.set_configuration({
        # Its value is text: the SDK reads its settings again as a literal of Python.
        **({"use_metakey": "true", "portfolio_id": portfolio} if portfolio else {}),
        "authentication_type": "http_signature",
        "merchantid": merchant,
        "merchant_keyid": key_id,
        "merchant_secretkey": key,
        "run_environment": host,
    })
    headers = {}
    with mock.patch("authenticationsdk.core.MerchantConfiguration.datetime") as clock:
        clock.now.return_value = datetime.fromtimestamp(now)
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        client.call_authentication_header(method, headers, body, target)
    auth = {"Method": "cybersource-http", "MerchantId": merchant, "MerchantKeyID": key_id, "MerchantSecretKey": key}
    if portfolio:
        auth["PortfolioId"] = portfolio
    line = {
        "method": method,
        "url": url,
        "headers": [["Content-Type", "application/json"]],
        "body_base64": base64.b64encode(body.encode()).decode(),
        "time": now,
        "auth": auth,
    }
    wanted = {name.lower(): value for name, value in headers.items()}

    def compare(answer, set_headers):
        for name in ["v-c-merchant-id", "date", "digest", "signature"]:
            if set_headers.get(name) != wanted.get(name):
                return (f"{name}: the SDK has {wanted.get(name)!r}, we have {set_headers.get(name)!r}; "
                        f"we sign {answer['string_to_sign']!r}")

    return line, compare
