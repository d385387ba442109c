//! Entries for tests: written, revised, taken back, and carried from one site to another.

use crate::directory::{key_record, site_record};
use crate::entries::item::{
    CalendarFields, ConsultationFields, DocumentFields, MediaRole, PollFields, QuestionFields,
    VideoFields,
};
use crate::entries::kinds::calendar::Row;
use crate::entries::kinds::document::Named;
use crate::entries::recall::Recall;
use crate::entries::{Attachment, Fields, Item, Kind, Mode, apply, placement, record};
use crate::log::append::NewEvent;
use crate::log::{self, EventKind, Lane, canonical, content, event};
use crate::media::record::{NewMedium, put_here};
use crate::site::Site;
use crate::units::attribute::{self, Attribute, Name};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::NotSet;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use std::sync::Arc;
use uuid::Uuid;

/// An entry about to be published.
#[derive(Clone, Debug)]
pub struct Manuscript {
    item: Item,
    lane: Lane,
}

/// An article called `title`, in the section `tin-tuc`.
pub fn article(title: &str) -> Manuscript {
    Manuscript {
        item: Item {
            id: String::new(),
            url: String::new(),
            title: title.to_owned(),
            summary: None,
            content_html: format!("<p>{title}.</p>"),
            date_published: DateTime::UNIX_EPOCH,
            date_modified: None,
            authors: Vec::new(),
            language: "vi".to_owned(),
            image: None,
            tags: Vec::new(),
            attachments: Vec::new(),
            fields: Fields {
                section: "tin-tuc".to_owned(),
                ..Fields::default()
            },
        },
        lane: Lane::Regular,
    }
}

/// A notice called `title`.
pub fn notice(title: &str) -> Manuscript {
    let mut notice = article(title);
    notice.item.fields.kind = Kind::Notice;
    notice
}

/// A decision about `title` with the number `number`, in the section `van-ban`.
pub fn document(number: &str, title: &str) -> Manuscript {
    let mut document = article(title).section("van-ban");
    document.item.fields.kind = Kind::Document;
    document.item.fields.document = Some(DocumentFields {
        number: number.to_owned(),
        form: "Quyết định".to_owned(),
        issuer: "Ủy ban nhân dân xã Kon Braih".to_owned(),
        issued_on: DateTime::UNIX_EPOCH.date_naive(),
        ..DocumentFields::default()
    });
    document
}

/// A week that begins on `monday` with `content` on its first day, in the section `tin-tuc`.
pub fn week(monday: &str, content: &str) -> Manuscript {
    let from: NaiveDate = monday.parse().expect("a day");
    let mut week = article("Lịch công tác");
    week.item.fields.kind = Kind::Calendar;
    week.item.fields.calendar = Some(CalendarFields {
        week: chrono::Datelike::iso_week(&from).week(),
        from,
        to: from + chrono::Days::new(6),
        rows: vec![Row {
            on: from,
            time: "07:30".to_owned(),
            content: content.to_owned(),
            ..Row::default()
        }],
    });
    week
}

/// A draft called `title` that is open to comment until `closes_on`.
pub fn consultation(title: &str, closes_on: &str) -> Manuscript {
    let mut draft = article(title);
    draft.item.fields.kind = Kind::Consultation;
    draft.item.fields.consultation = Some(ConsultationFields {
        closes_on: closes_on.parse().expect("a day"),
        ..ConsultationFields::default()
    });
    draft
}

/// A poll called `title` with the answers `options`, until `closes_on`.
pub fn poll(title: &str, options: &[&str], closes_on: &str) -> Manuscript {
    let mut poll = article(title);
    poll.item.fields.kind = Kind::Poll;
    poll.item.fields.poll = Some(PollFields {
        options: options.iter().map(|&option| option.to_owned()).collect(),
        closes_on: closes_on.parse().expect("a day"),
        results_before_end: false,
    });
    poll
}

/// A question called `title` that says `asked`; the answer is `answer`.
pub fn question(title: &str, asked: &str, answer: &str) -> Manuscript {
    let mut question = article(title).section("hoi-dap");
    question.item.content_html = format!("<p>{answer}</p>");
    question.item.fields.kind = Kind::Question;
    question.item.fields.question = Some(QuestionFields {
        asked: asked.to_owned(),
        asker: Some("Ông N.V.A., xã Kon Braih".to_owned()),
        answerer: Some("Phòng Kinh tế xã Kon Braih".to_owned()),
        answered_on: NaiveDate::from_ymd_opt(2026, 11, 20),
        ..QuestionFields::default()
    });
    question
}

