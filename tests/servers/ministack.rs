//! Services of AWS: S3, DynamoDB, SQS, STS, and the credentials that STS hands out.

use bytes::Bytes;
use http::{Method, Request};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::relay::Change;
use crate::sender::{Params, Presigned, Sender, senders};
use crate::server::{MINISTACK, Server};
use crate::trial::{Trial, at, request};

/// Its emulation of S3 verifies the head, but not that the body has the hash that was signed.
const HEAD: &[Change] = &[Change::Path, Change::Query];
const ALL: &[Change] = &[Change::Path, Change::Query, Change::Header("content-type"), Change::Body];

impl Server {
    /// What signs for one of its services.
    pub(crate) fn params(&self, service: &str) -> Params {
        vec![
            ("Method", "aws-signature-v4".to_owned()),
            ("AccessKeyId", self.key_id.clone()),
            ("SecretAccessKey", self.secret.clone()),
            ("Region", "us-east-1".to_owned()),
            ("Service", service.to_owned()),
        ]
    }
}

/// A name that no other client and no other run has used.
fn unique(what: &str, sender: &dyn Sender) -> String {
    format!("{what}-{}-{}", sender.name(), std::process::id())
}

#[tokio::test]
async fn s3_takes_what_is_signed_and_refuses_what_was_changed() {
    let Some(server) = Server::running(MINISTACK) else { return };
    let params = server.params("s3");
    for sender in senders() {
        let mut trial = Trial::new(&server, &*sender).await;
        let bucket = format!("/{}", unique("s3", &*sender));
        trial.takes(&params, &request(Method::PUT, &bucket, &[], "")).await;
        for (name, body) in
            [("empty", String::new()), ("small", "a line\n".into()), ("1-mib", "x".repeat(1 << 20))]
        {
            let path = format!("{bucket}/{name}");
            let headers = [("content-type", "text/plain"), ("x-amz-meta-color", "blue,  green")];
            let put = request(Method::PUT, &path, &headers, body.clone());
            trial.takes(&params, &put).await;
            let stored = trial.takes(&params, &request(Method::GET, &path, &[], "")).await;
            assert!(stored == body, "{}: what is stored differs", sender.name());
            trial.refuses(&params, &put, HEAD).await;
            trial
                .refuses(&params, &put, &[Change::Header("x-amz-meta-color"), Change::Header("content-type")])
                .await;
        }
        let list =
            request(Method::GET, &format!("{bucket}?list-type=2&prefix=s%20m%2Ba&max-keys=7"), &[], "");
        trial.refuses(&params, &list, HEAD).await;
        trial.takes(&params, &request(Method::DELETE, &format!("{bucket}/small"), &[], "")).await;
        trial.end("S3");
    }
}

#[tokio::test]
async fn dynamodb_takes_what_is_signed_and_refuses_what_was_changed() {
    let Some(server) = Server::running(MINISTACK) else { return };
    let params = server.params("dynamodb");
    for sender in senders() {
        let mut trial = Trial::new(&server, &*sender).await;
        let table = unique("table", &*sender);
        let call = |action: &str, input: Value| {
            let target = format!("DynamoDB_20120810.{action}");
            let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", &*target)];
            request(Method::POST, "/", &headers, input.to_string())
        };
        let create = call(
            "CreateTable",
            json!({
                "TableName": table,
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            }),
        );
        trial.takes(&params, &create).await;
        let item = json!({"id": {"S": "a b+c/\u{e9}"}, "n": {"N": "7"}});
        let put = call("PutItem", json!({"TableName": table, "Item": item}));
        trial.takes(&params, &put).await;
        let get = call("GetItem", json!({"TableName": table, "Key": {"id": item["id"]}}));
        let answer: Value = serde_json::from_slice(&trial.takes(&params, &get).await).unwrap();
        assert_eq!(answer["Item"], item);
        trial.refuses(&params, &put, ALL).await;
        trial.refuses(&params, &get, &[Change::Header("x-amz-date")]).await;
        trial.end("DynamoDB");
    }
}

