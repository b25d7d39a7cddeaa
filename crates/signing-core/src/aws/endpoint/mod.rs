//! stub
/// stub
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint<'h> {
    /// s
    pub service: &'h str,
    /// r
    pub region: &'h str,
}
/// stub
pub fn from_host(host: &str) -> Option<Endpoint<'_>> {
    let mut p = host.strip_suffix(".amazonaws.com")?.rsplit('.');
    let region = p.next()?;
    Some(Endpoint { service: p.next()?, region })
}
/// stub
pub fn is_aws_host(host: &str) -> bool {
    host.ends_with(".amazonaws.com")
}
