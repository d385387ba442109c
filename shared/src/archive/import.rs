//! Taking an archive in: its entries become this site's own, under their old ids.
//!
//! Nothing is believed unseen: every file is compared with its sum, every event with its key, its place
//! and its content. Then each entry is published here in one transaction, so that an import that was
//! interrupted goes on where it was by being started again.

use super::layout::{self, DraftText, KeyHistory, Manifest, MediumName};
use super::zip::Reader;
use crate::entries::body::{self, Format};
use crate::entries::item::Source;
use crate::entries::kinds::Own;
use crate::entries::section::{self, Section};
use crate::entries::{Item, MediaRole, apply, placement, record};
use crate::error::Error;
use crate::face::{Face, stored};
use crate::log::keys::{KeyId, PublicKey};
use crate::log::{self, Digest, EventKind, Lane, NewEvent};
use crate::media;
use crate::media::record::NewMedium;
use crate::newsroom::draft::{self, Extra};
use crate::newsroom::pictures;
use crate::newsroom::workflow::State;
use crate::room::Want;
use crate::site::Site;
use crate::sync::batch;
use anyhow::{Context, bail, ensure};
use indicatif::ProgressBar;
use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseTransaction, Set};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

/// Largest document that is read as a whole.
const LARGEST: u64 = 256 << 20;
/// Largest file of an entry: all its revisions.
const LARGEST_ENTRY: u64 = 64 << 20;
/// Largest medium.
const LARGEST_MEDIUM: u64 = 25 << 20;
/// Largest event.
const LARGEST_EVENT: usize = 4 << 20;

/// What was found, and what was or would be done with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Events whose signatures, places and contents are in order.
    pub events: u64,
    /// Entries taken in now.
    pub taken: u64,
    /// Entries that are here already from an earlier import.
    pub known: u64,
    /// Entries left out, and why.
    pub left_out: Vec<(Uuid, String)>,
    /// Pictures and files taken in now.
    pub media: u64,
    /// Pictures and files the archive names and does not hold.
    pub media_missing: u64,
    /// Sections this site did not have.
    pub sections: Vec<String>,
    /// Drafts taken in now.
    pub drafts: u64,
    /// The keys the archive is signed with, to be compared with what the province says.
    pub keys: Vec<String>,
}

/// Takes the archive at `from` into `site`, or with `dry_run` only says what would be done.
pub async fn import(
    site: &Arc<Site>,
    folder: &Path,
    from: &Path,
    dry_run: bool,
    bar: &ProgressBar,
) -> anyhow::Result<(Manifest, Report)> {
    let zip = Reader::open(from)?;
    let manifest: Manifest = json(&zip, layout::MANIFEST)?;
    ensure!(
        manifest.format == layout::FORMAT,
        "{} không phải là bản lưu trữ của một trang",
        from.display()
    );
    ensure!(
        manifest.version <= layout::VERSION,
        "bản lưu trữ này do một phiên bản mới hơn làm ra; hãy nâng cấp phần mềm"
    );
    ensure!(
        manifest.site != site.id,
        "đây là bản lưu trữ của chính trang này; để khôi phục, hãy dùng bản sao lưu"
    );
    bar.set_length(zip.names().len() as u64 + manifest.counts.events + manifest.counts.entries);
    sums(&zip, bar)?;
    let mut report = Report::default();
    let proved = prove(&zip, &manifest, &mut report, bar)?;
    let media: Vec<MediumName> = json(&zip, layout::MEDIA)?;
    let mut import = Import {
        media: media
            .into_iter()
            .map(|medium| (medium.sha256.clone(), medium))
            .collect(),
        site,
        zip,
        manifest,
        proved,
        looked_at: HashSet::new(),
        report,
        dry_run,
    };
    import.sections().await?;
    import.entries(bar).await?;
    import.drafts().await?;
    import.face().await?;
    if !dry_run {
        import.keep_log(folder)?;
        site.wake();
    }
    bar.finish_and_clear();
    Ok((import.manifest, import.report))
}

fn json<T: DeserializeOwned>(zip: &Reader, name: &str) -> anyhow::Result<T> {
    serde_json::from_slice(&zip.bytes(name, LARGEST)?)
        .with_context(|| format!("{name} không đọc được"))
}

