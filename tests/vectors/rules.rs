//! What of an answer is compared, by method.

use std::collections::BTreeSet;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use signing_core::Explanation;

use crate::text::{base64, form_decoded, pairs, query_parameters, text};
use crate::{chunked, decisions, hosts, input};

/// How a case came out.
#[derive(Debug)]
pub(crate) enum Outcome {
    Pass,
    Fail(String),
    Disputed,
    NotGraded,
}

type Fault = Result<(), String>;

pub(crate) fn outcome(case: &Value) -> Outcome {
    if case.get("scheme").is_some() {
        return hosts::outcome(case);
    }
    if text(case, "/method") == "aws-sigv4-s3-chunked" {
        return match chunked::sent(case) {
            None => Outcome::NotGraded,
            Some(Err(error)) => Outcome::Fail(format!("error: {error}")),
            Some(Ok((head, body))) => {
                chunked::compare(case, &head, &body).map_or_else(Outcome::Fail, |()| Outcome::Pass)
            }
        };
    }
    if let Some(decision) = decisions::of(case) {
        return decision(case).map_or_else(Outcome::Fail, |()| Outcome::Disputed);
    }
    let Some(input) = input::of(case).filter(|_| is_sent_as_the_sdk_signed(case)) else {
        return Outcome::NotGraded;
    };
    let fault = match input.signed(case) {
        Ok(answer) => compare(case, &answer),
        Err(error) => Err(format!("error: {error}")),
    };
    fault.map_or_else(Outcome::Fail, |()| Outcome::Pass)
}

/// For an empty path, a client sends `/`, which is not what the SDK for Batch signed.
fn is_sent_as_the_sdk_signed(case: &Value) -> bool {
    let url = text(case, "/request/url");
    let (_, after_scheme) = url.split_once("://").unwrap_or(("", url));
    let before_query = after_scheme.split('?').next().unwrap_or_default();
    text(case, "/method") != "azure-batch-sharedkey" || before_query.contains('/')
}

/// What a failure calls the case.
pub(crate) fn name_of(case: &Value) -> &str {
    ["/name", "/host", "/url"]
        .into_iter()
        .map(|at| text(case, at))
        .find(|name| !name.is_empty())
        .unwrap_or("?")
}

fn compare(case: &Value, answer: &Explanation) -> Fault {
    match text(case, "/method") {
        "aws-sigv4" => sigv4(case, answer),
        "aws-sigv4-query" => presigned(case, answer),
        "azure-batch-sharedkey" => batch(case, answer),
        "azure-sas-token" => sas_token(case, text(case, "/params/key").as_bytes(), answer),
        "azure-iothub-sas" => sas_token(case, &base64(text(case, "/params/key_base64")), answer),
        "cybersource-http-signature" => cybersource(case, answer),
        method => Err(format!("no rule for the method {method}")),
    }
}

/// The answer to prefer where two SDKs differ.
fn preferred(case: &Value) -> &Value {
    case["expected"].get("awscrt").unwrap_or(&case["expected"])
}

fn sigv4(case: &Value, answer: &Explanation) -> Fault {
    let want = preferred(case);
    same_signature(want, answer)?;
    let their_signature = text(case, "/expected/signature");
    for (name, value) in pairs(case, "/expected/headers") {
        let ours = set_header(answer, name);
        match name.to_ascii_lowercase().as_str() {
            "authorization" => {
                let value = value.replace(their_signature, text(want, "/signature"));
                same(name, authorization_fields(&value), authorization_fields(ours))?;
            }
            "host" | "content-length" => {}
            _ if stands_in_request(case, name, value) => {}
            _ => same(name, value, ours)?,
        }
    }
    Ok(())
}

/// By its fields: their order does not matter.
fn authorization_fields(value: &str) -> (&str, BTreeSet<&str>) {
    let (scheme, fields) = value.split_once(' ').unwrap_or((value, ""));
    (scheme, fields.split(',').map(str::trim).collect())
}

