//! `--method` and `--param`: how to sign without a file.

use serde_json::Value;

use crate::command::{Folder, Run, SECRET, command, finish, run, sign_one};

/// The worked example of the S3 documentation, "Authenticating requests: using query parameters".
const PUBLISHED: &[&str] = &[
    "presign",
    "https://examplebucket.s3.amazonaws.com/test.txt",
    "--expires-in",
    "24h",
    "--time",
    "2013-05-24T00:00:00Z",
    "--method",
    "aws-signature-v4",
];
const PUBLISHED_KEY: (&str, &str) = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
const PUBLISHED_SIGNATURE: &str = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
const KEY: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", SECRET)];

fn run_in(variables: &[(&str, &str)], args: &[&str], input: &str) -> Run {
    let mut command = command(args);
    command.envs(variables.iter().copied());
    finish(command, input)
}

fn presign_in(variables: &[(&str, &str)], url: &str, args: &[&str]) -> Run {
    let method = ["--method", "aws-signature-v4", "--expires-in", "15m", "--time", "1709210096"];
    run_in(variables, &[&["presign", url], &method[..], args].concat(), "")
}

/// A parameter of the presigned URL, as it stands there.
#[track_caller]
fn query<'r>(run: &'r Run, name: &str) -> Option<&'r str> {
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let mut pairs = run.stdout.trim_end().split(['?', '&']).filter_map(|pair| pair.split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

#[track_caller]
fn check_usage(run: &Run, message: &str) {
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains(message), "{}", run.stderr);
    assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
}

#[test]
fn a_method_and_the_environment_are_enough() {
    let (id, secret) = PUBLISHED_KEY;
    let run = run_in(&[("AWS_ACCESS_KEY_ID", id), ("AWS_SECRET_ACCESS_KEY", secret)], PUBLISHED, "");
    assert_eq!(query(&run, "X-Amz-Signature"), Some(PUBLISHED_SIGNATURE));
}

#[test]
fn a_secret_from_standard_input() {
    let (id, secret) = PUBLISHED_KEY;
    let id = format!("AccessKeyId={id}");
    let args = [PUBLISHED, &["--param", &id, "--param", "SecretAccessKey=-"]].concat();
    for end in ["", "\n", "\r\n", "\nnot read\n"] {
        let run = run(&args, format!("{secret}{end}"));
        assert_eq!(query(&run, "X-Amz-Signature"), Some(PUBLISHED_SIGNATURE));
    }
    check_usage(&run(&args, ""), "SecretAccessKey=-: standard input has no line for it");
    check_usage(&run(&args, "\nhunter2\n"), "standard input has no line for it");
    check_usage(&run(&args, b"hunter2\xff\n"), "standard input cannot be read");
    check_usage(&run(&args, "hunter2".repeat(10_000)), "the line is longer than 64 KiB");
    check_usage(&run(&args, " hunter2\n"), "`SecretAccessKey` has white space at its ends");
}

