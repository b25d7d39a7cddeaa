//! Why a request was refused: one variant for each cause, with its evidence.

use super::DiffOf;
use crate::Timestamp;

/// Why a request was refused.
///
/// `Display` is one sentence for a person, [`remedy`](Self::remedy) another one. Texts in the variants are escaped and
/// shortened, and hold no credentials: they can be printed as they are. `signed` is what was signed, `arrived` what the
/// service has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The service does not allow the request, and does not object to its signature.
    Authorization {
        /// What the service calls it.
        code: String,
        /// Whether it names who asks, which it knows by the signature alone.
        names_caller: bool,
    },
    /// The service found no signature. API Gateway says so, too, where it does not know the path or the method.
    AuthenticationMissing,
    /// What arrived cannot be read as a signature.
    AuthenticationMalformed {
        /// What the service says of it.
        message: String,
    },
    /// The service does not take the authentication, for a reason that is none of the others.
    AuthenticationRefused {
        /// What the service says of it.
        message: String,
    },
    /// Two signatures arrived, or another one than that which was made.
    SignedTwice {
        /// When this signature was made, if another date arrived.
        signed_at: Option<Timestamp>,
        /// The date that arrived.
        arrived_at: Option<Timestamp>,
    },

    /// The signed date is too far from the server's clock.
    ClockOff {
        /// When the request was signed.
        signed_at: Option<Timestamp>,
        /// What the server's clock showed.
        server: Option<Timestamp>,
        /// The section's `ClockCorrection` that is in `signed_at` already.
        clock_correction: i64,
    },
    /// A presigned URL or a SAS token has ended.
    SignatureExpired {
        /// When it did.
        at: Option<Timestamp>,
        /// What the server's clock showed.
        server: Option<Timestamp>,
    },

    /// Other credentials have replaced those that signed, which the service no longer takes.
    CredentialsReplaced {
        /// Those that signed.
        key_id: Option<String>,
    },
    /// The service does not know the key.
    UnknownKey {
        /// The key.
        key_id: Option<String>,
    },
    /// The same was signed that the service verifies, with another key.
    WrongSecret {
        /// The key whose secret is not the one that signed.
        key_id: Option<String>,
    },
    /// The service does not take the credentials, and does not say why.
    CredentialsRefused {
        /// The key.
        key_id: Option<String>,
        /// Whether date and resource are known, and are not what it refuses.
        rest_is_right: bool,
    },
    /// Temporary credentials were used without their token.
    SessionTokenMissing {
        /// The temporary key.
        key_id: Option<String>,
    },
    /// The session token has ended.
    SessionTokenExpired,
    /// The session token is damaged, or belongs to another key.
    SessionTokenInvalid,

    /// Signed for a region that is not the service's.
    WrongRegion {
        /// The region in the scope.
        signed: Option<String>,
        /// The right one, if the service told.
        expected: Option<String>,
    },
    /// Signed for another service.
    WrongService {
        /// The service in the scope.
        signed: Option<String>,
        /// The right one, if the service told.
        expected: Option<String>,
    },
    /// The day of the credential scope is not that of the date.
    WrongScopeDate {
        /// The day in the scope.
        signed: String,
        /// The day of the request's date.
        expected: String,
    },

    /// The HTTP method was changed.
    MethodChanged {
        /// As signed.
        signed: String,
        /// As arrived.
        arrived: String,
    },
    /// Host or port were changed.
    HostChanged {
        /// As signed.
        signed: String,
        /// As arrived.
        arrived: String,
    },
    /// The path differs.
    PathChanged {
        /// As signed.
        signed: String,
        /// As the service computed it.
        arrived: String,
        /// In which way.
        how: PathChange,
    },
    /// Another account was signed for than the one that is asked.
    AccountChanged {
        /// As signed.
        signed: String,
        /// As arrived.
        arrived: String,
    },
    /// White space stands around the signed resource, or around that of the service.
    ResourceSpaced {
        /// Whether it is a space in front of the signed one.
        leading: bool,
    },
    /// A token is for another resource than the one that is asked.
    ResourceMismatch {
        /// What the token is for.
        signed: Option<String>,
        /// What was asked.
        asked: Option<String>,
    },

    /// A query parameter arrived that was not signed.
    QueryAdded {
        /// Its name.
        name: String,
    },
    /// A query parameter was signed and did not arrive.
    QueryDropped {
        /// Its name.
        name: String,
    },
    /// A query parameter has another value.
    QueryChanged {
        /// Its name.
        name: String,
        /// As signed.
        signed: String,
        /// As arrived.
        arrived: String,
    },
    /// A query parameter is the same, encoded in another way.
    QueryEncoding {
        /// Its name.
        name: String,
        /// As signed.
        signed: String,
        /// As the service writes it.
        arrived: String,
        /// Whether a plus sign stands against a space.
        plus_for_space: bool,
    },
    /// The query's parameters are in another order.
    QueryReordered,

    /// A header arrived that was not signed and has to be.
    HeaderAdded {
        /// Its name.
        name: String,
        /// Its value, if the service told.
        value: Option<String>,
    },
    /// A header was signed and did not arrive.
    HeaderDropped {
        /// Its name.
        name: String,
    },
    /// A header has another value.
    HeaderChanged {
        /// Its name.
        name: String,
        /// As signed.
        signed: String,
        /// As arrived.
        arrived: String,
    },
    /// The values of a header, or the headers, are in another order.
    HeadersReordered {
        /// The header with several values; `None` if it is the order of the headers.
        name: Option<String>,
    },
    /// Headers are signed that proxies and clients change.
    HeadersInTransit {
        /// Their names.
        names: Vec<String>,
    },

    /// The body's length differs.
    ContentLength {
        /// As signed; empty if none was.
        signed: String,
        /// As arrived; empty if none did.
        arrived: String,
    },
    /// Another body arrived than the one that was hashed, or whose checksum was sent with it.
    BodyChanged {
        /// The hash that was signed; `None` if the service does not tell it, or if it is a checksum.
        signed: Option<String>,
        /// That of the body that arrived.
        arrived: Option<String>,
    },
    /// The hash of an empty body was signed, and a body arrived.
    EmptyBodyHashed,
    /// A chunk of an aws-chunked body, or the framing, is wrong.
    ChunkSignature,
    /// The trailer behind an aws-chunked body is wrong.
    Trailer,

    /// The string to sign has another number of lines before its headers.
    LineCount {
        /// Of the lines before the headers and the resource.
        signed: usize,
        /// So many there are to be.
        expected: usize,
    },
    /// The strings differ in what has no name.
    StringsDiffer,
    /// The service computed another signature, and does not show from what.
    Mismatch,
    /// What was signed ends with a line break that the service's text does not have, or the other way round.
    TrailingLineBreak {
        /// Whether it is in what was signed.
        is_signed: bool,
    },
    /// The service verifies the text that the request shows, and nobody has seen the one that was signed.
    SignedOtherwise {
        /// The key.
        key_id: Option<String>,
    },
    /// The service shows from what it computed another signature, and what was signed is not known.
    NotCompared {
        /// Which text it shows; it is in [`Diagnosis::diff`](super::Diagnosis::diff).
        of: DiffOf,
    },
}

