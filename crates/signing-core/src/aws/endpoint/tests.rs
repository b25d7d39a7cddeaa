//! The fixture holds one host of every shape that the table's generator knows; its `--fixture` mode writes it.

use super::table::{SERVICES, SUFFIXES};
use super::{EVERY_REGION, Endpoint, from_host, is_aws_host};

#[track_caller]
fn check(host: &str, service: &str, region: &str) {
    assert_eq!(from_host(host), Some(Endpoint { service, region }), "{host}");
}

#[track_caller]
fn check_silent(host: &str) {
    assert_eq!(from_host(host), None, "{host}");
}

#[test]
fn every_shape_of_host_tells_service_and_region() {
    for row in include_str!("hosts.tsv").lines() {
        let mut columns = row.split('\t');
        let [host, service, region] = [(); 3].map(|()| columns.next().unwrap());
        check(host, service, region);
        assert!(is_aws_host(host), "{host}");
    }
}

#[test]
fn signing_name_may_differ_from_the_label() {
    check("email.eu-west-1.amazonaws.com", "ses", "eu-west-1");
    check("runtime.sagemaker.us-east-1.amazonaws.com", "sagemaker", "us-east-1");
    check("bedrock-runtime.us-west-2.amazonaws.com", "bedrock", "us-west-2");
    check("participant.connect.us-east-1.amazonaws.com", "execute-api", "us-east-1");
    check("api.tunneling.iot.us-east-1.amazonaws.com", "IoTSecuredTunneling", "us-east-1");
}

#[test]
fn global_services_sign_in_their_partitions_home_region() {
    check("iam.amazonaws.com", "iam", "us-east-1");
    check("iam.us-gov.amazonaws.com", "iam", "us-gov-west-1");
    check("iam.cn-north-1.amazonaws.com.cn", "iam", "cn-north-1");
    check("iam-fips.api.amazonwebservices.com.cn", "iam", "cn-north-1");
    check("cloudfront.global.api.aws", "cloudfront", "us-east-1");
    check("cloudfront.api.aws", "cloudfront", "us-gov-west-1");
    check("route53.c2s.ic.gov", "route53", "us-iso-east-1");
    check("sts.amazonaws.com", "sts", "us-east-1");
    check("globalaccelerator.us-west-2.amazonaws.com", "globalaccelerator", "us-west-2");
    check("api.sustainability.eu-west-1.api.aws", "sustainability", "us-east-1");
}

#[test]
fn regional_service_without_a_region_is_silent() {
    check_silent("lambda.amazonaws.com");
    check_silent("sts.api.aws");
    check_silent("email.amazonaws.com");
}

#[test]
fn fips_marks_say_nothing_about_the_service() {
    check("kms-fips.us-gov-west-1.amazonaws.com", "kms", "us-gov-west-1");
    check("fips.eks.us-east-1.amazonaws.com", "eks", "us-east-1");
    check("runtime-fips.lex.us-east-1.amazonaws.com", "lex", "us-east-1");
    check("data.iot-fips.us-east-1.amazonaws.com", "iotdata", "us-east-1");
}

#[test]
fn s3_bucket_may_have_dots_and_look_like_a_host() {
    check("my.bucket.s3.us-west-2.amazonaws.com", "s3", "us-west-2");
    check("us-west-2.s3.amazonaws.com", "s3", "us-east-1");
    check("x.us-west-2.es.s3.dualstack.eu-west-1.amazonaws.com", "s3", "eu-west-1");
    check("data.iot.s3.amazonaws.com", "s3", "us-east-1");
}

#[test]
fn s3_names_from_before_regions_had_labels_still_work() {
    check("s3-us-west-2.amazonaws.com", "s3", "us-west-2");
    check("bucket.s3-eu-west-1.amazonaws.com", "s3", "eu-west-1");
    check("bucket.s3-fips-us-gov-west-1.amazonaws.com", "s3", "us-gov-west-1");
    check("bucket.s3-external-1.amazonaws.com", "s3", "us-east-1");
}

#[test]
fn s3_express_zones_name_no_service_of_their_own() {
    let zonal = "bucket--use1-az4--x-s3.s3express-fips-use1-az4.dualstack.us-east-1.amazonaws.com";
    check(zonal, "s3express", "us-east-1");
    check("s3express-control.us-east-1.amazonaws.com", "s3express", "us-east-1");
}

#[test]
fn s3_websites_take_no_signature() {
    check_silent("bucket.s3-website.us-east-2.amazonaws.com");
    check_silent("bucket.s3-website-us-east-1.amazonaws.com");
    check_silent("s3-website.cn-north-1.amazonaws.com.cn");
}

