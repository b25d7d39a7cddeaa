//! What sounds like a credential.

/// Whether a header or query parameter of this name sounds like a credential, so that its value is not to be shown.
/// Rather too often than too rarely; the name may be in any case.
///
/// A [`Diagnosis`](super::Diagnosis) shows `<masked>` in place of such values, and `<masked, another>` where another
/// one arrived. Parts of a signature that are public, such as `X-Amz-Credential` and `X-Amz-SignedHeaders`, are told
/// apart.
///
/// ```
/// use signing_core::diagnose::is_telling_name;
///
/// assert!(is_telling_name("X-Api-Key") && is_telling_name("access_token"));
/// assert!(!is_telling_name("Content-Type") && !is_telling_name("X-Amz-Credential"));
/// ```
pub fn is_telling_name(name: &str) -> bool {
    const PARTS: [&str; 12] = [
        "assertion",
        "auth",
        "cookie",
        "credential",
        "jwt",
        "key",
        "passw",
        "pwd",
        "secret",
        "session",
        "sig",
        "token",
    ];
    const PUBLIC: [&str; 5] =
        ["x-amz-credential", "x-amz-signedheaders", "signedheaders", ":authority", "authority"];
    let name = name.to_ascii_lowercase();
    // The code of OAuth. In other names, it is one of a language, a country or an encoding.
    name == "code" || PARTS.iter().any(|part| name.contains(part)) && !PUBLIC.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_sound_like_credentials_are_told_from_others() {
        for name in
            ["Authorization", "x-auth-token", "ApiKey", "JSESSIONID", "sig", "code", "continuation-token"]
        {
            assert!(is_telling_name(name), "{name}");
        }
        for name in ["host", "x-amz-date", "X-Amz-SignedHeaders", "x-amz-content-sha256", "encode", "skn", ""]
        {
            assert!(!is_telling_name(name), "{name}");
        }
    }
}
