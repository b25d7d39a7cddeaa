//! A line of a config file, quoted without what may be secret.
//!
//! The line may be anything: the second half of a secret, a whole JSON document. So it is shown only as far as it
//! is known to be harmless: a header of a section, or one `name = value` whose name is known, and its value only
//! if that is a setting's. All else is `<masked>`.

use std::borrow::Cow;

use tower_signing::{ConfigFault, ParamClass};

use crate::terminal::visible;

const MASK: &str = "<masked>";

/// A line fit to be printed, and what to underline in it, in characters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Quote {
    pub(super) text: String,
    pub(super) start: usize,
    pub(super) width: usize,
}

impl Quote {
    /// `line` of the file, for a fault that stands there.
    pub(super) fn of(line: &str, fault: &ConfigFault) -> Self {
        let is_misspelt = fault.suggestion().is_some();
        Self::new(line, fault.section(), fault.parameter(), fault.column().is_some(), is_misspelt)
    }

    fn new(
        line: &str,
        section: Option<&str>,
        parameter: Option<&str>,
        is_at_value: bool,
        is_misspelt: bool,
    ) -> Self {
        let line = line.trim();
        if line.is_empty() {
            return Self { text: String::new(), start: 0, width: 1 };
        }
        if is_header(line) {
            return Self::underlined(visible(line).into_owned(), 0);
        }
        let Some((name, before_value, value)) = split(line) else { return Self::masked() };
        let is_name = |known: &str| known.eq_ignore_ascii_case(name);
        let class = ParamClass::of(name);
        let is_at_fault = parameter.is_some_and(is_name);
        // The fault tells the names of its section and parameter anyway.
        let is_told = is_at_fault || section.is_some_and(|section| section.split('.').any(is_name));
        if class == ParamClass::Unknown && !is_told {
            return Self::masked();
        }
        let before_value = visible(before_value);
        // A method that resembles none may be a secret on the wrong line.
        let is_other_method = is_at_fault && is_name("Method") && !is_misspelt;
        let value = shown_value(if is_other_method { ParamClass::Unknown } else { class }, value);
        let text = [&*before_value, &value].concat();
        // Of a parameter that nobody knows, the name is what is wrong.
        let is_name_wrong = class == ParamClass::Unknown && is_at_fault;
        if is_name_wrong || !is_at_value || value.is_empty() {
            let start = before_value.find(name).map_or(0, |at| before_value[..at].chars().count());
            return Self { text, start, width: name.chars().count() };
        }
        Self::underlined(text, before_value.chars().count())
    }

    fn masked() -> Self {
        Self::underlined(MASK.to_owned(), 0)
    }

    /// From `start` to the end.
    fn underlined(text: String, start: usize) -> Self {
        let width = text.chars().count() - start;
        Self { text, start, width }
    }
}

/// `[section]`, as INI and TOML write it.
fn is_header(line: &str) -> bool {
    let name = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    name.is_some_and(|name| {
        name.chars()
            .all(|character| character.is_alphanumeric() || matches!(character, '.' | '-' | '_' | ' '))
    })
}

/// Name, the text up to the value, value: of `name = value`, `name: value` or `"name": value`.
fn split(line: &str) -> Option<(&str, &str, &str)> {
    let separator = line.find(['=', ':'])?;
    let name = line[..separator].trim_matches(|character: char| {
        character.is_whitespace() || matches!(character, '"' | '\'' | '{' | '-')
    });
    let rest = &line[separator + 1..];
    let value = rest.trim_start();
    Some((name, &line[..line.len() - value.len()], value))
}

/// The value if it is a setting's and nothing stands beside it; brackets that open a table.
fn shown_value(class: ParamClass, value: &str) -> Cow<'_, str> {
    let inner = value.strip_suffix(',').unwrap_or(value);
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| inner.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(inner);
    let stands_alone = |character: char| {
        !character.is_whitespace() && !matches!(character, '"' | '\'' | ',' | '{' | '}' | '[' | ']' | '#')
    };
    match class {
        _ if value.is_empty() || matches!(value, "{" | "[" | "{}" | "[]") => Cow::Borrowed(value),
        ParamClass::Setting if inner.chars().all(stands_alone) => visible(value),
        _ => Cow::Borrowed(MASK),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, parameter: Option<&str>, text: &str, underlined: &str) {
        let quote = Quote::new(line, Some("auth.payments"), parameter, true, false);
        let part: String = quote.text.chars().skip(quote.start).take(quote.width).collect();
        assert_eq!((quote.text.as_str(), part.as_str()), (text, underlined));
    }

    #[test]
    fn settings_are_shown() {
        check("  Region = eu west", Some("Region"), "Region = <masked>", "<masked>");
        check("  Region = eu", Some("Region"), "Region = eu", "eu");
        check("Match=https://h:x/", Some("Match"), "Match=https://h:x/", "https://h:x/");
        check(r#"  "Region": "eu","#, Some("Region"), r#""Region": "eu","#, r#""eu","#);
        check("- Region: 'eu'", Some("Region"), "- Region: 'eu'", "'eu'");
    }

    #[test]
    fn secrets_and_unknown_names_are_masked() {
        check("SecretAccessKey = hunter2", Some("SecretAccessKey"), "SecretAccessKey = <masked>", "<masked>");
        check("AccessKeyId: hunter2", None, "AccessKeyId: <masked>", "<masked>");
        check("SecretKey = hunter2", Some("SecretKey"), "SecretKey = <masked>", "SecretKey");
        check("Method = hunter2", Some("Method"), "Method = <masked>", "<masked>");
        check("hunter2==", None, MASK, MASK);
        check("hunter2", None, MASK, MASK);
        check(r#"{"auth":{"Token":"hunter2"}}"#, Some("Token"), r#"{"auth":<masked>"#, MASK);
        check(r#"Region = "eu" # hunter2"#, Some("Region"), "Region = <masked>", "<masked>");
        check(r#"{"Region":"eu","Token":"hunter2"}"#, Some("Region"), r#"{"Region":<masked>"#, "<masked>");
        check("\u{1b}[31m = x", None, MASK, MASK);
    }

    #[test]
    fn structure_is_shown() {
        check("[auth.payments]", None, "[auth.payments]", "[auth.payments]");
        check(r#""payments": {"#, None, r#""payments": {"#, "{");
        check("", None, "", "");
        check(r#"["hunter2"]"#, None, MASK, MASK);
        check("Token =", Some("Token"), "Token =", "Token");
    }
}
