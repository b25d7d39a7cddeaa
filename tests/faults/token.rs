//! `auth-token`.

use http::Method;

use crate::base::Base;
use crate::case::{Fault, Group, fault};
use crate::oracle::Oracle;
use crate::oracle::token::{TOKEN, verify};

const METHOD: &str = "auth-token";

pub(crate) fn groups() -> Vec<Group> {
    let params = [("Method", METHOD), ("Header", "x-api-key"), ("Token", TOKEN)];
    vec![Group {
        method: METHOD,
        source: "oracle: an API",
        service: Some(Box::new(Oracle(verify))),
        base: Base::new(Method::GET, "https://partner.example/v1/orders", &params),
        right: &[],
        faults: FAULTS,
    }]
}

const FAULTS: &[Fault] = &[
    fault("another token", "none", |base| base.param("Token", "0ther+Zp4/mWqXn9RvLsKdJh==").sign())
        .telling("section `faults`")
        .because("nothing in the answer tells that the token is what is refused"),
    fault("token of the generation before", "credentials-replaced", |base| {
        base.param("Token", "0ld+Zp4/mWqXn9RvLsKdJh==").sign().replaced_since()
    }),
];
