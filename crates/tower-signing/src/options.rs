//! What one request may say for itself, in its extensions.

use std::sync::Arc;

use signing_core::{AuthParams, Masking, PayloadHash, Signer};

use crate::Match;

/// How one request is to be signed: put it into the request's extensions.
///
/// Nothing in here lets a section sign outside its `Match`: a redirect that is followed above the layer
/// carries the extensions along, but not the credentials to a stranger.
///
/// ```
/// use signing_core::Masking;
/// use tower_signing::SigningOptions;
///
/// let request = http::Request::get("https://api.example.com/")
///     .extension(SigningOptions::new().section("payments").explain(Masking::Masked))
///     .body(())?;
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SigningOptions {
    pub(crate) choice: Choice,
    pub(crate) params: Option<AuthParams>,
    pub(crate) payload_hash: Option<PayloadHash>,
    pub(crate) explain: Option<Masking>,
    pub(crate) record: Recording,
}

/// With which responses a record is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recording {
    None,
    /// Those that may refuse the signature.
    Refusals,
    All,
}

#[derive(Clone, Debug)]
pub(crate) enum Choice {
    /// By the URL.
    Route,
    Section(Arc<str>),
    Signer(Arc<Signer>, Option<Match>),
    Skip,
}

impl Default for SigningOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl SigningOptions {
    /// As the URL says.
    pub const fn new() -> Self {
        Self {
            choice: Choice::Route,
            params: None,
            payload_hash: None,
            explain: None,
            record: Recording::None,
        }
    }

    /// Uses the section of this name (`payments` for `[auth.payments]`, `auth` for `[auth]`), within its `Match`.
    #[must_use]
    pub fn section(mut self, name: impl Into<Arc<str>>) -> Self {
        self.choice = Choice::Section(name.into());
        self
    }

    /// Uses a signer of the request's own, such as that of a tenant, for the URLs that `scope` covers;
    /// without one, for the hosts that the method knows.
    #[must_use]
    pub fn signer(mut self, signer: Arc<Signer>, scope: Option<Match>) -> Self {
        self.choice = Choice::Signer(signer, scope);
        self
    }

    /// Sends the request unsigned.
    #[must_use]
    pub fn skip(mut self) -> Self {
        self.choice = Choice::Skip;
        self
    }

    /// Overrides parameters of the section, one by one; values are literal (no `env:`, no `file:`). A section that
    /// code has [inserted](crate::Signers::insert) as a signer has none to override: name all of them then.
    ///
    /// With another `Method` than the section's, or without a section, they stand alone and the section's
    /// credentials are not used; they may have a `Match` then.
    #[must_use]
    pub fn params(mut self, params: AuthParams) -> Self {
        self.params = Some(params);
        self
    }

    /// The SHA-256 of the body, which is known already: the body is not read before it is sent. A wrong hash
    /// makes a signature that the service refuses.
    #[must_use]
    pub fn payload_hash(mut self, hash: PayloadHash) -> Self {
        self.payload_hash = Some(hash);
        self
    }

    /// Puts the [`Explanation`](signing_core::Explanation) of the signature into the response's extensions.
    #[must_use]
    pub fn explain(mut self, masking: Masking) -> Self {
        self.explain = Some(masking);
        self
    }

    /// Puts a [`SigningRecord`](crate::SigningRecord) into the response's extensions, from which a refusal can be
    /// explained: [`DiagnoseLayer::diagnose`](crate::DiagnoseLayer::diagnose). The layer itself asks for one by itself.
    #[must_use]
    pub fn record(mut self) -> Self {
        self.record = Recording::All;
        self
    }

    /// The same, of a response that may be a refusal; what was asked for before counts more.
    pub(crate) fn record_refusal(&mut self) {
        if self.record == Recording::None {
            self.record = Recording::Refusals;
        }
    }
}
