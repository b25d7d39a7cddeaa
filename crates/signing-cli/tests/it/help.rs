//! What the binary says of itself: help, completions, manual.

use std::fs;

use crate::command::{Folder, run};

const COMMANDS: [&str; 9] =
    ["sign", "explain", "diagnose", "send", "presign", "check", "proxy", "completions", "man"];

fn stdout(args: &[&str]) -> String {
    let run = run(args, "");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{args:?}");
    run.stdout
}

#[test]
fn every_command_has_an_example_and_says_its_exit_status() {
    let top = stdout(&["--help"]);
    for command in COMMANDS {
        assert!(top.contains(&format!("\n  {command} ")), "{top}");
        let help = stdout(&[command, "--help"]);
        assert!(help.contains("Example"), "{help}");
        assert!(help.contains(&format!("signing {command}")), "{help}");
        assert!(help.contains("\nExit status"), "{help}");
    }
    assert!(top.contains("AWS_SESSION_TOKEN") && top.contains("AZURE_BATCH_ACCESS_KEY"), "{top}");
    assert_eq!(stdout(&["--version"]), format!("signing {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = stdout(&["completions", shell]);
        for word in COMMANDS.iter().chain(&["expires-in", "show-secrets"]) {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let unknown = run(&["completions", "tcsh"], "");
    assert_eq!(unknown.status, 2);
    assert!(unknown.stderr.contains("possible values: bash, "), "{}", unknown.stderr);
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    assert!(stdout(&["man"]).contains("\n.SH SUBCOMMANDS\n"));
    let folder = Folder::with(&[]);
    assert_eq!(stdout(&["man", "--dir", &folder.text("")]), "");
    for command in COMMANDS {
        let page = fs::read_to_string(folder.path(&format!("signing-{command}.1"))).unwrap();
        assert!(page.contains(".SH EXTRA\nExample"), "{page}");
    }
    assert_eq!(fs::read_dir(folder.path("")).unwrap().count(), COMMANDS.len() + 1);

    let run = run(&["man", "--dir", &folder.text("absent")], "");
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("absent: the pages cannot be written"), "{}", run.stderr);
}