/// An album called `title` with the one picture of `bytes`.
pub fn album(title: &str, bytes: &[u8], site: &Site) -> Manuscript {
    let mut album = article(title).with(MediaRole::Album, bytes, "image/jpeg", site);
    album.item.fields.kind = Kind::Album;
    album
}

/// A video called `title` that YouTube shows as `id`.
pub fn video(title: &str, id: &str) -> Manuscript {
    let mut video = article(title);
    video.item.fields.kind = Kind::Video;
    video.item.fields.video = Some(VideoFields {
        youtube: Some(id.to_owned()),
    });
    video
}

impl Manuscript {
    /// From when a document holds.
    #[must_use]
    pub fn holding_from(mut self, day: &str) -> Self {
        if let Some(document) = &mut self.item.fields.document {
            document.effective_on = Some(day.parse().expect("a day"));
        }
        self
    }

    /// Which document of the same office it replaces.
    #[must_use]
    pub fn replacing(mut self, number: &str) -> Self {
        if let Some(document) = &mut self.item.fields.document {
            document.replaces.push(Named {
                number: number.to_owned(),
                issuer: None,
            });
        }
        self
    }

    /// Where it stands.
    #[must_use]
    pub fn section(mut self, code: &str) -> Self {
        code.clone_into(&mut self.item.fields.section);
        self
    }

    /// Its lead.
    #[must_use]
    pub fn lead(mut self, lead: &str) -> Self {
        self.item.summary = Some(lead.to_owned());
        self
    }

    /// Its body.
    #[must_use]
    pub fn body(mut self, html: &str) -> Self {
        html.clone_into(&mut self.item.content_html);
        self
    }

    /// When it ends.
    #[must_use]
    pub fn until(mut self, end: DateTime<Utc>) -> Self {
        self.item.fields.expires = Some(end);
        self
    }

    /// That it is an emergency.
    #[must_use]
    pub fn urgent(mut self) -> Self {
        self.lane = Lane::Urgent;
        self
    }

    /// What was mended.
    #[must_use]
    pub fn correcting(mut self, text: &str) -> Self {
        self.item.fields.correction = Some(text.to_owned());
        self
    }

    /// A medium of `bytes` for `role`; whether it is in a store is another matter.
    #[must_use]
    pub fn with(mut self, role: MediaRole, bytes: &[u8], mime: &str, site: &Site) -> Self {
        let sha256 = log::Digest::of(bytes);
        let is_picture = mime.starts_with("image/");
        self.item.attachments.push(Attachment {
            url: site.address(&format!("/media/sha256/{}", sha256.hex())),
            mime_type: mime.to_owned(),
            title: Some("Kế hoạch.pdf".to_owned()).filter(|_| !is_picture),
            size_in_bytes: bytes.len() as u64,
            sha256,
            role,
            alt: Some("Cầu treo".to_owned()).filter(|_| is_picture),
            width: Some(960).filter(|_| is_picture),
            height: Some(640).filter(|_| is_picture),
            credit: None,
            focus: crate::media::Focus::default(),
        });
        self
    }

    /// Publishes it on `site` and returns its id.
    pub async fn publish(self, site: &Arc<Site>) -> Uuid {
        let id = Uuid::now_v7();
        self.put(site, id, 1).await;
        id
    }

    /// Publishes it on `site` as revision `rev` of `id`.
    pub async fn revise(self, site: &Arc<Site>, id: Uuid, rev: i64) {
        self.put(site, id, rev).await;
    }

    async fn put(self, site: &Arc<Site>, id: Uuid, rev: i64) {
        let Self { mut item, lane } = self;
        let now = site.clock.now();
        item.id = Item::id_of(id);
        item.url = site.address(&record::path_of(item.fields.kind, &item.title, id));
        let known = record::find(site.db.reader(), id).await.expect("reads");
        let first = known.and_then(|known| DateTime::from_timestamp_millis(known.published_at));
        item.date_published = first.unwrap_or(now);
        item.date_modified = first.map(|_| now);
        let event = NewEvent {
            kind: match rev {
                1 => EventKind::EntryPublished,
                _ => EventKind::EntryRevised,
            },
            lane,
            unit: site.unit_id,
            entry: Some(id),
            rev,
            content: Some(serde_json::to_value(&item).expect("JSON")),
            to: None,
        };
        tell(site, event, Some(item)).await;
    }
}

