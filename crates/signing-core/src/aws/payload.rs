//! How much of a body a signature covers, and in which form the body is sent.

use http::request::Parts;
use http::{HeaderName, HeaderValue, Method};

use super::chunked::{Checksum, Form, Upload};
use super::sigv4::encodes_path_once;
use crate::encode::hex32;
use crate::header;
use crate::loopback::is_private;
use crate::{ParamError, ParamReader, PayloadHash, PayloadNeed, SignError, SignErrorKind, SigningRequest};

pub(super) const UNSIGNED_PAYLOAD: HeaderValue = HeaderValue::from_static("UNSIGNED-PAYLOAD");
/// The hash of no bytes.
pub(super) const EMPTY_SHA256: HeaderValue =
    HeaderValue::from_static("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
static X_AMZ_COPY_SOURCE: HeaderName = HeaderName::from_static("x-amz-copy-source");

/// What the SDKs use; measured, larger chunks win nothing.
const DEFAULT_CHUNK_SIZE: u64 = 64 * 1024;
/// S3's lower bound for every chunk but the last.
const LEAST_CHUNK_SIZE: u64 = 8 * 1024;
/// A signed chunk is held in memory.
const MOST_CHUNK_SIZE: u64 = 1024 * 1024 * 1024;

/// How much of the body a signature covers.
///
/// As an extension of a request it takes the place of the parameter `Payload`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadMode {
    /// All of it: by its SHA-256 where the body can be hashed first, by [`Chunked`](Self::Chunked) where an upload to
    /// S3 is too long for that.
    #[default]
    Auto,
    /// The SHA-256 of the whole body.
    Signed,
    /// Nothing: `UNSIGNED-PAYLOAD`. For S3 over TLS.
    Unsigned,
    /// aws-chunked, each chunk signed as it is sent: `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`. For uploads to S3; what
    /// is no upload is [`Signed`](Self::Signed).
    Chunked,
    /// The same with a [`Checksum`] behind it, signed too: `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`.
    ChunkedTrailer,
    /// aws-chunked without signatures, with a [`Checksum`] behind it: `STREAMING-UNSIGNED-PAYLOAD-TRAILER`. For S3
    /// over TLS.
    UnsignedTrailer,
}

impl PayloadMode {
    fn form(self) -> Option<Form> {
        match self {
            Self::Chunked => Some(Form::Signed),
            Self::ChunkedTrailer => Some(Form::SignedTrailer),
            Self::UnsignedTrailer => Some(Form::UnsignedTrailer),
            Self::Auto | Self::Signed | Self::Unsigned => None,
        }
    }
}

/// The parameters that say how a body is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct PayloadRules {
    pub(super) mode: PayloadMode,
    pub(super) chunk_size: u64,
    pub(super) checksum: Checksum,
    pub(super) allow_plain_http: bool,
}

impl Default for PayloadRules {
    fn default() -> Self {
        Self {
            mode: PayloadMode::default(),
            chunk_size: DEFAULT_CHUNK_SIZE,
            checksum: Checksum::default(),
            allow_plain_http: false,
        }
    }
}

/// What a signature says of the body.
pub(super) enum Coverage<'r> {
    Hash(&'r PayloadHash),
    Known(HeaderValue),
    Chunked(Box<Upload>),
}

impl Coverage<'_> {
    /// What stands in the canonical request in place of the payload's hash. `hex` is where a hash is written.
    #[inline]
    pub(super) fn content_sha256<'a>(&'a self, hex: &'a mut [u8; 64]) -> &'a [u8] {
        match self {
            Self::Hash(hash) => {
                *hex = hex32(hash.as_bytes());
                hex
            }
            Self::Known(value) => value.as_bytes(),
            Self::Chunked(upload) => upload.form.content_sha256().as_bytes(),
        }
    }

    /// The same as a header.
    pub(super) fn header(&self) -> HeaderValue {
        match self {
            Self::Hash(hash) => header::value(hex32(hash.as_bytes()).to_vec()),
            Self::Known(value) => value.clone(),
            Self::Chunked(upload) => HeaderValue::from_static(upload.form.content_sha256()),
        }
    }

    #[inline]
    pub(super) fn upload(&self) -> Option<&Upload> {
        match self {
            Self::Chunked(upload) => Some(upload),
            Self::Hash(_) | Self::Known(_) => None,
        }
    }
}

