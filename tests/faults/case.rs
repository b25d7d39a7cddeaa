//! Faults, who refuses them, and what is told.

use bytes::Bytes;
use http::Response;
use signing_core::diagnose::{Cause, Diagnosis, Refusal, Signed, diagnose};

use crate::base::{Base, Sent, Wire};
use crate::leaks;

/// Who verifies requests.
pub(crate) trait Service {
    /// Its clock.
    fn now(&self) -> u64;

    /// What it answers.
    fn answer(&self, wire: &Wire) -> Response<Bytes>;
}

/// One fault, and the cause that was injected with it.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) what: &'static str,
    pub(crate) expected: &'static str,
    evidence: &'static str,
    pub(crate) note: &'static str,
    inject: fn(Base) -> Sent,
}

/// `expected` is what was injected, not what is told.
pub(crate) const fn fault(what: &'static str, expected: &'static str, inject: fn(Base) -> Sent) -> Fault {
    Fault { what, expected, evidence: "", note: "", inject }
}

impl Fault {
    /// The sentence or the remedy has to hold this.
    pub(crate) const fn telling(mut self, evidence: &'static str) -> Self {
        self.evidence = evidence;
        self
    }

    /// Why the answer cannot tell the fault itself.
    pub(crate) const fn because(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }
}

/// Faults of one right request.
pub(crate) struct Group {
    pub(crate) method: &'static str,
    pub(crate) source: &'static str,
    /// `None` if it does not run.
    pub(crate) service: Option<Box<dyn Service>>,
    pub(crate) base: Base,
    /// Of other programs, which the service has to take like the base.
    pub(crate) right: &'static [fn(Base) -> Sent],
    pub(crate) faults: &'static [Fault],
}

/// One line of the table.
pub(crate) struct Row {
    pub(crate) method: &'static str,
    pub(crate) source: &'static str,
    pub(crate) fault: Fault,
    /// `None` if it was not run.
    pub(crate) told: Option<Told>,
}

/// What was told.
pub(crate) struct Told {
    /// That of the first cause.
    pub(crate) name: &'static str,
    pub(crate) sentence: String,
    pub(crate) is_right: bool,
    /// Whether some text of it holds a secret.
    pub(crate) leaks: bool,
}

impl Group {
    /// The right request is taken, and each fault refused.
    pub(crate) fn run(&self) -> Vec<Row> {
        let signed_here = Base::sign as fn(Base) -> Sent;
        for sign in [signed_here].iter().chain(self.right) {
            self.service.iter().for_each(|service| self.check_right(&**service, *sign));
        }
        self.faults.iter().map(|fault| self.row(fault)).collect()
    }

    fn check_right(&self, service: &dyn Service, sign: fn(Base) -> Sent) {
        let sent = sign(self.base.clone().at(service.now()));
        let answer = service.answer(&sent.wire);
        let (source, method) = (self.source, self.method);
        assert!(
            answer.status().is_success(),
            "{source} refuses what is right, {method}: {}",
            tell(&sent.signed, &answer)
        );
    }

    fn row(&self, fault: &Fault) -> Row {
        let told = self.service.as_ref().map(|service| self.told(fault, &**service));
        Row { method: self.method, source: self.source, fault: *fault, told }
    }

    fn told(&self, fault: &Fault, service: &dyn Service) -> Told {
        let sent = (fault.inject)(self.base.clone().at(service.now()));
        let answer = service.answer(&sent.wire);
        assert!(!answer.status().is_success(), "{}: {} is taken", self.source, fault.what);
        let diagnosis = tell(&sent.signed, &answer);
        // From an explanation that is not masked, the same has to come.
        let other = sent.unmasked.as_ref().map(|signed| tell(signed, &answer));
        let mut is_right = true;
        let mut leaks = false;
        for diagnosis in [Some(&diagnosis), other.as_ref()].into_iter().flatten() {
            is_right &= fault.is_told_by(diagnosis);
            leaks |= leaks::are_in(diagnosis, &sent);
        }
        Told { name: first_name(&diagnosis), sentence: diagnosis.to_string(), is_right, leaks }
    }
}

impl Fault {
    fn is_told_by(&self, diagnosis: &Diagnosis) -> bool {
        let remedy = diagnosis.causes().first().map(|cause| cause.remedy().into_owned());
        let text = [diagnosis.to_string(), remedy.unwrap_or_default()].join(" ");
        first_name(diagnosis) == self.expected && text.contains(self.evidence)
    }
}

fn first_name(diagnosis: &Diagnosis) -> &'static str {
    diagnosis.causes().first().map_or("none", Cause::name)
}

fn tell(signed: &Signed, answer: &Response<Bytes>) -> Diagnosis {
    diagnose(signed, &Refusal::new(answer.status(), answer.headers(), answer.body()))
}
