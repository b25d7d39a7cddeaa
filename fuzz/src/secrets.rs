//! Secrets that are planted, and looked for in whatever is printed.

/// A session token.
pub const TOKEN: &str = "IQoJb3JpZ2luX2VjEHoaCXVzLWVhc3QtMSJHMEUCIQDt";
/// Another one.
pub const OTHER_TOKEN: &str = "FwoGZXIvYXdzEJr9bSecondTokenOfThisMachine0Aa7";
/// A signature of SigV4.
pub const SIGNATURE: &str = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
/// A signature of Shared Key, and a key in base64.
pub const MAC: &str = "Jm3sVGtNvKqwZfX0cPq9kJcDaS2zIYpS0xOqGqk0rXU=";
/// Too short to be known by its looks.
pub const PASSWORD: &str = "hunter2-Kq9";
/// A secret access key.
pub const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// All of them.
pub const ALL: [&str; 6] = [TOKEN, OTHER_TOKEN, SIGNATURE, MAC, PASSWORD, SECRET_KEY];

/// What is looked for: a beginning is too much already.
fn beginning(secret: &str) -> &str {
    &secret[..secret.len().min(11)]
}

/// Whether the fuzzer has found a secret, and may put it where it cannot be known as one.
pub fn are_in_input(secrets: &[&str], input: &[u8]) -> bool {
    secrets.iter().any(|secret| contains(input, beginning(secret).as_bytes()))
}

/// # Panics
///
/// A secret, or its beginning, is in `text`.
pub fn check_none(text: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!text.contains(beginning(secret)), "{secret} is in {text}");
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
