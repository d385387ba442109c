//! How a feed is cut into documents that, once full, never change (RFC 5005, section 4).
//!
//! Every publication of a feed has a sequence number that only grows. Page `n` of the archive
//! holds a fixed range of numbers for ever; the subscription document holds what is newer than
//! the last full page and enough before it to be useful on its own. Whoever walks from the
//! subscription document along `prev-archive` meets every number, however long it was away and
//! whatever is published meanwhile.
//!
//! A revision is a new publication, not a change in an old page. Only a recall reaches into the
//! archive: it moves its page and every newer one to a new address, so that a walker who was
//! there before sees a changed link and comes again.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// So many sequence numbers make a page.
pub const PAGE_SIZE: u64 = 50;

/// The archive of a feed, as far as addresses and ranges go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    last: u64,
    recalled: Vec<u64>,
}

/// The address of a page: its number, and how often a recall has reached into it or before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PageAddress {
    /// From 1, oldest first.
    pub number: u64,
    /// From 0; grows with every recall at or before this page.
    pub generation: u64,
}

/// The subscription document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// The sequence numbers it holds.
    pub range: RangeInclusive<u64>,
    /// The newest full page.
    pub prev: Option<PageAddress>,
}

/// A page of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The sequence numbers it holds.
    pub range: RangeInclusive<u64>,
    /// The next older page.
    pub prev: Option<PageAddress>,
    /// The next newer page, once that is full.
    pub next: Option<PageAddress>,
}

/// What is found at the address of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageLookup {
    /// The page.
    Page(Page),
    /// There was a page; a recall moved it. Answered with 410.
    Moved,
    /// There never was such a page. Answered with 404.
    Unknown,
}

impl Archive {
    /// The archive of a feed whose newest publication is number `last` (0: nothing yet), from
    /// which the publications `recalled` were taken.
    pub fn new(last: u64, recalled: impl IntoIterator<Item = u64>) -> Self {
        Self {
            last,
            recalled: recalled.into_iter().collect(),
        }
    }

    /// The subscription document.
    pub fn newest(&self) -> Newest {
        // At least a page's worth, so that it always overlaps the newest full page.
        let first = self.last.saturating_sub(PAGE_SIZE - 1).max(1);
        Newest {
            range: first..=self.last,
            prev: self.address(self.full_pages()),
        }
    }

    /// What is at `address` now.
    pub fn page(&self, address: PageAddress) -> PageLookup {
        match self.address(address.number) {
            Some(current) if current == address => PageLookup::Page(Page {
                range: (address.number - 1) * PAGE_SIZE + 1..=address.number * PAGE_SIZE,
                prev: self.address(address.number - 1),
                next: self.address(address.number + 1),
            }),
            Some(current) if current.generation > address.generation => PageLookup::Moved,
            _ => PageLookup::Unknown,
        }
    }

    fn full_pages(&self) -> u64 {
        self.last / PAGE_SIZE
    }

    fn address(&self, number: u64) -> Option<PageAddress> {
        (1..=self.full_pages()).contains(&number).then(|| {
            let reached = |sequence: &&u64| sequence.saturating_sub(1) / PAGE_SIZE < number;
            PageAddress {
                number,
                generation: self.recalled.iter().filter(reached).count() as u64,
            }
        })
    }
}

impl fmt::Display for PageAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.generation {
            0 => write!(f, "{}", self.number),
            generation => write!(f, "{}.{generation}", self.number),
        }
    }
}

/// A text that is no address of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the address of an archive page")]
pub struct PageAddressError;

