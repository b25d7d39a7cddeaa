//! Shared Access Signature tokens of Event Hubs, Service Bus and IoT Hub.

use std::borrow::Cow;
use std::fmt;

use http::HeaderValue;
use http::header::AUTHORIZATION;

use super::connection_string::ConnectionString;
use super::is_below;
use super::tokens::{Origin, Tokens};
use crate::buffer::with_buffer;
use crate::encode::{
    BASE64_LENGTH, UNRESERVED, push_base64, push_decimal, push_percent_decoded, push_percent_encoded,
};
use crate::header;
use crate::params::decode_base64_key;
use crate::{
    Changes, MacKey, Method, ParamError, ParamReader, Reach, SignError, SignErrorKind, SigningRequest,
    Timestamp,
};

const DEFAULT_TTL: u32 = 60;
const SERVICE_BUS: [&str; 3] =
    ["servicebus.windows.net", "servicebus.chinacloudapi.cn", "servicebus.usgovcloudapi.net"];
const IOT: [&str; 4] =
    ["azure-devices.net", "azure-devices.cn", "azure-devices.us", "azure-devices-provisioning.net"];

/// Sends a SAS token with each request.
///
/// A token is good for whoever holds it until it ends, so the default life is one minute. It is counted from the
/// request's own second: a token is sent again only where one made anew would be the same.
pub struct SasToken {
    service: Service,
    key: MacKey,
    key_name: Option<Box<str>>,
    expiry: Expiry,
    resource: Resource,
    tokens: Tokens,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    /// Event Hubs and Service Bus.
    ServiceBus,
    IotHub,
}

/// When a token ends. An instant in the past is taken as it is, as the SDKs do: the service says so.
#[derive(Clone, Copy, Debug)]
enum Expiry {
    After(u32),
    At(Timestamp),
}

/// What a token is good for.
#[derive(Debug)]
enum Resource {
    /// This, wherever the request goes.
    Given(Box<str>),
    /// What the URL names.
    Derived,
    /// What the URL names, at this host only.
    DerivedAt(Box<str>),
    /// This, at this host only.
    GivenAt(Box<str>, Box<str>),
}

impl SasToken {
    pub(super) fn event_hub_from_params(params: &mut ParamReader<'_>) -> Result<Self, ParamError> {
        Self::from_params(Service::ServiceBus, params)
    }

    pub(super) fn iot_hub_from_params(params: &mut ParamReader<'_>) -> Result<Self, ParamError> {
        Self::from_params(Service::IotHub, params)
    }

    fn from_params(service: Service, params: &mut ParamReader<'_>) -> Result<Self, ParamError> {
        let expiry = expiry(params)?;
        if let Some(text) = params.optional_text("ConnectionString")? {
            for name in ["SharedAccessKeyName", "SecretAccessKey", "ResourceURI"] {
                if params.optional_text(name)?.is_some() {
                    return Err(ParamError::conflict(
                        name,
                        "cannot stand beside `ConnectionString`, which says it",
                    ));
                }
            }
            return Self::from_connection_string(service, ConnectionString::parse(text)?, expiry);
        }
        let key_name = match service {
            Service::ServiceBus => Some(params.text("SharedAccessKeyName")?),
            Service::IotHub => params.optional_text("SharedAccessKeyName")?,
        };
        let key = match service {
            // The key looks like base64, but the service takes its text.
            Service::ServiceBus => MacKey::new(params.secret("SecretAccessKey")?.expose().as_bytes()),
            Service::IotHub => MacKey::new(params.base64_key("SecretAccessKey")?.expose()),
        };
        let resource = match params.optional_text("ResourceURI")? {
            Some(resource) => Resource::Given(resource.into()),
            None => Resource::Derived,
        };
        Ok(Self { service, key, key_name: key_name.map(Box::from), expiry, resource, tokens: Tokens::new() })
    }

