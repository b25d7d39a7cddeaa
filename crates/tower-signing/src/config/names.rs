//! What may be shown of a parameter's value, by the parameter's name.

/// What may be shown of a parameter's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParamClass {
    /// A setting, such as `Region`. Its value may be shown.
    Setting,
    /// Names who signs, such as `AccessKeyId`. No secret, but easily mixed up with one.
    Identity,
    /// A secret.
    Secret,
    /// No method of this library has it: its value is as private as that of a secret.
    Unknown,
}

const SETTINGS: [&str; 24] = [
    "AllowPlainHttp",
    "buffer_limit",
    "Checksum",
    "ChunkSize",
    "ClockCorrection",
    "ContentSha256Header",
    "DateHeader",
    "DoubleEncodePath",
    "Header",
    "Match",
    "Method",
    "monitor",
    "NormalizePath",
    "Payload",
    "Region",
    "RequestTarget",
    "Service",
    "SignSessionToken",
    "spool_dir",
    "spool_limit",
    "TokenExpiry",
    "TokenTTL",
    "total_spool_limit",
    "UnsignedHeaders",
];
const IDENTITIES: [&str; 7] = [
    "AccessKeyId",
    "AccountName",
    "MerchantId",
    "MerchantKeyID",
    "PortfolioId",
    "ResourceURI",
    "SharedAccessKeyName",
];
const SECRETS: [&str; 5] =
    ["ConnectionString", "MerchantSecretKey", "SecretAccessKey", "SessionToken", "Token"];

impl ParamClass {
    /// The class of the parameter `name`, in any case.
    ///
    /// ```
    /// use tower_signing::ParamClass;
    ///
    /// assert_eq!(ParamClass::of("region"), ParamClass::Setting);
    /// assert_eq!(ParamClass::of("SecretAccesKey"), ParamClass::Unknown);
    /// ```
    pub fn of(name: &str) -> Self {
        let is_in = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        match () {
            () if is_in(&SETTINGS) => Self::Setting,
            () if is_in(&IDENTITIES) => Self::Identity,
            () if is_in(&SECRETS) => Self::Secret,
            () => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signing_core::Registry;

    /// Sections with every parameter of their method, as the tables in the methods' docs have them.
    const COMPLETE: [&[(&str, &str)]; 6] = [
        &[
            ("Method", "aws-signature-v4"),
            ("AccessKeyId", "A"),
            ("SecretAccessKey", "s"),
            ("SessionToken", "t"),
            ("Region", "r"),
            ("Service", "s"),
            ("Payload", "signed"),
            ("NormalizePath", "true"),
            ("DoubleEncodePath", "true"),
            ("ContentSha256Header", "true"),
            ("SignSessionToken", "true"),
            ("UnsignedHeaders", "x"),
            ("ClockCorrection", "1"),
        ],
        &[("Method", "azure-batch"), ("AccountName", "a"), ("SecretAccessKey", "aw==")],
        &[
            ("Method", "azure-event-hub"),
            ("SharedAccessKeyName", "n"),
            ("SecretAccessKey", "s"),
            ("TokenTTL", "60"),
            ("ResourceURI", "r"),
        ],
        &[
            ("Method", "azure-iot-hub"),
            ("ConnectionString", "HostName=h.azure-devices.net;DeviceId=d;SharedAccessKey=aw=="),
            ("TokenExpiry", "4000000000"),
        ],
        &[
            ("Method", "cybersource-http"),
            ("MerchantId", "m"),
            ("MerchantKeyID", "k"),
            ("MerchantSecretKey", "aw=="),
            ("DateHeader", "date"),
            ("RequestTarget", "request-target"),
            ("PortfolioId", "p"),
        ],
        &[("Method", "auth-token"), ("Header", "x"), ("Token", "t"), ("AllowPlainHttp", "true")],
    ];

    #[test]
    fn every_parameter_of_a_method_is_known_here() {
        assert_eq!(Registry::new().names().count(), COMPLETE.len(), "a method is missing here");
        for section in COMPLETE {
            // What a method does not take would prove nothing.
            Registry::new().signer(&section.iter().copied().collect()).unwrap();
            for (name, _) in section {
                assert_ne!(ParamClass::of(name), ParamClass::Unknown, "{name}");
            }
        }
    }
}
