//! How many connections one address holds.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;

type Counts = Arc<Mutex<HashMap<IpAddr, u32>>>;

/// Counts open connections by address. Its size is bounded by the connections open.
#[derive(Clone)]
pub(super) struct PerAddress {
    cap: u32,
    exempt: Arc<[IpNet]>,
    open: Counts,
}

impl PerAddress {
    pub(super) fn new(cap: u32, exempt: Vec<IpNet>) -> Self {
        Self {
            cap,
            exempt: exempt.into(),
            open: Arc::default(),
        }
    }

    /// A seat for one more connection from `ip`, given back when dropped; none if it has its fill.
    pub(super) fn admit(&self, ip: IpAddr) -> Option<Seat> {
        if self.exempt.iter().any(|net| net.contains(&ip)) {
            return Some(Seat { taken: None });
        }
        let who = one_client(ip);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(who).or_insert(0);
        if *count >= self.cap {
            return None;
        }
        *count += 1;
        Some(Seat {
            taken: Some((self.open.clone(), who)),
        })
    }
}

/// A household or firm is given a whole /64 of IPv6.
pub fn one_client(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => {
            let network = u128::from(ip) & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from(network))
        }
        v4 => v4,
    }
}

/// One connection's place in the count of its address.
pub(super) struct Seat {
    taken: Option<(Counts, IpAddr)>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((open, who)) = &self.taken else {
            return;
        };
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(who) {
            *count -= 1;
            if *count == 0 {
                open.remove(who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_gets_its_share_and_gives_it_back() {
        let addresses = PerAddress::new(2, Vec::new());
        let first = addresses.admit(ip("203.0.113.7"));
        let second = addresses.admit(ip("::ffff:203.0.113.7"));
        assert!(first.is_some() && second.is_some());
        assert!(addresses.admit(ip("203.0.113.7")).is_none());
        assert!(addresses.admit(ip("203.0.113.8")).is_some());

        drop(second);
        assert!(addresses.admit(ip("203.0.113.7")).is_some());
        drop(first);
        assert!(addresses.open.lock().expect("not poisoned").is_empty());
    }

    #[test]
    fn one_ipv6_network_is_one_client() {
        let addresses = PerAddress::new(1, Vec::new());
        let _seat = addresses.admit(ip("2001:db8:1:2::1"));
        assert!(addresses.admit(ip("2001:db8:1:2:ffff::9")).is_none());
        assert!(addresses.admit(ip("2001:db8:1:3::1")).is_some());
    }

    #[test]
    fn a_proxy_of_ours_may_bring_everybody() {
        let addresses = PerAddress::new(1, vec!["10.0.0.0/24".parse().expect("a network")]);
        let seats: Vec<_> = (0..10).map(|_| addresses.admit(ip("10.0.0.5"))).collect();
        assert!(seats.iter().all(Option::is_some));
    }
}
