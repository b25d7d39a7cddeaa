//! What sounds like a credential.

/// Whether the value of a header or query parameter of this name may be a credential. Rather too often than
/// too rarely.
pub(crate) fn is_telling(name: &str) -> bool {
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
    let name = name.to_ascii_lowercase();
    // The code of OAuth. In other names, it is one of a language, a country or an encoding.
    name == "code" || PARTS.iter().any(|part| name.contains(part))
}
