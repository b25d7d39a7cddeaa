//! Config files: what they may say, and how they are refused.

use std::fs;
use std::path::PathBuf;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::Empty;
use signing_core::Registry;
use tempfile::TempDir;
use tower::{Layer, ServiceExt, service_fn};
use tower_signing::{BoxError, ConfigError, SignedBody, Signers, SigningLayer};

use crate::builder;

/// A folder with one config file in it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

fn load(name: &str, text: &str) -> Result<Signers, ConfigError> {
    let folder = Folder::new();
    Signers::from_file(folder.write(name, text), &Registry::new())
}

/// The headers that a layer of these signers sends.
async fn headers(signers: Signers, url: &str) -> Result<HeaderMap, BoxError> {
    let inner = service_fn(|request: Request<SignedBody<Empty<Bytes>>>| async move {
        Ok::<_, BoxError>(Response::new(request.headers().clone()))
    });
    let service = builder().signers(signers).layer(inner);
    Ok(service.oneshot(Request::get(url).body(Empty::new()).unwrap()).await?.into_body())
}

/// The token that a file's `Token` value comes to.
async fn token(signers: Signers) -> String {
    let headers = headers(signers, "https://h.example/").await.unwrap();
    headers["x-key"].to_str().unwrap().to_owned()
}

// Values, in each format.

/// Every character that some format treats in a way of its own.
const HOSTILE: &[&str] = &[
    "a\\b",
    "a\\",
    "#a",
    "a#b",
    "a #b",
    ";a",
    "a;b",
    "a ;b",
    "100%",
    "%(x)s",
    "\"a\"",
    "'a'",
    "a\"b",
    "a'b",
    "a=b",
    "=a",
    "a==",
    "[a]",
    "{a}",
    "a:b",
    "a: b",
    ": a",
    "&a",
    "*a",
    "!a",
    "|a",
    ">a",
    "@a",
    "`a`",
    "-a",
    "- a",
    "a,b",
    "?a",
    "0123",
    "1e3",
    "1_000",
    "0x10",
    "true",
    "null",
    "~",
    "no",
    "2024-02-29",
    "a  b",
    "$a",
    "${A}",
    "\\n",
    "a\\nb",
    "<<",
];

fn ini(value: &str) -> String {
    format!("[auth]\nMethod = auth-token\nMatch = https://h.example/\nHeader = x-key\nToken = {value}\n")
}

fn toml(value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        "[auth]\nMethod = 'auth-token'\nMatch = 'https://h.example/'\nHeader = 'x-key'\nToken = \"{value}\"\n"
    )
}

fn yaml(value: &str) -> String {
    let value = value.replace('\'', "''");
    format!("auth:\n  Method: auth-token\n  Match: https://h.example/\n  Header: x-key\n  Token: '{value}'\n")
}

fn json(value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        r#"{{"auth": {{"Method": "auth-token", "Match": "https://h.example/", "Header": "x-key", "Token": "{value}"}}}}"#
    )
}