    fn from_connection_string(
        service: Service,
        parts: ConnectionString<'_>,
        expiry: Expiry,
    ) -> Result<Self, ParamError> {
        let fault = |reason: &'static str| Err(ParamError::invalid("ConnectionString", reason));
        let host = parts.host.into_boxed_str();
        let key = match service {
            Service::ServiceBus if parts.key_name.is_none() => {
                return fault("needs the part SharedAccessKeyName");
            }
            Service::ServiceBus => MacKey::new(parts.key.expose().as_bytes()),
            Service::IotHub => {
                MacKey::new(decode_base64_key("ConnectionString", parts.key.expose())?.expose())
            }
        };
        let resource = match (parts.device_id, parts.module_id) {
            (None, Some(_)) => return fault("has a ModuleId without DeviceId"),
            (None, None) => Resource::DerivedAt(host),
            (Some(device), None) => Resource::GivenAt([&host, "/devices/", device].concat().into(), host),
            (Some(device), Some(module)) => {
                Resource::GivenAt([&host, "/devices/", device, "/modules/", module].concat().into(), host)
            }
        };
        Ok(Self {
            service,
            key,
            key_name: parts.key_name.map(Box::from),
            expiry,
            resource,
            tokens: Tokens::new(),
        })
    }

    /// What [`resource`](Self::resource) is derived from.
    fn origin<'r>(&self, request: &SigningRequest<'r>, host: &'r [u8]) -> Origin<'r> {
        let uri = request.uri();
        let any = Origin::default();
        match (&self.resource, self.service, &self.key_name) {
            (Resource::Given(_), ..) => any,
            (Resource::GivenAt(..), ..) | (_, Service::IotHub, Some(_)) => Origin { host: Some(host), ..any },
            (_, Service::IotHub, None) => Origin { host: Some(host), path: Some(uri.path()), ..any },
            (_, Service::ServiceBus, _) => {
                Origin { scheme: uri.scheme_str(), host: Some(host), path: Some(uri.path()) }
            }
        }
    }

    fn resource<'r>(&'r self, request: &SigningRequest<'r>) -> Result<Cow<'r, str>, SignError> {
        match &self.resource {
            Resource::Given(resource) => Ok(Cow::Borrowed(resource)),
            Resource::Derived => self.derived_resource(request),
            Resource::DerivedAt(host) => {
                check_host(request, host)?;
                self.derived_resource(request)
            }
            Resource::GivenAt(resource, host) => {
                check_host(request, host)?;
                Ok(Cow::Borrowed(resource))
            }
        }
    }

    fn derived_resource<'r>(&self, request: &SigningRequest<'r>) -> Result<Cow<'r, str>, SignError> {
        let host = request.host_name()?;
        let path = request.uri().path();
        match (self.service, &self.key_name) {
            (Service::ServiceBus, _) => {
                let scheme = request.uri().scheme_str().unwrap_or("https");
                Ok(Cow::Owned([scheme, "://", &*host, path].concat()))
            }
            (Service::IotHub, Some(_)) => Ok(host),
            (Service::IotHub, None) => match device_of(path) {
                // The resource is text that is encoded once, below; in the path it is encoded already.
                Some(device) => {
                    let mut resource = host.into_owned().into_bytes();
                    push_percent_decoded(&mut resource, device.as_bytes());
                    let not_text = |_| SignError::request("the device's name in the path is not UTF-8");
                    String::from_utf8(resource).map(Cow::Owned).map_err(not_text)
                }
                None => Err(SignError::new(
                    SignErrorKind::Endpoint,
                    "the path names no device (`/devices/ID`); set the parameter ResourceURI, or SharedAccessKeyName for a policy's key",
                )),
            },
        }
    }

    fn expires_at(&self, now: Timestamp) -> Result<Timestamp, SignError> {
        match self.expiry {
            Expiry::At(instant) => Ok(instant),
            Expiry::After(seconds) => now.checked_add(seconds.into()).ok_or_else(|| {
                SignError::new(SignErrorKind::Clock, "the token would end after the year 9999")
            }),
        }
    }
}

