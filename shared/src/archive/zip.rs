//! Plain ZIP, as much of it as an archive needs: stored or deflated files in the order in which they
//! were added, ZIP64 where there are many or they lie far into the file. Nothing is held in memory but
//! the list of names.

use crate::log::Digest;
use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const END_64_LOCATOR: u32 = 0x0706_4b50;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
/// 1980-01-01, so that the same site makes the same bytes.
const DATE: u16 = 0x0021;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// A longer list of files than any site has.
const LARGEST_DIRECTORY: u64 = 1 << 30;

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    name: String,
    method: u16,
    crc: u32,
    packed: u32,
    size: u32,
    offset: u64,
}

/// An archive being written.
#[derive(Debug)]
pub struct Writer {
    out: BufWriter<File>,
    at: u64,
    entries: Vec<Entry>,
    sums: Vec<(String, Digest)>,
}

impl Writer {
    /// A new archive at `path`, which must not be there yet.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let file = options
            .open(path)
            .with_context(|| format!("không tạo được {}", path.display()))?;
        Ok(Self {
            out: BufWriter::new(file),
            at: 0,
            entries: Vec::new(),
            sums: Vec::new(),
        })
    }

    /// SHA-256 of every file so far, in their order.
    pub fn sums(&self) -> &[(String, Digest)] {
        &self.sums
    }

    /// Adds a text, packed.
    pub fn text(&mut self, name: &str, text: &str) -> anyhow::Result<()> {
        self.add(name, DEFLATED, text.as_bytes()).map(|_| ())
    }

    /// Adds a long text as it is read, packed.
    pub fn long_text(&mut self, name: &str, text: impl Read) -> anyhow::Result<()> {
        self.add(name, DEFLATED, text).map(|_| ())
    }

    /// Adds a picture or a file as it is; its digest.
    pub fn medium(&mut self, name: &str, bytes: impl Read) -> anyhow::Result<Digest> {
        self.add(name, STORED, bytes)
    }

    fn add(&mut self, name: &str, method: u16, bytes: impl Read) -> anyhow::Result<Digest> {
        let mut entry = Entry {
            name: name.to_owned(),
            method,
            crc: 0,
            packed: 0,
            size: 0,
            offset: self.at,
        };
        // What is not known yet is written over afterwards.
        let mut head = local(&entry)?;
        self.out.write_all(&head)?;
        let body_at = self.at + head.len() as u64;
        let mut source = Measured {
            inner: bytes,
            sha256: Sha256::new(),
            crc: flate2::Crc::new(),
        };
        if method == DEFLATED {
            let mut packer = DeflateEncoder::new(&mut self.out, Compression::default());
            io::copy(&mut source, &mut packer)?;
            packer.finish()?;
        } else {
            io::copy(&mut source, &mut self.out)?;
        }
        let end = self.out.stream_position()?;
        let too_large = || format!("{name} quá lớn cho một tệp trong gói");
        entry.packed = u32::try_from(end - body_at).with_context(too_large)?;
        entry.crc = source.crc.sum();
        entry.size = source.crc.amount();
        ensure!(
            method == DEFLATED || entry.size == entry.packed,
            "{}",
            too_large()
        );
        head = local(&entry)?;
        self.out.seek(SeekFrom::Start(self.at))?;
        self.out.write_all(&head)?;
        self.out.seek(SeekFrom::Start(end))?;
        self.at = end;
        let digest = Digest::from_slice(&source.sha256.finalize())?;
        self.sums.push((name.to_owned(), digest));
        self.entries.push(entry);
        Ok(digest)
    }

    /// Writes the list of files and makes all of it durable.
    pub fn finish(mut self) -> anyhow::Result<()> {
        let begin = self.at;
        let mut list = Vec::new();
        for entry in &self.entries {
            list.extend(central(entry)?);
        }
        let size = list.len() as u64;
        let count = self.entries.len() as u64;
        let mut tail = list;
        if count >= 0xffff || begin + size >= 0xffff_ffff {
            let end_64 = begin + size;
            tail.extend(END_64.to_le_bytes());
            tail.extend(44_u64.to_le_bytes());
            tail.extend([45, 0, 45, 0]);
            tail.extend([0; 8]);
            for number in [count, count, size, begin] {
                tail.extend(number.to_le_bytes());
            }
            tail.extend(END_64_LOCATOR.to_le_bytes());
            tail.extend([0; 4]);
            tail.extend(end_64.to_le_bytes());
            tail.extend(1_u32.to_le_bytes());
        }
        let short = u16::try_from(count).unwrap_or(0xffff);
        tail.extend(END.to_le_bytes());
        tail.extend([0; 4]);
        tail.extend(short.to_le_bytes());
        tail.extend(short.to_le_bytes());
        tail.extend(u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes());
        tail.extend(u32::try_from(begin).unwrap_or(u32::MAX).to_le_bytes());
        tail.extend([0; 2]);
        self.out.write_all(&tail)?;
        let file = self
            .out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(())
    }
}

