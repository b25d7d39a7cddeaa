//! The name/value pairs of one config section, and how a method reads them.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::{SecretBytes, SecretText};

/// The parameters of one signer, as text: names are not case-sensitive, values are taken as they stand.
///
/// Any value may be a secret, so `Debug` shows names only.
///
/// ```
/// use signing_core::AuthParams;
///
/// let mut params = AuthParams::new();
/// params.set("Method", "auth-token");
/// params.set("Token", "s3cret");
/// assert_eq!(params.get("token"), Some("s3cret"));
/// assert_eq!(format!("{params:?}"), r#"AuthParams["Method", "Token"]"#);
/// ```
#[derive(Clone, Default)]
pub struct AuthParams(Vec<(Box<str>, SecretText)>);

impl AuthParams {
    /// No parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `name` to `value`; a value that stood there before, under any case of the name, is replaced.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<SecretText>) -> &mut Self {
        let (name, value) = (name.into(), value.into());
        match self.position(&name) {
            Some(at) => self.0[at].1 = value,
            None => self.0.push((name.into_boxed_str(), value)),
        }
        self
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.secret(name).map(SecretText::expose)
    }

    /// Takes `name` out.
    pub fn remove(&mut self, name: &str) -> Option<SecretText> {
        self.position(name).map(|at| self.0.remove(at).1)
    }

    /// The names, as they were written.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }

    /// These parameters with those of `over` put on top.
    ///
    /// Another `Method` in `over` means another scheme: then nothing is taken from here, since a secret
    /// made for one scheme says nothing to another.
    #[must_use]
    pub fn overridden_by(&self, over: &Self) -> Self {
        let other_method = match (self.get("Method"), over.get("Method")) {
            (Some(mine), Some(theirs)) => !mine.eq_ignore_ascii_case(theirs),
            _ => false,
        };
        if other_method {
            return over.clone();
        }
        let mut merged = self.clone();
        for (name, value) in &over.0 {
            merged.set(&**name, value.clone());
        }
        merged
    }

    /// Reads them one by one, with errors for what is missing, wrong or left over.
    pub fn reader(&self) -> ParamReader<'_> {
        ParamReader { params: self, asked: Vec::new() }
    }

    fn secret(&self, name: &str) -> Option<&SecretText> {
        self.position(name).map(|at| &self.0[at].1)
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(known, _)| known.eq_ignore_ascii_case(name))
    }
}

impl fmt::Debug for AuthParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthParams")?;
        f.debug_list().entries(self.names()).finish()
    }
}

impl<N: Into<String>, V: Into<SecretText>> FromIterator<(N, V)> for AuthParams {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut params = Self::new();
        for (name, value) in pairs {
            params.set(name, value);
        }
        params
    }
}

/// Reads [`AuthParams`] on behalf of a method's constructor.
///
/// It remembers which names were asked for. What is left over in the end is an error with the nearest of
/// those names as a hint, so a method need not list its parameters twice.
#[derive(Debug)]
pub struct ParamReader<'p> {
    params: &'p AuthParams,
    asked: Vec<&'static str>,
}