impl SasToken {
    fn token(&self, resource: &str, expires_at: Timestamp, changes: &mut Changes) -> HeaderValue {
        let token = with_buffer(|buffer| {
            push_percent_encoded(buffer, resource.as_bytes(), &UNRESERVED);
            let resource_end = buffer.len();
            buffer.push(b'\n');
            push_decimal(buffer, expires_at.unix());
            let end = buffer.len();
            changes.record_string_to_sign(buffer);
            let mut signature = Vec::with_capacity(BASE64_LENGTH);
            push_base64(&mut signature, &self.key.sign(buffer));
            // Whoever has the signature can make the token.
            changes.record_secret(&String::from_utf8_lossy(&signature));
            changes.record_signature(&signature);

            // Behind the string to sign, which holds its parts.
            buffer.extend_from_slice(b"SharedAccessSignature sr=");
            buffer.extend_from_within(..resource_end);
            buffer.extend_from_slice(b"&sig=");
            push_percent_encoded(buffer, &signature, &UNRESERVED);
            buffer.extend_from_slice(b"&se=");
            buffer.extend_from_within(resource_end + 1..end);
            if let Some(name) = &self.key_name {
                buffer.extend_from_slice(b"&skn=");
                push_percent_encoded(buffer, name.as_bytes(), &UNRESERVED);
            }
            buffer[end..].to_vec()
        });
        header::sensitive(token)
    }
}

impl Method for SasToken {
    fn sign(&self, request: &SigningRequest<'_>, changes: &mut Changes) -> Result<(), SignError> {
        let host = match self.resource {
            Resource::Given(_) => Cow::default(),
            _ => request.host()?,
        };
        let origin = self.origin(request, &host);
        let expires_at = self.expires_at(request.now())?;
        let kept = self.tokens.load();
        // An explanation tells how a token is made.
        let token = match kept.find(origin, expires_at).filter(|_| !changes.is_recording()) {
            Some(token) => token.clone(),
            None => {
                let token = self.token(&self.resource(request)?, expires_at, changes);
                self.tokens.keep(origin, expires_at, &token);
                token
            }
        };
        changes.set(AUTHORIZATION, token);
        Ok(())
    }

    fn reach(&self) -> Reach<'_> {
        match (&self.resource, self.service) {
            (Resource::Given(_), _) => Reach::Named,
            (Resource::DerivedAt(host) | Resource::GivenAt(_, host), _) => Reach::Host(host),
            (Resource::Derived, Service::ServiceBus) => Reach::Known(|host| is_below(host, &SERVICE_BUS)),
            (Resource::Derived, Service::IotHub) => Reach::Known(|host| is_below(host, &IOT)),
        }
    }

    fn key_id(&self) -> Option<&str> {
        self.key_name.as_deref()
    }
}

impl fmt::Debug for SasToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SasToken")
            .field("service", &self.service)
            .field("key_name", &self.key_name)
            .field("expiry", &self.expiry)
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

/// `/devices/ID` or `/devices/ID/modules/ID` at the start of `path`.
fn device_of(path: &str) -> Option<&str> {
    let end_of_segment = |from: usize| path[from..].find('/').map_or(path.len(), |at| from + at);
    let device = path.strip_prefix("/devices/").filter(|rest| !rest.is_empty() && !rest.starts_with('/'))?;
    let device_end = end_of_segment(path.len() - device.len());
    let module_end = match path[device_end..].strip_prefix("/modules/") {
        Some(module) if !module.is_empty() && !module.starts_with('/') => {
            end_of_segment(path.len() - module.len())
        }
        _ => device_end,
    };
    Some(&path[..module_end])
}

fn check_host(request: &SigningRequest<'_>, host: &str) -> Result<(), SignError> {
    let asked = request.host_name()?;
    if asked == host {
        return Ok(());
    }
    let message = format!("the ConnectionString is for `{host}`, not for `{}`", asked.escape_debug());
    Err(SignError::new(SignErrorKind::Endpoint, message))
}