fn stands_in_request(case: &Value, name: &str, value: &str) -> bool {
    let mut given = pairs(case, "/request/headers").into_iter();
    given.any(|(given, stands)| given.eq_ignore_ascii_case(name) && stands == value)
}

fn presigned(case: &Value, answer: &Explanation) -> Fault {
    same_signature(preferred(case), answer)?;
    let (theirs, ours) = (query_parameters(text(case, "/expected/url")), query_parameters(answer.url()));
    match theirs.symmetric_difference(&ours).next() {
        Some(parameter) => Err(format!("the URL's parameter {parameter:?} is in one of the URLs only")),
        None => Ok(()),
    }
}

fn batch(case: &Value, answer: &Explanation) -> Fault {
    same_signature(&case["expected"], answer)?;
    let headers = pairs(case, "/expected/headers");
    let theirs = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    same("authorization", theirs.map_or("", |(_, value)| value), set_header(answer, "authorization"))
}

/// Encodings are free: the service verifies `sr` as it stands in the token. So ours is verified as it does.
fn sas_token(case: &Value, key: &[u8], answer: &Explanation) -> Fault {
    let ours = TokenFields::of(set_header(answer, "authorization"))?;
    let theirs = TokenFields::of(text(case, "/expected/token"))?;
    same("se", theirs.get("se"), ours.get("se"))?;
    let resource = form_decoded(ours.get("sr"));
    if resource != input::resource(case) {
        same("sr", form_decoded(theirs.get("sr")), resource)?;
    }
    same("skn", text(case, "/params/key_name"), &form_decoded(ours.get("skn")))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key length serves");
    mac.update(format!("{}\n{}", ours.get("sr"), ours.get("se")).as_bytes());
    let is_verified = mac.verify_slice(&base64(&form_decoded(ours.get("sig")))).is_ok();
    if is_verified { Ok(()) } else { Err("sig does not verify with the token's own sr and se".into()) }
}

/// `SharedAccessSignature name=value&name=value`
struct TokenFields<'t>(&'t str);

impl<'t> TokenFields<'t> {
    fn of(token: &'t str) -> Result<Self, String> {
        let fields = token.strip_prefix("SharedAccessSignature ");
        fields.map(Self).ok_or_else(|| format!("no SAS token: {token:?}"))
    }

    fn get(&self, name: &str) -> &'t str {
        let mut fields = self.0.split('&').filter_map(|field| field.split_once('='));
        fields.find(|(field, _)| *field == name).map_or("", |(_, value)| value)
    }
}

fn cybersource(case: &Value, answer: &Explanation) -> Fault {
    same_stage("string_to_sign", &case["expected"], answer.string_to_sign())?;
    for (name, value) in pairs(case, "/expected/headers") {
        if !name.eq_ignore_ascii_case("host") {
            same(name, value, set_header(answer, name))?;
        }
    }
    Ok(())
}

/// A signature that differs is told by the first stage that does.
fn same_signature(want: &Value, answer: &Explanation) -> Fault {
    let theirs = text(want, "/signature");
    if answer.signature() == Some(theirs) {
        return Ok(());
    }
    same_stage("canonical_request", want, answer.canonical_request())?;
    same_stage("string_to_sign", want, answer.string_to_sign())?;
    same("signature", Some(theirs), answer.signature())
}

fn same_stage(stage: &str, want: &Value, ours: Option<&str>) -> Fault {
    let (Some(theirs), Some(ours)) = (want.get(stage).and_then(Value::as_str), ours) else { return Ok(()) };
    let longest = theirs.lines().count().max(ours.lines().count());
    for at in 0..longest {
        same(stage, theirs.lines().nth(at), ours.lines().nth(at))?;
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, theirs: T, ours: T) -> Fault {
    if theirs == ours { Ok(()) } else { Err(format!("{what}: want {theirs:?}, got {ours:?}")) }
}

/// The value that signing set, empty if it set none.
fn set_header<'e>(answer: &'e Explanation, name: &str) -> &'e str {
    let mut set = answer.set_headers().iter();
    set.find(|(set, _)| set.as_str().eq_ignore_ascii_case(name)).map_or("", |(_, value)| value.as_str())
}