/// Compares every file with its sum; a file without one, or a sum without a file, is refused.
fn sums(zip: &Reader, bar: &ProgressBar) -> anyhow::Result<()> {
    let text = String::from_utf8(zip.bytes(layout::SUMS, LARGEST)?)?;
    let mut sums: HashMap<&str, Digest> = HashMap::new();
    for line in text.lines() {
        let (hex, name) = line.split_once("  ").context("SHA256SUMS không đọc được")?;
        sums.insert(name, Digest::from_hex(hex)?);
    }
    for name in zip.names().iter().filter(|name| *name != layout::SUMS) {
        let sum = sums
            .remove(name.as_str())
            .with_context(|| format!("{name} không có trong SHA256SUMS"))?;
        ensure!(
            zip.digest(name)? == sum,
            "{name} không khớp mã kiểm tra: gói bị hỏng hoặc bị sửa"
        );
        bar.inc(1);
    }
    if let Some(name) = sums.keys().next() {
        bail!("gói thiếu tệp {name}");
    }
    Ok(())
}

/// Checks the whole log: whose it is, that it is unbroken, signed and what its headers say. Returns the
/// digests of its events.
fn prove(
    zip: &Reader,
    manifest: &Manifest,
    report: &mut Report,
    bar: &ProgressBar,
) -> anyhow::Result<HashSet<Digest>> {
    let history: Vec<KeyHistory> = json(zip, layout::KEYS)?;
    let keys: HashMap<KeyId, PublicKey> = history
        .iter()
        .map(|known| (known.key.id(), known.key))
        .collect();
    report.keys = keys.keys().map(ToString::to_string).collect();
    report.keys.sort();
    let mut proved = HashSet::new();
    for head in &manifest.logs {
        let (mut seq, mut last, mut part) = (0, None, 1);
        while seq < head.seq {
            let name = layout::log(head.log, part);
            let mut lines = BufReader::new(zip.read(&name)?);
            let before = seq;
            let mut line = String::new();
            while lines.read_line(&mut line)? > 0 {
                ensure!(line.len() <= LARGEST_EVENT, "{name}: sự kiện quá lớn");
                let item = serde_json::from_str(&line).with_context(|| format!("{name}: hỏng"))?;
                let parts = batch::from_item(item).with_context(|| format!("{name}: hỏng"))?;
                let header = &parts.signed.header;
                let wrong = |what: &str| {
                    anyhow::anyhow!("nhật ký {}, sự kiện {}: {what}", head.log, header.seq)
                };
                if header.log != head.log || header.site != manifest.site || header.seq != seq + 1 {
                    return Err(wrong("không đúng chỗ"));
                }
                if header.prev != last {
                    return Err(wrong("không nối với sự kiện trước"));
                }
                let Some(key) = keys.get(&header.key) else {
                    return Err(wrong("ký bằng một khóa không có trong keys.json"));
                };
                if !parts.signed.is_signed_by(key) {
                    return Err(wrong("chữ ký sai"));
                }
                if let (Some(content), Some(told)) = (&parts.content, header.content)
                    && Digest::of_canonical(content)? != told
                {
                    return Err(wrong("nội dung khác với khi được ký"));
                }
                seq = header.seq;
                last = Some(parts.signed.digest());
                proved.extend(last);
                report.events += 1;
                bar.inc(1);
                line.clear();
            }
            ensure!(seq > before, "{name} trống");
            part += 1;
        }
        ensure!(
            last == head.digest && seq == head.seq,
            "nhật ký {} không kết thúc như manifest.json ghi",
            head.log
        );
    }
    Ok(proved)
}

struct Import<'a> {
    site: &'a Arc<Site>,
    zip: Reader,
    manifest: Manifest,
    proved: HashSet<Digest>,
    media: HashMap<String, MediumName>,
    /// Media that were looked for, so that none counts twice.
    looked_at: HashSet<Digest>,
    report: Report,
    dry_run: bool,
}

