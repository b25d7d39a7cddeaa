//! Pairs of `Match` and URL that try to carry credentials to where they do not belong.

use http::Uri;
use tower_signing::Match;

/// What a pair must come to.
#[derive(Debug, PartialEq)]
enum Outcome {
    Covered,
    NotCovered,
    /// The URL cannot be compared safely, or `http::Uri` does not take it.
    Refused,
}
use Outcome::*;

const PAIRS: &[(&str, &str, Outcome)] = &[
    // Look-alike hosts.
    ("https://api.example.com/", "https://api.example.com/x", Covered),
    ("https://api.example.com/", "https://api.example.com.evil.example/", NotCovered),
    ("https://api.example.com/", "https://evilapi.example.com/", NotCovered),
    ("https://api.example.com/", "https://api-example.com/", NotCovered),
    ("https://api.example.com/", "https://xn--pi-7cd.example.com/", NotCovered),
    ("https://api.example.com/", "https://api.example.com%2eevil.example/", Refused),
    ("https://api.example.com/", "https://api.example.com\\@evil.example/", Refused),
    ("https://api.example.com/", "https://evil.example/?https://api.example.com/", NotCovered),
    ("https://api.example.com/", "https://evil.example/#https://api.example.com/", NotCovered),
    ("https://api.example.com/", "https://evil.example/https://api.example.com/", NotCovered),
    // User info.
    ("https://api.example.com/", "https://api.example.com@evil.example/", Refused),
    ("https://api.example.com/", "https://user@api.example.com/", Refused),
    ("https://api.example.com/", "https://user:pass@api.example.com/", Refused),
    ("https://api.example.com/", "https://@api.example.com/", Refused),
    // Case and final dots.
    ("https://api.example.com/", "HTTPS://API.Example.COM/", Covered),
    ("https://API.example.com./", "https://api.example.com/", Covered),
    ("https://api.example.com/", "https://api.example.com./", Covered),
    ("https://api.example.com/", "https://api.example.com../", Refused),
    ("https://*.example.com/", "https://a..example.com/", Refused),
    ("https://*.example.com/", "https://.example.com/", Refused),
    ("https://*.example.com/", "https://a.example.com./", Covered),
    // Ports.
    ("https://api.example.com/", "https://api.example.com:443/", Covered),
    ("https://api.example.com/", "https://api.example.com:0443/", Covered),
    ("https://api.example.com/", "https://api.example.com:/", Covered),
    ("https://api.example.com:443/", "https://api.example.com/", Covered),
    ("https://api.example.com/", "https://api.example.com:80/", NotCovered),
    ("https://api.example.com/", "https://api.example.com:4430/", NotCovered),
    ("https://api.example.com/", "https://api.example.com:99999/", Refused),
    ("https://api.example.com/", "https://api.example.com:65536/", Refused),
    ("https://api.example.com/", "https://api.example.com:44３/", Refused),
    ("http://api.example.com:8080/", "http://api.example.com:8080/", Covered),
    ("http://api.example.com:8080/", "http://api.example.com:08080/", Covered),
    ("http://api.example.com:8080/", "http://api.example.com/", NotCovered),
    // Schemes.
    ("https://api.example.com/", "http://api.example.com/", NotCovered),
    ("https://api.example.com/", "http://api.example.com:443/", NotCovered),
    ("https://api.example.com/", "wss://api.example.com/", NotCovered),
    ("https://api.example.com/", "gopher://api.example.com:443/", NotCovered),
    ("https://api.example.com/", "//api.example.com/", Refused),
    ("https://api.example.com/", "/", Refused),
    ("https://api.example.com/", "api.example.com:443", Refused),
    // Paths.
    ("https://h.example/a", "https://h.example/a", Covered),
    ("https://h.example/a", "https://h.example/a/", Covered),
    ("https://h.example/a", "https://h.example/a?b", Covered),
    ("https://h.example/a", "https://h.example/%61/b", Covered),
    ("https://h.example/a", "https://h.example/ab", NotCovered),
    ("https://h.example/a", "https://h.example/A", NotCovered),
    ("https://h.example/a", "https://h.example//a", NotCovered),
    ("https://h.example/a", "https://h.example/a%2Fb", NotCovered),
    ("https://h.example/a", "https://h.example/a;b", NotCovered),
    ("https://h.example/a", "https://h.example/a/../b", Refused),
    ("https://h.example/a", "https://h.example/a/./b", Refused),
    ("https://h.example/a", "https://h.example/a/..", Refused),
    ("https://h.example/a", "https://h.example/a/%2e%2e/b", Refused),
    ("https://h.example/a", "https://h.example/a/%2E./b", Refused),
    ("https://h.example/a", "https://h.example/a/.%2e", Refused),
    ("https://h.example/a", "https://h.example/a/..\\b", Refused),
    ("https://h.example/a", "https://h.example/a/..%2Fb", Refused),
    ("https://h.example/a", "https://h.example/a/%2e%2e%5cb", Refused),
    ("https://h.example/a", "https://h.example/a/..;/b", Refused),
    ("https://h.example/a", "https://h.example/a/...", Covered),
    ("https://h.example/", "https://h.example/a/../b", Covered),
    // Addresses.
    ("http://127.0.0.1:9000/", "http://127.0.0.1:9000/", Covered),
    ("http://127.0.0.1:9000/", "http://127.1:9000/", NotCovered),
    ("http://127.0.0.1:9000/", "http://2130706433:9000/", NotCovered),
    ("http://[::1]:9000/", "http://[0:0:0:0:0:0:0:1]:9000/", Covered),
    ("http://[::1]:9000/", "http://[::2]:9000/", NotCovered),
    ("http://[::1]:9000/", "http://[::1%25eth0]:9000/", Refused),
    // Wildcards.
    ("https://*.example.com/", "https://a.b.example.com/", Covered),
    ("https://*.example.com/", "https://example.com/", NotCovered),
    ("https://*.example.com/", "https://aexample.com/", NotCovered),
    ("https://*.example.com/", "https://a.example.com.evil.example/", NotCovered),
    ("*", "https://anything.example/", Covered),
];

#[test]
fn no_spelling_of_a_url_gets_what_another_host_was_meant_to_have() {
    for (scope, url, expected) in PAIRS {
        let scope: Match = scope.parse().unwrap();
        let outcome = match url.parse::<Uri>() {
            Err(_) => Refused,
            Ok(uri) => match scope.covers(&uri) {
                Ok(true) => Covered,
                Ok(false) => NotCovered,
                Err(_) => Refused,
            },
        };
        assert_eq!(outcome, *expected, "{scope:?} and {url}");
    }
}
