//! A network for each province: 127.a.b.0/24 with a host for each site.
//!
//! On Linux all of 127.0.0.0/8 is this machine. Sites with hosts of their own keep their cookies
//! apart in a browser, as portals with names of their own do; and nobody else takes their ports
//! between a stop and a start, which numbers handed out by the system are not safe from.

use rand::RngExt;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU8, Ordering};
use url::Url;

/// The port citizens and peers find a site at.
const PUBLIC: u16 = 8080;
/// The port a site listens at when something stands in front of it.
const BEHIND: u16 = 8081;
/// The port of metrics and health.
const PRIVATE: u16 = 9090;

/// A network nobody else on this machine uses while we do.
#[derive(Debug)]
pub(crate) struct Network {
    prefix: [u8; 2],
    next: AtomicU8,
    // Held for as long as the network is: others who try the same one find it taken.
    _taken: TcpListener,
}

/// A host on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    host: Ipv4Addr,
}

impl Network {
    /// Takes a free network.
    ///
    /// # Panics
    /// When a hundred in a row are taken.
    pub(crate) fn take() -> Self {
        for _ in 0..100 {
            let prefix = [rand::rng().random_range(1..=254), rand::random()];
            let sentinel = Ipv4Addr::new(127, prefix[0], prefix[1], 254);
            if let Ok(taken) = TcpListener::bind((sentinel, PRIVATE)) {
                return Self {
                    prefix,
                    next: AtomicU8::new(1),
                    _taken: taken,
                };
            }
        }
        panic!("no free network on the loopback");
    }

    /// The next host.
    pub(crate) fn host(&self) -> Site {
        let last = self.next.fetch_add(1, Ordering::Relaxed);
        assert!(last < 254, "a province of more than 253 sites");
        Site {
            host: Ipv4Addr::new(127, self.prefix[0], self.prefix[1], last),
        }
    }
}

impl Site {
    /// Where it is found: the address it signs for.
    pub(crate) fn base_url(self) -> Url {
        Url::parse(&format!("http://{}", self.public())).expect("an address is a URL")
    }

    /// Where citizens and peers connect.
    pub(crate) fn public(self) -> SocketAddr {
        (self.host, PUBLIC).into()
    }

    /// Where it listens when something stands in front of it.
    pub(crate) fn behind(self) -> SocketAddr {
        (self.host, BEHIND).into()
    }

    /// Where metrics and health are told.
    pub(crate) fn private(self) -> SocketAddr {
        (self.host, PRIVATE).into()
    }
}