#[tokio::test]
async fn sqs_takes_what_is_signed_and_refuses_what_was_changed() {
    let Some(server) = Server::running(MINISTACK) else { return };
    let params = server.params("sqs");
    const VERSION: (&str, &str) = ("Version", "2012-11-05");
    for sender in senders() {
        let mut trial = Trial::new(&server, &*sender).await;
        let name = unique("queue", &*sender);
        let answer = trial
            .takes(&params, &form_request("/", &[("Action", "CreateQueue"), ("QueueName", &name), VERSION]))
            .await;
        let url = between(&answer, "QueueUrl");
        let path = url.splitn(4, '/').nth(3).unwrap();
        let send = form_request(
            &format!("/{path}"),
            &[("Action", "SendMessage"), ("MessageBody", "a b+c"), VERSION],
        );
        trial.takes(&params, &send).await;
        let receive = format!("/{path}?Action=ReceiveMessage&Version=2012-11-05");
        let answer = trial.takes(&params, &request(Method::GET, &receive, &[], "")).await;
        assert_eq!(between(&answer, "Body"), "a b+c");
        trial.refuses(&params, &send, ALL).await;
        trial.end("SQS");
    }
}

#[tokio::test]
async fn sts_hands_out_credentials_that_sign() {
    let Some(server) = Server::running(MINISTACK) else { return };
    for sender in senders() {
        let mut trial = Trial::new(&server, &*sender).await;
        let role = unique("role", &*sender);
        for action in ["CreateRole", "PutRolePolicy"] {
            let anyone =
                r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;
            let anything = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
            let form = [
                ("Action", action),
                ("RoleName", &role),
                ("AssumeRolePolicyDocument", anyone),
                ("PolicyName", "all"),
                ("PolicyDocument", anything),
                ("Version", "2010-05-08"),
            ];
            trial.takes(&server.params("iam"), &form_request("/", &form)).await;
        }
        let params = server.params("sts");
        let arn = format!("arn:aws:iam::000000000000:role/{role}");
        let assume = form_request(
            "/",
            &[
                ("Action", "AssumeRole"),
                ("RoleArn", &arn),
                ("RoleSessionName", "test"),
                ("Version", "2011-06-15"),
            ],
        );
        let answer = trial.takes(&params, &assume).await;
        trial.refuses(&params, &assume, ALL).await;

        let mut session = server.params("s3");
        session.retain(|(name, _)| !matches!(*name, "AccessKeyId" | "SecretAccessKey"));
        session.push(("AccessKeyId", between(&answer, "AccessKeyId")));
        session.push(("SecretAccessKey", between(&answer, "SecretAccessKey")));
        let without_token = session.clone();
        session.push(("SessionToken", between(&answer, "SessionToken")));
        let bucket = format!("/{}", unique("session", &*sender));
        trial.takes(&session, &request(Method::PUT, &bucket, &[], "")).await;
        let put = request(Method::PUT, &format!("{bucket}/key"), &[], "of a session");
        trial.takes(&session, &put).await;
        trial.refuses(&session, &put, &[Change::Path, Change::Header("x-amz-security-token")]).await;
        let answer = sender.send(without_token, at(&server.endpoint, &put)).await;
        trial.check_refused(&put, "without its token", answer);
        trial.end("STS, S3 with a session token");
    }
}

#[tokio::test]
async fn presigned_urls_are_taken_and_changed_ones_refused() {
    let Some(server) = Server::running(MINISTACK) else { return };
    let params = server.params("s3");
    for presigned in Presigned::all() {
        let bucket = format!("/{}", unique("presigned", &presigned));
        check_presigned(&server, &presigned, &params, &bucket).await;
    }
}

/// GET and PUT in a new bucket, also with a header that is signed.
pub(crate) async fn check_presigned(server: &Server, presigned: &Presigned, params: &Params, bucket: &str) {
    let mut trial = Trial::new(server, presigned).await;
    trial.takes(params, &request(Method::PUT, bucket, &[], "")).await;
    let path = format!("{bucket}/a%20key%2B");
    let put = request(Method::PUT, &path, &[("x-amz-meta-color", "blue")], "presigned");
    trial.takes(params, &put).await;
    let get = request(Method::GET, &path, &[], "");
    assert_eq!(trial.takes(params, &get).await, "presigned");
    trial.refuses(params, &put, &[Change::Path, Change::Query, Change::Header("x-amz-meta-color")]).await;
    trial.refuses(params, &get, &[Change::Path, Change::Query]).await;
    trial.end("S3 presigned GET and PUT");
}

/// A POST of these fields.
fn form_request(path: &str, fields: &[(&str, &str)]) -> Request<Bytes> {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<_> =
        fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    request(Method::POST, path, &headers, pairs.join("&"))
}

/// The text of the first XML element of this name.
fn between(answer: &[u8], name: &str) -> String {
    let text = std::str::from_utf8(answer).unwrap();
    let (_, rest) =
        text.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name} in the answer"));
    rest.split_once('<').unwrap().0.to_owned()
}
