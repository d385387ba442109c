//! Fills the sites with a year of content: each entry written and published in its own newsroom, at
//! its own time.

use crate::archives;
use crate::citizens;
use crate::content::{self, Content, Entry, Picture};
use crate::directing;
use crate::faces;
use crate::province::{self, Layout, Place};
use crate::summary::Summary;
use anyhow::Context;
use indicatif::ProgressBar;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use shared::accounts::{Right, Role, account, grant};
use shared::clock::Clock;
use shared::entries::body::Format;
use shared::entries::item::Source;
use shared::entries::kinds::{Own, calendar, consultation, document, poll, question, video};
use shared::entries::{Kind, Placing, placement, record};
use shared::log::Digest;
use shared::media;
use shared::newsroom::draft::{Contents, Extra};
use shared::newsroom::form::DraftInput;
use shared::newsroom::inbox::{self, Decision, Taking};
use shared::newsroom::moves::{self, Person};
use shared::newsroom::pictures::Shown;
use shared::newsroom::workflow::Act;
use shared::newsroom::{publish, upload};
use shared::portal;
use shared::server::Shutdown;
use shared::site::Site;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Pictures are painted this wide; pages show them so.
const WIDTH: u32 = 960;
/// And this high.
const HEIGHT: u32 = 540;
/// How many are painted at once.
const PAINTERS: usize = 2;

/// Writes and publishes everything on the native sites, which are not running meanwhile.
pub async fn fill(
    layout: &Layout,
    content: &Content,
    summary: &mut Summary,
    shutdown: &Shutdown,
) -> anyhow::Result<()> {
    let all: usize = layout
        .native()
        .map(|place| content.entries_of(&place.unit).count())
        .sum();
    let bar = ProgressBar::new(all as u64);
    bar.set_style(crate::cli_style()?);
    for place in layout.native() {
        if shutdown.is_triggered() {
            anyhow::bail!("đã dừng giữa chừng; lần chạy sau sẽ tạo lại từ đầu");
        }
        let unit = content
            .unit(&place.unit)
            .context("đơn vị không có trong nội dung mẫu")?;
        bar.set_message(unit.name.clone());
        fill_site(layout, place, content, summary, &bar).await?;
    }
    bar.set_message("Sắp xếp đơn vị ngày 01/07/2025");
    archives::close(layout, content).await?;
    bar.set_message("Việc của quản trị tỉnh");
    directing::warn(layout).await?;
    bar.finish_with_message(format!(
        "{all} tin, bài, văn bản trên {} trang",
        summary.members.len() + 1
    ));
    Ok(())
}

async fn fill_site(
    layout: &Layout,
    place: &Place,
    content: &Content,
    summary: &mut Summary,
    bar: &ProgressBar,
) -> anyhow::Result<()> {
    let clock = Clock::fixed(Clock::system().now());
    let site = open_at(layout, place, clock.clone()).await?;
    let entries: Vec<&Entry> = content.entries_of(&place.unit).collect();
    let painted = paint_all(&entries).await?;
    for (entry, picture) in entries.into_iter().zip(painted) {
        clock.set(entry.published.to_utc());
        let new = New {
            kind: entry.kind,
            title: &entry.title,
            lead: &entry.lead,
            body: &entry.body,
            section: &entry.section,
            language: &entry.language,
            author: &entry.author,
            source: entry.source.as_deref(),
            expires: entry.expires.map(|at| at.to_utc()),
            own: own_of(entry),
            picture: match entry.kind {
                content::Kind::Album => None,
                _ => entry.pictures.first().zip(picture),
            },
            album: album_of(entry).await?,
        };
        publish_one(&site, new)
            .await
            .with_context(|| entry.file.clone())?;
        bar.inc(1);
    }
    if let Some(code) = citizens::open_office(&site, content, &place.unit).await? {
        summary.office_code = Some(code);
    }
    let receipts = citizens::ask_all(&site, &clock, content, &place.unit).await?;
    summary.receipts.extend(receipts);
    faces::wear(&site, &place.unit, content).await?;
    Ok(())
}