#[test]
fn accelerated_bucket_needs_a_region() {
    check("bucket.s3-accelerate.amazonaws.com", "s3", EVERY_REGION);
    check("bucket.s3-accelerate.dualstack.amazonaws.com", "s3", EVERY_REGION);
    check_silent("s3-accelerate.amazonaws.com");
    check("bucket.s3-accelerate.dualstack.us-east-1.amazonaws.com", "s3", "us-east-1");
}

#[test]
fn hosts_of_every_region_say_so() {
    check("x.mrap.accesspoint.s3-global.amazonaws.com", "s3", EVERY_REGION);
    check("abc.endpoint.events.amazonaws.com", "events", EVERY_REGION);
}

#[test]
fn subdomains_belong_to_the_service() {
    check("123456789012.ddb.us-east-1.amazonaws.com", "dynamodb", "us-east-1");
    check("abc.execute-api.cn-north-1.amazonaws.com.cn", "execute-api", "cn-north-1");
    check("abc.lambda-url.eu-west-1.on.aws", "lambda", "eu-west-1");
    check("abc.appsync-api.us-east-1.amazonaws.com", "appsync", "us-east-1");
    check("abc-ats.iot.us-east-1.amazonaws.com", "iotdata", "us-east-1");
    check("iot.us-east-1.amazonaws.com", "iot", "us-east-1");
    check("bucket.vpce-1a2b.s3.us-east-1.vpce.amazonaws.com", "s3", "us-east-1");
}

#[test]
fn some_labels_stand_after_the_region() {
    check("search-x.us-east-1.es.amazonaws.com", "es", "us-east-1");
    check("abc.us-gov-west-1.aoss.amazonaws.com", "aoss", "us-gov-west-1");
    check("us-east-1.queue.amazonaws.com", "sqs", "us-east-1");
    check("x.cluster-y.eu-west-1.neptune.amazonaws.com", "neptune-db", "eu-west-1");
    check("us-east-1.signin.aws.amazon.com", "signin", "us-east-1");
    check_silent("balancer-123.us-east-1.elb.amazonaws.com");
}

#[test]
fn future_region_is_told_by_its_shape() {
    check("sqs.us-newregion-1.amazonaws.com", "sqs", "us-newregion-1");
    check("sqs.us-isoz-far-east-12.api.aws", "sqs", "us-isoz-far-east-12");
    for label in ["us-east", "us-east-1a", "us--1", "us-1", "u-east-1", "-us-east-1", "us-east-123"] {
        check_silent(&format!("sqs.{label}.amazonaws.com"));
    }
}

#[test]
fn unknown_service_is_not_guessed() {
    check_silent("nosuchservice.us-east-1.amazonaws.com");
    check_silent("ec2-1-2-3-4.us-west-2.compute.amazonaws.com");
}

#[test]
fn look_alikes_are_strangers() {
    for host in [
        "s3.us-east-1.amazonaws.com.evil.example",
        "s3.us-east-1.xamazonaws.com",
        "s3.us-east-1.amazonaws.com.",
        "s3.us-east-1.amazonaws",
        "amazonaws.com",
        ".amazonaws.com",
        "api.aws",
        "example.com",
        "127.0.0.1",
        "localhost",
    ] {
        check_silent(host);
        assert!(!is_aws_host(host), "{host}");
    }
}

#[test]
fn hostile_hosts_do_not_panic() {
    let long = "a.".repeat(5 * 1024);
    let dashes = "-".repeat(10 * 1024);
    for name in ["", ".", "...", "-", "-fips", "fips-", "s3-", "*", "ü", "\u{202e}", "\0", &long, &dashes] {
        for rest in ["", ".", "s3", "us-east-1", "s3.us-east-1", "us-east-1.es", "global", "dualstack"] {
            for suffix in ["", ".", "amazonaws.com", "api.aws", "ü.aws"] {
                for host in [format!("{name}{rest}{suffix}"), format!("{name}.{rest}.{suffix}")] {
                    let told = from_host(&host);
                    assert!(told.is_none() || is_aws_host(&host), "{host}");
                }
            }
        }
    }
}

#[test]
fn customers_hosts_are_below_suffixes_of_aws() {
    assert!(is_aws_host("balancer-123.us-east-1.elb.amazonaws.com"));
    assert!(is_aws_host("abc.lambda-url.eu-west-1.on.aws"));
    assert!(is_aws_host("dynamodb.us-isof-south-1.csp.hci.ic.gov"));
}

#[test]
fn labels_are_sorted_for_the_binary_search() {
    assert!(SERVICES.is_sorted_by_key(|(label, _)| (label.len(), *label)));
}

#[test]
fn no_suffix_hides_another() {
    for suffix in SUFFIXES {
        assert!(!is_aws_host(suffix), "{suffix}");
    }
}
