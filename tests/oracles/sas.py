"""azure-eventhub and azure-iot-hub: SAS tokens."""
import base64
import hashlib
import hmac
from unittest import mock
from urllib.parse import unquote_plus

from azure.eventhub import EventHubSharedKeyCredential
from azure.iot.hub.auth import ConnectionStringAuthentication
from azure.iot.hub.sastoken import SasToken

import draw


def event_hub_case(source):
    policy, key, now = draw.text(source, draw.UNRESERVED + " +/=&%", 1, 20), draw.key(source), draw.instant(source)
    host = f"{draw.word(source, 6, 20).lower()}.servicebus.windows.net"
    url = draw.url(source, host)
    auth = {"Method": "azure-event-hub", "SharedAccessKeyName": policy, "SecretAccessKey": key, "TokenTTL": "3600"}
    if source.random() < 0.5:
        resource = f"sb://{host}/{draw.text(source, draw.UNRESERVED + draw.ESCAPED + '+', 1, 20)}"
        auth["ResourceURI"] = resource
    else:
        # Ours derives it: the URL without its query.
        url = f"https://{host}/{draw.word(source)}/messages?timeout={source.randint(1, 60)}"
        resource = url.partition("?")[0]
    with mock.patch("time.time", return_value=float(now)):
        token = EventHubSharedKeyCredential(policy, key).get_token(resource).token
    # This SDK encodes the policy twice; ours, as the others do, once.
    return line(source, url, now, auth), compare(token, key.encode(), lambda skn: unquote_plus(unquote_plus(skn)))


def iot_hub_case(source):
    key, now = draw.key(source), draw.instant(source)
    host = f"{draw.word(source, 3, 20).lower()}.azure-devices.net"
    url = draw.url(source, host)
    # This SDK does not encode the policy.
    policy = draw.text(source, draw.UNRESERVED, 1, 20) if source.random() < 0.7 else None
    auth = {"Method": "azure-iot-hub", "SecretAccessKey": key, "TokenTTL": "3600"}
    if policy:
        auth["SharedAccessKeyName"] = policy
    with mock.patch("time.time", return_value=float(now)):
        if policy and source.random() < 0.5:
            # The resource is derived: the hub.
            hub = ConnectionStringAuthentication.create_with_parsed_values(host, policy, key)
            token = hub.signed_session().headers["Authorization"]
        else:
            resource = f"{host}/devices/{draw.text(source, draw.UNRESERVED + draw.ESCAPED + '+', 1, 20)}"
            auth["ResourceURI"] = resource
            token = str(SasToken(resource, key, policy))
    return line(source, url, now, auth), compare(token, base64.b64decode(key), unquote_plus)


def line(source, url, now, auth):
    method = source.choice(["GET", "POST", "PUT", "DELETE"])
    return {"method": method, "url": url, "headers": [], "time": now, "auth": auth}


def fields(token):
    scheme, _, rest = token.partition(" ")
    if scheme != "SharedAccessSignature":
        raise ValueError("it is no SAS token")
    return dict(field.split("=", 1) for field in rest.split("&"))


def compare(token, key, policy_of):
    """The same end, resource and policy; a signature that verifies, and is the SDK's where `sr` is written alike."""
    theirs = fields(token)

    def check(_, headers):
        ours = fields(headers["authorization"])
        wanted = {
            "se": (theirs["se"], ours.get("se")),
            "sr": (unquote_plus(theirs["sr"]), unquote_plus(ours.get("sr", ""))),
            "skn": (policy_of(theirs.get("skn", "")), unquote_plus(ours.get("skn", ""))),
            "fields": (theirs.keys(), ours.keys()),
        }
        for name, (sdk, our) in wanted.items():
            if sdk != our:
                return f"{name}: the SDK has {sdk!r}, we have {our!r}"
        verified = hmac.new(key, f"{ours['sr']}\n{ours['se']}".encode(), hashlib.sha256).digest()
        if unquote_plus(ours["sig"]) != base64.b64encode(verified).decode():
            return "sig does not verify"
        if ours["sr"] == theirs["sr"] and unquote_plus(ours["sig"]) != unquote_plus(theirs["sig"]):
            return "sig is not the SDK's"

    return check
