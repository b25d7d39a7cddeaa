//! `signing presign`.

use crate::command::{Folder, SECRET, run};

fn presign(args: &[&str]) -> crate::command::Run {
    let folder = Folder::with(&[
        (
            "auth.conf",
            "[auth]\nMethod = aws-signature-v4\nAccessKeyId = AKIDEXAMPLE\nSecretAccessKey = file:secret\n",
        ),
        ("secret", SECRET),
    ]);
    let file = folder.text("auth.conf");
    run(&[&["presign", "--auth", &file, "--time", "2013-05-24T00:00:00Z"], args].concat(), "")
}

#[test]
fn the_url_stands_alone_on_standard_output() {
    let run = presign(&["https://b.s3.us-east-1.amazonaws.com/test.txt", "--expires-in", "1d"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let url = run.stdout.strip_suffix('\n').unwrap();
    assert!(
        url.starts_with("https://b.s3.us-east-1.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&")
    );
    assert!(
        url.contains("&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"),
        "{url}"
    );
    assert!(!url.contains(char::is_whitespace));
}

/// The worked example of the S3 documentation, "Authenticating requests: using query parameters".
#[test]
fn the_published_example() {
    let folder = Folder::with(&[("secret", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")]);
    let secret = format!("SecretAccessKey=file:{}", folder.text("secret"));
    let run = run(
        &[
            "presign",
            "https://examplebucket.s3.amazonaws.com/test.txt",
            "--expires-in",
            "24h",
            "--time",
            "1369353600",
            "--param",
            "Method=aws-signature-v4",
            "--param",
            "AccessKeyId=AKIAIOSFODNN7EXAMPLE",
            "--param",
            &secret,
            "--param",
            "Region=us-east-1",
        ],
        "",
    );
    let signature = "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404\n";
    assert!(run.stdout.ends_with(signature), "{run:?}");
}

#[test]
fn method_and_headers_are_signed() {
    let url = "https://b.s3.us-east-1.amazonaws.com/k";
    let get = presign(&[url, "--expires-in", "1m"]);
    let put = presign(&[url, "--expires-in", "1m", "-X", "PUT", "-H", "Content-Type: text/plain"]);
    assert!(put.stdout.contains("X-Amz-SignedHeaders=content-type%3Bhost&"), "{}", put.stdout);
    assert_ne!(get.stdout.rsplit('=').next(), put.stdout.rsplit('=').next());
}

#[test]
fn what_cannot_be_presigned_is_status_1_and_what_cannot_be_meant_status_2() {
    let check = |args: &[&str], status: i32, message: &str| {
        let run = presign(args);
        assert_eq!((run.status, run.stdout.as_str()), (status, ""), "{}", run.stderr);
        assert!(run.stderr.contains(message), "{}", run.stderr);
    };
    let url = "https://b.s3.us-east-1.amazonaws.com/k";
    check(&[url, "--expires-in", "8d"], 1, "604800");
    check(&["https://h.example/", "--expires-in", "1m"], 1, "does not know this host");
    check(&["https://h example:x/", "--expires-in", "1m"], 2, "the URL cannot be used");
    check(&[url, "--expires-in", "1m", "-X", "G T"], 2, "the method is no HTTP method");
    check(&[url, "--expires-in", "1m", "-H", "b d: x"], 2, "the header `b d` has no valid name");
    check(&[url, "--expires-in", "15"], 2, "a unit");
    check(&[url], 2, "--expires-in");
    check(&[url, "--expires-in", "1m", "--param", "Region"], 2, "NAME=VALUE");
    check(&[url, "--expires-in", "1m", "--param", "Region=a", "--param", "region=b"], 2, "given twice");
    check(&[url, "--expires-in", "1m", "-H", "x"], 2, "Name: value");
    check(&[url, "--expires-in", "1m", "--param", "SessionToken=env:SIGNING_TEST_UNSET"], 2, "not set");
}

#[test]
fn an_instant_is_one() {
    let run = run(&["presign", "https://h/", "--expires-in", "1m", "--time", "soon"], "");
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("RFC 3339"), "{}", run.stderr);
}

#[test]
fn a_secret_is_not_taken_from_the_command_line() {
    let url = "https://b.s3.us-east-1.amazonaws.com/k";
    for (flag, value, message) in [
        (
            "--param",
            "SecretAccessKey=hunter2",
            "use SecretAccessKey=env:VARIABLE, SecretAccessKey=file:PATH, or SecretAccessKey=- for a line",
        ),
        ("--param", "sessiontoken=literal:hunter2", "is a secret"),
        ("--param", "SecretAccessKey=base64:aHVudGVyMg==", "is a secret"),
        ("--param", "SecretAccessKey:hunter2", "must be NAME=VALUE"),
        ("-H", "hunter2", "must be `Name: value`"),
    ] {
        let run = presign(&[url, "--expires-in", "1m", flag, value]);
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains(message), "{}", run.stderr);
        assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
    }
}
