//! AWS Signature Version 4: `aws-signature-v4`.
//!
//! Signs by header ([`Signer::sign`](crate::Signer::sign)) and presigns URLs
//! ([`Signer::presign`](crate::Signer::presign)).
//!
//! ```text
//! head ──► canonical request ──SHA-256──► string to sign ──HMAC──► signature ──► Authorization
//!          (path, query, headers,         (date, credential         ▲
//!           payload hash)                  scope)                   signing key, kept per day, region, service
//! ```
//!
//! # Parameters
//!
//! | name | meaning |
//! | --- | --- |
//! | `AccessKeyId`, `SecretAccessKey` | the credentials |
//! | `SessionToken` | of temporary credentials |
//! | `Region`, `Service` | derived from the host name when absent: [`endpoint`] |
//! | `Payload` | `signed`: the body's SHA-256; `unsigned`: the body is not covered; `chunked`, `chunked-trailer`, `unsigned-trailer`: aws-chunked, for uploads; `auto` (default): [`PayloadMode`] |
//! | `ChunkSize` | bytes of an aws-chunked chunk, 8192 or more; default 65536 |
//! | `Checksum` | sent behind an aws-chunked body: `crc32` (default), `crc32c`, `crc64nvme`, `sha1`, `sha256` |
//! | `AllowPlainHttp` | `true`: a body that is not covered may go over plain http to any host |
//! | `NormalizePath` | dot segments and repeated slashes are folded in what is signed; default: not for S3 and its kin |
//! | `DoubleEncodePath` | the path is encoded a second time; default: not for S3 and its kin |
//! | `ContentSha256Header` | `x-amz-content-sha256` is sent and signed; default: for S3 and its kin. No effect on presigned URLs |
//! | `SignSessionToken` | default `true`; `false`: the token is sent, but not signed |
//! | `UnsignedHeaders` | more header names that are not signed, separated by commas or spaces |
//!
//! [`PayloadMode`] and [`Checksum`] as extensions of a request win over the parameters.
//!
//! S3's kin are `s3express`, `s3-object-lambda` and `s3-outposts`.
//!
//! # Decisions
//!
//! Where official SDKs disagree, or a service and an SDK do:
//!
//! - The query is decoded and encoded anew before it is signed, as the services and `aws-c-auth` do;
//!   botocore signs it as it stands. `+` is a plus, not a space. A repeated name keeps all its values.
//! - The HTTP method is signed as it is sent; botocore writes it in capitals.
//! - The path of S3 and its kin is decoded and encoded once, so that a raw `@`, `=` or `:` verifies, which the
//!   SDKs never send: S3's own answer holds `%3D` for a raw `=` (curl/curl#13754). Whatever an SDK sends is signed as
//!   the SDK does. Emulators that verify the path as it arrived (ministack) refuse such a raw character, `%2F` and
//!   lower-case escapes; escape the URL as an SDK would.
//! - Headers that hops add or change are not signed (see [`is_signed_by_default`]); for presigned URLs, too.
//! - `x-amz-content-sha256` set by the caller is replaced by the true value, also where it is not sent by
//!   default: services trust it over the body.
//! - The URL is signed as it stands. Characters that clients escape before they send them (a space, non-ASCII
//!   text) are for the caller to escape; raw non-ASCII bytes, which `http::Uri` can hold, are signed as bytes.
//! - A final `/.` or `/..` is folded without leaving a slash, as botocore does.
//! - `Content-Length` is signed where the caller has set it; one that contradicts the body is an error.
//! - Presigned URLs: the hash of the body that was given for all services but S3 and its kin, as botocore does.
//!   (`aws-crt` signs `UNSIGNED-PAYLOAD` for `vpc-lattice-svcs`: give the header `x-amz-content-sha256` for that.)
//! - aws-chunked is for objects and parts of them (`PUT` without `x-amz-copy-source` and without a query that names a
//!   setting, such as `?tagging`; not for a bucket), an empty body included; elsewhere these modes sign the hash, as S3
//!   documents no other use. `aws-chunked` stands last in `Content-Encoding`. Trailers that the
//!   caller declares in `x-amz-trailer` are part of the encoding, sorted by name; if a checksum is among them, none is
//!   added. A head that was signed for aws-chunked cannot be signed again: keep the head as it was.
//! - A head that bears an earlier SigV4 signature loses its `x-amz-security-token` when the credentials have none.
//!
//! Spec: [Create a signed AWS API request][spec].
//!
//! [spec]: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

pub mod endpoint;

mod canonical_request;
mod chunked;
mod credential_scope;
mod date;
mod payload;
mod presign;
mod signing_key;
mod sigv4;
mod string_to_sign;

pub use canonical_request::is_signed_by_default;
pub use chunked::Checksum;
pub use payload::PayloadMode;
pub use sigv4::{Credentials, METHOD_NAME, Rules, SigV4};