impl Import<'_> {
    /// Adds the sections this site lacks, outside of its menu.
    async fn sections(&mut self) -> anyhow::Result<()> {
        let theirs: layout::Sections = json(&self.zip, layout::SECTIONS)?;
        let ours = section::all(self.site.db.reader()).await?;
        let lacking: Vec<Section> = theirs
            .into_iter()
            .filter(|section| ours.iter().all(|known| known.code != section.code))
            .map(|section| Section {
                in_menu: false,
                mandatory: false,
                ..section
            })
            .collect();
        self.report.sections = lacking.iter().map(|section| section.code.clone()).collect();
        if self.dry_run || lacking.is_empty() {
            return Ok(());
        }
        let after = ours
            .iter()
            .map(|section| section.position)
            .max()
            .unwrap_or(-1);
        self.site
            .db
            .write(move |tx| Box::pin(async move { section::put_after(tx, &lacking, after).await }))
            .await?;
        Ok(())
    }

    async fn entries(&mut self, bar: &ProgressBar) -> anyhow::Result<()> {
        let names: Vec<String> = self
            .zip
            .names()
            .iter()
            .filter(|name| name.starts_with("entries/"))
            .cloned()
            .collect();
        for name in names {
            self.entry(&name)
                .await
                .with_context(|| format!("{name} không nhập được"))?;
            bar.inc(1);
        }
        Ok(())
    }

    async fn entry(&mut self, name: &str) -> anyhow::Result<()> {
        let bytes = self.zip.bytes(name, LARGEST_ENTRY)?;
        let mut document: Value = serde_json::from_slice(&bytes)?;
        let newest = document
            .get_mut("items")
            .and_then(|items| items.get_mut(0))
            .map(Value::take)
            .context("không có bản nào")?;
        let parts = batch::from_item(newest)?;
        let header = &parts.signed.header;
        let id = header.entry.context("sự kiện không nói về bài nào")?;
        let content = parts
            .content
            .as_ref()
            .context("bản mới nhất không có nội dung")?;
        ensure!(
            layout::entry(id) == name && self.proved.contains(&parts.signed.digest()),
            "bài không có trong nhật ký có chữ ký"
        );
        ensure!(
            Some(Digest::of_canonical(content)?) == header.content,
            "nội dung khác với khi được ký"
        );
        if let Some(known) = record::find(self.site.db.reader(), id).await? {
            if known.site_id == self.site.id {
                self.report.known += 1;
            } else {
                let why = "bài này đã có ở đây như bài của một trang khác";
                self.report.left_out.push((id, why.to_owned()));
            }
            return Ok(());
        }
        let item = Item::read(content, id)?;
        self.item_media(&item).await?;
        self.report.taken += 1;
        if self.dry_run {
            return Ok(());
        }
        let text = document.get_mut("_draft").map(Value::take);
        let text: Option<DraftText> = text.map(serde_json::from_value).transpose()?;
        let item = self.as_ours(item, id);
        let site = Arc::clone(self.site);
        self.site
            .db
            .write(move |tx| Box::pin(async move { publish(tx, &site, id, item, text).await }))
            .await?;
        Ok(())
    }

    /// The same words as this site says them: its addresses, and where they come from.
    fn as_ours(&self, mut item: Item, id: Uuid) -> Item {
        let (old, new) = (&self.manifest.base_url, self.site.origin());
        let moved = |address: &str| match address.strip_prefix(old.as_str()) {
            Some(path) if path.starts_with('/') => format!("{new}{path}"),
            _ => address.to_owned(),
        };
        let come_from = Source {
            name: self.manifest.title.clone(),
            url: Some(item.url.clone()),
        };
        item.fields.source.get_or_insert(come_from);
        item.url = self
            .site
            .address(&record::path_of(item.fields.kind, &item.title, id));
        item.image = item.image.as_deref().map(moved);
        for attachment in &mut item.attachments {
            attachment.url = moved(&attachment.url);
        }
        for attribute in ["src", "href"] {
            item.content_html = item.content_html.replace(
                &format!("{attribute}=\"{old}/"),
                &format!("{attribute}=\"{new}/"),
            );
        }
        item
    }

    /// Brings the pictures and files of an entry, as far as the archive has them.
    async fn item_media(&mut self, item: &Item) -> anyhow::Result<()> {
        let mut wanted: Vec<Digest> = item.attachments.iter().map(|one| one.sha256).collect();
        for hash in crate::pages::body_pictures::named_in(&item.content_html) {
            wanted.push(Digest::from_slice(&hash)?);
        }
        for digest in wanted {
            self.medium(digest).await?;
        }
        Ok(())
    }

    async fn medium(&mut self, digest: Digest) -> anyhow::Result<()> {
        let known = media::record::find(self.site.db.reader(), digest).await?;
        if known.is_some_and(|known| known.is_here()) || !self.looked_at.insert(digest) {
            return Ok(());
        }
        let named = self.media.get(&digest.hex());
        let Some((path, named)) =
            named.and_then(|named| Some((named.path.clone()?, named.clone())))
        else {
            self.report.media_missing += 1;
            return Ok(());
        };
        let bytes = self.zip.bytes(&path, LARGEST_MEDIUM)?;
        ensure!(
            Digest::of(&bytes) == digest,
            "{path} không đúng mã băm của nó"
        );
        self.report.media += 1;
        if self.dry_run {
            return Ok(());
        }
        self.site
            .room
            .admit(bytes.len() as u64, Want::Growth)
            .context(
                "ổ đĩa không đủ chỗ; dọn chỗ rồi chạy lại lệnh này, phần đã nhập được giữ nguyên",
            )?;
        self.site.media.keep(&bytes).await?;
        let pixels = |side: Option<i64>| side.and_then(|side| u32::try_from(side).ok());
        let medium = NewMedium {
            digest,
            mime: named.mime,
            size: bytes.len() as u64,
            dimensions: pixels(named.width).zip(pixels(named.height)),
        };
        let now = self.site.clock.now().timestamp_millis();
        self.site
            .db
            .write(move |tx| {
                Box::pin(async move { media::record::put_here(tx, &medium, now).await })
            })
            .await?;
        Ok(())
    }

    /// How the site looked, unless somebody here has chosen already.
    async fn face(&mut self) -> anyhow::Result<()> {
        let is_told = self.zip.names().iter().any(|name| name == layout::FACE);
        let stored = stored::load(self.site.db.reader()).await?;
        if !is_told || self.dry_run || stored.revision > 0 {
            return Ok(());
        }
        let face: Face = json(&self.zip, layout::FACE)?;
        for picture in face.pictures() {
            self.medium(picture).await?;
        }
        let saved = self
            .site
            .db
            .write(move |tx| Box::pin(async move { stored::save(tx, face, 0).await }))
            .await;
        match saved {
            // A site that looks as usual is no reason to leave its entries behind.
            Err(Error::Invalid(errors)) => {
                let fields: Vec<&str> = errors.iter().map(|one| one.field.as_str()).collect();
                tracing::warn!(
                    fields = fields.join(", "),
                    "how the site looked does not fit here, and is left out"
                );
                Ok(())
            }
            saved => Ok(saved?),
        }
    }

    async fn drafts(&mut self) -> anyhow::Result<()> {
        if !self.manifest.has_unpublished {
            return Ok(());
        }
        let text = String::from_utf8(self.zip.bytes(layout::DRAFTS, LARGEST)?)?;
        for line in text.lines() {
            let told: DraftText =
                serde_json::from_str(line).context("unpublished/ không đọc được")?;
            let db = self.site.db.reader();
            if draft::of_entry(db, told.entry).await?.is_some()
                || record::find(db, told.entry).await?.is_some()
            {
                continue;
            }
            let mut pictures: Vec<Digest> = told
                .picture
                .iter()
                .filter_map(|hex| Digest::from_hex(hex).ok())
                .collect();
            for hash in crate::pages::body_pictures::named_in(&told.body) {
                pictures.push(Digest::from_slice(&hash)?);
            }
            for digest in pictures {
                self.medium(digest).await?;
            }
            self.report.drafts += 1;
            if !self.dry_run {
                self.site
                    .db
                    .write(move |tx| {
                        Box::pin(async move { put_draft(tx, told, State::Draft, 0).await })
                    })
                    .await?;
            }
        }
        Ok(())
    }

    /// Keeps the old signed log beside the site, so that what was imported can be proved later.
    fn keep_log(&self, folder: &Path) -> anyhow::Result<()> {
        let kept = folder.join("imported").join(self.manifest.site.to_string());
        for name in self.zip.names() {
            let is_proof = name.starts_with("log/")
                || [
                    layout::MANIFEST,
                    layout::KEYS,
                    layout::REDIRECTS,
                    layout::README,
                ]
                .contains(&name.as_str());
            if !is_proof {
                continue;
            }
            let path = kept.join(name);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            let mut file = std::fs::File::create(&path)
                .with_context(|| format!("không ghi được {}", path.display()))?;
            std::io::copy(&mut self.zip.read(name)?, &mut file)?;
            file.sync_all()?;
        }
        Ok(())
    }
}

