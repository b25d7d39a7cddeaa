//! A table in plain text, as wide as what stands in it.

use std::fmt;

use crate::requests::Answer;
use crate::services::Service;

const HEAD: [&str; 5] = ["method", "request", "answer", "keys", "reason"];

/// What was sent, and what the servers said.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<[String; 5]>,
    has_surprises: bool,
}

/// What a server should make of a request.
#[derive(Clone, Copy)]
pub(crate) enum Expected {
    Verified,
    Refused,
}

impl Table {
    pub(crate) fn push(&mut self, service: &Service, request: &str, answer: Answer, expected: Expected) {
        let (word, is_surprise) = match (&answer, expected) {
            (Answer::Verified { .. }, Expected::Verified) => ("verified", false),
            (Answer::Refused { .. }, Expected::Refused) => ("refused, as it should be", false),
            (Answer::Verified { .. }, Expected::Refused) => ("VERIFIED, THOUGH CHANGED", true),
            (Answer::Refused { .. }, Expected::Verified) => ("REFUSED", true),
        };
        self.has_surprises |= is_surprise;
        let (keys, reason) = match answer {
            Answer::Verified { generation } => (format!("generation {generation}"), String::new()),
            Answer::Refused { reason } => (String::new(), reason),
        };
        self.rows.push([service.method.to_owned(), request.to_owned(), word.to_owned(), keys, reason]);
    }

    pub(crate) fn is_as_expected(&self) -> bool {
        !self.has_surprises
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut widths = HEAD.map(str::len);
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.len().max(*width);
            }
        }
        write_row(f, &widths, HEAD)?;
        let rule = widths.map(|width| "-".repeat(width));
        write_row(f, &widths, rule.each_ref().map(String::as_str))?;
        let mut method = "";
        for row in &self.rows {
            let mut cells = row.each_ref().map(String::as_str);
            // A method's name stands at its first row only.
            if std::mem::replace(&mut method, cells[0]) == cells[0] {
                cells[0] = "";
            }
            write_row(f, &widths, cells)?;
        }
        Ok(())
    }
}

fn write_row(f: &mut fmt::Formatter<'_>, widths: &[usize; 5], cells: [&str; 5]) -> fmt::Result {
    let padded: Vec<_> = widths.iter().zip(cells).map(|(&width, cell)| format!("{cell:width$}")).collect();
    writeln!(f, "{}", padded.join("  ").trim_end())
}
