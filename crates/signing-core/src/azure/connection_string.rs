//! `Name=value;Name=value`, as the portal hands it out.

use crate::{ParamError, SecretText};

const PARAMETER: &str = "ConnectionString";

/// What a connection string says. Names are not case-sensitive.
pub(super) struct ConnectionString<'t> {
    /// `Endpoint` without scheme and path, or `HostName`: lower case.
    pub(super) host: String,
    pub(super) key_name: Option<&'t str>,
    pub(super) key: SecretText,
    pub(super) device_id: Option<&'t str>,
    pub(super) module_id: Option<&'t str>,
}

impl<'t> ConnectionString<'t> {
    pub(super) fn parse(text: &'t str) -> Result<Self, ParamError> {
        let fault = |reason: String| Err(ParamError::invalid(PARAMETER, reason));
        let (mut host, mut key_name, mut key, mut device_id, mut module_id) = (None, None, None, None, None);
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let Some((name, value)) = part.split_once('=') else {
                return fault("must consist of `Name=value` parts, separated by semicolons".into());
            };
            let slot = match name.trim().to_ascii_lowercase().as_str() {
                "endpoint" | "hostname" => &mut host,
                "sharedaccesskeyname" => &mut key_name,
                "sharedaccesskey" => &mut key,
                "deviceid" => &mut device_id,
                "moduleid" => &mut module_id,
                // Says what the key may be used for, or where another connection goes; no signature holds it.
                "entitypath" | "gatewayhostname" | "usedevelopmentemulator" => continue,
                "sharedaccesssignature" => {
                    return fault("holds a finished SharedAccessSignature; give the SharedAccessKey".into());
                }
                _ => return fault("has a part whose name is not known".into()),
            };
            if slot.replace(value.trim()).is_some() {
                return fault("has a part twice".into());
            }
        }
        let (Some(host), Some(key)) = (host.map(host_of), key) else {
            return fault("needs the parts Endpoint (or HostName) and SharedAccessKey".into());
        };
        if host.is_empty() || key.is_empty() {
            return fault("has an empty Endpoint, HostName or SharedAccessKey".into());
        }
        Ok(Self { host, key_name, key: SecretText::new(key), device_id, module_id })
    }
}

/// The host in `sb://name.servicebus.windows.net/` or `name.azure-devices.net`.
fn host_of(endpoint: &str) -> String {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    authority.split(':').next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_portal_hands_out() {
        let hub = ConnectionString::parse(
            "Endpoint=sb://MyNs.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=a+/b=;EntityPath=hub",
        );
        let hub = hub.ok().unwrap();
        assert_eq!(hub.host, "myns.servicebus.windows.net");
        assert_eq!((hub.key_name, hub.key.expose()), (Some("send"), "a+/b="));

        let device = ConnectionString::parse(
            "HostName=h.azure-devices.net;DeviceId=d;ModuleId=m;SharedAccessKey=aw==",
        );
        let device = device.ok().unwrap();
        assert_eq!((device.host.as_str(), device.key_name), ("h.azure-devices.net", None));
        assert_eq!((device.device_id, device.module_id), (Some("d"), Some("m")));
    }

    #[test]
    fn faults_are_told_without_the_key() {
        for text in [
            "Endpoint=sb://h/;SharedAccessKey",
            "hunter2",
            "SharedAccessKey=hunter2",
            "Endpoint=sb://h/;SharedAccessKey=hunter2;SharedAccessKey=hunter2",
            "Endpoint=sb://h/;SharedAccesKey=hunter2",
            "Endpoint=;SharedAccessKey=hunter2",
            "Endpoint=sb://h/;SharedAccessSignature=hunter2",
        ] {
            let error = ConnectionString::parse(text).err().unwrap();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
