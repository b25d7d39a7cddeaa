//! Services of AWS that speak JSON. Some show their canonical request, others do not.

use serde_json::json;

use super::services::{Why, verify};
use super::{Answer, answer, taken};
use crate::base::Wire;

/// Kinesis, which does.
pub(crate) fn kinesis(wire: &Wire) -> Answer {
    match verify(wire, "eu-west-1", "kinesis", 5) {
        Ok(()) => taken(),
        Err(why) => refusal(why, true),
    }
}

/// DynamoDB, which does not.
pub(crate) fn dynamodb(wire: &Wire) -> Answer {
    match verify(wire, "eu-west-1", "dynamodb", 15) {
        Ok(()) => taken(),
        Err(why) => refusal(why, false),
    }
}

fn refusal(why: Why, shows_texts: bool) -> Answer {
    let (code, message) = why.in_json(shows_texts);
    let body = json!({"__type": format!("com.amazon.coral.service#{code}"), "message": message});
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amzn-requestid", "b25f48e8-84fd-11e6-80d9-574e0c4664cb"),
    ];
    answer(400, &headers, body.to_string())
}
