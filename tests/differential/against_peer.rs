//! The same request signed by the peer and by us.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use proptest::test_runner::{TestCaseError, TestRunner};
use signing_core::Explanation;

use crate::config;
use crate::peer::{self, Answer, Place, REASONS};
use crate::request::{Request, request};
use crate::setup::{Setup, setup};

const CASES: u32 = 2_000;

#[test]
fn headers_are_as_the_peer_sets_them() {
    compare(Place::Headers);
}

#[test]
fn presigned_urls_have_the_parameters_of_the_peer() {
    compare(Place::Query);
}

/// Every difference has a reason; and every reason is one: it is seen to make a difference by itself.
fn compare(place: Place) {
    let compared = Cell::new(0);
    let seen: RefCell<BTreeMap<&str, usize>> = RefCell::default();
    let result = TestRunner::new(config(CASES)).run(&(setup(), request()), |(setup, request)| {
        let Some(theirs) = peer::answer(&setup, &request, place) else { return Ok(()) };
        let (ours, told) = answer(&setup, &request, place)?;
        let reasons: Vec<_> =
            REASONS.iter().filter(|(_, applies)| applies(&setup, &request, place)).collect();
        match reasons[..] {
            [] => {
                compared.set(compared.get() + 1);
                if ours != theirs {
                    let canonical = told.canonical_request().unwrap_or_default();
                    let fault =
                        format!("ours {ours:?}\npeer {theirs:?}\nour canonical request:\n{canonical}");
                    return Err(TestCaseError::fail(fault));
                }
            }
            [(reason, _)] if ours != theirs => *seen.borrow_mut().entry(reason).or_default() += 1,
            _ => {}
        }
        Ok(())
    });
    println!(
        "{place:?}: {} of {CASES} compared; differences with one reason: {:?}",
        compared.get(),
        seen.borrow()
    );
    result.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(compared.get() > CASES / 2, "too few cases are left to compare");
    for (reason, _) in REASONS {
        let is_for_queries_only = reason == "it presigns without two more headers";
        let matters = place == Place::Query || !is_for_queries_only;
        assert!(!matters || seen.borrow().contains_key(reason), "`{reason}` never made a difference");
    }
}

fn answer(setup: &Setup, request: &Request, place: Place) -> Result<(Answer, Explanation), TestCaseError> {
    let told = match place {
        Place::Headers => setup.sign(request),
        Place::Query => setup.presign(request),
    };
    let told = told.map_err(|error| TestCaseError::fail(error.to_string()))?;
    let set = match place {
        Place::Headers => {
            let set = told.set_headers().iter();
            set.map(|(name, value)| (name.as_str().to_owned(), value.clone())).collect()
        }
        Place::Query => parameters_after(&request.head().uri.to_string(), told.url())?,
    };
    let signature = told.signature().unwrap_or_default().to_owned();
    Ok((Answer { signature, set }, told))
}

/// What was appended to the URL, decoded.
fn parameters_after(url: &str, presigned: &str) -> Result<BTreeMap<String, String>, TestCaseError> {
    let appended = presigned.strip_prefix(url).ok_or_else(|| TestCaseError::fail("the URL was rewritten"))?;
    let pairs = appended.trim_start_matches(['?', '&']).split('&').filter_map(|pair| pair.split_once('='));
    Ok(pairs.map(|(name, value)| (name.to_owned(), decoded(value))).collect())
}

fn decoded(value: &str) -> String {
    let mut parts = value.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        text.push(char::from(u8::from_str_radix(digits, 16).expect("an escape has two digits")));
        text.push_str(rest);
    }
    text
}
