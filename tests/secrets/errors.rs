//! What errors say.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use signing_core::aws::{Credentials, SigV4};
use signing_core::{AuthParams, Payload, Registry, Signer, Timestamp};
use tower::{Layer, ServiceExt, service_fn};
use tower_signing::{BoxError, Match, SignedBody, Signers, SigningLayer, SigningOptions};

use super::{all_of, secrets, shown_in};
use crate::support::{AWS, SCHEMES, data, pieces_of};

const NOW: Timestamp = Timestamp::from_unix(1_709_210_096).unwrap();
/// Ends as base64 does, which is what an INI file takes for a separator.
const SECRET: &str = "k7Qm+2Zs0Vb/9fTtXy1LcRpWnEoHdJuAiGg4MzBqN8w=";

/// Broken files by their format; `$` stands for the secret.
const BROKEN: &[(&str, &[&str])] = &[
    (
        "conf",
        &[
            "SecretAccessKey = $",
            "[auth]\nSecretAccessKey = $",
            "[auth]\nMethod = azure-batch\nSecretAcessKey = $",
            "[auth]\nMethod = azure-batch\nAccountName = $\n",
            "[auth]\nMethod = azure-batch\nAccountName = a:$\nSecretAccessKey = $",
            "[auth]\nMethod = azure-batch\nAccountName = a\nSecretAccessKey = $$",
            "[auth]\nMethod = azure-batch\nAccountName = a\nSecretAccessKey = base64:$$",
            "[auth]\nMethod = azure-batch\nAccountName = a\nSecretAccessKey = base64:$",
            "[auth]\nSecretAccessKey = $\nsecretaccesskey = $",
            "[auth]\nSecretAccessKey = $\u{7}",
            "[auth $",
            "[auth] $",
            "[auth]\nMethod = azure-batch\nToken = $",
            "[auth]\nMatch = $\nMethod = none",
            "[auth]\nMatch = https://u:$@h/\nMethod = none",
            "[auth]\nMatch = https://h/?sig=$\nMethod = none",
            "[auth]\nMethod = none\nSecretAccessKey = $",
            "[auth]\nMethod = auth-token\nHeader = x\nToken = $",
            "[auth]\nMethod = auth-token\nHeader = $\nToken = $",
            "[auth]\nMethod = azure-event-hub\nConnectionString = Endpoint=sb://h/;SharedAccessKey=$",
            "[auth]\nMethod = azure-event-hub\nConnectionString = Endpoint=sb://h/;Key=$;SharedAccessKeyName=k",
            "[auth]\nMethod = azure-iot-hub\nConnectionString = HostName=h;SharedAccessKey=$!",
            "[auth]\nMethod = azure-event-hub\nConnectionString = $\nSecretAccessKey = $",
            "[signing]\nmonitor = $",
            "[signing]\nbuffer_limit = $\nspool_limit = $",
            "[auth]\nMethod = none\n[AUTH]\nSecretAccessKey = $",
        ],
    ),
    (
        "toml",
        &[
            "[auth]\nSecretAccessKey = $",
            "[auth]\nSecretAccessKey = '$",
            "[auth]\nSecretAccessKey = \"$\\q\"",
            "[auth]\nSecretAccessKey = '$' '$'",
            "[auth]\nSecretAccessKey = ['$']",
            "[auth]\nSecretAccessKey = '$'\nSecretAccessKey = '$'",
            "[auth]\nSecretAccessKey: '$'",
            "[auth]\nSecretAccessKey '$'",
            "[auth\nSecretAccessKey = '$'",
            "SecretAccessKey = '$'",
            "[auth]\nMethod = 'azure-batch'\nSecretAcessKey = '$'",
        ],
    ),
    (
        "yaml",
        &[
            "auth:\n  SecretAccessKey: $: x",
            "auth:\n  SecretAccessKey: {$}",
            "auth:\n  SecretAccessKey: [$]",
            "auth:\n  SecretAccessKey: '$",
            "auth:\n  SecretAccessKey: \"$\\q\"",
            "auth:\n  SecretAccessKey: &a $",
            "auth:\n  SecretAccessKey: !t $",
            "auth:\n  SecretAccessKey: $\n  SecretAccessKey: $",
            "auth:\n\tSecretAccessKey: $",
            "auth:\n  SecretAccessKey $",
            "auth: $",
            "$",
            "SecretAccessKey: $",
            "auth:\n  SecretAccessKey: |\n    $\n   x: y",
            "auth:\n  Method: azure-batch\n  SecretAcessKey: $",
        ],
    ),
    (
        "json",
        &[
            "{\"auth\": {\"SecretAccessKey\": \"$}}",
            "{\"auth\": {\"SecretAccessKey\": $}}",
            "{\"auth\": {\"SecretAccessKey\": \"$\",}}",
            "{\"auth\": {\"SecretAccessKey\": \"$\\q\"}}",
            "{\"auth\": {\"SecretAccessKey\": [\"$\"]}}",
            "{\"auth\": {\"SecretAccessKey\": \"$\", \"SecretAccessKey\": \"$\"}}",
            "{\"auth\": {\"SecretAccessKey\" \"$\"}}",
            "{\"auth\": \"$\"}",
            "{\"SecretAccessKey\": \"$\"}",
            "\"$\"",
            "{\"auth\": {\"Method\": \"azure-batch\", \"SecretAcessKey\": \"$\"}}",
        ],
    ),
];