/// What the kind of `entry` has of its own, as its authors would fill it in.
fn own_of(entry: &Entry) -> Own {
    let document = entry.document.as_ref().map(|document| document::Draft {
        number: document.number.clone(),
        form: document.form.clone(),
        issuer: document.issuer.clone(),
        signer: Some(document.signer.clone()),
        signer_position: document.signer_position.clone(),
        field: Some(document.field.clone()),
        issued_on: Some(document.issued_on),
        effective_on: Some(document.effective_on),
        replaces: document
            .replaces
            .iter()
            .map(|number| document::Named {
                number: number.clone(),
                issuer: None,
            })
            .collect(),
        ..document::Draft::default()
    });
    let video = entry.video.as_ref();
    let video = video.and_then(|video| shared::media::youtube::Video::parse(&video.youtube));
    Own {
        document,
        video: video.map(|video| video::Draft {
            youtube: Some(video.id),
            ..video::Draft::default()
        }),
        calendar: entry.calendar.as_ref().map(|week| calendar::Draft {
            from: Some(week.from),
            to: Some(week.to),
            rows: week.rows.clone(),
        }),
        consultation: entry
            .consultation
            .as_ref()
            .map(|asked| consultation::Draft {
                opens_on: Some(asked.opens_on),
                closes_on: Some(asked.closes_on),
                asker: Some(asked.asker.clone()),
                send_to: Some(asked.send_to.clone()),
            }),
        question: entry.question.as_ref().map(|question| question::Draft {
            asked: question.asked.trim().to_owned(),
            asked_on: Some(question.asked_on),
            asked_by: Some(question.asker.clone()),
            answered_by: Some(question.answerer.clone()),
            answered_on: Some(question.answered_on),
            field: Some(question.field.clone()),
        }),
        poll: entry.poll.as_ref().map(|poll| poll::Draft {
            options: poll.options.clone(),
            closes_on: Some(poll.closes_on),
            results_before_end: poll.results_before_end,
        }),
        reviewed_on: entry.reviewed_on,
    }
}

/// The pictures of an album, each painted.
async fn album_of(entry: &Entry) -> anyhow::Result<Vec<(&Picture, Vec<u8>)>> {
    let mut album = Vec::new();
    if entry.kind == content::Kind::Album {
        for picture in &entry.pictures {
            album.push((picture, painted(&picture.subject, &picture.caption).await?));
        }
    }
    Ok(album)
}

async fn open_at(layout: &Layout, place: &Place, clock: Clock) -> anyhow::Result<Arc<Site>> {
    let opened = if place.unit == layout.hub.unit {
        let role = Arc::new(hub::relay::Relay);
        portal::open_at::<migrations::HubSchema>(&place.folder, role, clock).await?
    } else {
        let role = Arc::new(member_site::inbox::Member);
        portal::open_at::<migrations::SiteSchema>(&place.folder, role, clock).await?
    };
    Ok(opened.0)
}

/// The lead pictures of `entries`, painted side by side; in their order.
async fn paint_all(entries: &[&Entry]) -> anyhow::Result<Vec<Option<Vec<u8>>>> {
    let brushes = Arc::new(tokio::sync::Semaphore::new(PAINTERS));
    let mut tasks = Vec::new();
    for entry in entries {
        let brushes = Arc::clone(&brushes);
        let subject = entry
            .pictures
            .first()
            .map(|picture| picture.subject.clone());
        let seed = seed_of(&entry.title);
        tasks.push(tokio::spawn(async move {
            let Some(subject) = subject else {
                return Ok(None);
            };
            let _brush = brushes.acquire().await?;
            let jpeg = tokio::task::spawn_blocking(move || paint(&subject, seed)).await??;
            anyhow::Ok(Some(jpeg))
        }));
    }
    let mut painted = Vec::with_capacity(tasks.len());
    for task in tasks {
        painted.push(task.await??);
    }
    Ok(painted)
}

/// A picture as a phone would hand it in: PNG, before the newsroom makes it fit to publish.
fn paint(subject: &str, seed: u64) -> anyhow::Result<Vec<u8>> {
    let pixels = pictures::paint(subject, seed, WIDTH, HEIGHT);
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::from(pixels).write_to(&mut png, image::ImageFormat::Png)?;
    Ok(media::picture::prepare(&png.into_inner())?.bytes)
}

fn seed_of(title: &str) -> u64 {
    let digest = Digest::of(title);
    let mut first = [0; 8];
    first.copy_from_slice(&digest.as_bytes()[..8]);
    u64::from_le_bytes(first)
}

