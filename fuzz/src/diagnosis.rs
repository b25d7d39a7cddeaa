//! What must hold of every diagnosis.

use signing_core::diagnose::{Cause, Diagnosis, DiffText};

use crate::secrets::check_none;

/// # Panics
///
/// A text cannot be printed, is too long, or holds a secret; or the parts contradict each other.
pub fn check(diagnosis: &Diagnosis, secrets: &[&str]) {
    let causes = diagnosis.causes();
    assert!(causes.len() <= 16, "{causes:?}");
    assert!(!diagnosis.status().is_success() || causes.is_empty(), "{causes:?}");
    let is_authorization = |cause: &Cause| matches!(cause, Cause::Authorization { .. });
    assert!(causes.len() == 1 || !causes.iter().any(is_authorization), "{causes:?}");
    let sentences = causes.iter().flat_map(|cause| [cause.to_string(), cause.remedy().into_owned()]);
    for sentence in sentences.chain([diagnosis.to_string()]) {
        assert!(!sentence.is_empty() && sentence.len() < 32 * 1024, "{sentence}");
        check_text(&sentence, secrets);
    }
    let texts =
        [diagnosis.service_message(), diagnosis.service_code(), diagnosis.section(), diagnosis.key_id()];
    let names = diagnosis.headers_in_transit().iter().map(String::as_str);
    texts.into_iter().flatten().chain(names).for_each(|text| check_text(text, secrets));
    check_text(&format!("{diagnosis:?}"), secrets);
    for line in diagnosis.diff().into_iter().flat_map(|diff| diff.lines()) {
        assert!(line.signed.is_some() || line.arrived.is_some());
        let sides = [&line.signed, &line.arrived];
        sides.into_iter().flatten().for_each(|side| check_text(&side.text, secrets));
        match sides {
            [Some(signed), Some(arrived)] => assert_eq!(around(signed), around(arrived)),
            [one, other] => one.iter().chain(other).for_each(|side| assert_eq!(around(side), ("", ""))),
        }
        let texts = sides.map(|side| side.as_ref().map(|side| &side.text));
        assert_eq!(line.is_equal(), texts[0] == texts[1]);
    }
}

/// What stands around the characters that differ. Slicing panics unless they begin and end between characters.
fn around(side: &DiffText) -> (&str, &str) {
    let _differing = &side.text[side.differs.clone()];
    (&side.text[..side.differs.start], &side.text[side.differs.end..])
}

fn check_text(text: &str, secrets: &[&str]) {
    assert!(text.chars().all(is_printable), "{text:?}");
    check_none(text, secrets);
}

/// Nothing that moves the cursor, turns other text around, or hides.
fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}
