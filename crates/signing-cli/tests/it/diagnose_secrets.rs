//! `signing diagnose`: what its output must never hold.

use crate::command::{Run, SECRET};
use crate::diagnose::{FLAGS, diagnose_in};
use crate::signed::{Request, SCOPE, s3_answer};

/// Flags that can sign for any host.
const ANYWHERE: [&str; 10] = {
    let [a, b, c, d, e, f] = FLAGS;
    [a, b, c, d, e, f, "--param", "Region=eu-west-1", "--param", "Service=s3"]
};

/// All that it prints, once in each format, without flags and with them.
#[track_caller]
fn shown(request: &str, answer: &str) -> [String; 4] {
    let files = [("request", request), ("answer", answer), ("secret", SECRET)];
    let run = |format: &str, flags: &[&str]| {
        let args = ["--request", "request", "--response", "answer", "--format", format];
        let Run { stdout, stderr, .. } = diagnose_in(&files, &[&args[..], flags].concat(), "");
        let shown = [stdout, stderr].concat();
        assert!(shown.contains("403"), "{shown}");
        shown
    };
    [run("text", &[]), run("text", &ANYWHERE), run("json", &[]), run("json", &ANYWHERE)]
}

#[track_caller]
fn check(shown: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn no_credential_is_shown() {
    const SIGNATURE: &str = "c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJlc2lnbmE";
    let request = Request::put(&[
        ("x-amz-security-token", "t0ken/t0ken"),
        ("x-api-key", "hunter2"),
        ("cookie", "c00kie"),
    ]);
    let arrived = request.canonical.replace("PUT", "POST");
    let answer = s3_answer(&arrived, SCOPE);
    let presigned = format!(
        "GET /key?sig={SIGNATURE}&X-Amz-Security-Token=t0ken&se=2020-01-01T00:00:00Z HTTP/1.1\nHost: h.example\nAuthorization: Bearer hunter2\n\n"
    );
    let echo = format!(
        "HTTP/1.1 403 Forbidden\nx-ms-request-id: 1\n\n<Error><Code>AuthenticationFailed</Code><Message>Bad</Message><AuthenticationErrorDetail>Signature did not match. String to sign used was GET\nx-ms-copy-source:https://h/?sig={SIGNATURE}\n/a/b</AuthenticationErrorDetail></Error>"
    );
    for (request, answer) in [
        (request.text.as_str(), answer.as_str()),
        (&presigned, &echo),
        (&presigned, &answer),
        (&request.text, &echo),
    ] {
        let signature =
            request.split("Signature=").nth(1).map_or(SIGNATURE, |rest| &rest[..64.min(rest.len())]);
        for shown in shown(request, answer) {
            check(&shown, &[SECRET, "t0ken", "c00kie", "hunter2", signature, SIGNATURE]);
        }
    }
}

/// That such a value was changed is told, and neither value is.
#[test]
fn what_sounds_like_a_credential_is_compared_and_not_shown() {
    let given = [
        ("x-amz-meta-link", "https://user:hunter2pass@h.example/?access_token=hunter2link"),
        ("x-api-key", "hunter2key"),
        ("x-auth-token", "hunter2token"),
    ];
    let request = Request::put(&given);
    let [link, key, token] = given.map(|(_, value)| value);
    let changed = |text: &str| {
        text.replace("\nx=1\n", "\naccess_token=hunter2query&api_key=hunter2api&x=1\n")
            .replace(key, "hunter2other")
            .replace(token, "hunter2another")
            .replace(link, "https://user:hunter2third@h.example/?access_token=hunter2fourth")
    };
    let answer = s3_answer(&changed(&request.canonical), SCOPE);
    for shown in shown(&request.text, &answer) {
        check(&shown, &["hunter2"]);
        for told in [
            "The query parameter `access_token` arrived, but was not signed.",
            "The query parameter `api_key` arrived, but was not signed.",
            "The header `x-api-key` was signed as `<masked>`, but arrived as `<masked, another>`.",
            "The header `x-auth-token` was signed as `<masked>`, but arrived as `<masked, another>`.",
            "x-amz-meta-link:https://<masked>@h.example/?access_token=<masked>",
            "api_key=<masked",
        ] {
            assert!(shown.contains(told), "{told}: {shown}");
        }
    }
    let files = [("canonical", request.canonical.as_str()), ("answer", &answer)];
    for format in ["text", "json"] {
        let args = ["--canonical-request", "canonical", "--response", "answer", "--format", format];
        let run = diagnose_in(&files, &args, "");
        check(&run.stdout, &["hunter2"]);
        assert!(run.stdout.contains("`x-api-key` was signed as `<masked>`"), "{}", run.stdout);
    }
}

/// The answer alone is shown without its credentials, too.
#[test]
fn a_text_of_the_service_alone_is_masked() {
    let request = Request::put(&[("x-api-key", "hunter2key"), ("x-auth-token", "hunter2token")]);
    let answer = s3_answer(&request.canonical.replace("x=1", "access_token=hunter2query&x=1"), SCOPE);
    for format in ["text", "json"] {
        let args = ["--response", "answer", "--format", format];
        let run = diagnose_in(&[("answer", &answer)], &args, "");
        check(&run.stdout, &["hunter2"]);
        assert!(run.stdout.contains("access_token=<masked>"), "{}", run.stdout);
        assert!(run.stdout.contains("x-api-key:<masked>"), "{}", run.stdout);
    }
}

/// Who mixes up the two has the secret in the place of the key's public name.
#[test]
fn a_secret_in_the_place_of_the_key_is_not_shown() {
    const SHARED: &str = "aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMmh1bnRlcjI=";
    const PLAIN: &str = "hunter2hunter2hunter2hunter2hunter2hunter2";
    let escaped = SECRET.replace('+', "%2B").replace('/', "%2F");
    let request = Request::put(&[]);
    let in_header = request.text.replace("AKIDEXAMPLE", SECRET);
    let scope = SCOPE.replace('/', "%2F");
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={escaped}%2F{scope}&X-Amz-Date=20240229T123456Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host"
    );
    let presigned =
        format!("GET /key?{query}&X-Amz-Signature={} HTTP/1.1\nHost: h.example\n\n", "0".repeat(64));
    let canonical = format!("GET\n/key\n{query}\nhost:h.example\n\nhost\nUNSIGNED-PAYLOAD");
    let [plain, plain_canonical] = [&presigned, &canonical].map(|text| text.replace(&escaped, PLAIN));
    let plain_canonical = plain_canonical.replace("GET", "PUT");
    let echoing = |canonical: &str| s3_answer(canonical, SCOPE).replace("AKIDEXAMPLE", SECRET);
    let batch = |value: &str| {
        format!(
            "GET /jobs HTTP/1.1\nHost: a.westus.batch.azure.com\nocp-date: Thu, 29 Feb 2024 12:34:56 GMT\nAuthorization: {value}\n\n"
        )
    };
    let event_hub = format!(
        "GET /hub HTTP/1.1\nHost: h.example\nAuthorization: SharedAccessSignature sr=h.example%2Fhub&sig=x&se=1&skn={SHARED}\n\n"
    );
    let cybersource = format!(
        "GET / HTTP/1.1\nHost: h.example\nv-c-merchant-id: m\ndate: Thu, 29 Feb 2024 12:34:56 GMT\nSignature: keyid=\"{SHARED}\", algorithm=\"HmacSHA256\", headers=\"host date\", signature=\"x\"\n\n"
    );
    let refused = "HTTP/1.1 403 Forbidden\n\n";
    let unknown = "HTTP/1.1 403 Forbidden\nx-amz-request-id: 1\n\n<Error><Code>InvalidAccessKeyId</Code><Message>The key does not exist.</Message></Error>";
    for (request, answer, is_named) in [
        (&in_header, &*echoing(&request.canonical), true),
        (&in_header, unknown, true),
        (&presigned, &echoing(&canonical), true),
        (&presigned, unknown, true),
        (&plain, &echoing(&plain_canonical), true),
        (&batch(&format!("SharedKey {SHARED}")), refused, false),
        (&batch(&format!("SharedKey {SHARED}:account")), refused, false),
        (&event_hub, refused, true),
        (&cybersource, refused, true),
    ] {
        let files = [("request", request.as_str()), ("answer", answer)];
        for format in ["text", "json"] {
            let args = ["--request", "request", "--response", "answer", "--format", format];
            let run = diagnose_in(&files, &args, "");
            assert_eq!(run.stderr, "");
            check(&run.stdout, &[SECRET, &escaped, SHARED, PLAIN]);
            let note = "not shown: what stands in its place looks like a secret";
            assert_eq!(run.stdout.contains(note), is_named, "{}", run.stdout);
        }
    }
}

#[test]
fn text_from_outside_cannot_move_the_cursor() {
    let answer = "HTTP/1.1 403 Forbidden\nx-amz-request-id: 1\n\n<Error><Code>\u{1b}[31mNoted</Code><Message>\u{202e}no\u{7}</Message><StringToSign>\u{1b}x</StringToSign></Error>";
    let request = "GET /?X-Amz-Credential=%E2%80%AEA%2F20240229%2Fr%2Fs%2Faws4_request&X-Amz-Expires=9&X-Amz-SignedHeaders=host&X-Amz-Signature=x HTTP/1.1\nHost: h.example\n\n";
    for (at, shown) in shown(request, answer).iter().enumerate() {
        let is_command = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{2069}').contains(&c);
        assert!(!shown.contains(is_command), "{shown:?}");
        // JSON has a reverse solidus twice.
        let escape = if at < 2 { "\\" } else { "\\\\" };
        for escaped in ["\\u{1b}[31mNoted", "\\u{202e}no\\u{7}", "\\u{202e}A"] {
            let escaped = escaped.replace('\\', escape);
            assert!(shown.contains(&escaped), "{escaped}: {shown}");
        }
    }
}
