//! What is inside a ZIP, read without unpacking it: office files of today are ZIP archives.

use super::kind::Refusal;
use flate2::read::DeflateDecoder;
use std::io::Read;

/// Most of a small member that is read.
pub const SMALL: u64 = 1024 * 1024;
/// Most members.
const MOST_MEMBERS: usize = 5_000;
/// Most bytes all members may become.
const LARGEST: u64 = 400 * 1024 * 1024;
/// How often larger a large member may be than it was packed.
const GROWTH: u64 = 200;
/// Below this a member may grow as it likes: a page of blanks is harmless.
const HARMLESS: u64 = 1024 * 1024;

const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const LOCAL: &[u8] = b"PK\x03\x04";
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// An archive in memory.
#[derive(Debug)]
pub struct Packed<'a> {
    bytes: &'a [u8],
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    name: String,
    method: u16,
    packed: u64,
    size: u64,
    at: usize,
}

impl<'a> Packed<'a> {
    /// Reads the list of members, and refuses what is locked, leads outside, or grows beyond measure.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let members = directory(bytes).ok_or(Refusal::Broken)??;
        let sum = |size: fn(&Member) -> u64| members.iter().map(size).fold(0, u64::saturating_add);
        // Members that share their packed bytes are how the smallest archives become the largest.
        let overlap = sum(|member| member.packed) > bytes.len() as u64;
        let grows =
            |member: &Member| member.size > HARMLESS && member.size / member.packed.max(1) > GROWTH;
        if overlap || sum(|member| member.size) > LARGEST || members.iter().any(grows) {
            return Err(Refusal::Bomb);
        }
        Ok(Self { bytes, members })
    }

    /// The names of the members.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|member| member.name.as_str())
    }

    /// The member `name`, if it is no larger than `most`, whatever the archive says of its size.
    pub fn read(&self, name: &str, most: u64) -> Result<Vec<u8>, Refusal> {
        let found = self.members.iter().find(|member| member.name == name);
        let member = found.ok_or(Refusal::Broken)?;
        let data = self.data(member).ok_or(Refusal::Broken)?;
        let mut unpacked = Vec::new();
        let read = match member.method {
            STORED => data.take(most + 1).read_to_end(&mut unpacked),
            DEFLATED => DeflateDecoder::new(data)
                .take(most + 1)
                .read_to_end(&mut unpacked),
            _ => return Err(Refusal::Broken),
        };
        read.map_err(|_| Refusal::Broken)?;
        match unpacked.len() as u64 <= most {
            true => Ok(unpacked),
            false => Err(Refusal::Bomb),
        }
    }

    fn data(&self, member: &Member) -> Option<&'a [u8]> {
        let local = self.bytes.get(member.at..)?;
        if !local.starts_with(LOCAL) {
            return None;
        }
        let begin = 30 + usize::from(u16_at(local, 26)?) + usize::from(u16_at(local, 28)?);
        let length = usize::try_from(member.packed).ok()?;
        local.get(begin..begin.checked_add(length)?)
    }
}