/// Publishes `item` as this site's own first revision of `id`, with its old dates.
async fn publish(
    tx: &DatabaseTransaction,
    site: &Site,
    id: Uuid,
    item: Item,
    text: Option<DraftText>,
) -> crate::error::Result<()> {
    let now = site.clock.now().timestamp_millis();
    let event = NewEvent {
        kind: EventKind::EntryPublished,
        lane: Lane::Regular,
        unit: site.unit_id,
        entry: Some(id),
        rev: 1,
        content: Some(serde_json::to_value(&item).map_err(anyhow::Error::new)?),
        to: None,
    };
    let event = log::append(tx, site, event).await?;
    apply::apply(tx, &event, Some(&item)).await?;
    let source = item.fields.source.as_ref().map(serde_json::to_string);
    let text = DraftText {
        source: source.transpose().map_err(anyhow::Error::new)?,
        ..text.unwrap_or_else(|| plain(&item, id))
    };
    let featured = extra(&text).featured;
    placement::place_own(tx, id, &item.fields.section, featured, now).await?;
    put_draft(tx, text, State::Published, 1).await
}

fn extra(text: &DraftText) -> Extra {
    let fields = text.fields.as_deref();
    fields
        .and_then(|fields| serde_json::from_str(fields).ok())
        .unwrap_or_default()
}