impl PayloadRules {
    pub(super) fn from_params(params: &mut ParamReader<'_>) -> Result<Self, ParamError> {
        let mode = params.choice(
            "Payload",
            &[
                ("auto", PayloadMode::Auto),
                ("signed", PayloadMode::Signed),
                ("unsigned", PayloadMode::Unsigned),
                ("chunked", PayloadMode::Chunked),
                ("chunked-trailer", PayloadMode::ChunkedTrailer),
                ("unsigned-trailer", PayloadMode::UnsignedTrailer),
            ],
        )?;
        // What is no such number is out of bounds, too.
        let chunk_size = params.integer("ChunkSize")?.map(|bytes| u64::try_from(bytes).unwrap_or(0));
        let chunk_size = chunk_size.map(checked_chunk_size).transpose()?;
        let checksum = params.choice("Checksum", &Checksum::CHOICES)?;
        let default = Self::default();
        Ok(Self {
            mode: mode.unwrap_or_default(),
            chunk_size: chunk_size.unwrap_or(default.chunk_size),
            checksum: checksum.unwrap_or_default(),
            allow_plain_http: params.flag("AllowPlainHttp")?.unwrap_or(false),
        })
    }

    /// What must be known of the body of this request. `is_s3` is asked only where it matters.
    pub(super) fn need(&self, head: &Parts, is_s3: impl FnOnce() -> bool) -> PayloadNeed {
        match self.mode_for(head) {
            PayloadMode::Unsigned => PayloadNeed::Nothing,
            PayloadMode::Auto if is_upload(head) && is_s3() => PayloadNeed::Sha256OrEncoding,
            mode if mode.form().is_some() && is_upload(head) => PayloadNeed::Encoding,
            _ => PayloadNeed::Sha256,
        }
    }

    /// What the signature of this request says of the body.
    pub(super) fn coverage<'r>(
        &self,
        request: &SigningRequest<'r>,
        service: &str,
    ) -> Result<Coverage<'r>, SignError> {
        let mode = self.mode_for(request.head());
        let form = mode.form().filter(|_| is_upload(request.head()));
        if request.payload().is_encoded() {
            let form = match mode {
                PayloadMode::Auto => Some(Form::Signed),
                _ => form,
            };
            return self.encoded(request, form, service).map(|upload| Coverage::Chunked(Box::new(upload)));
        }
        if form.is_some() {
            return Err(SignError::new(
                SignErrorKind::Payload,
                "this `Payload` is aws-chunked: the body must be encoded while it is sent (`Signer::sign_encoded`)",
            ));
        }
        if mode == PayloadMode::Unsigned {
            self.check_private(request)?;
            return Ok(Coverage::Known(UNSIGNED_PAYLOAD));
        }
        match payload_hash(request)? {
            &PayloadHash::EMPTY => Ok(Coverage::Known(EMPTY_SHA256)),
            hash => Ok(Coverage::Hash(hash)),
        }
    }

    fn encoded(
        &self,
        request: &SigningRequest<'_>,
        form: Option<Form>,
        service: &str,
    ) -> Result<Upload, SignError> {
        let fault = |message: String| SignError::new(SignErrorKind::Unsupported, message);
        let form = form.ok_or_else(|| {
            fault(
                "the body of this request is not sent aws-chunked; `Payload` says so for uploads (PUT)"
                    .into(),
            )
        })?;
        if !encodes_path_once(service) {
            return Err(fault(format!(
                "aws-chunked bodies are for S3; the service of this request is `{service}`"
            )));
        }
        if form == Form::UnsignedTrailer {
            self.check_private(request)?;
        }
        let checksum = request.head().extensions.get().copied().unwrap_or(self.checksum);
        Upload::new(request, form, self.chunk_size, checksum)
    }

    fn mode_for(&self, head: &Parts) -> PayloadMode {
        head.extensions.get().copied().unwrap_or(self.mode)
    }

    /// Over plain http, anyone on the way could change what the signature does not cover.
    fn check_private(&self, request: &SigningRequest<'_>) -> Result<(), SignError> {
        if self.allow_plain_http || is_private(request.uri()) {
            return Ok(());
        }
        Err(SignError::request(
            "a body that is not signed is sent over https only, except to loopback (AllowPlainHttp = true allows it)",
        ))
    }
}