/// Counts and hashes what is read through it.
struct Measured<R> {
    inner: R,
    sha256: Sha256,
    crc: flate2::Crc,
}

impl<R: Read> Read for Measured<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let bytes = &buffer[..read];
        self.sha256.update(bytes);
        self.crc.update(bytes);
        Ok(read)
    }
}

/// What local and central headers have in common.
fn common(entry: &Entry, extra: usize) -> anyhow::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(26);
    head.extend(UTF8.to_le_bytes());
    head.extend(entry.method.to_le_bytes());
    head.extend(0_u16.to_le_bytes());
    head.extend(DATE.to_le_bytes());
    head.extend(entry.crc.to_le_bytes());
    head.extend(entry.packed.to_le_bytes());
    head.extend(entry.size.to_le_bytes());
    let name = u16::try_from(entry.name.len()).context("tên tệp quá dài")?;
    head.extend(name.to_le_bytes());
    head.extend(u16::try_from(extra)?.to_le_bytes());
    Ok(head)
}

fn local(entry: &Entry) -> anyhow::Result<Vec<u8>> {
    let mut head = LOCAL.to_le_bytes().to_vec();
    head.extend([20, 0]);
    head.extend(common(entry, 0)?);
    head.extend(entry.name.as_bytes());
    Ok(head)
}

fn central(entry: &Entry) -> anyhow::Result<Vec<u8>> {
    let (offset, extra) = match u32::try_from(entry.offset) {
        Ok(near) if near != u32::MAX => (near, Vec::new()),
        _ => {
            let mut extra = vec![1, 0, 8, 0];
            extra.extend(entry.offset.to_le_bytes());
            (u32::MAX, extra)
        }
    };
    let version: u8 = if extra.is_empty() { 20 } else { 45 };
    let mut head = CENTRAL.to_le_bytes().to_vec();
    // Made on Unix, where the next field's upper half is the mode of the file.
    head.extend([version, 3, version, 0]);
    head.extend(common(entry, extra.len())?);
    head.extend([0; 6]);
    head.extend((0o100_644_u32 << 16).to_le_bytes());
    head.extend(offset.to_le_bytes());
    head.extend(entry.name.as_bytes());
    head.extend(extra);
    Ok(head)
}

/// An archive being read.
#[derive(Debug)]
pub struct Reader {
    source: Source,
    entries: HashMap<String, Entry>,
    names: Vec<String>,
}

