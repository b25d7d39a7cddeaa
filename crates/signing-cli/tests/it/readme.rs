//! The sessions that the READMEs show: each command is run, and prints what stands below it.

use std::fs;
use std::path::Path;

use crate::command::{Folder, command, finish};

/// Runs every `console` block of a file below the crate, all in one folder. How many commands that were.
fn replay(readme: &str) -> usize {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(readme)).unwrap();
    let mut session = Session { folder: Folder::with(&[]), variables: Vec::new(), runs: 0 };
    for block in text.split("```console\n").skip(1) {
        let block = block.split("\n```").next().unwrap();
        let (start, steps) = block.split_once("$ ").unwrap();
        assert_eq!(start, "", "a block begins with a command");
        for step in steps.split("\n$ ") {
            let (line, output) = step.split_once('\n').unwrap_or((step, ""));
            session.step(line, output.trim_end());
        }
    }
    session.runs
}

struct Session {
    folder: Folder,
    variables: Vec<(String, String)>,
    runs: usize,
}

impl Session {
    fn step(&mut self, line: &str, shown: &str) {
        let words = words(line);
        match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            // The reader's file is what is shown.
            ["cat", name] => fs::write(self.folder.path(name), format!("{shown}\n")).unwrap(),
            ["export", variables @ ..] => {
                let pairs = variables.iter().map(|pair| pair.split_once('=').unwrap());
                self.variables.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
            }
            ["echo", input, "|", "signing", args @ ..] => self.run(line, args, input, shown),
            ["signing", args @ ..] => self.run(line, args, "", shown),
            _ => panic!("a command that is not known here: {line}"),
        }
    }

    fn run(&mut self, line: &str, args: &[&str], input: &str, shown: &str) {
        let mut command = command(args);
        command.envs(self.variables.iter().cloned()).current_dir(self.folder.path(""));
        let run = finish(command, input);
        let printed = [run.stdout, run.stderr].concat();
        assert!(is_shown(&printed, shown), "$ {line}\n{printed}\ninstead of\n{shown}");
        self.runs += 1;
    }
}

/// Words of a shell's line, as far as single quotes go.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (at, part) in line.split('\'').enumerate() {
        let is_quoted = at % 2 == 1;
        for (at, piece) in part.split(' ').enumerate() {
            if at > 0 {
                let last = words.last_mut().unwrap();
                if is_quoted { last.push(' ') } else { words.push(String::new()) }
            }
            words.last_mut().unwrap().push_str(piece);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether `printed` is what is shown, where `…` stands for what is left out.
fn is_shown(printed: &str, shown: &str) -> bool {
    let mut parts = shown.split('…');
    let Some(mut rest) = printed.trim_end().strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut is_open = false;
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = if part.is_empty() { "" } else { &rest[at + part.len()..] };
        is_open = part.is_empty();
    }
    rest.is_empty() || is_open
}

#[test]
fn the_sessions_are_what_the_command_prints() {
    assert!(replay("README.md") >= 6);
    assert!(replay("../../README.md") >= 3);
}

#[test]
fn what_is_left_out_is_all_that_may_differ() {
    assert!(is_shown("a\nb\nc\n", "a\nb\nc"));
    assert!(is_shown("a\nb\nc\n", "a\n…\nc"));
    assert!(is_shown("a\nb\nc\n", "a\n…"));
    assert!(!is_shown("a\nb\nc\n", "a\n…\nb"));
    assert!(!is_shown("a\nb\nc\n", "a\nb"));
    assert!(!is_shown("a\nb\n", "b"));
    assert_eq!(words("echo '{\"a b\"}' | signing  -x"), ["echo", "{\"a b\"}", "|", "signing", "-x"]);
}

/// Those of the library, which has them in a table of its own.
#[test]
fn the_names_of_causes_are_all_there() {
    let read = |path: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let source = read("../signing-core/src/diagnose/cause.rs");
    let mut of_library: Vec<&str> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("/// | `")?.split_once('`').map(|(name, _)| name))
        .collect();
    let readme = read("README.md");
    let (_, section) = readme.split_once("### Names of causes").unwrap();
    let rows = section.split("\n#").next().unwrap().lines().filter(|line| line.starts_with("| `"));
    let names = rows.flat_map(|row| row.split('|').nth(1).unwrap().split(','));
    let mut listed: Vec<&str> = names.map(|name| name.trim().trim_matches('`')).collect();
    assert!(of_library.len() > 40, "{of_library:?}");
    listed.sort_unstable();
    of_library.sort_unstable();
    assert_eq!(listed, of_library);
}