impl<'p> ParamReader<'p> {
    /// The text of a parameter that must be there.
    ///
    /// # Errors
    ///
    /// It is missing (a similar name among the others is named as a likely misspelling) or empty.
    pub fn text(&mut self, name: &'static str) -> Result<&'p str, ParamError> {
        self.optional_text(name)?.ok_or_else(|| self.missing(name))
    }

    /// The text of a parameter that may be absent.
    ///
    /// # Errors
    ///
    /// It is there, but empty.
    pub fn optional_text(&mut self, name: &'static str) -> Result<Option<&'p str>, ParamError> {
        self.asked.push(name);
        match self.params.get(name) {
            Some("") => Err(ParamError::invalid(name, "is empty")),
            found => Ok(found),
        }
    }

    /// A secret that must be there. White space at its ends and control characters inside are refused: they
    /// are what is left of a line break when a secret is copied.
    ///
    /// # Errors
    ///
    /// It is missing, empty, or has such characters.
    pub fn secret(&mut self, name: &'static str) -> Result<SecretText, ParamError> {
        let text = self.text(name)?;
        checked_secret(name, text)
    }

    /// A secret that may be absent, otherwise as [`secret`](Self::secret).
    ///
    /// # Errors
    ///
    /// It is there, but empty, or has white space at its ends or control characters inside.
    pub fn optional_secret(&mut self, name: &'static str) -> Result<Option<SecretText>, ParamError> {
        self.optional_text(name)?.map(|text| checked_secret(name, text)).transpose()
    }

    /// A key that is given in base64 (standard alphabet, padded): its raw bytes.
    ///
    /// # Errors
    ///
    /// It is missing, empty, or not base64.
    pub fn base64_key(&mut self, name: &'static str) -> Result<SecretBytes, ParamError> {
        let text = self.text(name)?;
        decode_base64_key(name, text)
    }

    /// `true` or `false`.
    ///
    /// # Errors
    ///
    /// It is there, and neither.
    pub fn flag(&mut self, name: &'static str) -> Result<Option<bool>, ParamError> {
        self.choice(name, &[("true", true), ("false", false)])
    }

    /// A whole number, perhaps with a sign.
    ///
    /// # Errors
    ///
    /// It is there, and is no such number or does not fit 64 bits.
    pub fn integer(&mut self, name: &'static str) -> Result<Option<i64>, ParamError> {
        let Some(text) = self.optional_text(name)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| ParamError::invalid(name, "is not a whole number"))
    }

    /// One of several words, in any case.
    ///
    /// # Errors
    ///
    /// It is there, and none of them; the error lists them.
    pub fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&'static str, T)],
    ) -> Result<Option<T>, ParamError> {
        let Some(text) = self.optional_text(name)? else { return Ok(None) };
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        found.map(|&(_, value)| Some(value)).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|&(word, _)| word).collect();
            ParamError::invalid(name, format!("must be one of: {}", words.join(", ")))
        })
    }

    /// Nothing may be left that nobody asked for. [`Registry::signer`](crate::Registry::signer) calls it.
    ///
    /// # Errors
    ///
    /// A parameter is there that was not asked for; the nearest name that was is the suggestion.
    pub fn finish(self) -> Result<(), ParamError> {
        let unknown = self.unasked().next();
        unknown
            .map_or(Ok(()), |name| Err(ParamError::unknown(name, nearest(name, self.asked.iter().copied()))))
    }

    fn unasked(&self) -> impl Iterator<Item = &'p str> {
        self.params.names().filter(|name| !self.asked.iter().any(|asked| asked.eq_ignore_ascii_case(name)))
    }

    fn missing(&self, name: &'static str) -> ParamError {
        let misspelt = nearest(name, self.unasked());
        match misspelt {
            Some(misspelt) => ParamError::unknown(misspelt, Some(name)),
            None => ParamError::new(ParamErrorKind::Missing, Some(name), "is missing"),
        }
    }
}

fn checked_secret(name: &'static str, text: &str) -> Result<SecretText, ParamError> {
    if text.trim() != text || text.chars().any(char::is_control) {
        return Err(ParamError::invalid(
            name,
            "has white space at its ends or a control character inside, perhaps a line break that was copied with it",
        ));
    }
    Ok(SecretText::new(text))
}

pub(crate) fn decode_base64_key(name: &'static str, text: &str) -> Result<SecretBytes, ParamError> {
    // The decoder's own error would show a character of the key.
    let key = STANDARD.decode(text).map(|key| SecretBytes::new(Zeroizing::new(key)));
    key.map_err(|_| ParamError::invalid(name, "is not base64 (standard alphabet, padded)"))
}

/// Why parameters make no signer. Names the parameter, never shows a value.
#[derive(Clone, PartialEq, Eq)]
pub struct ParamError {
    kind: ParamErrorKind,
    parameter: Option<Box<str>>,
    suggestion: Option<Box<str>>,
    message: Cow<'static, str>,
}

/// What is wrong with a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParamErrorKind {
    /// No method has that name.
    UnknownMethod,
    /// The method has no parameter of that name.
    Unknown,
    /// A parameter that must be there is not.
    Missing,
    /// Its value cannot be used.
    Invalid,
    /// It contradicts another one.
    Conflict,
}

impl ParamError {
    fn new(kind: ParamErrorKind, parameter: Option<&str>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, parameter: parameter.map(Box::from), suggestion: None, message: message.into() }
    }

    /// The value of `parameter` cannot be used; `reason` continues its name ("is not base64").
    pub fn invalid(parameter: &str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ParamErrorKind::Invalid, Some(parameter), reason)
    }

    /// `parameter` contradicts another one; `reason` continues its name ("cannot stand beside X").
    pub fn conflict(parameter: &str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ParamErrorKind::Conflict, Some(parameter), reason)
    }

    /// The name is kept only to find its place: without a likely meaning it may be a secret on the wrong line.
    fn unknown(parameter: &str, suggestion: Option<&str>) -> Self {
        let mut error = Self::new(ParamErrorKind::Unknown, Some(parameter), "is not a known parameter");
        error.suggestion = suggestion.map(Box::from);
        error
    }

    pub(crate) fn unknown_method(name: &str, suggestion: Option<&str>) -> Self {
        let message = match suggestion {
            Some(_) => format!("names no known method: `{}`", name.escape_debug()).into(),
            None => Cow::Borrowed("names no known method"),
        };
        let mut error = Self::new(ParamErrorKind::UnknownMethod, Some("Method"), message);
        error.suggestion = suggestion.map(Box::from);
        error
    }

    pub(crate) fn missing_method() -> Self {
        Self::new(ParamErrorKind::Missing, Some("Method"), "is missing")
    }

    /// What is wrong.
    pub fn kind(&self) -> ParamErrorKind {
        self.kind
    }

    /// What is wrong, as it continues the parameter's name; without the suggestion.
    pub fn reason(&self) -> &str {
        &self.message
    }

    /// The parameter that is at fault, as it was written, to find its place. Show
    /// [`shown_parameter`](Self::shown_parameter).
    pub fn parameter(&self) -> Option<&str> {
        self.parameter.as_deref()
    }

    /// The parameter that is at fault, unless it resembles no known one: what stands in the place of a name may
    /// be a secret then.
    pub fn shown_parameter(&self) -> Option<&str> {
        self.parameter().filter(|_| self.kind != ParamErrorKind::Unknown || self.suggestion.is_some())
    }

    /// The name that was probably meant.
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }
}