impl Reader {
    /// Opens the archive at `path`.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let mut file =
            File::open(path).with_context(|| format!("không mở được {}", path.display()))?;
        let entries = directory(&mut file)
            .with_context(|| format!("{} không phải là gói ZIP đọc được", path.display()))?;
        Self::of_entries(Source::File(Arc::new(file)), entries)
    }

    /// Opens an archive that is held in memory.
    pub fn of_bytes(bytes: Bytes) -> anyhow::Result<Self> {
        let entries = directory(&mut io::Cursor::new(&bytes))?;
        Self::of_entries(Source::Bytes(bytes), entries)
    }

    fn of_entries(source: Source, entries: Vec<Entry>) -> anyhow::Result<Self> {
        let names = entries.iter().map(|entry| entry.name.clone()).collect();
        let mut by_name = HashMap::with_capacity(entries.len());
        for entry in entries {
            let name = entry.name.clone();
            if by_name.insert(name.clone(), entry).is_some() {
                bail!("gói có hai tệp cùng tên {name}");
            }
        }
        Ok(Self {
            source,
            entries: by_name,
            names,
        })
    }

    /// The names of all files, in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many bytes a file takes packed and unpacked, as the archive says; no more are ever read.
    pub fn sizes(&self, name: &str) -> Option<(u64, u64)> {
        let entry = self.entries.get(name)?;
        Some((entry.packed.into(), entry.size.into()))
    }

    /// Reads a file as it is unpacked.
    pub fn read(&self, name: &str) -> anyhow::Result<Box<dyn Read>> {
        let entry = self
            .entries
            .get(name)
            .with_context(|| format!("gói thiếu tệp {name}"))?;
        let mut head = [0; 30];
        self.source.read_exact_at(&mut head, entry.offset)?;
        ensure!(number(&head, 0, 4) == u64::from(LOCAL), "{name}: hỏng");
        let begin = entry.offset + 30 + number(&head, 26, 2) + number(&head, 28, 2);
        let stretch = Stretch {
            source: self.source.clone(),
            at: begin,
            end: begin.saturating_add(u64::from(entry.packed)),
        };
        let packed = BufReader::new(stretch);
        let size = u64::from(entry.size);
        Ok(match entry.method {
            STORED => Box::new(packed.take(size)),
            DEFLATED => Box::new(DeflateDecoder::new(packed).take(size)),
            other => bail!("{name}: cách nén {other} không được hỗ trợ"),
        })
    }

    /// A whole file of at most `most` bytes.
    pub fn bytes(&self, name: &str, most: u64) -> anyhow::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.read(name)?.take(most + 1).read_to_end(&mut bytes)?;
        ensure!(bytes.len() as u64 <= most, "{name} quá lớn");
        Ok(bytes)
    }

    /// The digest of a file.
    pub fn digest(&self, name: &str) -> anyhow::Result<Digest> {
        let mut source = Measured {
            inner: self.read(name)?,
            sha256: Sha256::new(),
            crc: flate2::Crc::new(),
        };
        io::copy(&mut source, &mut io::sink()).with_context(|| format!("{name}: hỏng"))?;
        Ok(Digest::from_slice(&source.sha256.finalize())?)
    }
}

/// Where an archive lies.
#[derive(Clone, Debug)]
enum Source {
    File(Arc<File>),
    Bytes(Bytes),
}

impl Source {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read_at(buffer, at),
            Self::Bytes(bytes) => {
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                let mut rest = bytes.get(at..).unwrap_or_default();
                rest.read(buffer)
            }
        }
    }

    fn read_exact_at(&self, buffer: &mut [u8], at: u64) -> io::Result<()> {
        match self {
            Self::File(file) => file.read_exact_at(buffer, at),
            Self::Bytes(bytes) => {
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                let mut rest = bytes.get(at..).unwrap_or_default();
                rest.read_exact(buffer)
            }
        }
    }
}

/// A stretch of an archive, read without moving anybody else's place in it.
struct Stretch {
    source: Source,
    at: u64,
    end: u64,
}

