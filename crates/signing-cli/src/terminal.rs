//! What may reach a terminal: colours where they are wanted, and text from outside made harmless.

use std::borrow::Cow;
use std::env;
use std::io::{self, IsTerminal};

use console::Term;

/// Text from outside, made harmless.
pub(crate) use signing_core::diagnose::visible;

/// When output is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Wraps text in colours, or leaves it as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    is_on: bool,
}

impl Paint {
    /// For standard output.
    pub(crate) fn new(choice: ColorChoice) -> Self {
        Self::on(choice, io::stdout().is_terminal())
    }

    /// For standard error.
    pub(crate) fn of_errors() -> Self {
        Self::on(ColorChoice::Auto, io::stderr().is_terminal())
    }

    fn on(choice: ColorChoice, is_terminal: bool) -> Self {
        let is_on = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            // https://no-color.org: set and not empty.
            ColorChoice::Auto => is_terminal && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        Self { is_on }
    }

    pub(crate) fn is_on(self) -> bool {
        self.is_on
    }

    pub(crate) fn title(self, text: &str) -> Cow<'_, str> {
        self.wrap("1;36", text)
    }

    pub(crate) fn error(self, text: &str) -> Cow<'_, str> {
        self.wrap("1;31", text)
    }

    pub(crate) fn warning(self, text: &str) -> Cow<'_, str> {
        self.wrap("1;33", text)
    }

    pub(crate) fn good(self, text: &str) -> Cow<'_, str> {
        self.wrap("32", text)
    }

    pub(crate) fn faint(self, text: &str) -> Cow<'_, str> {
        self.wrap("2", text)
    }

    /// What differs in what was signed; reversed, so that a space is seen.
    pub(crate) fn signed(self, text: &str) -> Cow<'_, str> {
        self.wrap("7;31", text)
    }

    /// What differs in what arrived.
    pub(crate) fn arrived(self, text: &str) -> Cow<'_, str> {
        self.wrap("7;32", text)
    }

    fn wrap<'t>(self, code: &str, text: &'t str) -> Cow<'t, str> {
        if self.is_on && !text.is_empty() {
            Cow::Owned(format!("\x1b[{code}m{text}\x1b[0m"))
        } else {
            Cow::Borrowed(text)
        }
    }
}

/// How many columns a line may have: `COLUMNS`, or what the terminal has, or 120 where there is none.
pub(crate) fn width(terminal: &Term) -> usize {
    let told = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    told.or_else(|| terminal.size_checked().map(|(_, columns)| columns.into())).unwrap_or(120)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_only_where_it_is_wanted() {
        assert_eq!(Paint::new(ColorChoice::Never).title("x"), "x");
        assert_eq!(Paint::new(ColorChoice::Always).title("x"), "\x1b[1;36mx\x1b[0m");
    }
}
