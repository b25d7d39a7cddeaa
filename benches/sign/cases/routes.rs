//! What it costs to find the section that signs.

use signing_core::{AuthParams, Registry, Signer};
use tower_signing::{Signers, SigningLayer};

use super::{AwsCase, Case, SECTIONS, Who, service};

/// The case r: `case` through a layer with one section, and through one with many.
pub(crate) fn routed(case: &AwsCase) -> Case {
    let host = case.head.uri.host().expect("an absolute URL");
    let layer = |others: usize| {
        let mut signers = Signers::new();
        let mut insert = |name: &str, url: String, signer: Signer| {
            let scope = url.parse().expect("a valid Match");
            signers.insert(name, Some(scope), signer).expect("no two are alike");
        };
        for at in 0..others {
            insert(
                &format!("section{at}"),
                format!("https://bucket{at}.s3.us-east-1.amazonaws.com/"),
                token(),
            );
        }
        insert("this", format!("https://{host}/"), case.signer());
        SigningLayer::new(signers)
    };
    Case {
        key: "r",
        title: "a through routes",
        contenders: vec![
            (Who::Service, service::over(case, layer(0))),
            (Who::Routed, service::over(case, layer(SECTIONS - 1))),
        ],
    }
}

fn token() -> Signer {
    let params: AuthParams =
        [("Method", "auth-token"), ("Header", "x"), ("Token", "t")].into_iter().collect();
    Registry::new().signer(&params).expect("valid parameters")
}