impl FromStr for PageAddress {
    type Err = PageAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.parse().map_err(|_| PageAddressError);
        let (page, generation) = text.split_once('.').unwrap_or((text, "0"));
        let address = Self {
            number: number(page)?,
            generation: number(generation)?,
        };
        // One page, one address: no `+1`, `01` or `1.0`.
        if address.to_string() == text {
            Ok(address)
        } else {
            Err(PageAddressError)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn archive(last: u64) -> Archive {
        Archive::new(last, [])
    }

    fn page(archive: &Archive, address: &str) -> PageLookup {
        archive.page(address.parse().unwrap())
    }

    #[test]
    fn a_young_feed_has_no_archive() {
        assert_eq!(archive(0).newest().prev, None);
        assert!(archive(0).newest().range.is_empty());
        assert_eq!(archive(49).newest().range, 1..=49);
        assert_eq!(page(&archive(49), "1"), PageLookup::Unknown);
    }

    #[test]
    fn the_fiftieth_publication_completes_the_first_page() {
        let newest = archive(50).newest();
        assert_eq!(newest.range, 1..=50);
        assert_eq!(newest.prev.unwrap().to_string(), "1");
        assert_eq!(
            page(&archive(50), "1"),
            PageLookup::Page(Page {
                range: 1..=50,
                prev: None,
                next: None,
            })
        );
        assert_eq!(archive(120).newest().range, 71..=120);
    }

    #[test]
    fn a_recall_moves_its_page_and_every_newer_one() {
        let archive = Archive::new(200, [60]);
        assert!(matches!(page(&archive, "1"), PageLookup::Page(_)));
        assert_eq!(page(&archive, "2"), PageLookup::Moved);
        assert_eq!(page(&archive, "4"), PageLookup::Moved);
        assert_eq!(archive.newest().prev.unwrap().to_string(), "4.1");
        let PageLookup::Page(second) = page(&archive, "2.1") else {
            panic!("the page is at its new address");
        };
        assert_eq!(second.prev.unwrap().to_string(), "1");
        assert_eq!(second.next.unwrap().to_string(), "3.1");
        assert_eq!(page(&archive, "2.2"), PageLookup::Unknown);
    }

    #[test]
    fn a_page_has_one_address() {
        for wrong in [
            "",
            "01",
            "+1",
            "1.0",
            "1.",
            ".1",
            "1.1.1",
            "x",
            "99999999999999999999",
        ] {
            assert_eq!(
                wrong.parse::<PageAddress>(),
                Err(PageAddressError),
                "{wrong}"
            );
        }
        assert_eq!(page(&archive(100), "0"), PageLookup::Unknown);
        assert_eq!(
            page(&archive(u64::MAX), &u64::MAX.to_string()),
            PageLookup::Unknown
        );
    }

    /// Walks from the subscription document, while the feed grows by `growth` at each step.
    fn walk(mut last: u64, growth: u64) -> BTreeSet<u64> {
        let newest = archive(last).newest();
        let mut met: BTreeSet<u64> = newest.range.collect();
        let mut next = newest.prev;
        while let Some(address) = next {
            last += growth;
            let PageLookup::Page(page) = archive(last).page(address) else {
                panic!("a link leads nowhere: {address}");
            };
            met.extend(page.range);
            next = page.prev;
        }
        met
    }

    proptest! {
        #[test]
        fn a_walker_meets_every_publication(last in 0..2_000_u64, growth in 0..120_u64) {
            prop_assert_eq!(walk(last, growth), (1..=last).collect());
        }

        #[test]
        fn a_full_page_never_changes(last in 0..2_000_u64, growth in 0..2_000_u64, number in 0..45_u64) {
            let address = PageAddress { number, generation: 0 };
            if let PageLookup::Page(before) = archive(last).page(address) {
                let PageLookup::Page(after) = archive(last + growth).page(address) else {
                    panic!("a page vanished");
                };
                prop_assert_eq!(&before.range, &after.range);
                prop_assert_eq!(before.prev, after.prev);
            }
        }

        #[test]
        fn after_a_recall_a_walk_uses_new_addresses_down_to_its_page(
            last in 50..2_000_u64, position: prop::sample::Index,
        ) {
            let recalled = position.index(last as usize) as u64 + 1;
            let (before, after) = (archive(last), Archive::new(last, [recalled]));
            let mut next = after.newest().prev;
            while let Some(address) = next {
                let PageLookup::Page(page) = after.page(address) else {
                    panic!("a link leads nowhere: {address}");
                };
                let untouched = *page.range.end() < recalled;
                prop_assert_eq!(matches!(before.page(address), PageLookup::Page(_)), untouched);
                next = page.prev;
            }
        }
    }
}
