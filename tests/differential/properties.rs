//! What holds for every request, whatever a peer may say.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::Index;
use signing_core::{AuthParams, Masking, Payload, Registry, Signer, Timestamp};

use crate::config;
use crate::request::{NAMES_OF_HOPS, Request, request};
use crate::robustness::snapshot;
use crate::setup::{Setup, setup};

const CASES: u32 = 300;
const SECONDS_PER_DAY: i64 = 86_400;

type Change = (&'static str, fn(&mut Setup, &mut Request));

/// What a SigV4 signature covers, beside the headers: each change must show.
const COVERED: [Change; 7] = [
    ("method", |_, request| request.method.push('X')),
    ("path", |_, request| request.path.push('x')),
    ("query", |_, request| request.query.get_or_insert_default().push_str("&added=1")),
    ("a new header", |_, request| request.headers.push(("x-added", b"1".to_vec()))),
    ("region", |setup, _| setup.region.push('x')),
    ("service", |setup, _| setup.service.push('x')),
    ("time", |setup, _| setup.unix += 1),
];

proptest! {
    #![proptest_config(config(CASES))]

    #[test]
    fn the_order_of_differently_named_headers_does_not_matter(
        setup in setup(), request in request(), from in any::<Index>(), to in any::<Index>(),
    ) {
        let mut moved = request.clone();
        if !request.headers.is_empty() {
            let (from, to) = (from.index(request.headers.len()), to.index(request.headers.len()));
            let header = moved.headers.remove(from);
            // Values of one name keep their order.
            let names_between = &request.headers[from.min(to)..=from.max(to)];
            prop_assume!(names_between.iter().filter(|(name, _)| *name == header.0).count() == 1);
            moved.headers.insert(to, header);
        }
        prop_assert_eq!(signature(&setup, &moved), signature(&setup, &request));
        prop_assert_eq!(presigned_signature(&setup, &moved), presigned_signature(&setup, &request));
    }

    #[test]
    fn signing_leaves_the_url_and_the_callers_headers_as_they_are(setup in setup(), request in request()) {
        let before = request.head();
        let mut head = request.head();
        setup.signer().sign(&mut head, &Payload::of(&request.body), setup.now())?;
        prop_assert_eq!(&head.uri, &before.uri);
        prop_assert_eq!(head.uri.to_string(), before.uri.to_string());
        prop_assert_eq!(&head.method, &before.method);
        for name in before.headers.keys().filter(|name| *name != "authorization") {
            let values = |head: &http::request::Parts| head.headers.get_all(name).iter().cloned().collect::<Vec<_>>();
            prop_assert_eq!(values(&head), values(&before));
        }
    }

    #[test]
    fn presigning_only_appends_to_the_url(setup in setup(), request in request()) {
        let head = request.head();
        let (before, time) = (snapshot(&head), Duration::from_secs(setup.expires_in));
        let uri = setup.signer().presign(&head, &Payload::of(&request.body), time, setup.now())?.to_string();
        let appended = uri.strip_prefix(&head.uri.to_string());
        let appended = appended.ok_or_else(|| TestCaseError::fail("the URL does not stand in front"))?;
        let expected = match head.uri.query() {
            None => "?X-Amz-Algorithm=",
            Some("") => "X-Amz-Algorithm=",
            Some(_) => "&X-Amz-Algorithm=",
        };
        prop_assert!(appended.starts_with(expected), "{}", appended);
        prop_assert_eq!(snapshot(&head), before);
    }

    #[test]
    fn changing_a_covered_part_changes_the_signature(setup in setup(), request in request()) {
        let (signed, presigned) = (signature(&setup, &request), presigned_signature(&setup, &request));
        for (part, change) in COVERED {
            let (mut setup, mut request) = (setup.clone(), request.clone());
            change(&mut setup, &mut request);
            prop_assert_ne!(&signature(&setup, &request), &signed, "{}", part);
            prop_assert_ne!(&presigned_signature(&setup, &request), &presigned, "{}, presigned", part);
        }
    }

    #[test]
    fn changing_a_header_changes_the_signature_unless_hops_change_it(setup in setup(), request in request()) {
        let (signed, presigned) = (signature(&setup, &request), presigned_signature(&setup, &request));
        for at in 0..request.headers.len() {
            let mut request = request.clone();
            let (name, value) = &mut request.headers[at];
            let name = *name;
            value.push(b'x');
            let is_covered = !NAMES_OF_HOPS.contains(&name);
            prop_assert_eq!(signature(&setup, &request) != signed, is_covered, "{}", name);
            prop_assert_eq!(presigned_signature(&setup, &request) != presigned, is_covered, "{}", name);
        }
    }

    #[test]
    fn the_body_is_covered_unless_the_payload_is_unsigned(setup in setup(), request in request()) {
        let mut longer = request.clone();
        longer.body.push(0);
        prop_assert_eq!(signature(&setup, &longer) != signature(&setup, &request), setup.is_payload_signed);
        // Who makes a URL for S3 rarely has the body: none is covered.
        let is_covered = setup.is_payload_signed && !setup.is_for_s3();
        let changes = presigned_signature(&setup, &longer) != presigned_signature(&setup, &request);
        prop_assert_eq!(changes, is_covered);
    }

    // A caller's own `x-amz-security-token`, `digest` or `date` is not among the headers here: beside a signature
    // it counts as part of that signature, and is dropped or replaced with it.
    #[test]
    fn signing_again_later_is_signing_the_original_then(
        setup in setup(), request in request(), seconds in 0..3 * SECONDS_PER_DAY,
    ) {
        let signer = setup.signer();
        check_signed_again(&signer, &request, setup.unix, setup.unix + seconds)?;
        // The last second of a day, and the first of the next one, which has another signing key.
        let midnight = (setup.unix / SECONDS_PER_DAY + 1) * SECONDS_PER_DAY;
        check_signed_again(&signer, &request, midnight - 1, midnight)?;
    }

    #[test]
    fn other_methods_sign_again_as_if_for_the_first_time(
        request in request(), now in 0..4_000_000_000i64, seconds in 0..3 * SECONDS_PER_DAY,
    ) {
        // A token goes over https only, and a batch request has one header of each name.
        let mut request = Request { scheme: "https", ..request };
        request.headers.sort();
        request.headers.dedup_by_key(|(name, _)| *name);
        for params in other_methods() {
            let signer = Registry::new().signer(&params).expect("the parameters are right");
            check_signed_again(&signer, &request, now, now + seconds)?;
        }
    }

    #[test]
    fn other_methods_cover_what_they_say(request in request(), now in 0..4_000_000_000i64) {
        let mut request = Request { scheme: "https", ..request };
        request.headers.sort();
        request.headers.dedup_by_key(|(name, _)| *name);
        for params in other_methods() {
            let name = params.get("Method").unwrap_or_default().to_owned();
            let signer = Registry::new().signer(&params).expect("the parameters are right");
            for (part, is_covered, changed, later) in changes_for_others(&name, &request) {
                let differs = authorization(&signer, &changed, now + later) != authorization(&signer, &request, now);
                prop_assert_eq!(differs, is_covered, "{}: {}", name, part);
            }
        }
    }
}

fn signature(setup: &Setup, request: &Request) -> Option<String> {
    setup.sign(request).expect("it can be signed").signature().map(str::to_owned)
}

fn presigned_signature(setup: &Setup, request: &Request) -> Option<String> {
    setup.presign(request).expect("it can be presigned").signature().map(str::to_owned)
}

fn check_signed_again(
    signer: &Signer,
    request: &Request,
    first: i64,
    later: i64,
) -> Result<(), TestCaseError> {
    let payload = Payload::of(&request.body);
    let at = |unix| Timestamp::from_unix(unix).expect("the time is in range");
    let mut again = request.head();
    signer.sign(&mut again, &payload, at(first))?;
    signer.sign(&mut again, &payload, at(later))?;
    let mut once = request.head();
    signer.sign(&mut once, &payload, at(later))?;
    prop_assert_eq!(snapshot(&again), snapshot(&once), "{}", signer.method_name());
    Ok(())
}

fn other_methods() -> Vec<AuthParams> {
    const KEY: (&str, &str) = ("SecretAccessKey", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    let policy = ("SharedAccessKeyName", "policy");
    let cybersource = [("MerchantId", "acme"), ("MerchantKeyID", "key"), ("MerchantSecretKey", KEY.1)];
    [
        ("azure-batch", &[("AccountName", "account"), KEY][..]),
        ("azure-event-hub", &[policy, KEY][..]),
        ("azure-iot-hub", &[policy, KEY][..]),
        ("cybersource-http", &cybersource[..]),
        ("auth-token", &[("Header", "authorization"), ("Token", "Bearer token")][..]),
    ]
    .into_iter()
    .map(|(method, params)| params.iter().copied().chain([("Method", method)]).collect())
    .collect()
}

/// Name, whether the method covers it, the changed request, and by how many seconds it is later.
fn changes_for_others(method: &str, request: &Request) -> Vec<(&'static str, bool, Request, i64)> {
    let is = |methods: &[&str]| methods.contains(&method);
    let changed = |change: fn(&mut Request)| {
        let mut request = request.clone();
        change(&mut request);
        request
    };
    let sends_digest = ["POST", "PUT", "PATCH"].contains(&request.method.as_str());
    let covers_body = is(&["azure-batch"]) || is(&["cybersource-http"]) && sends_digest;
    vec![
        ("nothing", false, request.clone(), 0),
        ("time", !is(&["auth-token"]), request.clone(), 1),
        ("method", is(&["azure-batch", "cybersource-http"]), changed(|request| request.method.push('X')), 0),
        (
            "path",
            is(&["azure-batch", "azure-event-hub", "cybersource-http"]),
            changed(|request| request.path.push('x')),
            0,
        ),
        (
            "query",
            is(&["azure-batch", "cybersource-http"]),
            changed(|request| request.query.get_or_insert_default().push_str("&added=1")),
            0,
        ),
        (
            "a header of its own",
            is(&["azure-batch"]),
            changed(|request| request.headers.push(("ocp-added", b"1".to_vec()))),
            0,
        ),
        // Batch covers its length, CyberSource its hash.
        ("body", covers_body, changed(|request| request.body.push(b'x')), 0),
    ]
}

/// What the method sent to prove who we are.
fn authorization(signer: &Signer, request: &Request, unix: i64) -> Vec<String> {
    let now = Timestamp::from_unix(unix).expect("the time is in range");
    let told = signer
        .sign_explained(&mut request.head(), &Payload::of(&request.body), now, Masking::Unmasked)
        .expect("it can be signed");
    let proofs =
        told.set_headers().iter().filter(|(name, _)| ["authorization", "signature"].contains(&name.as_str()));
    proofs.map(|(_, value)| value.clone()).collect()
}