/// In which way a path differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathChange {
    /// It was encoded once more than the service does.
    EncodedTwice,
    /// The service encodes it once more.
    EncodedOnce,
    /// The same, escaped in another way.
    Escaped,
    /// Dot segments and repeated slashes were folded, and the service does not.
    Normalized,
    /// The service folds dot segments and repeated slashes.
    NotNormalized,
    /// Something stands in front of the path that arrived.
    PrefixAdded,
    /// The beginning is missing in the path that arrived.
    PrefixDropped,
    /// In none of these.
    Other,
}

impl Cause {
    /// Its name for programs: lower case, with hyphens. It does not change.
    ///
    /// | name | of |
    /// | --- | --- |
    /// | `authorization` | [`Authorization`](Self::Authorization) |
    /// | `credentials-replaced` | [`CredentialsReplaced`](Self::CredentialsReplaced) |
    /// | `signed-twice` | [`SignedTwice`](Self::SignedTwice) |
    /// | `authentication-missing` | [`AuthenticationMissing`](Self::AuthenticationMissing) |
    /// | `authentication-malformed` | [`AuthenticationMalformed`](Self::AuthenticationMalformed) |
    /// | `authentication-refused` | [`AuthenticationRefused`](Self::AuthenticationRefused) |
    /// | `clock-off` | [`ClockOff`](Self::ClockOff) |
    /// | `signature-expired` | [`SignatureExpired`](Self::SignatureExpired) |
    /// | `session-token-missing` | [`SessionTokenMissing`](Self::SessionTokenMissing) |
    /// | `session-token-expired` | [`SessionTokenExpired`](Self::SessionTokenExpired) |
    /// | `session-token-invalid` | [`SessionTokenInvalid`](Self::SessionTokenInvalid) |
    /// | `unknown-key` | [`UnknownKey`](Self::UnknownKey) |
    /// | `wrong-region` | [`WrongRegion`](Self::WrongRegion) |
    /// | `wrong-service` | [`WrongService`](Self::WrongService) |
    /// | `wrong-scope-date` | [`WrongScopeDate`](Self::WrongScopeDate) |
    /// | `resource-mismatch` | [`ResourceMismatch`](Self::ResourceMismatch) |
    /// | `chunk-signature` | [`ChunkSignature`](Self::ChunkSignature) |
    /// | `trailer` | [`Trailer`](Self::Trailer) |
    /// | `line-count` | [`LineCount`](Self::LineCount) |
    /// | `method-changed` | [`MethodChanged`](Self::MethodChanged) |
    /// | `host-changed` | [`HostChanged`](Self::HostChanged) |
    /// | `account-changed` | [`AccountChanged`](Self::AccountChanged) |
    /// | `path-changed` | [`PathChanged`](Self::PathChanged) |
    /// | `query-dropped` | [`QueryDropped`](Self::QueryDropped) |
    /// | `query-added` | [`QueryAdded`](Self::QueryAdded) |
    /// | `query-changed` | [`QueryChanged`](Self::QueryChanged) |
    /// | `query-encoding` | [`QueryEncoding`](Self::QueryEncoding) |
    /// | `query-reordered` | [`QueryReordered`](Self::QueryReordered) |
    /// | `empty-body-hashed` | [`EmptyBodyHashed`](Self::EmptyBodyHashed) |
    /// | `body-changed` | [`BodyChanged`](Self::BodyChanged) |
    /// | `header-added` | [`HeaderAdded`](Self::HeaderAdded) |
    /// | `header-dropped` | [`HeaderDropped`](Self::HeaderDropped) |
    /// | `header-changed` | [`HeaderChanged`](Self::HeaderChanged) |
    /// | `headers-reordered` | [`HeadersReordered`](Self::HeadersReordered) |
    /// | `content-length` | [`ContentLength`](Self::ContentLength) |
    /// | `resource-spaced` | [`ResourceSpaced`](Self::ResourceSpaced) |
    /// | `trailing-line-break` | [`TrailingLineBreak`](Self::TrailingLineBreak) |
    /// | `strings-differ` | [`StringsDiffer`](Self::StringsDiffer) |
    /// | `wrong-secret` | [`WrongSecret`](Self::WrongSecret) |
    /// | `signed-otherwise` | [`SignedOtherwise`](Self::SignedOtherwise) |
    /// | `credentials-refused` | [`CredentialsRefused`](Self::CredentialsRefused) |
    /// | `headers-in-transit` | [`HeadersInTransit`](Self::HeadersInTransit) |
    /// | `mismatch` | [`Mismatch`](Self::Mismatch) |
    /// | `not-compared` | [`NotCompared`](Self::NotCompared) |
    pub fn name(&self) -> &'static str {
        self.name_and_rank().0
    }

    /// The lower, the more it explains: what the service says in so many words, then what is seen in the texts, then
    /// what is concluded.
    pub(super) fn rank(&self) -> u8 {
        self.name_and_rank().1
    }

    fn name_and_rank(&self) -> (&'static str, u8) {
        match self {
            Self::Authorization { .. } => ("authorization", 0),
            Self::CredentialsReplaced { .. } => ("credentials-replaced", 1),
            Self::SignedTwice { .. } => ("signed-twice", 2),
            Self::AuthenticationMissing => ("authentication-missing", 3),
            Self::AuthenticationMalformed { .. } => ("authentication-malformed", 4),
            Self::AuthenticationRefused { .. } => ("authentication-refused", 4),
            Self::ClockOff { .. } => ("clock-off", 5),
            Self::SignatureExpired { .. } => ("signature-expired", 5),
            Self::SessionTokenMissing { .. } => ("session-token-missing", 6),
            Self::SessionTokenExpired => ("session-token-expired", 6),
            Self::SessionTokenInvalid => ("session-token-invalid", 7),
            Self::UnknownKey { .. } => ("unknown-key", 8),
            Self::WrongRegion { .. } => ("wrong-region", 9),
            Self::WrongService { .. } => ("wrong-service", 9),
            Self::WrongScopeDate { .. } => ("wrong-scope-date", 9),
            Self::ResourceMismatch { .. } => ("resource-mismatch", 9),
            Self::ChunkSignature => ("chunk-signature", 10),
            Self::Trailer => ("trailer", 10),
            Self::LineCount { .. } => ("line-count", 10),
            Self::MethodChanged { .. } => ("method-changed", 11),
            Self::HostChanged { .. } => ("host-changed", 12),
            Self::AccountChanged { .. } => ("account-changed", 12),
            Self::PathChanged { .. } => ("path-changed", 13),
            Self::QueryDropped { .. } => ("query-dropped", 14),
            Self::QueryAdded { .. } => ("query-added", 14),
            Self::QueryChanged { .. } => ("query-changed", 14),
            Self::QueryEncoding { .. } => ("query-encoding", 15),
            Self::QueryReordered => ("query-reordered", 16),
            Self::EmptyBodyHashed => ("empty-body-hashed", 17),
            Self::BodyChanged { .. } => ("body-changed", 17),
            Self::HeaderAdded { .. } => ("header-added", 18),
            Self::HeaderDropped { .. } => ("header-dropped", 18),
            Self::HeaderChanged { .. } => ("header-changed", 18),
            Self::HeadersReordered { .. } => ("headers-reordered", 19),
            Self::ContentLength { .. } => ("content-length", 20),
            Self::ResourceSpaced { .. } => ("resource-spaced", 21),
            Self::TrailingLineBreak { .. } => ("trailing-line-break", 21),
            Self::StringsDiffer => ("strings-differ", 22),
            Self::WrongSecret { .. } => ("wrong-secret", 23),
            Self::SignedOtherwise { .. } => ("signed-otherwise", 23),
            Self::CredentialsRefused { .. } => ("credentials-refused", 24),
            Self::HeadersInTransit { .. } => ("headers-in-transit", 25),
            Self::Mismatch => ("mismatch", 26),
            Self::NotCompared { .. } => ("not-compared", 26),
        }
    }
}

#[cfg(test)]
mod tests {
    /// All names are in the table of their documentation, in the order of their ranks.
    #[test]
    fn the_list_of_names_is_whole() {
        let between = |line: &str, start: &str, end: &str| {
            let (_, rest) = line.split_once(start)?;
            rest.split_once(end).map(|(inside, _)| inside.to_owned())
        };
        let source = include_str!("cause.rs");
        let (documented, code) = source.split_once("fn name_and_rank").unwrap();
        let (code, _) = code.split_once("#[cfg(test)]").unwrap();
        let listed: Vec<_> =
            documented.lines().filter_map(|line| between(line, "    /// | `", "` |")).collect();
        let named: Vec<_> = code.lines().filter_map(|line| between(line, " => (\"", "\", ")).collect();
        assert!(!named.is_empty());
        assert_eq!(listed, named);
    }
}