#[test]
fn standard_input_is_read_for_one_thing() {
    let aws = ["--method", "aws-signature-v4", "--param", "AccessKeyId=A", "--param", "SecretAccessKey=-"];
    let explain = |args: &[&str]| run(&[&["explain"], args, &aws[..]].concat(), "hunter2\n");
    let url = "https://sqs.eu-west-1.amazonaws.com/";
    check_usage(&explain(&[url, "-d", "@-"]), "cannot give both the body and --param SecretAccessKey=-");
    check_usage(&explain(&["--request", "-"]), "cannot give both the request and --param SecretAccessKey=-");
    let twice = explain(&[url, "--param", "SessionToken=-"]);
    check_usage(&twice, "--param SessionToken=- and --param SecretAccessKey=- both read standard input");
    assert_eq!(explain(&[url, "-d", "x"]).status, 0);
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_shown() {
    for value in [
        "SecretAccessKey=hunter2",
        "secretaccesskey=literal:hunter2",
        "SecretAccessKey=base64:aHVudGVyMg==",
        "SessionToken=hunter2",
        "Token=hunter2",
        "ConnectionString=SharedAccessKey=hunter2",
        "MerchantSecretKey=hunter2",
    ] {
        let run = presign_in(&KEY, "https://b.s3.eu-west-1.amazonaws.com/", &["--param", value]);
        let name = value.split('=').next().unwrap();
        check_usage(
            &run,
            &format!("use {name}=env:VARIABLE, {name}=file:PATH, or {name}=- for a line of standard input"),
        );
        assert!(!run.stderr.contains("aHVudGVyMg"), "{}", run.stderr);
    }
    // A misspelt name is not known to be a secret's. Its value is not shown for that.
    let run =
        presign_in(&[], "https://h/", &["--param", "AccessKeyId=A", "--param", "SecretAccesKey=hunter2"]);
    check_usage(&run, "`SecretAccesKey` is not a known parameter; did you mean `SecretAccessKey`?");
}

#[test]
fn a_credential_is_taken_from_the_environment_whole_or_not_at_all() {
    let url = "https://b.s3.eu-west-1.amazonaws.com/";
    let token = ("AWS_SESSION_TOKEN", "t0ken");
    let all = [KEY[0], KEY[1], token];
    assert_eq!(query(&presign_in(&all, url, &[]), "X-Amz-Security-Token"), Some("t0ken"));

    // The token of the environment's key is not sent with another key.
    let folder = Folder::with(&[("secret", SECRET)]);
    let secret = format!("SecretAccessKey=file:{}", folder.text("secret"));
    let own = presign_in(&all, url, &["--param", "AccessKeyId=AKIDFLAG", "--param", &secret]);
    assert!(query(&own, "X-Amz-Credential").unwrap().starts_with("AKIDFLAG%2F"), "{own:?}");
    assert_eq!(query(&own, "X-Amz-Security-Token"), None);

    // A part of it by a flag, and nothing is taken: not the secret for another's key id, nor the id.
    for part in ["AccessKeyId=AKIDFLAG", &secret, "SessionToken=env:AWS_SESSION_TOKEN"] {
        let run = presign_in(&all, url, &["--param", part]);
        check_usage(
            &run,
            "is missing\nsigning: --method aws-signature-v4 reads AWS_ACCESS_KEY_ID, AWS_SECRET",
        );
        assert!(run.stderr.contains("unless a flag gives a part of the credential"), "{}", run.stderr);
    }
    check_usage(&presign_in(&[KEY[1], token], url, &[]), "`AccessKeyId` is missing");
    check_usage(
        &presign_in(&[KEY[0], ("AWS_SECRET_ACCESS_KEY", "")], url, &[]),
        "`SecretAccessKey` is missing",
    );
    // A setting is no part of it.
    let run = presign_in(&all, url, &["--param", "Service=execute-api"]);
    assert_eq!(query(&run, "X-Amz-Security-Token"), Some("t0ken"));
}

#[test]
fn the_region_of_the_environment_is_for_hosts_that_do_not_tell_it() {
    let scope = |variables: &[(&str, &str)], url: &str, args: &[&str]| {
        let args = [&["--param", "Service=s3"], args].concat();
        let run = presign_in(&[&KEY, variables].concat(), url, &args);
        let credential = query(&run, "X-Amz-Credential").unwrap();
        credential.split("%2F").nth(2).unwrap().to_owned()
    };
    let (region, default) = (("AWS_REGION", "moon-1"), ("AWS_DEFAULT_REGION", "mars-1"));
    let minio = "http://127.0.0.1:9000/b/k";
    assert_eq!(scope(&[region, default], minio, &[]), "moon-1");
    assert_eq!(scope(&[default], minio, &[]), "mars-1");
    assert_eq!(scope(&[("AWS_REGION", ""), default], minio, &[]), "mars-1");
    assert_eq!(scope(&[region, default], minio, &["--param", "Region=venus-1"]), "venus-1");
    assert_eq!(scope(&[region], "https://b.s3-accelerate.amazonaws.com/k", &[]), "moon-1");
    assert_eq!(scope(&[region], "https://B.S3.EU-West-1.amazonaws.com./k", &[]), "eu-west-1");
}

#[test]
fn azure_has_variables_too() {
    let explain = |variables: &[(&str, &str)], url: &str, method: &str| {
        let args = [
            "explain",
            url,
            "--method",
            method,
            "--time",
            "1709210096",
            "--format",
            "json",
            "--show-secrets",
        ];
        let run = run_in(variables, &args, "");
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        let json: Value = serde_json::from_str(&run.stdout).unwrap();
        let headers = json["headers"].as_array().unwrap();
        let found = headers.iter().find(|header| header[0] == "authorization").unwrap();
        found[1].as_str().unwrap().to_owned()
    };
    let batch = [("AZURE_BATCH_ACCOUNT", "acct"), ("AZURE_BATCH_ACCESS_KEY", "aw==")];
    let header = explain(&batch, "https://acct.westus2.batch.azure.com/jobs", "azure-batch");
    assert!(header.starts_with("SharedKey acct:"), "{header}");
    let hub = [(
        "EVENTHUB_CONNECTION_STRING",
        "Endpoint=sb://n.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=k",
    )];
    let header = explain(&hub, "https://n.servicebus.windows.net/hub/messages", "azure-event-hub");
    assert!(header.ends_with("&skn=send"), "{header}");
    let hub = [(
        "IOTHUB_CONNECTION_STRING",
        "HostName=h.azure-devices.net;SharedAccessKeyName=service;SharedAccessKey=aw==",
    )];
    let header = explain(&hub, "https://h.azure-devices.net/devices", "AZURE-IoT-hub");
    assert!(header.ends_with("&skn=service"), "{header}");
}

#[test]
fn beside_a_file_and_for_json_lines_the_environment_is_not_read() {
    let folder = Folder::with(&[("auth.conf", "[auth]\nMatch = *\nMethod = none\n")]);
    let run =
        presign_in(&KEY, "https://b.s3.eu-west-1.amazonaws.com/", &["--auth", &folder.text("auth.conf")]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("`AccessKeyId` is missing"), "{}", run.stderr);

    let line = r#"{"method":"GET","url":"https://sqs.eu-west-1.amazonaws.com/","auth":{"Method":"aws-signature-v4"}}"#;
    let run = run_in(&KEY, &["sign"], line);
    assert!(run.stdout.contains("`AccessKeyId` is missing"), "{run:?}");
    assert_eq!(sign_one(&[], line)["error"]["kind"], "params");
}

#[test]
fn a_method_is_named_once_and_known() {
    let presign = |args: &[&str]| {
        run_in(
            &KEY,
            &[&["presign", "https://b.s3.eu-west-1.amazonaws.com/", "--expires-in", "1m"], args].concat(),
            "",
        )
    };
    let unknown = presign(&["--method", "aws-signature-v5"]);
    check_usage(&unknown, "names no known method: `aws-signature-v5`; did you mean `aws-signature-v4`?");
    check_usage(&presign(&["--method", "hunter2"]), "the methods are aws-signature-v4, azure-batch,");
    check_usage(&presign(&["--param", "Method=azure-bach"]), "did you mean `azure-batch`?");
    let folder = Folder::with(&[("auth.conf", "[auth]\nMatch = *\nMethod = none\n")]);
    let beside = presign(&["--auth", &folder.text("auth.conf"), "--method", "aws-signature-v5"]);
    check_usage(&beside, "did you mean `aws-signature-v4`?");
    let two = presign(&["--method", "aws-signature-v4", "--param", "method=azure-batch"]);
    check_usage(&two, "--method and --param Method name different methods");
    let same = presign(&["--method", "aws-signature-v4", "--param", "Method=AWS-signature-v4"]);
    assert!(query(&same, "X-Amz-Signature").is_some());
}

#[test]
fn nothing_that_says_how_is_answered_with_all_that_would() {
    let run = run_in(&KEY, &["presign", "https://b.s3.eu-west-1.amazonaws.com/", "--expires-in", "1m"], "");
    check_usage(&run, "give --auth FILE, or --method NAME and --param NAME=VALUE");
    assert!(run.stderr.contains("--method aws-signature-v4 reads AWS_ACCESS_KEY_ID, "), "{}", run.stderr);
    assert!(run.stderr.contains("--method azure-batch reads AZURE_BATCH_ACCOUNT, "), "{}", run.stderr);
}

#[test]
fn a_host_header_of_another_host_is_not_signed_for_without_a_match() {
    let folder = Folder::with(&[(
        "auth.conf",
        "[auth]\nMethod = aws-signature-v4\nAccessKeyId = A\nSecretAccessKey = s\n",
    )]);
    let file = folder.text("auth.conf");
    let url = "https://sqs.eu-west-1.amazonaws.com/";
    let run = run(&["explain", url, "-H", "Host: evil.example", "--auth", &file], "");
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("the Host header names another host"), "{}", run.stderr);
}
