//! `signing check`.

use crate::command::{Folder, Run, run};

const SECRETS: [&str; 4] = ["hunter2", "s3cretPart", "aHVudGVyMg", "t0ken"];

/// Checks one file of this name and text.
#[track_caller]
fn check(name: &str, text: &str) -> Run {
    let folder = Folder::with(&[(name, text), ("secret", "hunter2\n")]);
    let mut run = run(&["check", &folder.text(name)], "");
    assert_eq!(run.stderr, "");
    run.stdout = run.stdout.replace(&folder.text(""), "");
    for secret in SECRETS {
        assert!(!run.stdout.contains(secret), "{}", run.stdout);
    }
    run
}

#[track_caller]
fn check_fault(name: &str, text: &str, expected: &str) {
    let run = check(name, text);
    assert_eq!(run.status, 1);
    let (_, faults) = run.stdout.split_once("\nerror").unwrap_or_else(|| panic!("{}", run.stdout));
    assert_eq!(["error", faults].concat().trim_end(), expected.trim_end());
}

#[test]
fn a_good_file_is_told_section_by_section() {
    let run = check(
        "auth.conf",
        "[auth]\nMethod = aws-signature-v4\nAccessKeyId = AKIDEXAMPLE\nSecretAccessKey = file:secret\nRegion = eu-west-1\n\
         [auth.hub]\nMethod = azure-event-hub\nConnectionString = base64:RW5kcG9pbnQ9c2I6Ly9ucy5zZXJ2aWNlYnVzLndpbmRvd3MubmV0LztTaGFyZWRBY2Nlc3NLZXlOYW1lPW47U2hhcmVkQWNjZXNzS2V5PWh1bnRlcjI=\n\
         [auth.partner]\nMatch = https://partner.example/\nMethod = auth-token\nHeader = x-api-key\nToken = env:CARGO_PKG_NAME\n\
         [signing]\nmonitor = 20\n",
    );
    let expected = "\
auth.conf: can be used

[auth] line 1
  method   aws-signature-v4
  signs    hosts that the method knows as its service's, and this machine
  secret   SecretAccessKey, from the file secret
  identity AccessKeyId, in this file
  setting  Region = eu-west-1
  derived  Service from the host

[auth.hub] line 6
  method   azure-event-hub
  signs    ns.servicebus.windows.net; only for requests that name this section
  secret   ConnectionString, in this file, as base64

[auth.partner] line 9
  method   auth-token
  signs    https://partner.example/
  secret   Token, from the environment variable CARGO_PKG_NAME
  setting  Header = x-api-key

[signing] line 14
  setting  monitor = 20
";
    assert_eq!((run.status, run.stdout.as_str()), (0, expected));
}

#[test]
fn each_fault_of_an_ini_file_has_its_place() {
    check_fault(
        "auth.conf",
        "[auth]\nMethod = aws-signature-v4\nAccessKeyId = t0ken\nSecretAccesKey = hunter2\n\n\
         [auth.b]\n  Method = azure-batch\nAccountName = a\nSecretAccessKey = hunter2\n\n\
         [auth.c]\nMethod = aws-signatur-v4\n\n[auth.d]\nMethod = azure-batch\nAccountName = a\nSecretAccessKey = env:SIGNING_TEST_UNSET\n\n\
         [auth.e]\nMethod = auth-token\nMatch = h.example\nHeader = x\nToken = t0ken\n\n[auth.f]\nMethod = auth-token\nHeader = x\nToken = t0ken\n\n\
         [auht.g]\nToken = t0ken\n",
        "\
error: `SecretAccesKey` is not a known parameter
 --> auth.conf:4:18, section [auth]
  |
4 | SecretAccesKey = <masked>
  | ^^^^^^^^^^^^^^ did you mean `SecretAccessKey`?

error: `SecretAccessKey` is not base64 (standard alphabet, padded)
 --> auth.conf:9:19, section [auth.b]
  |
9 | SecretAccessKey = <masked>
  |                   ^^^^^^^^

error: `Method` names no known method: `aws-signatur-v4`
  --> auth.conf:12:10, section [auth.c]
   |
12 | Method = aws-signatur-v4
   |          ^^^^^^^^^^^^^^^ did you mean `aws-signature-v4`?

error: `SecretAccessKey` refers to the environment variable `SIGNING_TEST_UNSET`, which is not set
  --> auth.conf:17:19, section [auth.d]
   |
17 | SecretAccessKey = <masked>
   |                   ^^^^^^^^

error: `Match` must be `*` or begin with a scheme, as `https://`
  --> auth.conf:21:9, section [auth.e]
   |
21 | Match = h.example
   |         ^^^^^^^^^

error: `Match` is missing: whoever receives what this method sends can use it again, so say where it may go
  --> auth.conf:25, section [auth.f]
   |
25 | [auth.f]
   | ^^^^^^^^

error: section [auht.g]: is neither [auth], [auth.NAME] nor [signing]
  --> auth.conf:30, section [auht.g]
   |
30 | [auht.g]
   | ^^^^^^^^ did you mean `auth.g`?",
    );
}

#[test]
fn the_second_half_of_a_secret_is_not_quoted() {
    let masked = |line: &str, column: u32, message: &str| {
        format!(
            "error: {message}\n --> auth.conf:3:{column}, section [auth]\n  |\n3 | {line}\n  | {}",
            "^".repeat(line.len())
        )
    };
    check_fault(
        "auth.conf",
        "[auth]\nToken = hunter2\ns3cretPart\n",
        &masked("<masked>", 1, "section [auth]: a line is `[section]`, `name = value` or a comment"),
    );
}