/// A secret where a name belongs: a colon or a space for an equals sign, a value on two lines, two values
/// swapped.
const IN_THE_PLACE_OF_A_NAME: &[(&str, &[&str])] = &[
    (
        "conf",
        &[
            "[auth]\nMethod = azure-batch\nAccountName = a\nSecretAccessKey: $",
            "[auth]\nMethod = azure-batch\nAccountName = a\nSecretAccessKey $",
            "[auth]\nMethod = aws-signature-v4\nAccessKeyId = a\nSecretAccessKey = s\nSessionToken: $",
            "[auth]\nMethod = aws-signature-v4\nAccessKeyId = a\nSecretAccessKey = s\nSessionToken $",
            "[auth]\nMethod = azure-batch\nAccountName = a\nSecretAccessKey =\n$",
            "[auth]\nMethod = azure-batch\nAccountName = a\nSecretAccessKey = k7Qm\n$",
            "[auth]\nMethod = $",
        ],
    ),
    ("toml", &["[auth]\nMethod = '$'"]),
    ("yaml", &["auth:\n  Method: $"]),
    ("json", &["{\"auth\": {\"Method\": \"$\"}}"]),
];

fn config_error(folder: &Path, extension: &str, text: &str) -> String {
    let path = folder.join("auth").with_extension(extension);
    fs::write(&path, text.replace('$', SECRET)).unwrap();
    match Signers::from_file(&path, &Registry::new()) {
        Ok(_) => panic!("{extension} is no error: {text}"),
        Err(error) => {
            let faults = error.faults().iter().map(|fault| format!("{fault}\n{fault:?}\n{fault:#?}\n"));
            all_of(&error) + &faults.collect::<String>()
        }
    }
}

/// The texts of `broken` whose errors show the secret, with what they show.
fn leaks(broken: &[(&str, &[&str])]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let all = broken.iter().flat_map(|(extension, texts)| texts.iter().map(move |text| (extension, text)));
    let errors = all.map(|(extension, text)| (extension, text, config_error(folder.path(), extension, text)));
    let leaking = errors.filter(|(_, _, error)| !shown_in(error, &[SECRET]).is_empty());
    leaking
        .map(|(extension, text, error)| format!("{extension} {text:?}: {}", error.lines().next().unwrap()))
        .collect()
}

#[test]
fn no_error_of_a_config_file_shows_a_value() {
    assert_eq!(leaks(BROKEN), [""; 0]);
}

#[test]
fn no_error_of_a_config_file_shows_a_secret_in_the_place_of_a_name() {
    let leaks = leaks(IN_THE_PLACE_OF_A_NAME);
    assert!(leaks.is_empty(), "{leaks:#?}");
}

#[test]
fn no_error_of_a_parameter_shows_a_value() {
    for scheme in &SCHEMES {
        let names = scheme.pairs.iter().map(|&(name, _)| name);
        let more = [
            "Region",
            "Service",
            "Payload",
            "ChunkSize",
            "NormalizePath",
            "UnsignedHeaders",
            "TokenTTL",
            "TokenExpiry",
            "ClockCorrection",
            "ConnectionString",
            "DateHeader",
            "RequestTarget",
            "AllowPlainHttp",
            "Unknown",
        ];
        let mut errors = 0;
        for name in names.chain(more) {
            for value in [format!("{SECRET}\n"), format!("{SECRET}!/\u{e9}"), SECRET.to_owned()] {
                let mut params = scheme.params_with(&[(name, &value)]);
                params.remove("Match");
                if let Err(error) = Registry::new().signer(&params) {
                    errors += 1;
                    let text = all_of(&error);
                    assert_eq!(shown_in(&text, &[SECRET]), [""; 0], "{} {name}: {text}", scheme.method);
                }
            }
        }
        assert!(errors > 10, "{}: {errors} errors", scheme.method);
    }
}

#[test]
fn no_error_of_a_match_or_of_a_set_of_signers_shows_a_value() {
    for text in
        ["$", "https://u:$@h/", "https://h/?$", "https://h:$/", "https://$/", "https://h/$/../x", "$://h/"]
    {
        let text = text.replace('$', SECRET);
        let error = all_of(&text.parse::<Match>().unwrap_err());
        assert_eq!(shown_in(&error, &[SECRET]), [""; 0], "{text}: {error}");
    }
    let mut signers = Signers::new();
    for (name, scope) in
        [("a", Some("https://h")), ("a", None), ("b", Some("https://h")), ("auth", None), ("c", Some("*"))]
    {
        let scope = scope.map(|scope| scope.parse().unwrap());
        if let Err(error) = signers.insert(name, scope, SCHEMES[5].signer()) {
            assert_eq!(shown_in(&all_of(&error), &secrets()), [""; 0], "{error}");
        }
    }
}