/// Whether the body is an object's: `PutObject` or `UploadPart`. Settings of buckets and objects are sent by `PUT`,
/// too, and copies; what they send is short, and S3 does not decode it.
fn is_upload(head: &Parts) -> bool {
    let is_setting = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        !matches!(name, "" | "partNumber" | "uploadId" | "x-id")
    };
    head.method == Method::PUT
        && !head.headers.contains_key(&X_AMZ_COPY_SOURCE)
        && !head.uri.query().is_some_and(|query| query.split('&').any(is_setting))
        && names_object(head)
}

/// Whether there is a key behind the bucket. The bucket is in the path where the host cannot hold it.
fn names_object(head: &Parts) -> bool {
    let path = head.uri.path();
    match path.strip_prefix('/').unwrap_or(path).split_once('/') {
        Some((_, key)) if !key.is_empty() => true,
        // One segment: a key, unless it is the bucket.
        _ if path.len() > 1 => {
            let host = SigningRequest::of_head(head).host_name();
            !host.is_ok_and(|host| is_path_style(&host))
        }
        _ => false,
    }
}

/// Whether no bucket is in this host's name: S3's own without one, an address, this machine.
fn is_path_style(host: &str) -> bool {
    host.starts_with("s3.")
        || (host.starts_with("s3-") && !host.contains(".s3"))
        || host == "localhost"
        || host.starts_with('[')
        || host.parse::<std::net::Ipv4Addr>().is_ok()
}

pub(super) fn payload_hash<'r>(request: &SigningRequest<'r>) -> Result<&'r PayloadHash, SignError> {
    request.payload().hash().ok_or_else(|| {
        SignError::new(SignErrorKind::Payload, "the signature covers the body, whose SHA-256 is not known")
    })
}

pub(super) fn checked_chunk_size(bytes: u64) -> Result<u64, ParamError> {
    match bytes {
        LEAST_CHUNK_SIZE..=MOST_CHUNK_SIZE => Ok(bytes),
        _ => Err(ParamError::invalid("ChunkSize", "must be a number of bytes from 8192 to 1073741824")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_objects_are_uploads() {
        let check = |method: &str, url: &str, expected: bool| {
            let head = http::Request::builder().method(method).uri(url).body(()).unwrap().into_parts().0;
            assert_eq!(is_upload(&head), expected, "{method} {url}");
        };
        check("PUT", "https://b.s3.eu-west-1.amazonaws.com/key", true);
        check("PUT", "https://b.s3.eu-west-1.amazonaws.com/folder/", true);
        check("PUT", "https://s3-b.s3.eu-west-1.amazonaws.com/key", true);
        check("PUT", "https://bucket.minio.internal/key", true);
        check("PUT", "http://127.0.0.1:9000/bucket/key", true);
        check("PUT", "https://s3.eu-west-1.amazonaws.com/b/k?partNumber=1&uploadId=a&x-id=UploadPart", true);
        check("PUT", "https://b.s3.eu-west-1.amazonaws.com/k?tagging", false);
        check("PUT", "https://b.s3.eu-west-1.amazonaws.com/?versioning", false);
        check("PUT", "https://b.s3.eu-west-1.amazonaws.com/", false);
        check("PUT", "https://b.s3.eu-west-1.amazonaws.com", false);
        for host in
            ["s3.eu-west-1.amazonaws.com", "s3-eu-west-1.amazonaws.com", "localhost:9000", "[::1]:9000"]
        {
            check("PUT", &format!("https://{host}/bucket"), false);
            check("PUT", &format!("https://{host}/bucket/"), false);
            check("PUT", &format!("https://{host}/bucket/key"), true);
        }
        check("POST", "https://b.s3.eu-west-1.amazonaws.com/key", false);
        check("GET", "https://b.s3.eu-west-1.amazonaws.com/key", false);
        let copy =
            http::Request::put("https://b.s3.eu-west-1.amazonaws.com/key").header("x-amz-copy-source", "a/b");
        assert!(!is_upload(&copy.body(()).unwrap().into_parts().0));
    }
}
