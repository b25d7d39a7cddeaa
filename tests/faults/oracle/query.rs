//! Services of AWS that speak the query protocol: here SNS.

use super::services::{MISMATCH, Why, verify};
use super::{Answer, answer, taken, xml};
use crate::base::Wire;

pub(crate) fn sns(wire: &Wire) -> Answer {
    let Err(why) = verify(wire, "eu-west-1", "sns", 15) else { return taken() };
    let (code, message) = match why {
        Why::Missing => ("MissingAuthenticationToken", "Request is missing Authentication Token".to_owned()),
        Why::Incomplete(text) => ("IncompleteSignature", text),
        Why::Scope(text) => ("SignatureDoesNotMatch", text),
        Why::UnknownKey | Why::InvalidToken => {
            ("InvalidClientTokenId", "The security token included in the request is invalid.".to_owned())
        }
        Why::ExpiredToken => {
            ("ExpiredToken", "The security token included in the request is expired".to_owned())
        }
        Why::Mismatch(texts) => ("SignatureDoesNotMatch", [MISMATCH, &texts.told()].concat()),
    };
    let body = format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\n  <Error>\n    <Type>Sender</Type>\n    <Code>{code}</Code>\n    <Message>{}</Message>\n  </Error>\n  <RequestId>b25f48e8-84fd-11e6-80d9-574e0c4664cb</RequestId>\n</ErrorResponse>\n",
        xml(&message)
    );
    let headers =
        [("content-type", "text/xml"), ("x-amzn-requestid", "b25f48e8-84fd-11e6-80d9-574e0c4664cb")];
    answer(403, &headers, body)
}