impl fmt::Display for ParamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.shown_parameter(), &self.parameter) {
            (Some(parameter), _) => write!(f, "`{}` ", parameter.escape_debug())?,
            (None, Some(_)) => f.write_str("a name that is not shown ")?,
            (None, None) => {}
        }
        f.write_str(&self.message)?;
        self.suggestion.as_ref().map_or(Ok(()), |name| write!(f, "; did you mean `{name}`?"))
    }
}

impl fmt::Debug for ParamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParamError")
            .field("kind", &self.kind)
            .field("parameter", &self.shown_parameter())
            .field("suggestion", &self.suggestion)
            .field("message", &self.message)
            .finish()
    }
}

impl Error for ParamError {}

/// The candidate that `name` is probably a misspelling of: at most a third of its letters differ.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    const LONGEST: usize = 64; // the distance is quadratic, and no name is longer
    let name = name.to_ascii_lowercase();
    if name.len() > LONGEST {
        return None;
    }
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| (strsim::osa_distance(&name, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().min(name.len()).div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> AuthParams {
        pairs.iter().copied().collect()
    }

    #[test]
    fn names_are_not_case_sensitive() {
        let mut params = params(&[("AccessKeyId", "a"), ("accesskeyid", "b")]);
        assert_eq!(params.get("ACCESSKEYID"), Some("b"));
        assert_eq!(params.names().count(), 1);
        assert_eq!(params.remove("accessKeyID").unwrap().expose(), "b");
        assert_eq!(params.names().count(), 0);
    }

    #[test]
    fn a_missing_name_points_to_its_misspelling() {
        let params = params(&[("SecretAcessKey", "x")]);
        let error = params.reader().secret("SecretAccessKey").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`SecretAcessKey` is not a known parameter; did you mean `SecretAccessKey`?"
        );
        assert_eq!(error.parameter(), Some("SecretAcessKey"));
    }

    #[test]
    fn what_nobody_asked_for_is_an_error() {
        let params = params(&[("Region", "x"), ("Servise", "y")]);
        let mut reader = params.reader();
        reader.text("Region").unwrap();
        reader.optional_text("Service").unwrap();
        let error = reader.finish().unwrap_err();
        assert_eq!((error.kind(), error.suggestion()), (ParamErrorKind::Unknown, Some("Service")));
    }

    #[test]
    fn a_name_that_resembles_none_is_not_shown() {
        let params = params(&[("Region", "x"), ("k7Qm/Zr8w+hunter2", "")]);
        let mut reader = params.reader();
        reader.text("Region").unwrap();
        let error = reader.finish().unwrap_err();
        assert_eq!(error.to_string(), "a name that is not shown is not a known parameter");
        assert!(!format!("{error:?}").contains("hunter2"));
        assert_eq!(error.parameter(), Some("k7Qm/Zr8w+hunter2"));
    }

    #[test]
    fn secrets_with_the_remains_of_a_line_break_are_refused_unseen() {
        for value in ["hunter2\n", " hunter2", "hun\tter2", "hunter2\u{a0}"] {
            let params = params(&[("Key", value)]);
            let error = params.reader().secret("Key").unwrap_err();
            assert!(!error.to_string().contains("hun"), "{error}");
        }
        let params = params(&[("Key", "hunter2!")]);
        let error = params.reader().base64_key("Key").unwrap_err();
        assert_eq!(error.to_string(), "`Key` is not base64 (standard alphabet, padded)");
    }

    #[test]
    fn another_method_takes_nothing_over() {
        let base = params(&[("Method", "a"), ("Key", "1"), ("Region", "x")]);
        let same = base.overridden_by(&params(&[("region", "y")]));
        assert_eq!((same.get("Key"), same.get("Region")), (Some("1"), Some("y")));
        let other = base.overridden_by(&params(&[("Method", "b")]));
        assert_eq!(other.get("Key"), None);
    }

    #[test]
    fn wrong_words_are_answered_with_the_right_ones() {
        let params = params(&[("F", "maybe"), ("N", "1.5")]);
        let mut reader = params.reader();
        assert_eq!(reader.flag("F").unwrap_err().to_string(), "`F` must be one of: true, false");
        assert_eq!(reader.integer("N").unwrap_err().to_string(), "`N` is not a whole number");
    }
}
