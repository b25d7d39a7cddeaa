//! Two texts side by side, or one above the other where there is no room.

use std::fmt::Write;

use console::measure_text_width;
use signing_core::diagnose::{Diff, DiffLine, DiffText};

use crate::terminal::Paint;

/// What stands before and between two columns.
const MARGIN: usize = 4;
const GAP: usize = 3;

/// All lines. Those that differ are marked; the characters that do have a colour, or else `^` beneath.
pub(super) fn text(diff: &Diff, paint: Paint, width: usize) -> String {
    let sides = |side: fn(&DiffLine) -> Option<&DiffText>| {
        let lengths = diff.lines().iter().filter_map(side).map(|line| measure_text_width(&line.text));
        lengths.max().unwrap_or(0).max("arrived".len())
    };
    let (left, right) = (sides(|line| line.signed.as_ref()), sides(|line| line.arrived.as_ref()));
    let mut page = Page { text: String::new(), paint };
    if is_of_service(diff) {
        diff.lines().iter().filter_map(|line| line.arrived.as_ref()).for_each(|line| page.plain(line));
    } else if MARGIN + left + GAP + right <= width {
        page.side_by_side(diff, left);
    } else {
        page.one_above_the_other(diff);
    }
    page.text
}

/// Whether it is the text of the service alone, beside none.
pub(super) fn is_of_service(diff: &Diff) -> bool {
    diff.lines().iter().all(|line| line.signed.is_none())
}

struct Page {
    text: String,
    paint: Paint,
}

#[derive(Clone, Copy)]
enum Side {
    Signed,
    Arrived,
}

impl Page {
    fn side_by_side(&mut self, diff: &Diff, left: usize) {
        self.push(&format!("    {:left$} | arrived", "signed"));
        for line in diff.lines() {
            let [signed, arrived] = sides(line);
            let mark = if line.is_equal() { " " } else { "!" };
            let used = signed.map_or(0, |line| measure_text_width(&line.text));
            let padding = " ".repeat(left - used);
            let bar = self.paint.faint("|").into_owned();
            let shown = [(signed, Side::Signed), (arrived, Side::Arrived)]
                .map(|(text, side)| text.map(|text| self.marked(text, side)).unwrap_or_default());
            self.push(&format!("  {mark} {}{padding} {bar} {}", shown[0], shown[1]));
            let carets = [carets(signed), carets(arrived)];
            self.carets(&format!("    {:left$}   {}", carets[0], carets[1]));
        }
    }

    fn one_above_the_other(&mut self, diff: &Diff) {
        self.push("  - signed");
        self.push("  + arrived");
        for line in diff.lines() {
            let sides = [(Side::Signed, '-'), (Side::Arrived, '+')].into_iter().zip(sides(line));
            for ((side, mark), text) in sides {
                let Some(text) = text else { continue };
                if line.is_equal() {
                    let bar = self.paint.faint("|").into_owned();
                    self.push(&format!("  {bar} {}", text.text));
                    break;
                }
                let shown = self.marked(text, side);
                self.push(&format!("  {mark} {shown}"));
                self.carets(&format!("    {}", carets(Some(text))));
            }
        }
    }

    fn plain(&mut self, line: &DiffText) {
        self.push(&format!("    {}", line.text));
    }

    /// With its differing characters in colour. Spaces are to be seen, too.
    fn marked(&self, line: &DiffText, side: Side) -> String {
        let (start, rest) = line.text.split_at(line.differs.start);
        let (differing, end) = rest.split_at(line.differs.len());
        let painted = match side {
            Side::Signed => self.paint.signed(differing),
            Side::Arrived => self.paint.arrived(differing),
        };
        [start, &painted, end].concat()
    }

    /// Where there is no colour.
    fn carets(&mut self, line: &str) {
        if !self.paint.is_on() && line.contains('^') {
            self.push(line);
        }
    }

    fn push(&mut self, line: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{}", line.trim_end());
    }
}

fn sides(line: &DiffLine) -> [Option<&DiffText>; 2] {
    [line.signed.as_ref(), line.arrived.as_ref()]
}

fn carets(line: Option<&DiffText>) -> String {
    let Some(line) = line else { return String::new() };
    let before = measure_text_width(&line.text[..line.differs.start]);
    let differing = measure_text_width(&line.text[line.differs.clone()]);
    [" ".repeat(before), "^".repeat(differing)].concat()
}
