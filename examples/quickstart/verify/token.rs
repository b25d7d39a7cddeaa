//! A fixed token in a header.

use super::{Received, Verdict, equal, header, unauthorized};
use crate::services::Key;

pub(crate) fn verify(request: &Received, keys: &[Key]) -> Verdict {
    let token = header(request, "x-api-key")?;
    let key = keys.iter().find(|key| equal(&key.secret, token));
    key.map(|key| key.generation).ok_or(unauthorized("the token is not known"))
}
