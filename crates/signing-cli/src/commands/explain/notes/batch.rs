//! Azure Batch: the string to sign beside the request.

use signing_core::Explanation;

use super::{Note, path_and_query};

const QUERY: &str = "a line for each parameter: decoded, names in lower case and sorted, values of a repeated name joined by commas";
const DATE: &str = "its line stays empty beside ocp-date";
const ZERO: &str = "GET and HEAD sign an empty line for a length of zero";
const NOT_SIGNED: &str = "Shared Key does not cover it";

const SIGNED: [&str; 10] = [
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
];

pub(super) fn notes(explanation: &Explanation, string_to_sign: &str) -> Vec<Note> {
    let lines: Vec<_> = string_to_sign.split('\n').collect();
    let mut notes = Vec::new();
    let (_, query) = path_and_query(explanation.url());
    // The resource is the first line with a slash at its start; the parameters follow.
    let resource = lines.iter().skip(12).position(|line| line.starts_with('/')).map(|at| at + 12);
    let parameters = resource.map_or(&[][..], |at| &lines[at + 1..]);
    notes.extend(
        Note::unless_equal("query", query, &parameters.join(" | "), QUERY)
            // A parameter that is written with a colon instead of `=` is no change worth telling.
            .filter(|_| {
                !query.split('&').map(|pair| pair.replacen('=', ":", 1)).eq(parameters.iter().copied())
            }),
    );
    for (name, value) in explanation.headers() {
        let name = name.as_str();
        match name {
            "authorization" => {}
            "date" if lines.get(6).is_some_and(|line| !line.is_empty()) => {}
            "date" => notes.extend(Note::unless_equal("header date", value, "", DATE)),
            "content-length" if lines.get(3).is_some_and(|line| line.is_empty()) => {
                notes.extend(Note::unless_equal("header content-length", value, "", ZERO));
            }
            _ if SIGNED.contains(&name) || name.starts_with("ocp-") => {}
            _ => notes.push(Note::unsigned_header(name, value, NOT_SIGNED)),
        }
    }
    notes
}
