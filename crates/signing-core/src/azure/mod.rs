//! Azure: Batch Shared Key, and SAS tokens for Event Hubs, Service Bus and IoT Hub.
//!
//! # `azure-batch`
//!
//! | name | meaning |
//! | --- | --- |
//! | `AccountName` | the Batch account |
//! | `SecretAccessKey` | its key, base64 as the portal shows it |
//!
//! The `Content-Length` that goes on the wire is signed and made explicit: an empty body of any method but GET
//! and HEAD sends and signs `0`, a body of unknown length none. `ocp-date` is set, unless the caller gave it
//! or `Date`.
//!
//! The path is signed as it is on the wire, `/` where the URL has none. A head that bears an earlier Shared Key
//! signature gets a new `ocp-date`, and loses its `Date`.
//!
//! Where the SDKs disagree, the documentation decides: names of query parameters are signed in lower case, a
//! repeated name with its values sorted and joined by commas, a parameter without a value as `name:`.
//! (Python and JavaScript keep the case of names and take the first value, Java the last, Python leaves
//! empty ones out.)
//!
//! Spec: [Authenticate requests to the Azure Batch service][batch].
//!
//! # `azure-event-hub` and `azure-iot-hub`
//!
//! | name | meaning |
//! | --- | --- |
//! | `SharedAccessKeyName` | the policy; an IoT device's own key has none |
//! | `SecretAccessKey` | its key: text for Event Hubs and Service Bus, base64 for IoT Hub |
//! | `TokenTTL` | how long each token lives, in seconds; default 60 |
//! | `TokenExpiry` | when every token ends, in seconds since 1970; wins over `TokenTTL` |
//! | `ResourceURI` | what the token is good for, not encoded; default: derived from the URL, see below |
//! | `ConnectionString` | what the portal hands out, in place of name, key and resource |
//!
//! Derived resources: for Event Hubs and Service Bus the URL without its query. For IoT Hub the host name
//! when there is a policy, otherwise `host/devices/ID` (and `/modules/ID`) from the path.
//!
//! The service verifies `sr` as it stands in the token, so the encoding of the resource is free; here it is
//! RFC 3986 with upper-case escapes. `skn` is encoded once, as the JavaScript SDK does; the Python SDK
//! encodes it twice for Event Hubs and not at all for IoT Hub, which is the same for every name in use.
//!
//! Spec: [Event Hubs][hub], [IoT Hub][iot].
//!
//! [batch]: https://learn.microsoft.com/rest/api/batchservice/authenticate-requests-to-the-azure-batch-service
//! [hub]: https://learn.microsoft.com/rest/api/eventhub/generate-sas-token
//! [iot]: https://learn.microsoft.com/azure/iot-hub/authenticate-authorize-sas

mod batch;
mod connection_string;
mod sas;
mod tokens;

pub use batch::Batch;
pub use sas::SasToken;

use crate::Registry;

/// The config name of [`Batch`].
pub const BATCH: &str = "azure-batch";
/// The config name of [`SasToken`] for Event Hubs and Service Bus.
pub const EVENT_HUB: &str = "azure-event-hub";
/// The config name of [`SasToken`] for IoT Hub.
pub const IOT_HUB: &str = "azure-iot-hub";

pub(crate) fn register(registry: &mut Registry) {
    registry.insert(BATCH, Batch::from_params);
    registry.insert(EVENT_HUB, SasToken::event_hub_from_params);
    registry.insert(IOT_HUB, SasToken::iot_hub_from_params);
}

/// Whether `host` is `suffix` or lies below it.
fn is_below(host: &str, suffixes: &[&str]) -> bool {
    suffixes.iter().any(|suffix| host.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.')))
}
