//! From a place in the text to a line and a column.

/// A line and a column of a text, both counted from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Position {
    /// Where a text begins.
    pub(super) const START: Self = Self { line: 1, column: 1 };

    /// The position behind `character`, which stands at this one.
    fn after(self, character: char) -> Self {
        match character {
            '\n' => Self { line: self.line + 1, column: 1 },
            _ => Self { line: self.line, column: self.column + 1 },
        }
    }
}

/// The positions of a text, found without counting from its start each time.
///
/// A minified JSON file is one long line, so an index of lines would not do: the position is noted every
/// [`STRIDE`](Self::STRIDE) bytes, and only the rest is counted.
#[derive(Debug)]
pub(super) struct Positions<'t> {
    text: &'t str,
    /// Offset and position, of the first character of each stride.
    noted: Vec<(usize, Position)>,
}

impl<'t> Positions<'t> {
    /// Bytes between two noted positions.
    const STRIDE: usize = 64;

    pub(super) fn new(text: &'t str) -> Self {
        let mut noted = Vec::with_capacity(text.len() / Self::STRIDE + 1);
        let mut position = Position::START;
        for (offset, character) in text.char_indices() {
            if offset >= noted.len() * Self::STRIDE {
                noted.push((offset, position));
            }
            position = position.after(character);
        }
        Self { text, noted }
    }

    /// The position of the character at the byte `offset`, or of the end of the text.
    pub(super) fn at(&self, offset: usize) -> Position {
        let before = self.noted.partition_point(|&(noted, _)| noted <= offset);
        let Some(&(start, position)) = self.noted[..before].last() else { return Position::START };
        let counted = self.text[start..].char_indices().take_while(|(index, _)| start + index < offset);
        counted.fold(position, |position, (_, character)| position.after(character))
    }

    /// The position where `part` begins, which must be a slice of the text itself, not an equal one.
    pub(super) fn of(&self, part: &str) -> Position {
        self.at(part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr()))
    }

    /// Where the text ends.
    pub(super) fn end(&self) -> Position {
        self.at(self.text.len())
    }
}
