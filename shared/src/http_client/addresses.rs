//! Which addresses are the public Internet.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Networks that a stranger's address must not lead to: our own machine and neighbours, and
/// IPv6 ranges in which an IPv4 address of such a network can be hidden.
const SPECIAL: [&str; 28] = [
    "0.0.0.0/8",       // "this network": Linux connects to itself
    "10.0.0.0/8",      // private
    "100.64.0.0/10",   // behind a provider's NAT
    "127.0.0.0/8",     // loopback
    "169.254.0.0/16",  // link-local, cloud metadata
    "172.16.0.0/12",   // private
    "192.0.0.0/24",    // protocol assignments
    "192.0.2.0/24",    // documentation
    "192.88.99.0/24",  // 6to4 relays
    "192.168.0.0/16",  // private
    "198.18.0.0/15",   // benchmarks
    "198.51.100.0/24", // documentation
    "203.0.113.0/24",  // documentation
    "224.0.0.0/4",     // multicast
    "240.0.0.0/4",     // reserved, broadcast
    "::/96",           // unspecified, loopback, IPv4-compatible
    "::ffff:0:0/96",   // IPv4-mapped
    "::ffff:0:0:0/96", // IPv4-translated
    "64:ff9b::/96",    // NAT64
    "64:ff9b:1::/48",  // NAT64, local use
    "100::/64",        // discard
    "2001::/32",       // Teredo
    "2001:db8::/32",   // documentation
    "2002::/16",       // 6to4
    "fc00::/7",        // private
    "fe80::/10",       // link-local
    "fec0::/10",       // site-local
    "ff00::/8",        // multicast
];

static BLOCKED: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    let parsed = SPECIAL.iter().map(|net| net.parse::<IpNet>());
    parsed.collect::<Result<_, _>>().expect("all are networks")
});

/// Whether `ip` is an ordinary address of the Internet.
pub(crate) fn is_public(ip: IpAddr) -> bool {
    !BLOCKED.iter().any(|net| net.contains(&ip))
}

/// A name that leads only to addresses that are not public.
#[derive(Debug)]
pub(super) struct NotPublic;

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name does not lead to a public address")
    }
}

impl std::error::Error for NotPublic {}

/// Resolves names to public addresses alone. The connection goes to exactly these, so that a
/// name that answers differently each time gains nothing.
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(Box::new(only_public(found)?.into_iter()) as Addrs)
        })
    }
}

fn only_public(found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, NotPublic> {
    let public: Vec<_> = found.filter(|addr| is_public(addr.ip())).collect();
    if public.is_empty() {
        Err(NotPublic)
    } else {
        Ok(public)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn special_addresses_are_not_public() {
        for special in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::a00:1",
            "2001:0:4136:e378::1",
            "2002:7f00:1::",
            "fd00::1",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!is_public(ip(special)), "{special}");
        }
        for public in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "103.9.196.1",
            "172.15.0.1",
            "172.32.0.1",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2606:4700::1111",
        ] {
            assert!(is_public(ip(public)), "{public}");
        }
    }

    #[test]
    fn a_name_with_mixed_answers_leads_to_the_public_ones() {
        let at = |text: &str| SocketAddr::new(ip(text), 0);
        let mixed = [at("127.0.0.1"), at("1.1.1.1"), at("fd00::1")];
        assert_eq!(
            only_public(mixed.into_iter()).expect("one is public"),
            [at("1.1.1.1")]
        );
        assert!(only_public([at("10.0.0.1"), at("::1")].into_iter()).is_err());
    }
}
