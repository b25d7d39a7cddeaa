//! Method names and their constructors: the built-in ones and the user's own.

use std::fmt;
use std::sync::Arc;

use crate::params::nearest;
use crate::{AuthParams, Method, ParamError, ParamReader, Signer};

type Constructor = dyn Fn(&mut ParamReader<'_>) -> Result<Box<dyn Method>, ParamError> + Send + Sync;

/// Which methods a config file may name. Cheap to clone.
#[derive(Clone)]
pub struct Registry {
    methods: Vec<(Arc<str>, Arc<Constructor>)>,
}

impl Registry {
    /// The methods of this crate, as far as their features are enabled.
    pub fn new() -> Self {
        let mut registry = Self::empty();
        #[cfg(feature = "aws")]
        registry.insert(crate::aws::METHOD_NAME, crate::aws::SigV4::from_params);
        #[cfg(feature = "azure")]
        crate::azure::register(&mut registry);
        #[cfg(feature = "cybersource")]
        registry.insert(crate::cybersource::METHOD_NAME, crate::cybersource::HttpSignature::from_params);
        #[cfg(feature = "token")]
        registry.insert(crate::token::METHOD_NAME, crate::token::AuthToken::from_params);
        registry
    }

    /// No method at all.
    pub fn empty() -> Self {
        Self { methods: Vec::new() }
    }

    /// Adds a method of your own, or replaces the one of that name. Names are not case-sensitive.
    ///
    /// `constructor` asks for its parameters; what a section holds beyond them is an error that needs no
    /// code. `ClockCorrection` is understood for every method.
    ///
    /// # Errors
    ///
    /// `name` is empty or `none`, the word for "do not sign".
    pub fn register<M, F>(&mut self, name: &str, constructor: F) -> Result<(), ParamError>
    where
        M: Method,
        F: Fn(&mut ParamReader<'_>) -> Result<M, ParamError> + Send + Sync + 'static,
    {
        if name.is_empty() || name.eq_ignore_ascii_case("none") {
            return Err(ParamError::invalid("Method", "cannot be registered as an empty name or as `none`"));
        }
        self.insert(name, constructor);
        Ok(())
    }

    pub(crate) fn insert<M, F>(&mut self, name: &str, constructor: F)
    where
        M: Method,
        F: Fn(&mut ParamReader<'_>) -> Result<M, ParamError> + Send + Sync + 'static,
    {
        let boxed: Arc<Constructor> = Arc::new(move |params| Ok(Box::new(constructor(params)?)));
        self.methods.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.methods.push((Arc::from(name), boxed));
    }

    /// The names of all methods.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.methods.iter().map(|(name, _)| &**name)
    }

    /// Builds the signer that `params` describe; its `Method` says which.
    ///
    /// # Errors
    ///
    /// The method is missing or unknown, or a parameter is missing, unknown or unusable.
    pub fn signer(&self, params: &AuthParams) -> Result<Signer, ParamError> {
        let mut reader = params.reader();
        let wanted = reader.optional_text("Method")?.ok_or_else(ParamError::missing_method)?;
        let (name, constructor) = self
            .methods
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .ok_or_else(|| ParamError::unknown_method(wanted, nearest(wanted, self.names())))?;
        let clock_correction = reader.integer("ClockCorrection")?.unwrap_or(0);
        let method = constructor(&mut reader)?;
        reader.finish()?;
        Ok(Signer::from_parts(Arc::clone(name), method, clock_correction))
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Registry")?;
        f.debug_list().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Changes, ParamErrorKind, SignError, SigningRequest};

    struct Nothing;

    impl Method for Nothing {
        fn sign(&self, _: &SigningRequest<'_>, _: &mut Changes) -> Result<(), SignError> {
            Ok(())
        }
    }

    fn registry() -> Registry {
        let mut registry = Registry::empty();
        registry.register("do-nothing", |_| Ok(Nothing)).unwrap();
        registry
    }

    #[track_caller]
    fn check(pairs: &[(&str, &str)], expected: &str) {
        let params = pairs.iter().copied().collect();
        assert_eq!(registry().signer(&params).unwrap_err().to_string(), expected);
    }

    #[test]
    fn an_unknown_method_is_answered_with_the_nearest_one() {
        check(
            &[("Method", "do-noting")],
            "`Method` names no known method: `do-noting`; did you mean `do-nothing`?",
        );
        check(&[], "`Method` is missing");
    }

    #[test]
    fn every_method_takes_a_clock_correction_and_nothing_unknown() {
        let params = [("method", "DO-NOTHING"), ("ClockCorrection", "-5")].into_iter().collect();
        assert_eq!(registry().signer(&params).unwrap().method_name(), "do-nothing");
        check(
            &[("Method", "do-nothing"), ("ClockCorection", "1")],
            "`ClockCorection` is not a known parameter; did you mean `ClockCorrection`?",
        );
    }

    #[test]
    fn none_is_reserved_and_a_second_registration_replaces_the_first() {
        let mut registry = registry();
        let error = registry.register("NONE", |_| Ok(Nothing)).unwrap_err();
        assert_eq!(error.kind(), ParamErrorKind::Invalid);
        registry.register("Do-Nothing", |_| Ok(Nothing)).unwrap();
        assert_eq!(registry.names().collect::<Vec<_>>(), ["Do-Nothing"]);
    }
}
