//! Which service answers at an AWS host, and in which region: what a credential scope needs.
//!
//! A host is read from the right, label by label:
//!
//! ```text
//! bucket.s3-fips.dualstack.us-gov-west-1.amazonaws.com
//! ──┬─── ──┬──── ───┬───── ──────┬────── ──────┬──────
//!   │      │        │            │             └ DNS suffix that AWS owns
//!   │      │        │            └ region, told by its shape: future regions work
//!   │      │        └ IPv6 as well; says nothing here, nor does `-fips`
//!   │      └ label of the service, looked up
//!   └ bucket, account, API …: the service's own, rarely looked at
//! ```
//!
//! The table comes from botocore, the core of the AWS SDK for Python; `tools/aws-endpoints` has the
//! script that writes it. A service that is not in the table is not guessed: a signature for a wrong
//! one fails far from its cause.
//!
//! # Decisions
//!
//! Some hosts do not tell everything, and some are shared. What they get, and why:
//!
//! - S3 Transfer Acceleration without a region (`bucket.s3-accelerate.amazonaws.com`): region `*`.
//!   The bucket's region signs, and the host does not name it.
//! - S3 website hosts: nothing. They take no signature.
//! - Hosts that serve every region (S3 multi-region access points, global end points of EventBridge
//!   and SES, CloudFront's key value stores): region `*`, which takes SigV4A.
//! - Where a service offers SigV4 beside SigV4A (`sustainability`, `partnercentral-channel`): the
//!   region that SigV4 is verified in, the home region of the partition.
//! - `cloudfront.amazonaws.com` and `budgets.amazonaws.com` serve AWS GovCloud too, which signs for
//!   `us-gov-west-1`: the commercial `us-east-1`. Below `api.aws`, only names with `global` are
//!   commercial; `budgets-fips.api.aws`, which serves both, goes with GovCloud's others.
//! - `codecatalyst.global.api.aws` is one host for all regions: the partition's home region.
//! - `maps.geo`, `places.geo` and `routes.geo` belong to two generations of Amazon Location: the newer
//!   `geo-maps`, `geo-places` and `geo-routes`. The older `geo` shares the host, not the path.
//! - `importexport` is retired and had two names: `IngestionService` at `importexport.amazonaws.com`,
//!   `importexport` in a region.
//! - Account end points below `iot` (`{id}-ats.iot`) are `iotdata`, the HTTPS data plane. MQTT over
//!   web sockets signs as `iotdevicegateway` at the same host and has to say so.

mod table;

#[cfg(test)]
mod tests;

use table::{
    AFTER_REGION, BELOW, EVERYWHERE, GLOBAL, HOMES, HOSTS, PARTITIONS, PINNED, SERVICES, SUFFIXES, ZONES,
};

/// The region of a host that serves every region and does not say which one signs: it takes SigV4A, or the
/// caller knows the region.
pub const EVERY_REGION: &str = "*";

/// What a host name says about the service behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint<'h> {
    /// Signing name of the service, as a credential scope spells it; not always the host's label.
    pub service: &'h str,
    /// Region that the signature is for, or [`EVERY_REGION`].
    pub region: &'h str,
}

/// The service and region behind `host`, if it tells both.
///
/// `host` is in lower case, without port and without a final dot.
///
/// ```
/// use signing_core::aws::endpoint;
///
/// let host = "abc123.execute-api.eu-west-1.amazonaws.com";
/// let endpoint = endpoint::from_host(host).expect("an AWS host");
/// assert_eq!((endpoint.service, endpoint.region), ("execute-api", "eu-west-1"));
///
/// assert_eq!(endpoint::from_host("api.example.com"), None);
/// ```
pub fn from_host(host: &str) -> Option<Endpoint<'_>> {
    let name = Name::parse(host)?;
    match name.region {
        Some(region) => regional(name, region),
        None => listed(host).or_else(|| global(name)),
    }
}

/// Whether `host` lies below a DNS suffix that AWS owns.
///
/// `host` is in lower case, without port and without a final dot.
/// Such a host may still be a customer's: a function URL, a load balancer, a bucket's website.
pub fn is_aws_host(host: &str) -> bool {
    above_suffix(host).is_some_and(|name| !name.is_empty())
}

/// A host, cut at the places that matter.
#[derive(Clone, Copy)]
struct Name<'h> {
    /// The labels to the left of the service's own, dots included; often empty.
    left: &'h str,
    /// The label that names the service, without its FIPS mark.
    label: &'h str,
    region: Option<&'h str>,
    /// What follows the service's labels, region aside: `amazonaws.com`, `global.api.aws`.
    zone: &'h str,
}

impl<'h> Name<'h> {
    fn parse(host: &'h str) -> Option<Self> {
        let mut name = above_suffix(host)?;
        let (left, last) = split_last(name);
        let mut zone = &host[name.len() + 1..];
        if is_scope(last) {
            zone = &host[name.len() - last.len()..];
            name = left;
        }
        Some(Self::cut(name, zone))
    }

    fn cut(name: &'h str, zone: &'h str) -> Self {
        let (left, last) = split_last(name);
        if is_region(last) {
            let (left, label) = split_last(without_dual_stack(left));
            return Self::new(left, label, Some(last), zone);
        }
        let (further, before) = split_last(left);
        if is_region(before) && AFTER_REGION.contains(&without_fips(last)) {
            return Self::new(further, last, Some(before), zone);
        }
        let (left, label) = split_last(without_dual_stack(name));
        Self::new(left, label, None, zone)
    }

