//! What `GET /metrics` tells.

use std::fmt;
use std::time::SystemTime;

use axum_signing::{FailureKind, ProxyMetrics};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};
use tower_signing::SignerStore;

use super::connection::Connections;
use super::signing_time::SigningTime;

/// The type of [`Metrics::text`].
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All that is counted, read when it is asked for.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    store: SignerStore,
}

impl Metrics {
    pub(super) fn new(
        requests: ProxyMetrics,
        store: SignerStore,
        connections: Connections,
        signing_time: SigningTime,
    ) -> Self {
        let mut registry = Registry::with_prefix("signing_proxy");
        registry.register_with_unit(
            "signing",
            "Time from reading the clock for a signature to passing the signed request to the HTTP client: the \
             signature alone, without reading or hashing the body",
            Unit::Seconds,
            signing_time.histogram().clone(),
        );
        registry.register_collector(Box::new(Counts { requests, store: store.clone(), connections }));
        Self { registry, store }
    }

    /// Number of the credentials in use.
    pub(super) fn generation(&self) -> u64 {
        self.store.generation().number
    }

    pub(super) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[derive(Debug)]
struct Counts {
    requests: ProxyMetrics,
    store: SignerStore,
    connections: Connections,
}

impl Collector for Counts {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut counter = |name, help, unit: Option<&Unit>, value| {
            let counter = ConstCounter::<u64>::new(value);
            counter.encode(encoder.encode_descriptor(name, help, unit, counter.metric_type())?)
        };
        counter("requests", "Requests that came, refused ones included", None, self.requests.requests())?;
        let bytes = Some(&Unit::Bytes);
        let (up, down) = (self.requests.uploaded_bytes(), self.requests.downloaded_bytes());
        counter("uploaded", "Request bodies that were passed on, or read to be hashed", bytes, up)?;
        counter("downloaded", "Bodies of the upstream's responses that were passed on", bytes, down)?;

        let mut gauge = |name, help, unit: Option<&Unit>, value| {
            let gauge = ConstGauge::<f64>::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, unit, gauge.metric_type())?)
        };
        let in_flight = self.requests.in_flight() as f64;
        gauge("requests_in_flight", "Requests whose response is not complete yet", None, in_flight)?;
        gauge("connections_open", "Connections of clients", None, self.connections.open() as f64)?;
        let generation = self.store.generation();
        let number = generation.number as f64;
        gauge("generation", "Number of the credentials in use; grows with each rotation", None, number)?;
        // A clock that was set back makes no negative age.
        let age = SystemTime::now().duration_since(generation.since).unwrap_or_default().as_secs_f64();
        gauge("credentials_age", "Time since the credentials in use were loaded", Some(&Unit::Seconds), age)?;

        let kind = ConstCounter::<u64>::new(0).metric_type();
        let help = "Requests that the proxy did not see through, by kind; a response of the upstream is none";
        let mut failures = encoder.encode_descriptor("failures", help, None, kind)?;
        for kind in FailureKind::ALL {
            let count = ConstCounter::new(self.requests.failures(kind));
            count.encode(failures.encode_family(&[("kind", kind.as_str())])?)?;
        }
        Ok(())
    }
}