/// Something to write and publish.
pub struct New<'a> {
    /// Its kind.
    pub kind: content::Kind,
    /// Title.
    pub title: &'a str,
    /// Lead.
    pub lead: &'a str,
    /// Body, Markdown.
    pub body: &'a str,
    /// Section.
    pub section: &'a str,
    /// Language.
    pub language: &'a str,
    /// Byline.
    pub author: &'a str,
    /// Where it was taken from.
    pub source: Option<&'a str>,
    /// When a notice ends.
    pub expires: Option<chrono::DateTime<chrono::Utc>>,
    /// What its kind has of its own.
    pub own: Own,
    /// The picture and its bytes.
    pub picture: Option<(&'a Picture, Vec<u8>)>,
    /// The pictures of an album, and their bytes.
    pub album: Vec<(&'a Picture, Vec<u8>)>,
}

/// Writes and publishes one entry, as its author would.
pub async fn publish_one(site: &Arc<Site>, new: New<'_>) -> anyhow::Result<()> {
    let picture = match &new.picture {
        Some((_, jpeg)) => {
            let jpeg = jpeg.clone().into();
            Some(
                upload::keep_picture(site, "anh.jpg", jpeg, None)
                    .await?
                    .digest,
            )
        }
        None => None,
    };
    let described = new.picture.as_ref().map(|(picture, _)| *picture);
    let mut pictures = Vec::new();
    for (picture, jpeg) in &new.album {
        let kept = upload::keep_picture(site, "anh.jpg", jpeg.clone().into(), None).await?;
        pictures.push(Shown {
            alt: Some(picture.alt.clone()),
            caption: Some(picture.caption.clone()),
            credit: Some(new.author.to_owned()),
            ..Shown::new(kept.digest)
        });
    }
    let contents = Contents {
        input: DraftInput {
            kind: kind_of(new.kind),
            title: new.title.to_owned(),
            lead: new.lead.to_owned(),
            body: new.body.to_owned(),
            body_format: Format::Markdown,
            section: new.section.to_owned(),
            language: new.language.to_owned(),
            authors: vec![new.author.to_owned()],
            source: new.source.map(|name| Source {
                name: name.to_owned(),
                url: None,
            }),
            picture_alt: described.map(|picture| picture.alt.clone()),
            picture_caption: described.map(|picture| picture.caption.clone()),
            extra: Extra {
                own: new.own,
                pictures,
                expires: new.expires,
                ..Extra::default()
            },
        },
        picture,
        files: Vec::new(),
    };
    let author = author_of(site, new.author).await?;
    let approver = approver_beside(site, author).await?;
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let now = inner.clock.now().timestamp_millis();
                let draft = moves::begin(tx, contents, author, now).await?;
                let writer = Person::writer(author);
                let draft = moves::go(tx, draft, Act::Submit, &writer, None, now).await?;
                publish::put_out(tx, &inner, draft, &Person::approver(approver), None).await?;
                Ok(())
            })
        })
        .await?;
    site.wake();
    Ok(())
}

fn kind_of(kind: content::Kind) -> Kind {
    match kind {
        content::Kind::Article => Kind::Article,
        content::Kind::Document => Kind::Document,
        content::Kind::Notice => Kind::Notice,
        content::Kind::Page => Kind::Page,
        content::Kind::Album => Kind::Album,
        content::Kind::Video => Kind::Video,
        content::Kind::Calendar => Kind::Calendar,
        content::Kind::Consultation => Kind::Consultation,
        content::Kind::Question => Kind::Question,
        content::Kind::Poll => Kind::Poll,
    }
}

async fn author_of(site: &Site, name: &str) -> anyhow::Result<Uuid> {
    let accounts = account::list(site.db.reader()).await?;
    let author = accounts.iter().find(|account| account.name == name);
    let author = author
        .or(accounts.first())
        .context("trang chưa có tài khoản nào")?;
    Ok(author.id)
}

/// Somebody who approves what `author` wrote.
async fn approver_beside(site: &Site, author: Uuid) -> anyhow::Result<Uuid> {
    let accounts = account::list(site.db.reader()).await?;
    let grants = grant::of_all(site.db.reader()).await?;
    let approves = |account: &&account::Model| {
        let roles = grants.get(&account.id);
        roles.is_some_and(|roles| roles.iter().any(|one| one.role.may(Right::Publish)))
    };
    let others = || accounts.iter().filter(|account| account.id != author);
    let approver = others().find(approves).or(others().next());
    Ok(approver.map_or(author, |account| account.id))
}

/// One picture, painted for an entry called `title`.
pub async fn painted(subject: &str, title: &str) -> anyhow::Result<Vec<u8>> {
    let (subject, seed) = (subject.to_owned(), seed_of(title));
    tokio::task::spawn_blocking(move || paint(&subject, seed)).await?
}

