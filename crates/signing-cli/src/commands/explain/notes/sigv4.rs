//! SigV4: the canonical request beside the request.

use signing_core::Explanation;

use super::{Note, path_and_query};

const SORTED: &str = "parameters are sorted by name, then by value";
const ENCODED_ANEW: &str = "each name and value is decoded and encoded one way (a plus is %2B, a space %20), then sorted; a name without = gets one";
const FOLDED: &str = "dot segments and repeated slashes are folded";
const ENCODED_TWICE: &str = "the path is encoded a second time, as services other than S3 want it";
const FOLDED_AND_ENCODED_TWICE: &str = "dot segments and repeated slashes are folded, and the path is encoded a second time, as services other than S3 want it";
const ENCODED_ONE_WAY: &str = "every byte that is not unreserved is encoded";
const FROM_URL: &str = "signed as the client will send it: from the URL, without a default port";
const JOINED: &str = "several values are joined by commas, in their order";
const SPACES: &str = "white space at the ends is dropped, and runs of it inside are one space";
const NOT_SIGNED: &str = "clients and proxies change it";

pub(super) fn notes(explanation: &Explanation, canonical_request: &str) -> Vec<Note> {
    let mut lines = canonical_request.split('\n').skip(1);
    let (path, query) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let headers: Vec<_> =
        lines.take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(':')).collect();

    let (sent_path, sent_query) = path_and_query(explanation.url());
    let mut notes = Vec::new();
    notes.extend(Note::unless_equal("path", sent_path, path, path_reason(sent_path, path)));
    notes.extend(Note::unless_equal("query", sent_query, query, query_reason(sent_query, query)));
    notes.extend(headers.iter().filter_map(|(name, signed)| header_note(explanation, name, signed)));
    for (name, value) in explanation.headers() {
        if *name != "authorization" && !headers.iter().any(|(signed, _)| *signed == name.as_str()) {
            notes.push(Note::unsigned_header(name.as_str(), value, NOT_SIGNED));
        }
    }
    notes
}

fn header_note(explanation: &Explanation, name: &str, signed: &str) -> Option<Note> {
    let named = explanation.headers().iter().filter(|(sent, _)| *sent == name);
    let values: Vec<_> = named.map(|(_, value)| value.as_str()).collect();
    let what = format!("header {name}");
    match values.as_slice() {
        [] => Some(Note { what, sent: None, signed: Some(signed.to_owned()), why: FROM_URL }),
        [value] => Note::unless_equal(&what, value, signed, SPACES),
        values => Note::unless_equal(&what, &values.join(" | "), signed, JOINED),
    }
}

fn path_reason(sent: &str, signed: &str) -> &'static str {
    let is_folded = sent.contains("//") || sent.split('/').any(|segment| matches!(segment, "." | ".."));
    let is_twice = signed.matches("%25").count() > sent.matches("%25").count();
    match (is_folded, is_twice) {
        (true, true) => FOLDED_AND_ENCODED_TWICE,
        (true, false) => FOLDED,
        (false, true) => ENCODED_TWICE,
        (false, false) => ENCODED_ONE_WAY,
    }
}

fn query_reason(sent: &str, signed: &str) -> &'static str {
    let sorted = |query: &str| {
        let mut parts: Vec<_> = query.split('&').map(str::to_owned).collect();
        parts.sort_unstable();
        parts
    };
    if sorted(sent) == sorted(signed) { SORTED } else { ENCODED_ANEW }
}