/// Ways in which signing itself fails, with secrets in the URL and in the headers.
#[test]
fn no_error_of_signing_shows_a_secret_or_a_query() {
    let expired = Credentials {
        access_key_id: "AKIDOFTHETESTS".into(),
        secret_access_key: AWS.secret_values().next().unwrap().into(),
        session_token: AWS.secret_values().last().map(Into::into),
        expires_at: Some(NOW),
    };
    let signers: Vec<_> = SCHEMES.iter().map(|scheme| scheme.signer()).collect();
    let expired = Signer::new("expired", SigV4::new(expired).unwrap());
    let urls = [
        "https://u:$@sqs.eu-west-1.amazonaws.com/",
        "/$?$",
        "https://h.example:99999/$",
        "https://h.example/$?sig=$",
        "http://partner.example/?$",
        "https://sqs.eu-west-1.amazonaws.com/?X-Amz-Signature=$",
        "https://s3.amazonaws.com/?$",
    ];
    let headers: [&[(&str, &str)]; 5] = [
        &[],
        &[("content-length", "$")],
        &[("host", "$"), ("host", "$")],
        &[("x-amz-content-sha256", "STREAMING-$")],
        &[("ocp-date", "$"), ("date", "$")],
    ];
    // A URL cannot hold every sign that a secret can.
    let encoded = SECRET.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let mut errors = 0;
    for url in urls {
        for headers in headers {
            let mut request = Request::post(url.replace('$', &encoded));
            for (name, value) in headers {
                request = request.header(*name, value.replace('$', SECRET));
            }
            let mut head = request.body(()).unwrap().into_parts().0;
            for signer in signers.iter().chain([&expired]) {
                let signed = signer.sign(&mut head.clone(), &Payload::EMPTY, NOW).err();
                let presigned =
                    signer.presign(&head, &Payload::unread(None), Duration::from_secs(60), NOW).err();
                for error in signed.into_iter().chain(presigned) {
                    errors += 1;
                    let mut known = secrets();
                    known.push(SECRET);
                    let text = all_of(&error);
                    assert_eq!(shown_in(&text, &known), [""; 0], "{url} {headers:?}: {text}");
                }
            }
            head.headers.clear();
        }
    }
    assert!(errors > 100, "{errors} errors");
}

#[tokio::test]
async fn no_error_of_the_layer_shows_a_secret_or_a_query() {
    let params = |pairs: &[(&str, &str)]| pairs.iter().copied().collect::<AuthParams>();
    let options = [
        SigningOptions::new(),
        SigningOptions::new().section("no-such-section"),
        SigningOptions::new().section("token"),
        SigningOptions::new().params(params(&[("Method", "azure-batch"), ("SecretAccessKey", SECRET)])),
        SigningOptions::new().params(params(&[
            ("Method", "azure-batch"),
            ("AccountName", "a"),
            ("SecretAccessKey", "!k7Qm+2Zs0Vb/9f"),
        ])),
        SigningOptions::new().params(params(&[("SecretAcessKey", SECRET)])),
        SigningOptions::new().params(params(&[("Match", &format!("https://u:{SECRET}@h/"))])),
        SigningOptions::new().section("none").params(params(&[("SecretAccessKey", SECRET)])),
    ];
    let encoded = SECRET.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let urls = [
        "https://evil.example/?sig=$",
        "https://u:$@evil.example/",
        "/relative?$",
        "https://partner.example:99999/?$",
        "https://partner.example/v1/../v2?$",
        "https://sqs.eu-west-1.amazonaws.com/?X-Amz-Signature=$",
        "https://sqs.eu-west-1.amazonaws.com/?$",
    ];
    let clocks: [fn() -> SystemTime; 2] =
        [SystemTime::now, || SystemTime::UNIX_EPOCH - Duration::from_secs(1)];
    let mut errors = 0;
    for clock in clocks {
        let mut signers = Signers::from(AWS.signer());
        signers
            .insert("token", Some("https://partner.example/v1".parse().unwrap()), SCHEMES[5].signer())
            .unwrap();
        let layer = SigningLayer::builder().clock(clock).buffer_limit(4).signers(signers);
        let inner = service_fn(|_: Request<SignedBody<http_body_util::Either<Full<Bytes>, _>>>| async {
            Ok::<_, BoxError>(Response::new(()))
        });
        for url in urls {
            for options in &options {
                for body in [
                    http_body_util::Either::Left(Full::from(SECRET)),
                    http_body_util::Either::Right(pieces_of([data(SECRET), data(SECRET)])),
                ] {
                    let request = Request::post(url.replace('$', &encoded))
                        .extension(options.clone())
                        .body(body)
                        .unwrap();
                    let Err(error) = layer.layer(inner).oneshot(request).await else { continue };
                    errors += 1;
                    let error: &(dyn Error + Send + Sync) = &*error;
                    let mut known = secrets();
                    known.push(SECRET);
                    let text = all_of(error);
                    assert_eq!(shown_in(&text, &known), [""; 0], "{url} {options:?}: {text}");
                }
            }
        }
    }
    assert!(errors > 100, "{errors} errors");
}