/// What the newsroom works on where the archive does not have it: what was published.
fn plain(item: &Item, id: Uuid) -> DraftText {
    let lead = item
        .attachments
        .iter()
        .find(|attachment| attachment.role == MediaRole::Lead);
    let names: Vec<&str> = item
        .authors
        .iter()
        .map(|author| author.name.as_str())
        .collect();
    DraftText {
        entry: id,
        kind: item.fields.kind.as_str().to_owned(),
        state: State::Published.as_str().to_owned(),
        title: item.title.clone(),
        lead: item.summary.clone().unwrap_or_default(),
        body: body::sanitise(&item.content_html).to_string(),
        body_format: Format::Html.as_str().to_owned(),
        section: item.fields.section.clone(),
        language: item.language.clone(),
        authors: names.join(", "),
        source: None,
        fields: serde_json::to_string(&Extra {
            own: Own::of(item),
            expires: item.fields.expires,
            pictures: pictures::of_role(&item.attachments, MediaRole::Album).collect(),
            ..Extra::default()
        })
        .ok(),
        picture: lead.map(|lead| lead.sha256.hex()),
        picture_alt: lead.and_then(|lead| lead.alt.clone()),
        picture_caption: lead.and_then(|lead| lead.title.clone()),
        created_at: item.date_published.timestamp_millis(),
        updated_at: item
            .date_modified
            .unwrap_or(item.date_published)
            .timestamp_millis(),
    }
}

async fn put_draft(
    tx: &DatabaseTransaction,
    text: DraftText,
    state: State,
    rev: i64,
) -> crate::error::Result<()> {
    let picture = text.picture.as_deref().map(Digest::from_hex).transpose();
    draft::ActiveModel {
        id: Set(Uuid::now_v7()),
        entry_id: Set(text.entry),
        kind: Set(text.kind),
        state: Set(state.as_str().to_owned()),
        title: Set(text.title),
        lead: Set(text.lead),
        body: Set(text.body),
        body_format: Set(Format::parse(&text.body_format).as_str().to_owned()),
        section: Set(text.section),
        language: Set(text.language),
        authors: Set(text.authors),
        source: Set(text.source),
        fields: Set(text.fields),
        picture: Set(picture
            .map_err(anyhow::Error::new)?
            .map(|digest| digest.as_bytes().to_vec())),
        picture_alt: Set(text.picture_alt),
        picture_caption: Set(text.picture_caption),
        note: Set(None),
        published_rev: Set(rev),
        written_by: Set(None),
        created_at: Set(text.created_at),
        updated_at: Set(text.updated_at),
        handed_in_by: Set(None),
        approved_by: Set(None),
        approved_digest: Set(None),
        self_approved: Set(false),
        correction: Set(None),
        publish_at: Set(None),
    }
    .insert(tx)
    .await?;
    Ok(())
}

impl Report {
    /// For people, one line each.
    pub fn in_words(&self, dry_run: bool) -> Vec<String> {
        let done = if dry_run {
            "Sẽ nhập"
        } else {
            "Đã nhập"
        };
        let mut lines = vec![
            format!("Đã kiểm tra {} sự kiện có chữ ký: đúng cả.", self.events),
            format!("Khóa ký trong gói: {}", self.keys.join(", ")),
            format!("{done} {} bài, {} ảnh và tệp.", self.taken, self.media),
        ];
        let mut some = |count: u64, words: &str| {
            if count > 0 {
                lines.push(format!("{count} {words}"));
            }
        };
        some(self.known, "bài đã có từ lần nhập trước.");
        some(self.drafts, "bài chưa đăng, thành bản nháp.");
        some(
            self.media_missing,
            "ảnh, tệp không có trong gói; trang sẽ tự tìm ở địa chỉ cũ.",
        );
        if !self.sections.is_empty() {
            lines.push(format!(
                "Chuyên mục thêm ngoài trình đơn: {}",
                self.sections.join(", ")
            ));
        }
        let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
        for (_, why) in &self.left_out {
            *reasons.entry(why).or_default() += 1;
        }
        for (why, count) in reasons {
            lines.push(format!("Bỏ qua {count} bài: {why}."));
        }
        lines
    }
}
