//! SigV4 as a service computes it.
//!
//! Spec: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

use super::{decoded, header, hex, hmac, query, sha256};
use crate::base::Wire;

const UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What is known of the keys.
pub(crate) const KEY_ID: &str = "AKIDOFTHECORPUS";
pub(crate) const SECRET: &str = "qV8r/XUtn+FEMIqK7MDENGbPxRfiCYzQ9k0Lc3aB";
pub(crate) const OTHER_SECRET: &str = "Zt5w/PoLm+QRTYsJ2NHBVgCxSdFkEaUiW4y8Xp1O";
/// Temporary ones.
pub(crate) const SESSION_KEY_ID: &str = "ASIAOFTHECORPUS";
pub(crate) const SESSION_TOKEN: &str = "FwoGZXIvYXdzEBYaDHqa0CorpusTokenOfTheKey";
pub(crate) const ENDED_TOKEN: &str = "FwoGZXIvYXdzEBYaDEndedCorpusTokenOfTheKey";
pub(crate) const FOREIGN_TOKEN: &str = "FwoGZXIvYXdzEBYaDForeignTokenOfAnotherKey";

/// The parts of a signature, wherever it stands.
pub(crate) struct Given {
    pub(crate) key_id: String,
    pub(crate) day: String,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) names: Vec<String>,
    pub(crate) signature: String,
    pub(crate) date: String,
    pub(crate) token: String,
    /// How many seconds a presigned URL is good for.
    pub(crate) expires: Option<u64>,
}

/// Why there are none.
pub(crate) enum Unreadable {
    Missing,
    /// Names of what is missing in the header.
    Lacks(Vec<&'static str>),
    /// The header bears another kind of credentials.
    Foreign,
}

impl Given {
    pub(crate) fn of(wire: &Wire) -> Result<Self, Unreadable> {
        let in_query = |name: &str| {
            query(wire).iter().find(|(other, _)| *other == name).map(|(_, value)| decoded(value))
        };
        if let Some(signature) = in_query("X-Amz-Signature") {
            let credential = in_query("X-Amz-Credential").unwrap();
            let names = in_query("X-Amz-SignedHeaders").unwrap();
            return Ok(Self {
                expires: in_query("X-Amz-Expires").map(|seconds| seconds.parse().unwrap()),
                token: in_query("X-Amz-Security-Token").unwrap_or_default(),
                ..Self::with(&credential, &names, signature, in_query("X-Amz-Date").unwrap())
            });
        }
        let authorization = header(wire, "authorization");
        if authorization.is_empty() {
            return Err(Unreadable::Missing);
        }
        let Some(fields) = authorization.strip_prefix("AWS4-HMAC-SHA256 ") else {
            return Err(Unreadable::Foreign);
        };
        let field = |name: &str| fields.split(',').find_map(|field| field.trim().strip_prefix(name));
        let required = ["Credential=", "Signature=", "SignedHeaders="];
        let lacks: Vec<_> = required.into_iter().filter(|name| field(name).is_none()).collect();
        if !lacks.is_empty() {
            return Err(Unreadable::Lacks(lacks));
        }
        let [credential, signature, names] = required.map(|name| field(name).unwrap_or_default());
        Ok(Self {
            token: header(wire, "x-amz-security-token"),
            ..Self::with(credential, names, signature.to_owned(), header(wire, "x-amz-date"))
        })
    }

    fn with(credential: &str, names: &str, signature: String, date: String) -> Self {
        let [key_id, day, region, service, "aws4_request"] = credential.split('/').collect::<Vec<_>>()[..]
        else {
            panic!("no credential: {credential}");
        };
        Self {
            key_id: key_id.to_owned(),
            day: day.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            names: names.split(';').map(str::to_owned).collect(),
            signature,
            date,
            token: String::new(),
            expires: None,
        }
    }

    pub(crate) fn scope(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.day, self.region, self.service)
    }

    /// The secret of the key.
    pub(crate) fn secret(&self) -> Option<&'static str> {
        matches!(&*self.key_id, KEY_ID | SESSION_KEY_ID).then_some(SECRET)
    }

    /// Hexadecimal.
    pub(crate) fn sign(&self, secret: &str, text: &str) -> String {
        hex(&hmac(&self.signing_key(secret), text))
    }

    fn signing_key(&self, secret: &str) -> Vec<u8> {
        let scope = self.scope();
        scope.split('/').fold(["AWS4", secret].concat().into_bytes(), |key, part| hmac(&key, part))
    }
}

/// What a service computes.
pub(crate) struct Texts {
    pub(crate) canonical_request: String,
    pub(crate) string_to_sign: String,
}

impl Texts {
    pub(crate) fn of(wire: &Wire, given: &Given) -> Self {
        let is_s3 = given.service == "s3";
        let path = if is_s3 {
            // The name of the object, encoded once.
            percent_encode(&percent_decode_str(wire.uri().path()).collect::<Vec<_>>(), &UNRESERVED)
                .to_string()
        } else {
            encoded(&folded(wire.uri().path()))
        };
        let mut pairs: Vec<_> = query(wire)
            .into_iter()
            .filter(|(name, _)| *name != "X-Amz-Signature")
            .map(|(name, value)| (encoded_again(name), encoded_again(value)))
            .collect();
        pairs.sort();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let lines: String =
            given.names.iter().map(|name| format!("{name}:{}\n", value(wire, name))).collect();
        let payload_hash = match header(wire, "x-amz-content-sha256") {
            _ if is_s3 && given.expires.is_some() => "UNSIGNED-PAYLOAD".to_owned(),
            hash if is_s3 => hash,
            _ => sha256(wire.body()),
        };
        let path = path.replace("%2F", "/");
        let canonical_request = format!(
            "{}\n{path}\n{}\n{lines}\n{}\n{payload_hash}",
            wire.method(),
            pairs.join("&"),
            given.names.join(";")
        );
        let hash = sha256(canonical_request.as_bytes());
        let string_to_sign = format!("AWS4-HMAC-SHA256\n{}\n{}\n{hash}", given.date, given.scope());
        Self { canonical_request, string_to_sign }
    }

    /// As JSON services and API Gateway tell them, within a message.
    pub(crate) fn told(&self) -> String {
        format!(
            "\n\nThe Canonical String for this request should have been\n'{}'\n\nThe String-to-Sign should have been\n'{}'\n",
            self.canonical_request, self.string_to_sign
        )
    }
}

fn value(wire: &Wire, name: &str) -> String {
    header(wire, name).split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

fn encoded(text: &str) -> String {
    percent_encode(text.as_bytes(), &UNRESERVED).to_string()
}

fn encoded_again(text: &str) -> String {
    percent_encode(&percent_decode_str(text).collect::<Vec<_>>(), &UNRESERVED).to_string()
}

/// RFC 3986, section 5.2.4, and without empty segments.
fn folded(path: &str) -> String {
    let mut kept = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    let end = if path.ends_with('/') && !kept.is_empty() { "/" } else { "" };
    format!("/{}{end}", kept.join("/"))
}
