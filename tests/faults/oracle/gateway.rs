//! API Gateway, and whatever stands behind it: an error in a header, a sentence in JSON.

use serde_json::json;

use super::services::verify;
use super::{Answer, answer, taken};
use crate::base::Wire;

pub(crate) fn execute_api(wire: &Wire) -> Answer {
    let Err(why) = verify(wire, "eu-west-1", "execute-api", 5) else { return taken() };
    let (code, message) = why.in_json(true);
    let headers = [
        ("content-type", "application/json"),
        ("x-amzn-requestid", "b25f48e8-84fd-11e6-80d9-574e0c4664cb"),
        ("x-amzn-errortype", code),
    ];
    answer(403, &headers, json!({"message": message}).to_string())
}
