//! `signing check`: is this config file right, and what does it say?

mod faults;
mod permissions;
mod quote;
mod sections;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use signing_core::Registry;
use tower_signing::ConfigReport;

use crate::failure::Failure;
use crate::terminal::{ColorChoice, Paint, visible};

/// Check config files, and print what they say
///
/// Prints each section with its method, its Match, which secrets it has and from where, and what is derived from
/// the request. Values of secrets are never shown. Warns about secrets in files that others can read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  signing check auth.conf

Exit status: 0 all files can be used, 1 some file is faulty, 2 unusable arguments.")]
pub(crate) struct Args {
    /// Config files: INI, or by extension TOML, YAML, JSON
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    color: ColorChoice,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let paint = Paint::new(args.color);
    let mut all_right = true;
    let mut output = io::stdout().lock();
    for (at, path) in args.files.iter().enumerate() {
        let report = ConfigReport::of_file(path, &Registry::new());
        all_right &= report.faults().is_empty();
        let gap = if at > 0 { "\n" } else { "" };
        output.write_all([gap, &text(path, &report, paint)].concat().as_bytes())?;
    }
    Ok(if all_right { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn text(path: &Path, report: &ConfigReport, paint: Paint) -> String {
    let name = path.display().to_string();
    let name = visible(&name);
    let count = report.faults().len();
    let verdict = match count {
        0 => paint.good("can be used").into_owned(),
        1 => paint.error("1 fault").into_owned(),
        _ => paint.error(&format!("{count} faults")).into_owned(),
    };
    let mut text = format!("{}: {verdict}\n", paint.title(&name));
    for section in report.sections() {
        text.push_str(&sections::text(section, paint));
    }
    text.push_str(&permissions::text(path, report, paint));
    text.push_str(&faults::text(path, report.faults(), paint));
    text
}