#[test]
fn what_resembles_no_name_is_not_told() {
    check_fault(
        "auth.conf",
        "[auth]\nMethod = azure-batch\nAccountName = a\nSecretAccessKey = aw==\ns3cretPart = hunter2\n[auth.b]\nMethod = hunter2\n",
        "\
error: section [auth]: a name that is not shown is not a known parameter
 --> auth.conf:5:14, section [auth]
  |
5 | <masked>
  | ^^^^^^^^

error: `Method` names no known method
 --> auth.conf:7:10, section [auth.b]
  |
7 | Method = <masked>
  |          ^^^^^^^^",
    );
}

#[test]
fn other_formats_have_places_too() {
    check_fault(
        "auth.toml",
        "[auth]\nMethod = \"azure-batch\"\nAccountName = \"a\"\nSecretAccessKey = \"hunter2\"\n",
        "\
error: `SecretAccessKey` is not base64 (standard alphabet, padded)
 --> auth.toml:4:19, section [auth]
  |
4 | SecretAccessKey = <masked>
  |                   ^^^^^^^^",
    );
    check_fault(
        "auth.yaml",
        "auth:\n  Method: azure-batch\n  AccountNam: t0ken\n  SecretAccessKey: hunter2\n",
        "\
error: `AccountNam` is not a known parameter
 --> auth.yaml:3:15, section [auth]
  |
3 | AccountNam: <masked>
  | ^^^^^^^^^^ did you mean `AccountName`?",
    );
    check_fault(
        "auth.json",
        r#"{"auth":{"Method":"azure-batch","AccountName":"a","SecretAccessKey":"hunter2"}}"#,
        "\
error: `SecretAccessKey` is not base64 (standard alphabet, padded)
 --> auth.json:1:69, section [auth]
  |
1 | {\"auth\":<masked>
  |         ^^^^^^^^",
    );
}

#[test]
fn what_cannot_be_parsed_is_not_quoted_beyond_what_is_known() {
    for (name, text) in [
        ("auth.toml", "[auth]\nToken = hunter2 s3cretPart\n"),
        ("auth.toml", "[auth]\nToken = \"\"\"\nhunter2 = s3cretPart\n"),
        ("auth.yaml", "auth:\n  Token: hunter2\n s3cretPart: t0ken\n"),
        ("auth.yaml", "auth: {Token: hunter2, Extra: [s3cretPart}\n"),
        ("auth.json", "{\"auth\": {\"Token\": \"hunter2\" \"s3cretPart\"}}"),
        ("auth.json", "{\"auth\":\n{\"Token\":\n\"hunter2\" s3cretPart}}"),
        ("auth.conf", "Token = hunter2\n"),
        ("auth.conf", "[auth]\nToken hunter2 = s3cretPart\nToken = hunter2\ntoken = hunter2\n"),
        ("auth.conf", "[auth]\nToken = hunter2\u{1}s3cretPart\n"),
    ] {
        let run = check(name, text);
        assert_eq!(run.status, 1, "{text}");
        assert!(run.stdout.contains('^'), "{}", run.stdout);
    }
}

#[test]
fn text_of_the_file_cannot_move_the_cursor() {
    let run = check("auth.conf", "[auth.\u{202e}x]\nMethod = a\u{2066}z\nMatch = \u{feff}\n");
    assert!(
        !run.stdout.contains(|c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{2069}').contains(&c))
    );
    assert!(run.stdout.contains("\\u{202e}"), "{}", run.stdout);
}

#[cfg(unix)]
#[test]
fn secrets_that_others_can_read_are_warned_of() {
    let folder = Folder::with(&[
        ("auth.conf", "[auth]\nMethod = aws-signature-v4\nAccessKeyId = A\nSecretAccessKey = file:secret\n"),
        ("secret", "hunter2\n"),
    ]);
    let check = || run(&["check", &folder.text("auth.conf")], "");
    folder.set_mode("auth.conf", 0o644);
    assert!(!check().stdout.contains("warning"), "no secret stands in the config file");
    folder.set_mode("secret", 0o640);
    let run = check();
    assert_eq!(run.status, 0, "a warning is no fault");
    let warning = format!("warning: {} holds secrets", folder.text("secret"));
    assert!(run.stdout.contains(&warning) && run.stdout.contains("(mode 0640)"), "{}", run.stdout);
    assert_eq!(run.stdout.matches("warning").count(), 1);
}

#[test]
fn all_files_are_checked_and_the_worst_decides() {
    let folder = Folder::with(&[("good.conf", ""), ("bad.conf", "[x]\n")]);
    let (good, bad) = (folder.text("good.conf"), folder.text("bad.conf"));
    assert_eq!(run(&["check", &good], "").status, 0);
    let both = run(&["check", &bad, &good], "");
    assert_eq!(both.status, 1);
    assert!(both.stdout.contains("bad.conf: 1 fault\n") && both.stdout.contains("good.conf: can be used\n"));
    let missing = run(&["check", &folder.text("none.conf")], "");
    assert_eq!(missing.status, 1);
    assert!(
        missing.stdout.contains("error: the file cannot be read: entity not found"),
        "{}",
        missing.stdout
    );
    assert_eq!(run(&["check"], "").status, 2);
}

#[test]
fn colour_is_for_who_asks() {
    let folder = Folder::with(&[("bad.conf", "[x]\n")]);
    let coloured = run(&["check", "--color", "always", &folder.text("bad.conf")], "");
    assert!(coloured.stdout.contains("\u{1b}[1;31merror\u{1b}[0m"), "{:?}", coloured.stdout);
    assert!(!run(&["check", &folder.text("bad.conf")], "").stdout.contains('\u{1b}'));
}
