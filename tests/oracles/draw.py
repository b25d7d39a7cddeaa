"""Random parts of requests."""
import base64
import string
from urllib.parse import quote

WORD = string.ascii_letters + string.digits
UNRESERVED = WORD + "-._~"
# What stands in a path as it is, but for `;`, which Python's urlparse takes out of a path.
IN_PATH = UNRESERVED + "!$&'()*+,=:@"
# Characters that are escaped on the wire.
ESCAPED = " %/?#[]\"<>{}|\\^`äß€日😀"


def text(source, alphabet, shortest, longest):
    return "".join(source.choices(alphabet, k=source.randint(shortest, longest)))


def word(source, shortest=1, longest=12):
    return text(source, WORD, shortest, longest)


def instant(source):
    """Seconds since 1970, between 2001 and 2096."""
    return source.randint(1_000_000_000, 4_000_000_000)


def key(source):
    """Base64 of 1 to 96 bytes: some keys are shorter or longer than a block of the hash."""
    return base64.b64encode(source.randbytes(source.randint(1, 96))).decode()


def path(source):
    """As on the wire, with at least one segment, and without dot segments, which HTTP libraries remove."""
    return "".join("/" + segment(source) for _ in range(source.randint(1, 4)))


def segment(source):
    first = word(source, 1, 3)
    return first + "".join(
        quote(source.choice(ESCAPED), safe="") if source.random() < 0.2 else source.choice(IN_PATH)
        for _ in range(source.randint(0, 10))
    )


def query(source, most=5):
    """As on the wire, or nothing: names once and in lower case, and no value is empty."""
    names = sorted({word(source, 2, 8).lower() for _ in range(source.randint(0, most))}, key=lambda _: source.random())
    return "&".join(f"{name}={value(source)}" for name in names)


def value(source):
    plain = text(source, UNRESERVED + ESCAPED + "+&='()$,:;@!*", 1, 12)
    return quote(plain, safe=source.choice(["", "~", "$'(),:/"])).replace("%20", source.choice(["%20", "+"]))


def url(source, host):
    asked = query(source)
    return f"https://{host}{path(source)}" + (f"?{asked}" if asked else "")


def body(source):
    """Text of 0 to 2000 characters."""
    return "" if source.random() < 0.2 else text(source, string.printable + "äß€日😀", 1, source.choice([20, 2000]))
