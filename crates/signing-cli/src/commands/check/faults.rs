//! What is wrong with a config file, each fault with its line, as a compiler tells it.

use std::fmt::Write;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use tower_signing::ConfigFault;

use super::quote::Quote;
use crate::terminal::{Paint, visible};

/// No config file is longer; of another file, nothing is quoted.
const LONGEST: u64 = 1 << 20;

pub(super) fn text(path: &Path, faults: &[ConfigFault], paint: Paint) -> String {
    if faults.is_empty() {
        return String::new();
    }
    let source = source(path);
    let lines: Vec<_> = source.lines().collect();
    let name = path.display().to_string();
    let mut text = String::new();
    for fault in faults {
        // Writing to a string cannot fail.
        let _ = write_fault(&mut text, &visible(&name), &lines, fault, paint);
    }
    text
}

fn write_fault(
    text: &mut String,
    path: &str,
    lines: &[&str],
    fault: &ConfigFault,
    paint: Paint,
) -> std::fmt::Result {
    let subject = match (fault.parameter(), fault.section()) {
        (Some(parameter), _) => format!("`{parameter}` "),
        (None, Some(section)) => format!("section [{section}]: "),
        (None, None) => String::new(),
    };
    writeln!(text, "\n{}: {}", paint.error("error"), visible(&[&subject, fault.message()].concat()))?;
    let mut place = path.to_owned();
    for number in [fault.line(), fault.column()].into_iter().flatten() {
        write!(place, ":{number}")?;
    }
    if let Some(section) = fault.section() {
        write!(place, ", section [{}]", visible(section))?;
    }
    let number = fault.line().map(|line| line.to_string()).unwrap_or_default();
    let margin = " ".repeat(number.len());
    let bar = paint.faint("|");
    writeln!(text, "{margin}{} {place}", paint.faint("-->"))?;
    let hint =
        fault.suggestion().map(|name| format!(" did you mean `{}`?", visible(name))).unwrap_or_default();
    // A text that ends too early has its fault behind the last line.
    let line = fault.line().map(|line| lines.get(line as usize - 1).copied().unwrap_or_default());
    match line {
        Some(line) => {
            let quote = Quote::of(line, fault);
            let carets = [&*paint.error(&"^".repeat(quote.width.max(1))), &hint].concat();
            writeln!(text, "{margin} {bar}")?;
            writeln!(text, "{} {bar} {}", paint.faint(&number), quote.text)?;
            writeln!(text, "{margin} {bar} {}{carets}", " ".repeat(quote.start))
        }
        None if hint.is_empty() => Ok(()),
        None => writeln!(text, "{margin} ={hint}"),
    }
}

/// The file once more, for the lines to quote; empty if it cannot be read.
fn source(path: &Path) -> String {
    let is_file = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    let mut bytes = Vec::new();
    if is_file && let Ok(file) = File::open(path) {
        // What could be read before an error is good enough to quote.
        let _ = file.take(LONGEST).read_to_end(&mut bytes);
    }
    let text = String::from_utf8_lossy(&bytes);
    text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()
}
