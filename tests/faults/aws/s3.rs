//! S3, signed by header.

use http::Method;
use signing_core::diagnose::Signed;

use super::{base, group};
use crate::base::{Base, Sent};
use crate::case::{Fault, Group, fault};
use crate::oracle::s3;
use crate::oracle::sigv4::{
    ENDED_TOKEN, FOREIGN_TOKEN, Given, OTHER_SECRET, SECRET, SESSION_KEY_ID, SESSION_TOKEN, Texts,
};

pub(crate) fn groups() -> Vec<Group> {
    let put =
        base(Method::PUT, "https://corpus.s3.eu-west-1.amazonaws.com/folder/a%20b.txt?color=x%20y&list=1")
            .header("content-type", "text/plain")
            .header("x-amz-meta-colors", "blue,green")
            .header("accept-encoding", "identity")
            .body("hello");
    let head = base(Method::HEAD, "https://corpus.s3.eu-west-1.amazonaws.com/folder/a");
    let right: &'static [fn(Base) -> Sent] = &[|base| by_another(base, SECRET)];
    vec![
        Group { right, ..group("oracle: S3", s3::verify, put, FAULTS) },
        group("oracle: S3 HEAD", s3::verify, head, HEAD),
    ]
}

const FAULTS: &[Fault] = &[
    fault("clock 17 min behind", "clock-off", |base| base.behind(17 * 60).sign())
        .telling("17 min behind the server's clock. Set the clock, or `ClockCorrection = 1020`"),
    fault("clock 1 h ahead", "clock-off", |base| base.ahead(3600).sign())
        .telling("1 h ahead of the server's clock. Set the clock, or `ClockCorrection = -3600`"),
    fault("ClockCorrection that is not needed", "clock-off", |base| {
        base.param("ClockCorrection", "1800").sign().corrected_by(1800)
    })
    .telling("`ClockCorrection = 0`"),
    fault("secret of another key", "wrong-secret", |base| base.param("SecretAccessKey", OTHER_SECRET).sign()),
    fault("secret cut short", "wrong-secret", |base| base.param("SecretAccessKey", &SECRET[..39]).sign()),
    fault("line break behind the secret", "wrong-secret", |base| by_another(base, &[SECRET, "\n"].concat()))
        .telling("without a line break"),
    fault("space before the secret", "wrong-secret", |base| by_another(base, &[" ", SECRET].concat()))
        .telling("white space"),
    fault("key that the service does not know", "unknown-key", |base| {
        base.param("AccessKeyId", "AKIDOFNOBODY").sign()
    })
    .telling("`AKIDOFNOBODY`"),
    fault("temporary key without its token", "session-token-missing", |base| {
        base.param("AccessKeyId", SESSION_KEY_ID).sign()
    }),
    fault("session token that has ended", "session-token-expired", |base| session(base, ENDED_TOKEN).sign()),
    fault("session token of another key", "session-token-invalid", |base| {
        session(base, FOREIGN_TOKEN).sign()
    }),
    fault("session token lost on the way", "session-token-invalid", |base| {
        session(base, SESSION_TOKEN).sign().remove("x-amz-security-token")
    })
    .because("a lost token, and one that ended long ago, have the answer of an unknown key"),
    fault("another region", "wrong-region", |base| base.param("Region", "us-east-1").sign())
        .telling("Set `Region = eu-west-1`"),
    fault("another service", "wrong-service", |base| base.param("Service", "sqs").sign())
        .telling("Set `Service = s3`"),
    fault("end point of another region", "wrong-region", |base| {
        base.url("s3.eu-west-1", "s3.us-east-1").sign()
    })
    .telling("Set `Region = eu-west-1`"),
    fault("scope of the day before", "wrong-scope-date", |base| {
        let sent = base.sign().within("authorization", "/20240229/", "/20240228/");
        with_texts(sent)
    })
    .telling("`20240228`"),
    fault("x-amz-acl added below the signer", "header-added", |base| base.sign().set("x-amz-acl", "private"))
        .telling("`x-amz-acl`"),
    fault("Content-Type changed", "header-changed", |base| {
        base.sign().set("content-type", "text/plain; charset=utf-8")
    })
    .telling("`text/plain; charset=utf-8`"),
    fault("metadata dropped", "header-dropped", |base| base.sign().remove("x-amz-meta-colors"))
        .telling("`x-amz-meta-colors`"),
    fault("values of a header in another order", "headers-reordered", |base| {
        base.sign().set("x-amz-meta-colors", "green,blue")
    }),
    fault("second value of a header", "header-changed", |base| {
        base.sign().append("x-amz-meta-colors", "red")
    })
    .telling("`blue,green,red`"),
    fault("Accept-Encoding set by a proxy", "header-changed", |base| {
        base.sign().set("accept-encoding", "gzip")
    })
    .telling("`accept-encoding`"),
    fault("headers signed in another order", "headers-reordered", |base| {
        let names = "accept-encoding;content-type;host;";
        let sent = base.sign();
        let authorization = sent.wire.headers()["authorization"].to_str().unwrap().to_owned();
        assert!(authorization.contains(names));
        let texts = texts(&sent);
        let unsorted = texts.canonical_request.replace(
            "accept-encoding:identity\ncontent-type:text/plain\n",
            "content-type:text/plain\naccept-encoding:identity\n",
        );
        signed_as(sent, &texts, &unsorted)
    }),
    fault("x-amz-date dropped", "header-dropped", |base| base.sign().remove("x-amz-date"))
        .telling("`x-amz-date`"),
    fault("x-amz-date set anew by a client", "header-changed", |base| {
        base.sign().set("x-amz-date", "20240229T123501Z")
    })
    .telling("`x-amz-date`"),
    fault("x-amz-content-sha256 dropped", "header-dropped", |base| {
        base.sign().remove("x-amz-content-sha256")
    })
    .telling("`x-amz-content-sha256`"),
    fault("host of a proxy", "host-changed", |base| base.sign().set("host", "s3.internal"))
        .telling("`s3.internal`"),
    fault("port in the host", "host-changed", |base| {
        base.sign().set("host", "corpus.s3.eu-west-1.amazonaws.com:8443")
    })
    .telling(":8443"),
    fault("path encoded twice", "path-changed", |base| base.param("DoubleEncodePath", "true").sign())
        .telling("`DoubleEncodePath = false`"),
    fault("path normalized", "path-changed", |base| {
        base.url("/folder/", "/folder//").param("NormalizePath", "true").sign()
    })
    .telling("`NormalizePath = false`"),
    fault("beginning of the path stripped by a proxy", "path-changed", |base| {
        base.sign().target("/folder/", "/")
    })
    .telling("The beginning of the path was dropped"),
    fault("path encoded again by a client", "path-changed", |base| base.sign().target("a%20b", "a%2520b"))
        .telling("Sign the URL as it is sent"),
    fault("dot segments folded by a client", "path-changed", |base| {
        base.url("/folder/", "/folder/./").sign().target("/./", "/")
    })
    .telling("Sign the URL as it is sent"),
    fault("slash added at the end", "path-changed", |base| base.sign().target("b.txt", "b.txt/")),
    fault("another path", "path-changed", |base| base.sign().target("a%20b", "a%20c")),
    fault("query signed in another order", "query-reordered", |base| {
        let sent = base.sign();
        let texts = texts(&sent);
        let unsorted = texts.canonical_request.replace("color=x%20y&list=1", "list=1&color=x%20y");
        signed_as(sent, &texts, &unsorted)
    }),
    fault("parameter added below the signer", "query-added", |base| {
        base.sign().target("list=1", "list=1&x-id=PutObject")
    })
    .telling("`x-id`"),
    fault("parameter dropped on the way", "query-dropped", |base| base.sign().target("&list=1", ""))
        .telling("`list`"),
    fault("parameter changed", "query-changed", |base| base.sign().target("list=1", "list=2")),
    fault("space written as a plus sign", "query-encoding", |base| base.sign().target("x%20y", "x+y"))
        .telling("Write a space as `%20`"),
    fault("query encoded again by a client", "query-encoding", |base| base.sign().target("x%20y", "x%2520y")),
    fault("query escaped in lower case by another program", "query-encoding", |base| {
        let sent = base.url("x%20y", "x%2Fy").sign();
        let texts = texts(&sent);
        let lower = texts.canonical_request.replace("x%2Fy", "x%2fy");
        signed_as(sent, &texts, &lower)
    }),
    fault("body changed after it was hashed", "body-changed", |base| base.sign().body("jello")),
    fault("stream hashed as if empty", "empty-body-hashed", |base| base.sign_for_body(b"")),
    fault("hash replaced by UNSIGNED-PAYLOAD", "body-changed", |base| {
        base.sign().set("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    })
    .telling("`UNSIGNED-PAYLOAD` arrived"),
    fault("signed Content-Length dropped by a client", "content-length", |base| {
        base.header("content-length", "5").sign().remove("content-length")
    }),
    fault("PUT sent as POST", "method-changed", |base| base.sign().method(Method::POST)).telling("POST"),
    fault("signed again below, 2 s later", "signed-twice", |base| {
        base.clone().sign().signed_again(base.ahead(2).param("SecretAccessKey", OTHER_SECRET))
    }),
    fault("signed again below with a key of its own", "signed-twice", |base| {
        base.clone().sign().signed_again(base.param("AccessKeyId", "AKIDOFTHELAYERBELOW"))
    }),
    fault("signed again below with another secret", "signed-twice", |base| {
        base.clone().sign().signed_again(base.param("SecretAccessKey", OTHER_SECRET))
    }),
    fault("Authorization removed by a proxy", "authorization", |base| base.sign().remove("authorization"))
        .because("S3 refuses a request without signature as one that is not allowed"),
    fault("Authorization replaced by a proxy", "authentication-malformed", |base| {
        base.sign().set("authorization", "Bearer eyJhbGciOiJub25lIn0")
    }),
    fault("Authorization cut short", "authentication-malformed", |base| {
        base.sign().authorization_cut_short()
    }),
    fault("key deleted by a rotation", "credentials-replaced", |base| {
        base.param("AccessKeyId", "AKIDOFYESTERDAY").sign().replaced_since()
    }),
    fault("secret of the generation before", "credentials-replaced", |base| {
        base.param("SecretAccessKey", OTHER_SECRET).sign().replaced_since()
    }),
    fault("token of the generation before", "credentials-replaced", |base| {
        session(base, ENDED_TOKEN).sign().replaced_since()
    }),
];

const HEAD: &[Fault] = &[
    fault("clock 20 min behind", "clock-off", |base| base.behind(1200).sign())
        .telling("`ClockCorrection = 1200`"),
    fault("another region", "wrong-region", |base| base.param("Region", "us-east-1").sign())
        .telling("Set `Region = eu-west-1`"),
    fault("secret of another key", "none", |base| base.param("SecretAccessKey", OTHER_SECRET).sign())
        .telling("signed with the key `AKIDOFTHECORPUS`")
        .because("a 403 without a body may be anybody's, and a policy's"),
    fault("secret of the generation before", "credentials-replaced", |base| {
        base.param("SecretAccessKey", OTHER_SECRET).sign().replaced_since()
    }),
];

fn session(base: Base, token: &str) -> Base {
    base.param("AccessKeyId", SESSION_KEY_ID).param("SessionToken", token)
}

/// The texts of a program that signs by the specification.
fn texts(sent: &Sent) -> Texts {
    Texts::of(&sent.wire, &given(sent))
}

fn given(sent: &Sent) -> Given {
    Given::of(&sent.wire).unwrap_or_else(|_| panic!("it is signed"))
}

/// A program that signs the right texts, with another secret.
fn by_another(base: Base, secret: &str) -> Sent {
    let sent = base.sign();
    let texts = texts(&sent);
    let signature = given(&sent).sign(secret, &texts.string_to_sign);
    let ours = given(&sent).signature;
    let mut sent = with_texts(sent.within("authorization", &ours, &signature));
    sent.secrets.extend([secret.to_owned(), signature]);
    sent
}

/// A program that tells its texts, which are those of the request as it is.
fn with_texts(sent: Sent) -> Sent {
    let Texts { canonical_request, string_to_sign } = texts(&sent);
    let signed = Signed::from_string_to_sign(&string_to_sign).with_canonical_request(&canonical_request);
    sent.of_another_program(signed)
}

/// A program that signs another canonical request.
fn signed_as(sent: Sent, texts: &Texts, canonical_request: &str) -> Sent {
    assert_ne!(texts.canonical_request, canonical_request);
    let (start, hash) = texts.string_to_sign.rsplit_once('\n').unwrap();
    assert_eq!(hash, crate::oracle::sha256(texts.canonical_request.as_bytes()));
    let string = format!("{start}\n{}", crate::oracle::sha256(canonical_request.as_bytes()));
    let given = given(&sent);
    let signature = given.sign(SECRET, &string);
    let signed = Signed::from_string_to_sign(&string).with_canonical_request(canonical_request);
    let mut sent = sent.within("authorization", &given.signature, &signature).of_another_program(signed);
    sent.secrets.push(signature);
    sent
}
