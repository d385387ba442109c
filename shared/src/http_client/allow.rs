//! Hosts that an operator has named, although they are private.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Host;

/// Hosts with their ports that one source may use although its network is private or its port
/// unusual. It opens exactly these, never a range.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Allow(BTreeSet<(String, u16)>);

/// An entry of an [`Allow`] that names no host and port.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("`{0}` không đúng dạng máy_chủ:cổng, ví dụ 10.1.2.3:8443")]
pub struct AllowError(String);

impl Allow {
    /// Nothing beyond the public Internet.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads entries such as `10.1.2.3:8443`, `[fd00::1]:443` or `cong.noi-bo:8080`.
    pub fn hosts<S: AsRef<str>>(entries: impl IntoIterator<Item = S>) -> Result<Self, AllowError> {
        let entries = entries.into_iter().map(|entry| {
            let entry = entry.as_ref();
            parse(entry).ok_or_else(|| AllowError(entry.to_owned()))
        });
        entries.collect::<Result<_, _>>().map(Self)
    }

    /// The one host and port of `url`, such as that of a peer.
    pub fn origin(url: &url::Url) -> Self {
        let entry = url.host().zip(url.port_or_known_default());
        Self(
            entry
                .map(|(host, port)| (plain(&host), port))
                .into_iter()
                .collect(),
        )
    }

    /// Whether this host and port is among them.
    pub(super) fn names<S: AsRef<str>>(&self, host: &Host<S>, port: u16) -> bool {
        !self.0.is_empty() && self.0.contains(&(plain(host), port))
    }
}

impl TryFrom<Vec<String>> for Allow {
    type Error = AllowError;

    fn try_from(entries: Vec<String>) -> Result<Self, AllowError> {
        Self::hosts(entries)
    }
}

impl From<Allow> for Vec<String> {
    fn from(allow: Allow) -> Self {
        let entries = allow.0.into_iter();
        entries
            .map(|(host, port)| format!("{host}:{port}"))
            .collect()
    }
}

fn parse(entry: &str) -> Option<(String, u16)> {
    let (host, port) = entry.rsplit_once(':')?;
    let host = Host::parse(host).ok()?;
    let port = port.parse().ok().filter(|&port| port != 0)?;
    Some((plain(&host), port))
}

/// One spelling for each host: lower case, no final dot, IPv6 in brackets.
fn plain<S: AsRef<str>>(host: &Host<S>) -> String {
    match host {
        Host::Domain(name) => name.as_ref().trim_end_matches('.').to_ascii_lowercase(),
        Host::Ipv4(ip) => ip.to_string(),
        Host::Ipv6(ip) => format!("[{ip}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn names(allow: &Allow, url: &str) -> bool {
        let url = Url::parse(url).expect("a URL");
        let port = url.port_or_known_default().expect("a port");
        allow.names(&url.host().expect("a host"), port)
    }

    #[test]
    fn exactly_the_named_host_and_port_is_allowed() {
        let allow = Allow::hosts(["10.1.2.3:8443", "[fd00::1]:443", "Cong.Noi-Bo.:8080"])
            .expect("well-formed");
        assert!(names(&allow, "https://10.1.2.3:8443/v1/log"));
        assert!(names(&allow, "https://0xa.1.2.3:8443/"));
        assert!(names(&allow, "https://[fd00:0::1]/"));
        assert!(names(&allow, "http://cong.noi-bo:8080/"));
        assert!(!names(&allow, "https://10.1.2.3/"));
        assert!(!names(&allow, "https://10.1.2.4:8443/"));
        assert!(!names(&allow, "http://x.cong.noi-bo:8080/"));
        assert!(!names(&Allow::none(), "https://10.1.2.3:8443/"));
    }

    #[test]
    fn a_range_or_a_host_without_a_port_is_no_entry() {
        for entry in [
            "10.0.0.0/8",
            "10.1.2.3",
            "10.1.2.3:0",
            "10.1.2.3:70000",
            ":80",
            "http://a:80",
            "",
        ] {
            assert_eq!(
                Allow::hosts([entry]),
                Err(AllowError(entry.to_owned())),
                "{entry}"
            );
        }
    }

    #[test]
    fn it_is_a_list_of_texts_in_settings() {
        let allow: Allow =
            serde_json::from_str(r#"["a.example:80","[::1]:8080"]"#).expect("a list");
        assert_eq!(
            serde_json::to_string(&allow).expect("plain data"),
            r#"["[::1]:8080","a.example:80"]"#
        );
    }
}
