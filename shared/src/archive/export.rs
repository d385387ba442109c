//! Writing a site down as one file.

use super::layout::{
    self, AccountName, Counts, DraftText, KeyHistory, LogHead, Manifest, MediumName, Redirect,
};
use super::pages::{self, Group, Index, Shelves};
use super::zip::Writer;
use crate::accounts::{Grant, account, grant};
use crate::directory::contact_record::Contact;
use crate::directory::key_record;
use crate::entries::section::Section;
use crate::entries::{Item, Kind, record};
use crate::face;
use crate::log::{Digest, content, event, ledger};
use crate::media;
use crate::newsroom::draft;
use crate::newsroom::workflow::State;
use crate::royalties::{sheet, snapshot, statement};
use crate::site::Site;
use crate::sync::batch;
use crate::sync::greeting::SOFTWARE;
use anyhow::{Context, ensure};
use askama::Template;
use indicatif::ProgressBar;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;
use std::path::Path;

/// Rows read at a time.
const SOME: u64 = 200;

/// The site an archive is made of: the one that makes it, or another whose entries it holds.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Site id.
    pub site: Uuid,
    /// Its unit.
    pub unit: Uuid,
    /// What it calls itself.
    pub title: String,
    /// The name of its unit.
    pub unit_name: String,
    /// Where it answers.
    pub base_url: String,
    /// Whom to ask there.
    pub contact: Contact,
    /// Its sections.
    pub sections: Vec<Section>,
}

impl Subject {
    /// `site` itself.
    pub async fn itself(site: &Site) -> crate::error::Result<Self> {
        let sections = crate::entries::section::all(site.db.reader()).await?;
        Ok(Self {
            site: site.id,
            unit: site.unit_id,
            title: site.profile.title.clone(),
            unit_name: site.profile.unit_name.clone(),
            base_url: site.origin(),
            contact: Contact::of(&site.profile),
            sections: sections
                .into_iter()
                .map(|section| Section {
                    code: section.code,
                    parent: section.parent,
                    name: section.name,
                    mandatory: section.mandatory,
                    in_menu: section.in_menu,
                    basis: section.basis,
                })
                .collect(),
        })
    }
}

/// Writes `subject`, as `site` holds it, to a new file at `to`. The file appears when it is whole.
pub async fn export(
    site: &Site,
    subject: Subject,
    to: &Path,
    with_unpublished: bool,
    bar: &ProgressBar,
) -> anyhow::Result<Manifest> {
    ensure!(
        !to.exists(),
        "đã có tệp {}; hãy chọn tên khác",
        to.display()
    );
    let aside = to.with_extension("unfinished");
    if aside.exists() {
        std::fs::remove_file(&aside).context("không xóa được gói dở dang lần trước")?;
    }
    let mut export = Export {
        is_own: subject.site == site.id,
        with_unpublished: with_unpublished && subject.site == site.id,
        zip: Writer::create(&aside)?,
        counts: Counts::default(),
        redirects: Vec::new(),
        groups: BTreeMap::new(),
        hashes: BTreeSet::new(),
        not_live: HashSet::new(),
        site,
        subject,
        bar,
    };
    let written = export.write().await;
    let finished = written.and_then(|manifest| export.zip.finish().map(|()| manifest));
    match finished {
        Ok(manifest) => {
            std::fs::rename(&aside, to)?;
            Ok(manifest)
        }
        Err(error) => {
            std::fs::remove_file(&aside).ok();
            Err(error)
        }
    }
}

struct Export<'a> {
    site: &'a Site,
    subject: Subject,
    is_own: bool,
    with_unpublished: bool,
    zip: Writer,
    counts: Counts,
    redirects: Vec<Redirect>,
    groups: BTreeMap<usize, Group>,
    hashes: BTreeSet<Vec<u8>>,
    not_live: HashSet<Uuid>,
    bar: &'a ProgressBar,
}

