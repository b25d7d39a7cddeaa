//! Answers and strings that no honest service sends.

use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue, StatusCode};
use proptest::prelude::*;
use signing_core::diagnose::{Diagnosis, Refusal, Signed, diagnose};

const CANONICAL: &str = "GET\n/a%20b\na=1&b=x%20y\nhost:h\nx-amz-date:20240229T123456Z\n\nhost;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const STRING: &str = "AWS4-HMAC-SHA256\n20240229T123456Z\n20240229/us-east-1/s3/aws4_request\nhash";
const BATCH: &str =
    "GET\n\n\n\n\n\n\n\n\n\n\n\nocp-date:Thu, 29 Feb 2024 12:34:56 GMT\n/acct/jobs\napi-version:1";

fn bodies() -> [String; 5] {
    [
        format!(
            "<Error><Code>SignatureDoesNotMatch</Code><Message>m</Message><StringToSign>{STRING}</StringToSign><CanonicalRequest>{}</CanonicalRequest></Error>",
            CANONICAL.replace('&', "&amp;")
        ),
        r#"{"message":"Credential should be scoped to a valid region, not 'us-east-1'. Date in Credential scope does not match 'a' != 'b'"}"#.into(),
        format!(
            r#"{{"code":"AuthenticationFailed","values":[{{"key":"AuthenticationErrorDetail","value":"Server used following string to sign: '{}'."}}]}}"#,
            BATCH.replace('\n', "\\n")
        ),
        "<Error><Code>401</Code><Detail>InvalidAudience: wrong audience. TrackingId:1</Detail></Error>".into(),
        r#"{"response":{"rmsg":"Authentication Failed"}}"#.into(),
    ]
}

fn is_printable(character: char) -> bool {
    !character.is_control()
        && !('\u{202a}'..='\u{202e}').contains(&character)
        && !('\u{2066}'..='\u{2069}').contains(&character)
}

fn check(diagnosis: &Diagnosis) {
    let mut texts = vec![diagnosis.to_string(), format!("{diagnosis:?}")];
    texts
        .extend(diagnosis.causes().iter().flat_map(|cause| [cause.to_string(), cause.remedy().into_owned()]));
    texts.extend(diagnosis.service_message().map(str::to_owned));
    texts.extend(diagnosis.service_code().map(str::to_owned));
    for line in diagnosis.diff().into_iter().flat_map(|diff| diff.lines()) {
        for side in [&line.signed, &line.arrived].into_iter().flatten() {
            assert!(
                side.text.is_char_boundary(side.differs.start)
                    && side.text.is_char_boundary(side.differs.end)
            );
            texts.push(side.text.clone());
        }
    }
    for text in texts {
        assert!(text.chars().all(is_printable), "{text:?}");
    }
}

fn diagnose_all(body: &[u8], signed: &str, canonical_request: &str) {
    let headers = HeaderMap::from_iter([(
        http::header::DATE,
        HeaderValue::from_static("Thu, 29 Feb 2024 12:50:00 GMT"),
    )]);
    let start = Instant::now();
    for status in [StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED, StatusCode::BAD_REQUEST] {
        for signed in [
            Signed::from_string_to_sign(signed),
            Signed::from_string_to_sign(signed)
                .with_canonical_request(canonical_request)
                .with_key_id("\u{1b}[31m"),
        ] {
            check(&diagnose(&signed, &Refusal::new(status, &headers, body)));
        }
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

fn any_text() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        "\n", "\u{1b}", "\u{202e}", ":", "/", "%", "&", "=", "+", "'", "<masked>", "ä", " ",
    ]);
    let piece = prop_oneof![special.prop_map(str::to_owned), any::<String>()];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// `text` with some of it replaced.
fn mutated(text: String, changes: &[(prop::sample::Index, String)]) -> String {
    changes.iter().fold(text, |text, (at, piece)| {
        let at = at.index(text.len() + 1);
        let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let rest = text[at..].chars().skip(piece.chars().count() % 3);
        [&text[..at], piece, &rest.collect::<String>()].concat()
    })
}

fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, String)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any_text()), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_taken(body in prop::collection::vec(any::<u8>(), 0..2_000), signed in any_text()) {
        diagnose_all(&body, &signed, &signed);
    }

    #[test]
    fn changed_refusals_are_taken(which in 0..5_usize, body in changes(), signed in changes(), canonical in changes()) {
        let body = mutated(bodies()[which].clone(), &body);
        for text in [STRING, BATCH] {
            diagnose_all(body.as_bytes(), &mutated(text.to_owned(), &signed), &mutated(CANONICAL.to_owned(), &canonical));
        }
    }
}

#[test]
fn large_answers_take_no_time() {
    let xml = |canonical: &str| {
        format!(
            "<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>{canonical}</CanonicalRequest></Error>"
        )
    };
    let many = |item: &str| (0..9_000).map(|n| item.replace('#', &n.to_string())).collect::<String>();
    for body in [
        xml(&CANONICAL.replace("a=1", &many("a#=1&amp;"))),
        xml(&CANONICAL.replace("host:h\n", &many("a#:1\n"))),
        xml(&"\n".repeat(60_000)),
        xml(&"/..".repeat(20_000)),
        xml(&"<masked>".repeat(8_000)),
        "<a>".repeat(30_000),
        "[".repeat(70_000),
        format!("{{\"code\":{}}}", "9".repeat(60_000)),
        many("&#x1b;"),
    ] {
        diagnose_all(
            body.as_bytes(),
            &CANONICAL.replace("a=1", &many("b#=2&")),
            &CANONICAL.replace("host:h\n", &many("b#:2\n")),
        );
        diagnose_all(body.as_bytes(), "x", &CANONICAL.replace("a=1", &many("b#=<masked>&")));
    }
}

#[test]
fn what_is_beyond_the_limit_is_not_read() {
    let body = format!("{}<Error><Code>ExpiredToken</Code></Error>", " ".repeat(Refusal::MOST_BODY));
    let headers = HeaderMap::new();
    let refusal = Refusal::new(StatusCode::FORBIDDEN, &headers, body.as_bytes());
    assert!(diagnose(&Signed::from_string_to_sign(STRING), &refusal).causes().is_empty());
}