fn expiry(params: &mut ParamReader<'_>) -> Result<Expiry, ParamError> {
    let ttl = params.integer("TokenTTL")?.map(|seconds| match u32::try_from(seconds) {
        Ok(seconds) if seconds > 0 => Ok(seconds),
        _ => Err(ParamError::invalid("TokenTTL", "must be a number of seconds from 1 to 4294967295")),
    });
    let ttl = ttl.transpose()?.unwrap_or(DEFAULT_TTL);
    let Some(instant) = params.integer("TokenExpiry")? else { return Ok(Expiry::After(ttl)) };
    Timestamp::from_unix(instant)
        .map(Expiry::At)
        .ok_or_else(|| ParamError::invalid("TokenExpiry", "must be seconds since 1970, up to the year 9999"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AuthParams, Masking, Payload, Registry};

    const NOW: Timestamp = Timestamp::from_unix(1_709_210_096).unwrap();

    fn sign(params: &[(&str, &str)], url: &str) -> Result<String, Box<dyn std::error::Error>> {
        let params: AuthParams = params.iter().copied().collect();
        let signer = Registry::new().signer(&params)?;
        let mut head = http::Request::post(url).body(())?.into_parts().0;
        signer.sign(&mut head, &Payload::EMPTY, NOW)?;
        Ok(head.headers[AUTHORIZATION].to_str()?.to_owned())
    }

    #[track_caller]
    fn check_resource(params: &[(&str, &str)], url: &str, expected: &str) {
        let token = sign(params, url).unwrap();
        let encoded = token.strip_prefix("SharedAccessSignature sr=").unwrap().split('&').next().unwrap();
        let mut decoded = Vec::new();
        crate::encode::push_percent_decoded(&mut decoded, encoded.as_bytes());
        assert_eq!(String::from_utf8(decoded).unwrap(), expected);
    }

    const HUB: &[(&str, &str)] =
        &[("Method", "azure-event-hub"), ("SharedAccessKeyName", "send"), ("SecretAccessKey", "a2V5")];
    const POLICY: &[(&str, &str)] =
        &[("Method", "azure-iot-hub"), ("SharedAccessKeyName", "service"), ("SecretAccessKey", "a2V5")];
    const DEVICE: &[(&str, &str)] = &[("Method", "azure-iot-hub"), ("SecretAccessKey", "a2V5")];

    #[test]
    fn resources_are_derived_from_the_url() {
        check_resource(
            HUB,
            "https://ns.servicebus.windows.net/hub/messages?x=1",
            "https://ns.servicebus.windows.net/hub/messages",
        );
        check_resource(
            POLICY,
            "https://H.azure-devices.net:443/twins/d?api-version=1",
            "h.azure-devices.net",
        );
        check_resource(
            DEVICE,
            "https://h.azure-devices.net/devices/d1/messages/events",
            "h.azure-devices.net/devices/d1",
        );
        check_resource(
            DEVICE,
            "https://h.azure-devices.net/devices/d1/modules/m/files",
            "h.azure-devices.net/devices/d1/modules/m",
        );
        check_resource(DEVICE, "https://h.azure-devices.net/devices/d1", "h.azure-devices.net/devices/d1");
    }

    #[test]
    fn a_device_name_is_encoded_once() {
        let token = sign(DEVICE, "https://h.azure-devices.net/devices/dev%3A1%23a/messages/events").unwrap();
        assert!(token.contains("sr=h.azure-devices.net%2Fdevices%2Fdev%3A1%23a&"), "{token}");
    }

    #[test]
    fn a_device_key_needs_a_device() {
        for path in ["", "/twins/d", "/devices/", "/devices//x"] {
            let error = sign(DEVICE, &format!("https://h.azure-devices.net{path}")).unwrap_err();
            assert!(error.to_string().contains("ResourceURI"), "{error}");
        }
    }

    #[test]
    fn a_connection_string_is_good_for_its_host_only() {
        let params = [
            ("Method", "azure-event-hub"),
            (
                "ConnectionString",
                "Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=a2V5",
            ),
        ];
        let url = "https://ns.servicebus.windows.net/hub/messages";
        assert_eq!(sign(&params, url).unwrap(), sign(HUB, url).unwrap());
        let error = sign(&params, "https://evil.example/hub/messages").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the ConnectionString is for `ns.servicebus.windows.net`, not for `evil.example`"
        );
    }

    #[test]
    fn a_device_connection_string_names_its_resource() {
        let params = [
            ("Method", "azure-iot-hub"),
            ("ConnectionString", "HostName=h.azure-devices.net;DeviceId=d;SharedAccessKey=a2V5"),
        ];
        check_resource(
            &params,
            "https://h.azure-devices.net/devices/d/messages/events",
            "h.azure-devices.net/devices/d",
        );
    }

    #[test]
    fn expiry_is_after_a_while_or_at_an_instant() {
        let token = sign(HUB, "https://ns.servicebus.windows.net/hub").unwrap();
        assert!(token.contains("&se=1709210156&skn=send"), "{token}");
        let with = |name, value| sign(&[HUB, &[(name, value), ("TokenTTL", "5")]].concat(), "https://h/");
        assert!(with("TokenExpiry", "1709210097").unwrap().contains("&se=1709210097&"));
        let zero = sign(&[HUB, &[("TokenTTL", "0")]].concat(), "https://h/").unwrap_err();
        assert_eq!(zero.to_string(), "`TokenTTL` must be a number of seconds from 1 to 4294967295");
    }

    #[test]
    fn a_kept_token_is_the_one_that_would_be_made_anew() {
        let with = |base: &[(&'static str, &'static str)], more| [base, &[more]].concat();
        let connection = "Endpoint=sb://h/;SharedAccessKeyName=send;SharedAccessKey=a2V5";
        let all = [
            HUB.to_vec(),
            POLICY.to_vec(),
            DEVICE.to_vec(),
            with(HUB, ("TokenExpiry", "1709210097")),
            with(HUB, ("ResourceURI", "everything")),
            vec![("Method", "azure-event-hub"), ("ConnectionString", connection)],
        ];
        let urls = [
            "https://h/devices/a",
            "http://h/devices/a",
            "https://h/devices/b/x",
            "https://h/devices/b?x=1",
            "https://i/devices/a",
        ];
        for params in all {
            let signer = Registry::new().signer(&params.iter().copied().collect()).unwrap();
            for (url, later) in urls.iter().flat_map(|url| [0, 0, 1, 0].map(|later| (url, later))) {
                let now = NOW.checked_add(later).unwrap();
                let sign_with = |signer: &crate::Signer| {
                    let mut head = http::Request::post(*url).body(()).unwrap().into_parts().0;
                    let result = signer.sign(&mut head, &Payload::EMPTY, now);
                    result.map(|()| head.headers).map_err(|error| error.to_string())
                };
                let anew = Registry::new().signer(&params.iter().copied().collect()).unwrap();
                assert_eq!(sign_with(&signer), sign_with(&anew), "{url} {later}");
            }
        }
    }

    #[test]
    fn an_explanation_is_whole_where_the_token_is_kept() {
        let signer = Registry::new().signer(&HUB.iter().copied().collect()).unwrap();
        let mut head = http::Request::post("https://h/").body(()).unwrap().into_parts().0;
        signer.sign(&mut head, &Payload::EMPTY, NOW).unwrap();
        let shown = signer.explain(&head, &Payload::EMPTY, NOW, Masking::Unmasked).unwrap();
        assert_eq!(shown.string_to_sign(), Some("https%3A%2F%2Fh%2F\n1709210156"));
        assert_eq!(shown.set_headers()[0].1, head.headers[AUTHORIZATION].to_str().unwrap());
    }

    #[test]
    fn a_masked_explanation_does_not_show_the_token() {
        let params: AuthParams = HUB.iter().copied().collect();
        let signer = Registry::new().signer(&params).unwrap();
        let mut head = http::Request::post("https://h/").body(()).unwrap().into_parts().0;
        let shown = signer.sign_explained(&mut head, &Payload::EMPTY, NOW, Masking::Masked).unwrap();
        assert_eq!(shown.signature(), Some("<masked>"));
        assert!(shown.set_headers()[0].1.contains("&sig=<masked>&se="), "{:?}", shown.set_headers());
    }
}
