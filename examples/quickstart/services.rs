//! The six services of this example: what they are called, how they verify, and which keys they know.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::tamper::Tampering;
use crate::verify::{Received, Verdict, aws, azure, cybersource, token};

/// The generations of the keys, as the client's store counts them.
pub(crate) const OLD: u64 = 1;
pub(crate) const NEW: u64 = 2;

/// A service that takes signed requests.
pub(crate) struct Service {
    /// Its section in the config file is `[auth.NAME]`.
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    /// What is asked of it.
    pub(crate) target: &'static str,
    pub(crate) verify: fn(&Received, &[Key]) -> Verdict,
    /// How requests to it are changed on the way, to see that it notices.
    pub(crate) tampering: &'static [Tampering],
}

pub(crate) const SERVICES: [Service; 6] = [
    Service {
        name: "orders",
        method: "aws-signature-v4",
        target: "/orders/caf%C3%A9%20menu?page=2&filter=%C3%A4%2Fb&page=1",
        verify: aws::verify,
        tampering: &[
            Tampering::Target("/orders/all"),
            Tampering::Header("x-amz-date", "20200101T000000Z"),
            Tampering::Body("{\"item\": \"yachts\"}"),
        ],
    },
    Service {
        name: "jobs",
        method: "azure-batch",
        target: "/jobs?api-version=2024-07-01.20.0&timeout=30",
        verify: azure::verify_batch,
        tampering: &[Tampering::Header("content-type", "text/plain")],
    },
    Service {
        name: "events",
        method: "azure-event-hub",
        target: "/telemetry/messages?timeout=60",
        verify: azure::verify_event_hub,
        tampering: &[Tampering::Target("/payroll/messages?timeout=60")],
    },
    Service {
        name: "devices",
        method: "azure-iot-hub",
        target: "/devices/thermostat/messages/events?api-version=2020-03-13",
        verify: azure::verify_iot_hub,
        tampering: &[Tampering::Target("/devices/front-door/messages/events?api-version=2020-03-13")],
    },
    Service {
        name: "payments",
        method: "cybersource-http",
        target: "/pts/v2/payments?expand=links",
        verify: cybersource::verify,
        tampering: &[Tampering::Body("{\"item\": \"yachts\"}"), Tampering::Header("host", "pay.example")],
    },
    Service {
        name: "partner",
        method: "auth-token",
        target: "/reports/today",
        verify: token::verify,
        tampering: &[Tampering::Header("x-api-key", "guessed")],
    },
];

/// A key as the client's config file and the server know it.
pub(crate) struct Key {
    pub(crate) generation: u64,
    /// Used where the method sends one.
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Key {
    /// A real key is random. This one is made from its name, so that both sides can make it.
    pub(crate) fn new(service: &str, generation: u64) -> Self {
        let id = format!("{service}-key-{generation}");
        let secret = STANDARD.encode(Sha256::digest(&id));
        Self { generation, id, secret }
    }
}