#[tokio::test]
async fn every_character_of_a_secret_survives_every_format() {
    for value in HOSTILE {
        for (name, text) in [
            ("a.conf", ini(value)),
            ("a.toml", toml(value)),
            ("a.yaml", yaml(value)),
            ("a.json", json(value)),
        ] {
            let signers = load(name, &text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(token(signers).await, *value, "{name}");
        }
    }
}

#[tokio::test]
async fn values_without_quotes_keep_their_text() {
    // What YAML and TOML would make a number or a boolean of is the text that stands there.
    for value in ["0123", "1e3", "0x1F", "true", "1.10"] {
        let text = yaml("").replace("''", value);
        assert_eq!(token(load("a.yml", &text).unwrap()).await, value);
    }
    assert_eq!(token(load("a.toml", &toml("").replace("\"\"", "1_000")).unwrap()).await, "1_000");
    assert_eq!(token(load("a.json", &json("").replace("\"\"", "1.10")).unwrap()).await, "1.10");
}

#[tokio::test]
async fn references_are_followed() {
    let folder = Folder::new();
    folder.write("key", "from-file\n");
    for (value, expected) in [
        ("file:key", "from-file"),
        ("env:CARGO_PKG_NAME", "tower-signing"),
        ("base64:ZnJvbS1iYXNlNjQ=", "from-base64"),
        ("literal:env:HOME", "env:HOME"),
    ] {
        let path = folder.write("a.conf", ini(value));
        assert_eq!(token(Signers::from_file(path, &Registry::new()).unwrap()).await, expected);
    }
}

// Sections.

#[tokio::test]
async fn names_are_not_case_sensitive_and_nothing_is_inherited() {
    let text = "[AUTH]\nmethod = AUTH-TOKEN\nMATCH = https://h.example/\nheader = X-Key\ntoken = one\n\
                [Auth.Other]\nMethod = auth-token\nMatch = https://o.example/\nHeader = x-key\nToken = two\n";
    let signers = load("a.conf", text).unwrap();
    assert_eq!(signers.names().collect::<Vec<_>>(), ["auth", "Other"]);
    assert_eq!(headers(signers, "https://o.example/").await.unwrap()["x-key"], "two");
    let inherits = "[auth]\nMethod = auth-token\nMatch = https://h.example/\nHeader = x-key\nToken = one\n\
                    [auth.other]\nMethod = auth-token\nMatch = https://o.example/\nHeader = x-key\n";
    assert!(
        load("a.conf", inherits)
            .unwrap_err()
            .to_string()
            .contains("section [auth.other]: `Token` is missing")
    );
}

#[tokio::test]
async fn method_none_sends_unsigned() {
    let text = "[auth.open]\nMethod = none\nMatch = https://open.example/\n";
    let signers = load("a.conf", text).unwrap();
    assert!(headers(signers, "https://open.example/").await.unwrap().is_empty());
    let error = load("a.conf", &format!("{text}Region = x\n")).unwrap_err().to_string();
    assert!(
        error.contains(
            "a.conf:4:10: section [auth.open]: nothing but `Match` can stand beside `Method = none`"
        ),
        "{error}"
    );
}

#[tokio::test]
async fn the_settings_section_sets_the_buffer_limit() {
    let folder = Folder::new();
    let text = "[auth]\nMethod = aws-signature-v4\nAccessKeyId = A\nSecretAccessKey = s\n[signing]\nbuffer_limit = 3\nmonitor = 5\n";
    let layer = SigningLayer::from_file(folder.write("a.conf", text)).unwrap();
    let frames = ["ab", "cd"].map(|text| Ok::<_, BoxError>(http_body::Frame::data(Bytes::from(text))));
    let body = http_body_util::StreamBody::new(futures::stream::iter(frames));
    let inner = service_fn(|_: Request<SignedBody<_>>| async { Ok::<_, BoxError>(Response::new(())) });
    let request = Request::put("https://b.s3.us-east-1.amazonaws.com/k").body(body).unwrap();
    let error = layer.layer(inner).oneshot(request).await.unwrap_err();
    assert!(error.to_string().contains("more than 3 bytes"), "{error}");
}

// Faults: `@` stands for the path of the file.

const AWS: &str = "Method = aws-signature-v4\nAccessKeyId = AKID\nSecretAccessKey = hunter2";
const TOKEN: &str = "Method = auth-token\nHeader = x\nToken = hunter2";

#[test]
fn faults_name_file_line_section_parameter_and_the_nearest_name() {
    let cases: &[(String, &str)] = &[
        (
            "[auth]\nMethod = aws-signature-v5\n".into(),
            "@:2:10: section [auth]: `Method` names no known method: `aws-signature-v5`; did you mean `aws-signature-v4`?",
        ),
        ("[auth]\nAccessKeyId = AKID\n".into(), "@:1: section [auth]: `Method` is missing"),
        (
            format!("[auth]\n{AWS}\nRegoin = x\n"),
            "@:5:10: section [auth]: `Regoin` is not a known parameter; did you mean `Region`?",
        ),
        (
            "[auth]\nMethod = aws-signature-v4\nAccessKeyId = AKID\nSecretAcessKey = hunter2\n".into(),
            "@:4:18: section [auth]: `SecretAcessKey` is not a known parameter; did you mean `SecretAccessKey`?",
        ),
        (
            "[auth]\nMethod = aws-signature-v4\nAccessKeyId = AKID\n".into(),
            "@:1: section [auth]: `SecretAccessKey` is missing",
        ),
        (
            "[auth]\nMethod = aws-signature-v4\nAccessKeyId = AKID\nSecretAccessKey =\n".into(),
            "@:4:18: section [auth]: `SecretAccessKey` is empty",
        ),
        (
            "[auth]\nMethod = azure-batch\nAccountName = a\nSecretAccessKey = hunter2!\n".into(),
            "@:4:19: section [auth]: `SecretAccessKey` is not base64 (standard alphabet, padded)",
        ),
        (
            format!("[auth]\n{AWS}\nClockCorrection = 1.5\n"),
            "@:5:19: section [auth]: `ClockCorrection` is not a whole number",
        ),
        (
            format!("[auth]\n{AWS}\nNormalizePath = yes\n"),
            "@:5:17: section [auth]: `NormalizePath` must be one of: true, false",
        ),
        (
            format!("[auth]\n{AWS}\nPayload = chunked\nChunkSize = 4096\n"),
            "@:6:13: section [auth]: `ChunkSize` must be a number of bytes from 8192 to 1073741824",
        ),
        (
            format!("[auth]\n{AWS}\nPayload = chunked-trailer\nChecksum = md5\n"),
            "@:6:12: section [auth]: `Checksum` must be one of: crc32, crc32c, crc64nvme, sha1, sha256",
        ),
        (
            "[signing]\nspool_dir = tmp\n".into(),
            "@:2:13: section [signing]: `spool_dir` must be an absolute path",
        ),
        (
            "[signing]\nspool_limit = -1\n".into(),
            "@:2:15: section [signing]: `spool_limit` must be a number of bytes",
        ),
        (
            format!("[auth]\n{AWS}\nMatch = https://u@h/\n"),
            "@:5:9: section [auth]: `Match` cannot have user info",
        ),
        (
            format!("[auth]\n{TOKEN}\n"),
            "@:1: section [auth]: `Match` is missing: whoever receives what this method sends can use it again, so say where it may go",
        ),
        (
            format!("[auth.x]\n{TOKEN}\n"),
            "@:1: section [auth.x]: `Match` is missing: whoever receives what this method sends can use it again, so say where it may go",
        ),
        (
            format!("[auth]\n{AWS}\n[auth.all]\n{AWS}\nMatch = *\n"),
            "@:5: section [auth.all]: section `auth` signs every other URL, too: there can be one default",
        ),
        (
            format!("[auth.a]\n{AWS}\nMatch = https://h/\n[auth.b]\n{AWS}\nMatch = HTTPS://H.:443\n"),
            "@:6: section [auth.b]: section `a` has the same `Match`",
        ),
        (
            format!("[auth.a]\n{AWS}\n[Auth.A]\n{AWS}\n"),
            "@:5:1: section [Auth.A]: this name is taken, see line 1; upper and lower case do not differ",
        ),
        (
            format!("[auth]\n{AWS}\nregion = a\nRegion = b\n"),
            "@:6:1: section [auth]: `Region` cannot be read: this name is taken, see line 5; upper and lower case do not differ",
        ),
        (
            format!("[atuh.x]\n{AWS}\n"),
            "@:1: section [atuh.x]: is neither [auth], [auth.NAME] nor [signing]; did you mean `auth.x`?",
        ),
        (
            "[signing]\nmonitr = 5\n".into(),
            "@:2:10: section [signing]: `monitr` is not a known parameter; did you mean `monitor`?",
        ),
        (
            "[signing]\nmonitor = 0\n".into(),
            "@:2:11: section [signing]: `monitor` must be a number of seconds from 1",
        ),
        (
            format!("[auth]\n{AWS}\nSessionToken = file:gone\n"),
            "@:5:16: section [auth]: `SessionToken` refers to the file `gone`, but entity not found",
        ),
        (
            format!("[auth]\n{AWS}\nSessionToken = env:SIGNING_TEST_UNSET\n"),
            "@:5:16: section [auth]: `SessionToken` refers to the environment variable `SIGNING_TEST_UNSET`, which is not set",
        ),
        ("[auth]\nhunter2\n".into(), "@:2:1: section [auth]: "),
    ];
    for (text, expected) in cases {
        let error = load("a.conf", text).map(drop).unwrap_err();
        let path = error.path().unwrap().display().to_string();
        let shown = error.to_string().replace(&path, "@");
        assert!(shown.starts_with(expected), "{text}\n{shown}\n{expected}");
        assert!(!format!("{shown}{error:?}").contains("hunter2"), "{shown}");
    }
}

#[test]
fn all_faults_of_a_file_are_told_at_once() {
    let text = format!("[auth]\n{AWS}\nRegoin = x\n[auth.b]\nMethod = nope\n[other]\n");
    let error = load("a.conf", &text).unwrap_err();
    let lines: Vec<_> = error.faults().iter().map(|fault| fault.line().unwrap()).collect();
    assert_eq!(lines, [5, 7, 8]);
    assert_eq!(error.to_string().lines().count(), 3);
}

#[test]
fn what_stands_in_the_place_of_a_name_is_not_shown() {
    for text in [
        "[auth]\nMethod = hunter2hunter2\n",
        "[auth]\nMethod = auth-token\nMatch = *\nHeader = x\nToken = t\nhunter2+hunter2==\n",
        "[auth]\nMethod = auth-token\nMatch = *\nHeader = x\nToken: hunter2 = hunter2\nToken = t\n",
        "[auth]\nMethod = none\nhunter2+hunter2==\n",
    ] {
        let error = load("a.conf", text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        assert!(error.faults()[0].line().is_some(), "{error}");
    }
}

#[test]
fn control_characters_of_a_name_are_escaped_wherever_they_are_shown() {
    let error = load("a.json", r#"{"auht.\u001b[2J\nFAKE": {"Method": "none"}}"#).unwrap_err().to_string();
    assert!(!error.contains('\u{1b}') && error.lines().count() == 1, "{error:?}");
}

#[test]
fn what_no_configuration_needs_is_refused_before_it_costs() {
    let many = |line: fn(usize) -> String, count| (0..count).map(line).collect::<String>();
    let parameters = many(|at| format!("P{at} = x\n"), 65);
    let error = load("a.conf", &format!("[auth]\n{parameters}")).unwrap_err().to_string();
    assert!(error.ends_with("section [auth]: has more than 64 parameters"), "{error}");

    let sections = many(|at| format!("[auth.s{at}]\nMethod = auth-token\nToken = file:f{at}\n"), 1_100);
    let error = load("a.conf", &sections).unwrap_err().to_string();
    assert!(error.ends_with("the file refers to more than 1024 other files"), "{error}");

    let unknown = many(|at| format!("[other{at}]\n"), 50);
    let error = load("a.conf", &unknown).unwrap_err();
    assert_eq!(error.faults().len(), 20);
    assert!(error.to_string().ends_with("\nand 30 more faults"), "{error}");
}

#[test]
fn the_four_formats_tell_the_same_fault_at_its_place() {
    let cases = [
        (
            "a.conf",
            "[auth]\nMethod = auth-token\nMatch = https://h/\nHeader = x\nToken = t\nAlowPlainHttp = r\n",
            6,
        ),
        (
            "a.toml",
            "[auth]\nMethod = 'auth-token'\nMatch = 'https://h/'\nHeader = 'x'\nToken = 't'\nAlowPlainHttp = 'r'\n",
            6,
        ),
        (
            "a.yaml",
            "auth:\n  Method: auth-token\n  Match: https://h/\n  Header: x\n  Token: t\n  AlowPlainHttp: r\n",
            6,
        ),
        (
            "a.json",
            "{\"auth\": {\n\"Method\": \"auth-token\",\n\"Match\": \"https://h/\",\n\"Header\": \"x\",\n\"Token\": \"t\",\n\"AlowPlainHttp\": \"r\"}}",
            6,
        ),
    ];
    for (name, text, line) in cases {
        let error = load(name, text).unwrap_err();
        let fault = &error.faults()[0];
        assert_eq!(
            (fault.line(), fault.section(), fault.parameter()),
            (Some(line), Some("auth"), Some("AlowPlainHttp")),
            "{name}"
        );
    }
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let folder = Folder::new();
    let check = |path: PathBuf, expected: &str| {
        let error = SigningLayer::from_file(&path).map(drop).unwrap_err().to_string();
        assert_eq!(error, format!("{}:{expected}", path.display()));
    };
    check(folder.0.path().join("gone.conf"), " the file cannot be read: entity not found");
    check(folder.0.path().to_owned(), " the file cannot be read: it is not a regular file");
    check(folder.write("latin1.conf", b"[auth]\nMethod = \xe9\n"), "2: the file is not UTF-8");
    check(
        folder.write("large.conf", vec![b'#'; 9 * 1024 * 1024]),
        " the file cannot be read: it is too large",
    );
}

#[test]
fn a_referenced_file_is_small_and_regular() {
    let folder = Folder::new();
    folder.write("large", vec![b'x'; 64 * 1024 + 1]);
    folder.write("binary", b"\xff");
    fs::create_dir(folder.0.path().join("dir")).unwrap();
    for (name, expected) in
        [("large", "it is too large"), ("binary", "it is not UTF-8"), ("dir", "it is not a regular file")]
    {
        let path = folder.write("a.conf", ini(&format!("file:{name}")));
        let error = Signers::from_file(path, &Registry::new()).unwrap_err().to_string();
        assert!(error.ends_with(&format!("`Token` refers to the file `{name}`, but {expected}")), "{error}");
    }
}

#[test]
fn ten_thousand_sections_load_quickly() {
    let sections: String =
        (0..10_000).map(|at| format!("[auth.s{at}]\nMatch = https://h{at}.example/\n{TOKEN}\n")).collect();
    let started = std::time::Instant::now();
    assert_eq!(load("a.conf", &sections).unwrap().names().count(), 10_000);
    // The budget is a second on a release build; the bound here only catches a quadratic step.
    assert!(started.elapsed().as_secs() < 20);
}

// Tables that an application has loaded.

#[cfg(feature = "config")]
mod tables {
    use super::*;
    use config::Config;

    fn config(values: &[(&str, &str)]) -> Config {
        let set = |builder: config::ConfigBuilder<_>, (key, value): &(&str, &str)| {
            builder.set_override(key, *value)
        };
        values.iter().try_fold(Config::builder(), set).unwrap().build().unwrap()
    }

    const TABLE: &[(&str, &str)] = &[
        ("outbound.partner.Method", "auth-token"),
        ("outbound.partner.Match", "https://h.example/"),
        ("outbound.partner.Header", "x-key"),
        ("outbound.partner.Token", "base64:dG9rZW4="),
    ];

    #[tokio::test]
    async fn a_table_of_the_application_holds_the_sections() {
        let layer = builder().from_config(&config(TABLE), "outbound").unwrap();
        let inner = service_fn(|request: Request<SignedBody<Empty<Bytes>>>| async move {
            Ok::<_, BoxError>(Response::new(request.headers().clone()))
        });
        let request = Request::get("https://h.example/").body(Empty::new()).unwrap();
        let headers = layer.layer(inner).oneshot(request).await.unwrap().into_body();
        assert_eq!(headers["x-key"], "token");
    }

    #[test]
    fn its_faults_have_names_but_no_lines() {
        let mut table = TABLE.to_vec();
        table[3] = ("outbound.partner.Tokn", "hunter2");
        let error = SigningLayer::from_config(&config(&table), "outbound").unwrap_err();
        assert_eq!(
            error.to_string(),
            "section [auth.partner]: `Tokn` is not a known parameter; did you mean `Token`?"
        );
        let error = SigningLayer::from_config(&config(&table), "nothing").unwrap_err();
        assert_eq!(error.to_string(), "there is no table `nothing`");
        table[3] = ("outbound.partner.Token", "t");
        table.push(("outbound.partner.tOKEN", "u"));
        let error = SigningLayer::from_config(&config(&table), "outbound").unwrap_err();
        assert!(error.to_string().ends_with("is there twice; upper and lower case do not differ"), "{error}");
        table.pop();
        table[3] = ("outbound.partner.Token", "file:key");
        let error = SigningLayer::from_config(&config(&table), "outbound").unwrap_err();
        assert!(error.to_string().contains("only a config file of its own can do that"), "{error}");
    }
}