/// How long the first sync of a year may take.
const PATIENCE: Duration = Duration::from_secs(180);
/// Arrivals younger than this many days stay in the inbox, so that there is something to decide.
const UNDECIDED_DAYS: i64 = 21;
/// Of those that are decided, every so many is sent back.
const RETURNED: usize = 17;

/// After the first start: waits until the year has come up to the hub, and lets the province decide
/// upon most of it, and rank the members by it. Later starts find it done.
pub async fn settle(layout: &Layout, content: &Content, shutdown: &Shutdown) -> anyhow::Result<()> {
    let hub = province::open_hub(&layout.hub.folder).await?;
    if shared::settings::get::<bool, _>(hub.db.reader(), SETTLED).await? == Some(true) {
        return Ok(());
    }
    let expected: usize = layout
        .native()
        .map(|place| content.entries_of(&place.unit).count())
        .sum();
    let bar = ProgressBar::new(expected as u64);
    bar.set_style(crate::cli_style()?);
    bar.set_message("Tin bài đang về cổng tỉnh");
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let arrived = record::Entity::find().count(hub.db.reader()).await?;
        bar.set_position(arrived.min(expected as u64));
        if arrived >= expected as u64 {
            break;
        }
        anyhow::ensure!(
            tokio::time::Instant::now() < deadline,
            "chỉ {arrived} trên {expected} mục về tới cổng tỉnh; xem các tệp .log"
        );
        tokio::select! {
            () = shutdown.wait() => return Ok(()),
            () = tokio::time::sleep(Duration::from_millis(200)) => {}
        }
    }
    bar.set_message("Tỉnh tiếp nhận tin các đơn vị");
    decide_all(&hub).await?;
    bar.set_message("Tỉnh chấm điểm tháng trước");
    directing::rank(&hub).await?;
    hub.db
        .write(|tx| Box::pin(async move { shared::settings::set(tx, SETTLED, &true).await }))
        .await?;
    bar.finish_with_message("Tin bài của cả năm đã về cổng tỉnh");
    Ok(())
}

const SETTLED: &str = "demo_settled";

async fn decide_all(hub: &Arc<Site>) -> anyhow::Result<()> {
    let editors: Vec<Uuid> = grant::of_all(hub.db.reader())
        .await?
        .into_iter()
        .filter(|(_, grants)| grants.iter().any(|grant| grant.role == Role::Editor))
        .map(|(account, _)| account)
        .collect();
    let editor = account::list(hub.db.reader())
        .await?
        .into_iter()
        .find(|account| account.active && editors.contains(&account.id))
        .context("cổng tỉnh chưa có biên tập viên")?;
    let waiting = placement::Entity::find()
        .filter(placement::Column::State.eq(Placing::Inbox.as_str()))
        .all(hub.db.reader())
        .await?;
    let ids = waiting.iter().map(|placement| placement.entry_id);
    let entries = record::Entity::find()
        .filter(record::Column::EntryId.is_in(ids))
        .order_by_asc(record::Column::PublishedAt)
        .all(hub.db.reader())
        .await?;
    let newest = entries.last().map_or(0, |entry| entry.published_at);
    let until = newest - chrono::TimeDelta::days(UNDECIDED_DAYS).num_milliseconds();
    for (number, entry) in entries
        .into_iter()
        .filter(|entry| entry.published_at < until)
        .enumerate()
    {
        // A question has no figures to ask for, and who is read by feed takes nothing back: what is read
        // by then differs from one beginning to the next.
        let is_returned = number % RETURNED == RETURNED - 1
            && entry.kind() != Kind::Question
            && entry.site_id != hub.id;
        let decision = if is_returned {
            Decision::Return {
                reason: "Đề nghị bổ sung nguồn số liệu ở đoạn thứ hai rồi gửi lại.".to_owned(),
            }
        } else {
            Decision::Accept(Taking {
                section: match entry.kind() {
                    Kind::Question => "hoi-dap".to_owned(),
                    _ => "tin-tu-xa".to_owned(),
                },
                ..Taking::default()
            })
        };
        let (inner, by) = (Arc::clone(hub), editor.id);
        hub.db
            .write(move |tx| {
                Box::pin(async move {
                    inbox::decide(tx, &inner, entry.entry_id, entry.rev, decision, by).await
                })
            })
            .await?;
    }
    Ok(())
}
