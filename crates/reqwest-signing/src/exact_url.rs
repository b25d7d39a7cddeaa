//! URLs whose path is what was written.

use std::error::Error;
use std::fmt;

use percent_encoding::percent_decode_str;
use reqwest::Url;

/// Parses a URL, and refuses one whose path a [`Url`] cannot hold as it is written.
///
/// A `Url` resolves `.` and `..`, escaped or not, and turns `\` into `/`. Where paths are names, as S3's keys are, the
/// result names something else. Escapes that it adds are no other path: ` ` and `%20` are the same key.
///
/// ```
/// use reqwest_signing::exact_url;
///
/// assert!(exact_url("https://s3.eu-west-1.amazonaws.com/bucket/a//b c/~d").is_ok());
/// assert!(exact_url("https://s3.eu-west-1.amazonaws.com/bucket/%2e%2E/other").is_err());
/// ```
///
/// # Errors
///
/// The text is no absolute URL, or its path would change.
pub fn exact_url(text: &str) -> Result<Url, UrlError> {
    let url = Url::parse(text).map_err(|error| UrlError::Syntax(error.into()))?;
    let (_, behind_scheme) = text.split_once("://").ok_or(UrlError::Changed)?;
    let path = &behind_scheme[behind_scheme.find(['/', '\\', '?', '#']).unwrap_or(behind_scheme.len())..];
    if is_path_of(path, &url) { Ok(url) } else { Err(UrlError::Changed) }
}

/// Whether `written`, up to its query or fragment, is the path of `url`.
pub(crate) fn is_path_of(written: &str, url: &Url) -> bool {
    let path = written.split(['?', '#']).next().filter(|path| !path.is_empty()).unwrap_or("/");
    percent_decode_str(path).eq(percent_decode_str(url.path()))
}

/// Why a URL is refused. Does not tell the URL, whose query may hold a credential.
#[derive(Debug)]
#[non_exhaustive]
pub enum UrlError {
    /// It is no absolute URL; the source says why.
    Syntax(Box<dyn Error + Send + Sync>),
    /// It would not be sent as it is written, or as it was signed.
    Changed,
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax(_) => "the URL cannot be parsed",
            Self::Changed => {
                "the URL cannot be sent as it is: reqwest would rewrite it (as it does with `.` and `..`)"
            }
        })
    }
}

impl Error for UrlError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Syntax(error) => Some(&**error),
            Self::Changed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_as_written_is_taken() {
        for text in [
            "http://a",
            "http://a?q=/../",
            "http://a/#/../",
            "HTTP://A:80/b//c/",
            "http://a/b c/ä/%C3%A4/%2f../.../a%2eb/'~+|^",
        ] {
            assert!(exact_url(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_would_be_rewritten_is_refused() {
        for text in [
            "http://a/b/../c",
            "http://a/./b",
            "http://a/b/..",
            "http://a/b/%2e%2E/c",
            "http://a/.%2e/c",
            "http://a/b\\c",
            "http://a/b\tc",
            "http://a/b/..?q",
            "http://a\\b",
            "http:/a/b",
        ] {
            assert!(matches!(exact_url(text), Err(UrlError::Changed)), "{text}");
        }
        assert!(matches!(exact_url("/b"), Err(UrlError::Syntax(_))));
    }
}