impl Read for Stretch {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let most = buffer.len().min(left);
        let read = self.source.read_at(&mut buffer[..most], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

fn take<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The little-endian number of `length` bytes at `at`; 0 where there is none.
fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    let digits = bytes.get(at..at + length).unwrap_or_default();
    digits
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The list of files at the end.
fn directory(file: &mut (impl Read + Seek)) -> anyhow::Result<Vec<Entry>> {
    let length = file.seek(SeekFrom::End(0))?;
    let tail_length = length.min(22 + 0xffff);
    file.seek(SeekFrom::Start(length - tail_length))?;
    let mut tail = Vec::new();
    file.take(tail_length).read_to_end(&mut tail)?;
    let end = tail
        .windows(4)
        .rposition(|window| window == END.to_le_bytes())
        .context("không có mục lục")?;
    let end_at = length - tail_length + end as u64;
    let (mut count, mut size, mut begin) = (
        number(&tail, end + 10, 2),
        number(&tail, end + 12, 4),
        number(&tail, end + 16, 4),
    );
    if (count == 0xffff || size == 0xffff_ffff || begin == 0xffff_ffff) && end_at >= 20 {
        file.seek(SeekFrom::Start(end_at - 20))?;
        let locator: [u8; 20] = take(file)?;
        ensure!(
            number(&locator, 0, 4) == u64::from(END_64_LOCATOR),
            "mục lục hỏng"
        );
        file.seek(SeekFrom::Start(number(&locator, 8, 8)))?;
        let end_64: [u8; 56] = take(file)?;
        ensure!(number(&end_64, 0, 4) == u64::from(END_64), "mục lục hỏng");
        count = number(&end_64, 32, 8);
        size = number(&end_64, 40, 8);
        begin = number(&end_64, 48, 8);
    }
    ensure!(
        size <= LARGEST_DIRECTORY && begin.saturating_add(size) <= length,
        "mục lục hỏng"
    );
    file.seek(SeekFrom::Start(begin))?;
    let mut list = Vec::new();
    file.take(size).read_to_end(&mut list)?;
    let mut entries = Vec::new();
    let mut at = 0;
    for _ in 0..count {
        let head = list.get(at..).unwrap_or_default();
        ensure!(
            head.len() >= 46 && number(head, 0, 4) == u64::from(CENTRAL),
            "mục lục hỏng"
        );
        let lengths = [28, 30, 32].map(|place| number(head, place, 2) as usize);
        let [name_length, extra_length, comment_length] = lengths;
        let name = head.get(46..46 + name_length).context("mục lục hỏng")?;
        let name = std::str::from_utf8(name)?.to_owned();
        let next = at + 46 + name_length + extra_length + comment_length;
        // Others list folders as well, which hold nothing.
        if name.ends_with('/') && is_safe(name.trim_end_matches('/')) {
            at = next;
            continue;
        }
        ensure!(is_safe(&name), "tên tệp {name:?} không được phép");
        let extra = head
            .get(46 + name_length..46 + name_length + extra_length)
            .context("mục lục hỏng")?;
        let mut offset = number(head, 42, 4);
        if offset == 0xffff_ffff {
            ensure!(
                number(extra, 0, 2) == 1 && extra.len() >= 12,
                "mục lục hỏng"
            );
            offset = number(extra, 4, 8);
        }
        entries.push(Entry {
            name,
            method: number(head, 10, 2) as u16,
            crc: number(head, 16, 4) as u32,
            packed: number(head, 20, 4) as u32,
            size: number(head, 24, 4) as u32,
            offset,
        });
        at = next;
    }
    Ok(entries)
}

/// Whether a name stays within the folder it is unpacked into.
fn is_safe(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('/')
        && !name.contains(['\\', '\0', ':'])
        && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_comes_out_and_the_same_makes_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let make = |name: &str| {
            let path = folder.path().join(name);
            let mut writer = Writer::create(&path).expect("creates");
            let text = "Xã Kon Braih. ".repeat(1000);
            writer.text("bai-viet/một.html", &text).expect("adds");
            writer.medium("media/a.jpg", &b"anh"[..]).expect("adds");
            writer.text("trống", "").expect("adds");
            writer.finish().expect("finishes");
            path
        };
        let (one, two) = (make("1.zip"), make("2.zip"));
        let bytes = std::fs::read(&one).expect("reads");
        assert_eq!(bytes, std::fs::read(two).expect("reads"));
        assert!(bytes.len() < 2_000, "texts are packed");

        let reader = Reader::open(&one).expect("opens");
        assert_eq!(reader.names().len(), 3);
        assert_eq!(
            reader.bytes("media/a.jpg", 10).expect("reads"),
            b"anh".to_vec()
        );
        assert_eq!(reader.bytes("trống", 0).expect("reads"), Vec::<u8>::new());
        let text = reader.bytes("bai-viet/một.html", 100_000).expect("reads");
        assert_eq!(
            reader.digest("bai-viet/một.html").expect("reads"),
            Digest::of(&text)
        );
        assert!(
            reader.bytes("media/a.jpg", 2).is_err(),
            "larger than allowed"
        );
        assert!(Writer::create(&one).is_err(), "nothing is overwritten");

        let reader = Reader::of_bytes(Bytes::from(bytes)).expect("opens");
        assert_eq!(reader.sizes("media/a.jpg"), Some((3, 3)));
        let again = reader.bytes("bai-viet/một.html", 100_000);
        assert_eq!(again.expect("reads"), text);
    }

    #[test]
    fn what_is_no_archive_or_leads_outside_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.zip");
        for bytes in [&b""[..], b"PK", &[0; 4000]] {
            std::fs::write(&path, bytes).expect("writes");
            assert!(Reader::open(&path).is_err());
        }
        for name in ["../x", "/etc/x", "a/../x", "a\\x", "", "c:x", "a//b"] {
            assert!(!is_safe(name), "{name:?}");
        }
        assert!(is_safe("media/ab/abc.jpg"));
    }
}
