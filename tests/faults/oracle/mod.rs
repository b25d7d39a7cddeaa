//! Services that cannot be run here: each recomputes what it signs from the request as it arrived, by its specification
//! and with nothing of the library, and answers in its documented form.

pub(crate) mod batch;
mod chunked;
pub(crate) mod cybersource;
pub(crate) mod gateway;
pub(crate) mod iot_hub;
pub(crate) mod json;
pub(crate) mod query;
pub(crate) mod s3;
pub(crate) mod service_bus;
mod services;
pub(crate) mod sigv4;
pub(crate) mod storage;
pub(crate) mod token;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{Response, StatusCode};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use crate::base::Wire;
use crate::case::Service;

/// The clock of all oracles: Thu, 29 Feb 2024 12:34:56 GMT.
pub(crate) const NOW: u64 = 1_709_210_096;

/// What one service answers to one request; the clock is added.
pub(crate) type Answer = Response<String>;

/// A service that answers by `verify`.
pub(crate) struct Oracle(pub(crate) fn(&Wire) -> Answer);

impl Service for Oracle {
    fn now(&self) -> u64 {
        NOW
    }

    fn answer(&self, wire: &Wire) -> Response<Bytes> {
        let mut answer = (self.0)(wire).map(Bytes::from);
        answer.headers_mut().insert("date", http_date(NOW).parse().unwrap());
        answer
    }
}

pub(crate) fn answer(status: u16, headers: &[(&'static str, &str)], body: impl Into<String>) -> Answer {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        answer.headers_mut().insert(*name, value.parse().unwrap());
    }
    answer
}

pub(crate) fn taken() -> Answer {
    answer(200, &[], "")
}

/// The header's values, joined; empty if it is not there.
pub(crate) fn header(wire: &Wire, name: &str) -> String {
    let values = wire.headers().get_all(name).iter();
    values.map(|value| value.to_str().unwrap().trim()).collect::<Vec<_>>().join(",")
}

/// Its name, without the port.
pub(crate) fn host_name(wire: &Wire) -> String {
    header(wire, "host").split(':').next().unwrap().to_owned()
}

/// Names and values as they stand in the query.
pub(crate) fn query(wire: &Wire) -> Vec<(&str, &str)> {
    let pairs = wire.uri().query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect()
}

pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// As a signature in base64 stands in a query.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

pub(crate) fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length will do");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn from_base64(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn http_date(unix: u64) -> String {
    DateTime::from_secs(unix as i64).fmt(Format::HttpDate).unwrap()
}

/// `2024-02-29T12:34:56Z`.
pub(crate) fn iso_date(unix: u64) -> String {
    DateTime::from_secs(unix as i64).fmt(Format::DateTime).unwrap()
}

/// `20240229T123456Z`.
pub(crate) fn basic_date(unix: u64) -> String {
    iso_date(unix).replace(['-', ':'], "")
}

pub(crate) fn parse_http_date(text: &str) -> Option<u64> {
    DateTime::from_str(text, Format::HttpDate).ok()?.secs().try_into().ok()
}

pub(crate) fn parse_basic_date(text: &str) -> Option<u64> {
    let part = |range| text.get(range);
    let (day, time) = ((part(0..4)?, part(4..6)?, part(6..8)?), (part(9..11)?, part(11..13)?, part(13..15)?));
    let text = format!("{}-{}-{}T{}:{}:{}Z", day.0, day.1, day.2, time.0, time.1, time.2);
    DateTime::from_str(&text, Format::DateTime).ok()?.secs().try_into().ok()
}

/// A text within an element.
pub(crate) fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