/// The central directory; `None` if it cannot be read.
fn directory(bytes: &[u8]) -> Option<Result<Vec<Member>, Refusal>> {
    // The end may be followed by a comment of up to 64 KiB.
    let from = bytes.len().saturating_sub(65_536 + 22);
    let end = bytes.get(from..)?;
    let end = &end[end.windows(4).rposition(|word| word == END)?..];
    let count = usize::from(u16_at(end, 10)?);
    let mut at = usize::try_from(u32_at(end, 16)?).ok()?;
    if count == 0 {
        return None;
    }
    if count > MOST_MEMBERS {
        return Some(Err(Refusal::Bomb));
    }
    let mut members = Vec::with_capacity(count);
    for _ in 0..count {
        let head = bytes.get(at..)?;
        if !head.starts_with(CENTRAL) {
            return None;
        }
        let lengths = [u16_at(head, 28)?, u16_at(head, 30)?, u16_at(head, 32)?].map(usize::from);
        let name = head.get(46..46 + lengths[0])?;
        let name = String::from_utf8_lossy(name).into_owned();
        if u16_at(head, 8)? & 1 == 1 {
            return Some(Err(Refusal::Locked));
        }
        let leads_outside =
            name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..");
        if leads_outside {
            return None;
        }
        members.push(Member {
            name,
            method: u16_at(head, 10)?,
            packed: u32_at(head, 20)?.into(),
            size: u32_at(head, 24)?.into(),
            at: usize::try_from(u32_at(head, 42)?).ok()?,
        });
        at = at.checked_add(46 + lengths.iter().sum::<usize>())?;
    }
    Some(Ok(members))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at + 2)?;
    Some(u16::from_le_bytes(two.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A member of an archive made by hand.
    #[derive(Clone, Debug)]
    pub(crate) struct Member {
        name: &'static str,
        data: Vec<u8>,
        method: u16,
        size: u32,
        flags: u16,
    }

    impl Member {
        /// Stored as it is.
        pub(crate) fn of(name: &'static str, data: &[u8]) -> Self {
            Self {
                name,
                data: data.to_vec(),
                method: STORED,
                size: u32::try_from(data.len()).expect("short"),
                flags: 0,
            }
        }
    }

    /// An archive of `members`.
    pub(crate) fn zip(members: &[Member]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut central = Vec::new();
        for member in members {
            let at = u32::try_from(out.len()).expect("short");
            let name = u16::try_from(member.name.len()).expect("short");
            let packed = u32::try_from(member.data.len()).expect("short");
            let mut fields = Vec::new();
            fields.extend(20_u16.to_le_bytes());
            fields.extend(member.flags.to_le_bytes());
            fields.extend(member.method.to_le_bytes());
            fields.extend([0; 8]);
            fields.extend(packed.to_le_bytes());
            fields.extend(member.size.to_le_bytes());
            fields.extend(name.to_le_bytes());
            fields.extend([0; 2]);
            out.extend(LOCAL);
            out.extend(&fields);
            out.extend(member.name.as_bytes());
            out.extend(&member.data);
            central.extend(CENTRAL);
            central.extend(20_u16.to_le_bytes());
            central.extend(&fields);
            central.extend([0; 10]);
            central.extend(at.to_le_bytes());
            central.extend(member.name.as_bytes());
        }
        let at = u32::try_from(out.len()).expect("short");
        let count = u16::try_from(members.len()).expect("few");
        out.extend(&central);
        out.extend(END);
        out.extend([0; 4]);
        out.extend(count.to_le_bytes());
        out.extend(count.to_le_bytes());
        out.extend(u32::try_from(central.len()).expect("short").to_le_bytes());
        out.extend(at.to_le_bytes());
        out.extend([0; 2]);
        out
    }

    fn deflated(data: &[u8]) -> Vec<u8> {
        use std::io::Write;
        let mut out = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(data).expect("packs");
        out.finish().expect("packs")
    }

    #[test]
    fn members_are_read_whole_and_within_bounds() {
        let text = b"mot hai ba ".repeat(100);
        let bytes = zip(&[
            Member::of("a.txt", b"mot"),
            Member {
                method: DEFLATED,
                size: u32::try_from(text.len()).expect("short"),
                ..Member::of("b.txt", &deflated(&text))
            },
        ]);
        let archive = Packed::open(&bytes).expect("opens");
        assert_eq!(archive.names().collect::<Vec<_>>(), ["a.txt", "b.txt"]);
        assert_eq!(archive.read("a.txt", 10).as_deref(), Ok(&b"mot"[..]));
        assert_eq!(archive.read("b.txt", SMALL), Ok(text));
        assert_eq!(archive.read("b.txt", 10), Err(Refusal::Bomb));
        assert_eq!(archive.read("c.txt", 10), Err(Refusal::Broken));
    }

    #[test]
    fn bombs_locks_and_ways_out_are_noticed_without_unpacking() {
        let bomb = Member {
            method: DEFLATED,
            size: 1 << 30,
            ..Member::of("a", b"tiny")
        };
        let many: Vec<Member> = (0..5_001).map(|_| Member::of("a", b"")).collect();
        let locked = Member {
            flags: 1,
            ..Member::of("a", b"x")
        };
        let cases = [
            (zip(&[bomb]), Refusal::Bomb),
            (zip(&many), Refusal::Bomb),
            (zip(&[locked]), Refusal::Locked),
            (zip(&[Member::of("../../x", b"x")]), Refusal::Broken),
            (zip(&[Member::of("C\\..\\x", b"x")]), Refusal::Broken),
            (zip(&[]), Refusal::Broken),
            (b"PK\x03\x04 and no more".to_vec(), Refusal::Broken),
        ];
        for (bytes, refusal) in cases {
            assert_eq!(Packed::open(&bytes).map(|_| ()), Err(refusal));
        }
        // What lies about its size is cut off where it is read.
        let lies = Member {
            method: DEFLATED,
            size: 3,
            ..Member::of("a", &deflated(&vec![b' '; 4 << 20]))
        };
        let bytes = zip(&[lies]);
        let archive = Packed::open(&bytes).expect("opens");
        assert_eq!(archive.read("a", SMALL), Err(Refusal::Bomb));
    }
}