impl Export<'_> {
    async fn write(&mut self) -> anyhow::Result<Manifest> {
        let db = self.site.db.reader();
        let entries = record::Entity::find()
            .filter(record::Column::SiteId.eq(self.subject.site))
            .count(db)
            .await?;
        let events = event::Entity::find()
            .filter(event::Column::SiteId.eq(self.subject.site))
            .count(db)
            .await?;
        self.bar.set_length(entries + events);
        self.zip.text(layout::README, README_TEXT)?;
        self.entries().await?;
        let logs = self.logs().await?;
        if self.with_unpublished {
            self.drafts().await?;
            self.royalties().await?;
        }
        self.face().await?;
        self.media().await?;
        self.documents().await?;
        self.index()?;
        let manifest = Manifest {
            format: layout::FORMAT.to_owned(),
            version: layout::VERSION,
            software: SOFTWARE.to_owned(),
            site: self.subject.site,
            unit: self.subject.unit,
            title: self.subject.title.clone(),
            unit_name: self.subject.unit_name.clone(),
            base_url: self.subject.base_url.clone(),
            contact: self.subject.contact.clone(),
            made_by: self.site.profile.title.clone(),
            counts: self.counts,
            logs,
            has_unpublished: self.with_unpublished,
        };
        self.json(layout::MANIFEST, &manifest)?;
        let mut sums = String::new();
        for (name, digest) in self.zip.sums() {
            let _ = writeln!(sums, "{}  {name}", digest.hex());
        }
        self.zip.text(layout::SUMS, &sums)?;
        self.bar.finish_and_clear();
        Ok(manifest)
    }

    fn json(&mut self, name: &str, document: &impl serde::Serialize) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(document)?;
        self.zip.text(name, &(text + "\n"))
    }

    /// Every entry in the order of its id, which is that of its making.
    async fn entries(&mut self) -> anyhow::Result<()> {
        let mut after = Uuid::nil();
        loop {
            let some = record::Entity::find()
                .filter(record::Column::SiteId.eq(self.subject.site))
                .filter(record::Column::EntryId.gt(after))
                .order_by_asc(record::Column::EntryId)
                .limit(SOME)
                .all(self.site.db.reader())
                .await?;
            for entry in &some {
                after = entry.entry_id;
                if entry.is_live() {
                    self.entry(entry).await?;
                } else {
                    self.counts.withdrawn += 1;
                    self.not_live.insert(entry.entry_id);
                }
                self.bar.inc(1);
            }
            if (some.len() as u64) < SOME {
                return Ok(());
            }
        }
    }

    async fn entry(&mut self, entry: &record::Model) -> anyhow::Result<()> {
        let db = self.site.db.reader();
        let id = entry.entry_id;
        let Some(current) = record::content_of(db, entry).await? else {
            self.not_live.insert(id);
            return Ok(());
        };
        let item = Item::read(&current, id)?;
        let events = event::Entity::find()
            .filter(event::Column::EntryId.eq(id))
            .filter(event::Column::SiteId.eq(self.subject.site))
            .order_by_desc(event::Column::Rev)
            .order_by_desc(event::Column::Id)
            .all(db)
            .await?;
        let mut items = Vec::with_capacity(events.len());
        let mut paths = BTreeSet::from([record::path_of(item.fields.kind, &item.title, id)]);
        for event in events.iter().filter(|event| event.rev <= entry.rev) {
            let told = self.item(event).await?;
            if let Some(title) = told.get("title").and_then(Value::as_str) {
                paths.insert(record::path_of(item.fields.kind, title, id));
            }
            items.push(told);
        }
        let mut document = json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": item.title,
            "home_page_url": item.url,
            "language": item.language,
            "items": items,
        });
        if let Some(draft) = self.source_of(entry).await? {
            document["_draft"] = serde_json::to_value(draft)?;
        }
        self.json(&layout::entry(id), &document)?;

        let named = item.attachments.iter();
        let mut hashes: Vec<Vec<u8>> = named
            .map(|attachment| attachment.sha256.as_bytes().to_vec())
            .collect();
        hashes.extend(crate::pages::body_pictures::named_in(&item.content_html));
        let media = media::record::find_many(db, hashes.clone()).await?;
        self.hashes.extend(hashes);
        let page = pages::page(&self.subject.title, entry, &item, &Shelves(&media));
        self.zip.text(&layout::page(id), &page.render()?)?;

        let kind = item.fields.kind;
        let place = Kind::ALL.iter().position(|one| *one == kind);
        let group = self.groups.entry(place.unwrap_or_default());
        let group = group.or_insert_with(|| Group {
            heading: kind.label().to_owned(),
            lines: Vec::new(),
        });
        group.lines.push(pages::line(entry));
        let redirects = paths.into_iter().map(|path| Redirect { path, entry: id });
        self.redirects.extend(redirects);
        self.counts.entries += 1;
        Ok(())
    }

    /// An event with its content, unless that was erased or belongs to what was taken back.
    async fn item(&self, event: &event::Model) -> anyhow::Result<Value> {
        let is_gone = event
            .entry_id
            .is_some_and(|entry| self.not_live.contains(&entry));
        let content = match &event.content_hash {
            Some(hash) if !is_gone => content::read(self.site.db.reader(), hash).await?,
            _ => None,
        };
        let content = content
            .map(|bytes| serde_json::from_slice(&bytes))
            .transpose()?;
        let is_erased = event.content_hash.is_some() && content.is_none();
        let header = serde_json::from_str(&event.header)?;
        let (signature, entry) = (&event.signature, event.entry_id);
        Ok(batch::to_item(
            header, signature, entry, content, None, is_erased,
        ))
    }

    /// What the current revision was made of, if the newsroom is ours and nobody has begun to change it.
    async fn source_of(&self, entry: &record::Model) -> anyhow::Result<Option<DraftText>> {
        if !self.is_own {
            return Ok(None);
        }
        let draft = draft::of_entry(self.site.db.reader(), entry.entry_id).await?;
        Ok(draft
            .filter(|draft| draft.state().is_public() && draft.published_rev == entry.rev)
            .map(text_of))
    }

    async fn logs(&mut self) -> anyhow::Result<Vec<LogHead>> {
        let db = self.site.db.reader();
        let mut logs = ledger::logs_of(db, self.subject.site).await?;
        // Letters are their addressees' as much as ours, and are not handed on.
        logs.retain(|log| log.addressee.is_none());
        logs.sort_by_key(|log| log.id);
        let mut heads = Vec::new();
        for log in logs {
            let mut head = LogHead {
                log: log.id,
                seq: 0,
                digest: None,
            };
            let (mut part, mut text) = (1, String::new());
            loop {
                let some = event::Entity::find()
                    .filter(event::Column::LogId.eq(log.id))
                    .filter(event::Column::Seq.gt(head.seq))
                    .order_by_asc(event::Column::Seq)
                    .limit(SOME)
                    .all(db)
                    .await?;
                for event in &some {
                    ensure!(
                        event.seq == head.seq + 1,
                        "nhật ký {} thiếu sự kiện {}; hãy đồng bộ xong rồi xuất lại",
                        log.id,
                        head.seq + 1
                    );
                    text.push_str(&serde_json::to_string(&self.item(event).await?)?);
                    text.push('\n');
                    head.seq = event.seq;
                    head.digest = Some(Digest::from_slice(&event.hash)?);
                    self.counts.events += 1;
                    self.bar.inc(1);
                    if text.len() >= layout::LOG_PART {
                        self.zip.text(&layout::log(log.id, part), &text)?;
                        text.clear();
                        part += 1;
                    }
                }
                if (some.len() as u64) < SOME {
                    break;
                }
            }
            if !text.is_empty() {
                self.zip.text(&layout::log(log.id, part), &text)?;
            }
            heads.push(head);
        }
        Ok(heads)
    }

    async fn drafts(&mut self) -> anyhow::Result<()> {
        let drafts = draft::Entity::find()
            .filter(draft::Column::State.is_not_in(
                [State::Published, State::Corrected, State::Unpublished].map(State::as_str),
            ))
            .order_by_asc(draft::Column::Id)
            .all(self.site.db.reader())
            .await?;
        let mut text = String::new();
        for draft in drafts {
            self.hashes.extend(draft.picture.clone());
            self.hashes
                .extend(crate::pages::body_pictures::named_in(&draft.body));
            text.push_str(&serde_json::to_string(&text_of(draft))?);
            text.push('\n');
            self.counts.drafts += 1;
        }
        self.zip.text(layout::DRAFTS, &text)
    }

    /// What authors were paid, by the months that are locked.
    async fn royalties(&mut self) -> anyhow::Result<()> {
        let db = self.site.db.reader();
        let total = statement::count(db).await?;
        for statement in statement::list(db, 0, total).await? {
            let Some(month) = statement.month().filter(|_| statement.is_locked()) else {
                continue;
            };
            let lines = snapshot::lines(db, month).await?;
            let lines = sheet::lines(month, statement.ceiling, &lines).csv();
            let payments = sheet::payments(month, &snapshot::payments(db, month).await?).csv();
            let name = |end: &str| format!("{}{}{end}", layout::ROYALTIES, month.name());
            self.zip.text(&name(".csv"), &lines)?;
            self.zip.text(&name("-payments.csv"), &payments)?;
        }
        Ok(())
    }

    /// How the site looks, if its unit ever chose that.
    async fn face(&mut self) -> anyhow::Result<()> {
        let stored = face::stored::load(self.site.db.reader()).await?;
        if !self.is_own || stored.revision == 0 {
            return Ok(());
        }
        let pictures = stored.current.pictures();
        self.hashes
            .extend(pictures.map(|digest| digest.as_bytes().to_vec()));
        self.json(layout::FACE, &stored.current)
    }

    /// The media of what stands, in the order of their hashes.
    async fn media(&mut self) -> anyhow::Result<()> {
        let hashes = std::mem::take(&mut self.hashes);
        self.bar.inc_length(hashes.len() as u64);
        let mut named = Vec::with_capacity(hashes.len());
        for hash in hashes {
            self.bar.inc(1);
            let digest = Digest::from_slice(&hash)?;
            let Some(medium) = media::record::find(self.site.db.reader(), digest).await? else {
                continue;
            };
            let mut name = MediumName {
                sha256: digest.hex(),
                path: None,
                mime: medium.mime.clone(),
                size: medium.size,
                width: medium.width,
                height: medium.height,
                url: medium.fetch_from.clone(),
            };
            match self.site.media.read(digest).await? {
                Some(bytes) => {
                    let path = layout::medium(digest, &medium.mime);
                    self.zip.medium(&path, bytes.as_slice())?;
                    self.counts.media += 1;
                    self.counts.media_bytes += bytes.len() as u64;
                    name.path = Some(path);
                }
                None => self.counts.media_missing += 1,
            }
            named.push(name);
        }
        self.json(layout::MEDIA, &named)
    }

    async fn documents(&mut self) -> anyhow::Result<()> {
        let db = self.site.db.reader();
        let mut keys = Vec::new();
        for key in key_record::of_site(db, self.subject.site).await? {
            keys.push(KeyHistory {
                key: key.public()?,
                id: key.key_id,
                valid_from: key.valid_from,
                valid_to: key.valid_to,
                revoked_at: key.revoked_at,
            });
        }
        self.json(layout::KEYS, &keys)?;
        self.json(layout::SECTIONS, &self.subject.sections.clone())?;
        let mut redirects = std::mem::take(&mut self.redirects);
        redirects.sort_by(|a, b| a.path.cmp(&b.path));
        self.json(layout::REDIRECTS, &redirects)?;
        if self.is_own {
            let granted = grant::of_all(db).await?;
            let accounts: Vec<AccountName> = account::Entity::find()
                .order_by_asc(account::Column::Login)
                .all(db)
                .await?
                .into_iter()
                .map(|account| AccountName {
                    login: account.login,
                    name: account.name,
                    roles: granted
                        .get(&account.id)
                        .map(|grants| grants.iter().map(Grant::to_string).collect())
                        .unwrap_or_default(),
                    active: account.active,
                })
                .collect();
            self.json(layout::ACCOUNTS, &accounts)?;
        }
        Ok(())
    }

    fn index(&mut self) -> anyhow::Result<()> {
        let mut groups: Vec<Group> = std::mem::take(&mut self.groups).into_values().collect();
        for group in &mut groups {
            group.lines.reverse();
        }
        let index = Index {
            title: self.subject.title.clone(),
            owner: self.subject.unit_name.clone(),
            base_url: self.subject.base_url.clone(),
            groups,
        };
        self.zip.text(layout::INDEX, &index.render()?)
    }
}

fn text_of(draft: draft::Model) -> DraftText {
    DraftText {
        entry: draft.entry_id,
        kind: draft.kind,
        state: draft.state,
        title: draft.title,
        lead: draft.lead,
        body: draft.body,
        body_format: draft.body_format,
        section: draft.section,
        language: draft.language,
        authors: draft.authors,
        source: draft.source,
        fields: draft.fields,
        picture: draft
            .picture
            .and_then(|hash| Some(Digest::from_slice(&hash).ok()?.hex())),
        picture_alt: draft.picture_alt,
        picture_caption: draft.picture_caption,
        created_at: draft.created_at,
        updated_at: draft.updated_at,
    }
}

const README_TEXT: &str = include_str!("README.txt");