    fn new(left: &'h str, label: &'h str, region: Option<&'h str>, zone: &'h str) -> Self {
        let label = without_fips(label);
        Self { left, label, region, zone }
    }
}

/// A host that names its region, which signs unless the service has one place for all.
fn regional<'h>(name: Name<'h>, region: &'h str) -> Option<Endpoint<'h>> {
    let service = service(name)?;
    let pinned = PINNED.contains(&name.label);
    let region = if pinned { home(region)? } else { region };
    Some(Endpoint { service, region })
}

/// A host that follows no rule.
fn listed(host: &str) -> Option<Endpoint<'static>> {
    let (_, service, region) = HOSTS.iter().find(|(listed, ..)| *listed == host)?;
    Some(Endpoint { service, region })
}

/// A host without a region label: a service that is global, or at least has such a host.
fn global(name: Name<'_>) -> Option<Endpoint<'_>> {
    if let Some(region) = legacy_s3_region(name.label) {
        return Some(Endpoint { service: "s3", region });
    }
    let service = service(name)?;
    let region = global_region(name)?;
    Some(Endpoint { service, region })
}

fn global_region(name: Name<'_>) -> Option<&'static str> {
    let serves_all = name.label == "s3-accelerate" || EVERYWHERE.contains(&name.label);
    if serves_all && !name.left.is_empty() {
        return Some(EVERY_REGION);
    }
    find_pair(HOMES, name.label, name.zone).or_else(|| {
        let listed = GLOBAL.contains(&name.label);
        listed.then(|| find(ZONES, name.zone)).flatten()
    })
}

/// The signing name: that of the service's label, unless a label below it belongs to another service.
fn service(name: Name<'_>) -> Option<&'static str> {
    let Some(mut service) = signing_name(name.label) else {
        return is_s3_zone(name.label).then_some("s3express");
    };
    let mut parent = name.label;
    let children = name.left.rsplit('.').take_while(|child| !child.is_empty());
    for child in children.map(without_fips) {
        let below = find_pair(BELOW, parent, child).or_else(|| find_pair(BELOW, parent, "*"));
        let Some(deeper) = below else { break };
        (service, parent) = (deeper, child);
    }
    Some(service)
}

/// The home region of the partition that `region` is in.
fn home(region: &str) -> Option<&'static str> {
    let mut homes = PARTITIONS.iter();
    let found = homes.find(|(beginning, _)| region.starts_with(beginning))?;
    Some(found.1)
}

/// What stands above the DNS suffix, without the dot between them; nothing if the suffix is not AWS's.
fn above_suffix(host: &str) -> Option<&str> {
    let mut suffixes = SUFFIXES.iter();
    suffixes.find_map(|suffix| host.strip_suffix(suffix)?.strip_suffix('.'))
}

/// Labels between region and suffix that belong to neither.
fn is_scope(label: &str) -> bool {
    matches!(label, "global" | "us-gov" | "vpce")
}

/// Region by shape: an area, words and a number, as in `us-east-1` and `us-gov-west-1`.
fn is_region(label: &str) -> bool {
    let mut parts = label.as_bytes().split(|b| *b == b'-');
    let (Some(area), Some(number), Some(direction)) = (parts.next(), parts.next_back(), parts.next()) else {
        return false;
    };
    matches!(area.len(), 2..=4)
        && matches!(number.len(), 1..=2)
        && number.iter().all(u8::is_ascii_digit)
        && [area, direction].into_iter().chain(parts).all(is_word)
}

fn is_word(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_lowercase)
}

/// The region of `s3-us-west-2` and `s3-fips-us-gov-west-1`, names from before regions had labels.
///
/// `s3-website-us-west-2` looks alike; no area is as long as `website`.
fn legacy_s3_region(label: &str) -> Option<&str> {
    let region = without_fips(label.strip_prefix("s3-")?);
    is_region(region).then_some(region)
}

/// Whether `label` is an S3 Express zone: `s3express-use1-az4`.
fn is_s3_zone(label: &str) -> bool {
    label.starts_with("s3express-")
}

fn without_dual_stack(labels: &str) -> &str {
    match split_last(labels) {
        (left, "dualstack") => left,
        _ => labels,
    }
}

/// The label without its FIPS mark, which stands before or after the service's name.
fn without_fips(label: &str) -> &str {
    let label = label.strip_suffix("-fips").unwrap_or(label);
    label.strip_prefix("fips-").unwrap_or(label)
}

/// The last label, and what stands to its left.
fn split_last(labels: &str) -> (&str, &str) {
    match labels.bytes().rposition(|b| b == b'.') {
        Some(dot) => (&labels[..dot], &labels[dot + 1..]),
        None => ("", labels),
    }
}

/// The signing name of a service's label.
///
/// Most labels differ in length already, and lengths are cheaper to compare than text.
fn signing_name(label: &str) -> Option<&'static str> {
    let found = SERVICES.binary_search_by(|(entry, _)| {
        let by_length = entry.len().cmp(&label.len());
        by_length.then_with(|| (*entry).cmp(label))
    });
    Some(SERVICES[found.ok()?].1)
}

fn find(table: &'static [(&str, &str)], key: &str) -> Option<&'static str> {
    let found = table.iter().find(|(entry, _)| *entry == key)?;
    Some(found.1)
}

fn find_pair(table: &'static [(&str, &str, &str)], first: &str, second: &str) -> Option<&'static str> {
    let found = table.iter().find(|(a, b, _)| *a == first && *b == second)?;
    Some(found.2)
}