/// Takes back `id` on `site`, where it was born, as revision `rev`.
pub async fn withdraw(site: &Arc<Site>, id: Uuid, rev: i64) {
    let event = NewEvent {
        kind: EventKind::EntryWithdrawn,
        lane: Lane::Urgent,
        unit: site.unit_id,
        entry: Some(id),
        rev,
        content: None,
        to: None,
    };
    tell(site, event, None).await;
}

/// Takes back every revision of `id` up to `rev` everywhere, as a province does.
pub async fn recall(site: &Arc<Site>, id: Uuid, rev: i64, reason: &str) {
    let recall = Recall {
        site: site.id,
        unit: site.unit_id,
        reason: reason.to_owned(),
        erase: false,
        basis: None,
        replacement: None,
    };
    let event = NewEvent {
        kind: EventKind::EntryRecalled,
        lane: Lane::Urgent,
        unit: site.unit_id,
        entry: Some(id),
        rev,
        content: Some(recall.to_content(id).expect("JSON")),
        to: None,
    };
    tell(site, event, None).await;
}

/// Makes `of` and the key it signs with known on `here`, as a description by the hub does.
pub async fn introduce(of: &Site, here: &Site) {
    let record = site_record::Model {
        id: of.id,
        unit_id: of.unit_id,
        mode: site_record::Mode::Native.as_str().to_owned(),
        state: site_record::State::Active.as_str().to_owned(),
        base_url: of.origin(),
        title: of.profile.title.clone(),
        described_at: 0,
    };
    let (unit, name) = (of.unit_id, of.profile.unit_name.clone());
    let (id, key) = (of.id, of.key.current().public_key());
    let since = of.clock.now().timestamp_millis();
    here.db
        .write(move |tx| {
            Box::pin(async move {
                site_record::put(tx, record).await?;
                attribute::replace(tx, unit, &[Attribute::always(Name::Name, &name)]).await?;
                key_record::put(tx, id, &key, since, None, None).await
            })
        })
        .await
        .expect("introduced");
}

async fn tell(site: &Arc<Site>, event: NewEvent, item: Option<Item>) {
    let signing = Arc::clone(site);
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let stored = log::append(tx, &signing, event).await?;
                apply::apply(tx, &stored, item.as_ref()).await?;
                if let (Some(item), Some(id)) = (item, stored.entry_id) {
                    placement::arrive(tx, id, &item.fields.section, Mode::Own, now).await?;
                }
                Ok(())
            })
        })
        .await
        .expect("published");
}

/// Carries the current event of `id` from one site to another, where it arrives in `mode`.
pub async fn carry(from: &Site, to: &Site, id: Uuid, mode: Mode) {
    let entry = record::find(from.db.reader(), id).await.expect("reads");
    let entry = entry.expect("the entry is there");
    let content = record::content_of(from.db.reader(), &entry)
        .await
        .expect("reads");
    let events = event::find_many(from.db.reader(), vec![entry.event_id]).await;
    let event = events.expect("reads").pop().expect("its event");
    let (sender, now) = (from.id, to.clock.now().timestamp_millis());
    to.db
        .write(move |tx| {
            Box::pin(async move {
                let mut row = event.into_active_model();
                row.id = NotSet;
                row.received_from = Set(Some(sender));
                row.received_at = Set(now);
                let stored = row.insert(tx).await?;
                let item = match &content {
                    Some(value) => {
                        let bytes = canonical::to_canonical(value).map_err(anyhow::Error::new)?;
                        content::keep(tx, log::Digest::of(&bytes), bytes).await?;
                        Some(Item::read(value, id).map_err(anyhow::Error::new)?)
                    }
                    None => None,
                };
                apply::apply(tx, &stored, item.as_ref()).await?;
                if let Some(item) = item {
                    placement::arrive(tx, id, &item.fields.section, mode, now).await?;
                }
                Ok(())
            })
        })
        .await
        .expect("carried");
}

/// Puts a medium into the store of `site`.
pub async fn deliver(site: &Site, bytes: &[u8], mime: &str, dimensions: Option<(u32, u32)>) {
    let digest = site.media.keep(bytes).await.expect("kept");
    let medium = NewMedium {
        digest,
        mime: mime.to_owned(),
        size: bytes.len() as u64,
        dimensions,
    };
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| Box::pin(async move { put_here(tx, &medium, now).await }))
        .await
        .expect("delivered");
}
