//! Environment variables under the names that the services' own tools use.
//!
//! They are read where flags alone say how to sign: a config file says itself what it takes from the environment.

use std::env;
use std::path::Path;

use http::Uri;
use signing_core::aws::endpoint;
use signing_core::{AuthParams, Registry, SecretText};
use tower_signing::{ParamClass, read_value};

use crate::failure::Failure;

const AWS: &str = signing_core::aws::METHOD_NAME;

/// Method, parameter, variable. What a method has here is one credential, taken whole or not at all.
///
/// What is usual, and nothing else: the SDKs and samples of CyberSource take their keys from files.
///
/// - AWS: <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html>
/// - Batch: `--account-name` and `--account-key` of <https://learn.microsoft.com/cli/azure/batch/task>
/// - Event Hubs: `NewHubFromEnvironment` of <https://github.com/Azure/azure-event-hubs-go>
/// - IoT Hub: the samples of <https://github.com/Azure/azure-iot-sdk-node>
const CREDENTIALS: [(&str, &str, &str); 7] = [
    (AWS, "AccessKeyId", "AWS_ACCESS_KEY_ID"),
    (AWS, "SecretAccessKey", "AWS_SECRET_ACCESS_KEY"),
    (AWS, "SessionToken", "AWS_SESSION_TOKEN"),
    ("azure-batch", "AccountName", "AZURE_BATCH_ACCOUNT"),
    ("azure-batch", "SecretAccessKey", "AZURE_BATCH_ACCESS_KEY"),
    ("azure-event-hub", "ConnectionString", "EVENTHUB_CONNECTION_STRING"),
    ("azure-iot-hub", "ConnectionString", "IOTHUB_CONNECTION_STRING"),
];

/// The region where a URL does not tell it; the first that is set.
const REGION: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// Puts into `params`, which stand alone, what they lack and the environment has.
///
/// A key id that was given and a session token of another key would make a signature that fails far from its
/// cause: who gives a part of a credential gives all of it.
pub(crate) fn complete(params: &mut AuthParams, url: &Uri) -> Result<(), Failure> {
    let Some(method) = params.get("Method").map(str::to_ascii_lowercase) else { return Ok(()) };
    if !params.names().any(is_of_a_credential) {
        for (_, parameter, variable) in credential_of(&method) {
            if let Some(value) = value(variable)? {
                params.set(parameter, value);
            }
        }
    }
    if method == AWS && params.get("Region").is_none() && !tells_region(url) {
        for variable in REGION {
            if let Some(value) = value(variable)? {
                params.set("Region", value);
                break;
            }
        }
    }
    Ok(())
}

/// What each method reads, for who gave none.
pub(crate) fn summary() -> String {
    let lines: Vec<_> = Registry::new().names().filter_map(summary_of).collect();
    lines.join("\n")
}

/// What `method` reads.
pub(crate) fn summary_of(method: &str) -> Option<String> {
    let method = method.to_ascii_lowercase();
    let variables: Vec<_> = credential_of(&method).map(|(_, _, variable)| variable).collect();
    let list = variables.join(", ");
    (!list.is_empty())
        .then(|| format!("--method {method} reads {list}, unless a flag gives a part of the credential"))
}

/// The table, for people.
pub(crate) fn help() -> String {
    let mut text =
        String::from("Environment, read for --method without --auth, a credential whole or not at all:\n");
    for (method, parameter, variable) in CREDENTIALS {
        text.push_str(&format!("  {variable:<27} {parameter} of {method}\n"));
    }
    for variable in REGION {
        text.push_str(&format!("  {variable:<27} Region of {AWS}, where the URL does not tell it\n"));
    }
    text
}

fn credential_of(method: &str) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    CREDENTIALS.into_iter().filter(move |(of, _, _)| *of == method)
}

fn is_of_a_credential(parameter: &str) -> bool {
    matches!(ParamClass::of(parameter), ParamClass::Identity | ParamClass::Secret)
}

/// A variable that is set, but empty, counts as unset, as with AWS's tools.
fn value(variable: &str) -> Result<Option<SecretText>, Failure> {
    if env::var_os(variable).is_none_or(|value| value.is_empty()) {
        return Ok(None);
    }
    let value = read_value(&format!("env:{variable}"), Path::new(""));
    // Set a moment ago, so it can only be a text that is none.
    value.map(Some).map_err(|_| Failure::usage(format!("the environment variable {variable} is not UTF-8")))
}

/// A relative URL leaves it to the Host header.
fn tells_region(url: &Uri) -> bool {
    url.host().is_none_or(|host| {
        let host = host.to_ascii_lowercase();
        let endpoint = endpoint::from_host(host.strip_suffix('.').unwrap_or(&host));
        endpoint.is_some_and(|endpoint| endpoint.region != endpoint::EVERY_REGION)
    })
}
